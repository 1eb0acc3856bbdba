// Tasks, events of other services, and what gets stuck.

#include "absl/strings/str_cat.h"
#include "tests/store/store_test.h"

namespace makegood::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

using Tasks = StoreTest;
INSTANTIATE_FOR_EVERY_DRIVER(Tasks);

Work Completing(Work work, std::string task_id) {
  work.task_done = std::move(task_id);
  return work;
}

TEST_P(Tasks, SYS_05_AreDueInOrderOfTheirTimesAcrossParts) {
  ASSERT_TRUE(Submit(1, Schedule("t-3", At(30))).ok());
  ASSERT_TRUE(Submit(2, Schedule("t-1", At(10))).ok());
  ASSERT_TRUE(Submit(3, Schedule("t-2", At(20), "payload")).ok());
  EXPECT_THAT(DueIds(At(9)), IsEmpty());
  EXPECT_THAT(DueIds(At(10)), ElementsAre("t-1"));
  EXPECT_THAT(DueIds(At(30)), ElementsAre("t-1", "t-2", "t-3"));
  EXPECT_THAT(DueIds(At(30), absl::InfiniteFuture(), 2), ElementsAre("t-1", "t-2"));
  const DueTask task = Due(At(30))[1];
  EXPECT_EQ(task.part, 3u);
  EXPECT_EQ(task.task.kind, "remind");
  EXPECT_EQ(task.task.due, At(20));
  EXPECT_EQ(task.task.payload, "payload");
  EXPECT_EQ(task.attempts, 0);
}

TEST_P(Tasks, SYS_05_SurviveReopeningAndAreStillInOrder) {
  ASSERT_TRUE(Submit(1, Schedule("t-2", At(20))).ok());
  ASSERT_TRUE(Submit(2, Schedule("t-1", At(10))).ok());
  Reopen();
  EXPECT_THAT(DueIds(At(1'000'000)), ElementsAre("t-1", "t-2"));
}

TEST_P(Tasks, AreNeverDueBeforeTheirTime) {
  const absl::Time due = At(10) + absl::Nanoseconds(1);
  ASSERT_TRUE(Submit(1, Schedule("t-1", due)).ok());
  EXPECT_THAT(DueIds(At(10)), IsEmpty());
  EXPECT_THAT(DueIds(At(10) + absl::Microseconds(1)), ElementsAre("t-1"));
  EXPECT_GE(Due(At(11))[0].task.due, due);
}

TEST_P(Tasks, TheNextDueTimeIsTheEarliest) {
  EXPECT_THAT(store_->NextDue(), IsOkAndHolds(absl::InfiniteFuture()));
  ASSERT_TRUE(Submit(1, Schedule("t-2", At(20))).ok());
  ASSERT_TRUE(Submit(2, Schedule("t-1", At(10))).ok());
  EXPECT_THAT(store_->NextDue(), IsOkAndHolds(At(10)));
  ASSERT_TRUE(Submit(2, Cancel("t-1")).ok());
  EXPECT_THAT(store_->NextDue(), IsOkAndHolds(At(20)));
}

TEST_P(Tasks, ACancelledTaskIsGoneAndCancellingNothingIsFine) {
  ASSERT_TRUE(Submit(1, Schedule("t-1", At(0))).ok());
  ASSERT_TRUE(Submit(2, Cancel("t-1")).ok()) << "of another part: nothing happens";
  EXPECT_THAT(DueIds(At(0)), ElementsAre("t-1"));
  ASSERT_TRUE(Submit(1, Cancel("t-1")).ok());
  ASSERT_TRUE(Submit(1, Cancel("t-1")).ok());
  EXPECT_THAT(DueIds(At(0)), IsEmpty());
}

TEST_P(Tasks, ATaskOfTheSameIdIsReplacedAndItsAttemptsForgotten) {
  ASSERT_TRUE(Submit(1, Schedule("t-1", At(0), "old")).ok());
  ASSERT_TRUE(store_->FailTask(Due(At(0))[0], "down", At(500)).ok());
  ASSERT_TRUE(Submit(1, Schedule("t-1", At(10), "new")).ok());
  EXPECT_THAT(DueIds(At(9)), IsEmpty());
  const std::vector<DueTask> due = Due(At(10), At(0));
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].task.payload, "new");
  EXPECT_EQ(due[0].attempts, 0);
}

TEST_P(Tasks, WithinOneDecisionTheTaskIsCancelledFirstAndThenScheduled) {
  ASSERT_TRUE(Submit(1, Schedule("t-1", At(0))).ok());
  ASSERT_TRUE(Submit(1, [](rules::Transaction& tx) -> Reply {
                tx.Cancel("t-1");
                tx.Schedule(rules::Task{"t-1", "remind", At(5), ""});
                return "";
              }).ok());
  EXPECT_THAT(DueIds(At(4)), IsEmpty());
  EXPECT_THAT(DueIds(At(5)), ElementsAre("t-1"));
}

TEST_P(Tasks, SYS_05_ACompletedTaskTakesEffectOnce) {
  ASSERT_TRUE(Submit(1, Schedule("t-1", At(0))).ok());
  const Work work = Completing(WorkOn(1, Append("n-1", "a")), "t-1");
  EXPECT_THAT(SubmitTogether({work, work}), ElementsAre(IsOkAndHolds("a"), IsOkAndHolds("")));
  EXPECT_THAT(Submit(work), IsOkAndHolds(""));
  EXPECT_EQ(TextOf(1, "n-1"), "a");
  EXPECT_THAT(DueIds(At(0)), IsEmpty());
}

TEST_P(Tasks, ATaskWhoseDecisionRefusesStays) {
  ASSERT_TRUE(Submit(1, Schedule("t-1", At(0))).ok());
  const Work work =
      Completing(WorkOn(1, [](rules::Transaction&) -> Reply { return Refusal("ORD-03", "no"); }), "t-1");
  EXPECT_THAT(Submit(work), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(DueIds(At(0)), ElementsAre("t-1"));
}

TEST_P(Tasks, ATaskPutOffWhileItRanIsNotCompleted) {
  ASSERT_TRUE(Submit(1, Schedule("t-1", At(0))).ok());
  ASSERT_THAT(DueIds(At(0)), ElementsAre("t-1"));
  ASSERT_TRUE(Submit(1, Schedule("t-1", At(50))).ok());
  EXPECT_THAT(Submit(Completing(WorkOn(1, Append("n-1", "early")), "t-1")), IsOkAndHolds(""));
  EXPECT_EQ(TextOf(1, "n-1"), "");
  clock_.MoveTo(At(50));
  EXPECT_THAT(Submit(Completing(WorkOn(1, Append("n-1", "in time")), "t-1")), IsOkAndHolds("in time"));
}

TEST_P(Tasks, SYS_05_ATaskSetAnewWhileItsOldOneRunsIsAnotherTask) {
  for (const absl::Time anew : {At(-10), At(-20)}) {  // for another time, and for the same instant
    SCOPED_TRACE(anew);
    const std::string note = absl::StrCat("n-", absl::ToUnixSeconds(anew));
    ASSERT_TRUE(Submit(1, Schedule("t-1", At(-20))).ok());
    const DueTask old = Due(At(0))[0];
    ASSERT_TRUE(Submit(1, Cancel("t-1")).ok());
    ASSERT_TRUE(Submit(1, Schedule("t-1", anew)).ok());
    Work work = Completing(WorkOn(1, Append(note, "done")), "t-1");
    work.task_mark = old.mark;
    EXPECT_THAT(Submit(work), IsOkAndHolds(""));
    EXPECT_TRUE(store_->FailTask(old, "down", At(100)).ok());
    EXPECT_TRUE(store_->FailTask(old, "down", absl::InfiniteFuture()).ok());
    EXPECT_THAT(Stuck(), IsEmpty());
    EXPECT_EQ(Due(At(0))[0].attempts, 0) << "nor put off";
    ASSERT_THAT(DueIds(At(0)), ElementsAre("t-1")) << "neither done nor given up with its old one";
    work.task_mark = Due(At(0))[0].mark;
    EXPECT_THAT(Submit(work), IsOkAndHolds("done"));
    EXPECT_THAT(DueIds(At(0)), IsEmpty());
  }
}

TEST_P(Tasks, ATaskMayScheduleItselfAgain) {
  ASSERT_TRUE(Submit(1, Schedule("t-1", At(0))).ok());
  EXPECT_TRUE(Submit(Completing(WorkOn(1, Schedule("t-1", At(10))), "t-1")).ok());
  EXPECT_THAT(DueIds(At(9)), IsEmpty());
  EXPECT_THAT(DueIds(At(10)), ElementsAre("t-1"));
}

TEST_P(Tasks, AFailedTaskWaitsByTheWallClockAndCountsItsAttempts) {
  ASSERT_TRUE(Submit(1, Schedule("t-1", At(0))).ok());
  ASSERT_TRUE(Submit(1, Schedule("t-2", At(1))).ok());
  const DueTask first = Due(At(0))[0];
  ASSERT_TRUE(store_->FailTask(first, "down", At(100)).ok());
  ASSERT_TRUE(store_->FailTask(first, "down", At(500)).ok()) << "the same attempt";
  EXPECT_THAT(DueIds(At(5), At(99)), ElementsAre("t-2"));
  ASSERT_THAT(DueIds(At(5), At(100)), ElementsAre("t-1", "t-2"));
  EXPECT_EQ(Due(At(5), At(100))[0].attempts, 1);
  EXPECT_THAT(store_->NextDue(), IsOkAndHolds(At(0))) << "back-off aside";
  ASSERT_TRUE(store_->FailTask(Due(At(0))[0], "down", At(200)).ok());
  Reopen();
  EXPECT_THAT(DueIds(At(5), At(199)), ElementsAre("t-2"));
  EXPECT_EQ(Due(At(5), At(200))[0].attempts, 2);
  EXPECT_THAT(Stuck(), IsEmpty());
}

TEST_P(Tasks, HoweverManyHaveFailedTheyDoNotKeepOutNewOnes) {
  for (int i = 0; i < 9; ++i) {
    ASSERT_TRUE(Submit(1, Schedule(absl::StrCat("old-", i), At(i))).ok());
    ASSERT_TRUE(store_->FailTask(Due(At(i)).back(), "down", At(20 - i)).ok());
  }
  ASSERT_TRUE(Submit(1, Schedule("new", At(10))).ok());
  const uint32_t part = Due(At(10))[0].part;
  const auto ids = [&](std::vector<std::string> without, std::vector<std::string> without_failed) {
    DueQuery query;
    query.part = part;
    query.now = query.wall_now = At(30);
    query.without_kinds = std::move(without);
    query.without_failed_kinds = std::move(without_failed);
    query.limit = 2;
    std::vector<std::string> found;
    const auto due = store_->DueTasks(query);
    for (const DueTask& task : *due) found.push_back(task.task.id);
    return found;
  };
  EXPECT_THAT(ids({}, {}), ElementsAre("old-7", "old-8", "new")) << "longest waiting";
  EXPECT_THAT(ids({}, {"remind"}), ElementsAre("new"));
  EXPECT_THAT(ids({"remind"}, {}), ElementsAre("old-7", "old-8"));
}

TEST_P(Tasks, AFailureOfATaskThatWasReplacedOrDoneChangesNothing) {
  ASSERT_TRUE(Submit(1, Schedule("t-1", At(0))).ok());
  const DueTask failed = Due(At(0))[0];
  ASSERT_TRUE(Submit(1, Schedule("t-1", At(5))).ok());
  EXPECT_TRUE(store_->FailTask(failed, "down", absl::InfiniteFuture()).ok());
  EXPECT_THAT(DueIds(At(5), At(0)), ElementsAre("t-1"));
  ASSERT_TRUE(Submit(1, Cancel("t-1")).ok());
  EXPECT_TRUE(store_->FailTask(failed, "down", At(0)).ok());
  EXPECT_THAT(DueIds(At(5)), IsEmpty());
  EXPECT_THAT(Stuck(), IsEmpty());
}

Work BringingBack(Work work, std::string stuck_id) {
  work.routing_key = stuck_id;
  work.retry_stuck = std::move(stuck_id);
  return work;
}

Reply Nothing(rules::Transaction&) { return ""; }

TEST_P(Tasks, AGivenUpTaskIsVisibleUntilItIsBroughtBack) {
  ASSERT_TRUE(Submit(7, Schedule("t-1", At(0), "payload")).ok());
  ASSERT_TRUE(store_->FailTask(Due(At(0))[0], "down", At(1)).ok());
  clock_.MoveTo(At(60));
  ASSERT_TRUE(store_->FailTask(Due(At(0))[0], "no such order", absl::InfiniteFuture()).ok());
  EXPECT_THAT(DueIds(absl::InfiniteFuture()), IsEmpty());
  Reopen();
  const std::vector<StuckItem> stuck = Stuck();
  ASSERT_THAT(stuck, SizeIs(1));
  EXPECT_EQ(stuck[0].kind, "remind");
  EXPECT_EQ(stuck[0].error, "no such order");
  EXPECT_EQ(stuck[0].attempts, 2);
  EXPECT_EQ(stuck[0].time, At(60));

  Work work = BringingBack(WorkOn(0, Nothing), stuck[0].stuck_id);
  work.validate_only = true;
  ASSERT_TRUE(Submit(work).ok());
  EXPECT_THAT(Stuck(), SizeIs(1)) << "SYS-03";
  work.validate_only = false;
  work.replay = Replay("scope", "content");
  ASSERT_TRUE(Submit(work).ok());
  EXPECT_THAT(Stuck(), IsEmpty());
  const std::vector<DueTask> due = Due(At(0), At(0));
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].part, 7u);
  EXPECT_EQ(due[0].task.id, "t-1");
  EXPECT_EQ(due[0].task.payload, "payload");
  EXPECT_EQ(due[0].attempts, 0);

  EXPECT_TRUE(Submit(work).ok()) << "SYS-02: a replay";
  work.replay.reset();
  EXPECT_THAT(Submit(work), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(Tasks, AStuckThingIsNotBroughtBackByWorkThatIsRefused) {
  ASSERT_TRUE(Submit(7, Schedule("t-1", At(0))).ok());
  ASSERT_TRUE(store_->FailTask(Due(At(0))[0], "down", absl::InfiniteFuture()).ok());
  Work work = BringingBack(WorkOn(0, [](rules::Transaction&) -> Reply { return Denied("ROL-07", "no"); }),
                           Stuck()[0].stuck_id);
  EXPECT_THAT(Submit(work), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Stuck(), SizeIs(1));
  EXPECT_THAT(DueIds(At(0)), IsEmpty());
}

TEST_P(Tasks, AGivenUpTaskThatIsCancelledOrScheduledAnewIsStuckNoMore) {
  for (const std::string id : {"t-1", "t-2"}) {
    ASSERT_TRUE(Submit(7, Schedule(id, At(0))).ok());
    ASSERT_TRUE(store_->FailTask(Due(At(0))[0], "down", absl::InfiniteFuture()).ok());
  }
  ASSERT_THAT(Stuck(), SizeIs(2));
  ASSERT_TRUE(Submit(7, Cancel("t-1")).ok());
  ASSERT_TRUE(Submit(7, Schedule("t-2", At(9))).ok());
  EXPECT_THAT(Stuck(), IsEmpty());
  EXPECT_THAT(DueIds(At(9)), ElementsAre("t-2"));
}

TEST_P(Tasks, StuckThingsAreListedOldestFirstUpToALimit) {
  for (int i = 0; i < 3; ++i) {
    clock_.MoveTo(At(i));
    ASSERT_TRUE(Submit(static_cast<uint32_t>(9 - i), Schedule(absl::StrCat("t-", i), At(0))).ok());
    ASSERT_TRUE(store_->FailTask(Due(At(0))[0], absl::StrCat("error ", i), absl::InfiniteFuture()).ok());
  }
  const auto stuck = store_->ListStuck(2);
  ASSERT_TRUE(stuck.ok()) << stuck.status();
  ASSERT_THAT(*stuck, SizeIs(2));
  EXPECT_EQ((*stuck)[0].error, "error 0");
  EXPECT_EQ((*stuck)[1].error, "error 1");
}

class Following : public StoreTest {
 protected:
  static Applied Event(uint64_t sequence, std::string event_id, std::string epoch = "e-1",
                       uint32_t part = 5) {
    return {"orders", std::move(epoch), part, sequence, std::move(event_id)};
  }

  // Applies the event by appending its id to the part's note.
  static Work Applying(const Applied& event) {
    Work work = WorkOn(event.part, Append("n-1", absl::StrCat(event.event_id, " ")));
    work.applied = event;
    return work;
  }

  std::map<uint32_t, uint64_t> Cursors(absl::string_view source = "orders") {
    const auto cursors = store_->CursorsOf(source);
    EXPECT_TRUE(cursors.ok()) << cursors.status();
    return cursors.ok() ? cursors->sequences : std::map<uint32_t, uint64_t>();
  }
};
INSTANTIATE_FOR_EVERY_DRIVER(Following);

TEST_P(Following, TheCursorMovesWithTheEffect) {
  EXPECT_THAT(Cursors(), IsEmpty());
  EXPECT_THAT(SubmitTogether({Applying(Event(1, "evt-1")), Applying(Event(2, "evt-2"))}),
              ElementsAre(IsOkAndHolds("evt-1 "), IsOkAndHolds("evt-1 evt-2 ")));
  ASSERT_TRUE(Submit(Applying(Event(1, "evt-3", "e-1", 6))).ok());
  Reopen();
  EXPECT_THAT(Cursors(), UnorderedElementsAre(Pair(5, 2), Pair(6, 1)));
  EXPECT_EQ(store_->CursorsOf("orders")->epoch, "e-1");
  EXPECT_THAT(Cursors("claims"), IsEmpty());
  EXPECT_EQ(store_->CursorsOf("claims")->epoch, "");
}

TEST_P(Following, AnEventIsAppliedOnlyInOrder) {
  ASSERT_THAT(Submit(Applying(Event(2, "evt-2"))), StatusIs(absl::StatusCode::kAborted));
  ASSERT_TRUE(Submit(Applying(Event(1, "evt-1"))).ok());
  ASSERT_THAT(Submit(Applying(Event(3, "evt-3"))), StatusIs(absl::StatusCode::kAborted));
  ASSERT_THAT(Submit(Applying(Event(1, "another"))), StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(TextOf(5, "n-1"), "evt-1 ");
  EXPECT_THAT(Cursors(), ElementsAre(Pair(5, 1)));
}

TEST_P(Following, AnEventTakesEffectOnce) {
  ASSERT_TRUE(Submit(Applying(Event(1, "evt-1"))).ok());
  EXPECT_THAT(Submit(Applying(Event(1, "evt-1"))), IsOkAndHolds(""));
  EXPECT_EQ(TextOf(5, "n-1"), "evt-1 ");
  Work other = Applying(Event(1, "evt-1"));
  other.applied->source = "claims";
  EXPECT_THAT(Submit(other), IsOkAndHolds("evt-1 evt-1 ")) << "of another source";
}

TEST_P(Following, AnEventThatIsRefusedLeavesTheCursor) {
  Work work = Applying(Event(1, "evt-1"));
  work.decide = [](rules::Transaction&) -> Reply { return Refusal("ORD-03", "no"); };
  EXPECT_THAT(Submit(work), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Cursors(), IsEmpty());
  EXPECT_TRUE(Submit(Applying(Event(1, "evt-1"))).ok());
}

TEST_P(Following, ACursorSetBackByANewEpochAppliesNothingTwice) {
  ASSERT_TRUE(Submit(Applying(Event(1, "evt-1"))).ok());
  ASSERT_TRUE(Submit(Applying(Event(2, "evt-2"))).ok());
  ASSERT_TRUE(Submit(Applying(Event(1, "evt-9", "e-1", 6))).ok());
  // The source was restored to a moment before evt-2, and went on otherwise.
  EXPECT_THAT(Submit(Applying(Event(3, "evt-4", "e-2"))), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Submit(Applying(Event(1, "evt-1", "e-2"))), IsOkAndHolds(""));
  EXPECT_EQ(store_->CursorsOf("orders")->epoch, "e-2");
  EXPECT_THAT(Cursors(), ElementsAre(Pair(5, 1))) << "parts of the earlier epoch are left out";
  EXPECT_THAT(Submit(Applying(Event(2, "evt-3", "e-2"))), IsOkAndHolds("evt-1 evt-2 evt-3 "));
  EXPECT_THAT(Submit(Applying(Event(3, "evt-9", "e-1"))), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Submit(Applying(Event(1, "evt-9", "e-2", 6))), IsOkAndHolds(""));
  EXPECT_THAT(Cursors(), UnorderedElementsAre(Pair(5, 2), Pair(6, 1)));
}

TEST_P(Following, ASeenEventNeverLeapsOverOnesNotSeen) {
  ASSERT_TRUE(Submit(Applying(Event(1, "evt-1"))).ok());
  EXPECT_THAT(Submit(Applying(Event(3, "evt-1"))), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Cursors(), ElementsAre(Pair(5, 1)));
}

TEST_P(Following, ValidateOnlyMovesNoCursor) {
  Work work = Applying(Event(1, "evt-1"));
  work.validate_only = true;
  EXPECT_THAT(Submit(work), IsOkAndHolds("evt-1 "));
  EXPECT_THAT(Cursors(), IsEmpty());
}

TEST_P(Following, AParkedEventIsSetAsideAndCountsAsApplied) {
  EXPECT_THAT(store_->Park(Event(2, "evt-2"), "data", "no"), StatusIs(absl::StatusCode::kAborted));
  clock_.MoveTo(At(60));
  ASSERT_TRUE(store_->Park(Event(1, "evt-1"), "data", "cannot be applied").ok());
  ASSERT_TRUE(store_->Park(Event(1, "evt-1"), "data", "again").ok());
  Reopen();
  EXPECT_THAT(Cursors(), ElementsAre(Pair(5, 1)));
  const std::vector<StuckItem> stuck = Stuck();
  ASSERT_THAT(stuck, SizeIs(1));
  EXPECT_EQ(stuck[0].kind, "apply-event:orders");
  EXPECT_EQ(stuck[0].error, "cannot be applied");
  EXPECT_EQ(stuck[0].time, At(60));
  EXPECT_THAT(Submit(Applying(Event(1, "evt-1"))), IsOkAndHolds(""));
  EXPECT_EQ(TextOf(5, "n-1"), "");
  EXPECT_THAT(Submit(Applying(Event(2, "evt-2"))), IsOkAndHolds("evt-2 "));
}

TEST_P(Following, AParkedEventComesBackAsATaskThatIsDueAtOnce) {
  ASSERT_TRUE(store_->Park(Event(1, "evt-1"), "data", "cannot be applied").ok());
  clock_.MoveTo(At(60));
  bool told = false;
  store_->AddCommitListener(
      [&](const Committed& committed) { told = told || committed.tasks_in.contains(5); });
  const Work work = BringingBack(WorkOn(0, Nothing), Stuck()[0].stuck_id);
  ASSERT_TRUE(Submit(work).ok());
  EXPECT_TRUE(told);
  EXPECT_THAT(Stuck(), IsEmpty());
  const std::vector<DueTask> due = Due(At(60));
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].part, 5u);
  EXPECT_EQ(due[0].task.kind, absl::StrCat(kApplyEvent, "orders"));
  EXPECT_EQ(due[0].task.payload, "data");
  EXPECT_EQ(due[0].task.due, At(60));
  EXPECT_THAT(Submit(work), StatusIs(absl::StatusCode::kNotFound));

  // Given up once more, it is stuck once more.
  ASSERT_TRUE(store_->FailTask(due[0], "still not", absl::InfiniteFuture()).ok());
  ASSERT_THAT(Stuck(), SizeIs(1));
  ASSERT_TRUE(Submit(BringingBack(WorkOn(0, Nothing), Stuck()[0].stuck_id)).ok());
  EXPECT_THAT(Due(At(60)), SizeIs(1));
}

}  // namespace
}  // namespace makegood::store
