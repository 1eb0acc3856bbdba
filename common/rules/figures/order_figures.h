// Figures of orders (KPI-01, KPI-05, KPI-07): every decision that moves an order also counts it, by
// merchant and day, in the same commit; a scorecard is the sum.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rules/figures/day_tally.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/transaction.h"
#include "makegood/orders/v1/orders.pb.h"
#include "makegood/orders/v1/scorecard_service.pb.h"

namespace makegood::rules {

// Counts something that happened to `order` at `time`, on that day of its policy's time zone.
absl::Status Count(const orders::v1::Order& order, absl::Time time,
                   const std::function<void(DayTally&)>& count, Transaction& tx);

// The period a scorecard is asked for: from the local start of its first day to that of the day
// after its last. INVALID_ARGUMENT for what is no day, for a last day before the first, and for more
// than 366 days.
struct Period {
  absl::Time from;
  absl::Time until;
};
absl::StatusOr<Period> PeriodOf(const orders::v1::GetScorecardRequest& request, absl::TimeZone zone);

// The sum of counts.
void AddTally(const DayTally& tally, DayTally& sum);

// KPI-01 (above the policy's target) and KPI-05 (at most the policy's limit) from a sum of tallies.
std::vector<orders::v1::Figure> OrderFigures(const DayTally& sum, const Policy& policy);

}  // namespace makegood::rules
