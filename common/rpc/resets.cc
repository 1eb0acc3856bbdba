#include "common/rpc/resets.h"

#include <utility>

#include "common/base/log.h"

namespace makegood::rpc {

void Resets::Note(const std::string& peer, absl::Time now) {
  {
    absl::MutexLock lock(&mutex_);
    if (now - second_ > absl::Seconds(1)) {
      second_ = now;
      given_up_.clear();
    }
    // Those that follow are on their way already.
    if (++given_up_[peer] != most_a_second_ + 1) return;
    ++disconnected_;
  }
  Log(LogLevel::kWarning, "a connection is ended: it gives up calls as fast as it makes them",
      {{"peer", peer}});
  disconnect_(peer);
}

}  // namespace makegood::rpc
