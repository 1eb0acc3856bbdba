#include "services/claims/pace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace makegood::services {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;

constexpr absl::Time kBegun = absl::UnixEpoch();
const PaceLimits kLimits{
    .idle = absl::Seconds(30), .total = absl::Minutes(5), .least_bytes_per_second = 1'000};

auto TooLate(const std::string& text) {
  return ::testing::AllOf(testing::StatusIs(absl::StatusCode::kDeadlineExceeded),
                          ::testing::Property(&absl::Status::message, HasSubstr(text)));
}

TEST(Pace, SYS_12_WhoSendsAByteNowAndThenIsTooSlow) {
  Pace pace(kLimits, kBegun);
  EXPECT_EQ(pace.Begin(kBegun), absl::Seconds(30));
  EXPECT_THAT(pace.End(kBegun + absl::Seconds(29), 1), IsOk());  // perhaps it comes faster from now on
  EXPECT_EQ(pace.Begin(kBegun + absl::Seconds(29)), absl::Seconds(30));
  EXPECT_THAT(pace.End(kBegun + absl::Seconds(58), 1),
              TooLate("2 bytes in 58s, the least is 1000 bytes a second"));
}

TEST(Pace, SYS_12_WhoKeepsToTheRateIsNotEnded) {
  Pace pace(kLimits, kBegun);
  for (int second = 0; second < 250; ++second) {
    pace.Begin(kBegun + absl::Seconds(second));
    ASSERT_THAT(pace.End(kBegun + absl::Seconds(second + 1), 1'000), IsOk());
  }
}

TEST(Pace, SYS_12_OurOwnTimeIsNotTheirs) {
  Pace pace(kLimits, kBegun);
  pace.Begin(kBegun);
  EXPECT_THAT(pace.End(kBegun + absl::Seconds(1), 1'000), IsOk());
  pace.Begin(kBegun + absl::Seconds(200));  // a slow disk
  EXPECT_THAT(pace.End(kBegun + absl::Seconds(201), 1), IsOk());
}

TEST(Pace, SYS_12_TheWholeHasALimit) {
  Pace pace(kLimits, kBegun);
  EXPECT_EQ(pace.Begin(kBegun + absl::Seconds(290)), absl::Seconds(10));
  EXPECT_THAT(pace.Expired(kBegun + absl::Seconds(300), "no piece came"), TooLate("longer than 5m"));
  EXPECT_EQ(pace.Begin(kBegun + absl::Seconds(400)), absl::ZeroDuration());
  EXPECT_THAT(Pace(kLimits, kBegun).Expired(kBegun + absl::Seconds(30), "no piece came"),
              TooLate("no piece came for 30s"));
}

}  // namespace
}  // namespace makegood::services
