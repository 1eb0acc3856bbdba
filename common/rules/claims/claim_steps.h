// Steps that commands, timers and others' events on a claim have in common. For claim_rules.cc and
// claim_progress.cc only; what they promise is in claim_rules.h.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/claims/claim_guards.h"
#include "common/rules/claims/claim_records.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/transaction.h"

namespace makegood::rules {

// A claim and the policy it is pinned to.
struct ClaimAndPolicy {
  claims::v1::Claim claim;
  const Policy* policy;
};
absl::StatusOr<ClaimAndPolicy> LoadClaim(absl::string_view claim_id, Transaction& tx);

// The beginning of a command: the claim, if the caller may take this step with it now.
absl::StatusOr<ClaimAndPolicy> BeginStep(const Action<claims::v1::Claim>& action, absl::string_view claim_id,
                                         Transaction& tx);

// The end of a command: stores the claim and returns it as the caller sees it.
absl::StatusOr<claims::v1::Claim> EndStep(claims::v1::Claim claim, Transaction& tx);

// CLM-03: the clock starts now, for the first time or anew.
void StartClock(claims::v1::Claim& claim, const Policy& policy, Transaction& tx);

// CLM-03: evidence is complete: the clock starts, announced.
void Submit(claims::v1::Claim& claim, const Policy& policy, Transaction& tx);

// CLM-04: APPROVED now, with targets and hard limit; its lines are erroneous (KPI-02).
absl::Status Approve(claims::v1::Claim& claim, const Policy& policy, Transaction& tx);

// CLM-03, CLM-04: marks and announces what `time` has passed and nobody has marked yet.
void NoteDecisionOverdue(claims::v1::Claim& claim, absl::Time time, Transaction& tx);
void NoteResolutionOverdue(claims::v1::Claim& claim, absl::Time time, Transaction& tx);

// KPI-03: made good at `time`.
void Resolve(claims::v1::Claim& claim, const Policy& policy, absl::Time time, Transaction& tx);

}  // namespace makegood::rules
