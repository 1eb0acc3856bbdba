// How much is open, overdue, and since when: gauges of a service's own records.
//
// Counted in the store rather than fed by events: a process that starts was not there for what is open,
// of several replicas each hears its share, and records become overdue with nothing happening. The count
// reads the index of what is open past the writer, on the store's readers. That takes 0.14 s for a million
// open records, and nothing for closed ones; so it is made when a page is asked for, at most every five
// seconds, and less often where it takes long: it has a fiftieth of one reader at most. In between a page
// shows what was counted last; makegood_snapshot_timestamp_seconds tells when that was.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/rules/policy/policy_book.h"
#include "common/store/store.h"

namespace makegood::metrics {

// The labels of a group of records, beside marketplace: of one named STATE_VERIFYING state="verifying".
std::vector<std::pair<std::string, std::string>> StateLabel(const std::string& group);

// One gauge, with a series for each marketplace (and group), present at 0 from the start.
struct OpenGauge {
  enum class Figure {
    kOpen,     // how many are open
    kOverdue,  // how many of them are due by now, on the domain's clock
    kOldest,   // the earliest of their times; 0 where none is open
  };

  std::string name;
  std::string help;
  Figure figure = Figure::kOpen;
  std::string kind;  // of the records
  // The groups in which they are open, as the records name them. Empty: all in one series, without more
  // labels.
  std::vector<std::string> groups = {};
  std::vector<std::pair<std::string, std::string>> (*labels)(const std::string& group) = StateLabel;
};

// Gauges of one service's store. Thread-safe. Everything given outlives it.
class OpenWorkMetrics final : public prometheus::Collectable {
 public:
  // A marketplace that has no policy any more has no series. `fresh`: how long a count is good at least;
  // zero: every page counts anew.
  OpenWorkMetrics(std::string service, std::vector<OpenGauge> gauges, const rules::PolicyBook& policies,
                  store::Store& store, const Clock& clock, absl::Duration fresh = absl::Seconds(5));
  ~OpenWorkMetrics() override;

  // Waits for a count that is under way two seconds at most. Where the store cannot be read the last
  // count stays, and its timestamp.
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  struct Snapshot;
  class Counting;

  const std::string service_;
  const std::vector<OpenGauge> gauges_;
  std::vector<std::string> marketplaces_;
  const std::shared_ptr<Counting> counting_;  // the store's readers may be the last to hold it
};

}  // namespace makegood::metrics
