#include "common/store/sqlite_writer.h"

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"

namespace makegood::store {
namespace {

// Most likely the decision wrote a record that it had not looked up, and there is one.
absl::Status CannotBeWritten() { return absl::InternalError("what the decision wants cannot be written"); }

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteWriter>> SqliteWriter::Make(Database& database,
                                                                 const StoreOptions& options,
                                                                 const Clock& clock) {
  std::vector<uint64_t> last_events(options.parts);
  Statement heads(database, "SELECT part, last_event FROM parts WHERE part < ?1");
  Rows rows = heads.Start(options.parts);
  while (true) {
    ASSIGN_OR_RETURN(const bool found, rows.Next());
    if (!found) break;
    last_events[static_cast<size_t>(rows.Int(0))] = static_cast<uint64_t>(rows.Int(1));
  }
  return std::unique_ptr<SqliteWriter>(
      new SqliteWriter(database, options.service, std::move(last_events), clock));
}

SqliteWriter::SqliteWriter(Database& database, std::string service, std::vector<uint64_t> last_events,
                           const Clock& clock)
    : database_(database),
      service_(std::move(service)),
      clock_(clock),
      tables_(database),
      begin_(database, "BEGIN IMMEDIATE"),
      commit_(database, "COMMIT"),
      savepoint_(database, "SAVEPOINT item"),
      release_(database, "RELEASE item"),
      back_to_savepoint_(database, "ROLLBACK TO item"),
      last_events_(std::move(last_events)) {}

absl::StatusOr<Committed> SqliteWriter::RunBatch(std::vector<Item>& items) {
  // Whole microseconds, as times are kept: what is due "now" is due when it is read back.
  now_ = FromMicros(ToMicros(clock_.Now()));
  absl::Status status = Attempt(items, /*guarded=*/false);
  if (absl::IsInternal(status)) status = Attempt(items, /*guarded=*/true);
  if (status.ok()) return std::exchange(committed_, {});
  for (Item& item : items) item.answer = absl::UnavailableError("the store cannot write at present");
  return status;
}

absl::Status SqliteWriter::Attempt(std::vector<Item>& items, bool guarded) {
  absl::Status status = begin_.Run();
  for (auto item = items.begin(); status.ok() && item != items.end(); ++item) {
    status = guarded ? RunGuarded(*item) : Run(*item);
  }
  if (status.ok()) status = WriteLastEvents();
  if (status.ok()) status = commit_.Run();
  if (!status.ok()) RollBack();
  return status;
}

// SQLite itself has rolled back after some errors.
void SqliteWriter::RollBack() {
  if (database_.InTransaction()) database_.Execute("ROLLBACK").IgnoreError();
  tables_.RolledBack();
  ForgetEvents(0);
  committed_ = {};
}

absl::Status SqliteWriter::RunGuarded(Item& item) {
  const size_t events_before = committed_.events.size();
  const size_t records_before = committed_.records.size();
  RETURN_IF_ERROR(savepoint_.Run());
  const absl::Status status = Run(item);
  if (status.ok()) return release_.Run();
  if (!absl::IsInternal(status)) return status;
  tables_.RolledBack();
  RETURN_IF_ERROR(back_to_savepoint_.Run());
  RETURN_IF_ERROR(release_.Run());
  ForgetEvents(events_before);
  committed_.records.resize(records_before);
  item.answer = CannotBeWritten();
  return absl::OkStatus();
}

absl::Status SqliteWriter::Run(Item& item) {
  if (!item.direct_write) return RunWork(item.work, item.answer);
  return item.direct_write(tables_, committed_, item.answer);
}

absl::Status SqliteWriter::RunWork(Work& work, absl::StatusOr<std::string>& answer) {
  work.context.now = now_;
  work.context.service = service_;
  work.context.part = PartOf(work.routing_key, static_cast<uint32_t>(last_events_.size()));
  ASSIGN_OR_RETURN(const bool settled, AnswerWithout(work, answer));
  if (settled) return absl::OkStatus();

  const auto load = [&](const rules::RecordKey& key) { return tables_.FindRecord(work.context.part, key); };
  rules::Transaction tx(work.context, load);
  answer = Contained([&] { return work.decide(tx); });
  RETURN_IF_ERROR(tx.load_status());
  if (!answer.ok()) return absl::OkStatus();
  tx.TellWork();
  if (work.validate_only) return CheckInserts(tx, answer);
  RETURN_IF_ERROR(Write(work, tx));
  if (!work.replay.has_value()) return absl::OkStatus();
  return tables_.PutReply(work.context.part, *work.replay, *answer);
}

absl::StatusOr<bool> SqliteWriter::AnswerWithout(const Work& work, absl::StatusOr<std::string>& answer) {
  if (work.replay.has_value()) {
    ASSIGN_OR_RETURN(auto kept, tables_.FindReply(work.context.part, *work.replay));
    if (kept.has_value()) {
      answer = *std::move(kept);
      return true;
    }
  }
  if (work.applied.has_value()) {
    ASSIGN_OR_RETURN(const bool settled, AnswerApplied(*work.applied, work.validate_only, answer));
    if (settled) return true;
  }
  if (!work.task_done.empty()) {
    ASSIGN_OR_RETURN(const bool due,
                     tables_.TaskIsDue(work.context.part, work.task_done, work.task_mark, now_));
    if (!due) {
      answer = std::string();
      return true;
    }
  }
  if (!work.retry_stuck.empty()) {
    ASSIGN_OR_RETURN(const auto stuck, tables_.FindStuck(work.context.part, work.retry_stuck));
    if (!stuck.has_value()) {
      answer = NotFound("stuck item", work.retry_stuck);
      return true;
    }
  }
  return false;
}

absl::StatusOr<bool> SqliteWriter::AnswerApplied(const Applied& applied, bool validate_only,
                                                 absl::StatusOr<std::string>& answer) {
  ASSIGN_OR_RETURN(const Turn turn, tables_.TurnOf(applied));
  answer = InTurn(applied, turn);
  if (!answer.ok()) return true;
  if (!turn.seen) return false;
  if (turn.next && !validate_only) RETURN_IF_ERROR(tables_.MoveCursor(applied));
  return true;
}

// What an insertion would find out.
absl::Status SqliteWriter::CheckInserts(const rules::Transaction& tx, absl::StatusOr<std::string>& answer) {
  for (const auto& [key, change] : tx.changes()) {
    if (tx.loaded().find(key) != tx.loaded().end()) continue;
    ASSIGN_OR_RETURN(const auto found, tables_.FindRecord(tx.part(), key));
    if (found.has_value()) answer = CannotBeWritten();
  }
  return absl::OkStatus();
}

absl::Status SqliteWriter::Write(const Work& work, const rules::Transaction& tx) {
  RETURN_IF_ERROR(WriteRecords(tx));
  RETURN_IF_ERROR(WriteEvents(work.context.part, tx));
  RETURN_IF_ERROR(WriteTasks(work, tx));
  if (!work.retry_stuck.empty()) RETURN_IF_ERROR(BringBack(work.context.part, work.retry_stuck));
  if (!work.applied.has_value()) return absl::OkStatus();
  RETURN_IF_ERROR(tables_.PutApplied(*work.applied));
  return tables_.MoveCursor(*work.applied);
}

absl::Status SqliteWriter::WriteRecords(const rules::Transaction& tx) {
  for (const auto& [key, change] : tx.changes()) {
    const auto before = tx.loaded().find(key);
    if (before != tx.loaded().end() && before->second.has_value()) {
      RETURN_IF_ERROR(tables_.UpdateRecord(tx.part(), change, *before->second));
    } else {
      RETURN_IF_ERROR(tables_.InsertRecord(tx.part(), change));
    }
    committed_.records.push_back(key);
  }
  return absl::OkStatus();
}

absl::Status SqliteWriter::WriteEvents(uint32_t part, const rules::Transaction& tx) {
  for (const events::v1::Event& event : tx.events()) {
    committed_.events.push_back({part, ++last_events_[part], event.SerializeAsString()});
    RETURN_IF_ERROR(tables_.AppendEvent(committed_.events.back()));
  }
  return absl::OkStatus();
}

absl::Status SqliteWriter::WriteTasks(const Work& work, const rules::Transaction& tx) {
  const uint32_t part = work.context.part;
  if (!work.task_done.empty()) RETURN_IF_ERROR(tables_.RemoveTask(part, work.task_done));
  for (const std::string& id : tx.cancelled_tasks()) RETURN_IF_ERROR(tables_.CancelTask(part, id));
  for (const rules::Task& task : tx.tasks()) {
    RETURN_IF_ERROR(tables_.PutTask(part, task));
    if (task.due <= now_) committed_.tasks_in.insert(part);
  }
  return absl::OkStatus();
}

absl::Status SqliteWriter::BringBack(uint32_t part, const std::string& stuck_id) {
  ASSIGN_OR_RETURN(const std::optional<StuckRow> stuck, tables_.FindStuck(part, stuck_id));
  if (!stuck.has_value()) return absl::OkStatus();  // the decision itself has set or cancelled the task
  committed_.tasks_in.insert(part);
  return tables_.BringBack(*stuck, now_);
}

void SqliteWriter::ForgetEvents(size_t keep) {
  for (size_t i = keep; i < committed_.events.size(); ++i) --last_events_[committed_.events[i].part];
  committed_.events.resize(keep);
}

absl::Status SqliteWriter::WriteLastEvents() {
  std::vector<bool> written(last_events_.size());
  for (const StoredEvent& event : committed_.events) {
    if (written[event.part]) continue;
    written[event.part] = true;
    RETURN_IF_ERROR(tables_.SetLastEvent(event.part, last_events_[event.part]));
  }
  return absl::OkStatus();
}

}  // namespace makegood::store
