// What stores, feeds and task runners tell of themselves.
#pragma once

#include <prometheus/registry.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/store/store.h"

namespace makegood::metrics {

// One service's store and tasks. Label `service` throughout, since several may share a registry.
// Thread-safe. No page is collected any more once something given is gone.
class FlowMetrics final : public prometheus::Collectable {
 public:
  FlowMetrics(prometheus::Registry& registry, std::string service);
  ~FlowMetrics() override;

  // For store::StoreOptions::observer: commit times, batch sizes, errors.
  store::StoreObserver StoreObserver();

  // For flow::TaskRunnerOptions::observe. A kind that is none of `kinds` counts as `other`.
  std::function<void(absl::string_view kind, absl::string_view outcome)> TaskObserver(
      std::vector<std::string> kinds);

  // ---- Read when scraped.

  // Queue depth, tasks due (counted up to 1,000) and the oldest one's due time. Before the endpoint starts.
  void Watch(store::Store& store, const Clock& clock);

  // Whether the service hears `source`, and how far it is behind its events: how many, and when the oldest
  // happened. How many is not known, NaN on the page, while the source is not heard.
  struct Lag {
    bool connected = false;
    absl::Time last_seen = absl::InfinitePast();  // never
    uint64_t events = 0;
    absl::Time oldest_time = absl::InfiniteFuture();  // none waits
  };
  void WatchFeed(std::string source, std::function<Lag()> lag);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  class Series;

  void CollectFeeds(std::vector<prometheus::MetricFamily>& families) const;

  prometheus::Registry& registry_;
  const std::string service_;
  std::unique_ptr<Series> series_;
  store::Store* store_ = nullptr;
  const Clock* clock_ = nullptr;
  mutable absl::Mutex mutex_;
  std::vector<std::pair<std::string, std::function<Lag()>>> feeds_ ABSL_GUARDED_BY(mutex_);
};

// makegood_build_info{service, version, revision} 1.
void SetBuildInfo(prometheus::Registry& registry, const std::string& service, const std::string& version,
                  const std::string& revision);

}  // namespace makegood::metrics
