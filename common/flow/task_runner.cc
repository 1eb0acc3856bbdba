#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/base/thread_name.h"
#include "common/flow/backoff.h"
#include "common/flow/lane_end.h"
#include "common/flow/task_bell.h"
#include "common/flow/task_lane.h"
#include "common/flow/tasks.h"

namespace makegood::flow {
namespace {

// Due tasks of a part that are read at a time.
constexpr int kRead = 32;
// A task that something is in the way of is told after so many attempts, one a minute of each lane.
constexpr int kAttemptsToTell = 3;
constexpr absl::Duration kTellAgain = absl::Minutes(1);
constexpr absl::Duration kSoonAfter = absl::Milliseconds(2);
constexpr char kTimers[] = "timers";

// Whether the other end of the lane is not there, so that it would answer nobody else either. UNAVAILABLE
// under a rule is an answer. UNAUTHENTICATED is none: it does not know who calls, whatever is asked.
bool IsAway(const absl::Status& status) {
  return (absl::IsUnavailable(status) && RuleOf(status).empty()) || absl::IsUnauthenticated(status);
}

}  // namespace

TaskKind Timer(std::function<absl::Status(const rules::Task&, rules::Transaction&)> decide) {
  return {kTimers,
          [decide = std::move(decide)](const rules::Task& task, absl::Time, HandlerDone done) -> Cancel {
            done(Decision([decide, task](rules::Transaction& tx) { return decide(task, tx); }));
            return nullptr;
          }};
}

TaskKind Blocking(std::string lane, TaskHandler handler) {
  return {std::move(lane),
          [handler = std::move(handler)](const rules::Task& task, absl::Time deadline,
                                         HandlerDone done) -> Cancel {
            done(Contained([&] { return handler(task, deadline); }));
            return nullptr;
          },
          /*blocks=*/true};
}

class TaskRunner::Impl {
 public:
  Impl(store::Store& store, const Clock& clock, const rules::PolicyBook& policies, base::v1::Actor actor,
       TaskKinds kinds, TaskRunnerOptions options)
      : store_(store),
        clock_(clock),
        policies_(policies),
        actor_(std::move(actor)),
        kinds_(std::move(kinds)),
        options_(std::move(options)),
        bell_(std::make_shared<TaskBell>()) {
    std::vector<std::string> names;
    for (const auto& [name, kind] : kinds_) {
      TaskLane& lane =
          lanes_.try_emplace(kind.lane, LaneEnd(kind.lane, options_.first_backoff, options_.max_pause))
              .first->second;
      lane.blocks |= kind.blocks;
      lane.in_order |= kind.in_order;
      lane.slots.resize(store.parts());
      lane.kinds.push_back(name);
      names.push_back(name);
    }
    if (options_.observe) ran_ = options_.observe(std::move(names));
    store_.AddCommitListener([bell = bell_](const store::Committed& committed) {
      if (!committed.tasks_in.empty()) bell->Ring(committed.tasks_in);
    });
    for (auto& [name, lane] : lanes_) {
      if (lane.blocks) AddThreads(lane, options_.threads);
    }
    watch_ = std::thread([this] { Watch(); });
  }

  ~Impl() {
    std::map<TaskKey, Cancel> handled;
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
      handled = handled_;
      for (auto& [name, lane] : lanes_) {
        under_way_ -= static_cast<int>(lane.jobs.size());
        lane.jobs.clear();
      }
    }
    for (const auto& [key, cancel] : handled) {
      if (cancel != nullptr) cancel();
    }
    bell_->RingForAll();
    watch_.join();  // who adds to the others
    for (std::thread& thread : threads_) thread.join();
    // What was begun answers to this object.
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &Impl::NothingUnderWay));
  }

  bool Idle() const {
    {
      absl::MutexLock lock(&mutex_);
      if (!taken_.empty()) return false;
    }
    const auto due = store_.DueTasks(clock_.Now(), absl::InfiniteFuture(), 1);
    return due.ok() && due->empty();
  }

  std::string Waiting() const {
    absl::MutexLock lock(&mutex_);
    std::vector<std::string> waiting;
    for (const auto& [name, lane] : lanes_) {
      if (!lane.end.why().empty()) waiting.push_back(absl::StrCat(name, ": ", lane.end.why()));
    }
    return absl::StrJoin(waiting, "; ");
  }

  void Wake() { bell_->RingForAll(); }

 private:
  using TaskKey = std::pair<uint32_t, std::string>;
  static TaskKey KeyOf(const store::DueTask& task) { return {task.part, task.task.id}; }

  // The thread that looks for due tasks and begins them.
  void Watch() {
    NameThisThread("due-tasks");
    absl::Time all_looked_at = absl::InfinitePast();
    while (true) {
      std::optional<std::set<uint32_t>> news = bell_->Wait(TimeToWait());
      if (!news.has_value() || absl::Now() - all_looked_at >= options_.poll) {
        news.emplace();
        for (uint32_t part = 0; part < store_.parts(); ++part) news->insert(part);
        all_looked_at = absl::Now();
      }
      {
        absl::MutexLock lock(&mutex_);
        if (stopping_) return;
        left_.clear();
      }
      for (const uint32_t part : *news) Look(part);
      for (const TaskJob& job : NextJobs()) Begin(job);
      AddThreads();
    }
  }

  absl::Duration TimeToWait() const {
    absl::MutexLock lock(&mutex_);
    const absl::Time now = absl::Now();
    absl::Time until = now + options_.poll;
    for (const auto& [name, lane] : lanes_) {
      // By then that one is due again which was told last. Where none is left to ask there is no hurry.
      if (lane.end.away() && lane.end.again() > now) until = std::min(until, lane.end.again() + kSoonAfter);
      if (lane.LacksThreads()) until = std::min(until, lane.HeldUpAt());
    }
    return std::max(until - now, absl::ZeroDuration());
  }

  void Look(uint32_t part) {
    store::DueQuery query{.part = part, .now = clock_.Now(), .wall_now = absl::Now(), .limit = kRead};
    {
      absl::MutexLock lock(&mutex_);
      for (const auto& [name, lane] : lanes_) {
        const TaskSlot& slot = lane.slots[part];
        if (!slot.HasRoom(/*failed_before=*/false)) Append(lane.kinds, query.without_kinds);
        if (!slot.HasRoom(/*failed_before=*/true)) Append(lane.kinds, query.without_failed_kinds);
      }
      Append(unknown_, query.without_kinds);
      Append(unknown_, query.without_failed_kinds);
    }
    const auto due = store_.DueTasks(query);
    if (!due.ok()) return;
    absl::MutexLock lock(&mutex_);
    bool dropped = false;
    for (const store::DueTask& task : *due) dropped |= !TakeUp(task);
    // What lies behind those that found no room is looked at without them.
    if (dropped && due->size() >= kRead) bell_->Ring({part});
  }

  template <typename Kinds>
  static void Append(const Kinds& kinds, std::vector<std::string>& to) {
    to.insert(to.end(), kinds.begin(), kinds.end());
  }

  // False if there is no room.
  bool TakeUp(const store::DueTask& task) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto kind = kinds_.find(task.task.kind);
    if (kind == kinds_.end()) {
      if (unknown_.insert(task.task.kind).second) {
        Log(LogLevel::kWarning, "tasks wait for a version that knows their kind", {{"kind", task.task.kind}});
      }
      return false;
    }
    if (left_.contains(KeyOf(task)) || taken_.contains(KeyOf(task))) return true;
    TaskSlot& slot = lanes_.at(kind->second.lane).slots[task.part];
    if (!slot.HasRoom(task.attempts > 0)) {
      slot.more = true;
      return false;
    }
    taken_.insert(KeyOf(task));
    slot.waiting.push_back(task);
    return true;
  }

  // Those that can begin now, new ones first. What blocks is handed to the threads of its lane.
  std::vector<TaskJob> NextJobs() {
    absl::MutexLock lock(&mutex_);
    std::vector<TaskJob> begun;
    const absl::Time now = absl::Now();
    for (auto& [name, lane] : lanes_) {
      for (const bool failed_before : {false, true}) {
        for (uint32_t i = 0; i < lane.slots.size() && !stopping_; ++i) {
          TaskSlot& slot = lane.slots[(lane.first + i) % lane.slots.size()];
          const auto next = lane.NextOf(slot, failed_before);
          if (slot.busy[failed_before] || next == slot.waiting.end() || now < slot.not_before) continue;
          const bool asks = lane.end.away();
          if (asks && !lane.end.MayAsk(now)) continue;
          slot.busy[failed_before] = true;
          ++under_way_;
          TaskJob job{&lane, &kinds_.at(next->task.kind), std::move(*next), failed_before, asks, now};
          slot.waiting.erase(next);
          handled_[KeyOf(job.task)] = nullptr;
          (job.kind->blocks ? lane.jobs.emplace_back() : begun.emplace_back()) = std::move(job);
        }
      }
      if (!lane.slots.empty()) lane.first = (lane.first + 1) % static_cast<uint32_t>(lane.slots.size());
    }
    return begun;
  }

  // Where handlers take their time, others of their lane do not wait for them.
  void AddThreads() {
    absl::MutexLock lock(&mutex_);
    for (auto& [name, lane] : lanes_) {
      if (lane.LacksThreads() && absl::Now() >= lane.HeldUpAt()) AddThreads(lane, lane.Lacking());
    }
  }

  void AddThreads(TaskLane& lane, int more) {
    for (int i = 0; i < more; ++i) {
      threads_.emplace_back([this, &lane] { Work(lane); });
      ++lane.threads;
      ++lane.free_threads;
    }
  }

  // A thread of a lane whose handlers block.
  void Work(TaskLane& lane) {
    NameThisThread(absl::StrCat("tasks-", lane.end.lane()));
    const auto has_job = [this, &lane]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return stopping_ || !lane.jobs.empty();
    };
    while (true) {
      TaskJob job;
      {
        absl::MutexLock lock(&mutex_);
        mutex_.Await(absl::Condition(&has_job));
        if (stopping_) return;
        job = std::move(lane.jobs.front());
        lane.jobs.pop_front();
        lane.last_taken = absl::Now();
        --lane.free_threads;
      }
      Begin(job);
      absl::MutexLock lock(&mutex_);
      ++lane.free_threads;
    }
  }

  void Begin(const TaskJob& job) {
    const Cancel cancel = job.kind->run(job.task.task, absl::Now() + options_.call_deadline, DoneOf(job));
    if (cancel == nullptr) return;
    {
      absl::MutexLock lock(&mutex_);
      const auto handled = handled_.find(KeyOf(job.task));
      if (handled == handled_.end()) return;
      handled->second = cancel;
      if (!stopping_) return;
    }
    cancel();
  }

  HandlerDone DoneOf(const TaskJob& job) {
    return [this, job](absl::StatusOr<Decision> decision) {
      // Given up at the end: the task stays as it is.
      if (EndsHandling(job) && absl::IsCancelled(decision.status())) return Leave(job, /*done=*/false);
      if (!decision.ok()) return Failed(job, decision.status(), /*of_handler=*/true);
      NoteAnswer(*job.lane);
      store_.Submit(Completion(job.task, *std::move(decision)),
                    [this, job](const absl::StatusOr<std::string>& reply) { Answered(job, reply.status()); });
    };
  }

  // Whether the runner is at its end.
  bool EndsHandling(const TaskJob& job) {
    absl::MutexLock lock(&mutex_);
    handled_.erase(KeyOf(job.task));
    return stopping_;
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

  // On a thread of the store, which must not wait.
  void Answered(const TaskJob& job, const absl::Status& status) {
    if (!status.ok()) return Failed(job, status, /*of_handler=*/false);
    ran_(job.task.task.kind, "done");
    Leave(job);
  }

  void Failed(const TaskJob& job, const absl::Status& status, bool of_handler) {
    absl::Duration wait = Backoff(job.task.attempts, options_.first_backoff, options_.max_backoff);
    if (of_handler && IsAway(status)) {
      absl::MutexLock lock(&mutex_);
      wait = job.lane->end.NoteAway(job.asks, status, absl::Now());
    } else if (of_handler && absl::IsDeadlineExceeded(status)) {
      absl::MutexLock lock(&mutex_);
      job.lane->end.NoteSilence(job.begun, status, absl::Now());
    } else if (of_handler) {
      NoteAnswer(*job.lane);
    }
    const bool give_up = IsGivenUp(job, FailureOf(status));
    if (!give_up && job.lane->in_order) return KeepTurn(job, wait);
    Log(give_up || IsToBeTold(job) ? LogLevel::kWarning : LogLevel::kDebug,
        give_up ? "task given up" : "task failed, will be tried again",
        {{"task_id", job.task.task.id},
         {"kind", job.task.task.kind},
         {"attempts", absl::StrCat(job.task.attempts + 1)},
         {"error", std::string(status.message())}});
    store_.FailTask(job.task, status.message(), give_up ? absl::InfiniteFuture() : absl::Now() + wait,
                    [this, job, give_up](const absl::Status& recorded) { Recorded(job, give_up, recorded); });
  }

  // It goes on failing, and nobody else says so.
  bool IsToBeTold(const TaskJob& job) {
    absl::MutexLock lock(&mutex_);
    const absl::Time now = absl::Now();
    if (!job.lane->end.why().empty()) return false;
    if (job.task.attempts + 1 < kAttemptsToTell || now - job.lane->told_of_task < kTellAgain) return false;
    job.lane->told_of_task = now;
    return true;
  }

  bool IsGivenUp(const TaskJob& job, Failure failure) {
    absl::MutexLock lock(&mutex_);
    if (failure == Failure::kFault && ++faults_[KeyOf(job.task)] < options_.max_attempts) return false;
    if (failure == Failure::kOfTheWay) return false;
    faults_.erase(KeyOf(job.task));
    return true;
  }

  // It stays the next of its lane and part.
  void KeepTurn(const TaskJob& job, absl::Duration wait) {
    ran_(job.task.task.kind, "retried");
    absl::MutexLock lock(&mutex_);
    TaskSlot& slot = job.lane->slots[job.task.part];
    slot.waiting.push_front(job.task);
    slot.not_before = absl::Now() + wait;
    slot.busy[job.failed_before] = false;
    --under_way_;
  }

  // Where even this could not be written the task is still due, and found again.
  void Recorded(const TaskJob& job, bool give_up, const absl::Status& recorded) {
    if (recorded.ok()) ran_(job.task.task.kind, give_up ? "given_up" : "retried");
    if (!recorded.ok()) {
      absl::MutexLock lock(&mutex_);
      job.lane->slots[job.task.part].not_before = absl::Now() + options_.first_backoff;
    }
    Leave(job, /*done=*/false);
  }

  void Leave(const TaskJob& job, bool done = true) {
    absl::MutexLock lock(&mutex_);
    TaskSlot& slot = job.lane->slots[job.task.part];
    slot.busy[job.failed_before] = false;
    taken_.erase(KeyOf(job.task));
    left_.insert(KeyOf(job.task));
    if (done) faults_.erase(KeyOf(job.task));
    // A look at the part finds what is next, and what there was no room for; a failed one comes back by the
    // clock.
    const bool none_left = job.lane->NextOf(slot, job.failed_before) == slot.waiting.end();
    const bool look = none_left && std::exchange(slot.more, false);
    bell_->Ring(look || taken_.empty() ? std::set<uint32_t>{job.task.part} : std::set<uint32_t>{});
    --under_way_;
  }

  // The lane's other end has answered.
  void NoteAnswer(TaskLane& lane) {
    absl::MutexLock lock(&mutex_);
    if (lane.end.NoteAnswer(absl::Now())) bell_->Ring({});
  }

  bool NothingUnderWay() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return under_way_ == 0; }

  store::Store& store_;
  const Clock& clock_;
  const rules::PolicyBook& policies_;
  const base::v1::Actor actor_;
  const TaskKinds kinds_;
  const TaskRunnerOptions options_;
  TaskRunnerOptions::Ran ran_ = [](absl::string_view, absl::string_view) {};
  const std::shared_ptr<TaskBell> bell_;

  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, TaskLane> lanes_;            // fixed once made; what is in them is guarded by mutex_
  std::set<TaskKey> taken_ ABSL_GUARDED_BY(mutex_);  // waiting or under way
  std::map<TaskKey, Cancel> handled_ ABSL_GUARDED_BY(mutex_);  // those whose handlers are not done
  // Left since due tasks were last read: what was read may be old.
  std::set<TaskKey> left_ ABSL_GUARDED_BY(mutex_);
  std::map<TaskKey, int> faults_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> unknown_ ABSL_GUARDED_BY(mutex_);  // kinds
  int under_way_ ABSL_GUARDED_BY(mutex_) = 0;
  std::thread watch_;
  std::vector<std::thread> threads_;  // of lanes that block; once begun touched by watch_ alone
};

TaskRunner::TaskRunner(store::Store& store, const Clock& clock, const rules::PolicyBook& policies,
                       base::v1::Actor actor, TaskKinds kinds, TaskRunnerOptions options)
    : impl_(std::make_unique<Impl>(store, clock, policies, std::move(actor), std::move(kinds),
                                   std::move(options))) {}

TaskRunner::~TaskRunner() = default;

bool TaskRunner::Idle() const { return impl_->Idle(); }
std::string TaskRunner::Waiting() const { return impl_->Waiting(); }
void TaskRunner::Wake() { impl_->Wake(); }

}  // namespace makegood::flow
