#include "common/flow/watched_list.h"

namespace makegood::flow {

void WrittenIds::Add(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  if (too_many_) return;
  ids_.insert(id);
  too_many_ = ids_.size() > kMost;
}

absl::StatusOr<std::vector<std::string>> WrittenIds::Take(size_t limit) {
  absl::MutexLock lock(&mutex_);
  if (too_many_) {
    return absl::ResourceExhaustedError("more has changed than was read: begin again");
  }
  std::vector<std::string> taken;
  while (!ids_.empty() && taken.size() < limit)
    taken.push_back(std::move(ids_.extract(ids_.begin()).value()));
  return taken;
}

bool WrittenIds::empty() const {
  absl::MutexLock lock(&mutex_);
  return ids_.empty();
}

void WrittenListeners::Note(const store::Committed& committed) {
  absl::MutexLock lock(&mutex_);
  if (listeners_.empty() || !wake_) return;
  bool written = false;
  for (const rules::RecordKey& key : committed.records) {
    if (key.kind != kind_) continue;
    for (const auto& [waiter, ids] : listeners_) ids->Add(key.id);
    written = true;
  }
  if (!written) return;
  std::vector<std::shared_ptr<Waiter>> woken;
  for (const auto& [waiter, ids] : listeners_) woken.push_back(waiter);
  wake_(std::move(woken));
}

void WrittenListeners::Close() {
  absl::MutexLock lock(&mutex_);
  wake_ = nullptr;
}

void WrittenListeners::Add(const std::shared_ptr<Waiter>& waiter, std::shared_ptr<WrittenIds> ids) {
  absl::MutexLock lock(&mutex_);
  listeners_[waiter] = std::move(ids);
}

void WrittenListeners::Forget(const std::shared_ptr<Waiter>& waiter) {
  absl::MutexLock lock(&mutex_);
  listeners_.erase(waiter);
}

}  // namespace makegood::flow
