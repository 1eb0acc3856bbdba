#include "common/metrics/flow_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "common/metrics/gauge.h"
#include "common/metrics/grid.h"

namespace makegood::metrics {
namespace {

constexpr int kMaxDueCounted = 1'000;

const prometheus::Histogram::BucketBoundaries kCommitSeconds = {.0005, .001, .0025, .005, .01, .025, .05,
                                                                .1,    .25,  .5,    1,    2.5, 5};
const prometheus::Histogram::BucketBoundaries kBatchCommands = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

// In the order of absl::StatusCode.
const std::vector<std::string> kErrors = {
    "",          "cancelled",      "unknown",           "invalid_argument",   "deadline_exceeded",
    "not_found", "already_exists", "permission_denied", "resource_exhausted", "failed_precondition",
    "aborted",   "out_of_range",   "unimplemented",     "internal",           "unavailable",
    "data_loss", "unauthenticated"};
const std::vector<std::string> kStoreOperations = {"commit", "read",  "task", "cursor",
                                                   "event",  "stuck", "other"};
const std::vector<std::string> kOutcomes = {"done", "retried", "given_up"};

// The word's index, or the last one's.
int IndexOf(const std::vector<std::string>& words, absl::string_view word) {
  const auto found = std::find(words.begin(), words.end(), std::string(word));
  return static_cast<int>((found == words.end() ? words.end() - 1 : found) - words.begin());
}

}  // namespace

class FlowMetrics::Series {
 public:
  Series(prometheus::Registry& registry, const std::string& service)
      : commit_seconds(prometheus::BuildHistogram()
                           .Name("makegood_store_commit_seconds")
                           .Help("Time to decide a batch and put it on disk.")
                           .Register(registry)
                           .Add({{"service", service}}, kCommitSeconds)),
        batch_commands(prometheus::BuildHistogram()
                           .Name("makegood_store_batch_commands")
                           .Help("Commands in a committed batch.")
                           .Register(registry)
                           .Add({{"service", service}}, kBatchCommands)),
        errors(prometheus::BuildCounter()
                   .Name("makegood_store_errors_total")
                   .Help("Operations of the store that failed for its own reasons.")
                   .Register(registry),
               {{"service", {service}}, {"operation", kStoreOperations}, {"error", kErrors}}) {}

  prometheus::Histogram& commit_seconds;
  prometheus::Histogram& batch_commands;
  const Grid<prometheus::Counter> errors;
};

FlowMetrics::FlowMetrics(prometheus::Registry& registry, std::string service)
    : registry_(registry),
      service_(std::move(service)),
      series_(std::make_unique<Series>(registry, service_)) {}

FlowMetrics::~FlowMetrics() = default;

store::StoreObserver FlowMetrics::StoreObserver() {
  return {[series = series_.get()](absl::Duration took, size_t commands) {
            series->commit_seconds.Observe(absl::ToDoubleSeconds(took));
            series->batch_commands.Observe(static_cast<double>(commands));
          },
          [series = series_.get()](absl::string_view operation, absl::StatusCode error) {
            prometheus::Counter* counter =
                series->errors.At({0, IndexOf(kStoreOperations, operation), static_cast<int>(error)});
            if (counter != nullptr) counter->Increment();
          }};
}

std::function<void(absl::string_view, absl::string_view)> FlowMetrics::TaskObserver(
    std::vector<std::string> kinds) {
  kinds.emplace_back("other");
  auto& family = prometheus::BuildCounter()
                     .Name("makegood_task_runs_total")
                     .Help("Attempts at tasks.")
                     .Register(registry_);
  const Grid<prometheus::Counter> runs(family,
                                       {{"service", {service_}}, {"kind", kinds}, {"outcome", kOutcomes}});
  return [runs, kinds = std::move(kinds)](absl::string_view kind, absl::string_view outcome) {
    runs.At({0, IndexOf(kinds, kind), IndexOf(kOutcomes, outcome)})->Increment();
  };
}

void FlowMetrics::Watch(store::Store& store, const Clock& clock) {
  store_ = &store;
  clock_ = &clock;
}

void FlowMetrics::WatchFeed(std::string source, std::function<Lag()> lag) {
  absl::MutexLock lock(&mutex_);
  feeds_.emplace_back(std::move(source), std::move(lag));
}

std::vector<prometheus::MetricFamily> FlowMetrics::Collect() const {
  std::vector<prometheus::MetricFamily> families;
  if (store_ != nullptr) {
    AddGauge(families, "makegood_store_queue_depth", "Commands that wait for the store's writer.",
             {{"service", service_}}, static_cast<double>(store_->QueueDepth()));
    const auto due = store_->DueTasks(clock_->Now(), absl::InfiniteFuture(), kMaxDueCounted);
    if (due.ok()) {
      AddGauge(families, "makegood_tasks_due", "Tasks that are due and not done, counted up to 1000.",
               {{"service", service_}}, static_cast<double>(due->size()));
      AddGauge(families, "makegood_tasks_oldest_due_timestamp_seconds",
               "When the oldest such task was due; 0 if there is none.", {{"service", service_}},
               due->empty() ? 0 : Timestamp(due->front().task.due));
    }
  }
  CollectFeeds(families);
  return families;
}

// A family's series stand together, so each is gone through for itself.
void FlowMetrics::CollectFeeds(std::vector<prometheus::MetricFamily>& families) const {
  std::vector<std::pair<Labels, Lag>> feeds;
  for (const auto& [source, lag] : feeds_) {
    feeds.emplace_back(Labels{{"source", source}, {"consumer", service_}}, lag());
  }
  for (const auto& [labels, lag] : feeds) {
    AddGauge(families, "makegood_feed_connected", "1 while the source is heard.", labels,
             lag.connected ? 1 : 0);
  }
  for (const auto& [labels, lag] : feeds) {
    AddGauge(families, "makegood_feed_last_seen_timestamp_seconds",
             "When the stream from the source was last open; 0 if it never was.", labels,
             Timestamp(lag.last_seen));
  }
  for (const auto& [labels, lag] : feeds) {
    AddGauge(families, "makegood_feed_lag_events",
             "Events up to the source's head that are not applied yet; NaN while the source is not heard.",
             labels,
             lag.connected ? static_cast<double>(lag.events) : std::numeric_limits<double>::quiet_NaN());
  }
  for (const auto& [labels, lag] : feeds) {
    AddGauge(families, "makegood_feed_oldest_pending_timestamp_seconds",
             "When the oldest event under way happened; 0 if there is none.", labels,
             Timestamp(lag.oldest_time));
  }
}

void SetBuildInfo(prometheus::Registry& registry, const std::string& service, const std::string& version,
                  const std::string& revision) {
  prometheus::BuildGauge()
      .Name("makegood_build_info")
      .Help("What runs here.")
      .Register(registry)
      .Add({{"service", service}, {"version", version}, {"revision", revision}})
      .Set(1);
}

}  // namespace makegood::metrics
