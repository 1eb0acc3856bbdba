#include "common/rules/claims/withdrawal_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/enum_word.h"
#include "common/base/status.h"
#include "common/rules/claims/claim_rules.h"
#include "common/rules/claims/claim_tasks.h"
#include "common/rules/claims/order_units.h"
#include "common/rules/claims/order_withdrawals.h"
#include "common/rules/claims/refused_calls.h"
#include "common/rules/messages.h"
#include "common/rules/policy/return_number.h"
#include "common/rules/policy/terms.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using claims::v1::Claim;
using claims::v1::ClaimedUnits;
using claims::v1::Withdrawal;
using events::v1::Event;
using orders::v1::Order;

absl::Status CheckAwaitsGoods(const Withdrawal& withdrawal) {
  if (withdrawal.state() == Withdrawal::STATE_OPEN) return absl::OkStatus();
  return Refusal("CLM-08", absl::StrCat("withdrawal is ", EnumWord(withdrawal.state())));
}

absl::Status CheckWithoutDocument(const Withdrawal& withdrawal) {
  if (!withdrawal.return_number().empty()) return Refusal("RFD-05", "there is a return document already");
  if (withdrawal.corrected()) {
    return Refusal(
        "RFD-05",
        "the order's correction covers it: the credit note goes under the correction's return number");
  }
  return withdrawal.state() == Withdrawal::STATE_CLOSED ? CheckAwaitsGoods(withdrawal) : absl::OkStatus();
}

const Action<Withdrawal> kRecordGoodsReturned{MethodOf<claims::v1::RecordGoodsReturnedRequest>,
                                              ByRecord<CheckAwaitsGoods>::Guard};
const Action<Withdrawal> kCloseWithdrawal{MethodOf<claims::v1::CloseWithdrawalRequest>,
                                          ByRecord<CheckAwaitsGoods>::Guard};
const Action<Withdrawal> kCreateWithdrawalDocument{MethodOf<claims::v1::CreateWithdrawalDocumentRequest>,
                                                   ByRecord<CheckWithoutDocument>::Guard};

// What is still out.
ClaimedUnitsList StillOut(const Withdrawal& withdrawal) {
  ClaimedUnitsList out;
  for (const ClaimedUnits& units : withdrawal.units()) {
    const int64_t left = units.quantity() - CountOf(withdrawal.returned_units(), units.line_id());
    if (left <= 0) continue;
    ClaimedUnits& still = *out.Add();
    still.set_line_id(units.line_id());
    still.set_quantity(static_cast<int32_t>(left));
  }
  return out;
}

// Refused: CLM-08, where more came back than is out.
absl::Status CheckOut(const Withdrawal& withdrawal, const ClaimedUnitsList& units) {
  const ClaimedUnitsList out = StillOut(withdrawal);
  for (const ClaimedUnits& back : units) {
    const int64_t most = CountOf(out, back.line_id());
    if (back.quantity() <= most) continue;
    return Refusal("CLM-08", absl::StrCat(back.quantity(), " of line ", back.line_id(), " came back, ", most,
                                          " of it were withdrawn and not back yet"));
  }
  return absl::OkStatus();
}

void AddReturned(const ClaimedUnitsList& units, Withdrawal& withdrawal) {
  for (const ClaimedUnits& back : units) {
    auto& returned = *withdrawal.mutable_returned_units();
    const auto known = std::find_if(returned.begin(), returned.end(),
                                    [&](const ClaimedUnits& one) { return one.line_id() == back.line_id(); });
    if (known == returned.end()) {
      *returned.Add() = back;
    } else {
      known->set_quantity(known->quantity() + back.quantity());
    }
  }
}

// CLM-08: the term runs, the goods are announced, the units are set aside.
void Open(Withdrawal& withdrawal, const std::string& customer_word, const Policy& policy, Transaction& tx) {
  withdrawal.set_state(Withdrawal::STATE_OPEN);
  const absl::Time due =
      tx.policies().DaysOf(policy).EndOfDay(tx.now(), policy.claims().withdrawal_refund_within_days());
  *withdrawal.mutable_refund_due_time() = ToTimestamp(due);
  withdrawal.set_awaits_document(policy.credit_notes().for_cases());
  CallGrantRefund(withdrawal, tx);
  SetTimer(kWithdrawalDue, withdrawal.withdrawal_id(), due, tx);
  tx.Put(withdrawal);
  Event event = EventAbout(withdrawal, withdrawal.withdrawal_id());
  events::v1::WithdrawalOpened& opened = *event.mutable_withdrawal_opened();
  opened.set_customer_word(customer_word);
  opened.set_whole_order(withdrawal.whole_order());
  *opened.mutable_amount() =
      MakeMoney(withdrawal.goods().amount_minor() + withdrawal.delivery_fee().amount_minor(),
                withdrawal.goods().currency());
  *opened.mutable_delivery_fee() = withdrawal.delivery_fee();
  *opened.mutable_refund_due_time() = withdrawal.refund_due_time();
  opened.set_return_document_due(withdrawal.awaits_document());
  tx.Emit(std::move(event));
}

// The fee goes back with the step that makes it the whole order.
void SetWorth(int64_t goods_minor, const base::v1::Money& delivery_fee, bool whole_order,
              Withdrawal& withdrawal) {
  withdrawal.set_whole_order(whole_order);
  *withdrawal.mutable_goods() = MakeMoney(goods_minor, delivery_fee.currency());
  *withdrawal.mutable_delivery_fee() =
      MakeMoney(whole_order ? delivery_fee.amount_minor() : 0, delivery_fee.currency());
}

// No more comes back: what did not is the customer's again.
void EndWaiting(Withdrawal& withdrawal, Transaction& tx) {
  *withdrawal.mutable_close_time() = ToTimestamp(tx.now());
  withdrawal.set_state(withdrawal.returned_units().empty() ? Withdrawal::STATE_CLOSED
                                                           : Withdrawal::STATE_GOODS_RETURNED);
  if (withdrawal.state() == Withdrawal::STATE_CLOSED) {
    withdrawal.set_awaits_document(false);
    CancelTimer(kWithdrawalDue, withdrawal.withdrawal_id(), tx);
  }
}

// Stores the withdrawal; SETTLED where no goods are waited for and nothing more is to be paid.
absl::Status PutOrSettle(Withdrawal& withdrawal, absl::Time time, Transaction& tx) {
  if (withdrawal.state() != Withdrawal::STATE_GOODS_RETURNED || !withdrawal.paid_back()) {
    tx.Put(withdrawal);
    return absl::OkStatus();
  }
  withdrawal.set_state(Withdrawal::STATE_SETTLED);
  *withdrawal.mutable_settled_time() = ToTimestamp(time);
  CancelTimer(kWithdrawalDue, withdrawal.withdrawal_id(), tx);
  tx.Put(withdrawal);
  Event event = EventAbout(withdrawal, withdrawal.withdrawal_id());
  *event.mutable_time() = ToTimestamp(time);
  event.mutable_withdrawal_settled();
  tx.Emit(std::move(event));
  if (withdrawal.claim_id().empty()) return absl::OkStatus();
  return ResolveClaim(withdrawal.claim_id(), time, tx);
}

// What the case that took the units is called: the claim's, where the withdrawal came of one.
const std::string& TakenBy(const Withdrawal& withdrawal) {
  return withdrawal.claim_id().empty() ? withdrawal.withdrawal_id() : withdrawal.claim_id();
}

}  // namespace

const Action<Withdrawal> kRetryWithdrawalCalls{MethodOf<claims::v1::RetryWithdrawalCallsRequest>,
                                               ByRecord<MayRetryWithdrawalCalls>::Guard};

absl::StatusOr<Withdrawal> WithdrawPurchase(const claims::v1::WithdrawPurchaseRequest& request,
                                            const Order& order, Transaction& tx) {
  RETURN_IF_ERROR(CheckAccess(tx.actor(), MethodOf<claims::v1::WithdrawPurchaseRequest>(),
                              order.merchant_id(), order.customer_id()));
  RETURN_IF_ERROR(CheckCustomerWord(tx.actor(), request.customer_word()));
  RETURN_IF_ERROR(tx.CheckVersion({"order", order.order_id(), order.version()}));
  RETURN_IF_ERROR(CheckLinesNamedOnce(request.units()));
  RETURN_IF_ERROR(CheckWithdrawalTerm(order, tx.now(), tx.policies()));
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().Current(order.policy().marketplace()));
  Withdrawal withdrawal;
  withdrawal.set_withdrawal_id(tx.NewId("wdr"));
  *withdrawal.mutable_policy() = RefTo(*policy);
  withdrawal.set_order_id(order.order_id());
  withdrawal.set_merchant_id(order.merchant_id());
  withdrawal.set_customer_id(order.customer_id());
  ASSIGN_OR_RETURN(const Withdrawn withdrawn,
                   TakeForWithdrawal(order, withdrawal.withdrawal_id(), request.units(), tx));
  *withdrawal.mutable_units() = withdrawn.units;
  SetWorth(PriceOf(order, withdrawn.units, 0).gross_minor, FeeOf(order), withdrawn.whole_order, withdrawal);
  if (withdrawal.goods().amount_minor() + withdrawal.delivery_fee().amount_minor() == 0) {
    return Refusal("CLM-08", "nothing was paid for these units");
  }
  Open(withdrawal, request.customer_word(), *policy, tx);
  return Shown(std::move(withdrawal), tx);
}

absl::Status WithdrawForClaim(Claim& claim, Transaction& tx) {
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(claim.policy()));
  Withdrawal withdrawal;
  withdrawal.set_withdrawal_id(tx.NewId("wdr"));
  *withdrawal.mutable_policy() = claim.policy();
  withdrawal.set_order_id(claim.order_id());
  withdrawal.set_merchant_id(claim.merchant_id());
  withdrawal.set_customer_id(claim.customer_id());
  withdrawal.set_claim_id(claim.claim_id());
  *withdrawal.mutable_units() = claim.units();
  ASSIGN_OR_RETURN(const bool whole_order,
                   WithdrawClaimed(claim.order_id(), claim.claim_id(), claim.order_units(), tx));
  SetWorth(claim.gross().amount_minor(), claim.delivery_fee(), whole_order, withdrawal);
  Open(withdrawal, "", *policy, tx);  // whose word it was is told with the claim's outcome
  claim.set_withdrawal_id(withdrawal.withdrawal_id());
  return absl::OkStatus();
}

absl::StatusOr<Withdrawal> RecordGoodsReturned(const claims::v1::RecordGoodsReturnedRequest& request,
                                               Transaction& tx) {
  ASSIGN_OR_RETURN(Withdrawal withdrawal, Begin(kRecordGoodsReturned, request.withdrawal_id(), tx));
  RETURN_IF_ERROR(CheckLinesNamedOnce(request.units()));
  RETURN_IF_ERROR(CheckOut(withdrawal, request.units()));
  const ClaimedUnitsList back = request.units().empty() ? StillOut(withdrawal) : request.units();
  AddReturned(back, withdrawal);
  const bool complete = StillOut(withdrawal).empty();
  if (complete) {
    withdrawal.set_state(Withdrawal::STATE_GOODS_RETURNED);
    *withdrawal.mutable_goods_returned_time() = ToTimestamp(tx.now());
    RETURN_IF_ERROR(NoteOrderReturned(withdrawal, tx));
  }
  CallGrantRefund(withdrawal, tx);
  tx.Put(withdrawal);
  Event event = EventAbout(withdrawal, withdrawal.withdrawal_id());
  event.mutable_withdrawal_goods_returned()->set_units(static_cast<int32_t>(CountOf(back)));
  event.mutable_withdrawal_goods_returned()->set_complete(complete);
  tx.Emit(std::move(event));
  return Shown(std::move(withdrawal), tx);
}

absl::StatusOr<Withdrawal> CloseWithdrawal(const claims::v1::CloseWithdrawalRequest& request,
                                           Transaction& tx) {
  ASSIGN_OR_RETURN(Withdrawal withdrawal, Begin(kCloseWithdrawal, request.withdrawal_id(), tx));
  const bool chosen_again = !withdrawal.claim_id().empty() && withdrawal.returned_units().empty();
  if (!chosen_again) {
    RETURN_IF_ERROR(KeepUnits(withdrawal.order_id(), TakenBy(withdrawal), withdrawal.returned_units(), tx));
  }
  // The fee was for all of it.
  withdrawal.set_whole_order(false);
  withdrawal.mutable_delivery_fee()->set_amount_minor(0);
  EndWaiting(withdrawal, tx);
  CallGrantRefund(withdrawal, tx);
  tx.Put(withdrawal);
  Event event = EventAbout(withdrawal, withdrawal.withdrawal_id());
  event.mutable_withdrawal_closed()->set_units_returned(
      static_cast<int32_t>(CountOf(withdrawal.returned_units())));
  tx.Emit(std::move(event));
  RETURN_IF_ERROR(NoteOrderNotReturned(withdrawal, tx));
  if (chosen_again) RETURN_IF_ERROR(ReopenChoice(withdrawal.claim_id(), tx));
  return Shown(std::move(withdrawal), tx);
}

absl::StatusOr<Withdrawal> CreateWithdrawalDocument(
    const claims::v1::CreateWithdrawalDocumentRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Withdrawal withdrawal, Begin(kCreateWithdrawalDocument, request.withdrawal_id(), tx));
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(withdrawal.policy()));
  RETURN_IF_ERROR(CheckReturnNumber(*policy, request.return_number()));
  withdrawal.set_return_number(request.return_number());
  withdrawal.set_awaits_document(false);
  CallGrantRefund(withdrawal, tx);
  tx.Put(withdrawal);
  Event event = EventAbout(withdrawal, withdrawal.withdrawal_id());
  event.mutable_return_document_created()->set_return_number(withdrawal.return_number());
  *event.mutable_return_document_created()->mutable_gross() = withdrawal.goods();
  tx.Emit(std::move(event));
  return Shown(std::move(withdrawal), tx);
}

void NoteWithdrawalGrant(const Withdrawal& withdrawal, absl::string_view grant_id, Transaction& tx) {
  if (withdrawal.grant_id() == grant_id) return;
  Withdrawal noted = withdrawal;
  noted.set_grant_id(std::string(grant_id));
  ForgetRefusedCall(base::v1::CALL_KIND_GRANT_REFUND, noted);
  tx.Put(noted);
}

absl::Status NotePaidBack(const Withdrawal& known, absl::Time time, Transaction& tx) {
  if (known.paid_back()) return absl::OkStatus();
  Withdrawal withdrawal = known;
  withdrawal.set_paid_back(true);
  return PutOrSettle(withdrawal, time, tx);
}

absl::Status MarkWithdrawalOverdue(absl::string_view withdrawal_id, Transaction& tx) {
  ASSIGN_OR_RETURN(Withdrawal withdrawal, tx.Get<Withdrawal>(withdrawal_id));
  const bool open =
      withdrawal.state() == Withdrawal::STATE_OPEN || withdrawal.state() == Withdrawal::STATE_GOODS_RETURNED;
  if (!open || withdrawal.overdue()) return absl::OkStatus();
  withdrawal.set_overdue(true);
  tx.Put(withdrawal);
  Event event = EventAbout(withdrawal, withdrawal.withdrawal_id());
  *event.mutable_withdrawal_overdue()->mutable_due_time() = withdrawal.refund_due_time();
  event.mutable_withdrawal_overdue()->set_awaits_goods(withdrawal.state() == Withdrawal::STATE_OPEN);
  tx.Emit(std::move(event));
  return absl::OkStatus();
}

absl::Status EndByCorrection(Withdrawal withdrawal, Transaction& tx) {
  if (withdrawal.corrected()) return absl::OkStatus();
  withdrawal.set_corrected(true);
  withdrawal.set_awaits_document(false);
  if (withdrawal.state() == Withdrawal::STATE_OPEN) EndWaiting(withdrawal, tx);
  return PutOrSettle(withdrawal, tx.now(), tx);
}

void FillActions(Withdrawal& withdrawal, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies) {
  static constexpr const Action<Withdrawal>* kActions[] = {
      &kRecordGoodsReturned, &kCloseWithdrawal, &kCreateWithdrawalDocument, &kRetryWithdrawalCalls};
  TellActions(kActions, withdrawal, actor, now, policies);
  HideRefusedCalls(actor, withdrawal);
}

}  // namespace makegood::rules
