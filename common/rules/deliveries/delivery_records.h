// How the orders service keeps deliveries.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "makegood/deliveries/v1/deliveries.pb.h"
#include "makegood/deliveries/v1/records.pb.h"

namespace makegood::rules {

using deliveries::v1::CarriedDelivery;
using deliveries::v1::Delivery;

// Nothing more comes of it by itself.
inline bool IsOver(const Delivery& delivery) {
  return delivery.state() == Delivery::STATE_HANDED_OVER || delivery.state() == Delivery::STATE_CLOSED;
}

// Reported as not arrived, and nobody has said since that it has: whatever the order says (ORD-07).
inline bool IsMissing(const Delivery& delivery) {
  return delivery.has_not_arrived_time() && !delivery.has_arrived_time() && !IsOver(delivery);
}

// WRK-01: so many hours are left for what is to be done now, of the parcel, its interception or its
// clearance; none where the policy says nothing of it.
template <typename Waiting>
void SetDue(int hours, absl::Time now, Waiting& waiting) {
  waiting.clear_due_time();
  if (hours > 0) *waiting.mutable_due_time() = ToTimestamp(now + absl::Hours(hours));
}

// Lists are in the order in which something was told of them first. An order has one, so that it has its id.
template <>
struct RecordTraits<Delivery> {
  static constexpr absl::string_view kKind = "delivery";
  static std::string Id(const Delivery& delivery) { return delivery.order_id(); }
  static std::vector<base::v1::WorkItem> Waiting(const Delivery& delivery);
  static RecordColumns Columns(const Delivery& delivery) {
    RecordColumns columns{delivery.order_id(), delivery.merchant_id(), delivery.customer_id(),
                          Delivery::State_Name(delivery.state()), ToTime(delivery.create_time())};
    if (!IsOver(delivery)) {
      columns.open_at = delivery.policy().marketplace();
      if (delivery.has_wait_until_time()) columns.due = ToTime(delivery.wait_until_time());
    }
    return columns;
  }
};

// Listed by the courier who has it, and by nobody's id once nobody has.
template <>
struct RecordTraits<CarriedDelivery> {
  static constexpr absl::string_view kKind = "carried_delivery";
  static std::string Id(const CarriedDelivery& carried) { return carried.order_id(); }
  static RecordColumns Columns(const CarriedDelivery& carried) {
    const std::string courier = IsOver(carried.delivery()) ? "" : carried.delivery().courier_id();
    RecordColumns columns{"", "", "", courier, ToTime(carried.create_time())};
    if (!courier.empty()) {
      columns.open_at = carried.delivery().policy().marketplace();
      if (carried.delivery().has_wait_until_time()) {
        columns.due = ToTime(carried.delivery().wait_until_time());
      }
    }
    return columns;
  }
};

}  // namespace makegood::rules
