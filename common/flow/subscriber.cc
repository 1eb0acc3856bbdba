#include <algorithm>
#include <map>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/thread_name.h"
#include "common/flow/backoff.h"
#include "common/flow/flow.h"
#include "common/rpc/rpc.h"
#include "common/rules/times.h"

namespace makegood::flow {
namespace {

using events::v1::SubscribeRequest;
using events::v1::SubscribeResponse;

// Effects submitted and not yet committed: enough for full batches, far below the store's queue.
constexpr size_t kWindow = 256;
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(50);
constexpr absl::Duration kMaxBackoff = absl::Seconds(5);
// A source that is not heard for less than this was only started later, or anew.
constexpr absl::Duration kBroken = absl::Seconds(2);

// An event whose effect was refused for good.
struct Refused {
  store::Applied applied;
  std::string event_data;
  absl::Status why;
};

}  // namespace

class Subscriber::Impl {
 public:
  Impl(std::string source, std::shared_ptr<events::v1::EventService::StubInterface> stub, store::Store& store,
       const rules::PolicyBook& policies, base::v1::Actor actor, Reaction reaction)
      : source_(std::move(source)),
        stub_(std::move(stub)),
        store_(store),
        policies_(policies),
        actor_(std::move(actor)),
        reaction_(std::move(reaction)),
        thread_([this] { Run(); }) {}

  ~Impl() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
      if (stream_context_ != nullptr) stream_context_->TryCancel();
    }
    thread_.join();
  }

  bool CaughtUp() const {
    absl::MutexLock lock(&mutex_);
    return told_all_seen_ && !broken_ && in_flight_.empty();
  }

  const std::string& source() const { return source_; }

  bool HasApplied(const std::map<uint32_t, uint64_t>& heads) const {
    const absl::StatusOr<store::Store::Cursors> cursors = store_.CursorsOf(source_);
    if (!cursors.ok()) return false;
    return std::all_of(heads.begin(), heads.end(), [&](const auto& head) {
      const auto cursor = cursors->sequences.find(head.first);
      return head.second <= (cursor == cursors->sequences.end() ? 0 : cursor->second);
    });
  }

  Lag lag() const {
    absl::MutexLock lock(&mutex_);
    Lag lag;
    lag.connected = connected_;
    lag.refused = refused_by_source_;
    // A stream may be silent for hours; a connection that is no more is found out by keepalive.
    lag.last_seen = connected_ ? absl::Now() : last_seen_;
    lag.events = pending_at_source_ + in_flight_.size();
    if (!in_flight_.empty()) lag.oldest_time = in_flight_.begin()->second;
    return lag;
  }

 private:
  void Run() {
    NameThisThread(absl::StrCat("follow-", source_));
    int failures = 0;
    while (!Stopping()) {
      const uint64_t before = applied_count();
      const absl::Status ended = Follow();
      if (Stopping()) return;
      Log(LogLevel::kDebug, "event stream ended",
          {{"source", source_}, {"error", std::string(ended.message())}});
      NoteEnd(ended);
      failures = applied_count() == before ? failures + 1 : 0;
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&stopping_), Backoff(failures, kFirstBackoff, kMaxBackoff));
    }
  }

  // Tells of a source that is not heard, once for each state until it is heard again.
  void NoteEnd(const absl::Status& ended) {
    if (std::exchange(heard_, false)) {
      unheard_since_ = absl::Now();
      return;
    }
    const bool refused = !ended.ok() && FailureOf(ended) != Failure::kOfTheWay;
    {
      absl::MutexLock lock(&mutex_);
      refused_by_source_ = refused;
    }
    const char* const state = refused ? "feed refused by its source" : "feed broken";
    if (told_ == state || (!refused && absl::Now() - unheard_since_ < kBroken)) return;
    told_ = state;
    Log(LogLevel::kWarning, told_,
        {{"source", source_},
         {"code", absl::StatusCodeToString(ended.code())},
         {"rule", RuleOf(ended)},
         {"error", std::string(ended.message())}});
  }

  // The first word of a stream.
  void NoteHeard() {
    if (std::exchange(heard_, true)) return;
    if (!std::exchange(told_, "").empty()) {
      Log(LogLevel::kInfo, "feed heard again", {{"source", source_}});
    }
    absl::MutexLock lock(&mutex_);
    connected_ = true;
    refused_by_source_ = false;
  }

  // One stream, from the cursors on until it breaks or an effect fails. Returns when nothing of it
  // is under way any more, and what was refused is parked.
  absl::Status Follow() {
    ASSIGN_OR_RETURN(const SubscribeRequest request, Begin());
    grpc::ClientContext context;
    rpc::SetActor(context, actor_);
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return absl::OkStatus();
      stream_context_ = &context;
    }
    const auto stream = stub_->Subscribe(&context, request);
    SubscribeResponse response;
    bool taken = true;
    while (taken && stream->Read(&response)) taken = Take(response);
    if (!taken) context.TryCancel();
    const absl::Status status = rpc::FromGrpc(stream->Finish());
    start_over_ = absl::IsAborted(status) && !request.epoch().empty();
    RETURN_IF_ERROR(Settle());
    return status;
  }

  absl::StatusOr<SubscribeRequest> Begin() {
    SubscribeRequest request;
    request.set_source(source_);
    if (std::exchange(start_over_, false)) {
      Log(LogLevel::kWarning, "the source's database was restored; its events are seen again",
          {{"source", source_}});
      return request;
    }
    ASSIGN_OR_RETURN(const store::Store::Cursors cursors, store_.CursorsOf(source_));
    request.set_epoch(cursors.epoch);
    for (const auto& [part, sequence] : cursors.sequences) {
      events::v1::Position& position = *request.add_after();
      position.set_part(part);
      position.set_sequence(sequence);
    }
    return request;
  }

  // Submits the event's effect, once there is room. False when the stream has to end.
  bool Take(const SubscribeResponse& response) {
    NoteHeard();
    uint64_t ticket = 0;
    {
      absl::MutexLock lock(&mutex_);
      pending_at_source_ = response.pending_events();
      told_all_seen_ = !response.has_position();
      mutex_.Await(absl::Condition(this, &Impl::HasRoom));
      if (stopping_ || broken_) return false;
      if (told_all_seen_) return true;
      ticket = next_ticket_++;
      in_flight_.emplace(ticket, rules::ToTime(response.event().time()));
    }
    Submit(response, ticket);
    return true;
  }

  void Submit(const SubscribeResponse& response, uint64_t ticket) {
    const auto event = std::make_shared<const events::v1::Event>(response.event());
    const store::Applied applied{source_, response.epoch(), response.position().part(),
                                 response.position().sequence(), event->event_id()};
    store::Work work;
    work.routing_key = KeyOfPart(applied.part);
    work.context.actor = actor_;
    work.context.policies = &policies_;
    work.context.seed = absl::StrCat("event/", source_, "/", event->event_id());
    work.context.request_id = event->event_id();
    work.applied = applied;
    work.decide = [this, event](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      RETURN_IF_ERROR(reaction_(*event, tx));
      return std::string();
    };
    store_.Submit(std::move(work), [this, event, applied, ticket](const absl::StatusOr<std::string>& reply) {
      Done(*event, applied, ticket, reply.status());
    });
  }

  // On a thread of the store. What comes after a failed event in its part is ABORTED by the store.
  void Done(const events::v1::Event& event, const store::Applied& applied, uint64_t ticket,
            const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    if (status.ok()) {
      ++applied_count_;
    } else {
      broken_ = true;
      if (FailureOf(status) != Failure::kOfTheWay)
        refused_.push_back({applied, event.SerializeAsString(), status});
      if (stream_context_ != nullptr) stream_context_->TryCancel();
    }
    in_flight_.erase(ticket);
  }

  // Waits for all effects under way, and parks what was refused.
  absl::Status Settle() {
    std::vector<Refused> refused;
    {
      absl::MutexLock lock(&mutex_);
      stream_context_ = nullptr;
      told_all_seen_ = false;
      if (std::exchange(connected_, false)) last_seen_ = absl::Now();
      mutex_.Await(absl::Condition(this, &Impl::NothingInFlight));
      broken_ = false;
      refused.swap(refused_);
    }
    for (const Refused& one : refused) {
      Log(LogLevel::kWarning, "event parked",
          {{"source", source_},
           {"event_id", one.applied.event_id},
           {"code", absl::StatusCodeToString(one.why.code())},
           {"error", std::string(one.why.message())}});
      RETURN_IF_ERROR(store_.Park(one.applied, one.event_data, one.why.message()));
      absl::MutexLock lock(&mutex_);
      ++applied_count_;
    }
    return absl::OkStatus();
  }

  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || broken_ || in_flight_.size() < kWindow;
  }
  bool NothingInFlight() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return in_flight_.empty(); }

  bool Stopping() const {
    absl::MutexLock lock(&mutex_);
    return stopping_;
  }
  uint64_t applied_count() const {
    absl::MutexLock lock(&mutex_);
    return applied_count_;
  }

  const std::string source_;
  const std::shared_ptr<events::v1::EventService::StubInterface> stub_;
  store::Store& store_;
  const rules::PolicyBook& policies_;
  const base::v1::Actor actor_;
  const Reaction reaction_;
  // Of the thread alone.
  bool start_over_ = false;
  bool heard_ = false;  // the stream under way has said something
  std::string told_;    // the state that was logged last, empty while the source is heard
  absl::Time unheard_since_ = absl::Now();

  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* stream_context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool told_all_seen_ ABSL_GUARDED_BY(mutex_) = false;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;  // an effect failed: the stream begins anew
  bool connected_ ABSL_GUARDED_BY(mutex_) = false;
  bool refused_by_source_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time last_seen_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  uint64_t pending_at_source_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t next_ticket_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t applied_count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<uint64_t, absl::Time> in_flight_ ABSL_GUARDED_BY(mutex_);  // by ticket: when it happened
  std::vector<Refused> refused_ ABSL_GUARDED_BY(mutex_);

  std::thread thread_;  // last: it uses all of the above
};

Subscriber::Subscriber(std::string source, std::shared_ptr<events::v1::EventService::StubInterface> stub,
                       store::Store& store, const rules::PolicyBook& policies, base::v1::Actor actor,
                       Reaction reaction)
    : impl_(std::make_unique<Impl>(std::move(source), std::move(stub), store, policies, std::move(actor),
                                   std::move(reaction))) {}

Subscriber::~Subscriber() = default;

bool Subscriber::CaughtUp() const { return impl_->CaughtUp(); }
const std::string& Subscriber::source() const { return impl_->source(); }
bool Subscriber::HasApplied(const std::map<uint32_t, uint64_t>& heads) const {
  return impl_->HasApplied(heads);
}
Subscriber::Lag Subscriber::lag() const { return impl_->lag(); }

}  // namespace makegood::flow
