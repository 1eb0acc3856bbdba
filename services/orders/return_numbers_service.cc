#include "services/orders/return_numbers_service.h"

#include "common/rules/orders/return_number_rules.h"

namespace makegood::services {

grpc::ServerUnaryReactor* ReturnNumbersService::BindReturnNumber(
    grpc::CallbackServerContext* context, const orders::v1::BindReturnNumberRequest* request,
    orders::v1::ReturnNumber* reply) {
  return rpc::CommandAfter<rules::NumberInUse>(environment_, context, request, reply,
                                               rules::ReturnNumberKey(*request), binder_.FetchUse(*request),
                                               rules::BindReturnNumber);
}

}  // namespace makegood::services
