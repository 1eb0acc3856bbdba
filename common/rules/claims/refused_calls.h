// What claims and withdrawals asked payments for and were refused (SYS-13): a refusal is an answer, told on
// the case and to Operations, who have it asked for again once its cause is mended.
#pragma once

#include <algorithm>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/status.h"
#include "common/rules/transaction.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/base/v1/terms.pb.h"
#include "makegood/claims/v1/claims_service.pb.h"

namespace makegood::rules {

// The answer to the task `task_id`, a call of a case (see claim_tasks.h). NOT_FOUND where there is no such
// case.
absl::Status NoteRefusedCall(base::v1::CallKind call, absl::string_view task_id, const absl::Status& refusal,
                             Transaction& tx);

// ROL-07. Asks for all that was refused; where nothing was, for the case's money once more, which payments
// answers as before, unless it was restored from a copy and has lost it. Refused: SYS-13, where the case asks
// for nothing.
absl::StatusOr<claims::v1::Claim> RetryClaimCalls(const claims::v1::RetryClaimCallsRequest& request,
                                                  Transaction& tx);
absl::StatusOr<claims::v1::Withdrawal> RetryWithdrawalCalls(
    const claims::v1::RetryWithdrawalCallsRequest& request, Transaction& tx);

// Their guards.
absl::Status MayRetryClaimCalls(const claims::v1::Claim& claim);
absl::Status MayRetryWithdrawalCalls(const claims::v1::Withdrawal& withdrawal);

// The answer came after all: payments was asked for the same by other hands, and nothing is left to ask
// again.
template <typename Case>
void ForgetRefusedCall(base::v1::CallKind call, Case& asked) {
  auto& calls = *asked.mutable_refused_calls();
  calls.erase(std::remove_if(calls.begin(), calls.end(),
                             [&](const claims::v1::RefusedCall& refused) { return refused.call() == call; }),
              calls.end());
}

// Refused calls are not for customers, stores and couriers: takes them out of what they are shown.
template <typename Case>
void HideRefusedCalls(const base::v1::Actor& actor, Case& shown) {
  if (actor.role() != base::v1::ROLE_OPERATIONS && actor.role() != base::v1::ROLE_AUDITOR &&
      actor.role() != base::v1::ROLE_SERVICE) {
    shown.clear_refused_calls();
  }
}

}  // namespace makegood::rules
