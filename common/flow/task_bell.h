// Wakes the thread that looks for due tasks.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace makegood::flow {

// Rung by the store's commits, also when the runner is gone already.
class TaskBell {
 public:
  void Ring(const std::set<uint32_t>& parts) {
    absl::MutexLock lock(&mutex_);
    parts_.insert(parts.begin(), parts.end());
    rung_ = true;
  }
  void RingForAll() {
    absl::MutexLock lock(&mutex_);
    rung_ = all_ = true;
  }
  // Until it is rung, or `timeout`. The parts it was rung for; nothing for all.
  std::optional<std::set<uint32_t>> Wait(absl::Duration timeout) {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&rung_), timeout);
    const bool all = !std::exchange(rung_, false) || all_;
    all_ = false;
    std::set<uint32_t> parts = std::exchange(parts_, {});
    if (all) return std::nullopt;
    return parts;
  }

 private:
  absl::Mutex mutex_;
  bool rung_ ABSL_GUARDED_BY(mutex_) = false;
  bool all_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<uint32_t> parts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace makegood::flow
