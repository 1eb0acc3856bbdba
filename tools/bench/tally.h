// What came of a run: how many calls, how long each took, what failed first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace makegood::bench {

// When a run ends: after so many calls or so long, whichever comes first.
struct Limits {
  int64_t calls = 0;  // 0: any number
  absl::Duration time = absl::InfiniteDuration();
};

// One caller's share of a run; belongs to one thread at a time.
struct Tally {
  std::vector<uint32_t> micros;  // of each right answer
  int64_t failed = 0;
  size_t reply_bytes = 0;  // of the last
  absl::Status failure;    // the first

  void Add(absl::Duration took, size_t bytes, absl::Status status);
  void Merge(const Tally& other);
};

// One JSON object: calls, failed, failure, seconds, rate, p50_us, p99_us, reply_bytes (of the last right
// answer), and `next`, the first index that was not used.
std::string Report(Tally tally, absl::Duration took, int64_t next);

}  // namespace makegood::bench
