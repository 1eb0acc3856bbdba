// What claims and withdrawals do later: timers, and calls to the payments service (SYS-05). Each
// task is named after its case, so that it is there once and can be cancelled when it is moot.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/transaction.h"
#include "makegood/base/v1/terms.pb.h"
#include "makegood/claims/v1/claims.pb.h"

namespace makegood::rules {

// Timers; the payload is the claim's id.
inline constexpr absl::string_view kEvidenceDue = "claim-evidence-due";      // CloseEvidence
inline constexpr absl::string_view kDecisionDue = "claim-decision-due";      // MarkOverdue
inline constexpr absl::string_view kAppealEnds = "claim-appeal-ends";        // CloseRejection
inline constexpr absl::string_view kResolutionDue = "claim-resolution-due";  // MarkResolutionOverdue

// Calls to payments; the payload is the request, complete with its request_id, the task's id.
inline constexpr absl::string_view kGrantRefund = "grant-refund";                 // GrantRefundRequest
inline constexpr absl::string_view kReleaseRefundGrant = "release-refund-grant";  // ReleaseRefundGrantRequest
inline constexpr absl::string_view kRequestCreditNote = "request-credit-note";    // RequestCreditNoteRequest

// Sets the timer `kind` of a claim, or moves it.
void SetTimer(absl::string_view kind, absl::string_view claim_id, absl::Time due, Transaction& tx);
void CancelTimer(absl::string_view kind, absl::string_view claim_id, Transaction& tx);
// All four.
void CancelTimers(absl::string_view claim_id, Transaction& tx);

// Asks payments to give back `goods_minor` and `delivery_fee_minor` for a case of the order; with
// `await_goods` not before ReleaseGrant (CLM-08).
void CallGrantRefund(absl::string_view order_id, absl::string_view case_id, base::v1::RefundReason reason,
                     int64_t goods_minor, int64_t delivery_fee_minor, bool await_goods, Transaction& tx);
void CallReleaseGrant(absl::string_view case_id, absl::string_view grant_id, Transaction& tx);
// RFD-05, for a claim that has its return document.
void CallRequestCreditNote(const claims::v1::Claim& claim, Transaction& tx);

}  // namespace makegood::rules
