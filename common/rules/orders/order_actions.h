// What may be done with an order next (ORD-09).
#pragma once

#include "absl/time/time.h"
#include "common/rules/actions.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/orders/order_scope.h"
#include "common/rules/policy/policy_book.h"
#include "makegood/base/v1/access.pb.h"

namespace makegood::rules {

extern const Action<Order> kStartShipping;
extern const Action<Order> kHandOver;
extern const Action<Order> kRecordDelivery;
extern const Action<Order> kMarkReturned;
extern const Action<Order> kCancelOrder;
extern const Action<Order> kTakeOffUnits;
extern const Action<Order> kChangeAddress;
extern const Action<Order> kPlaceHold;
extern const Action<Order> kReleaseHold;
extern const Action<Order> kRecordPick;
extern const Action<Order> kReportIncident;
extern const Action<Order> kReportFalseDelivery;
extern const Action<Order> kAssignReturnNumber;

// Fills available_actions; those that begin a case of the claims service are among them, which also looks at
// the units.
void FillActions(Order& order, const base::v1::Actor& actor, absl::Time now, const PolicyBook& policies);

}  // namespace makegood::rules
