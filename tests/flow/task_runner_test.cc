// Timers and calls: each once for good, in order, retried, given up in sight of all, brought back.
#include <atomic>
#include <set>

#include "tests/flow/flow_test.h"

namespace makegood::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class TaskRunners : public FlowTest {
 protected:
  // A task for `due`, with its name as payload.
  void Schedule(const std::string& name, absl::Time due, const std::string& kind = "fill",
                const std::string& routing_key = "box-1") {
    ASSERT_THAT(Run(
                    *orders_, routing_key,
                    [&](rules::Transaction& tx) {
                      tx.Schedule(rules::Task{name, kind, due, name});
                      return absl::OkStatus();
                    },
                    absl::StrCat("schedule-", name)),
                IsOk());
  }

  // Fills box-1 by one, and notes which task did.
  flow::TaskHandler Fill() {
    return [this](const rules::Task& task, absl::Time) -> absl::StatusOr<flow::Decision> {
      return [this, name = task.payload](rules::Transaction& tx) {
        v1::FillBoxRequest request;
        request.set_box_id("box-1");
        request.set_amount(1);
        // Not yet where the box has to be loaded first: then the decision is run again.
        RETURN_IF_ERROR(testing::FillBox(request, tx).status());
        Note(name);
        return absl::OkStatus();
      };
    };
  }

  void Note(const std::string& name) {
    absl::MutexLock lock(&mutex_);
    done_.push_back(name);
  }

  std::vector<std::string> done() {
    absl::MutexLock lock(&mutex_);
    return done_;
  }

  static flow::TaskRunnerOptions Quick() {
    flow::TaskRunnerOptions options;
    options.first_backoff = absl::Milliseconds(5);
    options.max_backoff = absl::Milliseconds(20);
    options.max_pause = absl::Milliseconds(20);
    options.poll = absl::Milliseconds(10);
    return options;
  }

  std::unique_ptr<flow::TaskRunner> StartKinds(flow::TaskKinds kinds,
                                               flow::TaskRunnerOptions options = Quick()) {
    options.observe = [this](const std::vector<std::string>&) {
      return [this](absl::string_view kind, absl::string_view outcome) {
        absl::MutexLock lock(&mutex_);
        ++outcomes_[absl::StrCat(kind, " ", outcome)];
      };
    };
    return std::make_unique<flow::TaskRunner>(*orders_, clock_, policies_, Service(), std::move(kinds),
                                              std::move(options));
  }

  // All in one lane.
  std::unique_ptr<flow::TaskRunner> Start(absl::flat_hash_map<std::string, flow::TaskHandler> handlers,
                                          int max_attempts = 20) {
    flow::TaskKinds kinds;
    for (auto& [name, handler] : handlers) kinds[name] = flow::Blocking("work", std::move(handler));
    flow::TaskRunnerOptions options = Quick();
    options.max_attempts = max_attempts;
    return StartKinds(std::move(kinds), std::move(options));
  }

  // A box in another part than `box`.
  std::string Elsewhere(const std::string& box) const {
    for (int i = 2;; ++i) {
      const std::string other = absl::StrCat("box-", i);
      if (PartOf(other, orders_->parts()) != PartOf(box, orders_->parts())) return other;
    }
  }

  bool Idle(const flow::TaskRunner& runner) {
    return Eventually([&] { return runner.Idle(); });
  }

  int Outcomes(const std::string& which) {
    absl::MutexLock lock(&mutex_);
    return outcomes_[which];
  }

  absl::Status Retry(const std::string& stuck_id, const base::v1::Actor& actor = Operations()) {
    grpc::ClientContext context;
    rpc::Prepare(context, actor, kPatience);
    events::v1::RetryStuckRequest retry;
    retry.mutable_command()->set_request_id("r-1");
    retry.set_source("orders");
    retry.set_stuck_id(stuck_id);
    events::v1::RetryStuckResponse reply;
    return rpc::FromGrpc(stub_->RetryStuck(&context, retry, &reply));
  }

  template <typename Request, typename Reply>
  absl::StatusOr<Reply> Ask(grpc::Status (events::v1::EventService::Stub::*method)(grpc::ClientContext*,
                                                                                   const Request&, Reply*),
                            const Request& request, const base::v1::Actor& actor = Operations()) {
    grpc::ClientContext context;
    rpc::Prepare(context, actor, kPatience);
    Reply reply;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &reply);
    if (!status.ok()) return rpc::FromGrpc(status);
    return reply;
  }

  absl::Mutex mutex_;
  std::vector<std::string> done_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> outcomes_ ABSL_GUARDED_BY(mutex_);
};

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

TEST_F(TaskRunners, APartThatIsStuckInACallDoesNotHoldUpTheOthers) {
  absl::Notification go_on;
  const flow::TaskHandler fill = Fill();
  const std::string other = Elsewhere("box-1");
  Schedule("slow", clock_.Now() - absl::Minutes(1), "slow", "box-1");
  Schedule("behind", clock_.Now(), "note", "box-1");
  Schedule("beside", clock_.Now(), "note", other);
  const auto runner =
      Start({{"slow",
              [&](const rules::Task&, absl::Time) -> absl::StatusOr<flow::Decision> {
                go_on.WaitForNotification();
                return [this](rules::Transaction&) {
                  Note("slow");
                  return absl::OkStatus();
                };
              }},
             {"note", [this](const rules::Task& task, absl::Time) -> absl::StatusOr<flow::Decision> {
                return [this, name = task.payload](rules::Transaction&) {
                  Note(name);
                  return absl::OkStatus();
                };
              }}});
  EXPECT_TRUE(Eventually([&] { return done() == std::vector<std::string>{"beside"}; }));
  EXPECT_FALSE(runner->Idle());
  go_on.Notify();
  ASSERT_TRUE(Idle(*runner));
  EXPECT_THAT(done(), ElementsAre("beside", "slow", "behind"));
}

TEST_F(TaskRunners, SYS_13_AnEndThatHangsDelaysNoTimerAndNoOtherLane) {
  absl::Notification go_on;
  const flow::TaskHandler hang = [&](const rules::Task&, absl::Time) -> absl::StatusOr<flow::Decision> {
    go_on.WaitForNotification();
    return [](rules::Transaction&) { return absl::OkStatus(); };
  };
  // More than there are threads, in every part.
  for (int i = 0; i < 200; ++i) {
    Schedule(absl::StrCat("hang-", i), clock_.Now() - absl::Minutes(1), "hang", absl::StrCat("box-", i));
  }
  Schedule("timer", clock_.Now(), "timer");
  Schedule("mail", clock_.Now(), "mail");
  flow::TaskKinds kinds;
  kinds["hang"] = flow::Blocking("peer", hang);
  kinds["timer"] = flow::Timer([this](const rules::Task& task, rules::Transaction&) {
    Note(task.payload);
    return absl::OkStatus();
  });
  kinds["mail"] = flow::Blocking("mail", Fill());
  const auto runner = StartKinds(std::move(kinds));
  EXPECT_TRUE(Eventually([&] { return done().size() == 2; }));
  EXPECT_THAT(done(), UnorderedElementsAre("timer", "mail"));
  go_on.Notify();
  EXPECT_TRUE(Idle(*runner));
}

TEST_F(TaskRunners, SYS_13_ManySlowTasksOfOnePartDoNotHoldUpAnothers) {
  absl::Notification go_on;
  for (int i = 0; i < 100; ++i) Schedule(absl::StrCat("slow-", i), clock_.Now() - absl::Minutes(1), "slow");
  Schedule("beside", clock_.Now(), "fill", Elsewhere("box-1"));
  const auto runner = Start({{"slow",
                              [&](const rules::Task&, absl::Time) -> absl::StatusOr<flow::Decision> {
                                go_on.WaitForNotification();
                                return [](rules::Transaction&) { return absl::OkStatus(); };
                              }},
                             {"fill", Fill()}});
  EXPECT_TRUE(Eventually([&] { return done() == std::vector<std::string>{"beside"}; }));
  go_on.Notify();
  EXPECT_TRUE(Idle(*runner));
  EXPECT_TRUE(Eventually([&] { return Outcomes("slow done") == 100; }))
      << "those that found no room at first, too";
}

TEST_F(TaskRunners, SYS_13_WhileAnEndIsAwayOneTaskAtATimeAsksAndThenAllGoOn) {
  std::atomic<bool> back = false;
  std::atomic<int> under_way = 0;
  std::atomic<int> together = 0;
  std::atomic<int> asked = 0;
  const flow::TaskHandler fill = Fill();
  const flow::TaskHandler call = [&](const rules::Task& task,
                                     absl::Time deadline) -> absl::StatusOr<flow::Decision> {
    if (back) return fill(task, deadline);
    // Those that begin before the first has failed do so together.
    if (++under_way > 1 && asked > 50) ++together;
    ++asked;
    --under_way;
    return absl::UnavailableError("nobody listens there");
  };
  for (int i = 0; i < 60; ++i)
    Schedule(absl::StrCat("call-", i), clock_.Now(), "call", absl::StrCat("box-", i));
  const auto runner = Start({{"call", call}}, 3);
  ASSERT_TRUE(Eventually([&] { return asked > 100; })) << "for as long as it takes";
  EXPECT_EQ(together, 0);
  EXPECT_THAT(runner->Waiting(), AllOf(HasSubstr("work"), HasSubstr("nobody listens there")));
  EXPECT_THAT(orders_->ListStuck(10), IsOkAndHolds(IsEmpty())) << "three attempts are of faults";
  back = true;
  ASSERT_TRUE(Idle(*runner));
  EXPECT_TRUE(Eventually([&] { return Outcomes("call done") == 60; }));
  EXPECT_THAT(done(), SizeIs(60)) << "each once";
  EXPECT_EQ(runner->Waiting(), "");
}

TEST_F(TaskRunners, SYS_13_NewsThatAreNotHereYetHoldUpTheirOwnTaskAlone) {
  std::atomic<bool> here = false;
  const flow::TaskHandler fill = Fill();
  Schedule("behind", clock_.Now(), "call", "box-1");
  const std::string other = Elsewhere("box-1");
  for (int i = 0; i < 20; ++i) Schedule(absl::StrCat("fine-", i), clock_.Now(), "call", other);
  const auto runner =
      Start({{"call", [&](const rules::Task& task, absl::Time deadline) -> absl::StatusOr<flow::Decision> {
                if (task.id == "behind" && !here) return NotHereYet("order box-1");
                return fill(task, deadline);
              }}});
  EXPECT_TRUE(Eventually([&] { return Outcomes("call done") == 20; }));
  EXPECT_EQ(runner->Waiting(), "") << "its end answers";
  here = true;
  ASSERT_TRUE(Idle(*runner));
  EXPECT_TRUE(Eventually([&] { return Outcomes("call done") == 21; }));
}

TEST_F(TaskRunners, SYS_13_HoweverManyAreTriedAgainNewOnesHaveTheirTurn) {
  std::atomic<bool> here = false;
  std::atomic<int> behind = 0;
  const flow::TaskHandler fill = Fill();
  const auto runner =
      Start({{"call", [&](const rules::Task& task, absl::Time deadline) -> absl::StatusOr<flow::Decision> {
                if (task.id != "new" && !here) {
                  ++behind;
                  absl::SleepFor(absl::Milliseconds(2));
                  return NotHereYet("order box-1");
                }
                return fill(task, deadline);
              }}});
  for (int i = 0; i < 50; ++i) Schedule(absl::StrCat("old-", i), clock_.Now(), "call");
  ASSERT_TRUE(Eventually([&] { return behind > 100; })) << "they keep their part busy";
  Schedule("new", clock_.Now(), "call");
  EXPECT_TRUE(Eventually([&] { return Outcomes("call done") == 1; }));
  here = true;
  ASSERT_TRUE(Idle(*runner));
  EXPECT_TRUE(Eventually([&] { return Outcomes("call done") == 51; }));
}

TEST_F(TaskRunners, SYS_13_AnEarlierVersionIsWaitedFor) {
  std::atomic<int> calls = 0;
  const flow::TaskHandler fill = Fill();
  Schedule("call", clock_.Now(), "call");
  Schedule("unknown", clock_.Now(), "unknown", Elsewhere("box-1"));
  const auto runner =
      Start({{"call",
              [&](const rules::Task& task, absl::Time deadline) -> absl::StatusOr<flow::Decision> {
                if (++calls < 30) return absl::UnimplementedError("no such method");
                return fill(task, deadline);
              }}},
            3);
  EXPECT_TRUE(Eventually([&] { return Outcomes("call done") == 1; }));
  EXPECT_THAT(orders_->ListStuck(10), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(orders_->DueTasks(clock_.Now(), absl::InfiniteFuture(), 10), IsOkAndHolds(SizeIs(1)))
      << "a kind of task that only a later version knows waits for it";
}

}  // namespace
}  // namespace makegood::testing
