// TimelineService: what happened to an order in all services, read and streamed (ORD-10).
#pragma once

#include <grpcpp/grpcpp.h>

#include "common/flow/record_stream.h"
#include "common/rpc/rpc.h"
#include "makegood/orders/v1/timeline_service.grpc.pb.h"
#include "services/orders/order_reads.h"

namespace makegood::services {

// Made before the store's first Submit; outlives the server. `environment` outlives it.
class TimelineService final : public orders::v1::TimelineService::CallbackService {
 public:
  explicit TimelineService(const rpc::Environment& environment);

  // Ends all streams: the server drains.
  void EndStreams() { streams_.EndStreams(); }

  grpc::ServerUnaryReactor* ListTimeline(grpc::CallbackServerContext* context,
                                         const orders::v1::ListTimelineRequest* request,
                                         orders::v1::ListTimelineResponse* reply) override;
  grpc::ServerWriteReactor<orders::v1::TimelineEntry>* StreamTimeline(
      grpc::CallbackServerContext* context, const orders::v1::StreamTimelineRequest* request) override;

 private:
  const rpc::Environment& environment_;
  const OrderReads reads_;
  flow::RecordStreams<orders::v1::StreamTimelineRequest, orders::v1::TimelineEntry> streams_;
};

}  // namespace makegood::services
