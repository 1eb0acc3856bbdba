#include "common/rules/orders/order_rules.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/base/status.h"
#include "common/rules/fields/phone.h"
#include "common/rules/orders/hold_table.h"
#include "common/rules/orders/order_actions.h"
#include "common/rules/orders/order_scope.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/orders/order_steps.h"
#include "common/rules/policy/return_number.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using base::v1::HoldName;
using events::v1::Event;
using orders::v1::Cancellation;
using orders::v1::ContactDetails;
using orders::v1::Correction;
using orders::v1::Hold;

// The reply to a command that changed the order.
Order Kept(Order order, Transaction& tx) {
  tx.Put(order);
  return Shown(std::move(order), tx);
}

// ROL-05, AVL-09: a customer speaks for themselves alone.
absl::Status CheckCustomersWord(const Cancellation& cancellation, const base::v1::Actor& actor) {
  if (actor.role() != base::v1::ROLE_CUSTOMER) return absl::OkStatus();
  if (cancellation.initiator() != base::v1::INITIATOR_CUSTOMER) {
    return Denied("ROL-05", "a customer cancels in their own name");
  }
  if (cancellation.merchant_caused() || cancellation.reason() == base::v1::CANCEL_REASON_UNAVAILABLE) {
    return Refusal("AVL-09", "a customer cannot say that the merchant caused it");
  }
  return absl::OkStatus();
}

template <typename Request>
auto FindHold(Order& order, const Request& request) {
  return std::find_if(order.mutable_holds()->begin(), order.mutable_holds()->end(), [&](const Hold& hold) {
    return hold.name() == request.hold() && hold.reference_id() == request.reference_id();
  });
}

bool SameAddress(const ContactDetails& a, const ContactDetails& b) {
  return std::equal(a.address_lines().begin(), a.address_lines().end(), b.address_lines().begin(),
                    b.address_lines().end()) &&
         a.city() == b.city() && a.postal_code() == b.postal_code() && a.country() == b.country();
}

// ORD-01.
absl::Status ReactToPaidOrder(const Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, tx.Get<Order>(event.order_id()));
  if (order.paid()) return absl::OkStatus();
  order.set_paid(true);
  if (order.state() == Order::STATE_BLOCKED) {
    RETURN_IF_ERROR(OpenStep(order, {tx.now()}, tx));
  } else {
    Event event = OrderEvent(order, {tx.now()});
    event.mutable_order_paid();
    tx.Emit(std::move(event));
  }
  tx.Put(order);
  return absl::OkStatus();
}

// ORD-05.
absl::Status ReactToCreditNote(const Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, tx.Get<Order>(event.order_id()));
  if (!order.has_correction() || order.correction().correction_id() != event.case_id() ||
      order.correction().state() != Correction::STATE_NUMBERED) {
    return absl::OkStatus();
  }
  order.mutable_correction()->set_state(Correction::STATE_SETTLED);
  Event settled = OrderEvent(order, {tx.now()});
  settled.set_case_id(event.case_id());
  settled.mutable_correction_settled();
  tx.Emit(std::move(settled));
  tx.Put(order);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Order> StartShipping(const orders::v1::StartShippingRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, Begin(kStartShipping, request.order_id(), tx));
  RETURN_IF_ERROR(StartShippingStep(order, {tx.now()}, tx));
  return Kept(std::move(order), tx);
}

absl::StatusOr<Order> HandOver(const orders::v1::HandOverRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, Begin(kHandOver, request.order_id(), tx));
  const Parcel parcel{request.carrier(), request.tracking_number(), request.courier_id()};
  RETURN_IF_ERROR(HandOverStep(order, parcel, tx.now(), {tx.now()}, tx));
  return Kept(std::move(order), tx);
}

absl::StatusOr<Order> RecordDelivery(const orders::v1::RecordDeliveryRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, Begin(kRecordDelivery, request.order_id(), tx));
  if (!request.has_delivered_time()) return Refusal("ORD-02", "DELIVERED needs a delivery time");
  const absl::Time delivered = ToTime(request.delivered_time());
  RETURN_IF_ERROR(CheckDeliveryTime(order, delivered, tx.now()));
  RETURN_IF_ERROR(DeliverStep(order, delivered, {tx.now()}, tx));
  return Kept(std::move(order), tx);
}

absl::StatusOr<Order> MarkReturned(const orders::v1::MarkReturnedRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, Begin(kMarkReturned, request.order_id(), tx));
  RETURN_IF_ERROR(ReturnStep(order, request.cause(), {tx.now()}, tx));
  return Kept(std::move(order), tx);
}

absl::StatusOr<Order> CancelOrder(const orders::v1::CancelOrderRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, Reached(kCancelOrder, request.order_id(), tx));
  RETURN_IF_ERROR(CheckCustomersWord(request.cancellation(), tx.actor()));
  RETURN_IF_ERROR(CancelStep(order, request.cancellation(), {tx.now()}, tx));
  return Kept(std::move(order), tx);
}

absl::StatusOr<Order> PlaceHold(const orders::v1::PlaceHoldRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, Reached(kPlaceHold, request.order_id(), tx));
  RETURN_IF_ERROR(CheckPlaces(request.hold(), tx.actor()));
  if (FindHold(order, request) != order.mutable_holds()->end()) return Shown(std::move(order), tx);
  RETURN_IF_ERROR(MayPlaceHold(order));
  Hold& hold = *order.add_holds();
  hold.set_name(request.hold());
  hold.set_reference_id(request.reference_id());
  *hold.mutable_time() = ToTimestamp(tx.now());
  Event event = OrderEvent(order, {tx.now()});
  event.mutable_hold_placed()->set_hold(request.hold());
  event.mutable_hold_placed()->set_reference_id(request.reference_id());
  tx.Emit(std::move(event));
  return Kept(std::move(order), tx);
}

absl::StatusOr<Order> ReleaseHold(const orders::v1::ReleaseHoldRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, Reached(kReleaseHold, request.order_id(), tx));
  RETURN_IF_ERROR(CheckReleases(request.hold(), tx.actor()));
  const auto hold = FindHold(order, request);
  if (hold == order.mutable_holds()->end()) return Shown(std::move(order), tx);
  order.mutable_holds()->erase(hold);
  Event event = OrderEvent(order, {tx.now()});
  event.mutable_hold_released()->set_hold(request.hold());
  event.mutable_hold_released()->set_reference_id(request.reference_id());
  tx.Emit(std::move(event));
  return Kept(std::move(order), tx);
}

absl::StatusOr<Order> ReportFalseDelivery(const orders::v1::ReportFalseDeliveryRequest& request,
                                          Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, Begin(kReportFalseDelivery, request.order_id(), tx));
  Correction& correction = *order.mutable_correction();
  correction.set_correction_id(tx.NewId("cor"));
  correction.set_state(Correction::STATE_REPORTED);
  *correction.mutable_report_time() = ToTimestamp(tx.now());
  Event event = OrderEvent(order, {tx.now()});
  event.set_case_id(correction.correction_id());
  event.mutable_correction_reported();
  tx.Emit(std::move(event));
  return Kept(std::move(order), tx);
}

absl::StatusOr<Order> AssignReturnNumber(const orders::v1::AssignReturnNumberRequest& request,
                                         Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, Begin(kAssignReturnNumber, request.order_id(), tx));
  ASSIGN_OR_RETURN(const Policy* policy, tx.policies().At(order.policy()));
  RETURN_IF_ERROR(CheckReturnNumber(*policy, request.return_number()));
  order.mutable_correction()->set_state(Correction::STATE_NUMBERED);
  order.mutable_correction()->set_return_number(request.return_number());
  const OrderSums sums = SumsOf(order, *policy);
  Event event = OrderEvent(order, {tx.now()});
  event.set_case_id(order.correction().correction_id());
  events::v1::CorrectionNumbered& fact = *event.mutable_correction_numbered();
  fact.set_return_number(request.return_number());
  for (auto [money, amount] :
       {std::pair(fact.mutable_gross(), sums.total), std::pair(fact.mutable_vat(), sums.vat),
        std::pair(fact.mutable_commission(), sums.commission)}) {
    money->set_amount_minor(amount);
    money->set_currency(order.total().currency());
  }
  tx.Emit(std::move(event));
  return Kept(std::move(order), tx);
}

absl::StatusOr<orders::v1::UpdateContactResponse> UpdateContact(
    const orders::v1::UpdateContactRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Contact contact, tx.Get<Contact>(request.contact_id()));
  ASSIGN_OR_RETURN(const Order order, tx.Get<Order>(contact.order_id()));
  RETURN_IF_ERROR(CheckOrderScope(order, tx.actor()));
  RETURN_IF_ERROR(tx.CheckVersion(contact));
  if (contact.has_erase_time()) return Refusal("SYS-09", "the contact was erased");
  if (!IsBeforeHandover(order.state()) && !SameAddress(contact.details(), request.details())) {
    return Refusal("DLV-01", "the address of a parcel that has left is not edited");
  }
  *contact.mutable_details() = request.details();
  contact.mutable_details()->set_phone(KeptPhone(request.details().phone(), request.details().country()));
  tx.Put(contact);
  Event event = OrderEvent(order, {tx.now()});
  event.set_case_id(contact.contact_id());
  event.mutable_contact_changed();
  tx.Emit(std::move(event));
  orders::v1::UpdateContactResponse response;
  response.set_contact_id(contact.contact_id());
  response.set_version(contact.version());
  *response.mutable_update_time() = contact.update_time();
  return response;
}

absl::Status ReactToPayment(const Event& event, Transaction& tx) {
  if (event.imported()) return absl::OkStatus();
  if (event.has_payment_recorded()) {
    const events::v1::PaymentRecorded& payment = event.payment_recorded();
    if (payment.accepted() && payment.order_paid() && !payment.for_surcharge()) {
      return ReactToPaidOrder(event, tx);
    }
  }
  if (event.has_credit_note_issued()) return ReactToCreditNote(event, tx);
  return absl::OkStatus();
}

}  // namespace makegood::rules
