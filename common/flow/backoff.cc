#include "common/flow/backoff.h"

#include <algorithm>

#include "absl/random/random.h"

namespace makegood::flow {

absl::Duration Backoff(int failures, absl::Duration first, absl::Duration most) {
  absl::Duration wait = first;
  for (int i = 0; i < failures && wait < most; ++i) wait *= 2;
  absl::BitGen random;
  return std::min(wait, most) * absl::Uniform(random, 0.5, 1.0);
}

}  // namespace makegood::flow
