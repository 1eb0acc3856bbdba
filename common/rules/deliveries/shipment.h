// An order on its way: what its guards look at, and what a command about it begins and ends with (DLV).
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/actions.h"
#include "common/rules/deliveries/delivery_records.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/transaction.h"

namespace makegood::rules {

// Both are decided in one part and kept by one commit; the order's states are its own (ORD-11).
struct Shipment {
  Order order;
  Delivery delivery;

  // What guards and actions ask of a record.
  const base::v1::PolicyRef& policy() const { return order.policy(); }
  void clear_available_actions() { delivery.clear_available_actions(); }
  base::v1::AvailableAction* add_available_actions() { return delivery.add_available_actions(); }
};

absl::Status CheckReach(const Asked<Shipment>& asked, absl::string_view rule_id);

// The delivery as its order tells it, where nothing else was told of it yet, or the order has gone on without
// it: handed over to a carrier, reported delivered, returned or called off.
void CatchUp(const Order& order, Delivery& delivery);

// The order, with its delivery as it stands. NOT_FOUND without such an order.
absl::StatusOr<Shipment> LoadShipment(absl::string_view order_id, Transaction& tx);

// The same for a command, if it is the caller's and at the version they know (SYS-04); its guard is still to
// be asked.
absl::StatusOr<Shipment> ReachedShipment(const Action<Shipment>& action, absl::string_view order_id,
                                         Transaction& tx);

// The same, if its guard lets the step be taken, too.
absl::StatusOr<Shipment> BeginShipment(const Action<Shipment>& action, absl::string_view order_id,
                                       Transaction& tx);

// Whether its order is over, so that what is told of it changes nothing any more (ORD-11); not while the
// goods are missing all the same (ORD-07).
bool IsLate(const Shipment& shipment);

// Puts the delivery, and the courier's copy of it. The order is the caller's to put, where it has changed.
absl::Status KeepDelivery(Delivery& delivery, Transaction& tx);

}  // namespace makegood::rules
