// Calls that are given up as soon as they are made cost the server work and memory and their caller nothing.
// Who does that in a stream is disconnected (SYS-12).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace makegood::rpc {

// Counts the calls that each connection has given up within a second. Thread-safe.
class Resets {
 public:
  // `disconnect` is called with a connection that gives up more than `most_a_second` calls.
  Resets(int most_a_second, std::function<void(const std::string& peer)> disconnect)
      : most_a_second_(most_a_second), disconnect_(std::move(disconnect)) {}

  void Note(const std::string& peer, absl::Time now);

  // Connections that were ended, since the start.
  uint64_t disconnected() const {
    absl::MutexLock lock(&mutex_);
    return disconnected_;
  }

 private:
  const int most_a_second_;
  const std::function<void(const std::string& peer)> disconnect_;
  mutable absl::Mutex mutex_;
  absl::Time second_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::flat_hash_map<std::string, int> given_up_ ABSL_GUARDED_BY(mutex_);  // within this second
  uint64_t disconnected_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace makegood::rpc
