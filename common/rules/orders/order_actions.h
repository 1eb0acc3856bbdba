// What may be done with an order next (ORD-09).
#pragma once

#include "absl/time/time.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/policy/policy_book.h"
#include "makegood/base/v1/access.pb.h"

namespace makegood::rules {

// Replaces the order's available actions by those of `actor` `now`: role, scope and guard of each command,
// and the rule and the reason where it is refused; those that begin a case of the claims service among them,
// which also looks at the units. For replies and reads; call it after Put.
void FillActions(Order& order, const base::v1::Actor& actor, absl::Time now, const PolicyBook& policies);

}  // namespace makegood::rules
