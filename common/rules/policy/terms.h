// Until when a delivered order may be claimed on or withdrawn from: asked by the case that begins, and by the
// order that says so beforehand (ORD-09). By the policy that is current then (POL-02). And what a policy
// charges for.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rules/policy/policy_book.h"
#include "makegood/orders/v1/orders.pb.h"

namespace makegood::rules {

// When the customer got it: later than the order says where it had not arrived then (ORD-07).
absl::Time ReceivedTime(const orders::v1::Order& order);

// CLM-01: DELIVERED, and not too long ago. ORD-07: what has not arrived is sent, and is not claimed
// meanwhile.
absl::Status CheckClaimTerm(const orders::v1::Order& order, absl::Time now, const PolicyBook& policies);

// CLM-08: DELIVERED, at a marketplace that knows a withdrawal, within its term.
absl::Status CheckWithdrawalTerm(const orders::v1::Order& order, absl::Time now, const PolicyBook& policies);

// The same of a case that has its policy.
absl::Status CheckWithdrawalTerm(const Policy& policy, const WorkingDays& days, absl::Time delivered,
                                 absl::Time now);

// PAY-04: whether that may be charged for at the marketplace.
absl::Status CheckCharged(const Policy& policy, base::v1::SurchargeKind kind);

}  // namespace makegood::rules
