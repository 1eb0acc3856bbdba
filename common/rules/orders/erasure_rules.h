// Erasing a customer in the orders service (SYS-09), order by order: each has a record of how far it is.
// Routing key of the first decision is the customer's id, of all others the order's.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "makegood/orders/v1/erasure_service.pb.h"
#include "makegood/orders/v1/orders.pb.h"

namespace makegood::rules {

using orders::v1::Erasure;

// Lists are in the order in which erasing was first asked for.
template <>
struct RecordTraits<Erasure> {
  static constexpr absl::string_view kKind = "erasure";
  static std::string Id(const Erasure& erasure) { return erasure.order_id(); }
  static RecordColumns Columns(const Erasure& erasure) {
    return {erasure.order_id(), "", erasure.customer_id(), Erasure::State_Name(erasure.state()),
            ToTime(erasure.create_time())};
  }
};

// What there is of a customer.
struct OrderCounts {
  int64_t all = 0;
  int64_t under_way = 0;
};

// Operations ask for a customer to be erased who has so many orders; NOT_FOUND where there is none.
absl::StatusOr<orders::v1::EraseCustomerResponse> EraseCustomer(
    const orders::v1::EraseCustomerRequest& request, const OrderCounts& orders, Transaction& tx);

// The order is to be erased: PENDING, also where it was erased before, for there may be something new.
absl::Status AskErasure(absl::string_view order_id, Transaction& tx);

// It cannot be yet: it is looked at again in a day.
absl::Status PutOffErasure(absl::string_view order_id, Erasure::Obstacle obstacle, Transaction& tx);

// The other services have erased what they hold: the order's contacts are emptied, and it is ERASED.
absl::Status FinishErasure(absl::string_view order_id, Transaction& tx);

}  // namespace makegood::rules
