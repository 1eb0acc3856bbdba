// RFD-05: how long a number waits for its paper.
#include "common/rules/policy/return_number.h"

#include "tests/support/rules_support.h"

namespace makegood::testing {
namespace {

TEST(ReturnNumbers, RFD_05_NoPaperIsDecidedByANumberThatAnotherOrderMayHaveByNow) {
  const absl::Time bound = At("2026-09-01T10:00+02:00");
  for (const absl::Duration after : {-absl::Hours(2), absl::ZeroDuration(), absl::Minutes(59)}) {
    EXPECT_THAT(rules::CheckStillBound(bound, bound + after), IsOk()) << after;
    EXPECT_FALSE(rules::MayBeBoundAnew(bound, bound + after)) << after;
  }
  EXPECT_THAT(rules::CheckStillBound(bound, bound + absl::Hours(1)), StatusIs(absl::StatusCode::kAborted));
  // Clocks that differ by less than 23 hours agree that one of the two is over.
  EXPECT_FALSE(rules::MayBeBoundAnew(bound, bound + absl::Hours(24) - absl::Seconds(1)));
  EXPECT_TRUE(rules::MayBeBoundAnew(bound, bound + absl::Hours(24)));
}

}  // namespace
}  // namespace makegood::testing
