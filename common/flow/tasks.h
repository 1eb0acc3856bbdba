// Tasks: what a service does later, by itself.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/clock.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/transaction.h"
#include "common/store/store.h"

namespace makegood::flow {

// What completes a task: committed together with the task's removal.
using Decision = std::function<absl::Status(rules::Transaction&)>;

// Where the work itself was all.
inline absl::Status NothingToDecide(rules::Transaction&) { return absl::OkStatus(); }

// How one kind of task is done, within `deadline` (wall clock): the decision that completes it, or why there
// is none (see FailureOf):
//   of the way  tried again, with back-off, for as long as it takes (SYS-13)
//   a refusal   nobody has said what follows from it (AfterCall does): given up, in sight (ListStuck)
//   a fault     given up after some attempts
using TaskHandler = std::function<absl::StatusOr<Decision>(const rules::Task& task, absl::Time deadline)>;

// The same, calling `done` once, on any thread. What it returns makes that come at once, with CANCELLED, also
// where it has come already; empty where nothing is waited for that can be given up.
using HandlerDone = absl::AnyInvocable<void(absl::StatusOr<Decision>)>;
using Cancel = std::function<void()>;
using AsyncTaskHandler =
    std::function<Cancel(const rules::Task& task, absl::Time deadline, HandlerDone done)>;

// A kind of task. Tasks of one lane and part are done one after another, and beside them, unless `in_order`,
// one that failed before; lanes do not wait for each other, and neither do the parts of one.
struct TaskKind {
  std::string lane;
  AsyncTaskHandler run;
  bool blocks = false;    // `run` may wait, and is run by a thread of its lane
  bool in_order = false;  // none of its lane and part overtakes one that is tried again
};

// A timer: `decide` is all there is to do.
TaskKind Timer(std::function<absl::Status(const rules::Task&, rules::Transaction&)> decide);

// Work that waits for `lane`: a disk, a mail server, several calls one after another.
TaskKind Blocking(std::string lane, TaskHandler handler);

using TaskKinds = absl::flat_hash_map<std::string, TaskKind>;

struct TaskRunnerOptions {
  int max_attempts = 20;                                   // of what fails by a fault
  absl::Duration first_backoff = absl::Milliseconds(100);  // doubles up to max_backoff, with jitter
  absl::Duration max_backoff = absl::Seconds(10);
  absl::Duration max_pause =
      absl::Seconds(2);  // of a lane whose other end does not answer, between two attempts
  absl::Duration call_deadline = absl::Seconds(10);
  absl::Duration poll = absl::Milliseconds(200);  // looks for due tasks at least this often
  int threads = 4;  // of a lane whose handlers block; more where all of them are held up
  // Asked once, with the names of the runner's kinds, whom to tell of every attempt, on any thread: the
  // task's kind, and "done", "retried" or "given_up".
  using Ran = std::function<void(absl::string_view kind, absl::string_view outcome)>;
  std::function<Ran(std::vector<std::string> kinds)> observe = {};
};

// Runs due tasks, each once for good (SYS-05): those of one lane and part in order of due time. A task whose
// commit was lost is run again after a restart. While the other end of a lane is not there (UNAVAILABLE under
// no rule, UNAUTHENTICATED), one of its tasks at a time asks whether it is again, and the others wait for
// that. One that is waited for in vain (DEADLINE_EXCEEDED) keeps back no other: the call may be all that
// hangs. An end that does not answer is told at warning, once. Tasks of a kind that nobody here knows wait
// for a version that does. Destruction cancels
// the handlers under way, whose tasks stay, and waits for those that cannot be. `store`, `clock` and
// `policies` outlive it.
class TaskRunner {
 public:
  TaskRunner(store::Store& store, const Clock& clock, const rules::PolicyBook& policies,
             base::v1::Actor actor, TaskKinds kinds, TaskRunnerOptions options = {});
  ~TaskRunner();

  // True when no task that is due waits or runs.
  bool Idle() const;

  // Which lanes' other ends do not answer, and what they say instead; empty where all do.
  std::string Waiting() const;

  // Looks for due tasks now: the domain's clock was moved.
  void Wake();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace makegood::flow
