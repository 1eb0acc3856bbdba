#include "common/rules/claims/claim_tasks.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "makegood/payments/v1/payments_service.pb.h"

namespace makegood::rules {
namespace {

// Each asking has an id of its own, since what is asked for has grown. A version says no more than which one
// leads to which: a service restored from a copy counts on from there, and must not be told what its answer
// was then.
template <typename Case>
void Ask(const Case& asking, absl::string_view case_id, base::v1::RefundReason reason, Transaction& tx) {
  payments::v1::GrantRefundRequest request;
  request.set_order_id(asking.order_id());
  request.set_case_id(std::string(case_id));
  request.set_reason(reason);
  const std::string id =
      absl::StrCat(TaskIdOf(kGrantRefundTask, case_id), ":", asking.version() + 1, ":", tx.NewId("ask"));
  request.mutable_command()->set_request_id(id);
  tx.Schedule(Task{id, std::string(kGrantRefundTask), tx.now(), request.SerializeAsString()});
}

}  // namespace

void CancelTimers(absl::string_view claim_id, Transaction& tx) {
  for (const absl::string_view kind : {kEvidenceDue, kDecisionDue, kAppealEnds, kResolutionDue}) {
    CancelTimer(kind, claim_id, tx);
  }
}

absl::string_view CaseOfTask(absl::string_view task_id) {
  const absl::string_view named = task_id.substr(task_id.find(':') + 1);
  return named.substr(0, named.find(':'));
}

void CallGrantRefund(claims::v1::Claim& claim, Transaction& tx) {
  claim.set_refund_asked(true);
  Ask(claim, claim.claim_id(), base::v1::REFUND_REASON_CLAIM, tx);
}

void CallGrantRefund(const claims::v1::Withdrawal& withdrawal, Transaction& tx) {
  Ask(withdrawal, withdrawal.withdrawal_id(), base::v1::REFUND_REASON_WITHDRAWAL, tx);
}

}  // namespace makegood::rules
