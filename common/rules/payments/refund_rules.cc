#include "common/rules/payments/refund_rules.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/enum_word.h"
#include "common/base/money.h"
#include "common/base/status.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using base::v1::Actor;
using payments::v1::Account;
using payments::v1::Refund;
using payments::v1::RefundGrant;

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

absl::Status CheckAwaitsGoods(const RefundGrant& grant) {
  if (grant.state() == RefundGrant::STATE_AWAITING_GOODS) return absl::OkStatus();
  return Refusal("CLM-08", "the grant does not wait for goods");
}

// RFD-02: something is left of what was paid, for the order or on surcharges, or of what may be given freely.
absl::Status MayGrant(const Asked<Account>& asked) {
  ASSIGN_OR_RETURN(const Policy* const policy, asked.policies.At(asked.record.policy()));
  absl::Status refused;
  for (const base::v1::RefundReason reason :
       {base::v1::REFUND_REASON_GOODWILL, base::v1::REFUND_REASON_SURCHARGE,
        base::v1::REFUND_REASON_CUSTOMER_REQUEST}) {
    refused = CheckCaps(asked.record, *policy, reason, 1, 0);
    if (refused.ok()) return refused;
  }
  if (CheckCaps(asked.record, *policy, base::v1::REFUND_REASON_CUSTOMER_REQUEST, 0, 1).ok())
    return absl::OkStatus();
  return Refusal("RFD-02", "nothing is left of what was paid");
}

absl::Status MayRequestCreditNote(const Account& account) {
  if (!account.delivered()) return Refusal("RFD-05", "the order is not delivered");
  if (account.credit_requested_minor() < account.total_minor() - account.delivery_fee_minor())
    return absl::OkStatus();
  return Refusal("RFD-05", "credit notes were asked for over all of the order's lines");
}

absl::Status Always(const Asked<Account>&) { return absl::OkStatus(); }

// Whether money of the order itself moves: goodwill and surcharges have amounts of their own.
bool IsOfOrder(base::v1::RefundReason reason) {
  return reason != base::v1::REFUND_REASON_GOODWILL && reason != base::v1::REFUND_REASON_SURCHARGE;
}

RefundSource SourceOf(base::v1::RefundReason reason) {
  if (reason == base::v1::REFUND_REASON_GOODWILL) return RefundSource::kGoodwill;
  if (reason == base::v1::REFUND_REASON_SURCHARGE) return RefundSource::kPaidSurcharge;
  return RefundSource::kOrder;
}

int64_t AmountMinor(const RefundGrant& grant) {
  return grant.goods().amount_minor() + grant.delivery_fee().amount_minor();
}

// KPI-06: what the policy asks of a refund, from now on. History is not measured (ORD-13).
void SetDueTime(const Policy& policy, const Moment& moment, Refund& refund) {
  const auto& targets = policy.claims().refund_target_hours();
  if (targets.empty() || moment.imported) return;
  *refund.mutable_due_time() = ToTimestamp(moment.time + absl::Hours(*targets.rbegin()));
}

base::v1::SlaOutcome InTime(const Refund& refund) {
  if (!refund.has_due_time()) return base::v1::SLA_OUTCOME_UNSPECIFIED;
  return ToTime(refund.settled_time()) <= ToTime(refund.due_time()) ? base::v1::SLA_OUTCOME_MET
                                                                    : base::v1::SLA_OUTCOME_MISSED;
}

Refund NewRefund(const RefundGrant& grant, const Policy& policy, const Moment& moment, Transaction& tx) {
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
  refund.mutable_amount()->set_amount_minor(AmountMinor(grant));
  refund.mutable_amount()->set_currency(grant.goods().currency());
  refund.set_state(Refund::STATE_PENDING);
  refund.set_attempts(1);
  SetDueTime(policy, moment, refund);
  return refund;
}

void EmitStarted(const Refund& refund, const Account& account, const Moment& moment, Transaction& tx) {
  events::v1::Event event = EventOf(account, refund.case_id(), moment);
  events::v1::RefundStarted& started = *event.mutable_refund_started();
  started.set_refund_id(refund.refund_id());
  started.set_grant_id(refund.grant_id());
  *started.mutable_amount() = refund.amount();
  tx.Emit(std::move(event));
}

// The grant's money begins to move: the refund is on disk as PENDING before anyone is asked (RFD-03).
absl::Status StartRefund(RefundGrant& grant, RefundSource source, Account& account, const Moment& moment,
                         Transaction& tx) {
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(grant.policy()));
  Refund refund = NewRefund(grant, *policy, moment, tx);
  ASSIGN_OR_RETURN(const std::string note,
                   IssueDocument(account, base::v1::DOCUMENT_KIND_REFUND_NOTE, refund.amount().amount_minor(),
                                 refund.refund_id(), moment, tx));
  EntryBuilder entry(account.currency());
  RETURN_IF_ERROR(PayOut(account, source, refund.amount().amount_minor(), entry));
  RETURN_IF_ERROR(entry.Post(account, note, moment, tx));
  if (IsOfOrder(grant.reason())) {
    account.set_pending_minor(account.pending_minor() + refund.amount().amount_minor());
  }
  grant.set_state(RefundGrant::STATE_REFUNDING);
  grant.set_refund_id(refund.refund_id());
  tx.Put(refund);
  EmitStarted(refund, account, moment, tx);
  return absl::OkStatus();
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
  grant.set_state(RefundGrant::STATE_AWAITING_GOODS);
  grant.mutable_goods()->set_amount_minor(wanted.goods_minor);
  grant.mutable_goods()->set_currency(account.currency());
  grant.mutable_delivery_fee()->set_amount_minor(wanted.delivery_fee_minor);
  grant.mutable_delivery_fee()->set_currency(account.currency());
  return grant;
}

void EmitGranted(const RefundGrant& grant, const Account& account, bool awaits_goods, const Moment& moment,
                 Transaction& tx) {
  events::v1::Event event = EventOf(account, grant.case_id(), moment);
  events::v1::RefundGranted& granted = *event.mutable_refund_granted();
  granted.set_grant_id(grant.grant_id());
  granted.mutable_amount()->set_amount_minor(AmountMinor(grant));
  granted.mutable_amount()->set_currency(account.currency());
  granted.set_reason(grant.reason());
  granted.set_awaits_goods(awaits_goods);
  tx.Emit(std::move(event));
}

// Counts the grant where its cap is kept.
void Count(const NewGrant& grant, Account& account) {
  const int64_t amount = grant.goods_minor + grant.delivery_fee_minor;
  if (grant.reason == base::v1::REFUND_REASON_GOODWILL) {
    account.set_goodwill_given_minor(account.goodwill_given_minor() + amount);
  } else if (grant.reason == base::v1::REFUND_REASON_SURCHARGE) {
    account.set_surcharges_given_minor(account.surcharges_given_minor() + amount);
  } else {
    account.set_delivery_fee_given_minor(account.delivery_fee_given_minor() + grant.delivery_fee_minor);
    if (grant.await_goods) account.set_granted_minor(account.granted_minor() + amount);
  }
}

absl::Status CheckAmounts(const payments::v1::GrantRefundRequest& request) {
  if (request.goods_minor() + request.delivery_fee_minor() == 0) {
    return InvalidFields({{"goods_minor", "is 0 and so is delivery_fee_minor; want more than 0 together"}});
  }
  if (request.delivery_fee_minor() > 0 && !IsOfOrder(request.reason())) {
    return InvalidFields({{"delivery_fee_minor", "goes back for reasons of the order only"}});
  }
  return absl::OkStatus();
}

// RFD-09: claims and withdrawals are given their money once, whoever asks for it.
bool OneGrantACase(base::v1::RefundReason reason, absl::string_view case_id) {
  return !case_id.empty() &&
         (reason == base::v1::REFUND_REASON_CLAIM || reason == base::v1::REFUND_REASON_WITHDRAWAL);
}

// What the request's case was granted before, if anything. Refused: RFD-09, where that is something else.
absl::StatusOr<std::optional<RefundGrant>> GrantOfCase(const payments::v1::GrantRefundRequest& request,
                                                       const Account& account, Transaction& tx) {
  if (!OneGrantACase(request.reason(), request.case_id())) return std::nullopt;
  const auto& grants = account.case_grants();
  const auto known = std::find_if(grants.begin(), grants.end(), [&](const payments::v1::CaseGrant& grant) {
    return grant.case_id() == request.case_id();
  });
  if (known == grants.end()) return std::nullopt;
  ASSIGN_OR_RETURN(RefundGrant grant, tx.Get<RefundGrant>(known->grant_id()));
  const bool same = grant.reason() == request.reason() &&
                    grant.goods().amount_minor() == request.goods_minor() &&
                    grant.delivery_fee().amount_minor() == request.delivery_fee_minor();
  if (same) return grant;
  return Refusal("RFD-09", absl::StrCat("the case has its grant, ", grant.grant_id(), ", over ",
                                        FormatMoney(AmountMinor(grant), grant.goods().currency()),
                                        "; there is one a case"));
}

void EmitSettled(const Refund& refund, const RefundGrant& grant, const Account& account, Transaction& tx) {
  events::v1::Event event = EventOf(account, refund.case_id(), Present(tx));
  events::v1::RefundSettled& settled = *event.mutable_refund_settled();
  settled.set_refund_id(refund.refund_id());
  settled.set_grant_id(grant.grant_id());
  *settled.mutable_amount() = refund.amount();
  settled.set_reason(refund.reason());
  *settled.mutable_granted_time() = grant.create_time();
  settled.set_outcome(InTime(refund));
  tx.Emit(std::move(event));
}

const Action<RefundGrant> kReleaseRefundGrant{MethodOf<payments::v1::ReleaseRefundGrantRequest>,
                                              ByRecord<CheckAwaitsGoods>::Guard};
const Action<Refund> kSettleRefund{MethodOf<payments::v1::SettleRefundRequest>,
                                   ByRecord<CheckNotSettled>::Guard};
const Action<Refund> kFailRefund{MethodOf<payments::v1::FailRefundRequest>, ByRecord<CheckPending>::Guard};
const Action<Refund> kRetryRefund{MethodOf<payments::v1::RetryRefundRequest>, ByRecord<CheckFailed>::Guard};

}  // namespace

const Action<Account> kRecordPayment{MethodOf<payments::v1::RecordPaymentRequest>, Always};
const Action<Account> kGrantRefund{MethodOf<payments::v1::GrantRefundRequest>, MayGrant};
const Action<Account> kRequestCreditNote{MethodOf<payments::v1::RequestCreditNoteRequest>,
                                         ByRecord<MayRequestCreditNote>::Guard};

absl::StatusOr<RefundGrant> Grant(const NewGrant& wanted, Account& account, const Moment& moment,
                                  Transaction& tx) {
  RefundGrant grant = MakeGrant(wanted, account, moment, tx);
  Count(wanted, account);
  EmitGranted(grant, account, wanted.await_goods, moment, tx);
  if (!wanted.await_goods) RETURN_IF_ERROR(StartRefund(grant, wanted.source, account, moment, tx));
  if (OneGrantACase(wanted.reason, wanted.case_id)) {
    payments::v1::CaseGrant& of_case = *account.add_case_grants();
    of_case.set_case_id(wanted.case_id);
    of_case.set_grant_id(grant.grant_id());
  }
  tx.Put(grant);
  return grant;
}

absl::StatusOr<RefundGrant> GrantRefund(const payments::v1::GrantRefundRequest& request,
                                        const orders::v1::Order& order, Transaction& tx) {
  if (request.reason() == base::v1::REFUND_REASON_UNSPECIFIED) {
    return Refusal("RFD-01", "a refund needs a reason");
  }
  RETURN_IF_ERROR(CheckAmounts(request));
  ASSIGN_OR_RETURN(Account account, ArrivedAccountOf(order, tx));
  RETURN_IF_ERROR(CheckReached(kGrantRefund, AskedNow(account, tx)));
  ASSIGN_OR_RETURN(std::optional<RefundGrant> known, GrantOfCase(request, account, tx));
  if (known.has_value()) return Shown(*std::move(known), tx);
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(account.policy()));
  RETURN_IF_ERROR(
      CheckCaps(account, *policy, request.reason(), request.goods_minor(), request.delivery_fee_minor()));
  const NewGrant wanted{request.case_id(),
                        request.reason(),
                        SourceOf(request.reason()),
                        request.goods_minor(),
                        request.delivery_fee_minor(),
                        request.await_goods()};
  ASSIGN_OR_RETURN(RefundGrant grant, Grant(wanted, account, Present(tx), tx));
  tx.Put(account);
  return Shown(std::move(grant), tx);
}

absl::StatusOr<RefundGrant> ReleaseRefundGrant(const payments::v1::ReleaseRefundGrantRequest& request,
                                               Transaction& tx) {
  ASSIGN_OR_RETURN(RefundGrant grant, Reached(kReleaseRefundGrant, request.grant_id(), tx));
  if (grant.state() != RefundGrant::STATE_AWAITING_GOODS) return Shown(std::move(grant), tx);
  ASSIGN_OR_RETURN(Account account, tx.Get<Account>(grant.order_id()));
  if (IsOfOrder(grant.reason())) account.set_granted_minor(account.granted_minor() - AmountMinor(grant));
  RETURN_IF_ERROR(StartRefund(grant, SourceOf(grant.reason()), account, Present(tx), tx));
  tx.Put(grant);
  tx.Put(account);
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
  ASSIGN_OR_RETURN(Account account, tx.Get<Account>(refund.order_id()));
  refund.set_state(Refund::STATE_SETTLED);
  refund.set_provider_reference(request.provider_reference());
  refund.clear_failure();
  *refund.mutable_settled_time() = ToTimestamp(tx.now());
  grant.set_state(RefundGrant::STATE_SETTLED);
  const int64_t amount = refund.amount().amount_minor();
  if (IsOfOrder(refund.reason())) {
    account.set_pending_minor(account.pending_minor() - amount);
    account.set_refunded_minor(account.refunded_minor() + amount);
  }
  const Moment moment = Present(tx);
  ASSIGN_OR_RETURN(const std::string note, IssueDocument(account, base::v1::DOCUMENT_KIND_REFUND_NOTE, amount,
                                                         refund.refund_id(), moment, tx));
  RETURN_IF_ERROR(EntryBuilder(account.currency())
                      .Debit(payments::v1::Posting::LEDGER_ACCOUNT_REFUNDS_PAYABLE, amount)
                      .Credit(payments::v1::Posting::LEDGER_ACCOUNT_CLEARING, amount)
                      .Post(account, note, moment, tx));
  tx.Put(refund);
  tx.Put(grant);
  tx.Put(account);
  EmitSettled(refund, grant, account, tx);
  return Shown(std::move(refund), tx);
}

absl::StatusOr<Refund> FailRefund(const payments::v1::FailRefundRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Refund refund, Reached(kFailRefund, request.refund_id(), tx));
  if (refund.state() == Refund::STATE_FAILED) return Shown(std::move(refund), tx);
  RETURN_IF_ERROR(kFailRefund.guard(AskedNow(refund, tx)));
  ASSIGN_OR_RETURN(const Account account, tx.Get<Account>(refund.order_id()));
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
  ASSIGN_OR_RETURN(const Account account, tx.Get<Account>(refund.order_id()));
  refund.set_state(Refund::STATE_PENDING);
  refund.set_attempts(refund.attempts() + 1);
  refund.clear_failure();
  tx.Put(refund);
  EmitStarted(refund, account, Present(tx), tx);
  return Shown(std::move(refund), tx);
}

absl::Status GiveBackEverything(Account& account, const Moment& moment, Transaction& tx) {
  const int64_t rest = account.captured_minor() - GivenMinor(account);
  if (rest > 0) {
    NewGrant grant;
    grant.reason = base::v1::REFUND_REASON_CANCELLATION;
    grant.delivery_fee_minor =
        std::min(rest, account.delivery_fee_minor() - account.delivery_fee_given_minor());
    grant.goods_minor = rest - grant.delivery_fee_minor;
    RETURN_IF_ERROR(Grant(grant, account, moment, tx).status());
  }
  if (SurchargesKeptMinor(account) > 0) {
    NewGrant grant;
    grant.reason = base::v1::REFUND_REASON_SURCHARGE;
    grant.source = RefundSource::kPaidSurcharge;
    grant.goods_minor = SurchargesKeptMinor(account);
    RETURN_IF_ERROR(Grant(grant, account, moment, tx).status());
  }
  return absl::OkStatus();
}

void FillActions(Account& account, const Actor& actor, absl::Time now, const PolicyBook& policies) {
  static constexpr const Action<Account>* kActions[] = {&kRecordPayment, &kGrantRefund, &kRequestCreditNote};
  TellActions(kActions, account, actor, now, policies);
}

void FillActions(RefundGrant& grant, const Actor& actor, absl::Time now, const PolicyBook& policies) {
  static constexpr const Action<RefundGrant>* kActions[] = {&kReleaseRefundGrant};
  TellActions(kActions, grant, actor, now, policies);
}

void FillActions(Refund& refund, const Actor& actor, absl::Time now, const PolicyBook& policies) {
  static constexpr const Action<Refund>* kActions[] = {&kSettleRefund, &kFailRefund, &kRetryRefund};
  TellActions(kActions, refund, actor, now, policies);
}

}  // namespace makegood::rules
