// Where an order goes (DLV-01, DLV-02, DLV-09). What is known of it stands on the order: its zone, whether it
// can be delivered to, and what delivery there costs in all. Street and city are the recipient's contact's
// alone (SYS-09).
//
// An address that costs more waits: payments, which follow the order's events, propose a surcharge whose
// cause is the change, and what becomes of that ends the change (PAY-01, PAY-02). Meanwhile a hold of the
// order's own keeps it here, from the commit of the change on.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/orders/order_steps.h"
#include "common/rules/transaction.h"
#include "makegood/events/v1/events.pb.h"
#include "makegood/orders/v1/addresses_service.pb.h"
#include "makegood/orders/v1/orders_service.pb.h"

namespace makegood::rules {

// DLV-02, a timer: the recipient had until now. Its payload is the order's id.
inline constexpr char kAddressDue[] = "address-due";

// The address that an order comes in with.
orders::v1::DeliveryAddress NewAddress(const orders::v1::NewOrder& request, const base::v1::Money& fee);

// An order's address; of one that an earlier version took in what that comes to.
orders::v1::DeliveryAddress AddressOf(const Order& order);

// DLV-02, DLV-09: an order whose address cannot be delivered to yet is held, and whoever knows more is asked.
// Of imported history nobody is asked, and what had left by then could be delivered to (ORD-13). The caller
// puts the order.
absl::Status AskForAddress(Order& order, const StepTime& moment, Transaction& tx);

// The goods go where `request` says, or will once that is paid for: then the order has a waiting change. The
// caller has asked whether the address may be changed now, and puts the order.
absl::Status SendElsewhere(const orders::v1::ChangeAddressRequest& request, Order& order, Transaction& tx);

// DLV-01, DLV-02, DLV-09.
absl::StatusOr<Order> ChangeAddress(const orders::v1::ChangeAddressRequest& request, Transaction& tx);

// DLV-02: nobody has said where: it is the store's turn. The timer kAddressDue.
absl::Status EndAddressWait(absl::string_view order_id, Transaction& tx);

// PAY-02: a surcharge has moved. One for a farther address that is paid is part of what was charged for
// delivery (DLV-01); one that a waiting change of the address is the cause of puts it into effect then, and
// leaves the old address where it ends in any other way.
absl::Status FollowSurcharge(const events::v1::Event& surcharge_moved, Transaction& tx);

}  // namespace makegood::rules
