// What happens by itself: a service follows others' events and runs its own tasks.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/clock.h"
#include "common/rpc/shares.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/transaction.h"
#include "common/store/store.h"
#include "makegood/events/v1/event_service.grpc.pb.h"

namespace makegood::flow {

// What an event of another service causes here: a pure decision, committed together with the
// subscriber's cursor. Events a service does not care for return OK and change nothing. A refusal
// (FAILED_PRECONDITION, NOT_FOUND, INVALID_ARGUMENT…) parks the event where ListStuck shows it;
// UNAVAILABLE, RESOURCE_EXHAUSTED, ABORTED and DEADLINE_EXCEEDED are tried again with back-off.
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

// How one kind of task is done. Runs on a thread of the task runner, may block within `deadline`
// (wall clock) for a call to another service, which carries the task's id as its request_id. OK
// returns the decision that completes the task: it is committed together with the task's removal.
// An error is retried with back-off; one that cannot change (INVALID_ARGUMENT, NOT_FOUND,
// FAILED_PRECONDITION, PERMISSION_DENIED, UNIMPLEMENTED, ALREADY_EXISTS, OUT_OF_RANGE), or after
// many attempts, makes the task a visible dead end (ListStuck).
using Decision = std::function<absl::Status(rules::Transaction&)>;
using TaskHandler = std::function<absl::StatusOr<Decision>(const rules::Task& task, absl::Time deadline)>;

struct TaskRunnerOptions {
  int max_attempts = 20;                                   // then a dead end
  absl::Duration first_backoff = absl::Milliseconds(100);  // doubles up to max_backoff, with jitter
  absl::Duration max_backoff = absl::Minutes(5);
  absl::Duration call_deadline = absl::Seconds(10);
  absl::Duration poll = absl::Milliseconds(200);  // looks for due tasks at least this often
  int threads = 4;                                // tasks whose handlers run at a time
  // Told of every attempt, on any thread: the task's kind, and "done", "retried" or "given_up".
  std::function<void(absl::string_view kind, absl::string_view outcome)> ran = {};
};

// The handler for events of `source` that were parked and are brought back by RetryStuck; belongs
// in the handlers of every service that follows `source`, under the kind ReapplyKind(source).
std::string ReapplyKind(absl::string_view source);
TaskHandler ReapplyParkedEvent(Reaction reaction);

// The handler for rules::kScrubStore, in every service that erases (SYS-09).
TaskHandler ScrubStore(store::Store& store);

// Runs due tasks: timers and calls alike, in order of due time, each once for good (SYS-05). A task
// whose commit was lost is run again after a restart. Several tasks of different parts run at a
// time, within a part one after another. Destruction waits for the handlers under way. `store`,
// `clock` and `policies` outlive it.
class TaskRunner {
 public:
  TaskRunner(store::Store& store, const Clock& clock, const rules::PolicyBook& policies,
             base::v1::Actor actor, absl::flat_hash_map<std::string, TaskHandler> handlers,
             TaskRunnerOptions options = {});
  ~TaskRunner();

  // True when no task that is due waits or runs.
  bool Idle() const;

  // Looks for due tasks now: the domain's clock was moved.
  void Wake();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

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
