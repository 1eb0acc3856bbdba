#include "common/store/sqlite_direct_writes.h"

#include <utility>

#include "absl/strings/str_cat.h"

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
          .kind = absl::StrCat(kApplyEvent, applied.source),
          .error = error,
          .attempts = 1,
          .time = now,
          .item_id = applied.event_id,
          .due = absl::InfinitePast(),
          .data = event_data};
}

}  // namespace

DirectWrite FailTaskWrite(DueTask task, std::string error, absl::Time retry_at, absl::Time now) {
  return [task = std::move(task), error = std::move(error), retry_at, now](
             SqliteTables& tables, Committed&, absl::StatusOr<std::string>& answer) -> absl::Status {
    answer = std::string();
    if (retry_at != absl::InfiniteFuture()) {
      RETURN_IF_ERROR(tables.PostponeTask(task, retry_at).status());
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const bool removed, tables.RemoveFailedTask(task));
    if (removed) RETURN_IF_ERROR(tables.PutStuck(GivenUp(task, error, now)));
    return absl::OkStatus();
  };
}

DirectWrite ParkWrite(Applied applied, std::string event_data, std::string error, absl::Time now) {
  return [applied = std::move(applied), event_data = std::move(event_data), error = std::move(error), now](
             SqliteTables& tables, Committed&, absl::StatusOr<std::string>& answer) -> absl::Status {
    ASSIGN_OR_RETURN(const Turn turn, tables.TurnOf(applied));
    answer = InTurn(applied, turn);
    if (!answer.ok()) return absl::OkStatus();
    if (!turn.seen) {
      RETURN_IF_ERROR(tables.PutStuck(Parked(applied, event_data, error, now)));
      RETURN_IF_ERROR(tables.PutApplied(applied));
    }
    if (turn.next) RETURN_IF_ERROR(tables.MoveCursor(applied));
    return absl::OkStatus();
  };
}

DirectWrite RetryStuckWrite(BulkRetry retry, uint32_t part, absl::Time now) {
  return [retry = std::move(retry), part, now](SqliteTables& tables, Committed& committed,
                                               absl::StatusOr<std::string>& answer) -> absl::Status {
    if (retry.replay.has_value()) {
      ASSIGN_OR_RETURN(auto kept, tables.FindReply(part, *retry.replay));
      if (kept.has_value()) {
        answer = *std::move(kept);
        return absl::OkStatus();
      }
    }
    ASSIGN_OR_RETURN(const int64_t all, tables.CountStuckLike(retry.which));
    ASSIGN_OR_RETURN(const std::vector<StuckRow> found, tables.FindStuckLike(retry.which));
    const int64_t retried = static_cast<int64_t>(found.size());
    answer = retry.reply(retried, all - retried);
    if (retry.validate_only) return absl::OkStatus();
    for (const StuckRow& row : found) {
      RETURN_IF_ERROR(tables.BringBack(row, now));
      committed.tasks_in.insert(row.part);
    }
    if (retry.replay.has_value()) RETURN_IF_ERROR(tables.PutReply(part, *retry.replay, *answer));
    return absl::OkStatus();
  };
}

}  // namespace makegood::store
