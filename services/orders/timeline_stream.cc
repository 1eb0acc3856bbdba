#include "services/orders/timeline_stream.h"

#include <optional>
#include <utility>

#include "common/base/status.h"
#include "common/rules/timeline_rules.h"

namespace makegood::services {

using orders::v1::StreamTimelineRequest;
using orders::v1::TimelineEntry;

namespace {

constexpr int kPage = 100;

}  // namespace

// One caller's stream. At any time at most one thread takes it further (`busy_`): from a read to a
// write, to the next write, to the next read. When there is nothing more it stands still until news
// or its end; a stream that stands still holds no thread.
class TimelineStream : public grpc::ServerWriteReactor<TimelineEntry>,
                       public std::enable_shared_from_this<TimelineStream> {
 public:
  TimelineStream(const rpc::Edge& edge, const OrderReads& reads, TimelineStreams& streams, rpc::Call call,
                 std::string order_id)
      : edge_(edge), reads_(reads), streams_(streams), call_(call), order_id_(std::move(order_id)) {}

  // Lives until OnDone.
  void Start(const base::v1::Actor& actor, int64_t after) {
    self_ = shared_from_this();
    actor_ = actor;
    after_ = after;
    Proceed();
  }

  void Refuse(const absl::Status& status) {
    self_ = shared_from_this();
    Finish(call_.Close(status));
  }

  // The timeline has grown.
  void Wake() {
    {
      absl::MutexLock lock(&mutex_);
      news_ = true;
      if (busy_) return;
      busy_ = true;
    }
    Proceed();
  }

  void End(const absl::Status& status) {
    {
      absl::MutexLock lock(&mutex_);
      if (!end_.has_value()) end_ = status;
      if (busy_) return;
      busy_ = true;
    }
    Proceed();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) SetEnd(absl::CancelledError("the caller no longer listens"));
    Proceed();
  }

  void OnCancel() override { End(absl::CancelledError("the caller no longer listens")); }

  void OnDone() override {
    const std::shared_ptr<TimelineStream> self = std::move(self_);  // may delete this at the end
    streams_.Remove(order_id_, self);
  }

 private:
  void SetEnd(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    if (!end_.has_value()) end_ = status;
  }

  enum class Next { kFinish, kWrite, kRead, kRest };

  // Decides what to do next. After kRest another thread may become the busy one.
  Next Choose() {
    absl::MutexLock lock(&mutex_);
    if (end_.has_value()) return Next::kFinish;  // and busy for ever: nobody takes it further
    if (next_ < page_.entries.size()) return Next::kWrite;
    busy_ = std::exchange(news_, false);
    return busy_ ? Next::kRead : Next::kRest;
  }

  // Does the next thing. Called by the one thread that is busy with this stream.
  void Proceed() {
    switch (Choose()) {
      case Next::kFinish:
        return Finish(call_.Close(Ended()));
      case Next::kWrite:
        return StartWrite(&page_.entries[next_++]);
      case Next::kRead:
        return edge_.store.Read([self = shared_from_this()](absl::StatusOr<store::Reader*> reader) {
          self->TakePage(std::move(reader));
        });
      case Next::kRest:
        return;
    }
  }

  absl::Status Ended() {
    absl::MutexLock lock(&mutex_);
    return *end_;
  }

  void TakePage(absl::StatusOr<store::Reader*> reader) {
    absl::StatusOr<OrderReads::TimelinePage> page =
        reader.ok() ? reads_.ReadTimeline(order_id_, after_, kPage, actor_, **reader)
                    : absl::StatusOr<OrderReads::TimelinePage>(std::move(reader).status());
    if (!page.ok()) {
      SetEnd(page.status());
    } else {
      page_ = *std::move(page);
      after_ = page_.after;
      next_ = 0;
      absl::MutexLock lock(&mutex_);
      news_ = news_ || page_.more;
    }
    Proceed();
  }

  const rpc::Edge& edge_;
  const OrderReads& reads_;
  TimelineStreams& streams_;
  const rpc::Call call_;
  const std::string order_id_;
  std::shared_ptr<TimelineStream> self_;
  // Of the busy thread alone.
  base::v1::Actor actor_;
  int64_t after_ = 0;
  OrderReads::TimelinePage page_;
  size_t next_ = 0;

  absl::Mutex mutex_;
  bool busy_ ABSL_GUARDED_BY(mutex_) = true;
  bool news_ ABSL_GUARDED_BY(mutex_) = true;
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
};

TimelineStreams::TimelineStreams(const rpc::Edge& edge, const OrderReads& reads, size_t limit)
    : edge_(edge), reads_(reads), limit_(limit), waker_([this] { WakeLoop(); }) {
  edge.store.AddCommitListener(
      [state = state_](const store::Committed& committed) { OnCommit(committed, *state); });
}

TimelineStreams::~TimelineStreams() {
  {
    absl::MutexLock lock(&state_->mutex);
    state_->stopping = true;
  }
  waker_.join();
}

grpc::ServerWriteReactor<TimelineEntry>* TimelineStreams::Open(grpc::CallbackServerContext* context,
                                                               const StreamTimelineRequest* request) {
  auto stream = std::make_shared<TimelineStream>(
      edge_, reads_, *this, rpc::Call(*context, *request->GetDescriptor()), request->order_id());
  absl::StatusOr<base::v1::Actor> actor = rpc::Admit(*context, *request->GetDescriptor());
  absl::Status status = actor.status();
  if (status.ok()) status = rpc::CheckFields(*request);
  absl::StatusOr<int64_t> after = rules::IndexOf(request->order_id(), request->resume_token());
  if (status.ok()) status = after.status();
  if (status.ok()) status = Add(request->order_id(), stream);
  if (status.ok()) {
    stream->Start(*actor, *after);
  } else {
    stream->Refuse(status);
  }
  return stream.get();
}

void TimelineStreams::EndAll() {
  std::vector<std::shared_ptr<TimelineStream>> streams;
  {
    absl::MutexLock lock(&state_->mutex);
    state_->ended = true;
    for (const auto& [order_id, of_order] : state_->streams)
      streams.insert(streams.end(), of_order.begin(), of_order.end());
  }
  for (const auto& stream : streams) stream->End(absl::UnavailableError("the server is draining"));
}

absl::Status TimelineStreams::Add(const std::string& order_id,
                                  const std::shared_ptr<TimelineStream>& stream) {
  absl::MutexLock lock(&state_->mutex);
  if (state_->ended) return absl::UnavailableError("the server is draining");
  if (state_->open >= limit_) return absl::ResourceExhaustedError("too many open streams");
  ++state_->open;
  state_->streams[order_id].insert(stream);
  return absl::OkStatus();
}

void TimelineStreams::Remove(const std::string& order_id, const std::shared_ptr<TimelineStream>& stream) {
  absl::MutexLock lock(&state_->mutex);
  const auto of_order = state_->streams.find(order_id);
  if (of_order == state_->streams.end() || of_order->second.erase(stream) == 0) return;
  --state_->open;
  if (of_order->second.empty()) state_->streams.erase(of_order);
}

void TimelineStreams::OnCommit(const store::Committed& committed, State& state) {
  absl::MutexLock lock(&state.mutex);
  if (state.streams.empty()) return;
  for (const rules::RecordKey& key : committed.records) {
    if (key.kind == rules::RecordTraits<orders::v1::TimelineHead>::kKind && state.streams.contains(key.id)) {
      state.grown.insert(key.id);
    }
  }
}

void TimelineStreams::WakeLoop() {
  while (true) {
    std::vector<std::shared_ptr<TimelineStream>> woken;
    {
      absl::MutexLock lock(&state_->mutex);
      state_->mutex.Await(absl::Condition(state_.get(), &State::HasNews));
      if (state_->stopping) return;
      for (const std::string& order_id : state_->grown) {
        const auto of_order = state_->streams.find(order_id);
        if (of_order != state_->streams.end())
          woken.insert(woken.end(), of_order->second.begin(), of_order->second.end());
      }
      state_->grown.clear();
    }
    for (const auto& stream : woken) stream->Wake();
  }
}

}  // namespace makegood::services
