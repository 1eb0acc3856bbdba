// The changes of the SQLite driver that no decision makes. Not part of the contract.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/store/sqlite_writer.h"
#include "common/store/store.h"

namespace makegood::store {

// See the functions of Store by these names. `now` is the domain's.
DirectWrite FailTaskWrite(DueTask task, std::string error, absl::Time retry_at, absl::Time now);
DirectWrite RetryStuckWrite(BulkRetry retry, uint32_t part, absl::Time now);
DirectWrite ParkWrite(Applied applied, std::string event_data, std::string error, absl::Time now);

}  // namespace makegood::store
