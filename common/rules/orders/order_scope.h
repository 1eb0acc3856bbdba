// Whose order it is: the part of the access rules that needs the record (ROL-03, ROL-05, ROL-11).
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/rules/actions.h"
#include "common/rules/orders/order_records.h"
#include "makegood/base/v1/access.pb.h"

namespace makegood::rules {

// Customers their own, recipients theirs, couriers what they carry, store people and connectors
// their store's; Operations, auditors and our own services all. PERMISSION_DENIED under `rule_id`.
absl::Status CheckOrderScope(const Order& order, const base::v1::Actor& actor,
                             absl::string_view rule_id = "ROL-11");

inline absl::Status CheckReach(const Asked<Order>& asked, absl::string_view rule_id) {
  return CheckOrderScope(asked.record, asked.actor, rule_id);
}

}  // namespace makegood::rules
