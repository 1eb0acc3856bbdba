#include "services/claims/io_pool.h"

#include <utility>

namespace makegood::services {

IoPool::IoPool(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

IoPool::~IoPool() {
  absl::MutexLock lock(&mutex_);
  ending_ = true;
}  // the threads, declared last, join now

void IoPool::Run(absl::AnyInvocable<void()> job) {
  absl::MutexLock lock(&mutex_);
  jobs_.push_back(std::move(job));
}

void IoPool::Work() {
  const auto something = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return ending_ || !jobs_.empty(); };
  while (true) {
    absl::AnyInvocable<void()> job;
    {
      absl::MutexLock lock(&mutex_, absl::Condition(&something));
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace makegood::services
