// The timeline in words for Operations and auditors (ORD-10): what customers are told, and a sentence for
// everything that is none of their business.
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/base/enum_word.h"
#include "common/base/money.h"
#include "common/rules/orders/timeline_words.h"

namespace makegood::rules {
namespace {

using events::v1::Event;

std::string Of(const base::v1::Money& money) {
  return money.currency().empty() ? ""
                                  : absl::StrCat(" of ", FormatMoney(money.amount_minor(), money.currency()));
}

// "stock shortage" of HOLD_NAME_STOCK_SHORTAGE.
template <typename E>
std::string Spoken(E value) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(EnumWord(value)), {{"_", " "}});
}

std::string NumberedBehind(absl::string_view sentence, absl::string_view number) {
  return absl::StrCat(sentence, number.empty() ? "" : " ", number, ".");
}

std::string GrantClosed(const events::v1::RefundGrantClosed& fact) {
  if (fact.given().amount_minor() == 0) return "The granted refund was given up: nothing is paid.";
  if (fact.set_off().amount_minor() == 0)
    return absl::StrCat("The refund", Of(fact.given()), " is complete.");
  return absl::StrCat("The refund", Of(fact.given()), " is complete; of it", Of(fact.set_off()),
                      " was set off against what the customer owed.");
}

// CAL-03.
template <typename Fact>
std::string SettledWords(absl::string_view date, const Fact& fact) {
  return absl::StrCat("The calendar knows more days: ", date,
                      fact.moved() ? " has moved" : " stays as it was",
                      fact.provisional() ? ", and may still move." : ".");
}

// ORD-13: " At its source was given back: the price of 3 items, the delivery fee.", or nothing.
std::string GivenBackAtSource(const events::v1::ImportedRefund& fact) {
  std::vector<std::string> what;
  int64_t units = 0;
  for (const events::v1::TakenOffUnits& of_line : fact.units()) units += of_line.quantity();
  if (units > 0) what.push_back(absl::StrCat("the price of ", units, units == 1 ? " item" : " items"));
  if (fact.delivery_fee()) what.emplace_back("the delivery fee");
  if (fact.has_goodwill()) what.push_back(absl::StrCat("goodwill", Of(fact.goodwill())));
  if (fact.has_over_payment()) what.push_back(absl::StrCat("an over-payment", Of(fact.over_payment())));
  return what.empty() ? "" : absl::StrCat(" At its source was given back: ", absl::StrJoin(what, ", "), ".");
}

std::string RefusedWords(const events::v1::CallRefused& refused) {
  const absl::string_view what =
      refused.call() == base::v1::CALL_KIND_PLACE_HOLD     ? "The order is not held for the surcharge"
      : refused.call() == base::v1::CALL_KIND_RELEASE_HOLD ? "The surcharge's hold was not released"
                                                           : "Payments refused the refund";
  const std::string rule = refused.rule_id().empty() ? "" : absl::StrCat(" (", refused.rule_id(), ")");
  return absl::StrCat(what, rule, ": ", refused.reason(), ".");
}

std::string InternalWords(const Event& event) {
  switch (event.payload_case()) {
    case Event::kHoldPlaced:
      return absl::StrCat("The order is held: ", Spoken(event.hold_placed().hold()), ".");
    case Event::kHoldReleased:
      return absl::StrCat("The order is no longer held for ", Spoken(event.hold_released().hold()), ".");
    case Event::kAddressUnanswered:
      return "Nobody has said in time where the order goes: the store adds the address.";
    case Event::kPickRecorded:
      return absl::StrCat(event.pick_recorded().picked(), " of ", event.pick_recorded().wanted(),
                          " units were picked.");
    case Event::kIncidentOpened:
      return absl::StrCat("Trouble was found: ", Spoken(event.incident_opened().kind()), ".");
    case Event::kOfferDelisted:
      return absl::StrCat(event.offer_delisted().sku(), " is on offer no more",
                          event.offer_delisted().by_person() ? ": a person took it off." : ".");
    case Event::kOfferRelisted:
      return absl::StrCat(event.offer_relisted().sku(), " is on offer again.");
    case Event::kStockLow:
      return absl::StrCat("Few of ", event.stock_low().sku(), " are available.");
    case Event::kStockStale:
      return absl::StrCat("Nobody has confirmed the stock of ", event.stock_stale().sku(), " in time.");
    case Event::kStockConfirmed:
      return absl::StrCat("The stock of ", event.stock_confirmed().sku(), " was confirmed again.");
    case Event::kStockNegative:
      return absl::StrCat("Stock below zero was reported of ", event.stock_negative().sku(),
                          ": nothing is available.");
    case Event::kIncidentOverdue:
      return "Nobody chose in time what becomes of the trouble.";
    case Event::kIncidentClosed:
      return absl::StrCat("The trouble (", Spoken(event.incident_closed().kind()),
                          ") is over: ", Spoken(event.incident_closed().outcome()), ".");
    case Event::kOrderLineAdded:
      return "Something else was put on the order, instead of what cannot be sent.";
    case Event::kSupplierAsked:
      return absl::StrCat("The supplier was asked to ", Spoken(event.supplier_asked().task()), ".");
    case Event::kSupplierAnswered:
      return absl::StrCat("The supplier's answer to ", Spoken(event.supplier_answered().task()), ": ",
                          Spoken(event.supplier_answered().answer()), ".");
    case Event::kCourierDispatched:
      return absl::StrCat("Courier ", event.courier_dispatched().courier_id(), " has left with the parcel.");
    case Event::kParcelHandedOver:
      return "The parcel was handed to the recipient.";
    case Event::kHandoverRefused:
      return absl::StrCat("The parcel was not handed over: nobody has allowed it for ",
                          Spoken(event.handover_refused().taker()), ".");
    case Event::kLateReport:
      return absl::StrCat("A report came too late and changed nothing: ",
                          absl::StrReplaceAll(event.late_report().report(), {{"_", " "}}), ".");
    case Event::kOrderPaid:
      return "All that was due for the order has come in.";
    case Event::kCallRefused:
      return RefusedWords(event.call_refused());
    case Event::kCallRetried:
      return "Payments are asked again for the refund.";
    case Event::kCorrectionNumbered:
      return NumberedBehind("The correction has its return number",
                            event.correction_numbered().return_number());
    case Event::kCorrectionSettled:
      return "The correction is settled: the merchant owes nothing more for it.";
    case Event::kClaimWindowSettled:
      return SettledWords("the window for the claim's decision", event.claim_window_settled());
    case Event::kResolutionDueSettled:
      return SettledWords("the limit for making the claim good", event.resolution_due_settled());
    case Event::kReturnDocumentCreated:
      return NumberedBehind("The return document was made", event.return_document_created().return_number());
    case Event::kRefundFailed:
      return absl::StrCat("The refund", Of(event.refund_failed().amount()), " failed; it can be retried.");
    case Event::kRefundGranted:
      return "Nothing is left to give back for the case: it was given back before.";
    case Event::kRefundGrantClosed:
      return GrantClosed(event.refund_grant_closed());
    case Event::kRecoveryEnded:
      return "The merchant owes nothing for it: everything was given back before.";
    case Event::kNothingDue:
      return "Nothing is left to pay for the order.";
    case Event::kWithdrawalOverdue:
      return event.withdrawal_overdue().awaits_goods()
                 ? "The withdrawal should have been paid back by now, and its goods are not all back."
                 : "The withdrawal should have been paid back by now.";
    case Event::kCreditNoteRequested:
      return absl::StrCat("The merchant owes a credit note", Of(event.credit_note_requested().amount()), ".");
    case Event::kCreditNoteIssued:
      return NumberedBehind("The merchant sent the credit note",
                            event.credit_note_issued().document_number());
    case Event::kCreditNoteOverdue:
      return absl::StrCat("The merchant's credit note", Of(event.credit_note_overdue().amount()),
                          " is late.");
    case Event::kDocumentIssued:
      return absl::StrCat("A ", Spoken(event.document_issued().kind()), Of(event.document_issued().amount()),
                          " was issued.");
    case Event::kSurchargeMoved:
      return absl::StrCat("The surcharge", Of(event.surcharge_moved().amount()), " is ",
                          Spoken(event.surcharge_moved().state()), ".");
    case Event::kComplianceIncidentRaised:
      return "A payment went where it may not: a compliance incident.";
    case Event::kNoticeSent:
      return absl::StrCat("A message was sent by ", Spoken(event.notice_sent().channel()), ": ",
                          event.notice_sent().template_name(), ".");
    case Event::kNoticeFailed:
      return absl::StrCat("A message could not be sent by ", Spoken(event.notice_failed().channel()), ": ",
                          event.notice_failed().template_name(), ".");
    case Event::kWorkChanged:
      return "What is to be done has changed.";
    case Event::kWorkAssigned:
      return event.work_assigned().assignee().empty()
                 ? absl::StrCat("Work was given back: ", Spoken(event.work_assigned().kind()), ".")
                 : absl::StrCat(event.work_assigned().assignee(),
                                " has work: ", Spoken(event.work_assigned().kind()), ".");
    case Event::kWorkPutOff:
      return absl::StrCat("Work was put off (", Spoken(event.work_put_off().reason()),
                          "): ", Spoken(event.work_put_off().kind()), ".");
    default:
      return "";
  }
}

// ROL-08: how the word that Operations acted on is on record; empty where the customer did it.
std::string CustomersWord(const Event& event) {
  switch (event.payload_case()) {
    case Event::kClaimAppealed:
      return event.claim_appealed().customer_word();
    case Event::kClaimRetracted:
      return event.claim_retracted().customer_word();
    case Event::kResolutionChosen:
      return event.resolution_chosen().customer_word();
    case Event::kIncidentOptionChosen:
      return event.incident_option_chosen().customer_word();
    case Event::kInterceptionRequested:
      return event.interception_requested().customer_word();
    case Event::kWithdrawalOpened:
      return event.withdrawal_opened().customer_word();
    case Event::kSurchargeMoved:
      return event.surcharge_moved().customer_word();
    default:
      return "";
  }
}

}  // namespace

std::string StaffWords(const Event& event) {
  // No text of the timeline speaks of a time: any zone does.
  std::string words = CustomerWords(event, {kStaffLanguage, "UTC"}).value_or("");
  if (words.empty()) words = InternalWords(event);
  absl::StrAppend(&words, GivenBackAtSource(event.order_created().imported_refund()));
  const std::string on_record = CustomersWord(event);
  if (!on_record.empty())
    absl::StrAppend(&words, " Operations did it on the customer's word, ", on_record, ".");
  // Couriers and the store's people tell such a word, too (DLV-05).
  const std::string& consent = event.third_person_allowed().word();
  if (!consent.empty()) absl::StrAppend(&words, " That word is on record: ", consent, ".");
  return words;
}

}  // namespace makegood::rules
