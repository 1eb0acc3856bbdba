// What the writer of the SQLite driver does to single rows, inside its transaction. Not part of
// the contract.
//
// An error is the database's: INTERNAL where this row is at fault, UNAVAILABLE where the machine
// is. Answers to a command (not found, out of order…) are values here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/transaction.h"
#include "common/store/sqlite_db.h"
#include "common/store/store.h"

namespace makegood::store {

// A task or an event that was given up, as kept.
struct StuckRow {
  uint32_t part = 0;
  std::string id;
  std::string source;  // empty for a task
  std::string kind;
  std::string error;
  int attempts = 0;
  absl::Time time;
  std::string item_id;
  absl::Time due;
  std::string data;
};

// The same for the same thing each time, with its part in it.
std::string StuckTaskId(uint32_t part, absl::string_view task_id);
std::string StuckEventId(uint32_t part, absl::string_view source, absl::string_view event_id);

// How an event of another service stands to what was applied before.
struct Turn {
  bool seen = false;   // applied or parked before
  bool ahead = false;  // the cursor is not there yet
  bool next = false;   // it is the cursor's next
};

// OK (with an empty reply) unless the event would leap over others, or is behind the cursor but
// was never seen: ABORTED.
absl::StatusOr<std::string> InTurn(const Applied& applied, const Turn& turn);

class SqliteTables {
 public:
  explicit SqliteTables(Database& database);

  // Replies and records.
  absl::StatusOr<std::optional<absl::StatusOr<std::string>>> FindReply(uint32_t part, const ReplayKey& key);
  absl::Status PutReply(uint32_t part, const ReplayKey& key, const std::string& reply);
  absl::StatusOr<std::optional<rules::StoredRecord>> FindRecord(uint32_t part, const rules::RecordKey& key);
  // INTERNAL if there is one already.
  absl::Status InsertRecord(uint32_t part, const rules::StoredRecord& record);
  // `before` is the record as it is stored now.
  absl::Status UpdateRecord(uint32_t part, const rules::StoredRecord& record,
                            const rules::StoredRecord& before);

  // Events.
  absl::Status AppendEvent(const StoredEvent& event);
  absl::Status SetLastEvent(uint32_t part, uint64_t sequence);

  // Tasks. One that is set or cancelled is no longer given up.
  // `mark`: see Work::task_mark.
  absl::StatusOr<bool> TaskIsDue(uint32_t part, absl::string_view task_id, int64_t mark, absl::Time now);
  absl::Status PutTask(uint32_t part, const rules::Task& task);
  absl::Status CancelTask(uint32_t part, const std::string& task_id);
  // Only if the task is still the one that failed; false if not.
  absl::StatusOr<bool> PostponeTask(const DueTask& task, absl::Time retry_at);
  absl::StatusOr<bool> RemoveFailedTask(const DueTask& task);
  absl::Status RemoveTask(uint32_t part, absl::string_view task_id);

  // What is followed.
  absl::StatusOr<Turn> TurnOf(const Applied& applied);
  absl::Status PutApplied(const Applied& applied);
  // A cursor of another epoch begins anew, and with it all of its source.
  absl::Status MoveCursor(const Applied& applied);

  // What is stuck.
  absl::StatusOr<std::optional<StuckRow>> FindStuck(uint32_t part, absl::string_view id);
  // Those that `query` asks for, its `after` aside, and how many there are without its limit.
  absl::StatusOr<std::vector<StuckRow>> FindStuckLike(const StuckQuery& query);
  absl::StatusOr<int64_t> CountStuckLike(const StuckQuery& query);
  absl::Status PutStuck(const StuckRow& row);
  absl::Status RemoveStuck(uint32_t part, const std::string& id);
  // Makes it a task again; see Work::retry_stuck.
  absl::Status BringBack(const StuckRow& row, absl::Time now);

  // Call it when changes were rolled back: what is remembered of the tables may be wrong.
  void RolledBack() { may_be_stuck_ = true; }

 private:
  // Forgets that the task was given up, if it was.
  absl::Status ForgetStuckTask(uint32_t part, absl::string_view task_id);

  Database& database_;
  Statement find_reply_;
  Statement put_reply_;
  Statement find_record_;
  Statement insert_record_;
  Statement update_record_;
  Statement update_record_data_;
  Statement append_event_;
  Statement set_last_event_;
  Statement find_due_;
  Statement put_task_;
  Statement remove_task_;
  Statement postpone_task_;
  Statement remove_failed_task_;
  Statement find_applied_;
  Statement put_applied_;
  Statement find_cursor_;
  Statement drop_old_cursors_;
  Statement put_cursor_;
  Statement any_stuck_;
  Statement find_stuck_;
  Statement find_stuck_like_;
  Statement count_stuck_like_;
  Statement put_stuck_;
  Statement remove_stuck_;
  // False once it is known that nothing is stuck: then no task needs to be looked for there.
  bool may_be_stuck_ = true;
};

}  // namespace makegood::store
