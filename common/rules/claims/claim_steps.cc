#include "common/rules/claims/claim_steps.h"

#include <utility>

#include "common/base/status.h"
#include "common/rules/claims/claim_dates.h"
#include "common/rules/claims/claim_tasks.h"
#include "common/rules/claims/order_units.h"
#include "common/rules/messages.h"
#include "common/rules/times.h"

namespace makegood::rules {

using claims::v1::Claim;
using events::v1::Event;

absl::StatusOr<ClaimAndPolicy> LoadClaim(absl::string_view claim_id, Transaction& tx) {
  ASSIGN_OR_RETURN(Claim claim, tx.Get<Claim>(claim_id));
  ASSIGN_OR_RETURN(const Policy* policy, tx.policies().At(claim.policy()));
  return ClaimAndPolicy{std::move(claim), policy};
}

absl::StatusOr<ClaimAndPolicy> BeginStep(const Action<Claim>& action, absl::string_view claim_id,
                                         Transaction& tx) {
  ASSIGN_OR_RETURN(Claim claim, Begin(action, claim_id, tx));
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(claim.policy()));
  return ClaimAndPolicy{std::move(claim), policy};
}

absl::StatusOr<Claim> EndStep(Claim claim, Transaction& tx) {
  RETURN_IF_ERROR(PutClaim(claim, tx));
  RETURN_IF_ERROR(FillActions(claim, tx.actor(), tx.now(), tx.policies()));
  return claim;
}

void StartClock(Claim& claim, const Policy& policy, Transaction& tx) {
  claim.set_state(Claim::STATE_VERIFYING);
  claim.set_overdue(false);
  claim.set_early(false);
  *claim.mutable_submit_time() = ToTimestamp(tx.now());
  SetWindow(claim, policy, tx);
}

void Submit(Claim& claim, const Policy& policy, Transaction& tx) {
  StartClock(claim, policy, tx);
  Event event = EventAbout(claim, claim.claim_id());
  events::v1::ClaimSubmitted& submitted = *event.mutable_claim_submitted();
  *submitted.mutable_window_open_time() = claim.window_open_time();
  *submitted.mutable_window_due_time() = claim.window_due_time();
  tx.Emit(std::move(event));
}

absl::Status Approve(Claim& claim, const Policy& policy, Transaction& tx) {
  claim.set_state(Claim::STATE_APPROVED);
  *claim.mutable_decision_time() = ToTimestamp(tx.now());
  for (const int hours : policy.claims().refund_target_hours()) {
    *claim.add_refund_target_times() = ToTimestamp(tx.now() + absl::Hours(hours));
  }
  SetResolutionDue(claim, policy, tx);
  // CLM-09: a wrong item is fetched without charge.
  const int collect_within = policy.claims().collect_wrong_within_hours();
  if (claim.kind() == base::v1::CLAIM_KIND_WRONG && collect_within > 0) {
    *claim.mutable_collect_due_time() = ToTimestamp(tx.now() + absl::Hours(collect_within));
  }
  ASSIGN_OR_RETURN(const int erroneous_lines, MarkErroneous(claim.order_id(), claim.units(), tx));

  Event event = EventAbout(claim, claim.claim_id());
  events::v1::ClaimApproved& approved = *event.mutable_claim_approved();
  approved.set_kind(claim.kind());
  approved.set_early(claim.early());
  approved.set_line_count(erroneous_lines);
  if (claim.has_submit_time()) {
    *approved.mutable_submitted_time() = claim.submit_time();
    approved.set_verification(claim.overdue() ? base::v1::SLA_OUTCOME_MISSED : base::v1::SLA_OUTCOME_MET);
  }
  tx.Emit(std::move(event));
  return absl::OkStatus();
}

void NoteDecisionOverdue(Claim& claim, absl::Time time, Transaction& tx) {
  if (claim.overdue() || time < ToTime(claim.window_due_time())) return;
  claim.set_overdue(true);
  Event event = EventAbout(claim, claim.claim_id());
  *event.mutable_claim_overdue()->mutable_due_time() = claim.window_due_time();
  tx.Emit(std::move(event));
}

void NoteResolutionOverdue(Claim& claim, absl::Time time, Transaction& tx) {
  // A withdrawal has a term of its own (CLM-08).
  if (claim.resolution() == base::v1::RESOLUTION_KIND_WITHDRAWAL) return;
  if (claim.resolution_overdue() || time < ToTime(claim.resolution_due_time())) return;
  claim.set_resolution_overdue(true);
  Event event = EventAbout(claim, claim.claim_id());
  *event.mutable_resolution_overdue()->mutable_due_time() = claim.resolution_due_time();
  tx.Emit(std::move(event));
}

void Resolve(Claim& claim, const Policy& policy, absl::Time time, Transaction& tx) {
  SettleDates(claim, policy, tx);
  NoteResolutionOverdue(claim, time, tx);
  claim.set_state(Claim::STATE_RESOLVED);
  *claim.mutable_resolved_time() = ToTimestamp(time);
  CancelTimers(claim.claim_id(), tx);

  Event event = EventAbout(claim, claim.claim_id());
  *event.mutable_time() = ToTimestamp(time);
  events::v1::ClaimResolved& resolved = *event.mutable_claim_resolved();
  resolved.set_kind(claim.kind());
  resolved.set_resolution(claim.resolution());
  *resolved.mutable_detected_time() = claim.create_time();
  const bool met = time - ToTime(claim.create_time()) <= absl::Hours(policy.targets().resolution_hours());
  resolved.set_outcome(met ? base::v1::SLA_OUTCOME_MET : base::v1::SLA_OUTCOME_MISSED);
  tx.Emit(std::move(event));
}

}  // namespace makegood::rules
