// Parts of messages that every domain fills in.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "makegood/base/v1/money.pb.h"
#include "makegood/base/v1/work.pb.h"
#include "makegood/events/v1/events.pb.h"

namespace makegood::rules {

// In minor units of `currency`, an ISO 4217 code.
inline base::v1::Money MakeMoney(int64_t amount_minor, absl::string_view currency) {
  base::v1::Money money;
  money.set_amount_minor(amount_minor);
  money.set_currency(std::string(currency));
  return money;
}

// Something that waits for a person, about money or not; until when is still to be said (WRK-01).
inline base::v1::WorkItem MakeWorkItem(base::v1::WorkKind kind, base::v1::WorkTurn turn,
                                       absl::string_view subject_id) {
  base::v1::WorkItem item;
  item.set_kind(kind);
  item.set_turn(turn);
  item.set_subject_id(std::string(subject_id));
  return item;
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
