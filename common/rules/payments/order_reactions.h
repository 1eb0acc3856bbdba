// What happens to money by what happens to its order (ORD-04 to ORD-06, ORD-13, RFD-01).
#pragma once

#include "absl/status/status.h"
#include "common/rules/transaction.h"
#include "makegood/events/v1/events.pb.h"

namespace makegood::rules {

// What an event of the orders service causes here: OrderCreated opens the account and captures what
// imported history had paid, and what had gone back of it; UnitsTakenOff, OrderCancelled and OrderReturned
// give back; OrderDelivered makes invoice and settlement claim (ORD-04); CorrectionNumbered gives everything
// back and asks for the credit note (ORD-05). Seen again, each changes nothing. Other events are none of its
// business.
absl::Status ReactToOrder(const events::v1::Event& event, Transaction& tx);

}  // namespace makegood::rules
