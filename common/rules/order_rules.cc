#include "common/rules/order_rules.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/base/status.h"
#include "common/rules/order_actions.h"
#include "common/rules/order_scope.h"
#include "common/rules/order_states.h"
#include "common/rules/order_steps.h"
#include "common/rules/phone.h"
#include "common/rules/return_number.h"
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

// The order a command is about: it is the caller's, and as the caller last saw it.
absl::StatusOr<Order> OwnOrder(absl::string_view order_id, Unit& unit, absl::string_view rule_id = "ROL-11") {
  ASSIGN_OR_RETURN(Order order, unit.Get<Order>(order_id));
  RETURN_IF_ERROR(CheckOrderScope(order, unit.actor(), rule_id));
  RETURN_IF_ERROR(unit.CheckVersion(order));
  return order;
}

// The reply to a command that changed the order.
Order Kept(Order order, Unit& unit) {
  unit.Put(order);
  FillActions(order, unit.actor());
  return order;
}

// The reply to a command that found nothing to change.
Order Unchanged(Order order, const Unit& unit) {
  FillActions(order, unit.actor());
  return order;
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

// PAY-02: nobody frees an order from its surcharge but those who see the surcharge through.
absl::Status CheckHoldIsCallers(HoldName hold, const base::v1::Actor& actor) {
  if (hold != base::v1::HOLD_NAME_AWAITING_SURCHARGE || IsOwnService(actor)) return absl::OkStatus();
  return Denied("PAY-02", "a surcharge's hold comes and goes with the surcharge");
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
absl::Status ReactToPaidOrder(const Event& event, Unit& unit) {
  ASSIGN_OR_RETURN(Order order, unit.Get<Order>(event.order_id()));
  if (order.paid()) return absl::OkStatus();
  order.set_paid(true);
  if (order.state() == Order::STATE_BLOCKED) RETURN_IF_ERROR(OpenStep(order, {unit.now()}, unit));
  unit.Put(order);
  return absl::OkStatus();
}

// ORD-05.
absl::Status ReactToCreditNote(const Event& event, Unit& unit) {
  ASSIGN_OR_RETURN(Order order, unit.Get<Order>(event.order_id()));
  if (!order.has_correction() || order.correction().correction_id() != event.case_id() ||
      order.correction().state() != Correction::STATE_NUMBERED) {
    return absl::OkStatus();
  }
  order.mutable_correction()->set_state(Correction::STATE_SETTLED);
  Event settled = OrderEvent(order, {unit.now()});
  settled.set_case_id(event.case_id());
  settled.mutable_correction_settled();
  unit.Emit(std::move(settled));
  unit.Put(order);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Order> StartShipping(const orders::v1::StartShippingRequest& request, Unit& unit) {
  ASSIGN_OR_RETURN(Order order, OwnOrder(request.order_id(), unit));
  RETURN_IF_ERROR(StartShippingStep(order, {unit.now()}, unit));
  return Kept(std::move(order), unit);
}

absl::StatusOr<Order> HandOver(const orders::v1::HandOverRequest& request, Unit& unit) {
  ASSIGN_OR_RETURN(Order order, OwnOrder(request.order_id(), unit));
  const Parcel parcel{request.carrier(), request.tracking_number(), request.courier_id()};
  RETURN_IF_ERROR(HandOverStep(order, parcel, unit.now(), {unit.now()}, unit));
  return Kept(std::move(order), unit);
}

absl::StatusOr<Order> RecordDelivery(const orders::v1::RecordDeliveryRequest& request, Unit& unit) {
  ASSIGN_OR_RETURN(Order order, OwnOrder(request.order_id(), unit, "ROL-03"));
  RETURN_IF_ERROR(MayRecordDelivery(order));
  if (!request.has_delivered_time()) return Refusal("ORD-02", "DELIVERED needs a delivery time");
  const absl::Time delivered = ToTime(request.delivered_time());
  RETURN_IF_ERROR(CheckDeliveryTime(order, delivered, unit.now()));
  RETURN_IF_ERROR(DeliverStep(order, delivered, {unit.now()}, unit));
  return Kept(std::move(order), unit);
}

absl::StatusOr<Order> MarkReturned(const orders::v1::MarkReturnedRequest& request, Unit& unit) {
  ASSIGN_OR_RETURN(Order order, OwnOrder(request.order_id(), unit));
  RETURN_IF_ERROR(ReturnStep(order, request.cause(), {unit.now()}, unit));
  return Kept(std::move(order), unit);
}

absl::StatusOr<Order> CancelOrder(const orders::v1::CancelOrderRequest& request, Unit& unit) {
  ASSIGN_OR_RETURN(Order order, OwnOrder(request.order_id(), unit, "ROL-05"));
  RETURN_IF_ERROR(CheckCustomersWord(request.cancellation(), unit.actor()));
  RETURN_IF_ERROR(CancelStep(order, request.cancellation(), {unit.now()}, unit));
  return Kept(std::move(order), unit);
}

absl::StatusOr<Order> PlaceHold(const orders::v1::PlaceHoldRequest& request, Unit& unit) {
  ASSIGN_OR_RETURN(Order order, OwnOrder(request.order_id(), unit));
  RETURN_IF_ERROR(CheckHoldIsCallers(request.hold(), unit.actor()));
  if (FindHold(order, request) != order.mutable_holds()->end()) return Unchanged(std::move(order), unit);
  RETURN_IF_ERROR(MayPlaceHold(order));
  Hold& hold = *order.add_holds();
  hold.set_name(request.hold());
  hold.set_reference_id(request.reference_id());
  *hold.mutable_time() = ToTimestamp(unit.now());
  Event event = OrderEvent(order, {unit.now()});
  event.mutable_hold_placed()->set_hold(request.hold());
  event.mutable_hold_placed()->set_reference_id(request.reference_id());
  unit.Emit(std::move(event));
  return Kept(std::move(order), unit);
}

absl::StatusOr<Order> ReleaseHold(const orders::v1::ReleaseHoldRequest& request, Unit& unit) {
  ASSIGN_OR_RETURN(Order order, OwnOrder(request.order_id(), unit));
  RETURN_IF_ERROR(CheckHoldIsCallers(request.hold(), unit.actor()));
  const auto hold = FindHold(order, request);
  if (hold == order.mutable_holds()->end()) return Unchanged(std::move(order), unit);
  order.mutable_holds()->erase(hold);
  Event event = OrderEvent(order, {unit.now()});
  event.mutable_hold_released()->set_hold(request.hold());
  event.mutable_hold_released()->set_reference_id(request.reference_id());
  unit.Emit(std::move(event));
  return Kept(std::move(order), unit);
}

absl::StatusOr<Order> ReportFalseDelivery(const orders::v1::ReportFalseDeliveryRequest& request, Unit& unit) {
  ASSIGN_OR_RETURN(Order order, OwnOrder(request.order_id(), unit));
  RETURN_IF_ERROR(MayReportFalseDelivery(order));
  Correction& correction = *order.mutable_correction();
  correction.set_correction_id(unit.NewId("cor"));
  correction.set_state(Correction::STATE_REPORTED);
  *correction.mutable_report_time() = ToTimestamp(unit.now());
  Event event = OrderEvent(order, {unit.now()});
  event.set_case_id(correction.correction_id());
  event.mutable_correction_reported();
  unit.Emit(std::move(event));
  return Kept(std::move(order), unit);
}

absl::StatusOr<Order> AssignReturnNumber(const orders::v1::AssignReturnNumberRequest& request, Unit& unit) {
  ASSIGN_OR_RETURN(Order order, OwnOrder(request.order_id(), unit));
  RETURN_IF_ERROR(MayAssignReturnNumber(order));
  ASSIGN_OR_RETURN(const Policy* policy, unit.policies().At(order.policy()));
  RETURN_IF_ERROR(CheckReturnNumber(*policy, request.return_number()));
  order.mutable_correction()->set_state(Correction::STATE_NUMBERED);
  order.mutable_correction()->set_return_number(request.return_number());
  const OrderSums sums = SumsOf(order, *policy);
  Event event = OrderEvent(order, {unit.now()});
  event.set_case_id(order.correction().correction_id());
  events::v1::CorrectionNumbered& fact = *event.mutable_correction_numbered();
  fact.set_return_number(request.return_number());
  for (auto [money, amount] :
       {std::pair(fact.mutable_gross(), sums.total), std::pair(fact.mutable_vat(), sums.vat),
        std::pair(fact.mutable_commission(), sums.commission)}) {
    money->set_amount_minor(amount);
    money->set_currency(order.total().currency());
  }
  unit.Emit(std::move(event));
  return Kept(std::move(order), unit);
}

absl::StatusOr<orders::v1::UpdateContactResponse> UpdateContact(
    const orders::v1::UpdateContactRequest& request, Unit& unit) {
  ASSIGN_OR_RETURN(Contact contact, unit.Get<Contact>(request.contact_id()));
  ASSIGN_OR_RETURN(const Order order, unit.Get<Order>(contact.order_id()));
  RETURN_IF_ERROR(CheckOrderScope(order, unit.actor()));
  RETURN_IF_ERROR(unit.CheckVersion(contact));
  if (contact.has_erase_time()) return Refusal("SYS-09", "the contact was erased");
  if (!IsBeforeHandover(order.state()) && !SameAddress(contact.details(), request.details())) {
    return Refusal("DLV-01", "the address of a parcel that has left is not edited");
  }
  *contact.mutable_details() = request.details();
  contact.mutable_details()->set_phone(KeptPhone(request.details().phone(), request.details().country()));
  unit.Put(contact);
  Event event = OrderEvent(order, {unit.now()});
  event.set_case_id(contact.contact_id());
  event.mutable_contact_changed();
  unit.Emit(std::move(event));
  orders::v1::UpdateContactResponse response;
  response.set_contact_id(contact.contact_id());
  response.set_version(contact.version());
  *response.mutable_update_time() = contact.update_time();
  return response;
}

absl::Status ReactToPayment(const Event& event, Unit& unit) {
  if (event.imported()) return absl::OkStatus();
  if (event.has_payment_recorded()) {
    const events::v1::PaymentRecorded& payment = event.payment_recorded();
    if (payment.accepted() && payment.order_paid() && !payment.for_surcharge()) {
      return ReactToPaidOrder(event, unit);
    }
  }
  if (event.has_credit_note_issued()) return ReactToCreditNote(event, unit);
  return absl::OkStatus();
}

}  // namespace makegood::rules
