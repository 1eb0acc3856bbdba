// Money that comes in (PAY-05, PAY-06, RFD-02), and what the orders' own events cause (ORD-04, ORD-05).
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rules/payments/account.h"
#include "common/rules/transaction.h"
#include "makegood/events/v1/events.pb.h"
#include "makegood/orders/v1/orders.pb.h"
#include "makegood/payments/v1/payments_service.pb.h"

namespace makegood::rules {

// PAY-05, PAY-06; for a surcharge also PAY-01 and PAY-09. Opens the account if need be.
absl::StatusOr<payments::v1::Payment> RecordPayment(const payments::v1::RecordPaymentRequest& request,
                                                    const orders::v1::Order& order, Transaction& tx);

// What an event of the orders service causes here: OrderCreated opens the account and captures what
// imported history had paid; OrderDelivered makes invoice and settlement claim (ORD-04); OrderCancelled
// gives everything back and voids open surcharges; CorrectionNumbered asks for the credit note (ORD-05).
// Seen again, each changes nothing. Other events are none of its business.
absl::Status ReactToOrder(const events::v1::Event& event, Transaction& tx);

}  // namespace makegood::rules
