#include "common/flow/event_pages.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace makegood::flow {
namespace {

// Of a part, before the caller is told how far it is.
constexpr uint64_t kMostPassedOver = 1'000 - kEventPage;

EventPages::Item PassedTo(uint32_t part, uint64_t sequence) { return {part, sequence, ""}; }

}  // namespace

bool EventFilter::Takes(const events::v1::Event& event) const {
  return (kinds.empty() || kinds.count(event.payload_case()) > 0) &&
         (order_id.empty() || event.order_id() == order_id) &&
         (merchant_id.empty() || event.merchant_id() == merchant_id);
}

absl::StatusOr<EventFilter> FilterOf(const events::v1::SubscribeRequest& request) {
  const google::protobuf::OneofDescriptor& payload =
      *events::v1::Event::descriptor()->FindOneofByName("payload");
  EventFilter filter{{}, request.order_id(), request.merchant_id()};
  std::vector<FieldViolation> violations;
  for (int i = 0; i < request.kinds_size(); ++i) {
    const auto* const kind = events::v1::Event::descriptor()->FindFieldByName(request.kinds(i));
    if (kind == nullptr || kind->containing_oneof() != &payload) {
      violations.push_back({absl::StrCat("kinds[", i, "]"), "is no kind of event here"});
    } else {
      filter.kinds.insert(kind->number());
    }
  }
  if (!violations.empty()) return InvalidFields(violations);
  return filter;
}

void EventPages::Look(const std::shared_ptr<Stream>& stream) {
  if (const absl::Status begun = Begin(); !begun.ok()) return stream->Take(begun);
  while (true) {
    EventSource::Next next = source_->Look(after_, next_part_);
    pending_ = next.pending;
    next_part_ = next.part + 1;
    if (next.kind == EventSource::Next::Kind::kNothing) break;
    if (next.kind == EventSource::Next::Kind::kRead) return ReadPage(next.part, stream);
    absl::StatusOr<std::vector<Item>> page = Sift(std::move(next.events));
    if (!page.ok()) return stream->Take(page.status());
    if (!page->empty()) return stream->Take(Found<Item>{*std::move(page), /*more=*/true});
  }
  if (!told_all_seen_) return stream->Take(Found<Item>{AllSeen(), /*more=*/true});
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
    if (page.ok()) page = Sift(*std::move(page));
    if (!page.ok()) return stream->Take(page.status());
    stream->Take(Found<Item>{*std::move(page), /*more=*/true});
  });
}

absl::StatusOr<std::vector<EventPages::Item>> EventPages::Sift(std::vector<Item> page) {
  if (filter_.passes_all() || page.empty()) return page;
  const uint32_t part = page.back().part;
  const uint64_t last = page.back().sequence;
  std::vector<Item> taken;
  events::v1::Event event;
  for (Item& stored : page) {
    if (!event.ParseFromString(stored.data)) return absl::DataLossError("a stored event cannot be read");
    if (filter_.Takes(event)) {
      taken.push_back(std::move(stored));
    } else if (pending_ > 0) {
      --pending_;
    }
  }
  after_[part] = last;
  const uint64_t told = taken.empty() ? told_[part] : taken.back().sequence;
  if (last - told >= kMostPassedOver) taken.push_back(PassedTo(part, last));
  return taken;
}

std::vector<EventPages::Item> EventPages::AllSeen() const {
  std::vector<Item> items;
  for (uint32_t part = 0; part < after_.size(); ++part) {
    if (told_[part] < after_[part]) items.push_back(PassedTo(part, after_[part]));
  }
  items.emplace_back();
  return items;
}

absl::StatusOr<const EventPages::Message*> EventPages::MessageOf(const Item& event) {
  told_all_seen_ = event.sequence == 0;
  response_.Clear();
  response_.set_epoch(source_->store().epoch());
  if (told_all_seen_) return &response_;
  after_[event.part] = std::max(after_[event.part], event.sequence);
  told_[event.part] = event.sequence;
  response_.mutable_position()->set_part(event.part);
  response_.mutable_position()->set_sequence(event.sequence);
  if (event.data.empty()) {
    response_.set_pending_events(pending_);
    return &response_;
  }
  if (pending_ > 0) --pending_;
  response_.set_pending_events(pending_);
  if (!response_.mutable_event()->ParseFromString(event.data)) {
    return absl::DataLossError("a stored event cannot be read");
  }
  return &response_;
}

}  // namespace makegood::flow
