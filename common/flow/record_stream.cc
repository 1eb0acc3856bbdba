#include "common/flow/record_stream.h"

namespace makegood::flow {

void RecordWaiters::Note(const store::Committed& committed) {
  absl::MutexLock lock(&mutex_);
  if (waiters_.empty() || !wake_) return;
  std::vector<std::shared_ptr<Waiter>> woken;
  for (const rules::RecordKey& key : committed.records) {
    if (key.kind != kind_) continue;
    const auto waiting = waiters_.find(key.id);
    if (waiting == waiters_.end()) continue;
    woken.insert(woken.end(), waiting->second.begin(), waiting->second.end());
    waiters_.erase(waiting);
  }
  if (!woken.empty()) wake_(std::move(woken));
}

void RecordWaiters::Close() {
  absl::MutexLock lock(&mutex_);
  wake_ = nullptr;
}

void RecordWaiters::Wait(const std::string& id, const std::shared_ptr<Waiter>& waiter) {
  absl::MutexLock lock(&mutex_);
  waiters_[id].insert(waiter);
}

void RecordWaiters::Forget(const std::string& id, const std::shared_ptr<Waiter>& waiter) {
  absl::MutexLock lock(&mutex_);
  const auto waiting = waiters_.find(id);
  if (waiting == waiters_.end()) return;
  waiting->second.erase(waiter);
  if (waiting->second.empty()) waiters_.erase(waiting);
}

}  // namespace makegood::flow
