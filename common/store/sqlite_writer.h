// Batches of work in one transaction each. Not part of the contract.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/places.h"
#include "common/store/sqlite_db.h"
#include "common/store/sqlite_tables.h"
#include "common/store/store.h"

namespace makegood::store {

// A change that no decision makes: it writes rows and sets the answer. May run more than once. An
// error returned is the database's. What it adds to `committed` is told to the listeners.
using DirectWrite = std::function<absl::Status(SqliteTables& tables, Committed& committed,
                                               absl::StatusOr<std::string>& answer)>;

// One place in a batch, and what came of it.
struct Item {
  Work work;
  DirectWrite direct_write;  // where set, done instead of `work`
  Done done;
  absl::StatusOr<std::string> answer;
  Places::Place place = {};  // in the queue, until it is answered
};

// Used by the writer's thread alone.
class SqliteWriter {
 public:
  // `database` is prepared (see PrepareSchema) and, like the clock, outlives the writer.
  static absl::StatusOr<std::unique_ptr<SqliteWriter>> Make(Database& database, const StoreOptions& options,
                                                            const Clock& clock);

  // Decides every item in order and commits what they want in one transaction. Afterwards every
  // item has its answer: if the commit failed, UNAVAILABLE. Returns what was committed, or why not.
  absl::StatusOr<Committed> RunBatch(std::vector<Item>& items);

 private:
  SqliteWriter(Database& database, std::string service, std::vector<uint64_t> last_events,
               const Clock& clock);

  // One try at the batch. INTERNAL if an item could not be written and harmed the transaction:
  // then it must be tried with `guarded`, which gives each item a savepoint of its own. Guarding
  // costs every item of every batch, and is needed only where a rule is wrong.
  absl::Status Attempt(std::vector<Item>& items, bool guarded);
  void RollBack();
  absl::Status RunGuarded(Item& item);
  absl::Status Run(Item& item);
  absl::Status RunWork(Work& work, absl::StatusOr<std::string>& answer);
  // True: `answer` is settled, the decision need not run.
  absl::StatusOr<bool> AnswerWithout(const Work& work, absl::StatusOr<std::string>& answer);
  absl::StatusOr<bool> AnswerApplied(const Applied& applied, bool validate_only,
                                     absl::StatusOr<std::string>& answer);
  absl::Status CheckInserts(const rules::Transaction& tx, absl::StatusOr<std::string>& answer);
  absl::Status Write(const Work& work, const rules::Transaction& tx);
  absl::Status WriteRecords(const rules::Transaction& tx);
  absl::Status WriteEvents(uint32_t part, const rules::Transaction& tx);
  absl::Status BringBack(uint32_t part, const std::string& stuck_id);
  absl::Status WriteTasks(const Work& work, const rules::Transaction& tx);
  void ForgetEvents(size_t keep);
  absl::Status WriteLastEvents();

  Database& database_;
  const std::string service_;
  const Clock& clock_;
  SqliteTables tables_;
  Statement begin_;
  Statement commit_;
  Statement savepoint_;
  Statement release_;
  Statement back_to_savepoint_;
  std::vector<uint64_t> last_events_;  // by part; ahead of the table within a batch
  absl::Time now_;                     // of the batch under way
  Committed committed_;                // by the batch under way, if it succeeds
};

}  // namespace makegood::store
