#include "common/rules/orders/erasure_rules.h"

#include <optional>
#include <set>

#include "common/base/status.h"
#include "common/rules/erasure_tasks.h"
#include "common/rules/orders/contact_steps.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/orders/order_steps.h"
#include "common/rules/timers.h"

namespace makegood::rules {
namespace {

constexpr absl::Duration kLookAgain = absl::Hours(24);

}  // namespace

absl::StatusOr<orders::v1::EraseCustomerResponse> EraseCustomer(
    const orders::v1::EraseCustomerRequest& request, const OrderCounts& orders, Transaction& tx) {
  if (orders.all == 0) return NotFound("customer", request.customer_id());
  SetTimer(kEraseCustomer, request.customer_id(), tx.now(), tx);
  orders::v1::EraseCustomerResponse response;
  response.set_customer_id(request.customer_id());
  *response.mutable_accept_time() = ToTimestamp(tx.now());
  response.set_order_count(orders.all);
  response.set_under_way_count(orders.under_way);
  return response;
}

absl::Status AskErasure(absl::string_view order_id, Transaction& tx) {
  ASSIGN_OR_RETURN(const Order order, tx.Get<Order>(order_id));
  ASSIGN_OR_RETURN(const std::optional<Erasure> before, tx.Find<Erasure>(order_id));
  Erasure erasure = before.value_or(Erasure());
  erasure.set_order_id(order.order_id());
  erasure.set_customer_id(order.customer_id());
  erasure.set_state(Erasure::STATE_PENDING);
  erasure.clear_obstacle();
  erasure.clear_erase_time();
  tx.Put(erasure);
  SetTimer(kEraseOrder, order_id, tx.now(), tx);
  return absl::OkStatus();
}

absl::Status PutOffErasure(absl::string_view order_id, Erasure::Obstacle obstacle, Transaction& tx) {
  ASSIGN_OR_RETURN(Erasure erasure, tx.Get<Erasure>(order_id));
  SetTimer(kEraseOrder, order_id, tx.now() + kLookAgain, tx);
  if (erasure.obstacle() == obstacle) return absl::OkStatus();
  erasure.set_obstacle(obstacle);
  tx.Put(erasure);
  return absl::OkStatus();
}

absl::Status FinishErasure(absl::string_view order_id, Transaction& tx) {
  ASSIGN_OR_RETURN(const Order order, tx.Get<Order>(order_id));
  ASSIGN_OR_RETURN(Erasure erasure, tx.Get<Erasure>(order_id));
  const std::set<std::string> contacts = {order.customer_contact_id(), order.recipient_contact_id(),
                                          order.address_change().contact_id()};
  for (const std::string& contact_id : contacts) {
    if (!contact_id.empty()) RETURN_IF_ERROR(EmptyContact(contact_id, tx));
  }
  erasure.set_state(Erasure::STATE_ERASED);
  erasure.clear_obstacle();
  *erasure.mutable_erase_time() = ToTimestamp(tx.now());
  tx.Put(erasure);
  events::v1::Event event = OrderEvent(order, {tx.now()});
  event.mutable_personal_data_erased();
  tx.Emit(std::move(event));
  ScheduleScrub(tx);
  return absl::OkStatus();
}

}  // namespace makegood::rules
