// How the orders service keeps incidents.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "makegood/incidents/v1/incidents.pb.h"
#include "makegood/incidents/v1/records.pb.h"

namespace makegood::rules {

using incidents::v1::Incident;
using incidents::v1::OrderIncidents;

inline bool IsOpen(const Incident& incident) { return incident.state() != Incident::STATE_CLOSED; }

// Until when an answer or the goods are expected, or the order should have left; nothing says so else.
inline absl::Time DueTime(const Incident& incident) {
  if (incident.state() == Incident::STATE_AWAITING_RESTOCK) return ToTime(incident.restock_time());
  if (incident.state() != Incident::STATE_OPEN) return absl::InfiniteFuture();
  if (incident.has_choice_due_time()) return ToTime(incident.choice_due_time());
  return incident.has_ship_due_time() ? ToTime(incident.ship_due_time()) : absl::InfiniteFuture();
}

// Lists are in the order in which incidents were found.
template <>
struct RecordTraits<Incident> {
  static constexpr absl::string_view kKind = "incident";
  static std::string Id(const Incident& incident) { return incident.incident_id(); }
  static std::vector<base::v1::WorkItem> Waiting(const Incident& incident);
  static RecordColumns Columns(const Incident& incident) {
    RecordColumns columns{incident.order_id(), incident.merchant_id(), incident.customer_id(),
                          Incident::State_Name(incident.state()), ToTime(incident.create_time())};
    if (IsOpen(incident)) {
      columns.open_at = incident.policy().marketplace();
      columns.due = DueTime(incident);
    }
    return columns;
  }
};

template <>
struct RecordTraits<OrderIncidents> {
  static constexpr absl::string_view kKind = "order_incidents";
  static std::string Id(const OrderIncidents& incidents) { return incidents.order_id(); }
  static RecordColumns Columns(const OrderIncidents& incidents) {
    return RecordColumns::ByKeyAlone(ToTime(incidents.create_time()));
  }
};

}  // namespace makegood::rules
