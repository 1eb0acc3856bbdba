// What claims and withdrawals do later: timers, and calls to the payments service (SYS-05). Each
// task is named after its case, so that it is there once and can be cancelled when it is moot.
#pragma once

#include "absl/strings/string_view.h"
#include "common/rules/timers.h"
#include "common/rules/transaction.h"
#include "makegood/claims/v1/claims.pb.h"

namespace makegood::rules {

// Timers; the payload is the claim's id.
inline constexpr absl::string_view kEvidenceDue = "claim-evidence-due";      // CloseEvidence
inline constexpr absl::string_view kDecisionDue = "claim-decision-due";      // MarkOverdue
inline constexpr absl::string_view kAppealEnds = "claim-appeal-ends";        // CloseRejection
inline constexpr absl::string_view kResolutionDue = "claim-resolution-due";  // MarkResolutionOverdue

inline constexpr absl::string_view kWithdrawalDue = "withdrawal-due";  // MarkWithdrawalOverdue

// The call to payments; the payload is a GrantRefundRequest, complete with its request_id, the task's id.
inline constexpr absl::string_view kGrantRefundTask = "grant-refund";

// All four of a claim.
void CancelTimers(absl::string_view claim_id, Transaction& tx);

// The case that a call is made for.
absl::string_view CaseOfTask(absl::string_view task_id);

// Asks payments to bring the case's money to where the case is now: its units' price back, as far as they
// wait for no goods, and the merchant's credit note (RFD-05, RFD-09). Asked again whenever the case has come
// further.
void CallGrantRefund(claims::v1::Claim& claim, Transaction& tx);
void CallGrantRefund(const claims::v1::Withdrawal& withdrawal, Transaction& tx);

}  // namespace makegood::rules
