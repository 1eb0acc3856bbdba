// ReturnNumbersService: which order a return number belongs to (RFD-05).
#pragma once

#include <grpcpp/grpcpp.h>

#include "common/rpc/rpc.h"
#include "makegood/orders/v1/return_numbers_service.grpc.pb.h"

namespace makegood::services {

// `environment` outlives it; it outlives the server.
class ReturnNumbersService : public orders::v1::ReturnNumbersService::CallbackService {
 public:
  explicit ReturnNumbersService(const rpc::Environment& environment) : environment_(environment) {}

  grpc::ServerUnaryReactor* BindReturnNumber(grpc::CallbackServerContext* context,
                                             const orders::v1::BindReturnNumberRequest* request,
                                             orders::v1::ReturnNumber* reply) override;

 private:
  const rpc::Environment& environment_;
};

}  // namespace makegood::services
