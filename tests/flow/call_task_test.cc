// Calls as tasks: whatever the callee answers leads to a decision, once.
#include "common/flow/call_task.h"

#include <atomic>

#include "tests/flow/flow_test.h"
#include "tests/support/mood.h"

namespace makegood::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using BoxAsync = v1::BoxService::StubInterface::async_interface;

// No answer, until the caller gives it up.
class Silence final : public grpc::ServerUnaryReactor {
 public:
  void OnCancel() override { Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }
};

// The real box service over the claims store, in a mood; of a version that knows no shelves.
class MoodyBoxes final : public v1::BoxService::CallbackService {
 public:
  MoodyBoxes(const rpc::Environment& environment, Mood& mood) : boxes_(environment), mood_(mood) {}

  grpc::ServerUnaryReactor* FillBox(grpc::CallbackServerContext* context, const v1::FillBoxRequest* request,
                                    v1::Box* reply) override {
    const Obstacle obstacle = mood_.Next();
    if (obstacle.slow == absl::InfiniteDuration()) return new Silence();
    if (obstacle.slow > absl::ZeroDuration()) absl::SleepFor(obstacle.slow);
    if (obstacle.answer.ok()) return boxes_.FillBox(context, request, reply);
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(rpc::ToGrpc(obstacle.answer));
    return reactor;
  }

 private:
  BoxServiceImpl boxes_;
  Mood& mood_;
};

class CallTasks : public FlowTest, public ::testing::WithParamInterface<Way> {
 protected:
  CallTasks() {
    rpc::ServerOptions options;
    callee_ = std::make_unique<rpc::Server>(std::move(options));
    callee_->AddService<v1::BoxService>(boxes_);
    EXPECT_THAT(callee_->Start(), IsOk());
    rpc::ClientInterceptors interceptors;
    interceptors.push_back(std::make_unique<LostAnswers>(to_lose_));
    stub_to_callee_ = v1::BoxService::NewStub(
        rpc::MakeChannel(absl::StrCat("127.0.0.1:", callee_->port()), std::move(interceptors)));
  }

  // Asks for `amount` in the callee's box-1.
  void Schedule(int64_t amount) {
    ASSERT_THAT(
        Run(*orders_, "box-1",
            [&](rules::Transaction& tx) {
              v1::FillBoxRequest request;
              request.mutable_command()->set_request_id("fill:box-1");
              request.set_box_id("box-1");
              request.set_amount(amount);
              tx.Schedule(rules::Task{"fill:box-1", "fill", clock_.Now(), request.SerializeAsString()});
              return absl::OkStatus();
            }),
        IsOk());
  }

  // `backoff` is the longest.
  std::unique_ptr<flow::TaskRunner> Start(absl::Duration backoff = absl::Milliseconds(20)) {
    flow::TaskRunnerOptions options;
    options.first_backoff = backoff / 4;
    options.max_backoff = options.max_pause = backoff;
    options.poll = absl::Milliseconds(10);
    options.max_attempts = 3;
    const auto accepted = [this](const v1::FillBoxRequest&, rules::Transaction&) {
      ++accepted_;
      return absl::OkStatus();
    };
    const auto refused = [this](const v1::FillBoxRequest&, const absl::Status& refusal, rules::Transaction&) {
      absl::MutexLock lock(&mutex_);
      refusals_.push_back(refusal);
      return absl::OkStatus();
    };
    flow::TaskKinds kinds;
    kinds["fill"] = flow::CallTask("boxes", *stub_to_callee_->async(), &BoxAsync::FillBox, Service(),
                                   flow::AfterCall<v1::FillBoxRequest>(accepted, refused));
    kinds["shelve"] = flow::CallTask(
        "boxes", *stub_to_callee_->async(), &BoxAsync::ShelveBox, Service(),
        flow::AfterCall<v1::ShelveBoxRequest>(flow::NothingFollows<v1::ShelveBoxRequest>,
                                              [](const v1::ShelveBoxRequest&, const absl::Status& refusal,
                                                 rules::Transaction&) { return refusal; }));
    options.observe = [this](const std::vector<std::string>&) {
      return [this](absl::string_view kind, absl::string_view outcome) {
        if (kind == "shelve" && outcome == "retried") ++not_shelved_;
      };
    };
    return std::make_unique<flow::TaskRunner>(*orders_, clock_, policies_, Service(), std::move(kinds),
                                              std::move(options));
  }

  Mood mood_;
  const std::shared_ptr<std::atomic<int>> to_lose_ = std::make_shared<std::atomic<int>>(0);
  const rpc::Environment environment_{*claims_, policies_, clock_, nullptr};
  MoodyBoxes boxes_{environment_, mood_};
  std::unique_ptr<rpc::Server> callee_;
  std::unique_ptr<v1::BoxService::StubInterface> stub_to_callee_;
  std::atomic<int> accepted_ = 0;
  std::atomic<int> not_shelved_ = 0;
  absl::Mutex mutex_;
  std::vector<absl::Status> refusals_ ABSL_GUARDED_BY(mutex_);
};

TEST_P(CallTasks, SYS_13_ACallIsMadeUntilItIsAnsweredAndTakesEffectOnce) {
  mood_.Expect(GetParam().obstacles);
  *to_lose_ = GetParam().lost_answers;
  Schedule(7);
  const auto runner = Start();
  ASSERT_TRUE(Eventually([&] { return runner->Idle(); }));
  EXPECT_EQ(accepted_, 1);
  EXPECT_EQ(AmountIn(*claims_, "box-1"), 7) << "what was done before its answer was lost is not done again";
  EXPECT_THAT(orders_->ListStuck(10), IsOkAndHolds(IsEmpty()));
}
INSTANTIATE_TEST_SUITE_P(Ways, CallTasks, ::testing::ValuesIn(WaysOfCallees()),
                         [](const auto& info) { return info.param.name; });

class AnswersToCalls : public CallTasks {};
INSTANTIATE_TEST_SUITE_P(Once, AnswersToCalls, ::testing::Values(Way{"Well", {}}),
                         [](const auto& info) { return info.param.name; });

TEST_P(AnswersToCalls, SYS_13_ARefusalIsAnAnswerForWhoAsked) {
  Schedule(kBoxTakes + 1);
  const auto runner = Start();
  ASSERT_TRUE(Eventually([&] { return runner->Idle(); }));
  EXPECT_EQ(accepted_, 0);
  absl::MutexLock lock(&mutex_);
  ASSERT_THAT(refusals_, SizeIs(1));
  EXPECT_THAT(refusals_[0], RefusedBy("ORD-12"));
  EXPECT_THAT(orders_->ListStuck(10), IsOkAndHolds(IsEmpty()));
}

TEST_P(AnswersToCalls, SYS_13_WhatTheCalleeFailsAtIsStuckAfterSomeAttempts) {
  Schedule(kAccident);
  const auto runner = Start();
  ASSERT_TRUE(Eventually([&] { return runner->Idle(); }));
  EXPECT_EQ(mood_.calls(), 3);
  EXPECT_THAT(orders_->ListStuck(10), IsOkAndHolds(SizeIs(1)));
}

TEST_P(AnswersToCalls, SYS_13_WhoIsAwayIsAskedAgainWhenBackAndTheServerMayHaveChanged) {
  const int port = callee_->port();
  callee_->Drain();
  Schedule(7);
  const auto runner = Start();
  ASSERT_TRUE(Eventually([&] { return !runner->Waiting().empty(); }));
  EXPECT_THAT(runner->Waiting(), HasSubstr("boxes"));
  rpc::ServerOptions options;
  options.address = absl::StrCat("127.0.0.1:", port);
  callee_ = std::make_unique<rpc::Server>(std::move(options));
  MoodyBoxes again(environment_, mood_);
  callee_->AddService<v1::BoxService>(again);
  ASSERT_THAT(callee_->Start(), IsOk());
  EXPECT_TRUE(Eventually([&] { return runner->Idle(); }));
  EXPECT_EQ(AmountIn(*claims_, "box-1"), 7);
  callee_->Drain();
}

TEST_P(AnswersToCalls, SYS_13_WhatAnEarlierVersionDoesNotKnowPausesNoOtherCallToIt) {
  constexpr int kShelves = 20;
  for (int i = 0; i < kShelves; ++i) {
    const std::string id = absl::StrCat("shelve:", i);
    ASSERT_THAT(Run(
                    *orders_, "box-1",
                    [&](rules::Transaction& tx) {
                      tx.Schedule(rules::Task{id, "shelve", clock_.Now() - absl::Minutes(1), ""});
                      return absl::OkStatus();
                    },
                    id),
                IsOk());
  }
  Schedule(7);
  const auto runner = Start(/*backoff=*/absl::Minutes(10));
  EXPECT_TRUE(Eventually([&] { return accepted_ == 1; })) << "of the same part, and due after them";
  EXPECT_TRUE(Eventually([&] { return not_shelved_ == kShelves; })) << "each is tried by itself";
  EXPECT_EQ(runner->Waiting(), "") << "it is there";
  EXPECT_THAT(orders_->ListStuck(10), IsOkAndHolds(IsEmpty()));
}

TEST_P(AnswersToCalls, SYS_13_ACallThatHangsHoldsUpNoEndAndIsMadeAgainAfterIt) {
  mood_.Expect({{absl::OkStatus(), absl::InfiniteDuration()}});
  Schedule(7);
  auto runner = Start();
  ASSERT_TRUE(Eventually([&] { return mood_.calls() == 1; }));
  const absl::Time stopped = absl::Now();
  runner.reset();
  EXPECT_LT(absl::Now() - stopped, absl::Seconds(2)) << "not only at the call's deadline";
  const auto due = orders_->DueTasks(clock_.Now(), absl::Now(), 10);
  ASSERT_THAT(due, IsOkAndHolds(SizeIs(1))) << "at once, as it was";
  EXPECT_EQ(due->front().attempts, 0);
  runner = Start();
  ASSERT_TRUE(Eventually([&] { return runner->Idle(); }));
  EXPECT_EQ(accepted_, 1);
  EXPECT_EQ(AmountIn(*claims_, "box-1"), 7);
}

}  // namespace
}  // namespace makegood::testing
