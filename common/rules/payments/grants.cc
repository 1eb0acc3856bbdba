#include "common/rules/payments/grants.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/messages.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using base::v1::RefundReason;
using payments::v1::Account;
using payments::v1::GrantedItem;
using payments::v1::Posting;
using payments::v1::Refund;
using payments::v1::RefundGrant;

void Add(base::v1::Money& money, int64_t amount_minor) {
  money.set_amount_minor(money.amount_minor() + amount_minor);
}

// Ready and neither set off nor paid out yet.
int64_t Outstanding(const RefundGrant& grant) {
  return grant.ready().amount_minor() - grant.set_off().amount_minor() - grant.paid_out().amount_minor();
}

bool AwaitsGoods(const RefundGrant& grant) {
  return std::any_of(grant.items().begin(), grant.items().end(),
                     [](const GrantedItem& item) { return item.ready() < item.quantity(); });
}

RefundGrant MakeGrant(const NewGrant& wanted, const Account& account, const Moment& moment, Transaction& tx) {
  RefundGrant grant;
  grant.set_grant_id(tx.NewId("grant"));
  *grant.mutable_create_time() = ToTimestamp(moment.time);
  *grant.mutable_policy() = account.policy();
  grant.set_order_id(account.order_id());
  grant.set_merchant_id(account.merchant_id());
  grant.set_customer_id(account.customer_id());
  grant.set_case_id(wanted.case_id);
  grant.set_reason(wanted.reason);
  *grant.mutable_approve_time() = ToTimestamp(wanted.approve_time.value_or(moment.time));
  for (base::v1::Money* const money :
       {grant.mutable_amount(), grant.mutable_ready(), grant.mutable_set_off(), grant.mutable_paid_out(),
        grant.mutable_vat(), grant.mutable_commission(), grant.mutable_recovered()}) {
    money->set_currency(account.currency());
  }
  return grant;
}

// RFD-08: a unit goes back once.
absl::Status SetAside(const Piece& piece, Account& account, RefundGrant& grant) {
  SoldItem* const item = FindItem(account, piece.kind, piece.item_id);
  const int32_t free = item == nullptr ? 0 : FreeUnits(*item);
  if (piece.units > free || item == nullptr) {
    if (piece.kind == SoldItem::KIND_DELIVERY_FEE) {
      return Refusal("RFD-04", "the delivery fee is given back once");
    }
    return Refusal("RFD-08", absl::StrCat(piece.units, " of ", piece.item_id, " asked for, ", free,
                                          " sold and not given back yet"));
  }
  item->set_reserved(item->reserved() + piece.units);
  GrantedItem& granted = *grant.add_items();
  granted.set_kind(piece.kind);
  granted.set_item_id(piece.item_id);
  granted.set_quantity(piece.units);
  Add(*grant.mutable_amount(), item->unit_price().amount_minor() * piece.units);
  return absl::OkStatus();
}

// Units that were set aside are given: what those of lines and fee, and of surcharges, are worth.
struct Given {
  Worth order;
  int64_t surcharges = 0;
};
absl::StatusOr<Given> GivePieces(const std::vector<Piece>& pieces, RefundGrant& grant, Account& account) {
  Given given;
  for (const Piece& piece : pieces) {
    SoldItem* const item = FindItem(account, piece.kind, piece.item_id);
    const auto granted = std::find_if(
        grant.mutable_items()->begin(), grant.mutable_items()->end(),
        [&](const GrantedItem& one) { return one.kind() == piece.kind && one.item_id() == piece.item_id; });
    if (item == nullptr || granted == grant.mutable_items()->end() ||
        granted->ready() + piece.units > granted->quantity()) {
      return absl::InternalError("more is ready of a grant than was granted");
    }
    const Worth worth = WorthOfNext(*item, piece.units);
    item->set_reserved(item->reserved() - piece.units);
    item->set_given(item->given() + piece.units);
    granted->set_ready(granted->ready() + piece.units);
    if (piece.kind == SoldItem::KIND_SURCHARGE) {
      given.surcharges += worth.gross;
    } else {
      given.order += worth;
    }
  }
  return given;
}

// What was paid in advance beyond the price of what is kept.
int64_t BeyondPrice(const Account& account) {
  return std::max<int64_t>(
      0, HeldOn(account, Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT) - KeptOrder(account).gross);
}

// Before the sale the price falls, and what was paid beyond it goes back. After it the merchant owes it back:
// by paper, or taken off at once (RFD-05). What goes back is returned.
absl::StatusOr<int64_t> DebitGiven(const Given& given, RefundGrant& grant, Account& account,
                                   EntryBuilder& entry, const Transaction& tx) {
  if (account.stage() == Account::STAGE_OPEN) {
    const int64_t beyond = BeyondPrice(account);
    entry.Debit(Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT, beyond)
        .Debit(Posting::LEDGER_ACCOUNT_SURCHARGE_PREPAYMENT, given.surcharges);
    return beyond + given.surcharges;
  }
  const int64_t all = given.order.gross + given.surcharges;
  ASSIGN_OR_RETURN(const bool paper, TakesPaper(grant, tx));
  if (paper) {
    entry.Debit(Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY, all);
    if (all > 0 && grant.recovered().amount_minor() == 0) account.add_note_due_grant_ids(grant.grant_id());
    Add(*grant.mutable_recovered(), all);
    Add(*grant.mutable_vat(), given.order.vat);
    Add(*grant.mutable_commission(), given.order.commission);
  } else {
    entry.Debit(Posting::LEDGER_ACCOUNT_MERCHANT_PAYABLE, given.order.net_of_commission() + given.surcharges)
        .Debit(Posting::LEDGER_ACCOUNT_COMMISSION, given.order.commission)
        .Debit(Posting::LEDGER_ACCOUNT_VAT, given.order.vat);
  }
  return all;
}

Posting::LedgerAccount SourceOfFree(RefundReason reason) {
  if (reason == base::v1::REFUND_REASON_GOODWILL) return Posting::LEDGER_ACCOUNT_GOODWILL;
  if (reason == base::v1::REFUND_REASON_SURCHARGE) return Posting::LEDGER_ACCOUNT_SURCHARGE_PREPAYMENT;
  return Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT;
}

// CLM-04, KPI-06: what the policy asks of a refund, from the approval on; of one that had to wait, from when
// goods or cash came.
void SetDueTime(const RefundGrant& grant, const Policy& policy, const Moment& moment, Refund& refund) {
  const auto& targets = policy.claims().refund_target_hours();
  if (targets.empty()) return;
  const bool waited = grant.version() > 0 || grant.reason() == base::v1::REFUND_REASON_WITHDRAWAL;
  *refund.mutable_due_time() =
      ToTimestamp((waited ? moment.time : ToTime(grant.approve_time())) + absl::Hours(*targets.rbegin()));
}

// The intent is on disk, as PENDING, before anyone is asked (RFD-03).
absl::StatusOr<Refund> StartRefund(RefundGrant& grant, int64_t amount_minor, const Account& account,
                                   const Moment& moment, Transaction& tx) {
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(grant.policy()));
  Refund refund;
  refund.set_refund_id(tx.NewId("refund"));
  *refund.mutable_create_time() = ToTimestamp(moment.time);
  *refund.mutable_policy() = grant.policy();
  refund.set_order_id(grant.order_id());
  refund.set_merchant_id(grant.merchant_id());
  refund.set_customer_id(grant.customer_id());
  refund.set_grant_id(grant.grant_id());
  refund.set_case_id(grant.case_id());
  refund.set_reason(grant.reason());
  *refund.mutable_amount() = MakeMoney(amount_minor, account.currency());
  refund.set_state(Refund::STATE_PENDING);
  refund.set_attempts(1);
  SetDueTime(grant, *policy, moment, refund);
  tx.Put(refund);
  grant.add_refund_ids(refund.refund_id());
  grant.set_open_refunds(grant.open_refunds() + 1);
  EmitStarted(refund, account, moment, tx);
  return refund;
}

// What of it is set off against what the customer owes, if it goes on now (RFD-10).
int64_t SetOffNow(const RefundGrant& grant, const Account& account) {
  if (AwaitsCash(account) || !HasEnded(account)) return 0;
  return std::min(Outstanding(grant), BalanceOf(account, Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE));
}

// What is outstanding is set off and paid out, unless its cash is waited for. `fresh_minor` of it became
// ready in this entry. Posts the entry.
absl::Status MoveOn(RefundGrant& grant, int64_t fresh_minor, EntryBuilder& entry, Account& account,
                    const Moment& moment, Transaction& tx) {
  const int64_t outstanding = Outstanding(grant);
  std::string paper_of = grant.grant_id();
  int64_t on_paper = outstanding;
  if (AwaitsCash(account)) {
    entry.Credit(Posting::LEDGER_ACCOUNT_REFUNDS_GRANTED, fresh_minor);
  } else {
    const int64_t set_off = SetOffNow(grant, account);
    const int64_t paid_out = outstanding - set_off;
    entry.Debit(Posting::LEDGER_ACCOUNT_REFUNDS_GRANTED, outstanding - fresh_minor)
        .Credit(Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE, set_off);
    Add(*grant.mutable_set_off(), set_off);
    Add(*grant.mutable_paid_out(), paid_out);
    entry.Credit(Posting::LEDGER_ACCOUNT_REFUNDS_PAYABLE, paid_out);
    if (paid_out > 0) {
      ASSIGN_OR_RETURN(const Refund refund, StartRefund(grant, paid_out, account, moment, tx));
      paper_of = refund.refund_id();
      // What waited has its own paper already; this one is over what is paid of it.
      if (fresh_minor == 0) on_paper = paid_out;
    }
  }
  if (entry.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string note, IssueDocument(account, base::v1::DOCUMENT_KIND_REFUND_NOTE,
                                                         on_paper, paper_of, moment, tx));
  return entry.Post(account, note, moment, tx);
}

void EmitClosed(const RefundGrant& grant, const Account& account, const Moment& moment, Transaction& tx) {
  events::v1::Event event = EventOf(account, grant.case_id(), moment);
  events::v1::RefundGrantClosed& closed = *event.mutable_refund_grant_closed();
  closed.set_grant_id(grant.grant_id());
  closed.set_reason(grant.reason());
  *closed.mutable_given() = grant.ready();
  *closed.mutable_set_off() = grant.set_off();
  tx.Emit(std::move(event));
}

// Of a case that something else had given everything back for (RFD-09).
bool IsOverNothing(const RefundGrant& grant) {
  return grant.items().empty() && grant.reason() != base::v1::REFUND_REASON_GOODWILL;
}

// The state that follows from what has become of it; kept, and told where nothing more comes of it.
void PutGrant(RefundGrant& grant, Account& account, const Moment& moment, Transaction& tx) {
  const RefundGrant::State before = grant.state();
  const bool given = grant.ready().amount_minor() > 0;
  grant.set_state(AwaitsGoods(grant)              ? RefundGrant::STATE_AWAITING_GOODS
                  : Outstanding(grant) > 0        ? RefundGrant::STATE_AWAITING_CASH
                  : grant.open_refunds() > 0      ? RefundGrant::STATE_REFUNDING
                  : given || IsOverNothing(grant) ? RefundGrant::STATE_SETTLED
                                                  : RefundGrant::STATE_VOIDED);
  auto& waiting = *account.mutable_waiting_grant_ids();
  waiting.erase(std::remove(waiting.begin(), waiting.end(), grant.grant_id()), waiting.end());
  if (grant.state() == RefundGrant::STATE_AWAITING_GOODS ||
      grant.state() == RefundGrant::STATE_AWAITING_CASH) {
    *waiting.Add() = grant.grant_id();
  }
  tx.Put(grant);
  const bool over = grant.state() == RefundGrant::STATE_SETTLED || grant.state() == RefundGrant::STATE_VOIDED;
  if (over && grant.state() != before) EmitClosed(grant, account, moment, tx);
}

void EmitGranted(const RefundGrant& grant, const Account& account, const Moment& moment, Transaction& tx) {
  events::v1::Event event = EventOf(account, grant.case_id(), moment);
  events::v1::RefundGranted& granted = *event.mutable_refund_granted();
  granted.set_grant_id(grant.grant_id());
  *granted.mutable_amount() = grant.amount();
  granted.set_reason(grant.reason());
  granted.set_awaits_goods(AwaitsGoods(grant));
  granted.set_awaits_cash(AwaitsCash(account));
  *granted.mutable_returned() =
      MakeMoney(grant.amount().amount_minor() - SetOffNow(grant, account), account.currency());
  tx.Emit(std::move(event));
}

// The case remembers its grant (RFD-09).
void Remember(const RefundGrant& grant, Account& account) {
  if (grant.case_id().empty() || grant.reason() == base::v1::REFUND_REASON_SURCHARGE) return;
  payments::v1::CaseGrant& of_case = *account.add_case_grants();
  of_case.set_case_id(grant.case_id());
  of_case.set_grant_id(grant.grant_id());
}

// What of it is not ready is free again.
absl::Status GiveUp(GrantedItem& granted, RefundGrant& grant, Account& account) {
  SoldItem* const item = FindItem(account, granted.kind(), granted.item_id());
  if (item == nullptr) return absl::InternalError("a grant is over what was not sold");
  const int32_t rest = granted.quantity() - granted.ready();
  item->set_reserved(item->reserved() - rest);
  granted.set_quantity(granted.ready());
  Add(*grant.mutable_amount(), -item->unit_price().amount_minor() * rest);
  return absl::OkStatus();
}

bool IsWaitingGoodwill(const RefundGrant& grant) {
  return grant.reason() == base::v1::REFUND_REASON_GOODWILL && WaitsForCash(grant);
}

// What was posted when it was granted is taken back, under the same paper.
absl::Status VoidGoodwill(RefundGrant& grant, Account& account, const Moment& moment, Transaction& tx) {
  const int64_t all = Outstanding(grant);
  ASSIGN_OR_RETURN(const std::string note, IssueDocument(account, base::v1::DOCUMENT_KIND_REFUND_NOTE, all,
                                                         grant.grant_id(), moment, tx));
  RETURN_IF_ERROR(EntryBuilder(account.currency())
                      .Debit(Posting::LEDGER_ACCOUNT_REFUNDS_GRANTED, all)
                      .Credit(Posting::LEDGER_ACCOUNT_GOODWILL, all)
                      .Post(account, note, moment, tx));
  Add(*grant.mutable_amount(), -all);
  Add(*grant.mutable_ready(), -all);
  PutGrant(grant, account, moment, tx);
  return absl::OkStatus();
}

// Calls `step(grant)` for each grant that waits for something of which `waits(grant)` is true.
template <typename Waits, typename Step>
absl::Status ForWaiting(const Waits& waits, const Account& account, Transaction& tx, const Step& step) {
  const std::vector<std::string> ids(account.waiting_grant_ids().begin(), account.waiting_grant_ids().end());
  for (const std::string& id : ids) {
    ASSIGN_OR_RETURN(RefundGrant grant, tx.Get<RefundGrant>(id));
    if (waits(grant)) RETURN_IF_ERROR(step(grant));
  }
  return absl::OkStatus();
}

}  // namespace

void EmitStarted(const Refund& refund, const Account& account, const Moment& moment, Transaction& tx) {
  events::v1::Event event = EventOf(account, refund.case_id(), moment);
  events::v1::RefundStarted& started = *event.mutable_refund_started();
  started.set_refund_id(refund.refund_id());
  started.set_grant_id(refund.grant_id());
  *started.mutable_amount() = refund.amount();
  tx.Emit(std::move(event));
}

absl::StatusOr<bool> TakesPaper(const RefundGrant& grant, const Transaction& tx) {
  if (grant.reason() == base::v1::REFUND_REASON_CORRECTION) return true;
  if (grant.reason() != base::v1::REFUND_REASON_CLAIM &&
      grant.reason() != base::v1::REFUND_REASON_WITHDRAWAL) {
    return false;
  }
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(grant.policy()));
  return policy->credit_notes().for_cases();
}

absl::StatusOr<std::optional<RefundGrant>> Grant(const NewGrant& wanted, Account& account,
                                                 const Moment& moment, Transaction& tx) {
  RefundGrant grant = MakeGrant(wanted, account, moment, tx);
  for (const Piece& piece : wanted.pieces) RETURN_IF_ERROR(SetAside(piece, account, grant));
  EntryBuilder entry(account.currency());
  ASSIGN_OR_RETURN(const Given given,
                   GivePieces(wanted.await_goods ? wanted.ready : wanted.pieces, grant, account));
  ASSIGN_OR_RETURN(int64_t fresh, DebitGiven(given, grant, account, entry, tx));
  entry.Debit(SourceOfFree(wanted.reason), wanted.free_minor);
  fresh += wanted.free_minor;
  grant.mutable_ready()->set_amount_minor(fresh);
  if (!wanted.await_goods) {
    grant.mutable_amount()->set_amount_minor(fresh);
    if (fresh == 0) return std::nullopt;
  }
  Remember(grant, account);
  EmitGranted(grant, account, moment, tx);
  RETURN_IF_ERROR(MoveOn(grant, fresh, entry, account, moment, tx));
  PutGrant(grant, account, moment, tx);
  return grant;
}

absl::Status Widen(RefundGrant& grant, const std::vector<Piece>& pieces, Account& account,
                   const Moment& moment, Transaction& tx) {
  if (pieces.empty()) return absl::OkStatus();
  for (const Piece& piece : pieces) RETURN_IF_ERROR(SetAside(piece, account, grant));
  PutGrant(grant, account, moment, tx);
  return absl::OkStatus();
}

absl::Status Advance(RefundGrant& grant, const std::vector<Piece>& pieces, Account& account,
                     const Moment& moment, Transaction& tx) {
  EntryBuilder entry(account.currency());
  ASSIGN_OR_RETURN(const Given given, GivePieces(pieces, grant, account));
  ASSIGN_OR_RETURN(const int64_t fresh, DebitGiven(given, grant, account, entry, tx));
  Add(*grant.mutable_ready(), fresh);
  RETURN_IF_ERROR(MoveOn(grant, fresh, entry, account, moment, tx));
  PutGrant(grant, account, moment, tx);
  return absl::OkStatus();
}

absl::Status GiveUpRest(RefundGrant& grant, Account& account, const Moment& moment, Transaction& tx) {
  if (!AwaitsGoods(grant)) return absl::OkStatus();
  for (GrantedItem& granted : *grant.mutable_items()) RETURN_IF_ERROR(GiveUp(granted, grant, account));
  PutGrant(grant, account, moment, tx);
  return absl::OkStatus();
}

absl::Status GiveUpWhole(RefundGrant& grant, Account& account, const Moment& moment, Transaction& tx) {
  bool any = false;
  for (GrantedItem& granted : *grant.mutable_items()) {
    if (granted.kind() == SoldItem::KIND_LINE || granted.ready() == granted.quantity()) continue;
    RETURN_IF_ERROR(GiveUp(granted, grant, account));
    any = true;
  }
  if (any) PutGrant(grant, account, moment, tx);
  return absl::OkStatus();
}

void CountSettled(RefundGrant& grant, Account& account, const Moment& moment, Transaction& tx) {
  grant.set_open_refunds(grant.open_refunds() - 1);
  PutGrant(grant, account, moment, tx);
}

bool WaitsForCash(const RefundGrant& grant) { return Outstanding(grant) > 0; }

absl::Status CashIsKnown(Account& account, const Moment& moment, Transaction& tx) {
  account.set_cash_known(true);
  return ForWaiting(WaitsForCash, account, tx,
                    [&](RefundGrant& grant) { return Advance(grant, {}, account, moment, tx); });
}

absl::Status NoCashComes(Account& account, const Moment& moment, Transaction& tx) {
  RETURN_IF_ERROR(ForWaiting(IsWaitingGoodwill, account, tx,
                             [&](RefundGrant& grant) { return VoidGoodwill(grant, account, moment, tx); }));
  return CashIsKnown(account, moment, tx);
}

absl::Status GiveUpAllRests(Account& account, const Moment& moment, Transaction& tx) {
  return ForWaiting(AwaitsGoods, account, tx,
                    [&](RefundGrant& grant) { return GiveUpRest(grant, account, moment, tx); });
}

absl::Status GiveBackElsewhere(Account& account, const Moment& moment, Transaction& tx) {
  const int64_t beyond = BeyondPrice(account);
  const int64_t credit = HeldOn(account, Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT);
  if (beyond + credit == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string note, IssueDocument(account, base::v1::DOCUMENT_KIND_REFUND_NOTE,
                                                         beyond + credit, "", moment, tx));
  return EntryBuilder(account.currency())
      .Debit(Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT, beyond)
      .Debit(Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT, credit)
      .Credit(Posting::LEDGER_ACCOUNT_KNOWN_ELSEWHERE, beyond + credit)
      .Post(account, note, moment, tx);
}

absl::Status GiveBackAtSource(const events::v1::ImportedRefund& told, Account& account, const Moment& moment,
                              Transaction& tx) {
  constexpr char kSource[] = "source";
  ASSIGN_OR_RETURN(const bool known, IsIssued(account, base::v1::DOCUMENT_KIND_REFUND_NOTE, kSource, tx));
  if (known) return absl::OkStatus();
  std::vector<Piece> pieces = LinePieces(told.units());
  if (told.delivery_fee()) pieces.push_back({SoldItem::KIND_DELIVERY_FEE, "", 1});
  for (const Piece& piece : pieces) {
    SoldItem* const item = FindItem(account, piece.kind, piece.item_id);
    if (item == nullptr) return absl::InternalError("what was not sold is given back");
    item->set_given(piece.units);
  }
  const int64_t beyond = BeyondPrice(account);
  const int64_t freely = told.goodwill().amount_minor();
  const int64_t too_much = told.over_payment().amount_minor();
  const int64_t all = beyond + freely + too_much;
  if (all == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string note,
                   IssueDocument(account, base::v1::DOCUMENT_KIND_REFUND_NOTE, all, kSource, moment, tx));
  return EntryBuilder(account.currency())
      .Debit(Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT, beyond)
      .Debit(Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT, too_much)
      .Debit(Posting::LEDGER_ACCOUNT_GOODWILL, freely)
      .Credit(Posting::LEDGER_ACCOUNT_KNOWN_ELSEWHERE, all)
      .Post(account, note, moment, tx);
}

absl::Status PayBackCredit(Account& account, const Moment& moment, Transaction& tx) {
  const int64_t credit = HeldOn(account, Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT);
  if (credit == 0 || !HasEnded(account)) return absl::OkStatus();
  if (moment.imported) return GiveBackElsewhere(account, moment, tx);
  NewGrant grant;
  grant.reason = base::v1::REFUND_REASON_OVER_PAYMENT;
  grant.free_minor = credit;
  return Grant(grant, account, moment, tx).status();
}

absl::StatusOr<std::optional<RefundGrant>> GrantOfCase(const Account& account, absl::string_view case_id,
                                                       Transaction& tx) {
  for (const payments::v1::CaseGrant& known : account.case_grants()) {
    if (known.case_id() == case_id) return tx.Find<RefundGrant>(known.grant_id());
  }
  return std::nullopt;
}

}  // namespace makegood::rules
