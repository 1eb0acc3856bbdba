// Money that comes in (PAY-05, PAY-06, RFD-02).
#pragma once

#include <string>

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

// Whether the payment can be the order's at all, and that of the surcharge it names: INVALID_ARGUMENT. Asked
// before its reference is taken, so that a slip keeps none from the payment it belongs to.
absl::Status CheckPaid(const payments::v1::RecordPaymentRequest& request, const orders::v1::Order& order);
absl::Status CheckPaidOn(const payments::v1::RecordPaymentRequest& request,
                         const payments::v1::Surcharge& surcharge);

// PAY-06: the reference's part, where it belongs to the first order that names it. Asked before the payment
// is decided; said again it says the same. Refused: another order has it.
std::string ReferenceKey(const payments::v1::RecordPaymentRequest& request);
absl::StatusOr<payments::v1::PaymentReference> TakeReference(
    const payments::v1::RecordPaymentRequest& request, Transaction& tx);

// ORD-13: what an imported order had been paid by its source's word.
absl::Status TakeInImported(const base::v1::Money& amount, const events::v1::Event& order_created,
                            payments::v1::Account& account, Transaction& tx);

}  // namespace makegood::rules
