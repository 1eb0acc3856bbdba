#include "common/store/sqlite_db.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"

namespace makegood::store {
namespace {

// How long one connection waits for another's lock. The writer and the checkpoints take turns by a
// mutex, so this is for recovery when a database is opened.
constexpr int kBusyMillis = 5000;

}  // namespace

absl::Status SqliteStatus(int code) {
  const std::string text = absl::StrCat("SQLite: ", sqlite3_errstr(code), " (", code, ")");
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return absl::OkStatus();
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_MISUSE:
    case SQLITE_ERROR:
      return absl::InternalError(text);
    default:
      return absl::UnavailableError(text);
  }
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path, Mode mode) {
  // Counting what SQLite allocates would take one lock of the process for each allocation.
  static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(configured);
  const int flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
      (mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  // A handle is made even where opening fails, and is ours to close.
  std::unique_ptr<Database> database(new Database(handle));
  if (code != SQLITE_OK) return SqliteStatus(code);
  sqlite3_busy_timeout(handle, kBusyMillis);
  // Readers are several, and lose what they hold with each commit of the writer: the system's cache serves
  // them almost as fast.
  if (mode == Mode::kReadOnly) RETURN_IF_ERROR(database->Execute("PRAGMA cache_size = -1024"));
  return database;
}

Database::~Database() { sqlite3_close_v2(db_); }

absl::Status Database::Execute(const std::string& sql) {
  return SqliteStatus(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr));
}

int64_t Database::Changes() const { return sqlite3_changes64(db_); }

bool Database::InTransaction() const { return sqlite3_get_autocommit(db_) == 0; }

Statement::~Statement() { sqlite3_finalize(statement_); }

int Statement::Prepare() {
  if (statement_ != nullptr) return SQLITE_OK;
  return sqlite3_prepare_v3(db_, sql_.data(), static_cast<int>(sql_.size()), SQLITE_PREPARE_PERSISTENT,
                            &statement_, nullptr);
}

int Statement::Bind(int index, int64_t value) { return sqlite3_bind_int64(statement_, index, value); }

// A null pointer would be bound as NULL.
int Statement::Bind(int index, absl::string_view text) {
  return sqlite3_bind_text64(statement_, index, text.data() == nullptr ? "" : text.data(), text.size(),
                             SQLITE_STATIC, SQLITE_UTF8);
}

int Statement::Bind(int index, Blob blob) {
  return sqlite3_bind_blob64(statement_, index, blob.bytes.data() == nullptr ? "" : blob.bytes.data(),
                             blob.bytes.size(), SQLITE_STATIC);
}

Rows::~Rows() { sqlite3_reset(statement_.statement_); }

absl::StatusOr<bool> Rows::Next() {
  if (code_ == SQLITE_OK || code_ == SQLITE_ROW) code_ = sqlite3_step(statement_.statement_);
  if (code_ == SQLITE_ROW) return true;
  if (code_ == SQLITE_DONE) return false;
  return SqliteStatus(code_);
}

int64_t Rows::Int(int column) const { return sqlite3_column_int64(statement_.statement_, column); }

absl::string_view Rows::Bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.statement_, column);
  const int size = sqlite3_column_bytes(statement_.statement_, column);
  return bytes == nullptr ? absl::string_view()
                          : absl::string_view(static_cast<const char*>(bytes), static_cast<size_t>(size));
}

}  // namespace makegood::store
