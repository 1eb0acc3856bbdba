// Runs one decision to its end: the part of a driver's work that no database takes part in. Not
// part of the contract.
#pragma once

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rules/unit.h"
#include "common/store/store.h"

namespace makegood::store {

// What came of a decision. The unit refers to `loaded` and to the work's context: neither moves
// while it is in use.
struct Decided {
  rules::Unit::Loaded loaded;
  std::optional<rules::Unit> unit;  // of the last run
  absl::StatusOr<std::string> reply;

  Decided() = default;
  Decided(const Decided&) = delete;
  Decided& operator=(const Decided&) = delete;
};

// A record as the batch under way sees it.
using LoadRecord =
    absl::FunctionRef<absl::StatusOr<std::optional<rules::StoredRecord>>(const rules::RecordKey& key)>;

// Runs `work.decide`, loading what it asks for and running it again, until it asks for nothing
// more. What the decision says, throws (INTERNAL) or fails to settle in 64 runs (INTERNAL) is the
// reply; only an error of `load` is returned.
absl::Status Decide(const Work& work, LoadRecord load, Decided& decided);

}  // namespace makegood::store
