#include "services/orders/addresses_service.h"

#include "common/rules/orders/address_rules.h"

namespace makegood::services {

grpc::ServerUnaryReactor* AddressesService::ChangeAddress(grpc::CallbackServerContext* context,
                                                          const orders::v1::ChangeAddressRequest* request,
                                                          orders::v1::Order* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::ChangeAddress);
}

}  // namespace makegood::services
