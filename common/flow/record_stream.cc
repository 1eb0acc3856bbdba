#include "common/flow/record_stream.h"

namespace makegood::flow {

// Shared with the store's listener, which cannot be taken away.
struct RecordBell::State {
  struct Listener {
    std::string id;
    std::function<void()> ring;
  };

  bool HasNews() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return stopping || !written.empty(); }

  std::string kind;
  absl::Mutex mutex;
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  uint64_t last ABSL_GUARDED_BY(mutex) = 0;
  absl::flat_hash_map<uint64_t, Listener> listeners ABSL_GUARDED_BY(mutex);
  absl::flat_hash_set<std::string> written ABSL_GUARDED_BY(mutex);  // of those somebody waits for
};

RecordBell::RecordBell(store::Store& store, std::string kind) : state_(std::make_shared<State>()) {
  state_->kind = std::move(kind);
  store.AddCommitListener([state = state_](const store::Committed& committed) {
    absl::MutexLock lock(&state->mutex);
    if (state->listeners.empty()) return;
    for (const rules::RecordKey& key : committed.records) {
      if (key.kind == state->kind) state->written.insert(key.id);
    }
  });
  thread_ = std::thread([this] { Loop(*state_); });
}

RecordBell::~RecordBell() {
  {
    absl::MutexLock lock(&state_->mutex);
    state_->stopping = true;
    state_->listeners.clear();
  }
  thread_.join();
}

uint64_t RecordBell::Add(const std::string& id, std::function<void()> ring) {
  absl::MutexLock lock(&state_->mutex);
  state_->listeners.emplace(++state_->last, State::Listener{id, std::move(ring)});
  return state_->last;
}

void RecordBell::Remove(uint64_t listener) {
  absl::MutexLock lock(&state_->mutex);
  state_->listeners.erase(listener);
}

void RecordBell::Loop(State& state) {
  while (true) {
    std::vector<std::function<void()>> rings;
    {
      absl::MutexLock lock(&state.mutex);
      state.mutex.Await(absl::Condition(&state, &State::HasNews));
      if (state.stopping) return;
      for (const auto& [number, listener] : state.listeners) {
        if (state.written.contains(listener.id)) rings.push_back(listener.ring);
      }
      state.written.clear();
    }
    for (const auto& ring : rings) ring();
  }
}

}  // namespace makegood::flow
