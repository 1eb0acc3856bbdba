#include "common/rules/policy/terms.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace makegood::rules {

absl::Status CheckClaimTerm(const Policy& policy, const WorkingDays& days, absl::Time delivered,
                            absl::Time now) {
  const int within = policy.claims().open_within_days();
  if (now < days.EndOfDay(delivered, within)) return absl::OkStatus();
  return Refusal("CLM-01", absl::StrCat("more than ", within, " days have passed since the delivery"));
}

absl::Status CheckWithdrawalTerm(const Policy& policy, const WorkingDays& days, absl::Time delivered,
                                 absl::Time now) {
  const int within = policy.claims().withdraw_within_days();
  if (within == 0) return Refusal("CLM-08", absl::StrCat(policy.marketplace(), " knows no withdrawal"));
  if (now < days.EndOfDay(delivered, within)) return absl::OkStatus();
  return Refusal("CLM-08", absl::StrCat("more than ", within, " days have passed since the delivery"));
}

}  // namespace makegood::rules
