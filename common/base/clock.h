// Time, injected. There are two: the domain's clock (what rules are told) and the wall clock
// (back-off, deadlines of calls). Both are a Clock; who constructs a thing says which it gets.
#pragma once

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace makegood {

// Tells the time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

// A clock that stands until it is moved, and never goes back.
class TestClock final : public Clock {
 public:
  explicit TestClock(absl::Time start) : now_(start) {}

  absl::Time Now() const override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }

  // Moves to `time` if that is later than now; otherwise does nothing.
  void MoveTo(absl::Time time) {
    absl::MutexLock lock(&mutex_);
    if (time > now_) now_ = time;
  }

  void Advance(absl::Duration by) { MoveTo(Now() + by); }

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace makegood
