// What only the SQLite driver can be asked: files, disks that fail, processes that are killed.

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <numeric>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/log.h"
#include "common/store/micros.h"
#include "tests/store/sqlite_driver.h"

namespace makegood::store {
namespace {

class SqliteStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<Store> Open() {
    absl::StatusOr<std::unique_ptr<Store>> store = database_.Open(options_, clock_);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }

  static Reply Submit(Store& store, Decision decide, std::optional<ReplayKey> replay = std::nullopt) {
    Work work;
    work.routing_key = KeyOf(1);
    work.decide = std::move(decide);
    work.replay = std::move(replay);
    Answers answers(1);
    store.Submit(std::move(work), answers.Into(0));
    return answers.Wait()[0];
  }

  void Sql(const std::string& sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(database_.path().c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  TestClock clock_{At(0)};
  StoreOptions options_{.path = "", .service = "orders"};
  SqliteTestDatabase database_;
};

TEST_F(SqliteStoreTest, AFileThatCannotBeOpenedIsUnavailable) {
  options_.path = "/no/such/folder/store.db";
  EXPECT_THAT(OpenSqliteStore(options_, clock_), StatusIs(absl::StatusCode::kUnavailable));
  testing::WriteFile(database_.path(), std::string(10'000, 'x'));
  EXPECT_THAT(database_.Open(options_, clock_), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(SqliteStoreTest, ADatabaseIsOpenInOnePlaceOnly) {
  auto store = Open();
  EXPECT_THAT(database_.Open(options_, clock_), StatusIs(absl::StatusCode::kUnavailable));
  store.reset();
  EXPECT_NE(Open(), nullptr);
}

TEST_F(SqliteStoreTest, ADatabaseOfALaterVersionIsLeftAlone) {
  Open().reset();
  Sql("PRAGMA user_version = 99");
  EXPECT_THAT(database_.Open(options_, clock_), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(SqliteStoreTest, ADatabaseOfAnEarlierVersionIsBroughtForwardOnce) {
  Open().reset();
  Sql("DROP TABLE records; CREATE TABLE records (part INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT "
      "NULL, "
      "version INTEGER NOT NULL, order_id TEXT NOT NULL, merchant_id TEXT NOT NULL, customer_id TEXT NOT "
      "NULL, "
      "state TEXT NOT NULL, time INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (part, kind, id)) "
      "STRICT, WITHOUT ROWID;"
      "INSERT INTO records VALUES (1, 'note', 'n-1', 1, 'o-1', '', '', 'S', 5, x'');"
      "DROP TABLE replies; CREATE TABLE replies (part INTEGER NOT NULL, scope BLOB NOT NULL, content BLOB "
      "NOT "
      "NULL, reply BLOB NOT NULL, PRIMARY KEY (part, scope)) STRICT, WITHOUT ROWID;"
      "INSERT INTO replies VALUES (1, CAST('a scope of old' AS BLOB), CAST('asked' AS BLOB), CAST('said' AS "
      "BLOB));"
      "DROP INDEX tasks_by_retry; DROP INDEX tasks_by_due;"
      "CREATE INDEX tasks_by_due ON tasks (due, part, id, retry_at);"
      "ALTER TABLE tasks DROP COLUMN mark;"
      "INSERT INTO tasks VALUES (1, 't-1', 'remind', 5, 0, 0, x''), (1, 't-2', 'remind', 4, 9, 1, x'');"
      "PRAGMA user_version = 1");
  for (int again = 0; again < 2; ++again) {
    const auto store = Open();
    ASSERT_NE(store, nullptr);
    const auto due = store->DueTasks(At(0), At(0), 10);
    ASSERT_TRUE(due.ok() && due->size() == 2) << due.status();
    EXPECT_EQ((*due)[0].task.id, "t-2");
    EXPECT_NE((*due)[0].mark, (*due)[1].mark);
    absl::Notification read;
    store->Read([&](absl::StatusOr<Reader*> reader) {
      const auto record = (*reader)->Get(1, {"note", "n-1"});
      ASSERT_TRUE(record.ok() && record->has_value()) << record.status();
      EXPECT_EQ((*record)->columns.order_id, "o-1");
      EXPECT_EQ((*record)->columns.open_at, "");
      EXPECT_EQ((*record)->columns.due, absl::InfiniteFuture());
      const auto kept = (*reader)->Reply(1, {.scope = "a scope of old", .content = "asked"});
      EXPECT_TRUE(kept.ok() && *kept == "said") << kept.status();
      read.Notify();
    });
    read.WaitForNotification();
  }
}

TEST_F(SqliteStoreTest, WhatIsOpenInADatabaseOfVersionSixIsListedByItsDueTime) {
  Open().reset();
  Sql("DROP INDEX records_open; DROP INDEX records_by_group;"
      "ALTER TABLE records RENAME COLUMN grouped_by TO state;"
      "ALTER TABLE records RENAME COLUMN place TO time;"
      "ALTER TABLE records RENAME COLUMN open_at TO queue;"
      "CREATE INDEX records_by_state ON records (kind, state, time, id);"
      "CREATE INDEX records_by_queue ON records (kind, queue, state, time, due) WHERE queue <> '';"
      "INSERT INTO records VALUES (1, 'note', 'n-1', 1, '', '', '', 'S', 5, 'east', 20, x''), "
      "(2, 'note', 'n-2', 1, '', '', '', 'S', 6, 'west', 10, x''), "
      "(3, 'note', 'n-3', 1, '', '', '', 'S', 7, '', 1, x'');"
      "PRAGMA user_version = 6");
  const auto store = Open();
  ASSERT_NE(store, nullptr);
  absl::Notification read;
  store->Read([&](absl::StatusOr<Reader*> reader) {
    ListQuery query;
    query.kind = "note";
    query.order = ListOrder::kMostUrgentFirst;
    const auto page = (*reader)->List(query);
    ASSERT_TRUE(page.ok() && page->records.size() == 2) << page.status();
    EXPECT_EQ(page->records[0].key.id, "n-2");
    EXPECT_EQ(page->records[1].key.id, "n-1");
    const auto open = (*reader)->CountOpen("note", FromMicros(10));
    ASSERT_TRUE(open.ok() && open->size() == 2) << open.status();
    EXPECT_EQ((*open)[0].overdue, 0);
    EXPECT_EQ((*open)[1].overdue, 1);
    read.Notify();
  });
  read.WaitForNotification();
}

TEST_F(SqliteStoreTest, WhatWasSetAsideInADatabaseOfVersionNineIsOfTheKindItIsTriedAgainAs) {
  Open().reset();
  Sql("INSERT INTO stuck VALUES (1, 's-1', 'payments', 'payments', 'no', 1, 5, 'evt-1', 0, x''), "
      "(1, 's-2', '', 'remind', 'no', 20, 6, 't-1', 0, x'');"
      "PRAGMA user_version = 9");
  const auto stuck = Open()->ListStuck(10);
  ASSERT_TRUE(stuck.ok() && stuck->size() == 2) << stuck.status();
  EXPECT_EQ((*stuck)[0].kind, "apply-event:payments");
  EXPECT_EQ((*stuck)[1].kind, "remind");
}

// What this thread has worked for; others on the machine do not count.
absl::Duration Worked() {
  timespec time;
  EXPECT_EQ(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time), 0);
  return absl::DurationFromTimespec(time);
}

// The least that it takes this thread, of several times.
absl::Duration LeastWork(const std::function<void()>& work) {
  absl::Duration least = absl::InfiniteDuration();
  for (int times = 0; times < 5; ++times) {
    const absl::Duration begun = Worked();
    work();
    least = std::min(least, Worked() - begun);
  }
  return least;
}

// A page of some of 180,000 open records among 200,000, beside looking at each of them once.
TEST_F(SqliteStoreTest, SYS_12_APageOfWhatIsOpenReadsLittleMoreThanThePage) {
  Open().reset();
  Sql("PRAGMA synchronous = OFF; "
      "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 200000) "
      "INSERT INTO records (part, kind, id, version, order_id, merchant_id, customer_id, grouped_by, place, "
      "open_at, "
      "due, data) SELECT i % 16, 'note', printf('n-%024d', i), 1, '', 'm-' || (i * 31 % 1000), '', "
      "CASE i % 5 WHEN 0 THEN 'LOOKING' WHEN 1 THEN 'PAYING' WHEN 2 THEN 'PACKING' WHEN 3 THEN 'SENDING' "
      "ELSE 'WAITING' END, i, CASE WHEN i <= 20000 THEN '' WHEN i % 3 = 0 THEN 'east' ELSE 'west' END, "
      "i / 1000 * 1000, zeroblob(100) FROM n");
  const auto store = Open();
  ListQuery urgent;
  urgent.kind = "note";
  urgent.order = ListOrder::kMostUrgentFirst;
  ListQuery due = urgent;
  due.groups = {"PAYING", "SENDING"};
  due.due_before = FromMicros(80'000);
  ListQuery newest = due;
  newest.order = ListOrder::kNewestFirst;
  newest.due_before = FromMicros(22'000);
  EXPECT_TRUE(ReadNow(*store, [&](Reader& reader) {
                const absl::Duration all =
                    LeastWork([&] { EXPECT_TRUE(reader.CountOpen("note", At(0)).ok()); });
                for (const ListQuery& query : {urgent, due, newest}) {
                  const absl::Duration page = LeastWork([&] {
                    const auto found = reader.List(query);
                    EXPECT_TRUE(found.ok() && found->records.size() == 50) << found.status();
                  });
                  EXPECT_LT(page, all / 2);
                }
                return absl::OkStatus();
              }).ok());
}

TEST_F(SqliteStoreTest, SYS_05_TasksThatBackOffCostNothingWhereOthersAreLookedFor) {
  Open().reset();
  Sql("WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
      "INSERT INTO tasks (part, id, kind, due, retry_at, attempts, payload) "
      "SELECT i % 16, printf('t-%024d', i * 7919 % 100003), 'remind', i, 9000000000000000, 1, zeroblob(200) "
      "FROM n");
  const auto store = Open();
  ASSERT_TRUE(Submit(*store, Schedule("t-new", At(0))).ok());
  const absl::Duration look = LeastWork([&] {
    const auto due = store->DueTasks(At(0), At(0), 256);
    ASSERT_TRUE(due.ok() && due->size() == 1) << due.status();
    EXPECT_EQ((*due)[0].task.id, "t-new");
  });
  // Beside passing over each of them once, in the shortest way.
  EXPECT_LT(look,
            LeastWork([&] { Sql("SELECT count(*) FROM tasks WHERE attempts > 0 AND length(id) > 0"); }) / 2);
}

TEST_F(SqliteStoreTest, SYS_11_ARestoredDatabaseIsGivenANewEpochOnceAndKeepsTheRest) {
  auto store = Open();
  const std::string before = store->epoch();
  ASSERT_TRUE(Submit(*store, Append("n-1", "a")).ok());
  store.reset();
  EXPECT_EQ(Open()->epoch(), before);
  options_.new_epoch = true;
  const std::string restored = Open()->epoch();
  EXPECT_NE(restored, before);
  options_.new_epoch = false;
  store = Open();
  EXPECT_EQ(store->epoch(), restored);
  EXPECT_THAT(Submit(*store, Append("n-1", "b")), IsOkAndHolds("ab"));
}

// Notes of every length, moved about by growing and shrinking, and then all without their words: pages that
// were filled anew have some of them left where no row is.
TEST_F(SqliteStoreTest, SYS_09_WhatWasErasedIsInNoFileOfTheDatabase) {
  constexpr int kNotes = 400;
  constexpr absl::string_view kWords = "Sezame-otevri-se";
  const auto store = Open();
  std::minstd_rand random(7);
  std::vector<int> order(kNotes);
  std::iota(order.begin(), order.end(), 0);
  const auto write = [&](bool words) {
    std::shuffle(order.begin(), order.end(), random);
    for (const int i : order) {
      const std::string id = absl::StrCat("n-", i);
      std::string text;
      for (size_t left = words ? 1 + random() % 40 : 0; left > 0; --left)
        absl::StrAppend(&text, kWords, left);
      ASSERT_TRUE(Submit(*store, [&](rules::Transaction& tx) -> Reply {
                    ASSIGN_OR_RETURN(const std::optional<Note> before, tx.Find<Note>(id));
                    Note note = before.value_or(Note());
                    note.set_note_id(id);
                    note.set_order_id("o-1");
                    note.set_text(text);
                    tx.Put(note);
                    return "";
                  }).ok());
    }
  };
  const auto found = [&] {
    std::string files;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(database_.path()).parent_path())) {
      if (absl::StartsWith(entry.path().string(), database_.path())) files += testing::ReadFile(entry.path());
    }
    return absl::StrContains(files, kWords);
  };
  for (int times = 0; times < 4; ++times) write(true);
  EXPECT_TRUE(found());
  write(false);
  ASSERT_THAT(store->Scrub(), testing::IsOk());
  EXPECT_FALSE(found());
}

TEST_F(SqliteStoreTest, AnotherProgramsDatabaseIsLeftAlone) {
  Sql("CREATE TABLE theirs (a)");
  EXPECT_THAT(database_.Open(options_, clock_), StatusIs(absl::StatusCode::kInvalidArgument));
  Sql("INSERT INTO theirs VALUES (1); PRAGMA journal_mode = DELETE");
}

TEST_F(SqliteStoreTest, TimesAreKeptInMicrosecondsAndTheEndlessOnesToo) {
  EXPECT_EQ(FromMicros(ToMicros(absl::InfinitePast())), absl::InfinitePast());
  EXPECT_EQ(FromMicros(ToMicros(absl::InfiniteFuture())), absl::InfiniteFuture());
  EXPECT_EQ(ToMicrosUp(absl::InfinitePast()), ToMicros(absl::InfinitePast()));
  EXPECT_EQ(ToMicrosUp(absl::InfiniteFuture()), ToMicros(absl::InfiniteFuture()));
  const absl::Time whole = absl::FromUnixMicros(-5);
  EXPECT_EQ(FromMicros(ToMicros(whole)), whole);
  EXPECT_EQ(ToMicros(whole + absl::Nanoseconds(999)), -5);
  EXPECT_EQ(ToMicrosUp(whole + absl::Nanoseconds(1)), -4);
}

// Files may not grow past where they are for as long as this lives: writes fail as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(const std::string& path) : handler_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = std::filesystem::file_size(path);
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_;
  void (*handler_)(int);
};

TEST_F(SqliteStoreTest, AStoreThatCannotWriteAnswersUnavailableAndGoesOnTrying) {
  absl::Mutex mutex;
  std::vector<std::string> failures;
  options_.observer.failed = [&](absl::string_view operation, absl::StatusCode code) {
    absl::MutexLock lock(&mutex);
    failures.push_back(absl::StrCat(operation, " ", absl::StatusCodeToString(code)));
  };
  auto store = Open();
  ASSERT_TRUE(Submit(*store, Append("n-1", "a")).ok());
  Reply during_first;
  Reply during_second;
  {
    const FullDisk full(database_.path() + "-wal");
    during_first = Submit(*store, Append("n-1", "lost"));
    during_second = Submit(*store, Append("n-1", "lost"));
  }
  EXPECT_THAT(during_first, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(during_second, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Submit(*store, Append("n-1", "b")), IsOkAndHolds("ab"));
  EXPECT_EQ((*store->Heads())[1], 2u) << "no number was lost to what failed";
  store.reset();
  EXPECT_THAT(failures, ::testing::ElementsAre("commit UNAVAILABLE", "commit UNAVAILABLE"));
  store = Open();
  EXPECT_THAT(Submit(*store, Append("n-1", "c")), IsOkAndHolds("abc"));
}

TEST_F(SqliteStoreTest, ThatItCannotWriteIsLoggedOnceAMinuteWithTheReason) {
  auto store = Open();
  ASSERT_TRUE(Submit(*store, Append("n-1", "a")).ok());
  ASSERT_TRUE(StartLogging("orders", "info").ok());
  ::testing::internal::CaptureStderr();
  {
    const FullDisk full(database_.path() + "-wal");
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(Submit(*store, Append("n-1", "lost")).ok());
  }
  ASSERT_TRUE(Submit(*store, Append("n-1", "b")).ok());
  ASSERT_TRUE(Submit(*store, Append("n-1", "c")).ok());
  const std::string log = ::testing::internal::GetCapturedStderr();
  const std::vector<std::string> lines = absl::StrSplit(log, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 2u) << log;
  EXPECT_THAT(
      lines[0],
      ::testing::AllOf(::testing::HasSubstr("\"level\":\"error\""),
                       ::testing::HasSubstr("\"message\":\"the store cannot write\",\"store\":\"orders\""),
                       ::testing::HasSubstr("\"error\":\"SQLite: ")));
  EXPECT_THAT(lines[1], ::testing::HasSubstr("the store writes again"));
}

TEST_F(SqliteStoreTest, TheLogIsMovedIntoTheFileBesideTheWriter) {
  auto store = Open();
  // About 48 MB of log, well past where a checkpoint begins (16 MB).
  const std::string text(1 << 20, 'x');
  for (int i = 0; i < 48; ++i) {
    ASSERT_TRUE(Submit(*store, [&, i](rules::Transaction& tx) -> Reply {
                  Note note = NoteOf(absl::StrCat("n-", i), text);
                  tx.Put(note);
                  return "";
                }).ok());
  }
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (std::filesystem::file_size(database_.path()) < (20u << 20) && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  EXPECT_GE(std::filesystem::file_size(database_.path()), 20u << 20);
}

// Writes until it is killed; each acknowledged command's number is a line in `acknowledged`.
[[noreturn]] void WriteUntilKilled(SqliteTestDatabase& database, const StoreOptions& options,
                                   const Clock& clock, int acknowledged, int first) {
  absl::StatusOr<std::unique_ptr<Store>> store = database.Open(options, clock);
  if (!store.ok()) _exit(1);
  absl::Mutex mutex;
  int waiting = 0;
  for (int i = first;; ++i) {
    {
      absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(
          +[](int* count) { return *count < 64; }, &waiting));
      ++waiting;
    }
    Work work;
    work.routing_key = KeyOf(static_cast<uint32_t>(i) % kDefaultParts);
    work.decide = Append(absl::StrCat("n-", i), "x");
    work.replay = Replay(absl::StrCat("r-", i), "content");
    (*store)->Submit(std::move(work), [&, i](const Reply& reply) {
      const std::string line = absl::StrCat(i, "\n");
      if (reply.ok() && write(acknowledged, line.data(), line.size()) < 0) _exit(1);
      absl::MutexLock lock(&mutex);
      --waiting;
    });
  }
}

std::set<int> ReadNumbers(int descriptor) {
  std::string text;
  char buffer[4096];
  for (ssize_t size; (size = read(descriptor, buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<size_t>(size));
  }
  std::set<int> numbers;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    int number = 0;
    if (absl::SimpleAtoi(line, &number)) numbers.insert(number);
  }
  return numbers;
}

TEST_F(SqliteStoreTest, SYS_01_WhatWasAcknowledgedBeforeAKillIsThereExactlyOnce) {
  std::set<int> acknowledged;
  constexpr int kRounds = 5;
  for (int round = 0; round < kRounds; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(pipe_ends[0]);
      WriteUntilKilled(database_, options_, clock_, pipe_ends[1], round * 1'000'000);
    }
    close(pipe_ends[1]);
    std::thread killer([&] {
      absl::SleepFor(absl::Milliseconds(200 + 37 * round));
      kill(child, SIGKILL);
    });
    acknowledged.merge(ReadNumbers(pipe_ends[0]));
    killer.join();
    close(pipe_ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  ASSERT_FALSE(acknowledged.empty());

  auto store = Open();
  ASSERT_NE(store, nullptr);
  for (const int i : acknowledged) {
    Work work;
    work.routing_key = KeyOf(static_cast<uint32_t>(i) % kDefaultParts);
    work.decide = Append(absl::StrCat("n-", i), "x");
    work.replay = Replay(absl::StrCat("r-", i), "content");
    Answers answer(1);
    store->Submit(std::move(work), answer.Into(0));
    // Had it been lost or done twice, the text would be another.
    EXPECT_THAT(answer.Wait()[0], IsOkAndHolds("x")) << i;
  }
  absl::Notification checked;
  store->Read([&](const absl::StatusOr<Reader*>& reader) {
    for (uint32_t part = 0; reader.ok() && part < kDefaultParts; ++part) {
      std::set<std::string> orders;
      uint64_t last = 0;
      for (bool more = true; more;) {
        const auto events = (*reader)->Events(part, last, 1000);
        EXPECT_TRUE(events.ok()) << events.status();
        more = events.ok() && !events->empty();
        for (size_t i = 0; more && i < events->size(); ++i) {
          EXPECT_EQ((*events)[i].sequence, ++last);
          events::v1::Event event;
          EXPECT_TRUE(event.ParseFromString((*events)[i].data));
          EXPECT_TRUE(orders.insert(event.order_id()).second) << event.order_id() << " twice";
        }
      }
    }
    checked.Notify();
  });
  checked.WaitForNotification();
}

}  // namespace
}  // namespace makegood::store
