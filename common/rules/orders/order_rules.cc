#include "common/rules/orders/order_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/base/enum_word.h"
#include "common/base/status.h"
#include "common/rules/fields/phone.h"
#include "common/rules/orders/address_rules.h"
#include "common/rules/orders/contact_steps.h"
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

// Which there are instead.
std::string NoSuchHold(const Order& order) {
  std::vector<std::string> holds;
  for (const Hold& hold : order.holds()) {
    holds.push_back(absl::StrCat(absl::AsciiStrToLower(EnumWord(hold.name())),
                                 hold.reference_id().empty() ? "" : " about ", hold.reference_id()));
  }
  return holds.empty() ? "has no hold"
                       : absl::StrCat("has no such hold; it has ", absl::StrJoin(holds, ", "));
}

// DLV-01: it is where the goods go, or will go once that is paid for.
bool HoldsTheAddress(const Contact& contact, const Order& order) {
  return contact.contact_id() == order.recipient_contact_id() ||
         contact.contact_id() == order.address_change().contact_id();
}

// RFD-01: whether those units are all that is left on the order. Refused where it has not so many.
absl::StatusOr<bool> TakesAll(const Order& order, const TakenOff& units) {
  int64_t left = 0;
  for (const orders::v1::OrderLine& line : order.lines()) left += line.quantity() - line.taken_off();
  for (const auto& taken : units) {
    const auto line =
        std::find_if(order.lines().begin(), order.lines().end(),
                     [&](const orders::v1::OrderLine& one) { return one.line_id() == taken.first; });
    const int32_t on_it = line == order.lines().end() ? 0 : line->quantity() - line->taken_off();
    if (taken.second > on_it) {
      return Refusal("RFD-01", absl::StrCat(taken.second, " of line ", taken.first, " asked for, ", on_it,
                                            " are on it"));
    }
    left -= taken.second;
  }
  return left == 0;
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

// The correction as lists find it, as its order says it now.
absl::Status KeepCorrection(const Order& order, Transaction& tx) {
  const Correction& correction = order.correction();
  ASSIGN_OR_RETURN(std::optional<CorrectionCase> known, tx.Find<CorrectionCase>(correction.correction_id()));
  CorrectionCase kept = known.has_value() ? *std::move(known) : CorrectionCase();
  kept.set_correction_id(correction.correction_id());
  *kept.mutable_create_time() = correction.report_time();
  *kept.mutable_policy() = order.policy();
  kept.set_order_id(order.order_id());
  kept.set_merchant_id(order.merchant_id());
  kept.set_customer_id(order.customer_id());
  kept.set_state(correction.state());
  kept.set_return_number(correction.return_number());
  tx.Put(kept);
  return absl::OkStatus();
}

// ORD-05: the merchant owes nothing more for the correction.
absl::Status ReactToRecovery(const Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, tx.Get<Order>(event.order_id()));
  if (!order.has_correction() || order.correction().correction_id() != event.case_id() ||
      order.correction().state() != Correction::STATE_NUMBERED) {
    return absl::OkStatus();
  }
  order.mutable_correction()->set_state(Correction::STATE_SETTLED);
  RETURN_IF_ERROR(KeepCorrection(order, tx));
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

absl::StatusOr<Order> TakeOffUnits(const orders::v1::TakeOffUnitsRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, Begin(kTakeOffUnits, request.order_id(), tx));
  if (request.reason() != base::v1::REFUND_REASON_CUSTOMER_REQUEST) {
    return Refusal("RFD-01", "units are taken off at the customer's request, which must be said");
  }
  TakenOff units;
  for (const orders::v1::TakenOffUnits& of_line : request.units()) {
    if (units.try_emplace(of_line.line_id(), of_line.quantity()).second) continue;
    return InvalidFields({{"units", absl::StrCat("name line ", of_line.line_id(), " twice")}});
  }
  ASSIGN_OR_RETURN(const bool all, TakesAll(order, units));
  if (all) {
    Cancellation cancellation;
    cancellation.set_initiator(base::v1::INITIATOR_CUSTOMER);
    cancellation.set_reason(base::v1::CANCEL_REASON_CUSTOMER_REQUEST);
    RETURN_IF_ERROR(CancelStep(order, cancellation, {tx.now()}, tx));
  } else {
    TakeOffStep(order, units, request.reason(), {tx.now()}, tx);
  }
  return Kept(std::move(order), tx);
}

absl::StatusOr<Order> PlaceHold(const orders::v1::PlaceHoldRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, Reached(kPlaceHold, request.order_id(), tx));
  RETURN_IF_ERROR(CheckPlaces(request.hold(), tx.actor()));
  if (IsOfCase(request.reference_id()) && !IsOwnService(tx.actor())) {
    return InvalidFields({{"reference_id", "is of what places its hold itself"}});
  }
  if (HasHold(order, request.hold(), request.reference_id())) return Shown(std::move(order), tx);
  RETURN_IF_ERROR(MayPlaceHold(order));
  PlaceHoldStep(order, request.hold(), request.reference_id(), "", tx);
  return Kept(std::move(order), tx);
}

absl::StatusOr<Order> ReleaseHold(const orders::v1::ReleaseHoldRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, Reached(kReleaseHold, request.order_id(), tx));
  RETURN_IF_ERROR(CheckReleases(request.hold(), request.reference_id(), tx.actor()));
  if (!HasHold(order, request.hold(), request.reference_id())) {
    // A service may ask to release what it never came to place.
    if (IsOwnService(tx.actor())) return Shown(std::move(order), tx);
    return Refusal("ORD-12", NoSuchHold(order));
  }
  ReleaseHoldStep(order, request.hold(), request.reference_id(), "", tx);
  return Kept(std::move(order), tx);
}

absl::StatusOr<Order> ReportFalseDelivery(const orders::v1::ReportFalseDeliveryRequest& request,
                                          Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, Begin(kReportFalseDelivery, request.order_id(), tx));
  Correction& correction = *order.mutable_correction();
  correction.set_correction_id(tx.NewId("cor"));
  correction.set_state(Correction::STATE_REPORTED);
  *correction.mutable_report_time() = ToTimestamp(tx.now());
  RETURN_IF_ERROR(KeepCorrection(order, tx));
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
  RETURN_IF_ERROR(KeepCorrection(order, tx));
  Event event = OrderEvent(order, {tx.now()});
  event.set_case_id(order.correction().correction_id());
  event.mutable_correction_numbered()->set_return_number(request.return_number());
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
  const bool moves = !SameAddress(contact.details(), request.details());
  if (moves && !IsBeforeHandover(order.state())) {
    return Refusal("DLV-01", "the address of a parcel that has left is not edited");
  }
  if (moves && HoldsTheAddress(contact, order)) {
    return Refusal("DLV-01", "where the goods go is changed by ChangeAddress, as it may cost more or less");
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
  switch (event.payload_case()) {
    case Event::kPaymentRecorded: {
      const events::v1::PaymentRecorded& payment = event.payment_recorded();
      const bool pays = payment.accepted() && payment.order_paid() && !payment.for_surcharge();
      return pays ? ReactToPaidOrder(event, tx) : absl::OkStatus();
    }
    case Event::kNothingDue:
      return ReactToPaidOrder(event, tx);
    case Event::kCreditNoteIssued:
    case Event::kRecoveryEnded:
      return ReactToRecovery(event, tx);
    case Event::kSurchargeMoved:
      return FollowSurcharge(event, tx);
    default:
      return absl::OkStatus();
  }
}

}  // namespace makegood::rules
