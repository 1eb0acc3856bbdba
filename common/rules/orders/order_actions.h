// What may be done with an order next (ORD-09).
#pragma once

#include "common/rules/orders/order_records.h"
#include "makegood/base/v1/access.pb.h"

namespace makegood::rules {

// Replaces the order's available actions by those of `actor`: role, scope and guard of each command,
// and the rule and the reason where it is refused. For replies and reads; call it after Put.
void FillActions(Order& order, const base::v1::Actor& actor);

}  // namespace makegood::rules
