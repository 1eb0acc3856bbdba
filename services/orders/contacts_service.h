// ContactsService: the details of orders' people (SYS-09).
#pragma once

#include <grpcpp/grpcpp.h>

#include "common/rpc/rpc.h"
#include "makegood/orders/v1/contacts_service.grpc.pb.h"
#include "services/orders/order_reads.h"

namespace makegood::services {

// `environment` outlives it; it outlives the server.
class ContactsService final : public orders::v1::ContactsService::CallbackService {
 public:
  explicit ContactsService(const rpc::Environment& environment)
      : environment_(environment), reads_(environment) {}

  grpc::ServerUnaryReactor* GetContact(grpc::CallbackServerContext* context,
                                       const orders::v1::GetContactRequest* request,
                                       orders::v1::Contact* reply) override;
  grpc::ServerUnaryReactor* UpdateContact(grpc::CallbackServerContext* context,
                                          const orders::v1::UpdateContactRequest* request,
                                          orders::v1::UpdateContactResponse* reply) override;

 private:
  const rpc::Environment& environment_;
  const OrderReads reads_;
};

}  // namespace makegood::services
