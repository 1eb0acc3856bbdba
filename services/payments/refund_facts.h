// What must be known before money is given back: the order, and the claim or withdrawal it is for (SYS-13,
// RFD-09).
#pragma once

#include "common/rpc/rpc.h"
#include "common/rules/payments/refund_rules.h"
#include "makegood/claims/v1/claims_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "makegood/payments/v1/payments_service.pb.h"

namespace makegood::services {

// Both stubs outlive the call. An unknown case is refused under RFD-09.
rpc::Fetch<rules::RefundFacts> FetchRefundFacts(orders::v1::OrdersService::StubInterface& orders,
                                                claims::v1::ClaimsService::StubInterface& claims,
                                                const payments::v1::GrantRefundRequest& request);

}  // namespace makegood::services
