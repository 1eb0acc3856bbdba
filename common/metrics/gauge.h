// Gauges that are read when they are asked for, and kept by nobody.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace makegood::metrics {

using Labels = std::vector<prometheus::ClientMetric::Label>;

// Adds a value to the family of that name, which is the last one or a new one.
void AddGauge(std::vector<prometheus::MetricFamily>& families, const std::string& name,
              const std::string& help, Labels labels, double value);

// As Prometheus writes times; 0 for InfiniteFuture and InfinitePast: where there is no such time.
double Timestamp(absl::Time time);

}  // namespace makegood::metrics
