// What common/flow asks of the SQLite driver: tasks, cursors, heads, stuck items. Not part of the
// contract.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/store/sqlite_db.h"
#include "common/store/store.h"

namespace makegood::store {

// Thread-safe; runs on the caller's thread. See the functions of Store by these names.
class SqliteFlowReader {
 public:
  // `database` is its own from now on.
  explicit SqliteFlowReader(std::unique_ptr<Database> database);

  absl::StatusOr<std::vector<DueTask>> DueTasks(const DueQuery& query);
  absl::StatusOr<absl::Time> NextDue();
  absl::StatusOr<Store::Cursors> CursorsOf(absl::string_view source);
  absl::StatusOr<std::map<uint32_t, uint64_t>> Heads();
  absl::StatusOr<std::vector<StuckItem>> ListStuck(const StuckQuery& query);

 private:
  absl::Mutex mutex_;
  std::unique_ptr<Database> database_;
  Statement due_tasks_ ABSL_GUARDED_BY(mutex_);
  Statement next_due_ ABSL_GUARDED_BY(mutex_);
  Statement cursors_ ABSL_GUARDED_BY(mutex_);
  Statement heads_ ABSL_GUARDED_BY(mutex_);
  Statement stuck_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace makegood::store
