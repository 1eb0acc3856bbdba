// Times as the drivers keep them: int64 microseconds since 1970. Not part of the contract.
#pragma once

#include <cstdint>
#include <limits>

#include "absl/time/time.h"

namespace makegood::store {

// Rounded down; the infinite times (and whatever does not fit) are the ends of int64.
inline int64_t ToMicros(absl::Time time) { return absl::ToUnixMicros(time); }

inline absl::Time FromMicros(int64_t micros) {
  if (micros == std::numeric_limits<int64_t>::min()) return absl::InfinitePast();
  if (micros == std::numeric_limits<int64_t>::max()) return absl::InfiniteFuture();
  return absl::FromUnixMicros(micros);
}

// Rounded up: a task is never due before its time.
inline int64_t ToMicrosUp(absl::Time time) {
  const int64_t micros = ToMicros(time);
  return FromMicros(micros) < time && micros < std::numeric_limits<int64_t>::max() ? micros + 1 : micros;
}

}  // namespace makegood::store
