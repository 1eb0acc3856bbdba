// One thread that does jobs in order. For common/flow alone.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "common/base/thread_name.h"

namespace makegood::flow {

// Thread-safe. Destruction does the jobs that are left and joins the thread.
class Worker {
 public:
  // `name` is its thread's, and lasts.
  explicit Worker(const char* name) : thread_([this, name] { Loop(name); }) {}

  ~Worker() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    thread_.join();
  }

  // Adds a job whose number is bounded elsewhere.
  void Run(std::function<void()> job) {
    absl::MutexLock lock(&mutex_);
    jobs_.push_back(std::move(job));
  }

  // Adds a job unless `limit` wait already.
  bool TryRun(std::function<void()> job, size_t limit) {
    absl::MutexLock lock(&mutex_);
    if (jobs_.size() >= limit) return false;
    jobs_.push_back(std::move(job));
    return true;
  }

 private:
  void Loop(const char* name) {
    NameThisThread(name);
    while (true) {
      std::function<void()> job;
      {
        absl::MutexLock lock(&mutex_);
        mutex_.Await(absl::Condition(this, &Worker::HasNews));
        if (jobs_.empty()) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job();
    }
  }

  bool HasNews() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !jobs_.empty(); }

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::function<void()>> jobs_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;  // last: it uses the above
};

}  // namespace makegood::flow
