#include "common/store/sqlite_flow_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace makegood::store {
namespace {

// Of ?1 part: those that have not failed yet in order of due time, and those whose back-off has passed. Keys
// come first, from indexes that hold all that is asked; a look into the table for each task that is passed
// over would take ten times as long. ?4 are the kinds to pass over, each between blanks, and ?6 those of the
// ones that failed before. No number of these keeps out those that did not.
constexpr char kDueTasks[] = R"sql(
WITH keys AS MATERIALIZED (
  SELECT * FROM (SELECT due, id FROM tasks INDEXED BY tasks_by_due
    WHERE attempts = 0 AND part = ?1 AND due <= ?2 AND instr(?4, ' ' || kind || ' ') = 0
    ORDER BY due, id LIMIT ?5)
  UNION ALL
  SELECT * FROM (SELECT due, id FROM tasks INDEXED BY tasks_by_retry
    WHERE attempts > 0 AND part = ?1 AND retry_at <= ?3 AND due <= ?2 AND instr(?6, ' ' || kind || ' ') = 0
    ORDER BY retry_at LIMIT ?5))
SELECT tasks.part, tasks.id, kind, tasks.due, payload, attempts, mark
FROM keys CROSS JOIN tasks ON tasks.part = ?1 AND tasks.id = keys.id
ORDER BY keys.due, keys.id)sql";

constexpr char kNextDue[] = R"sql(
SELECT due FROM (
  SELECT min(due) AS due FROM parts JOIN tasks INDEXED BY tasks_by_due ON tasks.part = parts.part AND attempts = 0
  UNION ALL
  SELECT min(due) FROM tasks INDEXED BY tasks_by_retry WHERE attempts > 0)
WHERE due IS NOT NULL ORDER BY due LIMIT 1)sql";

std::string BetweenBlanks(const std::vector<std::string>& kinds) {
  return absl::StrCat(" ", absl::StrJoin(kinds, " "), " ");
}

}  // namespace

SqliteFlowReader::SqliteFlowReader(std::unique_ptr<Database> database)
    : database_(std::move(database)),
      due_tasks_(*database_, kDueTasks),
      next_due_(*database_, kNextDue),
      cursors_(*database_, "SELECT part, epoch, sequence FROM cursors WHERE source = ?1"),
      heads_(*database_, "SELECT part, last_event FROM parts"),
      stuck_(*database_,
             "SELECT id, kind, error, attempts, time FROM stuck WHERE (?1 = '' OR kind = ?1) AND time < ?2 "
             "AND (time, id) > (?3, ?4) ORDER BY time, id LIMIT ?5") {}

absl::StatusOr<std::vector<DueTask>> SqliteFlowReader::DueTasks(const DueQuery& query) {
  absl::MutexLock lock(&mutex_);
  std::vector<DueTask> tasks;
  // They outlive the rows, which read them where they are.
  const std::string without = BetweenBlanks(query.without_kinds);
  const std::string without_failed = BetweenBlanks(query.without_failed_kinds);
  Rows rows = due_tasks_.Start(query.part, query.now, query.wall_now, without, query.limit, without_failed);
  while (true) {
    ASSIGN_OR_RETURN(const bool found, rows.Next());
    if (!found) return tasks;
    tasks.push_back({static_cast<uint32_t>(rows.Int(0)),
                     {rows.String(1), rows.String(2), rows.Time(3), rows.String(4)},
                     static_cast<int>(rows.Int(5)),
                     rows.Int(6)});
  }
}

absl::StatusOr<absl::Time> SqliteFlowReader::NextDue() {
  absl::MutexLock lock(&mutex_);
  Rows rows = next_due_.Start();
  ASSIGN_OR_RETURN(const bool found, rows.Next());
  return found ? rows.Time(0) : absl::InfiniteFuture();
}

absl::StatusOr<Store::Cursors> SqliteFlowReader::CursorsOf(absl::string_view source) {
  absl::MutexLock lock(&mutex_);
  Store::Cursors cursors;
  Rows rows = cursors_.Start(source);
  while (true) {
    ASSIGN_OR_RETURN(const bool found, rows.Next());
    if (!found) return cursors;
    cursors.epoch = rows.String(1);
    cursors.sequences[static_cast<uint32_t>(rows.Int(0))] = static_cast<uint64_t>(rows.Int(2));
  }
}

absl::StatusOr<std::map<uint32_t, uint64_t>> SqliteFlowReader::Heads() {
  absl::MutexLock lock(&mutex_);
  std::map<uint32_t, uint64_t> heads;
  Rows rows = heads_.Start();
  while (true) {
    ASSIGN_OR_RETURN(const bool found, rows.Next());
    if (!found) return heads;
    heads[static_cast<uint32_t>(rows.Int(0))] = static_cast<uint64_t>(rows.Int(1));
  }
}

absl::StatusOr<std::vector<StuckItem>> SqliteFlowReader::ListStuck(const StuckQuery& query) {
  absl::MutexLock lock(&mutex_);
  std::vector<StuckItem> items;
  const auto after = query.after.value_or(std::pair(absl::InfinitePast(), std::string()));
  Rows rows = stuck_.Start(query.kind, ToMicrosUp(query.before), after.first, after.second, query.limit);
  while (true) {
    ASSIGN_OR_RETURN(const bool found, rows.Next());
    if (!found) return items;
    items.push_back(
        {rows.String(0), rows.String(1), rows.String(2), static_cast<int>(rows.Int(3)), rows.Time(4)});
  }
}

}  // namespace makegood::store
