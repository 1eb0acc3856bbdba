#include "common/rules/claims/withdrawal_rules.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/enum_word.h"
#include "common/base/status.h"
#include "common/rules/claims/claim_guards.h"
#include "common/rules/claims/claim_rules.h"
#include "common/rules/claims/claim_tasks.h"
#include "common/rules/claims/order_units.h"
#include "common/rules/claims/refused_calls.h"
#include "common/rules/messages.h"
#include "common/rules/policy/terms.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using claims::v1::Claim;
using claims::v1::Withdrawal;
using events::v1::Event;
using orders::v1::Order;

absl::Status CheckAwaitsGoods(const Withdrawal& withdrawal) {
  if (withdrawal.state() == Withdrawal::STATE_OPEN) return absl::OkStatus();
  return Refusal("CLM-08", absl::StrCat("withdrawal is ", EnumWord(withdrawal.state())));
}

// CLM-08: the term runs, the goods are announced, the money is set aside.
void Open(Withdrawal& withdrawal, const Policy& policy, Transaction& tx) {
  withdrawal.set_withdrawal_id(tx.NewId("wdr"));
  withdrawal.set_state(Withdrawal::STATE_OPEN);
  *withdrawal.mutable_refund_due_time() = ToTimestamp(
      tx.policies().DaysOf(policy).EndOfDay(tx.now(), policy.claims().withdrawal_refund_within_days()));
  tx.Put(withdrawal);
  CallGrantRefund(withdrawal, tx);
  Event event = EventAbout(withdrawal, withdrawal.withdrawal_id());
  events::v1::WithdrawalOpened& opened = *event.mutable_withdrawal_opened();
  opened.set_whole_order(withdrawal.whole_order());
  opened.mutable_amount()->set_amount_minor(withdrawal.goods().amount_minor() +
                                            withdrawal.delivery_fee().amount_minor());
  opened.mutable_amount()->set_currency(withdrawal.goods().currency());
  *opened.mutable_delivery_fee() = withdrawal.delivery_fee();
  *opened.mutable_refund_due_time() = withdrawal.refund_due_time();
  tx.Emit(std::move(event));
}

Withdrawal Draft(const Order& order, const Policy& policy, const ClaimedUnitsList& units) {
  Withdrawal withdrawal;
  *withdrawal.mutable_policy() = RefTo(policy);
  withdrawal.set_order_id(order.order_id());
  withdrawal.set_merchant_id(order.merchant_id());
  withdrawal.set_customer_id(order.customer_id());
  *withdrawal.mutable_units() = units;
  withdrawal.set_whole_order(CoversWholeOrder(order, units));
  const std::string& currency = order.total().currency();
  withdrawal.mutable_goods()->set_currency(currency);
  withdrawal.mutable_goods()->set_amount_minor(PriceOf(order, units, 0).gross_minor);
  withdrawal.mutable_delivery_fee()->set_currency(currency);
  if (withdrawal.whole_order()) {
    withdrawal.mutable_delivery_fee()->set_amount_minor(order.delivery_fee().amount_minor());
  }
  return withdrawal;
}

const Action<Withdrawal> kRecordGoodsReturned{MethodOf<claims::v1::RecordGoodsReturnedRequest>,
                                              ByRecord<CheckAwaitsGoods>::Guard};

}  // namespace

const Action<Withdrawal> kRetryWithdrawalCalls{MethodOf<claims::v1::RetryWithdrawalCallsRequest>,
                                               ByRecord<MayRetryCalls<Withdrawal>>::Guard};

absl::StatusOr<Withdrawal> WithdrawPurchase(const claims::v1::WithdrawPurchaseRequest& request,
                                            const Order& order, Transaction& tx) {
  RETURN_IF_ERROR(CheckAccess(tx.actor(), MethodOf<claims::v1::WithdrawPurchaseRequest>(),
                              order.merchant_id(), order.customer_id()));
  RETURN_IF_ERROR(tx.CheckVersion({"order", order.order_id(), order.version()}));
  RETURN_IF_ERROR(CheckLinesNamedOnce(request.units()));
  RETURN_IF_ERROR(CheckWithdrawalTerm(order, tx.now(), tx.policies()));
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().Current(order.policy().marketplace()));
  Withdrawal withdrawal = Draft(order, *policy, request.units().empty() ? AllUnits(order) : request.units());
  if (withdrawal.goods().amount_minor() + withdrawal.delivery_fee().amount_minor() == 0) {
    return Refusal("CLM-08", "nothing was paid for these units");
  }
  Open(withdrawal, *policy, tx);
  RETURN_IF_ERROR(TakeUnits(order, withdrawal.withdrawal_id(), withdrawal.units(), tx));
  FillActions(withdrawal, tx.actor(), tx.now(), tx.policies());
  return withdrawal;
}

absl::Status WithdrawForClaim(Claim& claim, Transaction& tx) {
  ASSIGN_OR_RETURN(const Policy* policy, tx.policies().At(claim.policy()));
  Withdrawal withdrawal;
  *withdrawal.mutable_policy() = claim.policy();
  withdrawal.set_order_id(claim.order_id());
  withdrawal.set_merchant_id(claim.merchant_id());
  withdrawal.set_customer_id(claim.customer_id());
  withdrawal.set_claim_id(claim.claim_id());
  *withdrawal.mutable_units() = claim.units();
  withdrawal.set_whole_order(claim.whole_order());
  *withdrawal.mutable_goods() = claim.gross();
  *withdrawal.mutable_delivery_fee() = claim.delivery_fee();
  if (!claim.whole_order()) withdrawal.mutable_delivery_fee()->set_amount_minor(0);
  Open(withdrawal, *policy, tx);
  claim.set_withdrawal_id(withdrawal.withdrawal_id());
  return absl::OkStatus();
}

absl::StatusOr<Withdrawal> RecordGoodsReturned(const claims::v1::RecordGoodsReturnedRequest& request,
                                               Transaction& tx) {
  ASSIGN_OR_RETURN(Withdrawal withdrawal, Begin(kRecordGoodsReturned, request.withdrawal_id(), tx));
  withdrawal.set_state(Withdrawal::STATE_GOODS_RETURNED);
  *withdrawal.mutable_goods_returned_time() = ToTimestamp(tx.now());
  tx.Put(withdrawal);
  // Otherwise the grant is still on its way, and NoteWithdrawalGrant goes on.
  if (!withdrawal.grant_id().empty()) CallReleaseGrant(withdrawal, tx);
  Event event = EventAbout(withdrawal, withdrawal.withdrawal_id());
  event.mutable_withdrawal_goods_returned();
  tx.Emit(std::move(event));
  FillActions(withdrawal, tx.actor(), tx.now(), tx.policies());
  return withdrawal;
}

absl::Status NoteWithdrawalGrant(const Withdrawal& withdrawal, absl::string_view grant_id, Transaction& tx) {
  if (!withdrawal.grant_id().empty()) return absl::OkStatus();
  Withdrawal noted = withdrawal;
  noted.set_grant_id(std::string(grant_id));
  ForgetRefusedCall(base::v1::CALL_KIND_GRANT_REFUND, noted);
  tx.Put(noted);
  if (noted.state() == Withdrawal::STATE_GOODS_RETURNED) CallReleaseGrant(noted, tx);
  return absl::OkStatus();
}

absl::Status SettleWithdrawal(const Withdrawal& withdrawal, absl::Time time, Transaction& tx) {
  if (withdrawal.state() == Withdrawal::STATE_SETTLED) return absl::OkStatus();
  Withdrawal settled = withdrawal;
  settled.set_state(Withdrawal::STATE_SETTLED);
  *settled.mutable_settled_time() = ToTimestamp(time);
  tx.Put(settled);
  Event event = EventAbout(settled, settled.withdrawal_id());
  *event.mutable_time() = ToTimestamp(time);
  event.mutable_withdrawal_settled();
  tx.Emit(std::move(event));
  if (settled.claim_id().empty()) return absl::OkStatus();
  return ResolveClaim(settled.claim_id(), time, tx);
}

void FillActions(Withdrawal& withdrawal, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies) {
  static constexpr const Action<Withdrawal>* kActions[] = {&kRecordGoodsReturned, &kRetryWithdrawalCalls};
  TellActions(kActions, withdrawal, actor, now, policies);
  HideRefusedCalls(actor, withdrawal);
}

}  // namespace makegood::rules
