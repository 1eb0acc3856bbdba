// Commands: what is decided is durable, in order, once, and harms nobody else.

#include <stdexcept>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/store/store_test.h"

namespace makegood::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Decisions = StoreTest;
INSTANTIATE_FOR_EVERY_DRIVER(Decisions);

TEST_P(Decisions, SYS_01_WhatWasAnsweredIsThereAfterReopening) {
  ASSERT_THAT(Submit(3, Append("n-1", "a")), IsOkAndHolds("a"));
  ASSERT_THAT(Submit(3, Schedule("t-1", At(10), "payload")), IsOkAndHolds("t-1"));
  Reopen();
  EXPECT_EQ(TextOf(3, "n-1"), "a");
  EXPECT_THAT(EventsOf(3), SizeIs(1));
  EXPECT_THAT(DueIds(At(10)), ElementsAre("t-1"));
  ASSERT_THAT(Submit(3, Append("n-1", "b")), IsOkAndHolds("ab"));
  EXPECT_EQ(EventsOf(3).back().sequence, 2u);
}

TEST_P(Decisions, ARecordIsKeptWithItsColumnsAndVersions) {
  const auto write = [](rules::Transaction& tx) -> Reply {
    ASSIGN_OR_RETURN(std::optional<Note> note, tx.Find<Note>("n-1"));
    if (!note.has_value()) note = NoteOf("n-1");
    note->set_order_id("o-1");
    note->set_merchant_id("m-1");
    note->set_customer_id("c-1");
    note->set_group(note->group() + "S");
    *note->mutable_place() = rules::ToTimestamp(At(7));
    tx.Put(*note);
    return note->SerializeAsString();
  };
  const Reply first = Submit(2, write);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto stored = Stored(2, "n-1");
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->version, 1);
  EXPECT_EQ(stored->data, *first);
  EXPECT_EQ(stored->columns, (rules::RecordColumns{"o-1", "m-1", "c-1", "S", At(7)}));

  clock_.MoveTo(At(60));
  ASSERT_TRUE(Submit(2, write).ok());
  const auto changed = Stored(2, "n-1");
  ASSERT_TRUE(changed.has_value());
  EXPECT_EQ(changed->version, 2);
  EXPECT_EQ(changed->columns.group, "SS");
  Note note;
  ASSERT_TRUE(note.ParseFromString(changed->data));
  EXPECT_EQ(rules::ToTime(note.create_time()), At(0));
  EXPECT_EQ(rules::ToTime(note.update_time()), At(60));
  EXPECT_FALSE(Stored(1, "n-1").has_value()) << "a record is in one part only";
}

TEST_P(Decisions, BytesOfAnyKindAreKept) {
  const std::string text("\0a\xff\n'", 5);
  const std::string id = "n-\xc3\xa9'\"";
  Work work = WorkOn(0, [&](rules::Transaction& tx) -> Reply {
    tx.Schedule(rules::Task{"t-1", "remind", At(0), text});
    ASSIGN_OR_RETURN(std::optional<Note> none, tx.Find<Note>(id));
    Note note = NoteOf(id);
    tx.Put(note);
    return text;
  });
  work.replay = Replay("scope", "content");
  EXPECT_THAT(Submit(work), IsOkAndHolds(text));
  EXPECT_THAT(Submit(work), IsOkAndHolds(text));
  EXPECT_TRUE(Stored(0, id).has_value());
  ASSERT_THAT(Due(At(0)), SizeIs(1));
  EXPECT_EQ(Due(At(0))[0].task.payload, text);
}

TEST_P(Decisions, TheContextHasTheClocksTimeAndTheKeysPart) {
  clock_.MoveTo(At(5));
  const auto decide = [](rules::Transaction& tx) -> Reply {
    return absl::StrCat(absl::ToUnixSeconds(tx.now()), " ", tx.NewId("evt").substr(0, 6));
  };
  EXPECT_THAT(Submit(11, decide), IsOkAndHolds(absl::StrCat(absl::ToUnixSeconds(At(5)), " evt-0b")));
}

TEST_P(Decisions, ADecisionSeesWhatEarlierOnesOfItsBatchWrote) {
  const std::vector<Reply> replies = SubmitTogether(
      {WorkOn(1, Append("n-1", "a")), WorkOn(1, Append("n-1", "b")), WorkOn(1, Append("n-1", "c"))});
  EXPECT_THAT(replies, ElementsAre(IsOkAndHolds("a"), IsOkAndHolds("ab"), IsOkAndHolds("abc")));
  EXPECT_EQ(Stored(1, "n-1")->version, 3);
}

TEST_P(Decisions, ADecisionMayAskForManyRecordsOneAfterTheOther) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Submit(0, Append(absl::StrCat("n-", i), "x")).ok());
  EXPECT_THAT(Submit(0,
                     [](rules::Transaction& tx) -> Reply {
                       std::string all;
                       for (int i = 0; i < 20; ++i) {
                         ASSIGN_OR_RETURN(const Note note, tx.Get<Note>(absl::StrCat("n-", i)));
                         all += note.text();
                       }
                       return all;
                     }),
              IsOkAndHolds(std::string(20, 'x')));
}

TEST_P(Decisions, SYS_02_AReplayAnswersWithTheFirstReplyAndChangesNothing) {
  Work work = WorkOn(4, Append("n-1", "a"));
  work.replay = Replay("scope", "content");
  ASSERT_THAT(Submit(work), IsOkAndHolds("a"));
  ASSERT_THAT(Submit(work), IsOkAndHolds("a"));
  Reopen();
  ASSERT_THAT(Submit(work), IsOkAndHolds("a"));
  EXPECT_EQ(TextOf(4, "n-1"), "a");
  EXPECT_THAT(EventsOf(4), SizeIs(1));
}

TEST_P(Decisions, SYS_02_TheSameRequestIdWithOtherContentIsAlreadyExists) {
  Work work = WorkOn(4, Append("n-1", "a"));
  work.replay = Replay("scope", "content");
  ASSERT_TRUE(Submit(work).ok());
  work.replay = Replay("scope", "other content");
  EXPECT_THAT(Submit(work), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(TextOf(4, "n-1"), "a");
  work.replay = Replay("other scope", "other content");
  EXPECT_THAT(Submit(work), IsOkAndHolds("aa"));
}

TEST_P(Decisions, SYS_02_AReplayInsideTheSameBatchIsFound) {
  Work work = WorkOn(4, Append("n-1", "a"));
  work.replay = Replay("scope", "content");
  Work other = work;
  other.replay = Replay("scope", "other content");
  EXPECT_THAT(SubmitTogether({work, work, other, WorkOn(4, Append("n-1", "b"))}),
              ElementsAre(IsOkAndHolds("a"), IsOkAndHolds("a"), StatusIs(absl::StatusCode::kAlreadyExists),
                          IsOkAndHolds("ab")));
  EXPECT_THAT(EventsOf(4), SizeIs(2));
}

TEST_P(Decisions, SYS_02_ARefusalIsNotKeptButDecidedAgain) {
  bool refuse = true;
  Work work = WorkOn(4, [&refuse](rules::Transaction& tx) -> Reply {
    if (refuse) return Refusal("ORD-03", "no");
    return Append("n-1", "a")(tx);
  });
  work.replay = Replay("scope", "content");
  const Reply refused = Submit(work);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(RuleOf(refused.status()), "ORD-03");
  refuse = false;
  EXPECT_THAT(Submit(work), IsOkAndHolds("a"));
}

TEST_P(Decisions, SYS_02_TheReaderFindsTheKeptReply) {
  Work work = WorkOn(4, Append("n-1", "a"));
  work.replay = Replay("scope", "content");
  ASSERT_TRUE(Submit(work).ok());
  const auto reply_to = [this](uint32_t part, const ReplayKey& key) {
    return Read<std::optional<std::string>>([&](Reader& reader) { return reader.Reply(part, key); });
  };
  EXPECT_THAT(reply_to(4, Replay("scope", "content")), IsOkAndHolds(std::optional<std::string>("a")));
  EXPECT_THAT(reply_to(4, Replay("new scope", "content")), IsOkAndHolds(std::nullopt));
  EXPECT_THAT(reply_to(5, Replay("scope", "content")), IsOkAndHolds(std::nullopt));
  EXPECT_THAT(reply_to(4, Replay("scope", "other")), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_P(Decisions, SYS_03_ValidateOnlyDecidesInFullAndChangesNothing) {
  ASSERT_TRUE(Submit(4, Append("n-1", "a")).ok());
  ASSERT_TRUE(Submit(4, Schedule("t-1", At(0))).ok());
  Work work = WorkOn(4, [](rules::Transaction& tx) -> Reply {
    tx.Cancel("t-1");
    tx.Schedule(rules::Task{"t-2", "remind", At(0), ""});
    return Append("n-1", "b")(tx);
  });
  work.replay = Replay("scope", "content");
  work.validate_only = true;
  EXPECT_THAT(SubmitTogether({work, WorkOn(5, Append("n-2", "x"))}),
              ElementsAre(IsOkAndHolds("ab"), IsOkAndHolds("x")));
  EXPECT_EQ(TextOf(4, "n-1"), "a");
  EXPECT_THAT(EventsOf(4), SizeIs(1));
  EXPECT_THAT(DueIds(At(0)), ElementsAre("t-1"));

  // The real one is no replay of the preview, and the preview of a done one is its reply.
  work.validate_only = false;
  EXPECT_THAT(Submit(work), IsOkAndHolds("ab"));
  work.validate_only = true;
  EXPECT_THAT(Submit(work), IsOkAndHolds("ab"));
  EXPECT_EQ(TextOf(4, "n-1"), "ab");
}

TEST_P(Decisions, SYS_03_ValidateOnlyAnswersWhatTheRealOneWould) {
  ASSERT_TRUE(Submit(4, Append("n-1", "a")).ok());
  Work work = WorkOn(4, PutBlindly("n-1"));
  work.validate_only = true;
  EXPECT_THAT(Submit(work), StatusIs(absl::StatusCode::kInternal));
  work.decide = [](rules::Transaction&) -> Reply { return Refusal("ORD-03", "no"); };
  EXPECT_THAT(Submit(work), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_P(Decisions, OneBadCommandNeverHarmsItsNeighbours) {
  ASSERT_TRUE(Submit(6, Append("n-9", "there")).ok());
  const auto refuse = [](rules::Transaction& tx) -> Reply {
    RETURN_IF_ERROR(Append("n-1", "refused")(tx).status());
    return Refusal("ORD-03", "no");
  };
  const auto fail = [](rules::Transaction& tx) -> Reply {
    RETURN_IF_ERROR(Append("n-1", "thrown")(tx).status());
    throw std::runtime_error("a name that nobody may read");
  };
  const auto write_then_conflict = [](rules::Transaction& tx) -> Reply {
    RETURN_IF_ERROR(Append("n-1", "conflict")(tx).status());
    tx.Schedule(rules::Task{"t-1", "remind", At(0), ""});
    return PutBlindly("n-9")(tx);
  };
  const std::vector<Reply> replies = SubmitTogether(
      {WorkOn(6, Append("n-1", "a")), WorkOn(6, refuse), WorkOn(6, Append("n-1", "b")), WorkOn(6, fail),
       WorkOn(6, Append("n-1", "c")), WorkOn(6, write_then_conflict), WorkOn(6, Append("n-1", "d")),
       WorkOn(6, PutBlindly("n-2")), WorkOn(6, PutBlindly("")), WorkOn(7, Append("n-1", "e"))});
  EXPECT_THAT(replies,
              ElementsAre(IsOkAndHolds("a"), StatusIs(absl::StatusCode::kFailedPrecondition),
                          IsOkAndHolds("ab"), StatusIs(absl::StatusCode::kInternal), IsOkAndHolds("abc"),
                          StatusIs(absl::StatusCode::kInternal), IsOkAndHolds("abcd"), IsOkAndHolds("n-2"),
                          StatusIs(absl::StatusCode::kInternal), IsOkAndHolds("e")));
  EXPECT_THAT(std::string(replies[3].status().message()), ::testing::Not(::testing::HasSubstr("name")));
  EXPECT_EQ(TextOf(6, "n-1"), "abcd");
  EXPECT_EQ(TextOf(6, "n-9"), "there");
  EXPECT_THAT(DueIds(At(0)), IsEmpty());
  std::vector<uint64_t> sequences;
  for (const StoredEvent& event : EventsOf(6)) sequences.push_back(event.sequence);
  EXPECT_THAT(sequences, ElementsAre(1, 2, 3, 4, 5, 6));
  Reopen();
  EXPECT_EQ((*store_->Heads())[6], 6u);
}

TEST_P(Decisions, WithinAPartEverythingIsSerialUnderManyThreads) {
  constexpr size_t kThreads = 8;
  constexpr size_t kEach = 50;
  Answers answers(kThreads * kEach);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (size_t i = 0; i < kEach; ++i) {
        store_->Submit(WorkOn(9, Append("n-1", "x")), answers.Into(thread * kEach + i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<size_t> lengths;
  for (const Reply& reply : answers.Wait()) {
    ASSERT_TRUE(reply.ok()) << reply.status();
    lengths.push_back(reply->size());
  }
  // No two saw the same state: each length once.
  std::sort(lengths.begin(), lengths.end());
  for (size_t i = 0; i < lengths.size(); ++i) ASSERT_EQ(lengths[i], i + 1);
  const std::vector<StoredEvent> events = EventsOf(9);
  ASSERT_THAT(events, SizeIs(kThreads * kEach));
  for (size_t i = 0; i < events.size(); ++i) ASSERT_EQ(events[i].sequence, i + 1);
}

TEST_P(Decisions, SYS_12_OneCallerFillsHalfOfTheQueueAndTheServicesHaveAPlace) {
  options_.queue_limit = 8;
  Reopen();
  absl::Notification begun;
  absl::Notification go_on;
  Answers answers(10);
  size_t next = 0;
  std::vector<absl::Status> at_once(10);
  const auto submit = [&](Caller caller) {
    Work work = WorkOn(0, [&](rules::Transaction&) {
      if (!begun.HasBeenNotified()) begun.Notify();
      go_on.WaitForNotification();
      return "";
    });
    work.caller = std::move(caller);
    const size_t index = next++;
    store_->Submit(std::move(work), [&, index, into = answers.Into(index)](Reply reply) mutable {
      at_once[index] = reply.status();
      into(std::move(reply));
    });
    return at_once[index];
  };
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(submit({"customer c-1"}).ok());
  EXPECT_EQ(submit({"customer c-1"}).message(),
            "customer c-1 has taken 4 of 4 waiting commands: the limit for one caller");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(submit({"customer c-2"}).ok());
  EXPECT_THAT(submit({"customer c-3"}), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_TRUE(submit({.name = "service orders", .own_service = true}).ok());
  begun.WaitForNotification();
  go_on.Notify();
  size_t refused = 0;
  for (const Reply& reply : answers.Wait()) refused += reply.ok() ? 0 : 1;
  EXPECT_EQ(refused, 2u);
}

TEST_P(Decisions, AFullQueueAnswersAtOnceAndKeepsNothing) {
  options_.queue_limit = 4;
  Reopen();
  absl::Notification begun;
  absl::Notification go_on;
  Answers held(1);
  store_->Submit(WorkOn(0,
                        [&](rules::Transaction&) {
                          begun.Notify();
                          go_on.WaitForNotification();
                          return "";
                        }),
                 held.Into(0));
  begun.WaitForNotification();
  constexpr size_t kMany = 10;
  Answers answers(kMany);
  size_t refused_at_once = 0;
  for (size_t i = 0; i < kMany; ++i) {
    store_->Submit(WorkOn(1, Append("n-1", "x")), [&, into = answers.Into(i)](Reply reply) mutable {
      if (!go_on.HasBeenNotified()) ++refused_at_once;
      into(std::move(reply));
    });
  }
  EXPECT_GE(refused_at_once, kMany - options_.queue_limit);
  EXPECT_LT(refused_at_once, kMany);
  go_on.Notify();
  size_t kept = 0;
  for (const Reply& reply : answers.Wait()) {
    if (!reply.ok()) {
      EXPECT_THAT(reply, StatusIs(absl::StatusCode::kResourceExhausted));
    } else {
      ++kept;
    }
  }
  EXPECT_EQ(kept, kMany - refused_at_once);
  EXPECT_EQ(TextOf(1, "n-1"), std::string(kept, 'x'));
  EXPECT_THAT(Submit(1, Append("n-2", "room again")), IsOkAndHolds("room again"));
}

TEST_P(Decisions, AnAnswerMaySubmitFurtherWork) {
  Answers answers(1);
  store_->Submit(WorkOn(0, Append("n-1", "a")), [&](const Reply& first) {
    ASSERT_TRUE(first.ok());
    store_->Submit(WorkOn(0, Append("n-1", "b")), answers.Into(0));
  });
  EXPECT_THAT(answers.Wait()[0], IsOkAndHolds("ab"));
}

TEST_P(Decisions, ClosingFinishesTheBatchUnderWayAndAnswersTheRest) {
  absl::Notification begun;
  absl::Notification go_on;
  Answers first(1);
  store_->Submit(WorkOn(0,
                        [&](rules::Transaction& tx) {
                          if (!begun.HasBeenNotified()) begun.Notify();
                          go_on.WaitForNotification();
                          return Append("n-1", "a")(tx);
                        }),
                 first.Into(0));
  begun.WaitForNotification();
  Answers rest(3);
  for (size_t i = 0; i < 3; ++i) store_->Submit(WorkOn(0, Append("n-1", "late")), rest.Into(i));
  Store& closing = *store_;
  std::thread closer([&] { store_.reset(); });
  // The store is still there while the writer is held; that it closes shows in what it turns away.
  for (bool turned_away = false; !turned_away;) {
    auto reply = std::make_shared<std::optional<Reply>>();
    closing.Submit(WorkOn(0, Append("n-1", "later")), [reply](Reply said) { *reply = std::move(said); });
    turned_away = reply->has_value();
    absl::SleepFor(absl::Milliseconds(1));
  }
  go_on.Notify();
  closer.join();
  EXPECT_THAT(first.Wait()[0], IsOkAndHolds("a"));
  for (const Reply& reply : rest.Wait()) EXPECT_THAT(reply, StatusIs(absl::StatusCode::kUnavailable));
  Reopen();
  EXPECT_EQ(TextOf(0, "n-1"), "a");
}

}  // namespace
}  // namespace makegood::store
