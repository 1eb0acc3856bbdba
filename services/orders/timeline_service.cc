#include "services/orders/timeline_service.h"

#include <string>

#include "common/rules/orders/order_records.h"
#include "common/rules/orders/timeline_rules.h"

namespace makegood::services {

using base::v1::Actor;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using orders::v1::StreamTimelineRequest;

namespace {

constexpr int kTimelinePiece = 100;

}  // namespace

TimelineService::TimelineService(const rpc::Environment& environment)
    : environment_(environment),
      reads_(environment),
      streams_(environment, std::string(rules::RecordTraits<orders::v1::TimelineHead>::kKind),
               [this](const StreamTimelineRequest& request, const Actor& actor, store::Reader& reader,
                      int64_t after) {
                 return reads_.ReadTimeline(request.order_id(), after, kTimelinePiece, flow::kPieceBytes,
                                            actor, reader);
               }) {}

ServerUnaryReactor* TimelineService::ListTimeline(CallbackServerContext* context,
                                                  const orders::v1::ListTimelineRequest* request,
                                                  orders::v1::ListTimelineResponse* reply) {
  return rpc::Read(environment_, context, request, reply,
                   [this](const auto& wanted, const Actor& actor, store::Reader& reader) {
                     return reads_.ListTimeline(wanted, actor, reader);
                   });
}

grpc::ServerWriteReactor<orders::v1::TimelineEntry>* TimelineService::StreamTimeline(
    CallbackServerContext* context, const StreamTimelineRequest* request) {
  return streams_.Open(*context, *request, request->order_id(),
                       rules::IndexOf(request->order_id(), request->resume_token()));
}

}  // namespace makegood::services
