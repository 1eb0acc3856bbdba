// Taking orders in: new ones (ORD-01) and past ones with their history (ORD-13).
#pragma once

#include "absl/status/statusor.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/transaction.h"
#include "makegood/orders/v1/orders_service.pb.h"

namespace makegood::rules {

// ORD-01. The order and the contacts of its people, in one commit. ALREADY_EXISTS if the order id is
// taken; INVALID_ARGUMENT for what the marketplace's policy does not know.
absl::StatusOr<Order> CreateOrder(const orders::v1::CreateOrderRequest& request, Transaction& tx);

// ORD-13. The same for a past order: each step judged at its own time, in order. Refused as a whole
// by the rule of the first step that contradicts the rules. Events carry the source's times and say
// that they are imported; nothing is scheduled.
absl::StatusOr<Order> ImportOrder(const orders::v1::ImportOrderRequest& request, Transaction& tx);

}  // namespace makegood::rules
