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

void CallGrantRefund(absl::string_view order_id, absl::string_view case_id, base::v1::RefundReason reason,
                     int64_t goods_minor, int64_t delivery_fee_minor, bool await_goods, Transaction& tx) {
  payments::v1::GrantRefundRequest request;
  request.set_order_id(std::string(order_id));
  request.set_case_id(std::string(case_id));
  request.set_reason(reason);
  request.set_goods_minor(goods_minor);
  request.set_delivery_fee_minor(delivery_fee_minor);
  request.set_await_goods(await_goods);
  Call(kGrantRefund, case_id, request, tx);
}

void CallReleaseGrant(absl::string_view case_id, absl::string_view grant_id, Transaction& tx) {
  payments::v1::ReleaseRefundGrantRequest request;
  request.set_grant_id(std::string(grant_id));
  Call(kReleaseRefundGrant, case_id, request, tx);
}

void CallRequestCreditNote(const claims::v1::Claim& claim, Transaction& tx) {
  payments::v1::RequestCreditNoteRequest request;
  request.set_order_id(claim.order_id());
  request.set_case_id(claim.claim_id());
  request.set_return_number(claim.return_number());
  *request.mutable_gross() = claim.gross();
  *request.mutable_vat() = claim.vat();
  *request.mutable_commission() = claim.commission();
  Call(kRequestCreditNote, claim.claim_id(), request, tx);
}

}  // namespace makegood::rules
