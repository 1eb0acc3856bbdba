// A fresh SQLite database in a folder of its own, removed at the end.
#pragma once

#include <memory>
#include <string>

#include "tests/store/store_test.h"
#include "tests/support/files.h"

namespace makegood::store {

class SqliteTestDatabase final : public TestDatabase {
 public:
  std::string path() const { return folder_.Path("store.db"); }

  absl::StatusOr<std::unique_ptr<Store>> Open(StoreOptions options, const Clock& clock) override;

 private:
  const testing::ScratchFolder folder_;
};

}  // namespace makegood::store
