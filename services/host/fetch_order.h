// What a decision of another service must know of an order first (SYS-13): it is asked of its owner.
#pragma once

#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/rpc/channels.h"
#include "common/rules/scope.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"

namespace makegood::services {

// The same from `owner`, whose silence is told to whoever asked us as its own, and not as ours (SYS-06).
template <typename Fact>
rpc::Fetch<Fact> AnsweredBy(absl::string_view owner, rpc::Fetch<Fact> fetch) {
  return [owner = std::string(owner),
          fetch = std::move(fetch)](absl::AnyInvocable<void(absl::StatusOr<Fact>)> done) {
    fetch([owner, done = std::move(done)](absl::StatusOr<Fact> fact) mutable {
      if (fact.ok()) return done(std::move(fact));
      done(AnswerFor(fact.status(), owner));
    });
  };
}

// For rpc::CommandAfter. `asker` is the service that asks; `orders` outlives the call.
inline rpc::Fetch<orders::v1::Order> FetchOrder(orders::v1::OrdersService::StubInterface& orders,
                                                absl::string_view asker, const std::string& order_id) {
  using Async = orders::v1::OrdersService::StubInterface::async_interface;
  orders::v1::GetOrderRequest request;
  request.set_order_id(order_id);
  return AnsweredBy("orders", rpc::FetchUnary<Async, orders::v1::GetOrderRequest, orders::v1::Order>(
                                  *orders.async(), &Async::GetOrder, std::move(request),
                                  rules::ServiceActor(asker), absl::Seconds(5)));
}

}  // namespace makegood::services
