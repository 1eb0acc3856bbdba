// What happens by itself: a service follows others' events and runs its own tasks.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/clock.h"
#include "common/flow/tasks.h"
#include "common/rpc/shares.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/transaction.h"
#include "common/store/store.h"
#include "makegood/events/v1/event_service.grpc.pb.h"

namespace makegood::flow {

// What an event of another service causes here: a pure decision, committed together with the
// subscriber's cursor. Events a service does not care for return OK and change nothing. A refusal
// or a fault parks the event where ListStuck shows it; a failure of the way (see FailureOf) is tried again
// with back-off.
using Reaction = std::function<absl::Status(const events::v1::Event&, rules::Transaction&)>;

// Follows the events of one source, by one stream on a thread of its own: from its cursors on,
// again after any break, with back-off. Where the source's database was restored (another epoch)
// it starts over from the first event; what was applied before is not applied again. A source that is not
// heard is told at warning, once until it is heard again. Destruction cancels the stream and joins the
// thread. `store` and `policies` outlive it.
class Subscriber {
 public:
  Subscriber(std::string source, std::shared_ptr<events::v1::EventService::StubInterface> stub,
             store::Store& store, const rules::PolicyBook& policies, base::v1::Actor actor,
             Reaction reaction);
  ~Subscriber();

  // True when all that the source had when last asked is applied here.
  bool CaughtUp() const;

  const std::string& source() const;

  // True when every event up to `heads` (of the source's store) is applied or parked here, by what
  // is committed. May block for an I/O.
  bool HasApplied(const std::map<uint32_t, uint64_t>& heads) const;

  // How far behind: whether the source is heard, when it last was, the events up to its head that are not
  // applied (not known while it is not heard), and when the oldest of those that have arrived happened
  // (InfiniteFuture if none waits).
  struct Lag {
    bool connected = false;
    bool refused = false;  // the source answers, and does not serve this follower: trying again will not help
    absl::Time last_seen = absl::InfinitePast();  // never
    uint64_t events = 0;
    absl::Time oldest_time = absl::InfiniteFuture();
  };
  Lag lag() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// For events of `source` that were parked and are brought back by RetryStuck: belongs in the tasks of every
// service that follows `source`, under the kind ReapplyKind(source).
std::string ReapplyKind(absl::string_view source);
TaskKind ReapplyParkedEvent(Reaction reaction);

// For rules::kScrubStore, in every service that erases (SYS-09). Tasks of one instant are done at one go.
TaskKind ScrubStore(store::Store& store);

// EventService: see its contract.
class EventFeed : public events::v1::EventService::CallbackService {
 public:
  // Ends all streams with UNAVAILABLE and admits no more; for the server's drain.
  virtual void EndStreams() = 0;
};

// EventService over the stores of this process, by source name. With one store in a service of
// its own, with four in the standalone server. Reads on the stores' pools; a stream holds no
// thread. `shares` bounds open streams (RESOURCE_EXHAUSTED). Make it before the first
// Submit; it outlives the server, and the stores outlive it.
std::unique_ptr<EventFeed> MakeEventService(
    const std::map<std::string, store::Store*>& stores, const rules::PolicyBook& policies,
    std::shared_ptr<rpc::Shares> shares = std::make_shared<rpc::Shares>());

}  // namespace makegood::flow
