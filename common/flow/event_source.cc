#include "common/flow/event_source.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace makegood::flow {
namespace {

// Followers that keep up are served from memory: so many events of each part.
constexpr size_t kLatest = 128;

}  // namespace

EventSource::EventSource(store::Store& store, Wake wake)
    : store_(store), wake_(std::move(wake)), heads_(store.parts(), 0), latest_(store.parts()) {}

absl::Status EventSource::LearnHeads() {
  {
    absl::MutexLock lock(&mutex_);
    if (learned_) return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const auto heads, store_.Heads());
  absl::MutexLock lock(&mutex_);
  for (const auto& [part, sequence] : heads) heads_[part] = std::max(heads_[part], sequence);
  learned_ = true;
  return absl::OkStatus();
}

absl::Status EventSource::CheckPositions(const std::vector<uint64_t>& after) const {
  absl::MutexLock lock(&mutex_);
  for (size_t part = 0; part < heads_.size(); ++part) {
    if (after[part] <= heads_[part]) continue;
    return WithRule(absl::OutOfRangeError(absl::StrCat(
                        "SYS-11: position ", after[part], " of part ", part, " is beyond the last event, ",
                        heads_[part], ": a database restored from a copy is to be started with --new_epoch")),
                    "SYS-11");
  }
  return absl::OkStatus();
}

void EventSource::Note(const store::Committed& committed) {
  if (committed.events.empty()) return;
  absl::MutexLock lock(&mutex_);
  for (const store::StoredEvent& event : committed.events) {
    heads_[event.part] = std::max(heads_[event.part], event.sequence);
    std::deque<store::StoredEvent>& latest = latest_[event.part];
    latest.push_back(event);
    if (latest.size() > kLatest) latest.pop_front();
  }
  if (waiters_.empty() || !wake_) return;
  wake_(std::vector<std::shared_ptr<Waiter>>(waiters_.begin(), waiters_.end()));
  waiters_.clear();
}

void EventSource::Close() {
  absl::MutexLock lock(&mutex_);
  wake_ = nullptr;
  waiters_.clear();
}

EventSource::Next EventSource::Look(const std::vector<uint64_t>& after, uint32_t first_part) const {
  absl::MutexLock lock(&mutex_);
  Next next;
  next.pending = Pending(after);
  if (next.pending == 0) return next;
  const uint32_t parts = static_cast<uint32_t>(heads_.size());
  next.part = first_part % parts;
  while (after[next.part] >= heads_[next.part]) next.part = (next.part + 1) % parts;
  next.kind = Next::Kind::kRead;
  const std::deque<store::StoredEvent>& latest = latest_[next.part];
  const uint64_t wanted = after[next.part] + 1;
  if (latest.empty() || wanted < latest.front().sequence) return next;
  const auto first = latest.begin() + static_cast<ptrdiff_t>(wanted - latest.front().sequence);
  const auto count = std::min<ptrdiff_t>(kEventPage, latest.end() - first);
  next.kind = Next::Kind::kEvents;
  next.events.assign(first, first + count);
  return next;
}

bool EventSource::Wait(const std::shared_ptr<Waiter>& waiter, const std::vector<uint64_t>& after) {
  absl::MutexLock lock(&mutex_);
  if (Pending(after) > 0) return false;
  waiters_.insert(waiter);
  return true;
}

bool EventSource::Forget(const std::shared_ptr<Waiter>& waiter) {
  absl::MutexLock lock(&mutex_);
  return waiters_.erase(waiter) > 0;
}

uint64_t EventSource::Pending(const std::vector<uint64_t>& after) const {
  uint64_t pending = 0;
  for (size_t part = 0; part < heads_.size(); ++part) {
    if (heads_[part] > after[part]) pending += heads_[part] - after[part];
  }
  return pending;
}

}  // namespace makegood::flow
