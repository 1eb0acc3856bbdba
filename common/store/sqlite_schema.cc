#include "common/store/sqlite_schema.h"

#include <iterator>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace makegood::store {
namespace {

// Schema versions 1, 2…: entry n leads from version n to n + 1. Never change one that was released.
//
// An order has its index, and so has a customer: their lists are short, and further columns are
// filtered. A merchant's list and that of a kind are long, so that state comes before time.
//
// Version 2: what is open is counted from an index of its own. Records of before count once they are written
// again.
//
// Version 3: records and replies lie in the order they were made, found by small indexes. Kept inside the
// index itself, each would change a page of its own at a random place: two thirds of all that was written.
// Of a reply's scope, a digest, the index has the first eight bytes.
//
// Version 4: tasks that back off have an index of their own, by the time they do so until. Among those that
// are due, a hundred thousand of them had to be passed over each time.
//
// Version 5: a task has a mark by which one set anew under its id is told from it.
//
// Version 6: what is stuck is listed by pages.
//
// Version 7: what is open is listed by its due time, from the index it is counted from. A merchant's part of
// it is filtered within the index.
//
// Version 8: due tasks are looked for in one part, some kinds aside: what waits for somebody who is away is
// passed over within the index.
//
// Version 9: columns are named by what they hold.
//
// Version 10: an event that was set aside is of the kind that its task is when it is tried again.
constexpr const char* kMigrations[] = {R"sql(
CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE parts (
  part INTEGER NOT NULL PRIMARY KEY,
  last_event INTEGER NOT NULL
) STRICT;

CREATE TABLE records (
  part INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind <> ''),
  id TEXT NOT NULL CHECK (id <> ''),
  version INTEGER NOT NULL,
  order_id TEXT NOT NULL,
  merchant_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  state TEXT NOT NULL,
  time INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (part, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX records_by_order ON records (kind, order_id, time, id) WHERE order_id <> '';
CREATE INDEX records_by_merchant ON records (kind, merchant_id, state, time, id) WHERE merchant_id <> '';
CREATE INDEX records_by_customer ON records (kind, customer_id, time, id) WHERE customer_id <> '';
CREATE INDEX records_by_state ON records (kind, state, time, id);

CREATE TABLE replies (
  part INTEGER NOT NULL,
  scope BLOB NOT NULL,
  content BLOB NOT NULL,
  reply BLOB NOT NULL,
  PRIMARY KEY (part, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  part INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (part, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
  part INTEGER NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  due INTEGER NOT NULL,       -- the domain's clock
  retry_at INTEGER NOT NULL,  -- the wall clock
  attempts INTEGER NOT NULL,
  payload BLOB NOT NULL,
  PRIMARY KEY (part, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tasks_by_due ON tasks (due, part, id, retry_at);

CREATE TABLE cursors (
  part INTEGER NOT NULL,
  source TEXT NOT NULL,
  epoch TEXT NOT NULL,  -- the same in all parts of a source
  sequence INTEGER NOT NULL,
  PRIMARY KEY (part, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE applied (
  part INTEGER NOT NULL,
  source TEXT NOT NULL,
  event_id TEXT NOT NULL,
  PRIMARY KEY (part, source, event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE stuck (
  part INTEGER NOT NULL,
  id TEXT NOT NULL,
  source TEXT NOT NULL,  -- of a parked event; empty for a task
  kind TEXT NOT NULL,    -- of a task; the source of an event
  error TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  time INTEGER NOT NULL,
  item_id TEXT NOT NULL,  -- the task's or the event's
  due INTEGER NOT NULL,   -- of a task
  data BLOB NOT NULL,     -- the task's payload or the event
  PRIMARY KEY (part, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX stuck_by_time ON stuck (time);
)sql",
                                       R"sql(
ALTER TABLE records ADD COLUMN queue TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN due INTEGER NOT NULL DEFAULT 9223372036854775807;
CREATE INDEX records_by_queue ON records (kind, queue, state, time, due) WHERE queue <> '';
)sql",
                                       R"sql(
ALTER TABLE records RENAME TO old_records;
CREATE TABLE records (
  part INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind <> ''),
  id TEXT NOT NULL CHECK (id <> ''),
  version INTEGER NOT NULL,
  order_id TEXT NOT NULL,
  merchant_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  state TEXT NOT NULL,
  time INTEGER NOT NULL,
  queue TEXT NOT NULL,
  due INTEGER NOT NULL,
  data BLOB NOT NULL,
  UNIQUE (part, kind, id)
) STRICT;
INSERT INTO records (part, kind, id, version, order_id, merchant_id, customer_id, state, time, queue, due, data)
  SELECT part, kind, id, version, order_id, merchant_id, customer_id, state, time, queue, due, data
  FROM old_records;
DROP TABLE old_records;
CREATE INDEX records_by_order ON records (kind, order_id, time, id) WHERE order_id <> '';
CREATE INDEX records_by_merchant ON records (kind, merchant_id, state, time, id) WHERE merchant_id <> '';
CREATE INDEX records_by_customer ON records (kind, customer_id, time, id) WHERE customer_id <> '';
CREATE INDEX records_by_state ON records (kind, state, time, id);
CREATE INDEX records_by_queue ON records (kind, queue, state, time, due) WHERE queue <> '';

ALTER TABLE replies RENAME TO old_replies;
CREATE TABLE replies (
  part INTEGER NOT NULL,
  scope BLOB NOT NULL,
  content BLOB NOT NULL,
  reply BLOB NOT NULL
) STRICT;
INSERT INTO replies (part, scope, content, reply) SELECT part, scope, content, reply FROM old_replies;
DROP TABLE old_replies;
CREATE INDEX replies_by_scope ON replies (substr(scope, 1, 8));
)sql",
                                       R"sql(
DROP INDEX tasks_by_due;
CREATE INDEX tasks_by_due ON tasks (due, part, id, attempts) WHERE attempts = 0;
CREATE INDEX tasks_by_retry ON tasks (retry_at, due, part, id, attempts) WHERE attempts > 0;
)sql",
                                       R"sql(
ALTER TABLE tasks ADD COLUMN mark INTEGER NOT NULL DEFAULT 0;
UPDATE tasks SET mark = random();
)sql",
                                       R"sql(
DROP INDEX stuck_by_time;
CREATE INDEX stuck_by_time ON stuck (time, id, kind);
)sql",
                                       R"sql(
DROP INDEX records_by_queue;
CREATE INDEX records_by_queue ON records (kind, queue, state, due, id, time, merchant_id) WHERE queue <> '';
)sql",
                                       R"sql(
DROP INDEX tasks_by_due;
DROP INDEX tasks_by_retry;
CREATE INDEX tasks_by_due ON tasks (part, due, id, kind, attempts) WHERE attempts = 0;
CREATE INDEX tasks_by_retry ON tasks (part, retry_at, due, id, kind, attempts) WHERE attempts > 0;
)sql",
                                       R"sql(
DROP INDEX records_by_state;
DROP INDEX records_by_queue;
ALTER TABLE records RENAME COLUMN state TO grouped_by;
ALTER TABLE records RENAME COLUMN time TO place;
ALTER TABLE records RENAME COLUMN queue TO open_at;
CREATE INDEX records_by_group ON records (kind, grouped_by, place, id);
CREATE INDEX records_open ON records (kind, open_at, grouped_by, due, id, place, merchant_id) WHERE open_at <> '';
)sql",
                                       R"sql(
UPDATE stuck SET kind = 'apply-event:' || source WHERE source <> '';
)sql"};

// "MGST": the file's own mark, so that another program's database is told apart.
constexpr int64_t kApplicationId = 0x4d475354;

absl::StatusOr<int64_t> Number(Database& database, const std::string& sql) {
  Statement statement(database, sql);
  Rows rows = statement.Start();
  ASSIGN_OR_RETURN(const bool found, rows.Next());
  return found ? rows.Int(0) : 0;
}

absl::StatusOr<std::string> Meta(Database& database, absl::string_view key) {
  Statement statement(database, "SELECT value FROM meta WHERE key = ?1");
  Rows rows = statement.Start(key);
  ASSIGN_OR_RETURN(const bool found, rows.Next());
  return found ? rows.String(0) : std::string();
}

// A random UUID (version 4).
std::string NewEpoch() {
  std::random_device random;
  const uint32_t a = random(), b = random(), c = random(), d = random();
  return absl::StrFormat("%08x-%04x-4%03x-%04x-%04x%08x", a, b >> 16, b & 0xfff,
                         0x8000 | ((c >> 16) & 0x3fff), c & 0xffff, d);
}

absl::Status WriteMeta(Database& database, const StoreOptions& options) {
  Statement put(database, "INSERT INTO meta (key, value) VALUES (?1, ?2)");
  RETURN_IF_ERROR(put.Run(absl::string_view("service"), options.service));
  RETURN_IF_ERROR(put.Run(absl::string_view("parts"), absl::StrCat(options.parts)));
  RETURN_IF_ERROR(put.Run(absl::string_view("epoch"), NewEpoch()));
  Statement part(database, "INSERT INTO parts (part, last_event) VALUES (?1, 0)");
  for (uint32_t i = 0; i < options.parts; ++i) RETURN_IF_ERROR(part.Run(i));
  return database.Execute(absl::StrCat("PRAGMA application_id = ", kApplicationId));
}

// Before anything is changed.
absl::Status CheckOurs(Database& database) {
  ASSIGN_OR_RETURN(const int64_t tables, Number(database, "SELECT count(*) FROM sqlite_schema"));
  ASSIGN_OR_RETURN(const int64_t application, Number(database, "PRAGMA application_id"));
  if (tables > 0 && application != kApplicationId) {
    return absl::InvalidArgumentError("the database was made by another program");
  }
  return absl::OkStatus();
}

absl::Status Migrate(Database& database, const StoreOptions& options) {
  constexpr int64_t kVersion = std::size(kMigrations);
  ASSIGN_OR_RETURN(const int64_t version, Number(database, "PRAGMA user_version"));
  if (version > kVersion) {
    return absl::InvalidArgumentError(absl::StrCat("the database has schema version ", version,
                                                   ", this program knows versions up to ", kVersion));
  }
  if (version == kVersion) return absl::OkStatus();
  for (int64_t step = version; step < kVersion; ++step) RETURN_IF_ERROR(database.Execute(kMigrations[step]));
  if (version == 0) RETURN_IF_ERROR(WriteMeta(database, options));
  return database.Execute(absl::StrCat("PRAGMA user_version = ", kVersion));
}

absl::Status CheckOwner(Database& database, const StoreOptions& options) {
  ASSIGN_OR_RETURN(const std::string service, Meta(database, "service"));
  if (service != options.service) {
    return absl::InvalidArgumentError(
        absl::StrCat("the database belongs to ", service, ", not to ", options.service));
  }
  ASSIGN_OR_RETURN(const std::string parts, Meta(database, "parts"));
  if (parts != absl::StrCat(options.parts)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the database was made with ", parts, " parts, not with ", options.parts));
  }
  return absl::OkStatus();
}

absl::Status RenewEpoch(Database& database) {
  Statement put(database, "UPDATE meta SET value = ?1 WHERE key = 'epoch'");
  return put.Run(NewEpoch());
}

}  // namespace

absl::StatusOr<std::string> PrepareSchema(Database& database, const StoreOptions& options) {
  RETURN_IF_ERROR(CheckOurs(database));
  // synchronous = FULL: what is answered with OK is on disk, also when the power goes (SYS-01).
  // secure_delete, on by default in Debian: what is replaced is overwritten, for what was erased (SYS-09).
  RETURN_IF_ERROR(database.Execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
      "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096; BEGIN IMMEDIATE"));
  // A failure leaves the transaction to the connection's end, which rolls it back.
  RETURN_IF_ERROR(Migrate(database, options));
  RETURN_IF_ERROR(CheckOwner(database, options));
  if (options.new_epoch) RETURN_IF_ERROR(RenewEpoch(database));
  RETURN_IF_ERROR(database.Execute("COMMIT"));
  return Meta(database, "epoch");
}

}  // namespace makegood::store
