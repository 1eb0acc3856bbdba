// Parts of messages that every domain fills in.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "makegood/base/v1/money.pb.h"
#include "makegood/events/v1/events.pb.h"

namespace makegood::rules {

// In minor units of `currency`, an ISO 4217 code.
inline base::v1::Money MakeMoney(int64_t amount_minor, absl::string_view currency) {
  base::v1::Money money;
  money.set_amount_minor(amount_minor);
  money.set_currency(std::string(currency));
  return money;
}

// An event about a record that belongs to an order, its time and payload still to be chosen. `case_id` is
// empty for the order itself.
template <typename Record>
events::v1::Event EventAbout(const Record& record, absl::string_view case_id = "") {
  events::v1::Event event;
  *event.mutable_policy() = record.policy();
  event.set_order_id(record.order_id());
  event.set_merchant_id(record.merchant_id());
  event.set_customer_id(record.customer_id());
  event.set_case_id(std::string(case_id));
  return event;
}

}  // namespace makegood::rules
