// What an imported past says of its money (ORD-13): what came in, and what went back at the source.
#pragma once

#include "absl/status/status.h"
#include "common/rules/orders/order_records.h"
#include "makegood/events/v1/order_events.pb.h"
#include "makegood/orders/v1/orders_service.pb.h"

namespace makegood::rules {

// INVALID_ARGUMENT, naming every field that says more than was ordered or paid. `order` as it was placed.
absl::Status CheckPastMoney(const orders::v1::ImportOrderRequest& request, const Order& order);

// The same to whom it concerns, as facts of the order's beginning.
void TellPastMoney(const orders::v1::ImportOrderRequest& request, const Order& order,
                   events::v1::OrderCreated& fact);

// What went back is no unit of the order any more; of one that never left it was taken off (RFD-01). `order`
// has come as far as its past.
void KeepGivenBack(const orders::v1::GivenBack& given_back, Order& order);

}  // namespace makegood::rules
