// Until when a delivered order may be claimed on or withdrawn from: asked by the case that begins, and by the
// order that says so beforehand (ORD-09). By the policy that is current then (POL-02).
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rules/policy/policy_book.h"
#include "makegood/orders/v1/orders.pb.h"

namespace makegood::rules {

// CLM-01: DELIVERED, and not too long ago.
absl::Status CheckClaimTerm(const orders::v1::Order& order, absl::Time now, const PolicyBook& policies);

// CLM-08: DELIVERED, at a marketplace that knows a withdrawal, within its term.
absl::Status CheckWithdrawalTerm(const orders::v1::Order& order, absl::Time now, const PolicyBook& policies);

// The same of a case that has its policy.
absl::Status CheckWithdrawalTerm(const Policy& policy, const WorkingDays& days, absl::Time delivered,
                                 absl::Time now);

}  // namespace makegood::rules
