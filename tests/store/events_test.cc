// Events, who hears of commits, who reads them, and whom a database belongs to.

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/store/store_test.h"

namespace makegood::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Events = StoreTest;
INSTANTIATE_FOR_EVERY_DRIVER(Events);

// Several events in one decision.
Decision EmitMany(int count) {
  return [count](rules::Transaction& tx) -> Reply {
    for (int i = 0; i < count; ++i) tx.Emit(EventOn(absl::StrCat("o-", i)));
    return "";
  };
}

std::vector<uint64_t> Sequences(const std::vector<StoredEvent>& events) {
  std::vector<uint64_t> sequences;
  sequences.reserve(events.size());
  for (const StoredEvent& event : events) sequences.push_back(event.sequence);
  return sequences;
}

TEST_P(Events, NumbersGoFromOneWithoutGapsInEachPart) {
  const std::vector<Reply> replies = SubmitTogether(
      {WorkOn(1, EmitMany(2)), WorkOn(2, EmitMany(1)), WorkOn(1, EmitMany(1)), WorkOn(1, EmitMany(0))});
  for (const Reply& reply : replies) ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_THAT(Sequences(EventsOf(1)), ElementsAre(1, 2, 3));
  EXPECT_THAT(Sequences(EventsOf(2)), ElementsAre(1));
  EXPECT_THAT(EventsOf(3), IsEmpty());
  Reopen();
  ASSERT_TRUE(Submit(1, EmitMany(1)).ok());
  EXPECT_THAT(Sequences(EventsOf(1)), ElementsAre(1, 2, 3, 4));
}

TEST_P(Events, AreReadInOrderAfterAPositionAndUpToALimit) {
  ASSERT_TRUE(Submit(1, EmitMany(5)).ok());
  EXPECT_THAT(Sequences(EventsOf(1, 2)), ElementsAre(3, 4, 5));
  EXPECT_THAT(Sequences(EventsOf(1, 1, 2)), ElementsAre(2, 3));
  EXPECT_THAT(EventsOf(1, 5), IsEmpty());
  EXPECT_THAT(EventsOf(1, std::numeric_limits<uint64_t>::max()), IsEmpty());
  events::v1::Event event;
  ASSERT_TRUE(event.ParseFromString(EventsOf(1)[3].data));
  EXPECT_EQ(event.order_id(), "o-3");
  EXPECT_EQ(event.request_id(), "r-1");
  EXPECT_EQ(rules::ToTime(event.time()), At(0));
  EXPECT_FALSE(event.event_id().empty());
}

TEST_P(Events, HeadsTellTheLastNumberOfEveryPart) {
  ASSERT_TRUE(Submit(1, EmitMany(2)).ok());
  ASSERT_TRUE(Submit(15, EmitMany(1)).ok());
  const auto heads = store_->Heads();
  ASSERT_TRUE(heads.ok()) << heads.status();
  ASSERT_THAT(*heads, SizeIs(kDefaultParts));
  for (const auto& [part, last] : *heads) EXPECT_EQ(last, part == 1 ? 2u : part == 15 ? 1u : 0u) << part;
}

TEST_P(Events, AListenerHearsOfEveryCommitWithEventsTasksAndRecords) {
  absl::Mutex mutex;
  std::vector<Committed> heard;
  store_->AddCommitListener([&](const Committed& committed) {
    absl::MutexLock lock(&mutex);
    heard.push_back(committed);
  });
  ASSERT_TRUE(Submit(3, Append("n-1", "a")).ok());
  ASSERT_TRUE(Submit(3, [](rules::Transaction&) -> Reply { return ""; }).ok());
  ASSERT_FALSE(Submit(3, [](rules::Transaction& tx) -> Reply {
                 RETURN_IF_ERROR(Append("n-1", "b")(tx).status());
                 return Refusal("ORD-03", "no");
               }).ok());
  ASSERT_TRUE(Submit(3, Schedule("t-1", At(0))).ok());
  ASSERT_TRUE(Submit(3, Cancel("t-1")).ok());
  ASSERT_TRUE(Submit(3, Schedule("t-2", At(1))).ok());
  absl::MutexLock lock(&mutex);
  ASSERT_THAT(heard, SizeIs(2)) << "nothing to tell of what changed nothing, only cancelled, or is due later";
  ASSERT_THAT(heard[0].events, SizeIs(1));
  EXPECT_EQ(heard[0].events[0].part, 3u);
  EXPECT_EQ(heard[0].events[0].sequence, 1u);
  EXPECT_EQ(heard[0].events[0].data, EventsOf(3)[0].data);
  EXPECT_THAT(heard[0].records, ElementsAre(rules::RecordKey{"note", "n-1"}));
  EXPECT_TRUE(heard[0].tasks_in.empty());
  EXPECT_THAT(heard[1].events, IsEmpty());
  EXPECT_FALSE(heard[1].tasks_in.empty());
}

TEST_P(Events, AListenerIsNotToldOfACommandThatWasUndone) {
  ASSERT_TRUE(Submit(3, Append("n-9", "there")).ok());
  absl::Mutex mutex;
  std::vector<std::string> records;
  std::vector<uint64_t> sequences;
  store_->AddCommitListener([&](const Committed& committed) {
    absl::MutexLock lock(&mutex);
    for (const rules::RecordKey& key : committed.records) records.push_back(key.id);
    for (const StoredEvent& event : committed.events) sequences.push_back(event.sequence);
  });
  const auto conflict = [](rules::Transaction& tx) -> Reply {
    RETURN_IF_ERROR(Append("n-2", "undone")(tx).status());
    return PutBlindly("n-9")(tx);
  };
  SubmitTogether({WorkOn(3, Append("n-1", "a")), WorkOn(3, conflict), WorkOn(3, Append("n-3", "c"))});
  absl::MutexLock lock(&mutex);
  EXPECT_THAT(records, ElementsAre("n-1", "n-3"));
  EXPECT_THAT(sequences, ElementsAre(2, 3));
}

TEST_P(Events, AnAnsweredCommandWasToldToListenersBefore) {
  std::atomic<int> told = 0;
  store_->AddCommitListener([&](const Committed&) { ++told; });
  for (int i = 1; i <= 20; ++i) {
    ASSERT_TRUE(Submit(1, Append("n-1", "a")).ok());
    ASSERT_EQ(told, i);
  }
}

using Readers = StoreTest;
INSTANTIATE_FOR_EVERY_DRIVER(Readers);

TEST_P(Readers, SeeOnlyWhatIsCommitted) {
  ASSERT_TRUE(Submit(1, Append("n-1", "a")).ok());
  absl::Notification begun;
  absl::Notification go_on;
  Answers answers(2);
  // Both are in one batch, so that the first is written while the second is decided.
  const auto gate = [&](rules::Transaction&) -> Reply {
    begun.Notify();
    go_on.WaitForNotification();
    return "";
  };
  absl::Notification held;
  absl::Notification release;
  Answers first(1);
  store_->Submit(WorkOn(0,
                        [&](rules::Transaction&) -> Reply {
                          held.Notify();
                          release.WaitForNotification();
                          return "";
                        }),
                 first.Into(0));
  held.WaitForNotification();
  store_->Submit(WorkOn(1, Append("n-1", "b")), answers.Into(0));
  store_->Submit(WorkOn(2, gate), answers.Into(1));
  release.Notify();
  begun.WaitForNotification();
  EXPECT_EQ(TextOf(1, "n-1"), "a");
  EXPECT_THAT(EventsOf(1), SizeIs(1));
  go_on.Notify();
  answers.Wait();
  EXPECT_EQ(TextOf(1, "n-1"), "ab");
  EXPECT_THAT(EventsOf(1), SizeIs(2));
}

TEST_P(Readers, SeeOneMomentForAsLongAsTheyRead) {
  ASSERT_TRUE(Submit(1, Append("n-1", "a")).ok());
  const auto events = Read<size_t>([&](Reader& reader) -> absl::StatusOr<size_t> {
    RETURN_IF_ERROR(reader.Get(1, {"note", "n-1"}).status());
    EXPECT_TRUE(Submit(1, Append("n-1", "b")).ok());
    ASSIGN_OR_RETURN(const auto after, reader.Events(1, 0, 10));
    return after.size();
  });
  EXPECT_THAT(events, IsOkAndHolds(1u));
}

TEST_P(Readers, AFullQueueIsResourceExhaustedAtOnce) {
  options_.readers = 1;
  options_.queue_limit = 2;
  Reopen();
  absl::Notification begun;
  absl::Notification go_on;
  std::atomic<int> served = 0;
  store_->Read([&](const absl::StatusOr<Reader*>&) {
    begun.Notify();
    go_on.WaitForNotification();
  });
  begun.WaitForNotification();
  int refused = 0;
  for (int i = 0; i < 5; ++i) {
    store_->Read([&](const absl::StatusOr<Reader*>& reader) {
      if (reader.ok()) {
        ++served;
      } else {
        EXPECT_THAT(reader, StatusIs(absl::StatusCode::kResourceExhausted));
        ++refused;
      }
    });
  }
  EXPECT_EQ(refused, 3);
  go_on.Notify();
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (served < 2 && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(served, 2);
  EXPECT_EQ(TextOf(0, "n-1"), "") << "there is room again";
}

TEST_P(Readers, ByKeyAreServedOnTheCallersThreadWhileOneIsFree) {
  options_.readers = 1;
  Reopen();
  ASSERT_TRUE(Submit(1, Append("n-1", "a")).ok());
  std::thread::id served_on;
  store_->ReadByKey([&](absl::StatusOr<Reader*> reader) {
    ASSERT_TRUE(reader.ok()) << reader.status();
    const auto record = (*reader)->Get(1, {"note", "n-1"});
    EXPECT_TRUE(record.ok() && record->has_value());
    served_on = std::this_thread::get_id();
  });
  EXPECT_TRUE(served_on == std::this_thread::get_id());
  EXPECT_EQ(TextOf(1, "n-1"), "a") << "the reader is free again";
}

TEST_P(Readers, ByKeyWaitForThePoolWhileNoneIsFree) {
  options_.readers = 1;
  options_.queue_limit = 1;
  Reopen();
  absl::Notification begun;
  absl::Notification go_on;
  absl::Notification served;
  std::thread::id served_on;
  store_->Read([&](const absl::StatusOr<Reader*>&) {
    begun.Notify();
    go_on.WaitForNotification();
  });
  begun.WaitForNotification();
  store_->ReadByKey([&](absl::StatusOr<Reader*> reader) {
    EXPECT_TRUE(reader.ok()) << reader.status();
    served_on = std::this_thread::get_id();
    served.Notify();
  });
  EXPECT_FALSE(served.HasBeenNotified());
  store_->ReadByKey([](absl::StatusOr<Reader*> reader) {
    EXPECT_THAT(reader, StatusIs(absl::StatusCode::kResourceExhausted));
  });
  go_on.Notify();
  ASSERT_TRUE(served.WaitForNotificationWithTimeout(absl::Seconds(30)));
  EXPECT_TRUE(served_on != std::this_thread::get_id());
}

using Databases = StoreTest;
INSTANTIATE_FOR_EVERY_DRIVER(Databases);

TEST_P(Databases, AnEpochStaysForAsLongAsTheDatabase) {
  const std::string epoch = store_->epoch();
  EXPECT_FALSE(epoch.empty());
  Reopen();
  EXPECT_EQ(store_->epoch(), epoch);
  const auto other_database = GetParam().make();
  const auto other = other_database->Open(options_, clock_);
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_NE((*other)->epoch(), epoch);
}

TEST_P(Databases, BelongToOneService) {
  store_.reset();
  options_.service = "claims";
  EXPECT_THAT(database_->Open(options_, clock_), StatusIs(absl::StatusCode::kInvalidArgument));
  options_.service = "orders";
  EXPECT_TRUE(database_->Open(options_, clock_).ok());
}

TEST_P(Databases, KeepTheNumberOfPartsTheyWereMadeWith) {
  EXPECT_EQ(store_->parts(), kDefaultParts);
  store_.reset();
  options_.parts = 8;
  EXPECT_THAT(database_->Open(options_, clock_), StatusIs(absl::StatusCode::kInvalidArgument));
  const auto other_database = GetParam().make();
  const auto other = other_database->Open(options_, clock_);
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ((*other)->parts(), 8u);
}

TEST_P(Databases, OptionsOutOfRangeAreInvalid) {
  const auto other_database = GetParam().make();
  const auto open_with = [&](const std::function<void(StoreOptions&)>& change) {
    StoreOptions options = options_;
    change(options);
    return other_database->Open(options, clock_);
  };
  const auto invalid = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(open_with([](StoreOptions& options) { options.parts = 0; }), invalid);
  EXPECT_THAT(open_with([](StoreOptions& options) { options.parts = kMaxParts + 1; }), invalid);
  EXPECT_THAT(open_with([](StoreOptions& options) { options.queue_limit = 0; }), invalid);
  EXPECT_THAT(open_with([](StoreOptions& options) { options.batch_limit = 0; }), invalid);
  EXPECT_THAT(open_with([](StoreOptions& options) { options.readers = 0; }), invalid);
  EXPECT_THAT(open_with([](StoreOptions& options) { options.service.clear(); }), invalid);
}

TEST_P(Databases, AnObserverHearsOfBatchesAndTheQueueHasADepth) {
  std::atomic<size_t> commands = 0;
  std::atomic<int> failures = 0;
  options_.observer.committed = [&](absl::Duration took, size_t count) {
    EXPECT_GE(took, absl::ZeroDuration());
    commands += count;
  };
  options_.observer.failed = [&](absl::string_view, absl::StatusCode) { ++failures; };
  Reopen();
  absl::Notification begun;
  absl::Notification go_on;
  Answers answers(3);
  store_->Submit(WorkOn(0,
                        [&](rules::Transaction&) -> Reply {
                          begun.Notify();
                          go_on.WaitForNotification();
                          return "";
                        }),
                 answers.Into(0));
  begun.WaitForNotification();
  store_->Submit(WorkOn(0, Append("n-1", "a")), answers.Into(1));
  store_->Submit(WorkOn(0, Append("n-1", "b")), answers.Into(2));
  EXPECT_EQ(store_->QueueDepth(), 2u);
  go_on.Notify();
  answers.Wait();
  EXPECT_EQ(store_->QueueDepth(), 0u);
  EXPECT_EQ(commands, 3u);
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace makegood::store
