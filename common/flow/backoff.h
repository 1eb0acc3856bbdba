// Back-off, and what is worth another attempt; for common/flow alone.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/ids.h"

namespace makegood::flow {

// How long to wait before attempt number `failures` + 1: doubles from `first` up to `most`, of
// which a random half is taken off so that those who failed together do not come back together.
absl::Duration Backoff(int failures, absl::Duration first, absl::Duration most);

// True for an event's effect that may succeed later as it is; anything else parks the event.
bool MayPass(const absl::Status& status);

// True for a task whose failure no further attempt can change.
bool IsFinal(const absl::Status& status);

// A routing key that leads to `part` in every store.
inline std::string KeyOfPart(uint32_t part) { return MakeId("part", part, ""); }

}  // namespace makegood::flow
