#include "common/rules/claims/claim_tasks.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "makegood/payments/v1/payments_service.pb.h"

namespace makegood::rules {
namespace {

std::string TaskId(absl::string_view kind, absl::string_view case_id) {
  return absl::StrCat(kind, ":", case_id);
}

template <typename Request>
void Call(absl::string_view kind, absl::string_view case_id, Request& request, Transaction& tx) {
  const std::string id = TaskId(kind, case_id);
  request.mutable_command()->set_request_id(id);
  tx.Schedule(Task{id, std::string(kind), tx.now(), request.SerializeAsString()});
}

}  // namespace

void SetTimer(absl::string_view kind, absl::string_view claim_id, absl::Time due, Transaction& tx) {
  tx.Schedule(Task{TaskId(kind, claim_id), std::string(kind), due, std::string(claim_id)});
}

void CancelTimer(absl::string_view kind, absl::string_view claim_id, Transaction& tx) {
  tx.Cancel(TaskId(kind, claim_id));
}

void CancelTimers(absl::string_view claim_id, Transaction& tx) {
  for (const absl::string_view kind : {kEvidenceDue, kDecisionDue, kAppealEnds, kResolutionDue}) {
    CancelTimer(kind, claim_id, tx);
  }
}

absl::string_view CaseOfTask(absl::string_view task_id) { return task_id.substr(task_id.find(':') + 1); }

void CallGrantRefund(const claims::v1::Claim& claim, Transaction& tx) {
  payments::v1::GrantRefundRequest request;
  request.set_order_id(claim.order_id());
  request.set_case_id(claim.claim_id());
  request.set_reason(base::v1::REFUND_REASON_CLAIM);
  request.set_goods_minor(claim.gross().amount_minor());
  Call(kGrantRefundTask, claim.claim_id(), request, tx);
}

void CallGrantRefund(const claims::v1::Withdrawal& withdrawal, Transaction& tx) {
  payments::v1::GrantRefundRequest request;
  request.set_order_id(withdrawal.order_id());
  request.set_case_id(withdrawal.withdrawal_id());
  request.set_reason(base::v1::REFUND_REASON_WITHDRAWAL);
  request.set_goods_minor(withdrawal.goods().amount_minor());
  request.set_delivery_fee_minor(withdrawal.delivery_fee().amount_minor());
  request.set_await_goods(true);
  Call(kGrantRefundTask, withdrawal.withdrawal_id(), request, tx);
}

void CallReleaseGrant(const claims::v1::Withdrawal& withdrawal, Transaction& tx) {
  payments::v1::ReleaseRefundGrantRequest request;
  request.set_grant_id(withdrawal.grant_id());
  Call(kReleaseRefundGrantTask, withdrawal.withdrawal_id(), request, tx);
}

void CallRequestCreditNote(const claims::v1::Claim& claim, Transaction& tx) {
  payments::v1::RequestCreditNoteRequest request;
  request.set_order_id(claim.order_id());
  request.set_case_id(claim.claim_id());
  request.set_return_number(claim.return_number());
  *request.mutable_gross() = claim.gross();
  *request.mutable_vat() = claim.vat();
  *request.mutable_commission() = claim.commission();
  Call(kRequestCreditNoteTask, claim.claim_id(), request, tx);
}

}  // namespace makegood::rules
