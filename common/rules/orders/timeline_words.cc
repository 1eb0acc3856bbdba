// The timeline in a customer's words (ORD-10): one short sentence an event, in English, without
// names, rules or internals. What has no sentence is not shown to customers.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/money.h"
#include "common/rules/orders/timeline_rules.h"

namespace makegood::rules {
namespace {

using base::v1::Money;
using events::v1::DocumentIssued;
using events::v1::Event;

std::string Amount(const Money& money) { return FormatMoney(money.amount_minor(), money.currency()); }

std::string Created(const events::v1::OrderCreated& fact) {
  return absl::StrCat("We received your order over ", Amount(fact.total()), ".");
}

std::string Shipped(const events::v1::OrderShipped& fact) {
  if (fact.tracking_number().empty()) return "Your parcel is with the carrier.";
  return absl::StrCat("Your parcel is with the carrier, tracking number ", fact.tracking_number(), ".");
}

std::string Cancelled(const events::v1::OrderCancelled& fact) {
  switch (fact.reason()) {
    case base::v1::CANCEL_REASON_UNAVAILABLE:
      return "Your order was cancelled: the goods are not available.";
    case base::v1::CANCEL_REASON_CUSTOMER_REQUEST:
      return "Your order was cancelled at your request.";
    case base::v1::CANCEL_REASON_UNPAID:
      return "Your order was cancelled: the payment did not come in.";
    case base::v1::CANCEL_REASON_UNDELIVERABLE:
      return "Your order was cancelled: it cannot be delivered to the address.";
    default:
      return "Your order was cancelled.";
  }
}

std::string Returned(const events::v1::OrderReturned& fact) {
  switch (fact.cause()) {
    case base::v1::RETURN_CAUSE_UNCOLLECTED:
      return "Your parcel went back to the seller: it was not collected.";
    case base::v1::RETURN_CAUSE_REFUSED:
      return "Your parcel went back to the seller: it was refused.";
    default:
      return "Your parcel went back to the seller.";
  }
}

// A surcharge's hold has no words of its own: the surcharge tells of itself, once it may (PAY-02).
std::string Held(base::v1::HoldName hold) {
  switch (hold) {
    case base::v1::HOLD_NAME_AWAITING_PAYMENT:
      return "Your order waits for your payment.";
    case base::v1::HOLD_NAME_ADDRESS_UNCONFIRMED:
      return "Your order waits until the address is confirmed.";
    case base::v1::HOLD_NAME_STOCK_SHORTAGE:
      return "Your order waits for goods that are missing.";
    case base::v1::HOLD_NAME_STORE_HIDDEN:
      return "Your order waits: the store is closed for now.";
    case base::v1::HOLD_NAME_UNDER_INCIDENT:
      return "Your order waits while we look into a problem.";
    default:
      return "";
  }
}

absl::string_view ClaimWord(base::v1::ClaimKind kind) {
  switch (kind) {
    case base::v1::CLAIM_KIND_MISSING:
      return "missing goods";
    case base::v1::CLAIM_KIND_WRONG:
      return "wrong goods";
    case base::v1::CLAIM_KIND_DAMAGED:
      return "damaged goods";
    default:
      return "your order";
  }
}

std::string ClaimOpened(const events::v1::ClaimOpened& fact) {
  return absl::StrCat("We received your claim about ", ClaimWord(fact.kind()),
                      fact.awaits_evidence() ? ". Please send us photos or a video." : ".");
}

std::string WindowSettled(const events::v1::ClaimWindowSettled& fact) {
  if (!fact.moved() || !fact.announced()) return "";
  return "The dates for our decision about your claim have moved: public holidays were announced.";
}

std::string Chosen(base::v1::ResolutionKind resolution) {
  switch (resolution) {
    case base::v1::RESOLUTION_KIND_RESHIP:
      return "You chose to have the missing goods sent.";
    case base::v1::RESOLUTION_KIND_REISSUE:
      return "You chose to have the goods replaced.";
    case base::v1::RESOLUTION_KIND_REFUND:
      return "You chose to have your money back.";
    default:
      return "You chose how we make it good.";
  }
}

std::string Reshipped(const events::v1::GoodsReshipped& fact) {
  if (fact.tracking_number().empty()) return "The goods were sent to you again.";
  return absl::StrCat("The goods were sent to you again, tracking number ", fact.tracking_number(), ".");
}

std::string Withdrawn(const events::v1::WithdrawalOpened& fact) {
  return absl::StrCat("We received your withdrawal. You get ", Amount(fact.amount()),
                      " once the goods are back.");
}

std::string Paid(const events::v1::PaymentRecorded& fact) {
  if (!fact.accepted()) return "";
  return absl::StrCat("We received your payment of ", Amount(fact.amount()), ".");
}

// RFD-09: what a refund waits for.
const char* Waits(const events::v1::RefundGranted& fact) {
  if (fact.awaits_goods() && fact.awaits_cash()) {
    return "; it is paid once the goods are back and your payment to the courier has reached us.";
  }
  if (fact.awaits_goods()) return "; it is paid once the goods are back.";
  return fact.awaits_cash() ? "; it is paid once your payment to the courier has reached us." : ".";
}

// RFD-10: what is set off does not go back.
std::string Granted(const events::v1::RefundGranted& fact) {
  if (fact.amount().amount_minor() == 0) return "";  // a correction had given it back
  const base::v1::Money& returned = fact.has_returned() ? fact.returned() : fact.amount();
  base::v1::Money set_off = fact.amount();
  set_off.set_amount_minor(set_off.amount_minor() - returned.amount_minor());
  std::string words;
  if (returned.amount_minor() > 0) {
    words = absl::StrCat("A refund of ", Amount(returned), " was granted", Waits(fact));
  }
  if (set_off.amount_minor() > 0) {
    absl::StrAppend(&words, words.empty() ? "" : " ", "You still owed ", Amount(set_off),
                    ", which is not asked for any more.");
  }
  return words;
}

std::string WithoutUnits(const events::v1::UnitsTakenOff& fact) {
  return absl::StrCat("What you did not want any more was taken off your order, which now costs ",
                      Amount(fact.total()), ".");
}

std::string IssuedDocument(const DocumentIssued& fact) {
  switch (fact.kind()) {
    case base::v1::DOCUMENT_KIND_SALES_INVOICE:
      return absl::StrCat("Your invoice over ", Amount(fact.amount()), " is ready.");
    case base::v1::DOCUMENT_KIND_SURCHARGE_INVOICE:
      return absl::StrCat("Your invoice for the extra charge of ", Amount(fact.amount()), " is ready.");
    default:
      return "";
  }
}

std::string Surcharge(const events::v1::SurchargeMoved& fact) {
  if (!fact.visible()) return "";
  const std::string charge = absl::StrCat("an extra charge of ", Amount(fact.amount()));
  switch (fact.state()) {
    case base::v1::SURCHARGE_STATE_PROPOSED:
      return absl::StrCat("We ask you to agree to ", charge, ".");
    case base::v1::SURCHARGE_STATE_APPROVED:
      return absl::StrCat("You agreed to ", charge, ".");
    case base::v1::SURCHARGE_STATE_ISSUED:
      return fact.passing() ? "" : absl::StrCat("Please pay ", charge, ".");
    case base::v1::SURCHARGE_STATE_PAID:
      return absl::StrCat("You paid ", charge, ".");
    case base::v1::SURCHARGE_STATE_DECLINED:
      return absl::StrCat("You declined ", charge, ".");
    default:
      return absl::StrCat("You no longer owe ", charge, ".");
  }
}

}  // namespace

std::string CustomerWords(const Event& event) {
  switch (event.payload_case()) {
    case Event::kOrderCreated:
      return Created(event.order_created());
    case Event::kOrderOpened:
      return "Your order was passed on to the seller.";
    case Event::kOrderShippingStarted:
      return "The seller is preparing your order.";
    case Event::kOrderShipped:
      return Shipped(event.order_shipped());
    case Event::kOrderDelivered:
      return "Your order was delivered.";
    case Event::kOrderReturned:
      return Returned(event.order_returned());
    case Event::kOrderCancelled:
      return Cancelled(event.order_cancelled());
    case Event::kUnitsTakenOff:
      return WithoutUnits(event.units_taken_off());
    case Event::kHoldPlaced:
      return Held(event.hold_placed().hold());
    case Event::kCorrectionReported:
      return "The seller reported that your order was not delivered after all.";
    case Event::kContactChanged:
      return "Contact details were changed.";
    case Event::kPersonalDataErased:
      return "Personal data were erased.";
    case Event::kClaimOpened:
      return ClaimOpened(event.claim_opened());
    case Event::kEvidenceAdded:
      return "We received a photo or video for your claim.";
    case Event::kClaimSubmitted:
      return "Your claim is complete, and we are looking into it.";
    case Event::kClaimWindowSettled:
      return WindowSettled(event.claim_window_settled());
    case Event::kClaimApproved:
      return "Your claim was approved.";
    case Event::kClaimRejected:
      return event.claim_rejected().final() ? "Your claim was rejected."
                                            : "Your claim was rejected. You may ask for a second look.";
    case Event::kRejectionClosed:
      return "Your claim stays rejected: the time to ask for a second look has passed.";
    case Event::kClaimAppealed:
      return "We are taking a second look at your claim.";
    case Event::kClaimRetracted:
      return "You took your claim back.";
    case Event::kClaimLapsed:
      return "Your claim was closed: no photo or video came in.";
    case Event::kClaimOverdue:
      return "Your claim is taking longer than promised. Support has been told.";
    case Event::kResolutionChosen:
      return Chosen(event.resolution_chosen().resolution());
    case Event::kGoodsReshipped:
      return Reshipped(event.goods_reshipped());
    case Event::kClaimResolved:
      return "Your claim was made good.";
    case Event::kWithdrawalOpened:
      return Withdrawn(event.withdrawal_opened());
    case Event::kWithdrawalGoodsReturned:
      return event.withdrawal_goods_returned().complete() ? "The goods you sent back have arrived."
                                                          : "Some of the goods you sent back have arrived.";
    case Event::kWithdrawalClosed:
      return event.withdrawal_closed().units_returned() == 0
                 ? "Your withdrawal was closed: no goods came back."
                 : "Your withdrawal is over: what came back is paid, the rest stays yours.";
    case Event::kWithdrawalSettled:
      return "Your withdrawal is paid back.";
    case Event::kResolutionOverdue:
      return "Making your claim good is taking longer than promised. Support has been told.";
    case Event::kPaymentRecorded:
      return Paid(event.payment_recorded());
    case Event::kRefundGranted:
      return Granted(event.refund_granted());
    case Event::kRefundStarted:
      return absl::StrCat("Your refund of ", Amount(event.refund_started().amount()), " is on its way.");
    case Event::kRefundSettled:
      return absl::StrCat("Your refund of ", Amount(event.refund_settled().amount()), " was paid.");
    case Event::kDocumentIssued:
      return IssuedDocument(event.document_issued());
    case Event::kSurchargeMoved:
      return Surcharge(event.surcharge_moved());
    case Event::kChatPosted:
      return "There is a new message in your order's chat.";
    default:
      return "";
  }
}

}  // namespace makegood::rules
