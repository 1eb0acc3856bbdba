// What one Subscribe call streams. For common/flow alone.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/flow/event_source.h"
#include "common/flow/live_stream.h"
#include "makegood/events/v1/event_service.pb.h"

namespace makegood::flow {

// Which events a stream is of: those that match everything given.
struct EventFilter {
  std::set<int> kinds;  // numbers of members of Event.payload; none: any
  std::string order_id;
  std::string merchant_id;

  bool passes_all() const { return kinds.empty() && order_id.empty() && merchant_id.empty(); }
  bool Takes(const events::v1::Event& event) const;
};

// The filter that a request asks for. INVALID_ARGUMENT for a kind that there is not.
absl::StatusOr<EventFilter> FilterOf(const events::v1::SubscribeRequest& request);

// Pages of events, part after part, and a sign of life when all are sent. Begins by learning the heads, which
// may block for an I/O, and refuses positions beyond them. A source of LiveStream.
class EventPages {
 public:
  using Item =
      store::StoredEvent;  // without a number: the sign of life; without data: how far was passed over
  using Message = events::v1::SubscribeResponse;
  using Stream = LiveStream<EventPages>;

  // `after` has one number per part.
  EventPages(std::shared_ptr<EventSource> source, std::vector<uint64_t> after, EventFilter filter)
      : source_(std::move(source)), filter_(std::move(filter)), after_(std::move(after)), told_(after_) {}

  void Look(const std::shared_ptr<Stream>& stream);
  absl::StatusOr<const Message*> MessageOf(const Item& event);
  void Forget(const std::shared_ptr<Waiter>& stream) { source_->Forget(stream); }

 private:
  absl::Status Begin();
  void ReadPage(uint32_t part, const std::shared_ptr<Stream>& stream);
  // What of a page of one part is to be sent.
  absl::StatusOr<std::vector<Item>> Sift(std::vector<Item> page);
  // How far each part has been passed over that was not told of since, and the sign of life.
  std::vector<Item> AllSeen() const;

  std::shared_ptr<EventSource> source_;
  EventFilter filter_;
  std::vector<uint64_t> after_;  // by part: sent, or passed over
  std::vector<uint64_t> told_;   // by part: what the caller knows of that
  uint64_t pending_ = 0;         // events not sent, those at hand included
  uint32_t next_part_ = 0;       // where to look first
  bool begun_ = false;
  bool told_all_seen_ = false;
  Message response_;
};

}  // namespace makegood::flow
