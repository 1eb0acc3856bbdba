#include "common/rules/policy/return_number.h"

#include <re2/re2.h>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace makegood::rules {

namespace {

constexpr absl::Duration kPaperTerm = absl::Hours(1);
constexpr absl::Duration kBindingTerm = absl::Hours(24);

}  // namespace

absl::Status CheckReturnNumber(const base::v1::Policy& policy, absl::string_view number) {
  // The pattern was checked when the policy was loaded.
  const re2::RE2 pattern(policy.credit_notes().return_number_pattern(), re2::RE2::Quiet);
  if (re2::RE2::FullMatch(re2::StringPiece(number.data(), number.size()), pattern)) return absl::OkStatus();
  return Refusal("RFD-05",
                 absl::StrCat("the return number does not match the pattern of ", policy.marketplace(), ", ",
                              policy.credit_notes().return_number_pattern()));
}

absl::Status CheckStillBound(absl::Time bound, absl::Time now) {
  if (now < bound + kPaperTerm) return absl::OkStatus();
  return absl::AbortedError("the return number was bound for a time that has passed; try again");
}

bool MayBeBoundAnew(absl::Time bound, absl::Time now) { return now >= bound + kBindingTerm; }

}  // namespace makegood::rules
