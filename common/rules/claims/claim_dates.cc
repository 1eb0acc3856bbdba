#include "common/rules/claims/claim_dates.h"

#include <utility>

#include "common/base/status.h"
#include "common/rules/claims/claim_tasks.h"
#include "common/rules/messages.h"
#include "common/rules/policy/working_dates.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using claims::v1::Claim;
using events::v1::Event;

using ClaimDate = WorkingDate<Claim>;

bool AwaitsDecision(const Claim& claim) {
  return claim.state() == Claim::STATE_VERIFYING && !claim.overdue();
}

// A withdrawal has a term of its own (CLM-08).
bool AwaitsOutcome(const Claim& claim) {
  const bool open = claim.state() == Claim::STATE_APPROVED || claim.state() == Claim::STATE_RESOLVING;
  return open && !claim.resolution_overdue() && claim.resolution() != base::v1::RESOLUTION_KIND_WITHDRAWAL;
}

constexpr ClaimDate kWindowOpen = {
    AwaitsDecision,
    [](const Claim& claim, const Policy& policy) {
      return WorkingTerm{ToTime(claim.submit_time()), policy.claims().verification().opens_working_day(),
                         WorkingTerm::Bound::kFrom};
    },
    &Claim::mutable_window_open_time, &Claim::window_open_provisional, &Claim::set_window_open_provisional};

constexpr ClaimDate kWindowDue = {
    AwaitsDecision,
    [](const Claim& claim, const Policy& policy) {
      return WorkingTerm{ToTime(claim.submit_time()), policy.claims().verification().due_working_day()};
    },
    &Claim::mutable_window_due_time, &Claim::window_due_provisional, &Claim::set_window_due_provisional};

constexpr ClaimDate kResolutionLimit = {
    AwaitsOutcome,
    [](const Claim& claim, const Policy& policy) {
      return WorkingTerm{ToTime(claim.decision_time()), policy.claims().resolve_within_working_days()};
    },
    &Claim::mutable_resolution_due_time, &Claim::resolution_due_provisional,
    &Claim::set_resolution_due_provisional};

constexpr ClaimDate kAllDates[] = {kWindowOpen, kWindowDue, kResolutionLimit};

void AnnounceWindow(const Claim& claim, const Settled& settled, Transaction& tx) {
  Event event = EventAbout(claim, claim.claim_id());
  events::v1::ClaimWindowSettled& fact = *event.mutable_claim_window_settled();
  *fact.mutable_window_open_time() = claim.window_open_time();
  *fact.mutable_window_due_time() = claim.window_due_time();
  fact.set_moved(settled.moved);
  fact.set_announced(!claim.appealed());  // an appeal names no dates
  fact.set_provisional(claim.window_open_provisional() || claim.window_due_provisional());
  tx.Emit(std::move(event));
}

void AnnounceLimit(const Claim& claim, const Settled& settled, Transaction& tx) {
  Event event = EventAbout(claim, claim.claim_id());
  events::v1::ResolutionDueSettled& fact = *event.mutable_resolution_due_settled();
  *fact.mutable_due_time() = claim.resolution_due_time();
  fact.set_moved(settled.moved);
  fact.set_provisional(claim.resolution_due_provisional());
  tx.Emit(std::move(event));
}

}  // namespace

void SetWindow(Claim& claim, const Policy& policy, Transaction& tx) {
  SetDate(kWindowOpen, policy, tx.policies(), claim);
  SetDate(kWindowDue, policy, tx.policies(), claim);
  SetTimer(kDecisionDue, claim.claim_id(), ToTime(claim.window_due_time()), tx);
}

void SetResolutionDue(Claim& claim, const Policy& policy, Transaction& tx) {
  SetDate(kResolutionLimit, policy, tx.policies(), claim);
  SetTimer(kResolutionDue, claim.claim_id(), ToTime(claim.resolution_due_time()), tx);
}

void SettleDates(Claim& claim, const Policy& policy, Transaction& tx) {
  if (claim.calendar_known_until() == tx.policies().KnownUntil(policy.calendar())) return;
  Settled window = SettleDate(kWindowOpen, policy, tx.policies(), claim);
  window |= SettleDate(kWindowDue, policy, tx.policies(), claim);
  if (window.moved) SetTimer(kDecisionDue, claim.claim_id(), ToTime(claim.window_due_time()), tx);
  if (window.changed) AnnounceWindow(claim, window, tx);

  const Settled limit = SettleDate(kResolutionLimit, policy, tx.policies(), claim);
  if (limit.moved) SetTimer(kResolutionDue, claim.claim_id(), ToTime(claim.resolution_due_time()), tx);
  if (limit.changed) AnnounceLimit(claim, limit, tx);
}

absl::Status PutClaim(Claim& claim, Transaction& tx) {
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(claim.policy()));
  SettleDates(claim, *policy, tx);
  RETURN_IF_ERROR(NoteFindable(claim.claim_id(), *policy, AnyProvisional<Claim>(kAllDates, claim),
                               *claim.mutable_calendar_known_until(), tx));
  tx.Put(claim);
  return absl::OkStatus();
}

}  // namespace makegood::rules
