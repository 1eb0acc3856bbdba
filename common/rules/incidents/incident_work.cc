// What incidents wait for people to do (WRK-01).
#include <algorithm>

#include "common/rules/incidents/incident_records.h"
#include "common/rules/messages.h"

namespace makegood::rules {
namespace {

using base::v1::WorkItem;

WorkItem ItemOf(const Incident& incident, base::v1::WorkKind kind, base::v1::WorkTurn turn,
                const std::string& subject_id) {
  WorkItem item = MakeWorkItem(kind, turn, subject_id);
  item.set_case_id(incident.incident_id());
  return item;
}

// The merchant's, and until the order should have left.
WorkItem OfMerchant(const Incident& incident, base::v1::WorkKind kind) {
  WorkItem item = ItemOf(incident, kind, base::v1::WORK_TURN_MERCHANT, incident.order_id());
  item.set_detail(incident.incident_id());
  if (incident.has_ship_due_time()) *item.mutable_due_time() = incident.ship_due_time();
  return item;
}

// Before the order should leave, and when nobody has chosen in time.
absl::Time SeenToBy(const Incident& incident) {
  absl::Time due = absl::InfiniteFuture();
  if (incident.has_ship_due_time()) due = ToTime(incident.ship_due_time());
  if (incident.has_choice_due_time()) due = std::min(due, ToTime(incident.choice_due_time()));
  return due;
}

// AVL-03: the customer chooses, and Operations see to it before the order should leave.
std::vector<WorkItem> OfChoice(const Incident& incident) {
  std::vector<WorkItem> waiting;
  waiting.push_back(ItemOf(incident, base::v1::WORK_KIND_SEE_TO_INCIDENT, base::v1::WORK_TURN_OPERATIONS,
                           incident.incident_id()));
  if (const auto due = SeenToBy(incident); due < absl::InfiniteFuture()) {
    *waiting.back().mutable_due_time() = ToTimestamp(due);
  }
  // Whoever only is late may still send it.
  if (incident.source() == base::v1::INCIDENT_SOURCE_TIMER) {
    waiting.push_back(OfMerchant(incident, base::v1::WORK_KIND_EXPEDITE));
  }
  if (!incident.options().empty()) {
    waiting.push_back(ItemOf(incident, base::v1::WORK_KIND_CHOOSE_OPTION, base::v1::WORK_TURN_CUSTOMER,
                             incident.incident_id()));
    *waiting.back().mutable_due_time() = incident.choice_due_time();
  }
  return waiting;
}

}  // namespace

std::vector<WorkItem> RecordTraits<Incident>::Waiting(const Incident& incident) {
  switch (incident.state()) {
    case Incident::STATE_OPEN:
      if (incident.kind() == base::v1::INCIDENT_KIND_WRONG_PICK) {
        return {OfMerchant(incident, base::v1::WORK_KIND_PICK_AGAIN)};
      }
      if (incident.kind() == base::v1::INCIDENT_KIND_OVERDUE) {
        return {OfMerchant(incident, base::v1::WORK_KIND_EXPEDITE)};
      }
      return OfChoice(incident);
    case Incident::STATE_AWAITING_RESTOCK: {
      WorkItem item = OfMerchant(incident, base::v1::WORK_KIND_PICK_AGAIN);
      *item.mutable_due_time() = incident.restock_time();
      return {item};
    }
    default:
      return {};
  }
}

}  // namespace makegood::rules
