// A few threads for file I/O, so that none of it happens on gRPC's or the store's.
#pragma once

#include <deque>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace makegood::services {

// Thread-safe. Jobs run in the order they came; who adds them bounds how many wait. Destruction
// runs what is waiting and joins the threads.
class IoPool {
 public:
  explicit IoPool(int threads);
  ~IoPool();
  IoPool(const IoPool&) = delete;
  IoPool& operator=(const IoPool&) = delete;

  // `job` must not throw.
  void Run(absl::AnyInvocable<void()> job);

 private:
  void Work();

  absl::Mutex mutex_;
  std::deque<absl::AnyInvocable<void()>> jobs_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_;
};

}  // namespace makegood::services
