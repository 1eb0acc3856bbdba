// A fresh SQLite database in a folder of its own, removed at the end.
#pragma once

#include <memory>
#include <string>

#include "tests/store/store_test.h"

namespace makegood::store {

class SqliteTestDatabase final : public TestDatabase {
 public:
  SqliteTestDatabase();
  ~SqliteTestDatabase() override;
  SqliteTestDatabase(const SqliteTestDatabase&) = delete;
  SqliteTestDatabase& operator=(const SqliteTestDatabase&) = delete;

  std::string path() const { return folder_ + "/store.db"; }

  absl::StatusOr<std::unique_ptr<Store>> Open(StoreOptions options, const Clock& clock) override;

 private:
  std::string folder_;
};

}  // namespace makegood::store
