// The timeline in a customer's words (ORD-10): a short sentence or two an event, without names, rules or
// internals. What has no row is not shown to customers.
#include "common/rules/orders/timeline_words.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/orders/hold_table.h"
#include "common/rules/texts/event_arguments.h"
#include "common/rules/texts/texts.h"

namespace makegood::rules {
namespace {

using events::v1::Event;

// A surcharge's hold has no words of its own: the surcharge tells of itself, once it may (PAY-02). Nor has an
// incident's or the address's.
bool HoldIsTold(const Event& event) {
  const base::v1::HoldName hold = event.hold_placed().hold();
  return hold != base::v1::HOLD_NAME_UNSPECIFIED && hold != base::v1::HOLD_NAME_AWAITING_SURCHARGE &&
         !IsOfCase(event.hold_placed().reference_id());
}

// CAL-03: where the dates were told before.
bool WindowMoved(const Event& event) {
  return event.claim_window_settled().moved() && event.claim_window_settled().announced();
}

// What the merchant puts right before anything leaves is not told, nor what is Operations' and the merchant's
// alone; what happens on the way has words of its own.
bool IncidentIsTold(const Event& event) {
  return event.incident_opened().kind() != base::v1::INCIDENT_KIND_WRONG_PICK &&
         event.incident_opened().source() != base::v1::INCIDENT_SOURCE_DELIVERY &&
         event.incident_opened().source() != base::v1::INCIDENT_SOURCE_PAYMENT;
}
bool WasRectified(const Event& event) {
  return event.incident_closed().outcome() == base::v1::INCIDENT_OUTCOME_RECTIFIED &&
         event.incident_closed().kind() != base::v1::INCIDENT_KIND_WRONG_PICK;
}

// Of a courier's first way the order tells that it was sent.
bool LeavesAgain(const Event& event) {
  return event.courier_dispatched().late_arrival() || event.courier_dispatched().attempt() > 1;
}

// That the recipient took it is its delivery.
bool SomebodyElseTookIt(const Event& event) {
  return event.parcel_handed_over().taker() != base::v1::TAKER_RECIPIENT;
}

// Nothing is left where a correction had given it back.
bool GivesSomething(const Event& event) { return event.refund_granted().amount().amount_minor() != 0; }

bool IsInvoice(const Event& event) {
  return event.document_issued().kind() == base::v1::DOCUMENT_KIND_SALES_INVOICE ||
         event.document_issued().kind() == base::v1::DOCUMENT_KIND_SURCHARGE_INVOICE;
}

// PAY-02; and nobody is asked for what is paid already (PAY-01).
bool SurchargeIsTold(const Event& event) {
  const events::v1::SurchargeMoved& fact = event.surcharge_moved();
  return fact.visible() && !(fact.passing() && fact.state() == base::v1::SURCHARGE_STATE_ISSUED);
}

constexpr TimelineRule kRules[] = {
    {Event::kOrderCreated, "order_created", nullptr},
    {Event::kOrderOpened, "order_opened", nullptr},
    {Event::kOrderShippingStarted, "order_shipping_started", nullptr},
    {Event::kOrderShipped, "order_shipped", nullptr},
    {Event::kOrderDelivered, "order_delivered", nullptr},
    {Event::kOrderReturned, "order_returned", nullptr},
    {Event::kOrderCancelled, "order_cancelled", nullptr},
    {Event::kUnitsTakenOff, "units_taken_off", nullptr},
    {Event::kHoldPlaced, "hold_placed", HoldIsTold},
    {Event::kAddressAsked, "address_asked", nullptr},
    {Event::kAddressChanged, "address_changed", nullptr},
    {Event::kAddressChangeAsked, "address_change_asked", nullptr},
    {Event::kAddressChangeDropped, "address_change_dropped", nullptr},
    {Event::kCorrectionReported, "correction_reported", nullptr},
    {Event::kContactChanged, "contact_changed", nullptr},
    {Event::kPersonalDataErased, "personal_data_erased", nullptr},
    {Event::kChatPosted, "chat_posted", nullptr},
    {Event::kIncidentOpened, "incident_opened", IncidentIsTold},
    {Event::kIncidentOptionChosen, "incident_option_chosen", nullptr},
    {Event::kIncidentClosed, "incident_closed", WasRectified},
    {Event::kIncidentEscalated, "incident_escalated", nullptr},
    {Event::kCourierDispatched, "courier_dispatched", LeavesAgain},
    {Event::kCourierArrived, "courier_arrived", nullptr},
    {Event::kRecipientContacted, "recipient_contacted", nullptr},
    {Event::kCourierCalledBack, "courier_called_back", nullptr},
    {Event::kParcelBack, "parcel_back", nullptr},
    {Event::kThirdPersonAllowed, "third_person_allowed", nullptr},
    {Event::kParcelHandedOver, "parcel_handed_over", SomebodyElseTookIt},
    {Event::kInterceptionRequested, "interception_requested", nullptr},
    {Event::kInterceptionEnded, "interception_ended", nullptr},
    {Event::kCustomsHeld, "customs_held", nullptr},
    {Event::kCustomsReleased, "customs_released", nullptr},
    {Event::kNotArrivedReported, "not_arrived_reported", nullptr},
    {Event::kArrivalRecorded, "arrival_recorded", nullptr},
    {Event::kClaimOpened, "claim_opened", nullptr},
    {Event::kEvidenceAdded, "evidence_added", nullptr},
    {Event::kClaimSubmitted, "claim_submitted", nullptr},
    {Event::kClaimWindowSettled, "claim_window_moved", WindowMoved},
    {Event::kClaimApproved, "claim_approved", nullptr},
    {Event::kClaimRejected, "claim_rejected", nullptr},
    {Event::kRejectionClosed, "rejection_closed", nullptr},
    {Event::kClaimAppealed, "claim_appealed", nullptr},
    {Event::kClaimRetracted, "claim_retracted", nullptr},
    {Event::kClaimLapsed, "claim_lapsed", nullptr},
    {Event::kClaimOverdue, "claim_overdue", nullptr},
    {Event::kResolutionChosen, "resolution_chosen", nullptr},
    {Event::kGoodsUnavailable, "goods_unavailable", nullptr},
    {Event::kGoodsReshipped, "goods_reshipped", nullptr},
    {Event::kWrongItemCollected, "wrong_item_collected", nullptr},
    {Event::kClaimResolved, "claim_resolved", nullptr},
    {Event::kResolutionOverdue, "resolution_overdue", nullptr},
    {Event::kWithdrawalOpened, "withdrawal_opened", nullptr},
    {Event::kWithdrawalGoodsReturned, "withdrawal_goods_returned", nullptr},
    {Event::kWithdrawalClosed, "withdrawal_closed", nullptr},
    {Event::kWithdrawalSettled, "withdrawal_settled", nullptr},
    {Event::kPaymentRecorded, "payment_recorded", nullptr},
    {Event::kRefundGranted, "refund_granted", GivesSomething},
    {Event::kRefundStarted, "refund_started", nullptr},
    {Event::kRefundSettled, "refund_settled", nullptr},
    {Event::kDocumentIssued, "document_issued", IsInvoice},
    {Event::kSurchargeMoved, "surcharge_moved", SurchargeIsTold},
};

const TimelineRule* RuleFor(const Event& event) {
  const auto* const row = std::find_if(std::begin(kRules), std::end(kRules), [&](const TimelineRule& rule) {
    return rule.kind == event.payload_case();
  });
  if (row == std::end(kRules) || (row->when != nullptr && !row->when(event))) return nullptr;
  return row;
}

// RFD-10: what is set off does not go back; where nothing goes back, or nothing is set off, that is "none".
void AddShares(const events::v1::RefundGranted& fact, TextArguments& arguments) {
  const base::v1::Money& returned = fact.has_returned() ? fact.returned() : fact.amount();
  base::v1::Money set_off = fact.amount();
  set_off.set_amount_minor(set_off.amount_minor() - returned.amount_minor());
  const auto add = [&](const char* name, const base::v1::Money& share) {
    if (share.amount_minor() > 0) {
      *arguments[name].mutable_money() = share;
    } else {
      arguments[name].set_text("none");
    }
  };
  add("returned", returned);
  add("set_off", set_off);
}

absl::StatusOr<TextArguments> ArgumentsFor(const std::string& pattern, const Event& event) {
  TextArguments arguments = ArgumentsOf(event);
  if (event.has_refund_granted()) AddShares(event.refund_granted(), arguments);
  ASSIGN_OR_RETURN(const std::set<std::string> wanted, PlaceholdersOf(pattern));
  for (const std::string& name : wanted) {
    if (arguments.count(name) == 0) arguments[name].set_text("…");
  }
  return arguments;
}

}  // namespace

absl::Span<const TimelineRule> TimelineRules() { return kRules; }

absl::StatusOr<std::string> CustomerWords(const Event& event, const Locale& locale) {
  const TimelineRule* const rule = RuleFor(event);
  if (rule == nullptr) return std::string();
  RETURN_IF_ERROR(ShippedTexts().status());
  Locale read_in = locale;
  const std::string* pattern = ShippedTexts()->FindTimeline(locale.language, rule->text);
  if (pattern == nullptr) {
    read_in.language = kStaffLanguage;
    pattern = ShippedTexts()->FindTimeline(kStaffLanguage, rule->text);
  }
  if (pattern == nullptr) return absl::InternalError(absl::StrCat("no text of the timeline: ", rule->text));
  ASSIGN_OR_RETURN(const TextArguments arguments, ArgumentsFor(*pattern, event));
  return Fill(*pattern, arguments, read_in);
}

}  // namespace makegood::rules
