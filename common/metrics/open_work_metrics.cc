#include "common/metrics/open_work_metrics.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/metrics/gauge.h"

namespace makegood::metrics {
namespace {

using Steady = std::chrono::steady_clock;

constexpr absl::Duration kPatience = absl::Seconds(2);
constexpr int kShare = 50;  // of one reader's time

double FigureOf(OpenGauge::Figure figure, const store::OpenWork& open) {
  switch (figure) {
    case OpenGauge::Figure::kOpen:
      return static_cast<double>(open.count);
    case OpenGauge::Figure::kOverdue:
      return static_cast<double>(open.overdue);
    default:
      return open.count == 0 ? 0 : Timestamp(open.oldest);
  }
}

}  // namespace

struct OpenWorkMetrics::Snapshot {
  std::map<std::string, std::vector<store::OpenWork>> by_kind;
  absl::Time time = absl::InfiniteFuture();  // on the wall clock; none yet

  // What is open of that kind at that marketplace, in one group or (empty) in all.
  store::OpenWork Sum(const std::string& kind, const std::string& marketplace,
                      const std::string& group) const {
    store::OpenWork sum;
    sum.oldest = absl::InfiniteFuture();
    const auto found = by_kind.find(kind);
    if (found == by_kind.end()) return sum;
    for (const store::OpenWork& open : found->second) {
      if (open.open_at != marketplace || (!group.empty() && open.group != group)) continue;
      sum.count += open.count;
      sum.overdue += open.overdue;
      sum.oldest = std::min(sum.oldest, open.oldest);
    }
    return sum;
  }
};

// Counts in the store, and keeps what was counted.
class OpenWorkMetrics::Counting : public std::enable_shared_from_this<Counting> {
 public:
  Counting(const std::vector<OpenGauge>& gauges, store::Store& store, const Clock& clock,
           absl::Duration fresh)
      : store_(store), clock_(clock), fresh_(fresh) {
    for (const OpenGauge& gauge : gauges) kinds_.insert(gauge.kind);
  }

  Snapshot Latest() {
    if (Begin()) {
      store_.Read([self = shared_from_this()](absl::StatusOr<store::Reader*> reader) {
        const Steady::time_point start = Steady::now();
        absl::StatusOr<Snapshot> counted =
            reader.ok() ? self->Count(**reader) : absl::StatusOr<Snapshot>(reader.status());
        self->End(std::move(counted), absl::FromChrono(Steady::now() - start));
      });
    }
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(this, &Counting::Rests), kPatience);
    return snapshot_;
  }

 private:
  bool Rests() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !under_way_; }

  // True if it is time to count, and nobody does.
  bool Begin() {
    absl::MutexLock lock(&mutex_);
    if (under_way_ || (next_.has_value() && Steady::now() < *next_)) return false;
    under_way_ = true;
    return true;
  }

  absl::StatusOr<Snapshot> Count(store::Reader& reader) const {
    Snapshot snapshot;
    for (const std::string& kind : kinds_) {
      ASSIGN_OR_RETURN(snapshot.by_kind[kind], reader.CountOpen(kind, clock_.Now()));
    }
    snapshot.time = absl::Now();
    return snapshot;
  }

  void End(absl::StatusOr<Snapshot> counted, absl::Duration took) {
    absl::MutexLock lock(&mutex_);
    if (counted.ok()) snapshot_ = *std::move(counted);
    const absl::Duration rest = fresh_ == absl::ZeroDuration() ? fresh_ : std::max(fresh_, took * kShare);
    next_ = Steady::now() + absl::ToChronoNanoseconds(rest);
    under_way_ = false;
  }

  store::Store& store_;
  const Clock& clock_;
  const absl::Duration fresh_;
  std::set<std::string> kinds_;
  absl::Mutex mutex_;
  bool under_way_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<Steady::time_point> next_ ABSL_GUARDED_BY(mutex_);
  Snapshot snapshot_ ABSL_GUARDED_BY(mutex_);
};

std::vector<std::pair<std::string, std::string>> StateLabel(const std::string& group) {
  return {{"state", absl::AsciiStrToLower(absl::StripPrefix(absl::string_view(group), "STATE_"))}};
}

OpenWorkMetrics::OpenWorkMetrics(std::string service, std::vector<OpenGauge> gauges,
                                 const rules::PolicyBook& policies, store::Store& store, const Clock& clock,
                                 absl::Duration fresh)
    : service_(std::move(service)),
      gauges_(std::move(gauges)),
      counting_(std::make_shared<Counting>(gauges_, store, clock, fresh)) {
  for (const rules::Policy* policy : policies.AllCurrent()) marketplaces_.push_back(policy->marketplace());
}

OpenWorkMetrics::~OpenWorkMetrics() = default;

std::vector<prometheus::MetricFamily> OpenWorkMetrics::Collect() const {
  std::vector<prometheus::MetricFamily> families;
  if (gauges_.empty()) return families;
  const Snapshot snapshot = counting_->Latest();
  for (const OpenGauge& gauge : gauges_) {
    for (const std::string& marketplace : marketplaces_) {
      const auto add = [&](Labels labels, const std::string& group) {
        AddGauge(families, gauge.name, gauge.help, std::move(labels),
                 FigureOf(gauge.figure, snapshot.Sum(gauge.kind, marketplace, group)));
      };
      if (gauge.groups.empty()) add({{"marketplace", marketplace}}, "");
      for (const std::string& group : gauge.groups) {
        Labels labels = {{"marketplace", marketplace}};
        for (auto& [name, value] : gauge.labels(group)) labels.push_back({std::move(name), std::move(value)});
        add(std::move(labels), group);
      }
    }
  }
  AddGauge(families, "makegood_snapshot_timestamp_seconds",
           "When what is open was counted last, on the machine's clock; 0 if it was not yet.",
           {{"service", service_}}, Timestamp(snapshot.time));
  return families;
}

}  // namespace makegood::metrics
