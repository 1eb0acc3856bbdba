// Tells a store's observer of failures that are the store's own. Not part of the contract.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/store/store.h"

namespace makegood::store {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// `result`, after telling of it if it is UNAVAILABLE or INTERNAL: what drivers make of their
// database's errors.
template <typename Result>
Result Observed(const StoreObserver& observer, absl::string_view operation, Result result) {
  const absl::Status& status = StatusOf(result);
  if (observer.failed && (absl::IsUnavailable(status) || absl::IsInternal(status))) {
    observer.failed(operation, status.code());
  }
  return result;
}

}  // namespace makegood::store
