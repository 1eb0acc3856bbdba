#include "common/base/places.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace makegood {

class Places::State {
 public:
  State(std::string what, const PlaceLimits& limits) : what_(std::move(what)), limits_(limits) {}

  absl::Status Take(const Caller& caller, uint64_t amount, bool anyway) {
    absl::MutexLock lock(&mutex_);
    if (!anyway) {
      if (absl::Status checked = Check(caller, amount); !checked.ok()) {
        ++refused_;
        return checked;
      }
    }
    taken_ += amount;
    by_caller_[caller.name] += amount;
    if (!caller.store.empty()) by_store_[caller.store] += amount;
    return absl::OkStatus();
  }

  void GiveBack(const Caller& caller, uint64_t amount) {
    absl::MutexLock lock(&mutex_);
    taken_ -= amount;
    Lower(by_caller_, caller.name, amount);
    if (!caller.store.empty()) Lower(by_store_, caller.store, amount);
  }

  const std::string& what() const { return what_; }
  uint64_t taken() const {
    absl::MutexLock lock(&mutex_);
    return taken_;
  }
  uint64_t refused() const {
    absl::MutexLock lock(&mutex_);
    return refused_;
  }

 private:
  using Counts = absl::flat_hash_map<std::string, uint64_t>;

  absl::Status Check(const Caller& caller, uint64_t amount) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (Of(by_caller_, caller.name) + amount > limits_.per_caller) {
      return Full(absl::StrCat(caller.name, " has taken "), Of(by_caller_, caller.name), limits_.per_caller,
                  "the limit for one caller");
    }
    if (!caller.store.empty() && Of(by_store_, caller.store) + amount > limits_.per_store) {
      return Full(absl::StrCat("store ", caller.store, " has taken "), Of(by_store_, caller.store),
                  limits_.per_store, "the limit for one store");
    }
    const uint64_t kept = caller.own_service ? 0 : limits_.kept;
    if (taken_ + amount + kept > limits_.all) {
      return Full("all callers together have taken ", taken_, limits_.all,
                  kept > 0 ? absl::StrCat(kept, " of them are kept for the services themselves")
                           : "the limit for all");
    }
    return absl::OkStatus();
  }

  absl::Status Full(absl::string_view whose, uint64_t taken, uint64_t limit, absl::string_view why) const {
    return absl::ResourceExhaustedError(absl::StrCat(whose, taken, " of ", limit, " ", what_, ": ", why));
  }

  static uint64_t Of(const Counts& counts, const std::string& name) {
    const auto found = counts.find(name);
    return found == counts.end() ? 0 : found->second;
  }

  // Who has nothing is not remembered.
  static void Lower(Counts& counts, const std::string& name, uint64_t amount) {
    const auto found = counts.find(name);
    if ((found->second -= amount) == 0) counts.erase(found);
  }

  const std::string what_;
  const PlaceLimits limits_;
  mutable absl::Mutex mutex_;
  uint64_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
  Counts by_caller_ ABSL_GUARDED_BY(mutex_);
  Counts by_store_ ABSL_GUARDED_BY(mutex_);
};

struct Places::Place::Taken {
  Taken(std::shared_ptr<State> state, Caller caller, uint64_t amount)
      : state(std::move(state)), caller(std::move(caller)), amount(amount) {}
  ~Taken() { state->GiveBack(caller, amount); }

  const std::shared_ptr<State> state;
  const Caller caller;
  const uint64_t amount;
};

Places::Place::Place() = default;
Places::Place::Place(std::unique_ptr<Taken> taken) : taken_(std::move(taken)) {}
Places::Place::Place(Place&&) noexcept = default;
Places::Place& Places::Place::operator=(Place&&) noexcept = default;
Places::Place::~Place() = default;

Places::Places(std::string what, const PlaceLimits& limits)
    : state_(std::make_shared<State>(std::move(what), limits)) {}

absl::StatusOr<Places::Place> Places::Take(const Caller& caller, uint64_t amount) {
  if (absl::Status taken = state_->Take(caller, amount, /*anyway=*/false); !taken.ok()) return taken;
  return Place(std::make_unique<Place::Taken>(state_, caller, amount));
}

Places::Place Places::TakeAnyway(const Caller& caller, uint64_t amount) {
  state_->Take(caller, amount, /*anyway=*/true).IgnoreError();
  return Place(std::make_unique<Place::Taken>(state_, caller, amount));
}

const std::string& Places::what() const { return state_->what(); }
uint64_t Places::taken() const { return state_->taken(); }
uint64_t Places::refused() const { return state_->refused(); }

}  // namespace makegood
