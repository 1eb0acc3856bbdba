// ReturnNumbersService: which order a return number belongs to (RFD-05).
#pragma once

#include <grpcpp/grpcpp.h>

#include "common/rpc/rpc.h"
#include "makegood/orders/v1/return_numbers_service.grpc.pb.h"
#include "services/orders/number_binder.h"

namespace makegood::services {

// `environment` and `binder` outlive it; it outlives the server.
class ReturnNumbersService : public orders::v1::ReturnNumbersService::CallbackService {
 public:
  ReturnNumbersService(const rpc::Environment& environment, const NumberBinder& binder)
      : environment_(environment), binder_(binder) {}

  grpc::ServerUnaryReactor* BindReturnNumber(grpc::CallbackServerContext* context,
                                             const orders::v1::BindReturnNumberRequest* request,
                                             orders::v1::ReturnNumber* reply) override;

 private:
  const rpc::Environment& environment_;
  const NumberBinder& binder_;
};

}  // namespace makegood::services
