#include "common/metrics/gauge.h"

#include <utility>

namespace makegood::metrics {

void AddGauge(std::vector<prometheus::MetricFamily>& families, const std::string& name,
              const std::string& help, Labels labels, double value) {
  if (families.empty() || families.back().name != name) {
    families.push_back({name, help, prometheus::MetricType::Gauge, {}});
  }
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  families.back().metric.push_back(std::move(metric));
}

double Timestamp(absl::Time time) {
  return time == absl::InfiniteFuture() || time == absl::InfinitePast()
             ? 0
             : absl::ToDoubleSeconds(time - absl::UnixEpoch());
}

}  // namespace makegood::metrics
