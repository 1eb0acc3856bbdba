// Until when a delivered order may be claimed on or withdrawn from: asked by the case that begins, and by the
// order that says so beforehand (ORD-09).
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rules/policy/policy_book.h"

namespace makegood::rules {

// CLM-01: `delivered` is long ago, by the policy that is asked now.
absl::Status CheckClaimTerm(const Policy& policy, const WorkingDays& days, absl::Time delivered,
                            absl::Time now);

// CLM-08: the term of withdrawal. Refused where the marketplace knows none, or it has passed.
absl::Status CheckWithdrawalTerm(const Policy& policy, const WorkingDays& days, absl::Time delivered,
                                 absl::Time now);

}  // namespace makegood::rules
