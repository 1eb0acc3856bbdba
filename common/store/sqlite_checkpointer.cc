#include "common/store/sqlite_checkpointer.h"

#include <sqlite3.h>

#include "common/base/status.h"
#include "common/base/thread_name.h"

namespace makegood::store {
namespace {

// A checkpoint is worth its syncs from this many new pages on (16 MB).
constexpr int kWorthPages = 4'000;
// From here on the log is begun anew even though the writer never rests (64 MB).
constexpr int kRestartPages = 16'000;
// How long to wait for readers of the old log before letting it grow on.
constexpr int kRestartWaitMillis = 50;

}  // namespace

Checkpointer::Checkpointer(std::unique_ptr<Database> database, absl::Mutex& writing)
    : writing_(writing), database_(std::move(database)), thread_([this] { Loop(); }) {}

Checkpointer::~Checkpointer() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Checkpointer::LogHas(int pages) {
  absl::MutexLock lock(&mutex_);
  log_pages_ = pages;
}

void Checkpointer::Loop() {
  NameThisThread("checkpoints");
  {
    absl::MutexLock lock(&using_);
    sqlite3_busy_timeout(database_->handle(), kRestartWaitMillis);
    // The connection that makes a checkpoint syncs as its own setting says.
    database_->Execute("PRAGMA synchronous = FULL").IgnoreError();
  }
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](Checkpointer* self) ABSL_EXCLUSIVE_LOCKS_REQUIRED(self->mutex_) {
            // A log that has become shorter was begun anew.
            if (self->log_pages_ < self->done_pages_) self->done_pages_ = 0;
            return self->stopping_ || self->log_pages_ - self->done_pages_ >= kWorthPages;
          },
          this));
      if (stopping_) return;
    }
    Checkpoint();
  }
}

// First the bulk, beside the writer. If the log has become long then also the rest, with the
// writer held for that moment, so that the next commit begins the log anew. Errors (a reader in
// the way, a full disk) leave it to the next time.
void Checkpointer::Checkpoint() {
  absl::MutexLock using_lock(&using_);
  int log_pages = 0;
  int moved = 0;
  sqlite3_wal_checkpoint_v2(database_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &log_pages, &moved);
  {
    absl::MutexLock lock(&mutex_);
    done_pages_ = log_pages;
  }
  if (log_pages < kRestartPages) return;
  absl::MutexLock lock(&writing_);
  sqlite3_wal_checkpoint_v2(database_->handle(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
}

absl::Status Checkpointer::Rewrite() {
  absl::MutexLock using_lock(&using_);
  absl::MutexLock lock(&writing_);
  RETURN_IF_ERROR(database_->Execute("VACUUM"));
  return SqliteStatus(
      sqlite3_wal_checkpoint_v2(database_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr));
}

}  // namespace makegood::store
