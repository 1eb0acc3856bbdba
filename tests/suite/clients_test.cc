// The client examples, as a user of our stubs would run them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "tests/suite/standalone.h"
#include "tests/suite/stories.h"
#include "tests/support/files.h"

namespace makegood {
namespace {

using testing::CountEvents;
using ::testing::HasSubstr;
using testing::Operations;
using testing::Process;
using testing::Program;
using testing::SourceFile;

constexpr char kFirst[] = "--test_clock=2026-09-01T08:00:00+08:00";
constexpr char kAfterDelivery[] = "--test_clock=2026-09-05T08:00:00+08:00";

class ClientExampleTest : public ::testing::TestWithParam<const char*> {
 protected:
  void StartExample() {
    example_ = Process({SourceFile("tools/clients/run"), GetParam(), "--server", suite_.address(), "--run",
                        "r-1001", "--build", Program("")},
                       log());
  }

  std::string log() const { return folder_.Path("log"); }

  std::string Printed() const { return testing::ReadFile(log()); }

  bool WaitForLine(absl::string_view line, absl::Duration patience) const {
    for (const absl::Time end = absl::Now() + patience; absl::Now() < end;) {
      if (absl::StrContains(Printed(), line)) return true;
      absl::SleepFor(absl::Milliseconds(2));
    }
    return false;
  }

  // What the server holds when the example is through: one claim made good by one refund.
  void ExpectOneOfEach() {
    ctl::Client client(suite_.address());
    const auto claims =
        client.Call(Operations(), *client.claims, &claims::v1::ClaimsService::Stub::ListClaims,
                    claims::v1::ListClaimsRequest());
    ASSERT_TRUE(claims.ok()) << claims.status();
    ASSERT_EQ(claims->claims_size(), 1);
    const claims::v1::Claim& claim = claims->claims(0);
    EXPECT_EQ(claim.state(), claims::v1::Claim::STATE_RESOLVED);
    EXPECT_EQ(claim.order_id(), "order-r-1001");
    EXPECT_EQ(claim.evidence_size(), 1);

    const auto refunds =
        client.Call(Operations(), *client.payments, &payments::v1::PaymentsService::Stub::ListRefunds,
                    payments::v1::ListRefundsRequest());
    ASSERT_TRUE(refunds.ok()) << refunds.status();
    ASSERT_EQ(refunds->refunds_size(), 1);
    EXPECT_EQ(refunds->refunds(0).state(), payments::v1::Refund::STATE_SETTLED);
    EXPECT_EQ(refunds->refunds(0).amount().amount_minor(), 19900);

    using events::v1::Event;
    EXPECT_TRUE(testing::WaitForEvent(client, claim.order_id(), Event::kClaimResolved));
    for (const auto kind : {Event::kOrderCreated, Event::kOrderDelivered, Event::kClaimOpened,
                            Event::kEvidenceAdded, Event::kClaimApproved, Event::kClaimResolved}) {
      EXPECT_EQ(CountEvents(client, claim.order_id(), kind), 1) << kind;
    }
  }

  testing::Standalone suite_;
  Process example_;

 private:
  const testing::ScratchFolder folder_;
};

TEST_P(ClientExampleTest, SYS_02_SYS_07_SentTwiceCountsOnceAndRefusalsNameRuleOrField) {
  ASSERT_NO_FATAL_FAILURE(suite_.Start({kFirst}));
  StartExample();
  EXPECT_EQ(example_.Wait(absl::Minutes(2)), 0) << Printed();
  EXPECT_THAT(Printed(), HasSubstr("by rule CLM-01"));
  EXPECT_THAT(Printed(), HasSubstr("field units[0].quantity: is 0, want 1 or more"));
  EXPECT_THAT(Printed(), HasSubstr("all as promised"));
  ExpectOneOfEach();
  EXPECT_EQ(suite_.Stop(), 0);
}

// The example's calls fail for as long as the server is away; it sends them again, and nothing is lost or
// done twice.
TEST_P(ClientExampleTest, SYS_01_SYS_02_AServerThatDiesMeanwhileChangesNothing) {
  ASSERT_NO_FATAL_FAILURE(suite_.Start({kFirst}));
  StartExample();
  ASSERT_TRUE(WaitForLine("is created", absl::Minutes(1))) << Printed();
  suite_.Kill();
  ASSERT_NO_FATAL_FAILURE(suite_.Start({kAfterDelivery}));
  EXPECT_EQ(example_.Wait(absl::Minutes(2)), 0) << Printed();
  EXPECT_THAT(Printed(), HasSubstr("the same request again in"));
  ExpectOneOfEach();
  EXPECT_EQ(suite_.Stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(Languages, ClientExampleTest, ::testing::Values("python", "node", "cpp"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace makegood
