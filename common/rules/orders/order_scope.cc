#include "common/rules/orders/order_scope.h"

#include "common/base/status.h"
#include "common/rules/scope.h"

namespace makegood::rules {

absl::Status CheckOrderScope(const Order& order, const base::v1::Actor& actor, absl::string_view rule_id) {
  switch (actor.role()) {
    case base::v1::ROLE_RECIPIENT:
      if (order.recipient_contact_id() == actor.actor_id()) return absl::OkStatus();
      return Denied(rule_id, "recipients reach what is sent to them only");
    case base::v1::ROLE_COURIER:
      if (!order.courier_id().empty() && order.courier_id() == actor.actor_id()) return absl::OkStatus();
      return Denied(rule_id, "couriers reach what they carry only");
    default:
      return CheckScope(actor, order.merchant_id(), order.customer_id(), rule_id);
  }
}

}  // namespace makegood::rules
