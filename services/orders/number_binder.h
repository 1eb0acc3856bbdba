// What must be known before a return number is bound to an order (RFD-05): whether the order that has it
// needs it.
#pragma once

#include <string>

#include "common/rpc/rpc.h"
#include "common/rules/orders/return_number_rules.h"
#include "makegood/claims/v1/claims_service.grpc.pb.h"
#include "makegood/orders/v1/return_numbers_service.pb.h"

namespace makegood::services {

// `environment` and `claims` outlive it, and it the calls.
class NumberBinder {
 public:
  NumberBinder(const rpc::Environment& environment, claims::v1::ClaimsService::StubInterface& claims)
      : environment_(environment), claims_(claims) {}

  // Where the number is free, or the asking order's, or may not be bound anew, nothing is asked. Else whether
  // a correction, which is our own, a claim or a withdrawal of its order has a paper under it.
  rpc::Fetch<rules::NumberInUse> FetchUse(const orders::v1::BindReturnNumberRequest& binding) const;

  // The number, bound by it.
  rpc::Fetch<orders::v1::ReturnNumber> FetchBound(const orders::v1::BindReturnNumberRequest& binding) const;

 private:
  // Of the claims service, a paper of `order_id` under `number`.
  rpc::Fetch<bool> FetchPaper(const std::string& order_id, const std::string& number) const;

  const rpc::Environment& environment_;
  claims::v1::ClaimsService::StubInterface& claims_;
};

}  // namespace makegood::services
