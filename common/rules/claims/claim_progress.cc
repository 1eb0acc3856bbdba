// What moves a claim on by itself: its timers, and what payments tells.
#include <optional>
#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/rules/claims/claim_dates.h"
#include "common/rules/claims/claim_rules.h"
#include "common/rules/claims/claim_steps.h"
#include "common/rules/claims/claim_tasks.h"
#include "common/rules/claims/order_units.h"
#include "common/rules/claims/order_withdrawals.h"
#include "common/rules/claims/refused_calls.h"
#include "common/rules/claims/withdrawal_rules.h"
#include "common/rules/messages.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using claims::v1::Claim;
using claims::v1::Withdrawal;
using events::v1::Event;

// CLM-04, CLM-06: payments has granted the refund of a claim, or nothing more comes of the grant.
absl::Status OnClaimRefund(const Event& event, const Claim& known, Transaction& tx) {
  if (known.resolution() != base::v1::RESOLUTION_KIND_REFUND) return absl::OkStatus();
  if (event.has_refund_grant_closed()) {
    if (event.refund_grant_closed().grant_id() != known.grant_id()) return absl::OkStatus();
    return ResolveClaim(known.claim_id(), ToTime(event.time()), tx);
  }
  // One grant a case (RFD-09): another one takes the place of one that payments, restored from a copy, has
  // lost.
  if (known.grant_id() == event.refund_granted().grant_id()) return absl::OkStatus();
  Claim claim = known;
  claim.set_grant_id(event.refund_granted().grant_id());
  ForgetRefusedCall(base::v1::CALL_KIND_GRANT_REFUND, claim);
  tx.Put(claim);
  return absl::OkStatus();
}

// CLM-08: the same for a withdrawal.
absl::Status OnWithdrawalRefund(const Event& event, const Withdrawal& withdrawal, Transaction& tx) {
  if (event.has_refund_granted()) {
    NoteWithdrawalGrant(withdrawal, event.refund_granted().grant_id(), tx);
    return absl::OkStatus();
  }
  if (event.refund_grant_closed().grant_id() != withdrawal.grant_id()) return absl::OkStatus();
  return NotePaidBack(withdrawal, ToTime(event.time()), tx);
}

base::v1::RefundReason ReasonOf(const Event& event) {
  if (event.has_refund_granted()) return event.refund_granted().reason();
  if (event.has_refund_grant_closed()) return event.refund_grant_closed().reason();
  return base::v1::REFUND_REASON_UNSPECIFIED;
}

// ORD-05: a claim under way ends with the correction, which gives everything back.
absl::Status EndByCorrection(absl::string_view claim_id, absl::Time time, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, LoadClaim(claim_id, tx));
  Claim& claim = loaded.claim;
  if (!IsOpen(claim) && !claim.awaits_document()) return absl::OkStatus();
  claim.set_awaits_document(false);
  if (!IsOpen(claim)) return PutClaim(claim, tx);
  claim.set_resolution(base::v1::RESOLUTION_KIND_CORRECTION);
  claim.clear_appeal_until_time();
  claim.clear_refused_calls();
  Resolve(claim, *loaded.policy, time, tx);
  return PutClaim(claim, tx);
}

}  // namespace

absl::Status CloseEvidence(absl::string_view claim_id, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, LoadClaim(claim_id, tx));
  Claim& claim = loaded.claim;
  if (claim.state() != Claim::STATE_AWAITING_EVIDENCE) return absl::OkStatus();
  if (!claim.evidence().empty()) {
    Submit(claim, *loaded.policy, tx);
    return PutClaim(claim, tx);
  }
  claim.set_state(Claim::STATE_LAPSED);
  tx.Put(claim);
  Event event = EventAbout(claim, claim.claim_id());
  event.mutable_claim_lapsed()->set_kind(claim.kind());
  tx.Emit(std::move(event));
  return FreeUnits(claim.order_id(), claim.claim_id(), tx);
}

absl::Status MarkOverdue(absl::string_view claim_id, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, LoadClaim(claim_id, tx));
  Claim& claim = loaded.claim;
  if (claim.state() != Claim::STATE_VERIFYING || claim.overdue()) return absl::OkStatus();
  SettleDates(claim, *loaded.policy, tx);
  NoteDecisionOverdue(claim, tx.now(), tx);
  return PutClaim(claim, tx);
}

absl::Status CloseRejection(absl::string_view claim_id, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, LoadClaim(claim_id, tx));
  Claim& claim = loaded.claim;
  if (claim.state() != Claim::STATE_REJECTED || !claim.has_appeal_until_time()) return absl::OkStatus();
  claim.clear_appeal_until_time();
  tx.Put(claim);
  Event event = EventAbout(claim, claim.claim_id());
  event.mutable_rejection_closed()->set_kind(claim.kind());
  tx.Emit(std::move(event));
  return FreeUnits(claim.order_id(), claim.claim_id(), tx);
}

absl::Status MarkResolutionOverdue(absl::string_view claim_id, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, LoadClaim(claim_id, tx));
  Claim& claim = loaded.claim;
  const bool open = claim.state() == Claim::STATE_APPROVED || claim.state() == Claim::STATE_RESOLVING;
  if (!open || claim.resolution_overdue()) return absl::OkStatus();
  SettleDates(claim, *loaded.policy, tx);
  NoteResolutionOverdue(claim, tx.now(), tx);
  return PutClaim(claim, tx);
}

absl::Status SettleClaimDates(absl::string_view claim_id, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, LoadClaim(claim_id, tx));
  Claim& claim = loaded.claim;
  const std::string known = tx.policies().KnownUntil(loaded.policy->calendar());
  if (claim.calendar_known_until().empty() || claim.calendar_known_until() == known) return absl::OkStatus();
  return PutClaim(claim, tx);
}

absl::Status ResolveClaim(absl::string_view claim_id, absl::Time time, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, LoadClaim(claim_id, tx));
  if (loaded.claim.state() != Claim::STATE_RESOLVING) return absl::OkStatus();
  Resolve(loaded.claim, *loaded.policy, time, tx);
  return PutClaim(loaded.claim, tx);
}

absl::Status ReopenChoice(absl::string_view claim_id, Transaction& tx) {
  ASSIGN_OR_RETURN(Claim claim, tx.Get<Claim>(claim_id));
  if (claim.state() != Claim::STATE_RESOLVING || claim.resolution() != base::v1::RESOLUTION_KIND_WITHDRAWAL) {
    return absl::OkStatus();
  }
  claim.set_state(Claim::STATE_APPROVED);
  claim.clear_resolution();
  claim.clear_withdrawal_id();
  SetTimer(kResolutionDue, claim.claim_id(), ToTime(claim.resolution_due_time()), tx);
  RETURN_IF_ERROR(PutClaim(claim, tx));
  return SetUse(claim.order_id(), claim_id, claims::v1::TakenUnits::USE_UNSPECIFIED, tx);
}

absl::Status OnPaymentEvent(const Event& event, Transaction& tx) {
  switch (ReasonOf(event)) {
    case base::v1::REFUND_REASON_CLAIM: {
      ASSIGN_OR_RETURN(const std::optional<Claim> claim, tx.Find<Claim>(event.case_id()));
      return claim.has_value() ? OnClaimRefund(event, *claim, tx) : absl::OkStatus();
    }
    case base::v1::REFUND_REASON_WITHDRAWAL: {
      ASSIGN_OR_RETURN(const std::optional<Withdrawal> withdrawal, tx.Find<Withdrawal>(event.case_id()));
      return withdrawal.has_value() ? OnWithdrawalRefund(event, *withdrawal, tx) : absl::OkStatus();
    }
    default:
      return absl::OkStatus();
  }
}

absl::Status OnOrderEvent(const Event& event, Transaction& tx) {
  if (!event.has_correction_numbered()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Withdrawal> withdrawals, WithdrawalsOf(event.order_id(), tx));
  for (const Withdrawal& withdrawal : withdrawals) RETURN_IF_ERROR(EndByCorrection(withdrawal, tx));
  ASSIGN_OR_RETURN(const std::vector<std::string> cases, CasesOf(event.order_id(), tx));
  for (const std::string& case_id : cases) {
    ASSIGN_OR_RETURN(const std::optional<Claim> claim, tx.Find<Claim>(case_id));
    if (claim.has_value()) RETURN_IF_ERROR(EndByCorrection(case_id, ToTime(event.time()), tx));
  }
  return absl::OkStatus();
}

}  // namespace makegood::rules
