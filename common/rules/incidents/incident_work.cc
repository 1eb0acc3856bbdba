// What incidents wait for people to do (WRK-01).
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/base/enum_word.h"
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

// AVL-05 to AVL-08. Once it is over nobody expedites it.
void AddSupplierTasks(const Incident& incident, std::vector<WorkItem>& waiting) {
  for (const incidents::v1::SupplierTask& task : incident.supplier_tasks()) {
    if (task.answer() != base::v1::SUPPLIER_ANSWER_UNSPECIFIED) continue;
    if (!IsOpen(incident) && task.kind() == base::v1::SUPPLIER_TASK_KIND_EXPEDITE) continue;
    WorkItem item = ItemOf(incident, base::v1::WORK_KIND_ANSWER_SUPPLIER_TASK, base::v1::WORK_TURN_MERCHANT,
                           incident.incident_id());
    item.set_detail(absl::AsciiStrToLower(EnumWord(task.kind())));
    if (task.has_due_time()) *item.mutable_due_time() = task.due_time();
    waiting.push_back(std::move(item));
  }
}

// CLM-12: Operations see to what somebody wants more attention for, and to what a supplier's silence has left
// open.
void AddSeeingTo(const Incident& incident, std::vector<WorkItem>& waiting) {
  const bool wanted = incident.has_escalate_time() || incident.overdue();
  const bool there = std::any_of(waiting.begin(), waiting.end(), [](const WorkItem& item) {
    return item.turn() == base::v1::WORK_TURN_OPERATIONS;
  });
  if (!IsOpen(incident) || !wanted || there) return;
  waiting.push_back(ItemOf(incident, base::v1::WORK_KIND_SEE_TO_INCIDENT, base::v1::WORK_TURN_OPERATIONS,
                           incident.incident_id()));
}

std::vector<WorkItem> OfOpen(const Incident& incident) {
  switch (incident.kind()) {
    case base::v1::INCIDENT_KIND_WRONG_PICK:
      return {OfMerchant(incident, base::v1::WORK_KIND_PICK_AGAIN)};
    case base::v1::INCIDENT_KIND_OVERDUE:
      return {OfMerchant(incident, base::v1::WORK_KIND_EXPEDITE)};
    case base::v1::INCIDENT_KIND_PAID_ELSEWHERE:
      return {ItemOf(incident, base::v1::WORK_KIND_CLOSE_INCIDENT, base::v1::WORK_TURN_OPERATIONS,
                     incident.incident_id())};
    // What is to be done on the way is said by the delivery.
    case base::v1::INCIDENT_KIND_CUSTOMS_HOLD:
    case base::v1::INCIDENT_KIND_CANCELLED_ON_THE_WAY:
    case base::v1::INCIDENT_KIND_NOT_ARRIVED:
      return {};
    default:
      return OfChoice(incident);
  }
}

std::vector<WorkItem> OfState(const Incident& incident) {
  switch (incident.state()) {
    case Incident::STATE_OPEN:
      return OfOpen(incident);
    case Incident::STATE_AWAITING_RESTOCK: {
      WorkItem item = OfMerchant(incident, base::v1::WORK_KIND_PICK_AGAIN);
      *item.mutable_due_time() = incident.restock_time();
      return {item};
    }
    default:
      return {};
  }
}

}  // namespace

std::vector<WorkItem> RecordTraits<Incident>::Waiting(const Incident& incident) {
  std::vector<WorkItem> waiting = OfState(incident);
  AddSupplierTasks(incident, waiting);
  AddSeeingTo(incident, waiting);
  return waiting;
}

}  // namespace makegood::rules
