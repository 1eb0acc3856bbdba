// The fixture of the conformance suite: a store of every driver, fresh for each test.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "common/store/store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/note.pb.h"
#include "tests/support/status_matchers.h"

namespace makegood::rules {

template <>
struct RecordTraits<test::v1::Note> {
  static constexpr absl::string_view kKind = "note";
  static std::string Id(const test::v1::Note& note) { return note.note_id(); }
  static RecordColumns Columns(const test::v1::Note& note) {
    return {note.order_id(),
            note.merchant_id(),
            note.customer_id(),
            note.group(),
            ToTime(note.place()),
            note.open_at(),
            note.has_due() ? ToTime(note.due()) : absl::InfiniteFuture()};
  }
};

}  // namespace makegood::rules

namespace makegood::store {

using makegood::testing::IsOkAndHolds;
using makegood::testing::StatusIs;
using test::v1::Note;

// One driver, and how a fresh database of it is made.
class TestDatabase {
 public:
  virtual ~TestDatabase() = default;
  // Opens the database; again after the store before was destroyed. `path` of the options is
  // the driver's to set.
  virtual absl::StatusOr<std::unique_ptr<Store>> Open(StoreOptions options, const Clock& clock) = 0;
};

struct Driver {
  std::string name;
  std::function<std::unique_ptr<TestDatabase>()> make;
};

// Every driver there is; see drivers.cc.
std::vector<Driver> Drivers();
std::string DriverName(const ::testing::TestParamInfo<Driver>& info);

#define INSTANTIATE_FOR_EVERY_DRIVER(suite) \
  INSTANTIATE_TEST_SUITE_P(Drivers, suite, ::testing::ValuesIn(Drivers()), DriverName)

using Decision = std::function<absl::StatusOr<std::string>(rules::Transaction&)>;
using Reply = absl::StatusOr<std::string>;

inline absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(1'790'000'000 + seconds); }

// A routing key whose part is `part`.
inline std::string KeyOf(uint32_t part) { return MakeId("key", part, "any"); }

inline ReplayKey Replay(absl::string_view scope, absl::string_view content) {
  return {Sha256(scope), Sha256(content)};
}

// Answers of several threads, to be waited for.
class Answers {
 public:
  explicit Answers(size_t count) : replies_(count), waiting_(count) {}

  Done Into(size_t index) {
    return [this, index](Reply reply) {
      absl::MutexLock lock(&mutex_);
      replies_[index] = std::move(reply);
      --waiting_;
    };
  }

  const std::vector<Reply>& Wait() {
    absl::MutexLock lock(&mutex_);
    const auto all = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return waiting_ == 0; };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&all), absl::Seconds(60))) << "not answered";
    return replies_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<Reply> replies_;
  size_t waiting_ ABSL_GUARDED_BY(mutex_);
};

class StoreTest : public ::testing::TestWithParam<Driver> {
 protected:
  void SetUp() override {
    database_ = GetParam().make();
    Reopen();
  }

  // The same database again, after the store on it is gone.
  void Reopen() {
    store_.reset();
    absl::StatusOr<std::unique_ptr<Store>> store = database_->Open(options_, clock_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  static Work WorkOn(uint32_t part, Decision decide) {
    Work work;
    work.routing_key = KeyOf(part);
    work.context.request_id = "r-1";
    work.decide = std::move(decide);
    return work;
  }

  Reply Submit(Work work) {
    Answers answers(1);
    store_->Submit(std::move(work), answers.Into(0));
    return answers.Wait()[0];
  }
  Reply Submit(uint32_t part, Decision decide) { return Submit(WorkOn(part, std::move(decide))); }

  // All in one batch: they gather while the writer is held in a decision.
  std::vector<Reply> SubmitTogether(std::vector<Work> works) {
    absl::Notification begun;
    absl::Notification go_on;
    Answers first(1);
    store_->Submit(WorkOn(0,
                          [&](rules::Transaction&) {
                            begun.Notify();
                            go_on.WaitForNotification();
                            return "";
                          }),
                   first.Into(0));
    begun.WaitForNotification();
    Answers answers(works.size());
    for (size_t i = 0; i < works.size(); ++i) store_->Submit(std::move(works[i]), answers.Into(i));
    go_on.Notify();
    first.Wait();
    return answers.Wait();
  }

  // What `read` makes of a reader.
  template <typename Result>
  absl::StatusOr<Result> Read(std::function<absl::StatusOr<Result>(Reader&)> read) {
    absl::StatusOr<Result> result;
    absl::Notification done;
    store_->Read([&](const absl::StatusOr<Reader*>& reader) {
      if (reader.ok()) {
        result = read(**reader);
      } else {
        result = reader.status();
      }
      done.Notify();
    });
    done.WaitForNotification();
    return result;
  }

  std::optional<rules::StoredRecord> Stored(uint32_t part, const std::string& id) {
    const auto record = Read<std::optional<rules::StoredRecord>>([&](Reader& reader) {
      return reader.Get(part, {"note", id});
    });
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() ? *record : std::nullopt;
  }

  // The text of the note as stored, "" if there is none.
  std::string TextOf(uint32_t part, const std::string& id) {
    const auto record = Stored(part, id);
    Note note;
    return record.has_value() && note.ParseFromString(record->data) ? note.text() : "";
  }

  std::vector<StoredEvent> EventsOf(uint32_t part, uint64_t after = 0, int limit = 1000) {
    const auto events =
        Read<std::vector<StoredEvent>>([&](Reader& reader) { return reader.Events(part, after, limit); });
    EXPECT_TRUE(events.ok()) << events.status();
    return events.ok() ? *events : std::vector<StoredEvent>();
  }

  std::vector<DueTask> Due(absl::Time now, absl::Time wall_now = absl::InfiniteFuture(), int limit = 100) {
    const auto tasks = store_->DueTasks(now, wall_now, limit);
    EXPECT_TRUE(tasks.ok()) << tasks.status();
    return tasks.ok() ? *tasks : std::vector<DueTask>();
  }

  std::vector<std::string> DueIds(absl::Time now, absl::Time wall_now = absl::InfiniteFuture(),
                                  int limit = 100) {
    std::vector<std::string> ids;
    for (const DueTask& task : Due(now, wall_now, limit)) ids.push_back(task.task.id);
    return ids;
  }

  std::vector<StuckItem> Stuck() {
    const auto items = store_->ListStuck(100);
    EXPECT_TRUE(items.ok()) << items.status();
    return items.ok() ? *items : std::vector<StuckItem>();
  }

  TestClock clock_{At(0)};
  StoreOptions options_{.path = "", .service = "orders"};
  std::unique_ptr<TestDatabase> database_;
  std::unique_ptr<Store> store_;
};

// Decisions to put together. Each answers with the note's id.
inline Note NoteOf(absl::string_view id, absl::string_view text = "") {
  Note note;
  note.set_note_id(std::string(id));
  note.set_text(std::string(text));
  return note;
}

inline events::v1::Event EventOn(absl::string_view order_id) {
  events::v1::Event event;
  event.set_order_id(std::string(order_id));
  return event;
}

// Looks the note up, adds `text` to what it says, and announces it.
inline Decision Append(const std::string& id, const std::string& text) {
  return [id, text](rules::Transaction& tx) -> Reply {
    ASSIGN_OR_RETURN(std::optional<Note> note, tx.Find<Note>(id));
    if (!note.has_value()) note = NoteOf(id);
    note->set_text(note->text() + text);
    tx.Put(*note);
    tx.Emit(EventOn(id));
    return note->text();
  };
}

// Writes the note without looking whether there is one.
inline Decision PutBlindly(const std::string& id) {
  return [id](rules::Transaction& tx) -> Reply {
    Note note = NoteOf(id, "blind");
    tx.Put(note);
    tx.Emit(EventOn(id));
    return id;
  };
}

inline Decision Schedule(const std::string& id, absl::Time due, const std::string& payload = "") {
  return [=](rules::Transaction& tx) -> Reply {
    tx.Schedule(rules::Task{id, "remind", due, payload});
    return id;
  };
}

inline Decision Cancel(const std::string& id) {
  return [=](rules::Transaction& tx) -> Reply {
    tx.Cancel(id);
    return id;
  };
}

}  // namespace makegood::store
