#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/ids.h"
#include "common/base/log.h"
#include "common/base/places.h"
#include "common/base/status.h"
#include "common/base/thread_name.h"
#include "common/store/observe.h"
#include "common/store/sqlite_checkpointer.h"
#include "common/store/sqlite_direct_writes.h"
#include "common/store/sqlite_flow_reader.h"
#include "common/store/sqlite_reader.h"
#include "common/store/sqlite_schema.h"
#include "common/store/sqlite_writer.h"
#include "common/store/store.h"

namespace makegood::store {
namespace {

// Holds "<path>.lock" for as long as the store is open: event numbers are kept in memory, so a
// second process must not write.
class FileLock {
 public:
  static absl::StatusOr<std::unique_ptr<FileLock>> Take(const std::string& path) {
    const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return absl::UnavailableError(absl::StrCat("cannot open ", path));
    auto lock = std::unique_ptr<FileLock>(new FileLock(descriptor));
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      return absl::UnavailableError(absl::StrCat(path, " is held: the database is open elsewhere"));
    }
    return lock;
  }
  ~FileLock() { close(descriptor_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  const int descriptor_;
};

// Answers on their way to those who wait, so that the writer can go on where it has a next batch.
struct Answer {
  Done done;
  absl::StatusOr<std::string> reply;
  Places::Place place;
};

// Gives the places back first, so that who submits again on an answer finds room.
void Answered(std::vector<Answer> answers) {
  for (Answer& answer : answers) answer.place = Places::Place();
  for (Answer& answer : answers) answer.done(std::move(answer.reply));
}

// Half of the queue for one caller; an eighth is kept for our own services.
PlaceLimits QueuePlaces(uint64_t limit) {
  return {.all = limit, .per_caller = limit - limit / 2, .per_store = limit - limit / 2, .kept = limit / 8};
}

// Everything that is opened before the first thread starts. Members go in reverse order.
struct Opened {
  std::unique_ptr<FileLock> lock;
  std::unique_ptr<Database> database;
  std::string epoch;
  std::unique_ptr<SqliteWriter> writer;
  std::unique_ptr<Database> checkpoints;
  std::unique_ptr<SqliteFlowReader> flow_reader;
  std::vector<std::unique_ptr<SqliteReader>> readers;
};

class SqliteStore final : public Store {
 public:
  SqliteStore(const StoreOptions& options, const Clock& clock, Opened opened);
  ~SqliteStore() override;

  uint32_t parts() const override { return options_.parts; }
  std::string epoch() const override { return opened_.epoch; }
  void Submit(Work work, Done done) override;
  void Read(absl::AnyInvocable<void(absl::StatusOr<Reader*>)> read) override {
    pool_.Submit(std::move(read));
  }
  void ReadByKey(absl::AnyInvocable<void(absl::StatusOr<Reader*>)> read) override {
    pool_.RunOrSubmit(std::move(read));
  }
  void AddCommitListener(std::function<void(const Committed&)> listener) override {
    absl::MutexLock lock(&listeners_mutex_);
    listeners_.push_back(std::move(listener));
  }

  using Store::DueTasks;
  using Store::FailTask;
  absl::StatusOr<std::vector<DueTask>> DueTasks(const DueQuery& query) override {
    return Observed(options_.observer, "task", opened_.flow_reader->DueTasks(query));
  }
  absl::StatusOr<absl::Time> NextDue() override {
    return Observed(options_.observer, "task", opened_.flow_reader->NextDue());
  }
  absl::StatusOr<Cursors> CursorsOf(absl::string_view source) override {
    return Observed(options_.observer, "cursor", opened_.flow_reader->CursorsOf(source));
  }
  absl::StatusOr<std::map<uint32_t, uint64_t>> Heads() override {
    return Observed(options_.observer, "event", opened_.flow_reader->Heads());
  }
  absl::StatusOr<std::vector<StuckItem>> ListStuck(const StuckQuery& query) override {
    return Observed(options_.observer, "stuck", opened_.flow_reader->ListStuck(query));
  }
  absl::StatusOr<std::string> RetryStuck(const BulkRetry& retry) override {
    return Run(RetryStuckWrite(retry, PartOf(retry.routing_key, options_.parts), clock_.Now()));
  }
  void FailTask(const DueTask& task, absl::string_view error, absl::Time retry_at,
                absl::AnyInvocable<void(absl::Status)> done) override {
    Begin(FailTaskWrite(task, std::string(error), retry_at, clock_.Now()),
          [done = std::move(done)](const absl::StatusOr<std::string>& recorded) mutable {
            done(recorded.status());
          });
  }
  absl::Status Park(const Applied& applied, absl::string_view event_data, absl::string_view error) override {
    return Run(ParkWrite(applied, std::string(event_data), std::string(error), clock_.Now())).status();
  }
  absl::Status Scrub() override { return checkpointer_.Rewrite(); }
  size_t QueueDepth() const override {
    absl::MutexLock lock(&mutex_);
    return queue_.size();
  }

 private:
  // Takes both only if it answers OK.
  absl::Status Enqueue(Work& work, Done& done);
  // Has the writer do `direct_write`; `done` comes with its commit.
  void Begin(DirectWrite direct_write, Done done);
  // The same, and waits for it.
  absl::StatusOr<std::string> Run(DirectWrite direct_write);
  void WriteLoop();
  std::vector<Item> NextBatch();
  void WriteBatch(std::vector<Item> batch);
  void Tell(const Committed& committed, absl::Duration took, size_t commands);
  // At once that writing fails, once a minute that it still does, and then that it goes on.
  void LogWhetherItWrites(const absl::Status& status);
  void AnswerLoop();

  static constexpr absl::Duration kLogAgain = absl::Minutes(1);

  const StoreOptions options_;
  Places places_;  // of work that is not answered yet
  const Clock& clock_;
  Opened opened_;
  absl::Mutex listeners_mutex_;
  std::vector<std::function<void(const Committed&)>> listeners_ ABSL_GUARDED_BY(listeners_mutex_);

  // The writer's alone.
  absl::Time log_failure_after_ = absl::InfinitePast();
  bool failure_logged_ = false;

  absl::Mutex writing_;  // held during a transaction; taken by checkpoints that need the writer to rest
  Checkpointer checkpointer_;

  mutable absl::Mutex mutex_;
  std::deque<Item> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Answer> answers_ ABSL_GUARDED_BY(mutex_);
  bool written_ ABSL_GUARDED_BY(mutex_) = false;  // the writer is at its end

  std::thread writer_thread_;
  std::thread answer_thread_;
  ReadPool pool_;  // last: what it reads for may submit
};

int TellLogPages(void* checkpointer, sqlite3*, const char*, int pages) {
  static_cast<Checkpointer*>(checkpointer)->LogHas(pages);
  return SQLITE_OK;
}

SqliteStore::SqliteStore(const StoreOptions& options, const Clock& clock, Opened opened)
    : options_(options),
      places_("waiting commands", QueuePlaces(options.queue_limit)),
      clock_(clock),
      opened_(std::move(opened)),
      checkpointer_(std::move(opened_.checkpoints), writing_),
      pool_(std::move(opened_.readers), options_) {
  sqlite3_wal_hook(opened_.database->handle(), TellLogPages, &checkpointer_);
  writer_thread_ = std::thread([this] { WriteLoop(); });
  answer_thread_ = std::thread([this] { AnswerLoop(); });
}

SqliteStore::~SqliteStore() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  writer_thread_.join();
  answer_thread_.join();
}

void SqliteStore::Submit(Work work, Done done) {
  absl::Status queued = Enqueue(work, done);
  if (!queued.ok()) done(std::move(queued));
}

absl::Status SqliteStore::Enqueue(Work& work, Done& done) {
  ASSIGN_OR_RETURN(Places::Place place, places_.Take(work.caller));
  absl::MutexLock lock(&mutex_);
  if (stopping_) return absl::UnavailableError("the store is closing");
  queue_.push_back({std::move(work), nullptr, std::move(done), std::string(), std::move(place)});
  return absl::OkStatus();
}

void SqliteStore::Begin(DirectWrite direct_write, Done done) {
  {
    absl::MutexLock lock(&mutex_);
    if (!stopping_) {
      queue_.push_back({Work(), std::move(direct_write), std::move(done), std::string(), {}});
      return;
    }
  }
  done(absl::UnavailableError("the store is closing"));
}

absl::StatusOr<std::string> SqliteStore::Run(DirectWrite direct_write) {
  absl::Notification answered;
  absl::StatusOr<std::string> answer;
  Begin(std::move(direct_write), [&](absl::StatusOr<std::string> reply) {
    answer = std::move(reply);
    answered.Notify();
  });
  answered.WaitForNotification();
  return answer;
}

void SqliteStore::WriteLoop() {
  NameThisThread(absl::StrCat("write-", options_.service));
  while (true) {
    std::vector<Item> batch = NextBatch();
    if (batch.empty()) return;
    WriteBatch(std::move(batch));
  }
}

// What gathered while the last batch was written. Empty at the end; what still waits then is
// answered.
std::vector<Item> SqliteStore::NextBatch() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(
      +[](SqliteStore* store) ABSL_EXCLUSIVE_LOCKS_REQUIRED(store->mutex_) {
        return store->stopping_ || !store->queue_.empty();
      },
      this));
  std::vector<Item> batch;
  if (stopping_) {
    for (Item& item : queue_) {
      answers_.push_back(
          {std::move(item.done), absl::UnavailableError("the store is closing"), std::move(item.place)});
    }
    queue_.clear();
    written_ = true;
    return batch;
  }
  const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), options_.batch_limit));
  batch.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.begin() + count));
  queue_.erase(queue_.begin(), queue_.begin() + count);
  return batch;
}

void SqliteStore::WriteBatch(std::vector<Item> batch) {
  const auto begun = std::chrono::steady_clock::now();
  absl::StatusOr<Committed> committed;
  {
    absl::MutexLock lock(&writing_);
    committed = Observed(options_.observer, "commit", opened_.writer->RunBatch(batch));
  }
  LogWhetherItWrites(committed.status());
  if (committed.ok()) {
    Tell(*committed, absl::FromChrono(std::chrono::steady_clock::now() - begun), batch.size());
  }
  std::vector<Answer> answers;
  answers.reserve(batch.size());
  for (Item& item : batch) {
    answers.push_back({std::move(item.done), std::move(item.answer), std::move(item.place)});
  }
  // Decisions may refer to what their callers free once answered.
  batch.clear();
  {
    absl::MutexLock lock(&mutex_);
    if (!queue_.empty() || !answers_.empty()) {
      answers_.insert(answers_.end(), std::make_move_iterator(answers.begin()),
                      std::make_move_iterator(answers.end()));
      return;
    }
  }
  // Nobody waits for the writer: a change of thread would only be a delay.
  Answered(std::move(answers));
}

void SqliteStore::Tell(const Committed& committed, absl::Duration took, size_t commands) {
  if (options_.observer.committed) options_.observer.committed(took, commands);
  if (committed.events.empty() && committed.records.empty() && committed.tasks_in.empty()) return;
  absl::MutexLock lock(&listeners_mutex_);
  for (const auto& listener : listeners_) listener(committed);
}

void SqliteStore::LogWhetherItWrites(const absl::Status& status) {
  if (status.ok()) {
    if (!std::exchange(failure_logged_, false)) return;
    return Log(LogLevel::kInfo, "the store writes again", {{"store", options_.service}});
  }
  const absl::Time now = absl::Now();
  if (now < log_failure_after_) return;
  log_failure_after_ = now + kLogAgain;
  failure_logged_ = true;
  Log(LogLevel::kError, "the store cannot write",
      {{"store", options_.service}, {"path", options_.path}, {"error", std::string(status.message())}});
}

void SqliteStore::AnswerLoop() {
  NameThisThread(absl::StrCat("answer-", options_.service));
  while (true) {
    std::vector<Answer> answers;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](SqliteStore* store) ABSL_EXCLUSIVE_LOCKS_REQUIRED(store->mutex_) {
            return store->written_ || !store->answers_.empty();
          },
          this));
      if (answers_.empty()) return;
      answers.swap(answers_);
    }
    Answered(std::move(answers));
  }
}

absl::Status CheckOptions(const StoreOptions& options) {
  if (options.path.empty()) return absl::InvalidArgumentError("path: is empty");
  if (options.service.empty()) return absl::InvalidArgumentError("service: is empty");
  if (options.parts < 1 || options.parts > kMaxParts) {
    return absl::InvalidArgumentError(absl::StrCat("parts: is ", options.parts, ", want 1 to ", kMaxParts));
  }
  if (options.queue_limit < 1) return absl::InvalidArgumentError("queue_limit: is 0, want 1 or more");
  if (options.batch_limit < 1) return absl::InvalidArgumentError("batch_limit: is 0, want 1 or more");
  if (options.readers < 1) return absl::InvalidArgumentError("readers: want 1 or more");
  return absl::OkStatus();
}

absl::StatusOr<Opened> OpenAll(const StoreOptions& options, const Clock& clock) {
  Opened opened;
  ASSIGN_OR_RETURN(opened.lock, FileLock::Take(absl::StrCat(options.path, ".lock")));
  ASSIGN_OR_RETURN(opened.database, Database::Open(options.path, Database::Mode::kReadWrite));
  ASSIGN_OR_RETURN(opened.epoch, PrepareSchema(*opened.database, options));
  ASSIGN_OR_RETURN(opened.writer, SqliteWriter::Make(*opened.database, options, clock));
  ASSIGN_OR_RETURN(opened.checkpoints, Database::Open(options.path, Database::Mode::kReadWrite));
  ASSIGN_OR_RETURN(auto flow_database, Database::Open(options.path, Database::Mode::kReadOnly));
  opened.flow_reader = std::make_unique<SqliteFlowReader>(std::move(flow_database));
  for (int i = 0; i < options.readers; ++i) {
    ASSIGN_OR_RETURN(auto database, Database::Open(options.path, Database::Mode::kReadOnly));
    opened.readers.push_back(std::make_unique<SqliteReader>(std::move(database)));
  }
  return opened;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const StoreOptions& options, const Clock& clock) {
  RETURN_IF_ERROR(CheckOptions(options));
  absl::StatusOr<Opened> opened = OpenAll(options, clock);
  if (absl::IsInvalidArgument(opened.status())) return opened.status();
  if (!opened.ok()) {
    return absl::UnavailableError(
        absl::StrCat("cannot open ", options.path, ": ", opened.status().message()));
  }
  return std::unique_ptr<Store>(std::make_unique<SqliteStore>(options, clock, *std::move(opened)));
}

}  // namespace makegood::store
