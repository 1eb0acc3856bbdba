// Back-off, and parts; for common/flow alone.
#pragma once

#include "absl/time/time.h"
#include "common/base/ids.h"

namespace makegood::flow {

// How long to wait after an attempt that `failures` others had failed before: `first`, twice that… up to
// `most`, of which up to half is taken off at random so that those who failed together do not come back
// together.
absl::Duration Backoff(int failures, absl::Duration first, absl::Duration most);

// A routing key that leads to `part` in every store.
inline std::string KeyOfPart(uint32_t part) { return MakeId("part", part, ""); }

}  // namespace makegood::flow
