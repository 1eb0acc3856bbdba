#include "common/rules/payments/order_reactions.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/rules/payments/account.h"
#include "common/rules/payments/credit_note_rules.h"
#include "common/rules/payments/grants.h"
#include "common/rules/payments/payment_rules.h"
#include "common/rules/payments/surcharge_rules.h"
#include "common/rules/payments/way_surcharges.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using events::v1::Event;
using payments::v1::Account;
using payments::v1::Posting;
using payments::v1::RefundGrant;

Moment MomentOf(const Event& event) { return {ToTime(event.time()), event.imported()}; }

absl::Status OpenAccount(const Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::optional<Account> known, tx.Find<Account>(event.order_id()));
  if (known.has_value() && known->order_version() > 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(Account account,
                   known.has_value() ? absl::StatusOr<Account>(*known) : NewAccount(event, tx.policies()));
  const events::v1::OrderCreated& created = event.order_created();
  // What delivery costs less since then goes back by an event of its own (DLV-01).
  SetOriginalFee(created.delivery_fee(), account);
  if (created.imported_payment().amount_minor() > 0) {
    RETURN_IF_ERROR(TakeInImported(created.imported_payment(), event, account, tx));
  }
  if (created.has_imported_refund()) {
    RETURN_IF_ERROR(GiveBackAtSource(created.imported_refund(), account, MomentOf(event), tx));
  }
  tx.Put(account);
  return absl::OkStatus();
}

// What is kept is sold: the invoice of what the order keeps, and what merchant and marketplace owe each other
// (ORD-04). An order that came back may keep surcharges alone, which have invoices of their own.
absl::Status PostSale(Account::Stage becomes, bool paid_elsewhere, Account& account, const Moment& moment,
                      Transaction& tx) {
  EntryBuilder entry(account.currency());
  const Sale sale = Sell(account, paid_elsewhere, entry);
  std::string invoice;
  if (sale.invoiced_minor > 0 || becomes == Account::STAGE_DELIVERED) {
    ASSIGN_OR_RETURN(invoice, IssueDocument(account, base::v1::DOCUMENT_KIND_SALES_INVOICE,
                                            sale.invoiced_minor, "", moment, tx));
  }
  ASSIGN_OR_RETURN(const std::string claim, IssueDocument(account, base::v1::DOCUMENT_KIND_SETTLEMENT_CLAIM,
                                                          sale.merchants_minor, "", moment, tx));
  account.set_stage(becomes);
  return entry.Post(account, invoice.empty() ? claim : invoice, moment, tx);
}

absl::Status InvoiceDelivery(const Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(Account account, LoadAccount(event.order_id(), tx));
  if (HasEnded(account)) return absl::OkStatus();  // ORD-04: once, however often it is repeated
  const Moment moment = MomentOf(event);
  // ORD-13: a prepaid order whose past does not say that it was paid was paid elsewhere, or it had not been
  // opened.
  const bool paid_elsewhere =
      moment.imported || (account.imported() && account.payment_method() == base::v1::PAYMENT_METHOD_PREPAID);
  // PAY-02: what was met on its way back was delivered on the terms there were.
  RETURN_IF_ERROR(VoidWhatTheWayCost(account, moment, tx));
  RETURN_IF_ERROR(PayBackUnused(account, moment, tx));
  RETURN_IF_ERROR(PostSale(Account::STAGE_DELIVERED, paid_elsewhere, account, moment, tx));
  RETURN_IF_ERROR(PayBackCredit(account, moment, tx));
  tx.Put(account);
  return absl::OkStatus();
}

absl::Status GiveBack(base::v1::RefundReason reason, std::vector<Piece> pieces, Account& account,
                      const Moment& moment, Transaction& tx) {
  if (moment.imported) {
    for (const Piece& piece : pieces) {
      SoldItem& item = *FindItem(account, piece.kind, piece.item_id);
      item.set_given(item.given() + piece.units);
    }
    return GiveBackElsewhere(account, moment, tx);
  }
  NewGrant grant;
  grant.reason = reason;
  grant.pieces = std::move(pieces);
  return Grant(grant, account, moment, tx).status();
}

// Nothing more is sold: what was still open of surcharges ends, what was set aside is free again.
absl::Status EndOpen(Account& account, const Moment& moment, Transaction& tx) {
  RETURN_IF_ERROR(VoidOpenSurcharges(account, moment, tx));
  return GiveUpAllRests(account, moment, tx);
}

absl::Status CallOff(const Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(Account account, LoadAccount(event.order_id(), tx));
  if (HasEnded(account)) return absl::OkStatus();
  const Moment moment = MomentOf(event);
  RETURN_IF_ERROR(EndOpen(account, moment, tx));
  RETURN_IF_ERROR(
      GiveBack(base::v1::REFUND_REASON_CANCELLATION, AllThatIsLeft(account), account, moment, tx));
  account.set_stage(Account::STAGE_CANCELLED);
  RETURN_IF_ERROR(PayBackCredit(account, moment, tx));
  tx.Put(account);
  return absl::OkStatus();
}

// ORD-06: what stays with the merchant of an order that came back: the fee and what was used up, as the
// policy says, where it was paid. The fee of what the recipient refused, and of what could not be delivered
// and is not brought again, stays whatever it says (DLV-06, RFD-04).
bool IsKeptAtReturn(const Piece& piece, base::v1::ReturnCause cause, const Account& account,
                    const Policy& policy) {
  switch (piece.kind) {
    case SoldItem::KIND_DELIVERY_FEE: {
      const SoldItem& fee = *FindItem(account, piece.kind, piece.item_id);
      const bool less_fee =
          cause == base::v1::RETURN_CAUSE_REFUSED || cause == base::v1::RETURN_CAUSE_UNDELIVERED;
      return (less_fee || !policy.refunds().return_gives_delivery_fee()) &&
             HeldOn(account, Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT) >= WorthOf(fee, 1).gross;
    }
    case SoldItem::KIND_SURCHARGE:
      return IsForTheWay(FindItem(account, piece.kind, piece.item_id)->surcharge_kind()) &&
             !policy.refunds().return_gives_used_surcharges();
    default:
      return false;
  }
}

absl::Status TakeBack(const Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(Account account, LoadAccount(event.order_id(), tx));
  if (HasEnded(account)) return absl::OkStatus();
  const Moment moment = MomentOf(event);
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(account.policy()));
  RETURN_IF_ERROR(EndOpen(account, moment, tx));
  RETURN_IF_ERROR(PayBackUnused(account, moment, tx));
  std::vector<Piece> pieces = AllThatIsLeft(account);
  const base::v1::ReturnCause cause = event.order_returned().cause();
  pieces.erase(
      std::remove_if(pieces.begin(), pieces.end(),
                     [&](const Piece& piece) { return IsKeptAtReturn(piece, cause, account, *policy); }),
      pieces.end());
  RETURN_IF_ERROR(GiveBack(base::v1::REFUND_REASON_RETURN, std::move(pieces), account, moment, tx));
  if (KeptOrder(account).gross + KeptSurcharges(account).gross > 0) {
    RETURN_IF_ERROR(PostSale(Account::STAGE_RETURNED, moment.imported, account, moment, tx));
  }
  account.set_stage(Account::STAGE_RETURNED);
  RETURN_IF_ERROR(PayBackCredit(account, moment, tx));
  tx.Put(account);
  return absl::OkStatus();
}

// RFD-01: taken off before dispatch, by the order itself.
absl::Status TakeOff(const Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(Account account, LoadAccount(event.order_id(), tx));
  if (HasEnded(account)) return absl::OkStatus();
  const int64_t was_due = DueMinor(account);
  RETURN_IF_ERROR(GiveBack(event.units_taken_off().reason(), LinePieces(event.units_taken_off().units()),
                           account, MomentOf(event), tx));
  TellNothingDue(was_due, account, MomentOf(event), tx);
  tx.Put(account);
  return absl::OkStatus();
}

// AVL-03: something is sold instead of what cannot be had.
absl::Status AddSold(const Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(Account account, LoadAccount(event.order_id(), tx));
  const events::v1::OrderedLine& line = event.order_line_added().line();
  // It came with the order, where that was asked for first.
  if (HasEnded(account) || FindItem(account, SoldItem::KIND_LINE, line.line_id()) != nullptr) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(account.policy()));
  AddItem(line, *policy, account);
  tx.Put(account);
  return absl::OkStatus();
}

// DLV-01, RFD-04: delivery to the order's other address costs less.
absl::Status LowerFee(const Event& event, Transaction& tx) {
  const events::v1::AddressChanged& changed = event.address_changed();
  if (!changed.has_fee_given_back() && !changed.has_surcharges_given_back()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Account account, LoadAccount(event.order_id(), tx));
  if (HasEnded(account)) return absl::OkStatus();
  const Moment moment = MomentOf(event);
  const int64_t was_due = DueMinor(account);
  RETURN_IF_ERROR(
      PayBackFarther(changed.surcharges_given_back().amount_minor(), event.case_id(), account, moment, tx));
  const std::optional<Piece> piece = SplitOff(changed.fee_given_back().amount_minor(), event.case_id(),
                                              SoldItem::KIND_DELIVERY_FEE, "", account);
  if (piece.has_value()) {
    RETURN_IF_ERROR(GiveBack(base::v1::REFUND_REASON_DELIVERY_FEE, {*piece}, account, moment, tx));
    TellNothingDue(was_due, account, moment, tx);
  }
  tx.Put(account);
  return absl::OkStatus();
}

// ORD-06: it has gone out, for the first time or again.
absl::Status GoOut(const Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<Account> account, tx.Find<Account>(event.order_id()));
  if (account.has_value() && UseUp(ToTime(event.time()), *account)) tx.Put(*account);
  return absl::OkStatus();
}

// ORD-05: the delivery was a mistake, so no cash comes of it, nothing was sold, and no goods come back.
absl::Status Correct(const Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(Account account, LoadAccount(event.order_id(), tx));
  if (account.corrected()) return absl::OkStatus();
  account.set_corrected(true);
  const Moment moment = MomentOf(event);
  RETURN_IF_ERROR(NoCashComes(account, moment, tx));
  RETURN_IF_ERROR(EndOpen(account, moment, tx));
  NewGrant wanted;
  wanted.case_id = event.case_id();
  wanted.reason = base::v1::REFUND_REASON_CORRECTION;
  wanted.pieces = AllThatIsLeft(account);
  const std::string& number = event.correction_numbered().return_number();
  RETURN_IF_ERROR(RequestMissingNotes(number, account, moment, tx));
  ASSIGN_OR_RETURN(const std::optional<RefundGrant> grant, Grant(wanted, account, moment, tx));
  if (grant.has_value()) {
    RETURN_IF_ERROR(RequestNoteFor(*grant, number, account, moment, tx));
  } else {
    // Everything went back before: the merchant owes nothing for the correction.
    Event ended = EventOf(account, event.case_id(), moment);
    ended.mutable_recovery_ended();
    tx.Emit(std::move(ended));
  }
  tx.Put(account);
  return absl::OkStatus();
}

absl::Status TakeEffect(const Event& event, Transaction& tx) {
  switch (event.payload_case()) {
    case Event::kOrderCreated:
      return OpenAccount(event, tx);
    case Event::kOrderLineAdded:
      return AddSold(event, tx);
    case Event::kUnitsTakenOff:
      return TakeOff(event, tx);
    case Event::kAddressChanged:
      return LowerFee(event, tx);
    case Event::kOrderShipped:
    case Event::kCourierDispatched:
      return GoOut(event, tx);
    case Event::kAddressChangeAsked:
      return ProposeForAddress(event, tx);
    case Event::kOrderDelivered:
      return InvoiceDelivery(event, tx);
    case Event::kOrderReturned:
      return TakeBack(event, tx);
    case Event::kOrderCancelled:
      return CallOff(event, tx);
    case Event::kCorrectionNumbered:
      return Correct(event, tx);
    default:
      return absl::OkStatus();
  }
}

// SYS-13: all that led to that version of the order has arrived. What happened later may be of a lower one,
// where the orders service was restored from a copy; what happened before the last was parked, and is brought
// back.
absl::Status NoteOrderVersion(const Event& event, Transaction& tx) {
  if (event.order_version() == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::optional<Account> account, tx.Find<Account>(event.order_id()));
  if (!account.has_value()) return absl::OkStatus();
  const bool later = ToTime(event.time()) > ToTime(account->order_event_time());
  if (!later && event.order_version() <= account->order_version()) return absl::OkStatus();
  account->set_order_version(event.order_version());
  if (later) *account->mutable_order_event_time() = event.time();
  tx.Put(*account);
  return absl::OkStatus();
}

}  // namespace

absl::Status ReactToOrder(const Event& event, Transaction& tx) {
  RETURN_IF_ERROR(TakeEffect(event, tx));
  return NoteOrderVersion(event, tx);
}

}  // namespace makegood::rules
