// Lanes: what waits or hangs keeps back neither timers nor other parts (SYS-13).
#include "tests/flow/task_runners.h"

namespace makegood::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

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

// A call holds no thread; this one is waited for in vain, the first time at once and then until the end.
TEST_F(TaskRunners, SYS_13_ACallThatHangsAgainAndAgainKeepsBackNoOthers) {
  absl::Mutex mutex;
  std::vector<flow::HandlerDone> hanging;
  const flow::TaskHandler fill = Fill();
  flow::TaskKinds kinds;
  kinds["call"] = {"peer", [&](const rules::Task& task, absl::Time deadline, flow::HandlerDone done) {
                     if (task.payload.starts_with("hang")) {
                       absl::MutexLock lock(&mutex);
                       hanging.push_back(std::move(done));
                       if (hanging.size() == 1) {
                         std::exchange(hanging[0], nullptr)(absl::DeadlineExceededError("no answer"));
                       }
                     } else {
                       done(fill(task, deadline));
                     }
                     return flow::Cancel();
                   }};
  const auto runner = StartKinds(std::move(kinds));
  Schedule("hang", clock_.Now(), "call");
  const auto hangs = [&] {
    absl::MutexLock lock(&mutex);
    return hanging.size() == 2;
  };
  ASSERT_TRUE(Eventually(hangs));
  EXPECT_THAT(runner->Waiting(), HasSubstr("no answer")) << "nobody was answered since";
  Schedule("elsewhere", clock_.Now(), "call", Elsewhere("box-1"));
  Schedule("behind", clock_.Now(), "call");
  EXPECT_TRUE(Eventually([&] { return done().size() == 2; })) << "of its own part as well";
  EXPECT_EQ(runner->Waiting(), "");
  absl::MutexLock lock(&mutex);
  std::exchange(hanging[1], nullptr)(flow::Decision(flow::NothingToDecide));
}

TEST_F(TaskRunners, SYS_13_HoweverManyHangAtOnceEachOtherPartHasAThread) {
  absl::Notification go_on;
  std::vector<std::string> others = OneOfEachPart();
  others.erase(others.begin());
  for (const std::string& box : others) Schedule(box, clock_.Now(), "hang", box);
  std::atomic<size_t> hanging = 0;
  flow::TaskKinds kinds;
  kinds["hang"] =
      flow::Blocking("work", [&](const rules::Task&, absl::Time) -> absl::StatusOr<flow::Decision> {
        ++hanging;
        go_on.WaitForNotification();
        return flow::Decision(flow::NothingToDecide);
      });
  kinds["fill"] = flow::Blocking("work", Fill());
  flow::TaskRunnerOptions options = Quick();
  options.threads = 1;
  const auto runner = StartKinds(std::move(kinds), std::move(options));
  EXPECT_TRUE(Eventually([&] { return hanging == others.size(); }));
  Schedule("fill", clock_.Now());
  EXPECT_TRUE(Eventually([&] { return done().size() == 1; }));
  go_on.Notify();
}

// Whoever asks first may be the one that gets no answer.
TEST_F(TaskRunners, SYS_13_AnAskerThatHangsIsNotTheOnlyOne) {
  std::atomic<int> calls = 0;
  absl::Notification go_on;
  const flow::TaskHandler fill = Fill();
  const std::vector<std::string> boxes = OneOfEachPart();
  for (const std::string& box : boxes) Schedule(absl::StrCat("call-", box), clock_.Now(), "call", box);
  std::atomic<bool> away = true;
  const auto runner =
      Start({{"call", [&](const rules::Task& task, absl::Time deadline) -> absl::StatusOr<flow::Decision> {
                if (++calls == 100) {
                  away = false;
                  go_on.WaitForNotification();
                }
                if (away) return absl::UnavailableError("nobody listens there");
                return fill(task, deadline);
              }}});
  EXPECT_TRUE(Eventually([&] { return done().size() == boxes.size() - 1; })) << "all but the one that hangs";
  go_on.Notify();
  EXPECT_TRUE(Idle(*runner));
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
