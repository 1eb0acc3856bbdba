// The tables of the SQLite driver, their versions, and whom a database belongs to. Not part of
// the contract.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/store/sqlite_db.h"
#include "common/store/store.h"

namespace makegood::store {

// Readies `database` for writing: WAL, synchronous=FULL, no checkpoints by the writer; makes or
// migrates the tables. Returns the epoch. INVALID_ARGUMENT if the file belongs to another service,
// has other parts, was made by a later version, or is not ours.
absl::StatusOr<std::string> PrepareSchema(Database& database, const StoreOptions& options);

}  // namespace makegood::store
