// A wait for the other side that must not last for ever.
#pragma once

#include <grpcpp/alarm.h>

#include <functional>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace makegood::services {

// Of a stream's waits, one at a time: either what it waits for comes, or `expired` runs, never both.
// Belongs to the stream; Wait and End come in turns, on any threads.
class IdleLimit {
 public:
  // Runs `start`, which begins the wait: `this` may be gone when it returns. Unless End comes within
  // `limit`, `expired` runs once, on one of gRPC's threads, not before `start` has returned.
  void Wait(absl::Duration limit, absl::FunctionRef<void()> start, std::function<void()> expired);

  // What was waited for is there. False: too late, the stream is left to `expired`.
  bool End();

 private:
  // Outlives the stream where the alarm's callback comes last.
  struct Turn {
    // True for the first that asks.
    bool Take();

    absl::Mutex mutex;
    bool taken ABSL_GUARDED_BY(mutex) = false;
  };

  std::shared_ptr<Turn> turn_;
  std::unique_ptr<grpc::Alarm> alarm_;  // one a wait: an alarm that was cancelled cannot be set again at once
};

}  // namespace makegood::services
