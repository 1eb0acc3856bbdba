// Places: how much of one thing (streams, transfers, bytes) may be in use at a time, so that no caller uses
// up what others need (SYS-12). One caller has a limit, the people and connectors of one store have one
// together, and some places are kept for our own services.
//
//   ASSIGN_OR_RETURN(Places::Place place, streams.Take(caller));  // given back when it goes
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace makegood {

// Who wants a place.
struct Caller {
  std::string name = {};     // told in refusals: "customer c-1"
  std::string store = {};    // the store id, where it has one
  bool own_service = false;  // may take the places that are kept
};

struct PlaceLimits {
  uint64_t all = 0;
  uint64_t per_caller = 0;
  uint64_t per_store = 0;
  uint64_t kept = 0;  // of `all`, for our own services alone
};

// Thread-safe. Places may outlive what they were taken from.
class Places {
 public:
  class State;

  // A part of the whole, for as long as it lives. Empty where nothing was taken.
  class Place {
   public:
    Place();
    Place(Place&&) noexcept;
    Place& operator=(Place&&) noexcept;
    ~Place();

   private:
    friend class Places;
    struct Taken;
    explicit Place(std::unique_ptr<Taken> taken);
    std::unique_ptr<Taken> taken_;
  };

  // `what` completes "customer c-1 has taken 50 of 50 …": "open streams".
  Places(std::string what, const PlaceLimits& limits);

  // RESOURCE_EXHAUSTED, naming the limit and whose it is.
  absl::StatusOr<Place> Take(const Caller& caller, uint64_t amount = 1);

  // Counts what is there already and cannot be refused any more.
  Place TakeAnyway(const Caller& caller, uint64_t amount);

  const std::string& what() const;
  uint64_t taken() const;
  uint64_t refused() const;  // since the start

 private:
  const std::shared_ptr<State> state_;
};

}  // namespace makegood
