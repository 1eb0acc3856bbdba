// A connection to SQLite and its prepared statements. Not part of the contract.
//
// A connection and everything made from it belong to one thread at a time. Errors are UNAVAILABLE
// where the machine is at fault (disk full, I/O, locks) and INTERNAL where a statement is (a
// constraint, a value too big); texts name the kind of error, never a value.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/store/micros.h"

struct sqlite3;
struct sqlite3_stmt;

namespace makegood::store {

class Database {
 public:
  enum class Mode { kReadWrite, kReadOnly };

  // Makes the file if it is not there (kReadWrite). UNAVAILABLE if it cannot be opened.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs statements that give no rows and take no arguments.
  absl::Status Execute(const std::string& sql);

  // Changed rows of the last statement.
  int64_t Changes() const;
  // False after an error that made SQLite itself roll back.
  bool InTransaction() const;

  sqlite3* handle() const { return db_; }

 private:
  explicit Database(sqlite3* db) : db_(db) {}

  sqlite3* db_;
};

// The status of a result code of SQLite.
absl::Status SqliteStatus(int code);

// Marks an argument as a blob where plain strings are text.
struct Blob {
  absl::string_view bytes;
};

class Rows;

// A statement, prepared when it is first run and kept for the next time.
class Statement {
 public:
  Statement(const Database& database, std::string sql) : db_(database.handle()), sql_(std::move(sql)) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Begins to run with the arguments ?1, ?2…; they must outlive the rows.
  template <typename... Args>
  Rows Start(const Args&... args);

  // Runs to the end.
  template <typename... Args>
  absl::Status Run(const Args&... args);

 private:
  friend class Rows;

  int Prepare();
  int Bind(int index, int64_t value);
  int Bind(int index, absl::string_view text);
  int Bind(int index, Blob blob);
  int Bind(int index, absl::Time time) { return Bind(index, ToMicros(time)); }
  template <std::integral T>
  int Bind(int index, T value) {
    return Bind(index, static_cast<int64_t>(value));
  }

  sqlite3* db_;
  std::string sql_;
  sqlite3_stmt* statement_ = nullptr;
};

// The rows of a statement that runs; at the end of its life the statement is free for another run.
class Rows {
 public:
  Rows(Statement& statement, int code) : statement_(statement), code_(code) {}
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  // True: there is a (further) row. Columns count from 0 and are valid until the next call.
  absl::StatusOr<bool> Next();
  int64_t Int(int column) const;
  absl::string_view Bytes(int column) const;
  std::string String(int column) const { return std::string(Bytes(column)); }
  absl::Time Time(int column) const { return FromMicros(Int(column)); }

 private:
  Statement& statement_;
  int code_;
};

template <typename... Args>
Rows Statement::Start(const Args&... args) {
  int code = Prepare();
  int index = 0;
  // Stops at the first argument that cannot be bound (0 is SQLITE_OK).
  ((code == 0 ? void(code = Bind(++index, args)) : void()), ...);
  return Rows(*this, code);
}

template <typename... Args>
absl::Status Statement::Run(const Args&... args) {
  Rows rows = Start(args...);
  return rows.Next().status();
}

}  // namespace makegood::store
