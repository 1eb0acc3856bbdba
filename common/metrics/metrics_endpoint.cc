#include "common/metrics/metrics_endpoint.h"

#include <exception>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"

namespace makegood::metrics {
namespace {

// All collectables on one page: each family once, whoever adds to it.
class Page final : public prometheus::Collectable {
 public:
  explicit Page(std::vector<std::shared_ptr<prometheus::Collectable>> collectables)
      : collectables_(std::move(collectables)) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    std::map<std::string, prometheus::MetricFamily> by_name;
    for (const auto& collectable : collectables_) {
      for (prometheus::MetricFamily& family : collectable->Collect()) {
        const auto [found, added] = by_name.try_emplace(family.name, family);
        if (added) continue;
        std::move(family.metric.begin(), family.metric.end(), std::back_inserter(found->second.metric));
      }
    }
    std::vector<prometheus::MetricFamily> families;
    families.reserve(by_name.size());
    for (auto& [name, family] : by_name) families.push_back(std::move(family));
    return families;
  }

 private:
  const std::vector<std::shared_ptr<prometheus::Collectable>> collectables_;
};

}  // namespace

absl::StatusOr<MetricsEndpoint> MetricsEndpoint::Start(
    const std::string& address, std::vector<std::shared_ptr<prometheus::Collectable>> collectables) {
  MetricsEndpoint endpoint;
  try {
    endpoint.exposer_ = std::make_unique<prometheus::Exposer>(address, 1);
  } catch (const std::exception& e) {
    return absl::UnavailableError(absl::StrCat("cannot serve metrics on ", address, ": ", e.what()));
  }
  endpoint.page_ = std::make_shared<Page>(std::move(collectables));
  endpoint.exposer_->RegisterCollectable(endpoint.page_);
  return endpoint;
}

int MetricsEndpoint::port() const {
  const std::vector<int> ports = exposer_->GetListeningPorts();
  return ports.empty() ? 0 : ports.front();
}

}  // namespace makegood::metrics
