// What one Subscribe call streams. For common/flow alone.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "common/flow/event_source.h"
#include "common/flow/live_stream.h"
#include "makegood/events/v1/event_service.pb.h"

namespace makegood::flow {

// Pages of events, part after part, and a sign of life when all are sent. Begins by learning the heads, which
// may block for an I/O, and refuses positions beyond them. A source of LiveStream.
class EventPages {
 public:
  using Item = store::StoredEvent;  // without a number: the sign of life
  using Message = events::v1::SubscribeResponse;
  using Stream = LiveStream<EventPages>;

  // `after` has one number per part.
  EventPages(std::shared_ptr<EventSource> source, std::vector<uint64_t> after)
      : source_(std::move(source)), after_(std::move(after)) {}

  void Look(const std::shared_ptr<Stream>& stream);
  absl::StatusOr<const Message*> MessageOf(const Item& event);
  void Forget(const std::shared_ptr<Waiter>& stream) { source_->Forget(stream); }

 private:
  absl::Status Begin();
  void ReadPage(uint32_t part, const std::shared_ptr<Stream>& stream);

  std::shared_ptr<EventSource> source_;
  std::vector<uint64_t> after_;
  uint64_t pending_ = 0;    // events not sent, those at hand included
  uint32_t next_part_ = 0;  // where to look first
  bool begun_ = false;
  bool told_all_seen_ = false;
  Message response_;
};

}  // namespace makegood::flow
