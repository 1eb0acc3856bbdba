// Timers of a case, or of another record: each is named by its kind and the record, so that it is there once
// and can be moved or cancelled. Its payload is the record's id.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/transaction.h"

namespace makegood::rules {

inline std::string TaskIdOf(absl::string_view kind, absl::string_view id) {
  return absl::StrCat(kind, ":", id);
}

// Sets it, or moves it.
inline void SetTimer(absl::string_view kind, absl::string_view id, absl::Time due, Transaction& tx) {
  tx.Schedule(Task{TaskIdOf(kind, id), std::string(kind), due, std::string(id)});
}

inline void CancelTimer(absl::string_view kind, absl::string_view id, Transaction& tx) {
  tx.Cancel(TaskIdOf(kind, id));
}

}  // namespace makegood::rules
