// The commands on an order, one function each: read, guard, step, put. Every one checks that the
// order is the caller's (by the command's own ROL rule) and the version it was decided on
// (SYS-04), and replies with the order and its available actions (ORD-09).
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/transaction.h"
#include "makegood/events/v1/events.pb.h"
#include "makegood/orders/v1/contacts_service.pb.h"
#include "makegood/orders/v1/orders_service.pb.h"

namespace makegood::rules {

// ORD-02: OPEN → SHIPPING.
absl::StatusOr<Order> StartShipping(const orders::v1::StartShippingRequest& request, Transaction& tx);
// ORD-02, ORD-12: OPEN or SHIPPING → SHIPPED.
absl::StatusOr<Order> HandOver(const orders::v1::HandOverRequest& request, Transaction& tx);
// ORD-02, ORD-04, ROL-03: SHIPPED → DELIVERED.
absl::StatusOr<Order> RecordDelivery(const orders::v1::RecordDeliveryRequest& request, Transaction& tx);
// ORD-06: SHIPPED → RETURNED.
absl::StatusOr<Order> MarkReturned(const orders::v1::MarkReturnedRequest& request, Transaction& tx);
// ORD-03, AVL-04, AVL-09, ROL-05: → CANCELLED.
absl::StatusOr<Order> CancelOrder(const orders::v1::CancelOrderRequest& request, Transaction& tx);
// RFD-01: what the customer does not want any more, before dispatch; with all of it the order is CANCELLED.
absl::StatusOr<Order> TakeOffUnits(const orders::v1::TakeOffUnitsRequest& request, Transaction& tx);
// ORD-12. Idempotent by name and reference.
absl::StatusOr<Order> PlaceHold(const orders::v1::PlaceHoldRequest& request, Transaction& tx);
absl::StatusOr<Order> ReleaseHold(const orders::v1::ReleaseHoldRequest& request, Transaction& tx);
// ORD-05: a DELIVERED set by mistake; the state stays.
absl::StatusOr<Order> ReportFalseDelivery(const orders::v1::ReportFalseDeliveryRequest& request,
                                          Transaction& tx);
// ORD-05, RFD-05: Operations' return number, as the policy's pattern wants it.
absl::StatusOr<Order> AssignReturnNumber(const orders::v1::AssignReturnNumberRequest& request,
                                         Transaction& tx);

// SYS-09: names, phones, e-mails; the address that the goods go to is ChangeAddress's (DLV-01).
absl::StatusOr<orders::v1::UpdateContactResponse> UpdateContact(
    const orders::v1::UpdateContactRequest& request, Transaction& tx);

// What payments' facts cause here: an order paid is opened (ORD-01), the credit note of a correction
// settles it (ORD-05), a surcharge decides about its address (PAY-02). Imported history changes nothing: the
// import said it all (ORD-13).
absl::Status ReactToPayment(const events::v1::Event& event, Transaction& tx);

}  // namespace makegood::rules
