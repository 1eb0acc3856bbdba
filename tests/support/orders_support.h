// Requests and shortcuts for tests that need orders.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/times.h"
#include "makegood/orders/v1/orders_service.pb.h"

namespace makegood::testing {

// A new order of customer c-1001 from merchant m-1: one line of €36.30 with 21 % VAT (RFD-05's own
// example), no delivery fee, prepaid, under `mall`.
inline orders::v1::NewOrder SomeOrder(absl::string_view order_id = "o-1") {
  orders::v1::NewOrder order;
  order.set_order_id(std::string(order_id));
  order.set_marketplace("mall");
  order.set_merchant_id("m-1");
  order.set_customer_id("c-1001");
  order.set_payment_method(base::v1::PAYMENT_METHOD_PREPAID);
  order.set_currency("EUR");
  orders::v1::NewOrderLine& line = *order.add_lines();
  line.set_line_id("1");
  line.set_sku("sku-1");
  line.set_quantity(1);
  line.mutable_unit_price()->set_amount_minor(3630);
  line.mutable_unit_price()->set_currency("EUR");
  line.set_vat_basis_points(2100);
  return order;
}

inline orders::v1::CreateOrderRequest CreateRequest(const orders::v1::NewOrder& order) {
  orders::v1::CreateOrderRequest request;
  request.mutable_command()->set_request_id(absl::StrCat("create-", order.order_id()));
  *request.mutable_order() = order;
  return request;
}

// Any request about one order by its id.
template <typename Request>
Request About(absl::string_view order_id) {
  Request request;
  request.set_order_id(std::string(order_id));
  return request;
}

inline orders::v1::RecordDeliveryRequest DeliveredAt(absl::Time time, absl::string_view order_id = "o-1") {
  auto request = About<orders::v1::RecordDeliveryRequest>(order_id);
  *request.mutable_delivered_time() = rules::ToTimestamp(time);
  return request;
}

inline orders::v1::CancelOrderRequest CancelFor(base::v1::Initiator initiator, base::v1::CancelReason reason,
                                                absl::string_view order_id = "o-1") {
  auto request = About<orders::v1::CancelOrderRequest>(order_id);
  request.mutable_cancellation()->set_initiator(initiator);
  request.mutable_cancellation()->set_reason(reason);
  return request;
}

inline orders::v1::PlaceHoldRequest HoldFor(base::v1::HoldName hold, absl::string_view reference_id = "",
                                            absl::string_view order_id = "o-1") {
  auto request = About<orders::v1::PlaceHoldRequest>(order_id);
  request.set_hold(hold);
  request.set_reference_id(std::string(reference_id));
  return request;
}

}  // namespace makegood::testing
