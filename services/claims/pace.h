// How long a transfer may take, so that nobody keeps a place for others' files by being slow (SYS-12).
#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace makegood::services {

struct PaceLimits {
  // How long the other side may be silent: not send the next piece, or not take it.
  absl::Duration idle = absl::Seconds(30);
  // How long the whole may take.
  absl::Duration total = absl::Minutes(15);
  // What the other side must keep to, over all the time that was spent in waiting for it, once that is more
  // than `idle`.
  size_t least_bytes_per_second = 32 << 10;
};

// One transfer's. Told when a wait for the other side begins and when it ends; what we take ourselves counts
// only towards the total.
class Pace {
 public:
  Pace(const PaceLimits& limits, absl::Time begun) : limits_(limits), end_(begun + limits.total) {}

  // How long a wait that begins now may last.
  absl::Duration Begin(absl::Time now);

  // It is over, and has brought so many bytes. DEADLINE_EXCEEDED where the other side is too slow.
  absl::Status End(absl::Time now, size_t bytes);

  // What a wait that lasted too long ends with. `what` did not happen: "no piece of the file came".
  absl::Status Expired(absl::Time now, absl::string_view what) const;

 private:
  const PaceLimits limits_;
  const absl::Time end_;
  absl::Time wait_begun_;
  absl::Duration waited_;
  size_t bytes_ = 0;
};

}  // namespace makegood::services
