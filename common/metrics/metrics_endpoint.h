// GET /metrics, in Prometheus' text format.
#pragma once

#include <prometheus/exposer.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace makegood::metrics {

// Serves until it is destroyed.
class MetricsEndpoint {
 public:
  // `address` is host:port; port 0: one the kernel chooses. Several collectables of the same
  // family names are served as one. UNAVAILABLE if the address cannot be bound.
  static absl::StatusOr<MetricsEndpoint> Start(
      const std::string& address, std::vector<std::shared_ptr<prometheus::Collectable>> collectables);

  int port() const;

 private:
  MetricsEndpoint() = default;

  struct StopAtOnce {
    void operator()(prometheus::Exposer* exposer) const;
  };

  std::unique_ptr<prometheus::Exposer, StopAtOnce> exposer_;
  std::shared_ptr<prometheus::Collectable> page_;  // the exposer holds it weakly
};

}  // namespace makegood::metrics
