#include "common/flow/event_stream.h"

#include <utility>

#include "common/base/status.h"

namespace makegood::flow {

std::shared_ptr<EventStream> EventStream::Make(rpc::Call call, std::shared_ptr<EventSource> source,
                                               std::vector<uint64_t> after, Places::Place place, Over over) {
  auto stream = std::shared_ptr<EventStream>(
      new EventStream(call, std::move(source), std::move(after), std::move(place), std::move(over)));
  stream->self_ = stream;
  return stream;
}

EventStream* EventStream::Refuse(rpc::Call call, const absl::Status& status) {
  auto stream = std::shared_ptr<EventStream>(new EventStream(call, nullptr, {}, {}, [](const auto&) {}));
  stream->self_ = stream;
  stream->Finish(call.Close(status));
  return stream.get();
}

void EventStream::Begin() {
  absl::Status checked = source_->LearnHeads();
  if (checked.ok()) checked = source_->CheckPositions(after_);
  if (!checked.ok()) End(checked);
  Step();
}

void EventStream::End(const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    if (ending_) return;
    ending_ = true;
    end_status_ = status;
  }
  // If it was waiting, no step is under way that would see the end: take one.
  if (source_ != nullptr && source_->Forget(shared_from_this())) Step();
}

void EventStream::OnWriteDone(bool ok) {
  if (!ok) End(absl::CancelledError("the caller no longer listens"));
  Step();
}

void EventStream::OnCancel() { End(absl::CancelledError("the caller no longer listens")); }

void EventStream::OnDone() {
  const std::shared_ptr<EventStream> self = std::move(self_);  // may delete this at the end
  over_(self);
}

void EventStream::Step() {
  if (FinishedAtTheEnd()) return;
  if (next_ < page_.size()) return Send(next_++);
  LookForMore();
}

bool EventStream::Ending() {
  absl::MutexLock lock(&mutex_);
  return ending_;
}

bool EventStream::FinishedAtTheEnd() {
  absl::Status status;
  {
    absl::MutexLock lock(&mutex_);
    if (!ending_) return false;
    status = end_status_;
  }
  Finish(call_.Close(status));
  return true;
}

void EventStream::LookForMore() {
  EventSource::Next next = source_->Look(after_, next_part_);
  pending_ = next.pending;
  next_part_ = next.part + 1;
  next_ = 0;
  page_ = std::move(next.events);
  switch (next.kind) {
    case EventSource::Next::Kind::kEvents:
      return Step();
    case EventSource::Next::Kind::kRead:
      return ReadPage(next.part);
    case EventSource::Next::Kind::kNothing:
      break;
  }
  if (!told_all_seen_) return SendSignOfLife();
  if (!source_->Wait(shared_from_this(), after_)) return LookForMore();
  // Whoever ends the stream looks for it among the waiting, and may have looked just before.
  if (Ending() && source_->Forget(shared_from_this())) FinishedAtTheEnd();
}

void EventStream::ReadPage(uint32_t part) {
  source_->store().Read([self = shared_from_this(), part](absl::StatusOr<store::Reader*> reader) {
    if (!reader.ok()) {
      self->End(std::move(reader).status());
      return self->Step();
    }
    auto page = (*reader)->Events(part, self->after_[part], kEventPage);
    if (page.ok() && page->empty()) page = absl::DataLossError("events are missing from a part");
    if (page.ok()) {
      self->page_ = *std::move(page);
    } else {
      self->End(std::move(page).status());
    }
    self->Step();
  });
}

void EventStream::Send(size_t index) {
  const store::StoredEvent& stored = page_[index];
  after_[stored.part] = stored.sequence;
  told_all_seen_ = false;
  response_.Clear();
  response_.set_epoch(source_->store().epoch());
  response_.mutable_position()->set_part(stored.part);
  response_.mutable_position()->set_sequence(stored.sequence);
  if (pending_ > 0) --pending_;
  response_.set_pending_events(pending_);
  if (!response_.mutable_event()->ParseFromString(stored.data)) {
    End(absl::DataLossError("a stored event cannot be read"));
    return Step();
  }
  grpc::WriteOptions options;
  // The first write carries the call's metadata, which gRPC would hold back with it for ever.
  if (std::exchange(written_, true) && index + 1 < page_.size()) options.set_buffer_hint();
  StartWrite(&response_, options);
}

void EventStream::SendSignOfLife() {
  told_all_seen_ = true;
  written_ = true;
  response_.Clear();
  response_.set_epoch(source_->store().epoch());
  StartWrite(&response_);
}

}  // namespace makegood::flow
