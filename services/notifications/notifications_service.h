// NotificationsService: the wire, and nothing else. See its contract.
#pragma once

#include <memory>

#include "common/flow/record_stream.h"
#include "common/rpc/rpc.h"
#include "makegood/notifications/v1/notifications_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"

namespace makegood::notifications {

// Make it before the store's first Submit; it outlives the server, what it is made with outlives it.
class NotificationsService final : public v1::NotificationsService::CallbackService {
 public:
  NotificationsService(const rpc::Environment& environment, orders::v1::OrdersService::StubInterface& orders);

  // Ends StreamMessages calls: the server drains.
  void EndStreams() { threads_.EndStreams(); }

  grpc::ServerUnaryReactor* PostMessage(grpc::CallbackServerContext* context,
                                        const v1::PostMessageRequest* request,
                                        v1::ChatMessage* reply) override;
  grpc::ServerUnaryReactor* ListMessages(grpc::CallbackServerContext* context,
                                         const v1::ListMessagesRequest* request,
                                         v1::ListMessagesResponse* reply) override;
  grpc::ServerWriteReactor<v1::ChatMessage>* StreamMessages(
      grpc::CallbackServerContext* context, const v1::StreamMessagesRequest* request) override;
  grpc::ServerUnaryReactor* GetNotice(grpc::CallbackServerContext* context,
                                      const v1::GetNoticeRequest* request, v1::Notice* reply) override;
  grpc::ServerUnaryReactor* ListNotices(grpc::CallbackServerContext* context,
                                        const v1::ListNoticesRequest* request,
                                        v1::ListNoticesResponse* reply) override;
  grpc::ServerUnaryReactor* RetryNotice(grpc::CallbackServerContext* context,
                                        const v1::RetryNoticeRequest* request, v1::Notice* reply) override;
  grpc::ServerUnaryReactor* EraseThread(grpc::CallbackServerContext* context,
                                        const v1::EraseThreadRequest* request,
                                        v1::EraseThreadResponse* reply) override;

 private:
  const rpc::Environment environment_;
  orders::v1::OrdersService::StubInterface& orders_;
  flow::RecordStreams<v1::StreamMessagesRequest, v1::ChatMessage> threads_;
};

}  // namespace makegood::notifications
