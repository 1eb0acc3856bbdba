#include "common/flow/test_clock.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/flow/worker.h"
#include "common/rpc/rpc.h"
#include "common/rules/times.h"

namespace makegood::flow {
namespace {

using base::v1::AdvanceTimeRequest;
using base::v1::ClockTime;
using base::v1::GetTimeRequest;

constexpr size_t kMaxAdvancesWaiting = 100;
constexpr absl::Duration kFirstPause = absl::Milliseconds(1);
constexpr absl::Duration kLastPause = absl::Milliseconds(20);
// Longer, and whoever moves the clock is told rather than kept waiting.
constexpr absl::Duration kLongestAway = absl::Seconds(5);

class TestClockServiceImpl final : public base::v1::TestClockService::CallbackService {
 public:
  TestClockServiceImpl(TestClock& clock, TestClockScope scope)
      : clock_(clock), scope_(std::move(scope)), commits_(std::make_shared<std::atomic<uint64_t>>(0)) {
    for (const auto& [name, store] : scope_.stores) {
      store->AddCommitListener([commits = commits_](const store::Committed&) { ++*commits; });
    }
  }

  ~TestClockServiceImpl() override { stopping_ = true; }

  grpc::ServerUnaryReactor* GetTime(grpc::CallbackServerContext* context, const GetTimeRequest*,
                                    ClockTime* reply) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const rpc::Call call(*context, *GetTimeRequest::descriptor());
    Tell(*reply);
    reactor->Finish(call.Close(rpc::Admit(*context, *GetTimeRequest::descriptor()).status()));
    return reactor;
  }

  grpc::ServerUnaryReactor* AdvanceTime(grpc::CallbackServerContext* context,
                                        const AdvanceTimeRequest* request, ClockTime* reply) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const rpc::Call call(*context, *AdvanceTimeRequest::descriptor());
    if (const auto actor = rpc::PassGates(*context, *request); !actor.ok()) {
      reactor->Finish(call.Close(actor.status()));
      return reactor;
    }
    const bool queued = worker_.TryRun(
        [this, reactor, call, context, reply, to = rules::ToTime(request->to_time())] {
          const absl::Status status = Contained([&] { return Advance(*context, to); });
          Tell(*reply);
          reactor->Finish(call.Close(status));
        },
        kMaxAdvancesWaiting);
    if (!queued)
      reactor->Finish(call.Close(absl::ResourceExhaustedError("too many such calls wait already")));
    return reactor;
  }

 private:
  void Tell(ClockTime& reply) const { *reply.mutable_time() = rules::ToTimestamp(clock_.Now()); }

  absl::Status Advance(const grpc::CallbackServerContext& context, absl::Time to) {
    if (to < clock_.Now())
      return absl::FailedPreconditionError("that time has passed; the clock only goes forward");
    while (true) {
      RETURN_IF_ERROR(Settle(context));
      ASSIGN_OR_RETURN(const absl::Time next, NextDue());
      if (next > to) break;
      MoveTo(next);
    }
    if (clock_.Now() < to) {
      MoveTo(to);
      RETURN_IF_ERROR(Settle(context));
    }
    return absl::OkStatus();
  }

  void MoveTo(absl::Time time) {
    clock_.MoveTo(time);
    for (TaskRunner* runner : scope_.runners) runner->Wake();
  }

  absl::StatusOr<absl::Time> NextDue() const {
    absl::Time next = absl::InfiniteFuture();
    for (const auto& [name, store] : scope_.stores) {
      ASSIGN_OR_RETURN(const absl::Time due, store->NextDue());
      next = std::min(next, due);
    }
    return next;
  }

  // Waits until nothing is under way.
  absl::Status Settle(const grpc::CallbackServerContext& context) const {
    absl::Duration pause = kFirstPause;
    absl::Time all_answered = absl::Now();
    while (true) {
      const uint64_t commits = *commits_;
      // Twice, with no commit in between: what is on its way from one service to another is then
      // neither here nor there.
      if (IsQuiet() && IsQuiet() && commits == *commits_) return absl::OkStatus();
      if (stopping_) return absl::UnavailableError("the server is draining");
      RETURN_IF_ERROR(rpc::CheckAwaited(context));
      const std::string away = WhoIsAway();
      if (away.empty()) all_answered = absl::Now();
      if (absl::Now() - all_answered > kLongestAway) {
        return absl::FailedPreconditionError(
            absl::StrCat("the clock stands at ", absl::FormatTime(clock_.Now(), absl::UTCTimeZone()),
                         ": tasks wait for ", away, "; try again once it answers"));
      }
      absl::SleepFor(pause);
      pause = std::min(pause * 2, kLastPause);
    }
  }

  // Whom tasks wait for, and what they say instead; empty where all answer.
  std::string WhoIsAway() const {
    std::vector<std::string> away;
    for (const TaskRunner* runner : scope_.runners) {
      if (std::string waiting = runner->Waiting(); !waiting.empty()) away.push_back(std::move(waiting));
    }
    return absl::StrJoin(away, "; ");
  }

  // True when every event is applied and no task is due, by what is committed.
  bool IsQuiet() const {
    for (const Subscriber* subscriber : scope_.subscribers) {
      const auto source = scope_.stores.find(subscriber->source());
      if (source == scope_.stores.end()) continue;
      const auto heads = source->second->Heads();
      if (!heads.ok() || !subscriber->HasApplied(*heads)) return false;
    }
    return std::all_of(scope_.runners.begin(), scope_.runners.end(),
                       [](const TaskRunner* runner) { return runner->Idle(); });
  }

  TestClock& clock_;
  const TestClockScope scope_;
  const std::shared_ptr<std::atomic<uint64_t>> commits_;
  std::atomic<bool> stopping_ = false;
  Worker worker_{"test-clock"};  // last: its thread uses all of the above
};

}  // namespace

std::unique_ptr<base::v1::TestClockService::CallbackService> MakeTestClockService(TestClock& clock,
                                                                                  TestClockScope scope) {
  return std::make_unique<TestClockServiceImpl>(clock, std::move(scope));
}

}  // namespace makegood::flow
