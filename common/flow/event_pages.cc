#include "common/flow/event_pages.h"

#include "common/base/status.h"

namespace makegood::flow {

void EventPages::Look(const std::shared_ptr<Stream>& stream) {
  if (const absl::Status begun = Begin(); !begun.ok()) return stream->Take(begun);
  EventSource::Next next = source_->Look(after_, next_part_);
  pending_ = next.pending;
  next_part_ = next.part + 1;
  switch (next.kind) {
    case EventSource::Next::Kind::kEvents:
      return stream->Take(Found<Item>{std::move(next.events), /*more=*/true});
    case EventSource::Next::Kind::kRead:
      return ReadPage(next.part, stream);
    case EventSource::Next::Kind::kNothing:
      break;
  }
  if (!told_all_seen_) return stream->Take(Found<Item>{{Item()}, /*more=*/true});
  stream->Take(Found<Item>{{}, /*more=*/!source_->Wait(stream, after_)});
}

absl::Status EventPages::Begin() {
  if (std::exchange(begun_, true)) return absl::OkStatus();
  RETURN_IF_ERROR(source_->LearnHeads());
  return source_->CheckPositions(after_);
}

void EventPages::ReadPage(uint32_t part, const std::shared_ptr<Stream>& stream) {
  source_->store().Read([this, part, stream](absl::StatusOr<store::Reader*> reader) {
    if (!reader.ok()) return stream->Take(reader.status());
    absl::StatusOr<std::vector<Item>> page = (*reader)->Events(part, after_[part], kEventPage);
    if (page.ok() && page->empty()) page = absl::DataLossError("events are missing from a part");
    if (!page.ok()) return stream->Take(page.status());
    stream->Take(Found<Item>{*std::move(page), /*more=*/true});
  });
}

absl::StatusOr<const EventPages::Message*> EventPages::MessageOf(const Item& event) {
  told_all_seen_ = event.sequence == 0;
  response_.Clear();
  response_.set_epoch(source_->store().epoch());
  if (told_all_seen_) return &response_;
  after_[event.part] = event.sequence;
  response_.mutable_position()->set_part(event.part);
  response_.mutable_position()->set_sequence(event.sequence);
  if (pending_ > 0) --pending_;
  response_.set_pending_events(pending_);
  if (!response_.mutable_event()->ParseFromString(event.data)) {
    return absl::DataLossError("a stored event cannot be read");
  }
  return &response_;
}

}  // namespace makegood::flow
