// What the event service knows of one store's events: heads, the latest events, and who waits.
// For common/flow alone.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/flow/live_stream.h"
#include "common/store/store.h"

namespace makegood::flow {

// Thread-safe. Shared by the store's commit listener and the service: lives as long as either.
class EventSource {
 public:
  // `wake` is called on the store's thread.
  EventSource(store::Store& store, WakeAll wake);

  store::Store& store() const { return store_; }

  // Learns the heads, the first time; until that has succeeded nothing can be served. May block
  // for an I/O.
  absl::Status LearnHeads();

  // OUT_OF_RANGE under SYS-11 if `after` (one number per part) is beyond the heads: whoever has seen more
  // than there is followed another database. Once the heads are learned.
  absl::Status CheckPositions(const std::vector<uint64_t>& after) const;

  // The commit listener.
  void Note(const store::Committed& committed);

  // Nobody is woken any more.
  void Close();

  // What to send next to someone who has seen `after` (one number per part), beginning to look at
  // `first_part` so that no part starves another.
  struct Next {
    enum class Kind { kEvents, kRead, kNothing };
    Kind kind = Kind::kNothing;
    uint32_t part = 0;
    std::vector<store::StoredEvent> events;  // of kEvents: at most a page; of kRead: read them yourself
    uint64_t pending = 0;                    // all events not seen, those of this page included
  };
  Next Look(const std::vector<uint64_t>& after, uint32_t first_part) const;

  // Remembers `waiter` until an event after `after` comes. False if one is there already.
  bool Wait(const std::shared_ptr<Waiter>& waiter, const std::vector<uint64_t>& after);

  // True if `waiter` was waiting; it is forgotten.
  bool Forget(const std::shared_ptr<Waiter>& waiter);

 private:
  // The latest events of a part, bounded in number and bytes.
  struct Latest {
    void Add(const store::StoredEvent& event);

    std::deque<store::StoredEvent> events;
    size_t bytes = 0;
  };

  uint64_t Pending(const std::vector<uint64_t>& after) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  store::Store& store_;
  mutable absl::Mutex mutex_;
  WakeAll wake_ ABSL_GUARDED_BY(mutex_);
  bool learned_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<uint64_t> heads_ ABSL_GUARDED_BY(mutex_);  // by part
  std::vector<Latest> latest_ ABSL_GUARDED_BY(mutex_);   // by part
  absl::flat_hash_set<std::shared_ptr<Waiter>> waiters_ ABSL_GUARDED_BY(mutex_);
};

// Events of a part that are sent, or read, at a time.
inline constexpr int kEventPage = 64;

}  // namespace makegood::flow
