// Moves what the write-ahead log holds into the database file, on a thread of its own, so that no
// commit waits for it. Not part of the contract.
#pragma once

#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/store/sqlite_db.h"

namespace makegood::store {

class Checkpointer {
 public:
  // `database` is a connection of its own. `writing` is held by the writer during a transaction.
  Checkpointer(std::unique_ptr<Database> database, absl::Mutex& writing);
  // Finishes the checkpoint under way.
  ~Checkpointer();

  // The log has this many pages after a commit. Thread-safe.
  void LogHas(int pages);

  // Writes the database anew and leaves the log's file empty, with the writer held meanwhile: pages whose
  // rows were moved about keep bytes of before where no row is. UNAVAILABLE while somebody reads the log.
  // Thread-safe.
  absl::Status Rewrite();

 private:
  void Loop();
  void Checkpoint();

  absl::Mutex& writing_;
  absl::Mutex using_;  // held during a checkpoint; taken before `writing_`
  std::unique_ptr<Database> database_ ABSL_GUARDED_BY(using_);
  absl::Mutex mutex_;
  int log_pages_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  int done_pages_ ABSL_GUARDED_BY(mutex_) = 0;  // of the log when it was last moved
  std::thread thread_;
};

}  // namespace makegood::store
