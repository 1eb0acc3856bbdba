// Streams of timelines (ORD-10): what there is, then what comes, as it is committed.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/rpc.h"
#include "common/store/store.h"
#include "makegood/orders/v1/orders_service.pb.h"
#include "services/orders/order_reads.h"

namespace makegood::services {

class TimelineStream;

// The open streams of one service, woken when a timeline they follow has grown. Thread-safe. Made
// before the store's first Submit; `edge` and `reads` outlive it; it outlives the server.
class TimelineStreams {
 public:
  TimelineStreams(const rpc::Edge& edge, const OrderReads& reads, size_t limit);
  ~TimelineStreams();
  TimelineStreams(const TimelineStreams&) = delete;
  TimelineStreams& operator=(const TimelineStreams&) = delete;

  // Begins a stream, or refuses it: RESOURCE_EXHAUSTED beyond the limit.
  grpc::ServerWriteReactor<orders::v1::TimelineEntry>* Open(grpc::CallbackServerContext* context,
                                                            const orders::v1::StreamTimelineRequest* request);

  // Ends all streams with UNAVAILABLE and admits no more: the server drains.
  void EndAll();

 private:
  friend class TimelineStream;

  // Shared with the store's listener, which nobody can take back and which may hear of a last batch
  // after the streams are gone.
  struct State {
    // True when there is something to do for the waking thread.
    bool HasNews() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return stopping || !grown.empty(); }

    absl::Mutex mutex;
    bool ended ABSL_GUARDED_BY(mutex) = false;     // no more streams
    bool stopping ABSL_GUARDED_BY(mutex) = false;  // the waking thread is to end
    size_t open ABSL_GUARDED_BY(mutex) = 0;
    std::map<std::string, std::set<std::shared_ptr<TimelineStream>>> streams ABSL_GUARDED_BY(mutex);
    // Orders with streams whose timelines have grown. Never more than there are streams.
    std::set<std::string> grown ABSL_GUARDED_BY(mutex);
  };

  absl::Status Add(const std::string& order_id, const std::shared_ptr<TimelineStream>& stream);
  void Remove(const std::string& order_id, const std::shared_ptr<TimelineStream>& stream);
  // On the writer's thread: notes whom to wake.
  static void OnCommit(const store::Committed& committed, State& state);
  void WakeLoop();

  const rpc::Edge& edge_;
  const OrderReads& reads_;
  const size_t limit_;
  const std::shared_ptr<State> state_ = std::make_shared<State>();
  std::thread waker_;
};

}  // namespace makegood::services
