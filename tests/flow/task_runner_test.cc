// Timers and calls: each once for good, in order, retried, given up in sight of all, brought back.
#include "tests/flow/task_runners.h"

namespace makegood::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST_F(TaskRunners, SYS_05_DueTimersFireOnceInOrderAndOthersWait) {
  Schedule("third", clock_.Now() + absl::Hours(3));
  Schedule("first", clock_.Now() - absl::Hours(1));
  Schedule("second", clock_.Now());
  const auto runner = Start({{"fill", Fill()}});
  ASSERT_TRUE(Idle(*runner));
  EXPECT_THAT(done(), ElementsAre("first", "second"));
  clock_.Advance(absl::Hours(3));
  runner->Wake();
  ASSERT_TRUE(Idle(*runner));
  EXPECT_THAT(done(), ElementsAre("first", "second", "third"));
  EXPECT_EQ(AmountIn(*orders_, "box-1"), 3);
  EXPECT_TRUE(Eventually([&] { return Outcomes("fill done") == 3; }));
}

// Under the same name, at the same instant: what the second causes has ids of its own, for followers apply an
// event of one id once.
TEST_F(TaskRunners, SYS_11_ATaskSetAnewMakesOtherIdsThanTheOneBefore) {
  const auto runner = Start({{"fill", Fill()}});
  for (size_t times = 1; times <= 2; ++times) {
    Schedule("t", clock_.Now());
    ASSERT_TRUE(Eventually([&] { return EventsIn(*orders_).size() == times; }));
    ASSERT_TRUE(Idle(*runner));
  }
  const std::vector<events::v1::Event> events = EventsIn(*orders_);
  EXPECT_NE(events[0].event_id(), events[1].event_id());
}

TEST_F(TaskRunners, SYS_05_AfterADowntimeEachDueTimerFiresOnceLateButInOrder) {
  std::vector<std::string> names;
  for (int i = 10; i < 40; ++i) {
    names.push_back(absl::StrCat("timer-", i));
    Schedule(names.back(), clock_.Now() + absl::Minutes(i));
  }
  clock_.Advance(absl::Hours(24));
  for (int round = 0; round < 5; ++round) {
    auto runner = Start({{"fill", Fill()}});
    absl::SleepFor(absl::Milliseconds(15));
    runner.reset();  // wherever it is
  }
  const auto runner = Start({{"fill", Fill()}});
  ASSERT_TRUE(Idle(*runner));
  EXPECT_EQ(done(), names);
  EXPECT_EQ(AmountIn(*orders_, "box-1"), 30);
}

TEST_F(TaskRunners, SYS_06_AFailedCallIsTriedAgainUntilItSucceeds) {
  std::atomic<int> calls = 0;
  const flow::TaskHandler fill = Fill();
  Schedule("call", clock_.Now(), "call");
  const auto runner =
      Start({{"call", [&](const rules::Task& task, absl::Time deadline) -> absl::StatusOr<flow::Decision> {
                EXPECT_GT(deadline, absl::Now());
                if (++calls < 4) return absl::UnavailableError("the other service is down");
                return fill(task, deadline);
              }}});
  ASSERT_TRUE(Idle(*runner));
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(AmountIn(*orders_, "box-1"), 1);
  EXPECT_EQ(Outcomes("call retried"), 3);
}

TEST_F(TaskRunners, SYS_06_WhatKeepsFailingIsGivenUpInSightAndBroughtBackByOperations) {
  std::atomic<bool> mended = false;
  std::atomic<int> calls = 0;
  const flow::TaskHandler fill = Fill();
  Schedule("call", clock_.Now(), "call");
  const auto runner =
      Start({{"call",
              [&](const rules::Task& task, absl::Time deadline) -> absl::StatusOr<flow::Decision> {
                ++calls;
                if (!mended) return absl::InternalError("the other service fails");
                return fill(task, deadline);
              }}},
            3);
  ASSERT_TRUE(Idle(*runner));
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(Outcomes("call given_up"), 1);
  const auto stuck = orders_->ListStuck(10);
  ASSERT_THAT(stuck, IsOkAndHolds(SizeIs(1)));
  EXPECT_EQ(stuck->front().kind, "call");
  EXPECT_THAT(stuck->front().error, HasSubstr("the other service fails"));

  EXPECT_THAT(Retry(stuck->front().stuck_id, Auditor()), DeniedBy("ROL-07"));
  EXPECT_THAT(Retry("stk-00-00000000000000000000"), StatusIs(absl::StatusCode::kNotFound));
  mended = true;
  EXPECT_THAT(Retry(stuck->front().stuck_id), IsOk());
  EXPECT_TRUE(Eventually([&] { return AmountIn(*orders_, "box-1") == 1; }));
  ASSERT_TRUE(Idle(*runner));
  EXPECT_EQ(calls, 4);
  EXPECT_THAT(orders_->ListStuck(10), IsOkAndHolds(IsEmpty()));
}

TEST_F(TaskRunners, WhatNoAttemptCanChangeIsGivenUpAtOnce) {
  Schedule("refused", clock_.Now(), "refused", "box-1");
  Schedule("refused-in-decision", clock_.Now(), "refused-in-decision", "box-2");
  const auto runner =
      Start({{"refused",
              [](const rules::Task&, absl::Time) -> absl::StatusOr<flow::Decision> {
                return absl::NotFoundError("the order does not exist");
              }},
             {"refused-in-decision", [](const rules::Task&, absl::Time) -> absl::StatusOr<flow::Decision> {
                return [](rules::Transaction&) { return Refusal("ORD-11", "the order is closed"); };
              }}});
  ASSERT_TRUE(Idle(*runner));
  const auto stuck = orders_->ListStuck(10);
  ASSERT_THAT(stuck, IsOk());
  std::vector<std::string> kinds;
  for (const store::StuckItem& item : *stuck) {
    kinds.push_back(item.kind);
    EXPECT_EQ(item.attempts, 1) << item.kind;
  }
  EXPECT_THAT(kinds, UnorderedElementsAre("refused", "refused-in-decision"));
}

TEST_F(TaskRunners, SYS_09_AnExceptionInAHandlerIsAFailureLikeAnyOtherAndItsWordsGoNowhere) {
  Schedule("throws", clock_.Now(), "throws");
  const auto runner = Start({{"throws",
                              [](const rules::Task&, absl::Time) -> absl::StatusOr<flow::Decision> {
                                throw std::runtime_error("an accident");
                              }}},
                            2);
  ASSERT_TRUE(Idle(*runner));
  EXPECT_EQ(Outcomes("throws retried"), 1);
  EXPECT_EQ(Outcomes("throws given_up"), 1);
  const auto stuck = orders_->ListStuck(10);
  ASSERT_THAT(stuck, IsOkAndHolds(SizeIs(1)));
  EXPECT_EQ(stuck->front().error, "an exception of type std::runtime_error");
}

TEST_F(TaskRunners, ROL_07_MuchThatIsStuckIsSeenByPagesAndBroughtBackAtOneGo) {
  std::atomic<bool> mended = false;
  for (int i = 0; i < 7; ++i) {
    Schedule(absl::StrCat("call-", i), clock_.Now(), i < 5 ? "call" : "other", absl::StrCat("box-", i));
  }
  const auto refuse = [&](const rules::Task& task, absl::Time deadline) -> absl::StatusOr<flow::Decision> {
    if (!mended) return absl::NotFoundError("not yet there");
    return Fill()(task, deadline);
  };
  const auto runner = Start({{"call", refuse}, {"other", refuse}});
  ASSERT_TRUE(Idle(*runner));
  events::v1::ListStuckRequest list;
  list.set_source("orders");
  list.set_kind("call");
  list.set_page_size(2);
  std::set<std::string> seen;
  do {
    const auto page = Ask(&events::v1::EventService::Stub::ListStuck, list);
    ASSERT_THAT(page, IsOk());
    ASSERT_LE(page->stuck_size(), 2);
    for (const events::v1::Stuck& one : page->stuck()) EXPECT_TRUE(seen.insert(one.stuck_id()).second);
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  EXPECT_THAT(seen, SizeIs(5));
  *list.mutable_before() = rules::ToTimestamp(clock_.Now() - absl::Hours(1));
  EXPECT_EQ(Ask(&events::v1::EventService::Stub::ListStuck, list)->stuck_size(), 0) << "none is so old";

  mended = true;
  events::v1::RetryAllStuckRequest retry;
  retry.mutable_command()->set_request_id("r-1");
  retry.set_source("orders");
  retry.set_kind("call");
  EXPECT_THAT(Ask(&events::v1::EventService::Stub::RetryAllStuck, retry, Auditor()), DeniedBy("ROL-07"));
  for (int again = 0; again < 2; ++again) {
    const auto retried = Ask(&events::v1::EventService::Stub::RetryAllStuck, retry);
    ASSERT_THAT(retried, IsOk());
    EXPECT_EQ(retried->retried(), 5);
    EXPECT_EQ(retried->left(), 0);
  }
  EXPECT_TRUE(Eventually([&] { return done().size() == 5; }));
  EXPECT_THAT(orders_->ListStuck(10), IsOkAndHolds(SizeIs(2)));
}

TEST_F(TaskRunners, ATaskPutOffWhileItsHandlerRunsFiresAgainAtItsNewTime) {
  absl::Notification handling;
  absl::Notification go_on;
  std::atomic<int> calls = 0;
  const flow::TaskHandler fill = Fill();
  Schedule("timer", clock_.Now(), "slow");
  const auto runner =
      Start({{"slow", [&](const rules::Task& task, absl::Time deadline) -> absl::StatusOr<flow::Decision> {
                if (++calls == 1) {
                  handling.Notify();
                  go_on.WaitForNotification();
                }
                return fill(task, deadline);
              }}});
  handling.WaitForNotification();
  const absl::Time later = clock_.Now() + absl::Hours(5);
  Schedule("timer", later, "slow");
  go_on.Notify();
  ASSERT_TRUE(Idle(*runner));
  EXPECT_EQ(AmountIn(*orders_, "box-1"), 0);
  EXPECT_THAT(orders_->NextDue(), IsOkAndHolds(later));
  clock_.MoveTo(later);
  runner->Wake();
  EXPECT_TRUE(Eventually([&] { return AmountIn(*orders_, "box-1") == 1; }));
}

}  // namespace
}  // namespace makegood::testing
