#include <memory>
#include <utility>

#include "tests/store/sqlite_driver.h"
#include "tests/store/store_test.h"

namespace makegood::store {

absl::StatusOr<std::unique_ptr<Store>> SqliteTestDatabase::Open(StoreOptions options, const Clock& clock) {
  options.path = path();
  return OpenSqliteStore(options, clock);
}

std::vector<Driver> Drivers() {
  return {{"Sqlite", [] { return std::make_unique<SqliteTestDatabase>(); }}};
}

std::string DriverName(const ::testing::TestParamInfo<Driver>& info) { return info.param.name; }

}  // namespace makegood::store
