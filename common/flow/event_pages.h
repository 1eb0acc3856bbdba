// One Subscribe call. For common/flow alone.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/flow/event_source.h"
#include "common/rpc/rpc.h"
#include "makegood/events/v1/event_service.grpc.pb.h"

namespace makegood::flow {

// Sends pages of events, part after part, as long as the caller listens. One chain of steps at a
// time: it is either under way (a write or a read is outstanding), or waiting at the source, or
// over. Owns itself until the call is done; others hold it by weak or shared pointer.
class EventStream final : public grpc::ServerWriteReactor<events::v1::SubscribeResponse>,
                          public Waiter,
                          public std::enable_shared_from_this<EventStream> {
 public:
  using Over = std::function<void(const std::shared_ptr<EventStream>&)>;

  // Begins with Begin. `after` has one number per part. `over` is called when the call is done, and
  // `place` given back.
  static std::shared_ptr<EventStream> Make(rpc::Call call, std::shared_ptr<EventSource> source,
                                           std::vector<uint64_t> after, Places::Place place, Over over);

  // A call that ends before it begins.
  static EventStream* Refuse(rpc::Call call, const absl::Status& status);

  // Learns the heads, which may have to be read, and refuses positions beyond them; then begins.
  void Begin();

  // Goes on after waiting.
  void Continue() { Step(); }

  // Ends the call as soon as the step under way allows.
  void End(const absl::Status& status);

 private:
  EventStream(rpc::Call call, std::shared_ptr<EventSource> source, std::vector<uint64_t> after,
              Places::Place place, Over over)
      : call_(call),
        source_(std::move(source)),
        place_(std::move(place)),
        after_(std::move(after)),
        over_(std::move(over)) {}

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  // The step after the last: finish, send what is at hand, or look for more.
  void Step();
  bool FinishedAtTheEnd();
  bool Ending();
  void LookForMore();
  void ReadPage(uint32_t part);
  void Send(size_t index);
  void SendSignOfLife();

  const rpc::Call call_;
  const std::shared_ptr<EventSource> source_;
  const Places::Place place_;
  // Of the chain of steps alone.
  std::vector<uint64_t> after_;
  std::vector<store::StoredEvent> page_;
  size_t next_ = 0;         // in page_
  uint64_t pending_ = 0;    // events not sent, page_ included
  uint32_t next_part_ = 0;  // where to look first
  bool told_all_seen_ = false;
  bool written_ = false;
  events::v1::SubscribeResponse response_;
  const Over over_;
  std::shared_ptr<EventStream> self_;

  absl::Mutex mutex_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status end_status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace makegood::flow
