// How the orders service keeps its records.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "makegood/orders/v1/orders.pb.h"
#include "makegood/orders/v1/records.pb.h"
#include "makegood/orders/v1/timeline.pb.h"

namespace makegood::rules {

using orders::v1::Contact;
using orders::v1::CorrectionCase;
using orders::v1::Order;
using orders::v1::TimelineEntry;
using orders::v1::TimelineHead;

// An order. Lists are in the order in which they were placed. Its available actions are the
// caller's, not the record's: they are filled after Put (see order_actions.h).
template <>
struct RecordTraits<Order> {
  static constexpr absl::string_view kKind = "order";
  static std::string Id(const Order& order) { return order.order_id(); }
  static std::vector<base::v1::WorkItem> Waiting(const Order& order);
  static RecordColumns Columns(const Order& order) {
    return {order.order_id(), order.merchant_id(), order.customer_id(), Order::State_Name(order.state()),
            ToTime(order.create_time())};
  }
};

// A correction, in the part of its order, so that it is found by its merchant and state (ORD-05).
template <>
struct RecordTraits<CorrectionCase> {
  static constexpr absl::string_view kKind = "correction";
  static std::string Id(const CorrectionCase& correction) { return correction.correction_id(); }
  static RecordColumns Columns(const CorrectionCase& correction) {
    return {correction.order_id(), correction.merchant_id(), correction.customer_id(),
            orders::v1::Correction::State_Name(correction.state()), ToTime(correction.create_time())};
  }
};

// A person's details, in the part of their order.
template <>
struct RecordTraits<Contact> {
  static constexpr absl::string_view kKind = "contact";
  static std::string Id(const Contact& contact) { return contact.contact_id(); }
  static RecordColumns Columns(const Contact& contact) {
    return RecordColumns::ByKeyAlone(ToTime(contact.create_time()));
  }
};

// The id of an order's entry by its place, sorted as its places are.
inline std::string TimelineEntryId(absl::string_view order_id, int64_t index) {
  return absl::StrCat(order_id, "/", absl::Dec(index, absl::kZeroPad12));
}

// An entry of a timeline, listed in order of arrival.
template <>
struct RecordTraits<TimelineEntry> {
  static constexpr absl::string_view kKind = "timeline";
  static std::string Id(const TimelineEntry& entry) {
    return TimelineEntryId(entry.order_id(), entry.index());
  }
  static RecordColumns Columns(const TimelineEntry& entry) {
    return {entry.order_id(), "", "", "", PlaceOfIndex(entry.index())};
  }
};

template <>
struct RecordTraits<TimelineHead> {
  static constexpr absl::string_view kKind = "timeline-head";
  static std::string Id(const TimelineHead& head) { return head.order_id(); }
  static RecordColumns Columns(const TimelineHead& head) {
    return RecordColumns::ByKeyAlone(ToTime(head.create_time()));
  }
};

}  // namespace makegood::rules
