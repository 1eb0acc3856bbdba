// The Reader of the SQLite driver, and the pool that lends it. Not part of the contract.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/store/sqlite_db.h"
#include "common/store/sqlite_lists.h"
#include "common/store/store.h"

namespace makegood::store {

// The statement of a kept reply, by part and scope.
inline constexpr char kFindReply[] =
    "SELECT content, reply FROM replies WHERE substr(scope, 1, 8) = substr(?2, 1, 8) AND scope = ?2 AND part "
    "= ?1";
// What it found; ALREADY_EXISTS where the content differs (SYS-02).
absl::StatusOr<std::string> ReadReply(const Rows& rows, const ReplayKey& key);

class SqliteReader final : public Reader {
 public:
  // `database` is its own from now on.
  explicit SqliteReader(std::unique_ptr<Database> database);

  // What is read between the two is one moment's view.
  absl::Status BeginView() { return begin_.Run(); }
  void EndView();

  absl::StatusOr<std::optional<rules::StoredRecord>> Get(uint32_t part, const rules::RecordKey& key) override;
  absl::StatusOr<RecordPage> List(const ListQuery& query) override { return lists_.List(query); }
  absl::StatusOr<std::optional<std::string>> Reply(uint32_t part, const ReplayKey& key) override;
  absl::StatusOr<std::vector<StoredEvent>> Events(uint32_t part, uint64_t after, int limit) override;
  absl::StatusOr<std::vector<OpenWork>> CountOpen(absl::string_view kind, absl::Time now) override;

 private:
  std::unique_ptr<Database> database_;
  Statement begin_;
  Statement end_;
  Statement get_;
  Statement reply_;
  Statement events_;
  Statement open_;
  SqliteLists lists_;
};

// Readers, as many threads, and a bounded queue before them.
class ReadPool {
 public:
  using Read = absl::AnyInvocable<void(absl::StatusOr<Reader*>)>;

  // `readers` must not be empty. The options outlive the pool.
  ReadPool(std::vector<std::unique_ptr<SqliteReader>> readers, const StoreOptions& options);
  // Finishes the reads under way; those that wait get UNAVAILABLE.
  ~ReadPool();

  // On a thread of the pool.
  void Submit(Read read);

  // On the caller's thread if a reader is free and nobody waits for one.
  void RunOrSubmit(Read read);

 private:
  // Takes the read only if it answers OK.
  absl::Status Enqueue(Read& read);
  void Serve();
  // Lends the reader to `read`; then it is free again.
  void Run(SqliteReader& reader, Read read);
  bool CanServe() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !queue_.empty() && !free_.empty(); }
  bool MayServe() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || CanServe(); }
  bool AllFree() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return free_.size() == readers_.size(); }

  const StoreOptions& options_;
  absl::Mutex mutex_;
  std::deque<Read> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  const std::vector<std::unique_ptr<SqliteReader>> readers_;
  std::vector<SqliteReader*> free_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace makegood::store
