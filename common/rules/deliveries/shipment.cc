#include "common/rules/deliveries/shipment.h"

#include <optional>

#include "common/base/status.h"
#include "common/rules/orders/order_scope.h"
#include "common/rules/orders/order_states.h"

namespace makegood::rules {
namespace {

// Handed over, as its order tells it: with a courier, that is the first time one goes out.
void BeginFrom(const Order& order, Delivery& delivery) {
  delivery.set_state(order.courier_id().empty() ? Delivery::STATE_WITH_CARRIER
                                                : Delivery::STATE_WITH_COURIER);
  delivery.set_courier_id(order.courier_id());
  if (order.courier_id().empty()) return;
  deliveries::v1::Attempt& attempt = *delivery.add_attempts();
  attempt.set_number(1);
  attempt.set_courier_id(order.courier_id());
  *attempt.mutable_dispatch_time() = order.handover_time();
  delivery.set_attempt_count(1);
}

}  // namespace

absl::Status CheckReach(const Asked<Shipment>& asked, absl::string_view rule_id) {
  return CheckOrderScope(asked.record.order, asked.actor, rule_id);
}

void CatchUp(const Order& order, Delivery& delivery) {
  if (delivery.state() == Delivery::STATE_UNSPECIFIED) {
    delivery.set_order_id(order.order_id());
    *delivery.mutable_policy() = order.policy();
    delivery.set_merchant_id(order.merchant_id());
    delivery.set_customer_id(order.customer_id());
    delivery.set_state(Delivery::STATE_NOT_DISPATCHED);
  }
  if (delivery.state() == Delivery::STATE_NOT_DISPATCHED && order.has_handover_time()) {
    BeginFrom(order, delivery);
  }
  // A correction says that it was never delivered, and settles that (ORD-05); who is out with it comes back.
  if (!IsFinal(order.state()) || IsOver(delivery)) return;
  const bool stays = order.has_correction() && delivery.state() == Delivery::STATE_NOT_ARRIVED;
  if (IsMissing(delivery) && !stays) return;
  delivery.set_state(Delivery::STATE_CLOSED);
  delivery.clear_wait_until_time();
}

absl::StatusOr<Shipment> LoadShipment(absl::string_view order_id, Transaction& tx) {
  Shipment shipment;
  ASSIGN_OR_RETURN(shipment.order, tx.Get<Order>(order_id));
  ASSIGN_OR_RETURN(std::optional<Delivery> kept, tx.Find<Delivery>(order_id));
  shipment.delivery = std::move(kept).value_or(Delivery());
  CatchUp(shipment.order, shipment.delivery);
  return shipment;
}

absl::StatusOr<Shipment> ReachedShipment(const Action<Shipment>& action, absl::string_view order_id,
                                         Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, LoadShipment(order_id, tx));
  RETURN_IF_ERROR(CheckReached(action, AskedNow(shipment, tx)));
  RETURN_IF_ERROR(tx.CheckVersion(shipment.delivery));
  return shipment;
}

absl::StatusOr<Shipment> BeginShipment(const Action<Shipment>& action, absl::string_view order_id,
                                       Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, ReachedShipment(action, order_id, tx));
  RETURN_IF_ERROR(action.guard(AskedNow(shipment, tx)));
  return shipment;
}

bool IsLate(const Shipment& shipment) {
  return IsFinal(shipment.order.state()) && shipment.order.has_handover_time() &&
         !IsMissing(shipment.delivery);
}

absl::Status KeepDelivery(Delivery& delivery, Transaction& tx) {
  tx.Put(delivery);
  ASSIGN_OR_RETURN(std::optional<CarriedDelivery> known, tx.Find<CarriedDelivery>(delivery.order_id()));
  if (delivery.courier_id().empty() && !known.has_value()) return absl::OkStatus();
  CarriedDelivery carried = std::move(known).value_or(CarriedDelivery());
  carried.set_order_id(delivery.order_id());
  *carried.mutable_delivery() = delivery;
  tx.Put(carried);
  return absl::OkStatus();
}

}  // namespace makegood::rules
