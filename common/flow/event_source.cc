#include "common/flow/event_source.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace makegood::flow {
namespace {

// Followers that keep up are served from memory: so many events of each part, and so many bytes.
constexpr size_t kLatest = 128;
constexpr size_t kLatestBytes = 1 << 20;

// How many events from `first` on go out together.
ptrdiff_t PageFrom(const std::deque<store::StoredEvent>::const_iterator& first,
                   const std::deque<store::StoredEvent>::const_iterator& end) {
  size_t bytes = first->data.size();
  ptrdiff_t count = 1;
  for (auto next = first + 1; next != end && count < kEventPage; ++next, ++count) {
    bytes += next->data.size();
    if (bytes > store::kEventPageBytes) break;
  }
  return count;
}

}  // namespace

EventSource::EventSource(store::Store& store, WakeAll wake)
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
    latest_[event.part].Add(event);
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

// The latest one stays, however large.
void EventSource::Latest::Add(const store::StoredEvent& event) {
  events.push_back(event);
  bytes += event.data.size();
  while (events.size() > 1 && (events.size() > kLatest || bytes > kLatestBytes)) {
    bytes -= events.front().data.size();
    events.pop_front();
  }
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
  const std::deque<store::StoredEvent>& latest = latest_[next.part].events;
  const uint64_t wanted = after[next.part] + 1;
  if (latest.empty() || wanted < latest.front().sequence) return next;
  const auto first = latest.begin() + static_cast<ptrdiff_t>(wanted - latest.front().sequence);
  next.kind = Next::Kind::kEvents;
  next.events.assign(first, first + PageFrom(first, latest.end()));
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
