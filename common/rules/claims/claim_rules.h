// Claims: a buyer's assertion after delivery, from its opening to what made it good (CLM-01 to
// CLM-08, CLM-13). Every decision is pure; see common/rules/transaction.h.
//
// A command refuses with the rule that says no; PERMISSION_DENIED comes under the method's ROL
// rule; ABORTED under SYS-04; NOT_FOUND for a claim there is not. What it returns is the claim as
// stored, with the caller's available actions.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/claims/claim_records.h"
#include "common/rules/transaction.h"
#include "makegood/claims/v1/claims_service.pb.h"
#include "makegood/orders/v1/orders.pb.h"

namespace makegood::rules {

// ---- Commands.

// CLM-01, CLM-13. `order` is what its owner says it is now.
absl::StatusOr<claims::v1::Claim> OpenClaim(const claims::v1::OpenClaimRequest& request,
                                            const orders::v1::Order& order, Transaction& tx);

// CLM-02. The decision at the end of an upload: `file` is whole and on disk. `time` is filled here.
absl::StatusOr<claims::v1::Claim> AddEvidence(absl::string_view claim_id, const claims::v1::Evidence& file,
                                              Transaction& tx);

// CLM-03: the clock starts.
absl::StatusOr<claims::v1::Claim> SubmitEvidence(const claims::v1::SubmitEvidenceRequest& request,
                                                 Transaction& tx);
// CLM-03, CLM-04.
absl::StatusOr<claims::v1::Claim> ApproveClaim(const claims::v1::ApproveClaimRequest& request,
                                               Transaction& tx);
// CLM-03, CLM-13.
absl::StatusOr<claims::v1::Claim> RejectClaim(const claims::v1::RejectClaimRequest& request, Transaction& tx);
// CLM-13.
absl::StatusOr<claims::v1::Claim> AppealClaim(const claims::v1::AppealClaimRequest& request, Transaction& tx);
absl::StatusOr<claims::v1::Claim> RetractClaim(const claims::v1::RetractClaimRequest& request,
                                               Transaction& tx);
// CLM-04 to CLM-08.
absl::StatusOr<claims::v1::Claim> ChooseResolution(const claims::v1::ChooseResolutionRequest& request,
                                                   Transaction& tx);
// CLM-06: what cannot be sent again is paid back.
absl::StatusOr<claims::v1::Claim> ReportOutOfStock(const claims::v1::ReportOutOfStockRequest& request,
                                                   Transaction& tx);
// CLM-05, CLM-10.
absl::StatusOr<claims::v1::Claim> RecordReship(const claims::v1::RecordReshipRequest& request,
                                               Transaction& tx);
// CLM-09: the wrong item was fetched.
absl::StatusOr<claims::v1::Claim> RecordCollection(const claims::v1::RecordCollectionRequest& request,
                                                   Transaction& tx);
// CLM-06, CLM-07, RFD-05.
absl::StatusOr<claims::v1::Claim> CreateReturnDocument(const claims::v1::CreateReturnDocumentRequest& request,
                                                       Transaction& tx);

// ---- Timers (SYS-05). One that fires when it is moot changes nothing.

// CLM-13: the time for evidence has passed. A claim without any lapses; what came counts as complete,
// and the clock starts.
absl::Status CloseEvidence(absl::string_view claim_id, Transaction& tx);
// CLM-03: the window closed without a decision. Marked and announced once, never decided.
absl::Status MarkOverdue(absl::string_view claim_id, Transaction& tx);
// CLM-01, CLM-13: the rejection can no longer be appealed: announced, and its units are free again.
absl::Status CloseRejection(absl::string_view claim_id, Transaction& tx);
// CLM-04: the hard limit passed. Marked and announced once.
absl::Status MarkResolutionOverdue(absl::string_view claim_id, Transaction& tx);

// ---- What an extended calendar does (CAL-03).

// Settles the claim's provisional dates: each moves later or not at all, with its timer, and what changed is
// announced. Nothing happens where there are none, or the calendar knows no more than before.
absl::Status SettleClaimDates(absl::string_view claim_id, Transaction& tx);

// ---- What other rules do to a claim.

// KPI-03: made good at `time`. The claim is RESOLVING; nothing happens in any other state.
absl::Status ResolveClaim(absl::string_view claim_id, absl::Time time, Transaction& tx);

// CLM-08: no goods of its withdrawal came back: the customer chooses again. Nothing happens to a claim that
// is not being made good by one.
absl::Status ReopenChoice(absl::string_view claim_id, Transaction& tx);

// What happens here when payments grants money for a claim or a withdrawal, and when nothing more comes of it
// (CLM-04, CLM-06, CLM-08). Every other event changes nothing.
absl::Status OnPaymentEvent(const events::v1::Event& event, Transaction& tx);

// ORD-05: the cases of an order whose delivery was a mistake end with its correction. Every other event
// changes nothing.
absl::Status OnOrderEvent(const events::v1::Event& event, Transaction& tx);

}  // namespace makegood::rules
