#include "common/store/sqlite_tables.h"

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/store/sqlite_reader.h"

namespace makegood::store {
namespace {

constexpr absl::Time kAtOnce = absl::InfinitePast();

// The columns that ReadStuck wants, in its order.
constexpr char kStuckColumns[] = "part, id, source, kind, error, attempts, time, item_id, due, data";
constexpr char kStuckLike[] = " FROM stuck WHERE (?1 = '' OR kind = ?1) AND time < ?2";

StuckRow ReadStuck(const Rows& rows) {
  return {static_cast<uint32_t>(rows.Int(0)), rows.String(1), rows.String(2), rows.String(3), rows.String(4),
          static_cast<int>(rows.Int(5)),      rows.Time(6),   rows.String(7), rows.Time(8),   rows.String(9)};
}

// The row of an UPDATE that must have been there.
absl::Status OneChanged(const Database& database) {
  if (database.Changes() == 1) return absl::OkStatus();
  return absl::InternalError("a record changed under the writer");
}

}  // namespace

std::string StuckTaskId(uint32_t part, absl::string_view task_id) {
  return MakeId("stuck", part, absl::StrCat("task/", task_id));
}

std::string StuckEventId(uint32_t part, absl::string_view source, absl::string_view event_id) {
  return MakeId("stuck", part, absl::StrCat("event/", source, "/", event_id));
}

absl::StatusOr<std::string> InTurn(const Applied& applied, const Turn& turn) {
  if (turn.next || (turn.seen && !turn.ahead)) return std::string();
  return absl::AbortedError(absl::StrCat("event ", applied.sequence, " of part ", applied.part, " of ",
                                         applied.source, " is not the next one"));
}

SqliteTables::SqliteTables(Database& database)
    : database_(database),
      find_reply_(database, kFindReply),
      put_reply_(database, "INSERT INTO replies (part, scope, content, reply) VALUES (?1, ?2, ?3, ?4)"),
      find_record_(database, absl::StrCat("SELECT ", kRecordColumns,
                                          " FROM records WHERE part = ?1 AND kind = ?2 AND id = ?3")),
      insert_record_(database, absl::StrCat("INSERT INTO records (part, ", kRecordColumns,
                                            ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")),
      update_record_(database,
                     "UPDATE records SET version = ?5, order_id = ?6, merchant_id = ?7, customer_id = ?8, "
                     "grouped_by = ?9, place = ?10, open_at = ?11, due = ?12, data = ?13 "
                     "WHERE part = ?1 AND kind = ?2 AND id = ?3 AND version = ?4"),
      update_record_data_(database,
                          "UPDATE records SET version = ?5, data = ?6 "
                          "WHERE part = ?1 AND kind = ?2 AND id = ?3 AND version = ?4"),
      append_event_(database, "INSERT INTO events (part, sequence, data) VALUES (?1, ?2, ?3)"),
      set_last_event_(database, "UPDATE parts SET last_event = ?2 WHERE part = ?1"),
      find_due_(database, "SELECT due, mark FROM tasks WHERE part = ?1 AND id = ?2"),
      put_task_(database,
                "INSERT INTO tasks (part, id, kind, due, retry_at, attempts, payload, mark) "
                "VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, random()) ON CONFLICT (part, id) DO UPDATE SET "
                "kind = excluded.kind, due = excluded.due, retry_at = excluded.retry_at, attempts = 0, "
                "payload = excluded.payload, mark = excluded.mark"),
      remove_task_(database, "DELETE FROM tasks WHERE part = ?1 AND id = ?2"),
      postpone_task_(database,
                     "UPDATE tasks SET attempts = attempts + 1, retry_at = ?5 "
                     "WHERE part = ?1 AND id = ?2 AND mark = ?3 AND attempts = ?4"),
      remove_failed_task_(database,
                          "DELETE FROM tasks WHERE part = ?1 AND id = ?2 AND mark = ?3 AND attempts = ?4"),
      find_applied_(database, "SELECT 1 FROM applied WHERE part = ?1 AND source = ?2 AND event_id = ?3"),
      put_applied_(database, "INSERT INTO applied (part, source, event_id) VALUES (?1, ?2, ?3)"),
      find_cursor_(database, "SELECT epoch, sequence FROM cursors WHERE part = ?1 AND source = ?2"),
      drop_old_cursors_(database, "DELETE FROM cursors WHERE source = ?1 AND epoch <> ?2"),
      put_cursor_(database,
                  "INSERT INTO cursors (part, source, epoch, sequence) VALUES (?1, ?2, ?3, ?4) "
                  "ON CONFLICT (part, source) DO UPDATE SET sequence = excluded.sequence"),
      any_stuck_(database, "SELECT 1 FROM stuck LIMIT 1"),
      find_stuck_(database,
                  absl::StrCat("SELECT ", kStuckColumns, " FROM stuck WHERE part = ?1 AND id = ?2")),
      find_stuck_like_(database,
                       absl::StrCat("SELECT ", kStuckColumns, kStuckLike, " ORDER BY time, id LIMIT ?3")),
      count_stuck_like_(database, absl::StrCat("SELECT count(*)", kStuckLike)),
      put_stuck_(database, absl::StrCat("INSERT OR REPLACE INTO stuck (", kStuckColumns,
                                        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")),
      remove_stuck_(database, "DELETE FROM stuck WHERE part = ?1 AND id = ?2") {}

absl::StatusOr<std::optional<absl::StatusOr<std::string>>> SqliteTables::FindReply(uint32_t part,
                                                                                   const ReplayKey& key) {
  using Found = std::optional<absl::StatusOr<std::string>>;
  Rows rows = find_reply_.Start(part, Blob{key.scope});
  ASSIGN_OR_RETURN(const bool found, rows.Next());
  return found ? Found(ReadReply(rows, key)) : Found();
}

absl::Status SqliteTables::PutReply(uint32_t part, const ReplayKey& key, const std::string& reply) {
  return put_reply_.Run(part, Blob{key.scope}, Blob{key.content}, Blob{reply});
}

absl::StatusOr<std::optional<rules::StoredRecord>> SqliteTables::FindRecord(uint32_t part,
                                                                            const rules::RecordKey& key) {
  Rows rows = find_record_.Start(part, key.kind, key.id);
  ASSIGN_OR_RETURN(const bool found, rows.Next());
  return found ? std::make_optional(ReadRecord(rows)) : std::nullopt;
}

absl::Status SqliteTables::InsertRecord(uint32_t part, const rules::StoredRecord& record) {
  const rules::RecordColumns& columns = record.columns;
  return insert_record_.Run(part, record.key.kind, record.key.id, record.version, columns.order_id,
                            columns.merchant_id, columns.customer_id, columns.group, columns.place,
                            columns.open_at, ToMicrosUp(columns.due), Blob{record.data});
}

// Columns that stay are not named: SQLite would rewrite their index entries.
absl::Status SqliteTables::UpdateRecord(uint32_t part, const rules::StoredRecord& record,
                                        const rules::StoredRecord& before) {
  const rules::RecordColumns& columns = record.columns;
  if (columns == before.columns) {
    RETURN_IF_ERROR(update_record_data_.Run(part, record.key.kind, record.key.id, before.version,
                                            record.version, Blob{record.data}));
  } else {
    RETURN_IF_ERROR(update_record_.Run(part, record.key.kind, record.key.id, before.version, record.version,
                                       columns.order_id, columns.merchant_id, columns.customer_id,
                                       columns.group, columns.place, columns.open_at, ToMicrosUp(columns.due),
                                       Blob{record.data}));
  }
  return OneChanged(database_);
}

absl::Status SqliteTables::AppendEvent(const StoredEvent& event) {
  return append_event_.Run(event.part, event.sequence, Blob{event.data});
}

absl::Status SqliteTables::SetLastEvent(uint32_t part, uint64_t sequence) {
  return set_last_event_.Run(part, sequence);
}

absl::StatusOr<bool> SqliteTables::TaskIsDue(uint32_t part, absl::string_view task_id, int64_t mark,
                                             absl::Time now) {
  Rows rows = find_due_.Start(part, task_id);
  ASSIGN_OR_RETURN(const bool found, rows.Next());
  return found && rows.Time(0) <= now && (mark == 0 || rows.Int(1) == mark);
}

absl::Status SqliteTables::PutTask(uint32_t part, const rules::Task& task) {
  RETURN_IF_ERROR(put_task_.Run(part, task.id, task.kind, ToMicrosUp(task.due), kAtOnce, Blob{task.payload}));
  return ForgetStuckTask(part, task.id);
}

absl::Status SqliteTables::CancelTask(uint32_t part, const std::string& task_id) {
  RETURN_IF_ERROR(RemoveTask(part, task_id));
  return ForgetStuckTask(part, task_id);
}

// Tasks are set all the time, and hardly ever is one stuck.
absl::Status SqliteTables::ForgetStuckTask(uint32_t part, absl::string_view task_id) {
  if (!may_be_stuck_) return absl::OkStatus();
  ASSIGN_OR_RETURN(may_be_stuck_, any_stuck_.Start().Next());
  return may_be_stuck_ ? RemoveStuck(part, StuckTaskId(part, task_id)) : absl::OkStatus();
}

absl::StatusOr<bool> SqliteTables::PostponeTask(const DueTask& task, absl::Time retry_at) {
  RETURN_IF_ERROR(
      postpone_task_.Run(task.part, task.task.id, task.mark, task.attempts, ToMicrosUp(retry_at)));
  return database_.Changes() > 0;
}

absl::StatusOr<bool> SqliteTables::RemoveFailedTask(const DueTask& task) {
  RETURN_IF_ERROR(remove_failed_task_.Run(task.part, task.task.id, task.mark, task.attempts));
  return database_.Changes() > 0;
}

absl::Status SqliteTables::RemoveTask(uint32_t part, absl::string_view task_id) {
  return remove_task_.Run(part, task_id);
}

absl::StatusOr<Turn> SqliteTables::TurnOf(const Applied& applied) {
  Turn turn;
  {
    Rows rows = find_applied_.Start(applied.part, applied.source, applied.event_id);
    ASSIGN_OR_RETURN(turn.seen, rows.Next());
  }
  Rows rows = find_cursor_.Start(applied.part, applied.source);
  ASSIGN_OR_RETURN(const bool found, rows.Next());
  const bool same_epoch = found && rows.Bytes(0) == applied.epoch;
  const uint64_t cursor = same_epoch ? static_cast<uint64_t>(rows.Int(1)) : 0;
  turn.ahead = applied.sequence > cursor;
  turn.next = applied.sequence == cursor + 1;
  return turn;
}

absl::Status SqliteTables::PutApplied(const Applied& applied) {
  return put_applied_.Run(applied.part, applied.source, applied.event_id);
}

absl::Status SqliteTables::MoveCursor(const Applied& applied) {
  // Only a part's first event can be of a new epoch (or of a part not followed before).
  if (applied.sequence == 1) RETURN_IF_ERROR(drop_old_cursors_.Run(applied.source, applied.epoch));
  return put_cursor_.Run(applied.part, applied.source, applied.epoch, applied.sequence);
}

absl::StatusOr<std::optional<StuckRow>> SqliteTables::FindStuck(uint32_t part, absl::string_view id) {
  Rows rows = find_stuck_.Start(part, id);
  ASSIGN_OR_RETURN(const bool found, rows.Next());
  if (!found) return std::nullopt;
  return std::make_optional(ReadStuck(rows));
}

absl::StatusOr<std::vector<StuckRow>> SqliteTables::FindStuckLike(const StuckQuery& query) {
  std::vector<StuckRow> found;
  Rows rows = find_stuck_like_.Start(query.kind, ToMicrosUp(query.before), query.limit);
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Next());
    if (!more) return found;
    found.push_back(ReadStuck(rows));
  }
}

absl::StatusOr<int64_t> SqliteTables::CountStuckLike(const StuckQuery& query) {
  Rows rows = count_stuck_like_.Start(query.kind, ToMicrosUp(query.before));
  RETURN_IF_ERROR(rows.Next().status());
  return rows.Int(0);
}

absl::Status SqliteTables::PutStuck(const StuckRow& row) {
  may_be_stuck_ = true;
  return put_stuck_.Run(row.part, row.id, row.source, row.kind, row.error, row.attempts, row.time,
                        row.item_id, row.due, Blob{row.data});
}

absl::Status SqliteTables::RemoveStuck(uint32_t part, const std::string& id) {
  return remove_stuck_.Run(part, id);
}

absl::Status SqliteTables::BringBack(const StuckRow& row, absl::Time now) {
  RETURN_IF_ERROR(RemoveStuck(row.part, row.id));
  if (row.source.empty()) return PutTask(row.part, {row.item_id, row.kind, row.due, row.data});
  return PutTask(row.part, {row.id, row.kind, now, row.data});
}

}  // namespace makegood::store
