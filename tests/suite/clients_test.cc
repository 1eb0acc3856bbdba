// The client examples, as a user of our stubs would run them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/timestamp.pb.h"
#include "tests/suite/lossy_proxy.h"
#include "tests/suite/standalone.h"
#include "tests/suite/stories.h"
#include "tests/support/files.h"

namespace makegood {
namespace {

using testing::CountEvents;
using ::testing::HasSubstr;
using testing::LossyProxy;
using testing::Operations;
using testing::Process;
using testing::Program;
using testing::SourceFile;

const absl::CivilHour kStart(2026, 9, 1, 8);  // UTC

// The clock at so many hours after the start.
std::string TestClock(int hours) {
  return absl::FormatTime("--test_clock=%Y-%m-%dT%H:%M:%SZ",
                          absl::FromCivil(kStart + hours, absl::UTCTimeZone()), absl::UTCTimeZone());
}

// Bytes that a request has which names a time some minutes after that: a time but for its lowest 14 bits.
std::string BytesOfTime(int hours) {
  google::protobuf::Timestamp time;
  time.set_seconds(absl::ToUnixSeconds(absl::FromCivil(kStart + hours, absl::UTCTimeZone())));
  return time.SerializeAsString().substr(3);
}

class ClientExampleTest : public ::testing::TestWithParam<const char*> {
 protected:
  // Its requests are named r-1001-create, r-1001-pay and so on.
  void StartExample(const std::string& server) {
    example_ = Process({SourceFile("tools/clients/run"), GetParam(), "--server", server, "--run", "r-1001",
                        "--build", Program("")},
                       folder_.Path("log"));
  }

  std::string Printed() const { return testing::ReadFile(folder_.Path("log")); }

  // The server dies when it has the call that holds `mark`, done or not, and comes back four days later.
  // The example waits for that call's answer; it sends its calls again, and nothing is lost or done twice.
  void ExpectThatADeathChangesNothing(const std::string& mark) {
    ASSERT_NO_FATAL_FAILURE(suite_.Start({TestClock(0)}));
    const LossyProxy proxy(suite_.port(), {.mark = mark, .swallowing = absl::Minutes(2)});
    StartExample(proxy.address());
    for (const absl::Time end = absl::Now() + absl::Minutes(1); proxy.dropped() == 0 && absl::Now() < end;) {
      absl::SleepFor(absl::Milliseconds(2));
    }
    ASSERT_EQ(proxy.dropped(), 1) << Printed();
    suite_.Kill();
    ASSERT_NO_FATAL_FAILURE(suite_.Start({TestClock(4 * 24)}));
    EXPECT_EQ(example_.Wait(absl::Minutes(2)), 0) << Printed();
    EXPECT_THAT(Printed(), HasSubstr("UNAVAILABLE: the same request again in"));
    ExpectOneOfEach();
    EXPECT_EQ(suite_.Stop(), 0);
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
  ASSERT_NO_FATAL_FAILURE(suite_.Start({TestClock(0)}));
  const LossyProxy proxy(suite_.port(), {.mark = "r-1001-claim"});
  StartExample(proxy.address());
  EXPECT_EQ(example_.Wait(absl::Minutes(2)), 0) << Printed();
  EXPECT_EQ(proxy.dropped(), 1) << "the first answer to it did not come";
  EXPECT_THAT(Printed(), HasSubstr("UNAVAILABLE: the same request again in"));
  EXPECT_THAT(Printed(), HasSubstr("FAILED_PRECONDITION by rule CLM-01"));
  EXPECT_THAT(Printed(), HasSubstr("field units[0].quantity: is 0, want 1 or more"));
  EXPECT_THAT(Printed(), HasSubstr("all as promised"));
  ExpectOneOfEach();
  EXPECT_EQ(suite_.Stop(), 0);
}

TEST_P(ClientExampleTest, SYS_01_SYS_02_AServerThatDiesWithAPaymentChangesNothing) {
  ExpectThatADeathChangesNothing("r-1001-pay");
}

// Which has no request_id: the clock that comes back is further than what is asked for again.
TEST_P(ClientExampleTest, SYS_01_SYS_02_AServerThatDiesMovingItsClockChangesNothing) {
  ExpectThatADeathChangesNothing(BytesOfTime(2 * 24));
}

INSTANTIATE_TEST_SUITE_P(Languages, ClientExampleTest, ::testing::Values("python", "node", "cpp"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace makegood
