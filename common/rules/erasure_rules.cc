#include "common/rules/erasure_rules.h"

#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/erasure_tasks.h"
#include "common/rules/order_records.h"
#include "common/rules/order_steps.h"

namespace makegood::rules {
namespace {

constexpr absl::Duration kLookAgain = absl::Hours(24);

void ScheduleErasing(absl::string_view order_id, absl::Time due, Unit& unit) {
  unit.Schedule({absl::StrCat(kEraseOrder, ":", order_id), kEraseOrder, due, std::string(order_id)});
}

absl::Status EmptyContact(const std::string& contact_id, Unit& unit) {
  ASSIGN_OR_RETURN(Contact contact, unit.Get<Contact>(contact_id));
  if (contact.has_erase_time()) return absl::OkStatus();
  contact.clear_details();
  *contact.mutable_erase_time() = ToTimestamp(unit.now());
  unit.Put(contact);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<orders::v1::EraseCustomerResponse> EraseCustomer(
    const orders::v1::EraseCustomerRequest& request, const OrderCounts& orders, Unit& unit) {
  if (orders.all == 0) return NotFound("customer", request.customer_id());
  unit.Schedule({absl::StrCat(kEraseCustomer, ":", request.customer_id()), kEraseCustomer, unit.now(),
                 request.customer_id()});
  orders::v1::EraseCustomerResponse response;
  response.set_customer_id(request.customer_id());
  *response.mutable_accept_time() = ToTimestamp(unit.now());
  response.set_order_count(orders.all);
  response.set_under_way_count(orders.under_way);
  return response;
}

absl::Status AskErasure(absl::string_view order_id, Unit& unit) {
  ASSIGN_OR_RETURN(const Order order, unit.Get<Order>(order_id));
  ASSIGN_OR_RETURN(const std::optional<Erasure> before, unit.Find<Erasure>(order_id));
  Erasure erasure = before.value_or(Erasure());
  erasure.set_order_id(order.order_id());
  erasure.set_customer_id(order.customer_id());
  erasure.set_state(Erasure::STATE_PENDING);
  erasure.clear_obstacle();
  erasure.clear_erase_time();
  unit.Put(erasure);
  ScheduleErasing(order_id, unit.now(), unit);
  return absl::OkStatus();
}

absl::Status PutOffErasure(absl::string_view order_id, Erasure::Obstacle obstacle, Unit& unit) {
  ASSIGN_OR_RETURN(Erasure erasure, unit.Get<Erasure>(order_id));
  ScheduleErasing(order_id, unit.now() + kLookAgain, unit);
  if (erasure.obstacle() == obstacle) return absl::OkStatus();
  erasure.set_obstacle(obstacle);
  unit.Put(erasure);
  return absl::OkStatus();
}

absl::Status FinishErasure(absl::string_view order_id, Unit& unit) {
  ASSIGN_OR_RETURN(const Order order, unit.Get<Order>(order_id));
  ASSIGN_OR_RETURN(Erasure erasure, unit.Get<Erasure>(order_id));
  const std::set<std::string> contacts = {order.customer_contact_id(), order.recipient_contact_id()};
  for (const std::string& contact_id : contacts) {
    if (!contact_id.empty()) RETURN_IF_ERROR(EmptyContact(contact_id, unit));
  }
  erasure.set_state(Erasure::STATE_ERASED);
  erasure.clear_obstacle();
  *erasure.mutable_erase_time() = ToTimestamp(unit.now());
  unit.Put(erasure);
  events::v1::Event event = OrderEvent(order, {unit.now()});
  event.mutable_personal_data_erased();
  unit.Emit(std::move(event));
  ScheduleScrub(unit);
  return absl::OkStatus();
}

}  // namespace makegood::rules
