// Waiting for what other threads bring about.
#pragma once

#include <functional>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace makegood::testing {

// By the wall clock: how long a test waits before it fails.
inline constexpr absl::Duration kPatience = absl::Seconds(30);

// True once `holds` is, within the patience of a test.
inline bool Eventually(const std::function<bool()>& holds) {
  const absl::Time until = absl::Now() + kPatience;
  while (absl::Now() < until) {
    if (holds()) return true;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return holds();
}

}  // namespace makegood::testing
