// The dates of a claim that count working days (CAL-03): both ends of the window for its decision (CLM-03)
// and the hard limit of its outcome (CLM-04). For the steps of claims only.
#pragma once

#include "absl/status/status.h"
#include "common/rules/claims/claim_records.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/transaction.h"

namespace makegood::rules {

// CLM-03: the window, from submit_time, with its timer.
void SetWindow(claims::v1::Claim& claim, const Policy& policy, Transaction& tx);

// CLM-04: the limit, from decision_time, with its timer.
void SetResolutionDue(claims::v1::Claim& claim, const Policy& policy, Transaction& tx);

// Settles the provisional dates that are ahead by what the calendar knows now, moves their timers and
// announces it. Nothing happens where it knows no more than when they were reckoned. The caller puts the
// claim.
void SettleDates(claims::v1::Claim& claim, const Policy& policy, Transaction& tx);

// Stores a claim whose dates or state may have changed, settled, so that it is found once its calendar is
// extended.
absl::Status PutClaim(claims::v1::Claim& claim, Transaction& tx);

}  // namespace makegood::rules
