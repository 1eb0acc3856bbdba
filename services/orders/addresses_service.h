// AddressesService: where orders go. The wire, and nothing else.
#pragma once

#include <grpcpp/grpcpp.h>

#include "common/rpc/rpc.h"
#include "makegood/orders/v1/addresses_service.grpc.pb.h"

namespace makegood::services {

// `environment` outlives it; it outlives the server.
class AddressesService final : public orders::v1::AddressesService::CallbackService {
 public:
  explicit AddressesService(const rpc::Environment& environment) : environment_(environment) {}

  grpc::ServerUnaryReactor* ChangeAddress(grpc::CallbackServerContext* context,
                                          const orders::v1::ChangeAddressRequest* request,
                                          orders::v1::Order* reply) override;

 private:
  const rpc::Environment& environment_;
};

}  // namespace makegood::services
