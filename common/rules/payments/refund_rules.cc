#include "common/rules/payments/refund_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/enum_word.h"
#include "common/base/money.h"
#include "common/base/status.h"
#include "common/rules/messages.h"
#include "common/rules/payments/credit_note_rules.h"
#include "common/rules/payments/grants.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using base::v1::Actor;
using base::v1::RefundReason;
using payments::v1::Account;
using payments::v1::GrantRefundRequest;
using payments::v1::Posting;
using payments::v1::Refund;
using payments::v1::RefundGrant;

// ---- Guards.

absl::Status CheckNotSettled(const Refund& refund) {
  if (refund.state() != Refund::STATE_SETTLED) return absl::OkStatus();
  return Refusal("RFD-03", "the refund is settled, which is final");
}

absl::Status CheckFailed(const Refund& refund) {
  if (refund.state() == Refund::STATE_FAILED) return absl::OkStatus();
  return Refusal("RFD-03",
                 absl::StrCat("only a failed refund is tried again; this one is ", EnumWord(refund.state())));
}

absl::Status CheckPending(const Refund& refund) {
  if (refund.state() == Refund::STATE_PENDING) return absl::OkStatus();
  return Refusal("RFD-03",
                 absl::StrCat("only a pending refund can fail; this one is ", EnumWord(refund.state())));
}

absl::Status CheckAwaitsCash(const RefundGrant& grant) {
  if (WaitsForCash(grant)) return absl::OkStatus();
  return Refusal("RFD-09", "the grant does not wait for cash");
}

// RFD-02: how much may still be given freely: of the policy's share, and of what was paid and is not given
// back.
struct Goodwill {
  int64_t of_share = 0;
  int64_t of_captured = 0;

  int64_t left() const { return std::max<int64_t>(0, std::min(of_share, of_captured)); }
};
Goodwill GoodwillOf(const Account& account, const Policy& policy) {
  return {ApplyRate(OrderTotal(account), policy.refunds().goodwill_cap_basis_points()) -
              BalanceOf(account, Posting::LEDGER_ACCOUNT_GOODWILL),
          LeftOfCaptured(account)};
}

absl::Status CheckGoodwill(int64_t amount_minor, const Account& account, const Policy& policy) {
  const Goodwill goodwill = GoodwillOf(account, policy);
  if (amount_minor <= goodwill.left()) return absl::OkStatus();
  return Refusal("RFD-02", absl::StrCat(FormatMoney(amount_minor, account.currency()), " is more than the ",
                                        FormatMoney(goodwill.left(), account.currency()), " left of ",
                                        goodwill.of_captured < goodwill.of_share
                                            ? "what was paid for the order and is not given back"
                                            : "goodwill"));
}

// RFD-02: before the sale a piece gives back what was paid beyond the price without it, which may be nothing.
bool GivesSomething(const Piece& piece, const Account& account) {
  if (piece.kind == SoldItem::KIND_LINE) return false;  // never by hand
  const int64_t worth = WorthOfNext(*FindItem(account, piece.kind, piece.item_id), piece.units).gross;
  if (piece.kind == SoldItem::KIND_SURCHARGE || HasEnded(account)) return worth > 0;
  return HeldOn(account, Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT) > KeptOrder(account).gross - worth;
}

// Something is left that can be granted by hand: fee, a paid surcharge, an over-payment, goodwill.
absl::Status MayGrant(const Asked<Account>& asked) {
  ASSIGN_OR_RETURN(const Policy* const policy, asked.policy());
  const std::vector<Piece> left = AllThatIsLeft(asked.record);
  const bool pieces = std::any_of(left.begin(), left.end(),
                                  [&](const Piece& piece) { return GivesSomething(piece, asked.record); });
  if (pieces || HeldOn(asked.record, Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT) > 0 ||
      GoodwillOf(asked.record, *policy).left() > 0) {
    return absl::OkStatus();
  }
  return Refusal("RFD-02", "nothing is left to give back by hand: units go back by a claim or a withdrawal");
}

absl::Status Always(const Asked<Account>&) { return absl::OkStatus(); }

const Action<RefundGrant> kReleaseRefundGrant{MethodOf<payments::v1::ReleaseRefundGrantRequest>,
                                              ByRecord<CheckAwaitsCash>::Guard};
const Action<Refund> kSettleRefund{MethodOf<payments::v1::SettleRefundRequest>,
                                   ByRecord<CheckNotSettled>::Guard};
const Action<Refund> kFailRefund{MethodOf<payments::v1::FailRefundRequest>, ByRecord<CheckPending>::Guard};
const Action<Refund> kRetryRefund{MethodOf<payments::v1::RetryRefundRequest>, ByRecord<CheckFailed>::Guard};

// ---- What a request may name, by its reason.

bool IsOfCase(RefundReason reason) {
  return reason == base::v1::REFUND_REASON_CLAIM || reason == base::v1::REFUND_REASON_WITHDRAWAL;
}

absl::Status CheckFields(const GrantRefundRequest& request, absl::string_view currency) {
  std::vector<FieldViolation> violations;
  const auto belongs = [&](const char* field, bool there, bool wanted) {
    if (there == wanted) return;
    violations.push_back(
        {field, absl::StrCat(there ? "does not go with the reason " : "is needed with the reason ",
                             EnumWord(request.reason()))});
  };
  belongs("case_id", !request.case_id().empty(), IsOfCase(request.reason()));
  belongs("surcharge_id", !request.surcharge_id().empty(),
          request.reason() == base::v1::REFUND_REASON_SURCHARGE);
  const bool goodwill = request.reason() == base::v1::REFUND_REASON_GOODWILL;
  belongs("goodwill", request.has_goodwill(), goodwill);
  if (goodwill && request.has_goodwill()) {
    if (request.goodwill().amount_minor() <= 0) {
      violations.push_back({"goodwill.amount_minor", "is 0, want more"});
    }
    if (request.goodwill().currency() != currency) {
      violations.push_back({"goodwill.currency", absl::StrCat("is not the order's, ", currency)});
    }
  }
  return violations.empty() ? absl::OkStatus() : InvalidFields(violations);
}

// What a grant by hand gives back. Amounts are the order's own (RFD-08).
absl::StatusOr<NewGrant> WantedByHand(const GrantRefundRequest& request, const Account& account,
                                      const Policy& policy) {
  NewGrant wanted;
  wanted.reason = request.reason();
  switch (request.reason()) {
    case base::v1::REFUND_REASON_DELIVERY_FEE:
      wanted.pieces = {{SoldItem::KIND_DELIVERY_FEE, "", 1}};
      return wanted;
    case base::v1::REFUND_REASON_SURCHARGE:
      wanted.case_id = request.surcharge_id();
      wanted.pieces = {{SoldItem::KIND_SURCHARGE, request.surcharge_id(), 1}};
      return wanted;
    case base::v1::REFUND_REASON_OVER_PAYMENT:
      wanted.free_minor = HeldOn(account, Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT);
      if (wanted.free_minor > 0) return wanted;
      return Refusal("RFD-02", "nothing was paid beyond what was asked");
    case base::v1::REFUND_REASON_GOODWILL:
      wanted.free_minor = request.goodwill().amount_minor();
      RETURN_IF_ERROR(CheckGoodwill(wanted.free_minor, account, policy));
      return wanted;
    default:
      return Refusal("RFD-08", absl::StrCat("money goes back for ", EnumWord(request.reason()),
                                            " by the order's own decision, never by hand"));
  }
}

// ---- Of a case.

// How many of the granted units of an item wait for no goods.
int32_t ReadyOf(const CaseFacts& facts, SoldItem::Kind kind, absl::string_view item_id, int32_t granted) {
  if (kind != SoldItem::KIND_LINE) return facts.whole_order_ready ? granted : 0;
  for (const Piece& piece : facts.ready) {
    if (piece.item_id == item_id) return std::min(piece.units, granted);
  }
  return 0;
}

// What is granted and has become ready. Goods that come although the grant has given them up, as to a
// correction, were given back by what it gave way to.
std::vector<Piece> NewlyReady(const CaseFacts& facts, const RefundGrant& grant) {
  std::vector<Piece> fresh;
  for (const payments::v1::GrantedItem& item : grant.items()) {
    const int32_t units = ReadyOf(facts, item.kind(), item.item_id(), item.quantity()) - item.ready();
    if (units > 0) fresh.push_back({item.kind(), item.item_id(), units});
  }
  return fresh;
}

absl::Status CheckCase(const GrantRefundRequest& request, const CaseFacts& facts) {
  if (facts.order_id != request.order_id()) return InvalidFields({{"case_id", "is of another order"}});
  if (facts.reason != request.reason()) {
    return InvalidFields({{"reason", absl::StrCat("is not the case's, ", EnumWord(facts.reason))}});
  }
  if (!facts.asks) return Refusal("RFD-09", "the case has not come to where its money goes back");
  return absl::OkStatus();
}

// CLM-08: of the whole order, what goes back with that and neither did nor is set aside by another way.
std::vector<Piece> LeftOfWhole(const CaseFacts& facts, const Account& account) {
  std::vector<Piece> pieces;
  if (!facts.whole_order || account.corrected()) return pieces;
  for (const Piece& piece : AllThatIsLeft(account)) {
    if (GoesWithWholeOrder(*FindItem(account, piece.kind, piece.item_id))) pieces.push_back(piece);
  }
  return pieces;
}

// The case's first asking. To a correction it has given way: its grant is over nothing, and ends at once.
absl::StatusOr<std::optional<RefundGrant>> GrantToCase(const CaseFacts& facts, Account& account,
                                                       const Moment& moment, Transaction& tx) {
  NewGrant wanted;
  wanted.case_id = facts.case_id;
  wanted.reason = facts.reason;
  wanted.await_goods = account.corrected() || facts.reason == base::v1::REFUND_REASON_WITHDRAWAL;
  wanted.pieces = LeftOfWhole(facts, account);
  if (!account.corrected()) {
    wanted.pieces.insert(wanted.pieces.begin(), facts.granted.begin(), facts.granted.end());
  }
  for (const Piece& piece : wanted.pieces) {
    const int32_t units = ReadyOf(facts, piece.kind, piece.item_id, piece.units);
    if (units > 0) wanted.ready.push_back({piece.kind, piece.item_id, units});
  }
  wanted.approve_time = facts.approve_time;
  return Grant(wanted, account, moment, tx);
}

// RFD-09: one grant, which follows its case.
absl::StatusOr<RefundGrant> FollowCase(const CaseFacts& facts, Account& account, Transaction& tx) {
  const Moment moment = Present(tx);
  ASSIGN_OR_RETURN(std::optional<RefundGrant> grant, GrantOfCase(account, facts.case_id, tx));
  if (!grant.has_value()) {
    ASSIGN_OR_RETURN(grant, GrantToCase(facts, account, moment, tx));
    if (!grant.has_value()) return Refusal("RFD-08", "nothing was paid for these units");
  }
  // What has come free, or was paid, since it was granted.
  if (grant->state() == RefundGrant::STATE_AWAITING_GOODS) {
    RETURN_IF_ERROR(Widen(*grant, LeftOfWhole(facts, account), account, moment, tx));
  }
  const std::vector<Piece> fresh = NewlyReady(facts, *grant);
  if (!fresh.empty()) RETURN_IF_ERROR(Advance(*grant, fresh, account, moment, tx));
  if (!facts.whole_order) RETURN_IF_ERROR(GiveUpWhole(*grant, account, moment, tx));
  if (facts.over) RETURN_IF_ERROR(GiveUpRest(*grant, account, moment, tx));
  // A correction has asked for it under its own number.
  if (!account.corrected()) {
    RETURN_IF_ERROR(RequestNoteFor(*grant, facts.return_number, account, moment, tx));
  }
  return *std::move(grant);
}

// ---- Of a refund.

base::v1::SlaOutcome InTime(const Refund& refund) {
  if (!refund.has_due_time()) return base::v1::SLA_OUTCOME_UNSPECIFIED;
  return ToTime(refund.settled_time()) <= ToTime(refund.due_time()) ? base::v1::SLA_OUTCOME_MET
                                                                    : base::v1::SLA_OUTCOME_MISSED;
}

void EmitSettled(const Refund& refund, const RefundGrant& grant, const Account& account, Transaction& tx) {
  events::v1::Event event = EventOf(account, refund.case_id(), Present(tx));
  events::v1::RefundSettled& settled = *event.mutable_refund_settled();
  settled.set_refund_id(refund.refund_id());
  settled.set_grant_id(grant.grant_id());
  *settled.mutable_amount() = refund.amount();
  settled.set_reason(refund.reason());
  *settled.mutable_granted_time() = grant.approve_time();
  settled.set_outcome(InTime(refund));
  tx.Emit(std::move(event));
}

absl::Status PostSettled(const Refund& refund, Account& account, Transaction& tx) {
  const int64_t amount = refund.amount().amount_minor();
  ASSIGN_OR_RETURN(const std::string note, IssueDocument(account, base::v1::DOCUMENT_KIND_REFUND_NOTE, amount,
                                                         refund.refund_id(), Present(tx), tx));
  return EntryBuilder(account.currency())
      .Debit(Posting::LEDGER_ACCOUNT_REFUNDS_PAYABLE, amount)
      .Credit(Posting::LEDGER_ACCOUNT_CLEARING, amount)
      .Post(account, note, Present(tx), tx);
}

// What the merchant earns and owes is not the customer's to see (ROL-11).
bool IsCustomersSide(const Actor& actor) { return actor.role() == base::v1::ROLE_CUSTOMER; }

void HideMerchantsSide(Account& account) {
  auto& balances = *account.mutable_balances();
  balances.erase(std::remove_if(balances.begin(), balances.end(),
                                [](const Posting& balance) {
                                  return balance.account() == Posting::LEDGER_ACCOUNT_MERCHANT_PAYABLE ||
                                         balance.account() == Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY ||
                                         balance.account() == Posting::LEDGER_ACCOUNT_COMMISSION;
                                }),
                 balances.end());
  for (payments::v1::SoldItem& item : *account.mutable_items()) item.clear_commission_basis_points();
  account.clear_note_due_grant_ids();
}

}  // namespace

const Action<Account> kRecordPayment{MethodOf<payments::v1::RecordPaymentRequest>, Always};
const Action<Account> kGrantRefund{MethodOf<payments::v1::GrantRefundRequest>, MayGrant};

absl::StatusOr<RefundGrant> GrantRefund(const GrantRefundRequest& request, const RefundFacts& facts,
                                        Transaction& tx) {
  if (request.reason() == base::v1::REFUND_REASON_UNSPECIFIED) {
    return Refusal("RFD-01", "a refund needs a reason");
  }
  ASSIGN_OR_RETURN(Account account, ArrivedAccountOf(facts.order, tx));
  RETURN_IF_ERROR(CheckReached(kGrantRefund, AskedNow(account, tx)));
  RETURN_IF_ERROR(CheckFields(request, account.currency()));
  if (facts.of_case.has_value()) {
    RETURN_IF_ERROR(CheckCase(request, *facts.of_case));
    ASSIGN_OR_RETURN(RefundGrant grant, FollowCase(*facts.of_case, account, tx));
    tx.Put(account);
    return Shown(std::move(grant), tx);
  }
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(account.policy()));
  ASSIGN_OR_RETURN(const NewGrant wanted, WantedByHand(request, account, *policy));
  const int64_t was_due = DueMinor(account);
  ASSIGN_OR_RETURN(std::optional<RefundGrant> grant, Grant(wanted, account, Present(tx), tx));
  if (!grant.has_value()) return Refusal("RFD-02", "nothing was paid of it yet");
  TellNothingDue(was_due, account, Present(tx), tx);
  tx.Put(account);
  return Shown(*std::move(grant), tx);
}

absl::StatusOr<RefundGrant> ReleaseRefundGrant(const payments::v1::ReleaseRefundGrantRequest& request,
                                               Transaction& tx) {
  ASSIGN_OR_RETURN(RefundGrant grant, Reached(kReleaseRefundGrant, request.grant_id(), tx));
  if (!WaitsForCash(grant)) return Shown(std::move(grant), tx);
  ASSIGN_OR_RETURN(Account account, LoadAccount(grant.order_id(), tx));
  RETURN_IF_ERROR(NoCashComes(account, Present(tx), tx));
  tx.Put(account);
  ASSIGN_OR_RETURN(grant, tx.Get<RefundGrant>(request.grant_id()));
  return Shown(std::move(grant), tx);
}

absl::StatusOr<Refund> SettleRefund(const payments::v1::SettleRefundRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Refund refund, Reached(kSettleRefund, request.refund_id(), tx));
  if (refund.state() == Refund::STATE_SETTLED &&
      refund.provider_reference() == request.provider_reference()) {
    return Shown(std::move(refund), tx);
  }
  RETURN_IF_ERROR(kSettleRefund.guard(AskedNow(refund, tx)));
  ASSIGN_OR_RETURN(RefundGrant grant, tx.Get<RefundGrant>(refund.grant_id()));
  ASSIGN_OR_RETURN(Account account, LoadAccount(refund.order_id(), tx));
  refund.set_state(Refund::STATE_SETTLED);
  refund.set_provider_reference(request.provider_reference());
  refund.clear_failure();
  *refund.mutable_settled_time() = ToTimestamp(tx.now());
  RETURN_IF_ERROR(PostSettled(refund, account, tx));
  tx.Put(refund);
  EmitSettled(refund, grant, account, tx);
  CountSettled(grant, account, Present(tx), tx);
  tx.Put(account);
  return Shown(std::move(refund), tx);
}

absl::StatusOr<Refund> FailRefund(const payments::v1::FailRefundRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Refund refund, Reached(kFailRefund, request.refund_id(), tx));
  if (refund.state() == Refund::STATE_FAILED) return Shown(std::move(refund), tx);
  RETURN_IF_ERROR(kFailRefund.guard(AskedNow(refund, tx)));
  ASSIGN_OR_RETURN(const Account account, LoadAccount(refund.order_id(), tx));
  refund.set_state(Refund::STATE_FAILED);
  refund.set_failure(request.failure());
  tx.Put(refund);
  events::v1::Event event = EventOf(account, refund.case_id(), Present(tx));
  event.mutable_refund_failed()->set_refund_id(refund.refund_id());
  *event.mutable_refund_failed()->mutable_amount() = refund.amount();
  tx.Emit(std::move(event));
  return Shown(std::move(refund), tx);
}

absl::StatusOr<Refund> RetryRefund(const payments::v1::RetryRefundRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Refund refund, Begin(kRetryRefund, request.refund_id(), tx));
  ASSIGN_OR_RETURN(const Account account, LoadAccount(refund.order_id(), tx));
  refund.set_state(Refund::STATE_PENDING);
  refund.set_attempts(refund.attempts() + 1);
  refund.clear_failure();
  tx.Put(refund);
  EmitStarted(refund, account, Present(tx), tx);
  return Shown(std::move(refund), tx);
}

void FillActions(Account& account, const Actor& actor, absl::Time now, const PolicyBook& policies) {
  static constexpr const Action<Account>* kActions[] = {&kRecordPayment, &kGrantRefund};
  TellActions(kActions, account, actor, now, policies);
  *account.mutable_due() = MakeMoney(DueMinor(account), account.currency());
  if (IsCustomersSide(actor)) HideMerchantsSide(account);
}

void FillActions(RefundGrant& grant, const Actor& actor, absl::Time now, const PolicyBook& policies) {
  static constexpr const Action<RefundGrant>* kActions[] = {&kReleaseRefundGrant};
  TellActions(kActions, grant, actor, now, policies);
  if (!IsCustomersSide(actor)) return;
  grant.clear_commission();
  grant.clear_recovered();
}

void FillActions(Refund& refund, const Actor& actor, absl::Time now, const PolicyBook& policies) {
  static constexpr const Action<Refund>* kActions[] = {&kSettleRefund, &kFailRefund, &kRetryRefund};
  TellActions(kActions, refund, actor, now, policies);
}

}  // namespace makegood::rules
