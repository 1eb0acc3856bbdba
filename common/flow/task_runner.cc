#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/base/thread_name.h"
#include "common/flow/backoff.h"
#include "common/flow/flow.h"

namespace makegood::flow {
namespace {

// Tasks taken up at a time: enough for all parts, few enough to stay in order of due time.
constexpr int kTaken = 256;

// Woken by the store's commits, also when the runner is gone already.
struct Bell {
  absl::Mutex mutex;
  bool rung ABSL_GUARDED_BY(mutex) = false;

  void Ring() {
    absl::MutexLock lock(&mutex);
    rung = true;
  }
  // Until it is rung, or `timeout`.
  void Wait(absl::Duration timeout) {
    absl::MutexLock lock(&mutex);
    mutex.AwaitWithTimeout(absl::Condition(&rung), timeout);
    rung = false;
  }
};

// What a thread of the pool does next: run the task, or record why it failed.
struct Job {
  store::DueTask task;
  absl::Status failure;
};

}  // namespace

class TaskRunner::Impl {
 public:
  Impl(store::Store& store, const Clock& clock, const rules::PolicyBook& policies, base::v1::Actor actor,
       absl::flat_hash_map<std::string, TaskHandler> handlers, TaskRunnerOptions options)
      : store_(store),
        clock_(clock),
        policies_(policies),
        actor_(std::move(actor)),
        handlers_(std::move(handlers)),
        options_(std::move(options)),
        bell_(std::make_shared<Bell>()),
        waiting_(store.parts()),
        busy_(store.parts(), false) {
    store_.AddCommitListener([bell = bell_](const store::Committed& committed) {
      if (committed.tasks) bell->Ring();
    });
    for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Work(); });
    threads_.emplace_back([this] { Watch(); });
  }

  ~Impl() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    bell_->Ring();
    for (std::thread& thread : threads_) thread.join();
    // What was submitted answers to this object.
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &Impl::NothingSubmitted));
  }

  bool Idle() const {
    {
      absl::MutexLock lock(&mutex_);
      if (!taken_.empty()) return false;
    }
    const auto due = store_.DueTasks(clock_.Now(), absl::InfiniteFuture(), 1);
    return due.ok() && due->empty();
  }

  void Wake() { bell_->Ring(); }

 private:
  using TaskKey = std::pair<uint32_t, std::string>;
  static TaskKey KeyOf(const store::DueTask& task) { return {task.part, task.task.id}; }

  // The thread that looks for due tasks.
  void Watch() {
    NameThisThread("due-tasks");
    while (true) {
      {
        absl::MutexLock lock(&mutex_);
        left_.clear();
      }
      const auto due = store_.DueTasks(clock_.Now(), absl::Now(), kTaken);
      {
        absl::MutexLock lock(&mutex_);
        if (stopping_) return;
        if (due.ok()) TakeUp(*due);
      }
      bell_->Wait(options_.poll);
    }
  }

  void TakeUp(const std::vector<store::DueTask>& due) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (const store::DueTask& task : due) {
      if (left_.contains(KeyOf(task)) || !taken_.insert(KeyOf(task)).second) continue;
      waiting_[task.part].push_back(task);
      Dispatch(task.part);
    }
  }

  // Hands the part's next task to the pool, unless one of the part is under way.
  void Dispatch(uint32_t part) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (busy_[part] || waiting_[part].empty() || stopping_) return;
    busy_[part] = true;
    jobs_.push_back({std::move(waiting_[part].front()), absl::OkStatus()});
    waiting_[part].pop_front();
  }

  // A thread of the pool.
  void Work() {
    NameThisThread("tasks");
    while (true) {
      std::optional<Job> job;
      {
        absl::MutexLock lock(&mutex_);
        mutex_.Await(absl::Condition(this, &Impl::HasJob));
        if (stopping_) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      if (job->failure.ok()) {
        Run(job->task);
      } else {
        RecordFailure(job->task, job->failure);
      }
    }
  }

  void Run(const store::DueTask& task) {
    absl::StatusOr<Decision> decision = Handle(task.task);
    if (!decision.ok()) return RecordFailure(task, decision.status());
    {
      absl::MutexLock lock(&mutex_);
      ++submitted_;
    }
    store_.Submit(Completion(task, *std::move(decision)),
                  [this, task](const absl::StatusOr<std::string>& reply) { Answered(task, reply.status()); });
  }

  absl::StatusOr<Decision> Handle(const rules::Task& task) const {
    const auto handler = handlers_.find(task.kind);
    if (handler == handlers_.end()) {
      return absl::UnimplementedError(absl::StrCat("no handler for tasks of kind ", task.kind));
    }
    return Contained([&] { return handler->second(task, absl::Now() + options_.call_deadline); });
  }

  store::Work Completion(const store::DueTask& task, Decision decision) const {
    store::Work work;
    work.routing_key = KeyOfPart(task.part);
    work.context.actor = actor_;
    work.context.policies = &policies_;
    // A task set again under the same id is another one, and so are the ids it makes.
    work.context.seed = absl::StrCat("task/", task.task.id, "/", task.mark);
    work.context.request_id = task.task.id;
    work.task_done = task.task.id;
    work.task_mark = task.mark;
    work.decide = [decision = std::move(decision)](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      RETURN_IF_ERROR(decision(tx));
      return std::string();
    };
    return work;
  }

  // On a thread of the store, which must not wait: a failure is recorded by the pool.
  void Answered(const store::DueTask& task, const absl::Status& status) {
    if (status.ok() && options_.ran) options_.ran(task.task.kind, "done");
    absl::MutexLock lock(&mutex_);
    if (status.ok()) {
      Leave(task);
    } else {
      jobs_.push_back({task, status});
    }
    --submitted_;
  }

  void RecordFailure(const store::DueTask& task, const absl::Status& failure) {
    const bool give_up = IsFinal(failure) || task.attempts + 1 >= options_.max_attempts;
    const absl::Time retry_at =
        give_up ? absl::InfiniteFuture()
                : absl::Now() + Backoff(task.attempts, options_.first_backoff, options_.max_backoff);
    Log(give_up ? LogLevel::kWarning : LogLevel::kDebug,
        give_up ? "task given up" : "task failed, will be tried again",
        {{"task_id", task.task.id},
         {"kind", task.task.kind},
         {"attempts", absl::StrCat(task.attempts + 1)},
         {"error", std::string(failure.message())}});
    // Where even this cannot be written the task is still due, and found again.
    const absl::Status recorded = store_.FailTask(task, failure.message(), retry_at);
    if (!recorded.ok()) absl::SleepFor(options_.first_backoff);
    if (recorded.ok() && options_.ran) options_.ran(task.task.kind, give_up ? "given_up" : "retried");
    absl::MutexLock lock(&mutex_);
    Leave(task);
  }

  void Leave(const store::DueTask& task) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    taken_.erase(KeyOf(task));
    left_.insert(KeyOf(task));
    busy_[task.part] = false;
    Dispatch(task.part);
    // More may be due than was taken up, and a failed one comes back by the clock.
    if (taken_.empty()) bell_->Ring();
  }

  bool HasJob() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !jobs_.empty(); }
  bool NothingSubmitted() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return submitted_ == 0; }

  store::Store& store_;
  const Clock& clock_;
  const rules::PolicyBook& policies_;
  const base::v1::Actor actor_;
  const absl::flat_hash_map<std::string, TaskHandler> handlers_;
  const TaskRunnerOptions options_;
  const std::shared_ptr<Bell> bell_;

  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<TaskKey> taken_ ABSL_GUARDED_BY(mutex_);  // waiting or under way
  std::set<TaskKey> left_
      ABSL_GUARDED_BY(mutex_);  // since due tasks were last read: what was read may be old
  std::vector<std::deque<store::DueTask>> waiting_ ABSL_GUARDED_BY(mutex_);  // by part, in order
  std::vector<bool> busy_ ABSL_GUARDED_BY(mutex_);                           // by part
  std::deque<Job> jobs_ ABSL_GUARDED_BY(mutex_);
  int submitted_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::thread> threads_;
};

TaskRunner::TaskRunner(store::Store& store, const Clock& clock, const rules::PolicyBook& policies,
                       base::v1::Actor actor, absl::flat_hash_map<std::string, TaskHandler> handlers,
                       TaskRunnerOptions options)
    : impl_(std::make_unique<Impl>(store, clock, policies, std::move(actor), std::move(handlers),
                                   std::move(options))) {}

TaskRunner::~TaskRunner() = default;

bool TaskRunner::Idle() const { return impl_->Idle(); }
void TaskRunner::Wake() { impl_->Wake(); }

std::string ReapplyKind(absl::string_view source) { return absl::StrCat(store::kApplyEvent, source); }

TaskHandler ReapplyParkedEvent(Reaction reaction) {
  return [reaction = std::move(reaction)](const rules::Task& task, absl::Time) -> absl::StatusOr<Decision> {
    events::v1::Event event;
    if (!event.ParseFromString(task.payload))
      return absl::InvalidArgumentError("a parked event cannot be read");
    return [reaction, event = std::move(event)](rules::Transaction& tx) { return reaction(event, tx); };
  };
}

TaskHandler ScrubStore(store::Store& store) {
  // Those that are due at one instant are done at one go.
  struct Last {
    absl::Mutex mutex;
    absl::Time due ABSL_GUARDED_BY(mutex) = absl::InfinitePast();
  };
  return [&store, last = std::make_shared<Last>()](const rules::Task& task,
                                                   absl::Time) -> absl::StatusOr<Decision> {
    absl::MutexLock lock(&last->mutex);
    if (task.due > last->due) {
      RETURN_IF_ERROR(store.Scrub());
      last->due = task.due;
    }
    return [](rules::Transaction&) { return absl::OkStatus(); };
  };
}

}  // namespace makegood::flow
