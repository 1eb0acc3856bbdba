// The test clock: stops at every timer on the way, and answers when everything has settled.
#include "common/flow/test_clock.h"

#include <atomic>

#include "tests/flow/flow_test.h"

namespace makegood::testing {
namespace {

using base::v1::AdvanceTimeRequest;
using base::v1::ClockTime;

class TestClocks : public FlowTest {
 protected:
  TestClocks() {
    // Each day of a chain: an event in orders, its effect and a timer in claims, and the next day.
    runner_ = std::make_unique<flow::TaskRunner>(
        *orders_, clock_, policies_, Service(),
        flow::TaskKinds{{"day", flow::Timer([this](const rules::Task& task, rules::Transaction& tx) {
                           return Day(task.due, tx);
                         })}});
    claims_runner_ = std::make_unique<flow::TaskRunner>(
        *claims_, clock_, policies_, Service(),
        flow::TaskKinds{{"follow-up", flow::Timer([this](const rules::Task&, rules::Transaction& tx) {
                           Note(tx.now());
                           return absl::OkStatus();
                         })}});
    subscriber_ = Subscribe([](const events::v1::Event& event, rules::Transaction& tx) {
      RETURN_IF_ERROR(Follow(event, tx));
      tx.Schedule("follow-up", tx.now() + absl::Hours(6), v1::Box());
      return absl::OkStatus();
    });
    clock_service_ =
        flow::MakeTestClockService(clock_, {{{"orders", orders_.get()}, {"claims", claims_.get()}},
                                            {subscriber_.get()},
                                            {runner_.get(), claims_runner_.get()}});
    clock_server_.AddService<base::v1::TestClockService>(*clock_service_);
    EXPECT_THAT(clock_server_.Start(), IsOk());
    clock_stub_ = base::v1::TestClockService::NewStub(clock_server_.InProcessChannel());
  }

  ~TestClocks() override {
    clock_stub_.reset();
    clock_server_.Drain();
  }

  static absl::Status Day(absl::Time due, rules::Transaction& tx) {
    EXPECT_EQ(tx.now(), due);
    v1::FillBoxRequest request;
    request.set_box_id("box-1");
    request.set_amount(1);
    RETURN_IF_ERROR(testing::FillBox(request, tx).status());
    tx.Schedule(rules::Task{"day", "day", due + absl::Hours(24), ""});
    return absl::OkStatus();
  }

  void Note(absl::Time time) {
    absl::MutexLock lock(&mutex_);
    follow_ups_.push_back(time);
  }

  absl::Status Advance(absl::Time to, absl::Duration timeout = kPatience,
                       const base::v1::Actor& actor = Operations()) {
    grpc::ClientContext context;
    rpc::Prepare(context, actor, timeout);
    AdvanceTimeRequest request;
    *request.mutable_to_time() = rules::ToTimestamp(to);
    ClockTime reply;
    const absl::Status status = rpc::FromGrpc(clock_stub_->AdvanceTime(&context, request, &reply));
    if (status.ok()) {
      EXPECT_EQ(rules::ToTime(reply.time()), std::max(to, clock_.Now()));
    }
    return status;
  }

  absl::Mutex mutex_;
  std::vector<absl::Time> follow_ups_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<flow::TaskRunner> runner_;
  std::unique_ptr<flow::TaskRunner> claims_runner_;
  std::unique_ptr<flow::Subscriber> subscriber_;
  std::unique_ptr<base::v1::TestClockService::CallbackService> clock_service_;
  rpc::Server clock_server_{rpc::ServerOptions()};
  std::unique_ptr<base::v1::TestClockService::Stub> clock_stub_;
};

TEST_F(TestClocks, SYS_05_EveryTimerOnTheWayFiresAtItsOwnTimeAndWhatFollowsHasSettled) {
  const absl::Time start = clock_.Now();
  ASSERT_THAT(Run(*orders_, "box-1",
                  [&](rules::Transaction& tx) {
                    tx.Schedule(rules::Task{"day", "day", start + absl::Hours(24), ""});
                    return absl::OkStatus();
                  }),
              IsOk());
  ASSERT_THAT(Advance(start + absl::Hours(24 * 10 + 12)), IsOk());
  // At once, without waiting any further.
  EXPECT_EQ(AmountIn(*orders_, "box-1"), 10);
  EXPECT_EQ(AmountIn(*claims_, "box-1"), 10);
  std::vector<absl::Time> expected;
  for (int day = 1; day <= 10; ++day) expected.push_back(start + absl::Hours(24 * day + 6));
  absl::MutexLock lock(&mutex_);
  EXPECT_EQ(follow_ups_, expected);
}

TEST_F(TestClocks, TheClockOnlyGoesForwardAndOnlyForOperationsAndServices) {
  EXPECT_THAT(Advance(clock_.Now() - absl::Seconds(1)), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Advance(clock_.Now(), kPatience, Customer()), DeniedBy("ROL-01"));
  EXPECT_THAT(Advance(clock_.Now()), IsOk());
  grpc::ClientContext context;
  rpc::Prepare(context, Service(), kPatience);
  ClockTime reply;
  ASSERT_THAT(rpc::FromGrpc(clock_stub_->GetTime(&context, base::v1::GetTimeRequest(), &reply)), IsOk());
  EXPECT_EQ(rules::ToTime(reply.time()), clock_.Now());
}

TEST_F(TestClocks, ADeadlineThatComesFirstEndsTheCallAndAnotherGoesOn) {
  // The source of the events is away, so nothing settles.
  const std::string address = absl::StrCat("127.0.0.1:", server_->port());
  StopServer();
  ASSERT_THAT(Happen(*orders_, "box-1", 1, "r-1"), IsOk());
  const absl::Time to = clock_.Now() + absl::Hours(1);
  EXPECT_THAT(Advance(to, absl::Milliseconds(300)), StatusIs(absl::StatusCode::kDeadlineExceeded));
  StartServer(address);
  EXPECT_THAT(Advance(to), IsOk());
  EXPECT_EQ(AmountIn(*claims_, "box-1"), 1);
}

TEST_F(TestClocks, SYS_13_WhoeverMovesTheClockIsToldWhomTasksWaitFor) {
  std::atomic<bool> back = false;
  claims_runner_ = nullptr;
  flow::TaskRunner runner(
      *claims_, clock_, policies_, Service(),
      {{"call",
        flow::Blocking("payments", [&](const rules::Task&, absl::Time) -> absl::StatusOr<flow::Decision> {
          if (!back) return absl::UnavailableError("nobody listens there");
          return [](rules::Transaction&) { return absl::OkStatus(); };
        })}});
  const auto clock_service = flow::MakeTestClockService(clock_, {{{"claims", claims_.get()}}, {}, {&runner}});
  rpc::Server server{rpc::ServerOptions()};
  server.AddService<base::v1::TestClockService>(*clock_service);
  ASSERT_THAT(server.Start(), IsOk());
  clock_stub_ = base::v1::TestClockService::NewStub(server.InProcessChannel());
  ASSERT_THAT(Run(*claims_, "box-1",
                  [&](rules::Transaction& tx) {
                    tx.Schedule(rules::Task{"call", "call", tx.now(), ""});
                    return absl::OkStatus();
                  }),
              IsOk());
  const absl::Time to = clock_.Now() + absl::Hours(1);
  const absl::Status told = Advance(to);
  EXPECT_THAT(told, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(told.message()),
              ::testing::HasSubstr("payments: UNAVAILABLE, nobody listens there"));
  back = true;
  EXPECT_THAT(Advance(to), IsOk());
  clock_stub_.reset();
  server.Drain();
}

}  // namespace
}  // namespace makegood::testing
