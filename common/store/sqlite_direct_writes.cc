#include "common/store/sqlite_direct_writes.h"

#include <utility>

namespace makegood::store {
namespace {

StuckRow GivenUp(const DueTask& task, const std::string& error, absl::Time now) {
  return {.part = task.part,
          .id = StuckTaskId(task.part, task.task.id),
          .source = "",
          .kind = task.task.kind,
          .error = error,
          .attempts = task.attempts + 1,
          .time = now,
          .item_id = task.task.id,
          .due = task.task.due,
          .data = task.task.payload};
}

StuckRow Parked(const Applied& applied, const std::string& event_data, const std::string& error,
                absl::Time now) {
  return {.part = applied.part,
          .id = StuckEventId(applied.part, applied.source, applied.event_id),
          .source = applied.source,
          .kind = applied.source,
          .error = error,
          .attempts = 1,
          .time = now,
          .item_id = applied.event_id,
          .due = absl::InfinitePast(),
          .data = event_data};
}

}  // namespace

DirectWrite FailTaskDirectWrite(DueTask task, std::string error, absl::Time retry_at, absl::Time now) {
  return [task = std::move(task), error = std::move(error), retry_at, now](
             SqliteTables& tables, absl::StatusOr<std::string>& answer) -> absl::StatusOr<bool> {
    answer = std::string();
    if (retry_at != absl::InfiniteFuture()) {
      RETURN_IF_ERROR(tables.PostponeTask(task, retry_at).status());
      return false;
    }
    ASSIGN_OR_RETURN(const bool removed, tables.RemoveFailedTask(task));
    if (removed) RETURN_IF_ERROR(tables.PutStuck(GivenUp(task, error, now)));
    return false;
  };
}

DirectWrite ParkDirectWrite(Applied applied, std::string event_data, std::string error, absl::Time now) {
  return [applied = std::move(applied), event_data = std::move(event_data), error = std::move(error), now](
             SqliteTables& tables, absl::StatusOr<std::string>& answer) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const Turn turn, tables.TurnOf(applied));
    answer = InTurn(applied, turn);
    if (!answer.ok()) return false;
    if (!turn.seen) {
      RETURN_IF_ERROR(tables.PutStuck(Parked(applied, event_data, error, now)));
      RETURN_IF_ERROR(tables.PutApplied(applied));
    }
    if (turn.next) RETURN_IF_ERROR(tables.MoveCursor(applied));
    return false;
  };
}

DirectWrite RetryStuckDirectWrite(BulkRetry retry, uint32_t part, absl::Time now) {
  return [retry = std::move(retry), part, now](SqliteTables& tables,
                                               absl::StatusOr<std::string>& answer) -> absl::StatusOr<bool> {
    if (retry.replay.has_value()) {
      ASSIGN_OR_RETURN(auto kept, tables.FindReply(part, *retry.replay));
      if (kept.has_value()) {
        answer = *std::move(kept);
        return false;
      }
    }
    ASSIGN_OR_RETURN(const int64_t all, tables.CountStuckLike(retry.which));
    ASSIGN_OR_RETURN(const std::vector<StuckRow> found, tables.FindStuckLike(retry.which));
    const int64_t retried = static_cast<int64_t>(found.size());
    answer = retry.reply(retried, all - retried);
    if (retry.validate_only) return false;
    for (const StuckRow& row : found) RETURN_IF_ERROR(tables.BringBack(row, now));
    if (retry.replay.has_value()) RETURN_IF_ERROR(tables.PutReply(part, *retry.replay, *answer));
    return retried > 0;
  };
}

}  // namespace makegood::store
