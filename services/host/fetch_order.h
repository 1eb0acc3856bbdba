// What a decision of another service must know of an order first (SYS-13): it is asked of its owner.
#pragma once

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/rpc/channels.h"
#include "common/rules/scope.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"

namespace makegood::services {

// For rpc::CommandAfter. `asker` is the service that asks; `orders` outlives the call.
inline rpc::Fetch<orders::v1::Order> FetchOrder(orders::v1::OrdersService::StubInterface& orders,
                                                absl::string_view asker, const std::string& order_id) {
  using Async = orders::v1::OrdersService::StubInterface::async_interface;
  orders::v1::GetOrderRequest request;
  request.set_order_id(order_id);
  rpc::Fetch<orders::v1::Order> fetch =
      rpc::FetchUnary<Async, orders::v1::GetOrderRequest, orders::v1::Order>(
          *orders.async(), &Async::GetOrder, std::move(request), rules::ServiceActor(asker),
          absl::Seconds(5));
  return [fetch = std::move(fetch)](absl::AnyInvocable<void(absl::StatusOr<orders::v1::Order>)> done) {
    fetch([done = std::move(done)](absl::StatusOr<orders::v1::Order> order) mutable {
      if (order.ok()) return done(std::move(order));
      done(AnswerFor(order.status(), "orders"));
    });
  };
}

}  // namespace makegood::services
