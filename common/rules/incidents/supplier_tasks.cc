#include "common/rules/incidents/supplier_tasks.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/enum_word.h"
#include "common/base/status.h"
#include "common/rules/incidents/incident_rules.h"
#include "common/rules/incidents/incident_steps.h"
#include "common/rules/messages.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/scope.h"
#include "common/rules/timers.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using base::v1::SupplierTaskKind;
using events::v1::Event;
using incidents::v1::AnswerSupplierTaskRequest;
using incidents::v1::SupplierTask;

bool IsUnanswered(const SupplierTask& task) { return task.answer() == base::v1::SUPPLIER_ANSWER_UNSPECIFIED; }

SupplierTask* FindTask(Incident& incident, SupplierTaskKind kind) {
  for (SupplierTask& task : *incident.mutable_supplier_tasks()) {
    if (task.kind() == kind) return &task;
  }
  return nullptr;
}

// Of the first answer that is due; none where nothing is.
void SetSupplierTimer(const Incident& incident, Transaction& tx) {
  absl::Time first = absl::InfiniteFuture();
  for (const SupplierTask& task : incident.supplier_tasks()) {
    if (IsUnanswered(task) && task.has_due_time()) first = std::min(first, ToTime(task.due_time()));
  }
  if (first == absl::InfiniteFuture()) return CancelTimer(kSupplierDue, incident.incident_id(), tx);
  SetTimer(kSupplierDue, incident.incident_id(), first, tx);
}

void EmitAnswered(const SupplierTask& task, const Incident& incident, Transaction& tx) {
  Event event = EventAbout(incident, incident.incident_id());
  events::v1::SupplierAnswered& fact = *event.mutable_supplier_answered();
  fact.set_task(task.kind());
  fact.set_answer(task.answer());
  if (task.has_expected_time()) *fact.mutable_expected_time() = task.expected_time();
  tx.Emit(std::move(event));
}

void Answer(base::v1::SupplierAnswer answer, SupplierTask& task, const Incident& incident, Transaction& tx) {
  task.set_answer(answer);
  *task.mutable_answer_time() = ToTimestamp(tx.now());
  EmitAnswered(task, incident, tx);
}

absl::Status MayAnswerSupplierTask(const Asked<Incident>& asked) {
  if (asked.record.supplier_tasks().empty()) return Refusal("AVL-08", "the supplier was asked for nothing");
  return absl::OkStatus();
}

absl::Status CheckAnswer(const AnswerSupplierTaskRequest& request, absl::Time now) {
  std::vector<FieldViolation> wrong;
  const bool will_do = request.answer() == base::v1::SUPPLIER_ANSWER_WILL_DO;
  if (!will_do && request.answer() != base::v1::SUPPLIER_ANSWER_CANNOT) {
    wrong.push_back({"answer", "want will_do or cannot"});
  }
  if (request.has_expected_time() && !will_do) {
    wrong.push_back({"expected_time", "is told with will_do alone"});
  } else if (request.has_expected_time() && ToTime(request.expected_time()) <= now) {
    wrong.push_back({"expected_time", "has passed"});
  }
  return wrong.empty() ? absl::OkStatus() : InvalidFields(wrong);
}

// AVL-07: what cannot be sent is not late, it is not there.
absl::StatusOr<Incident> BecomeNoStock(Incident& late, Order& order, Transaction& tx) {
  RETURN_IF_ERROR(CloseStep(base::v1::INCIDENT_OUTCOME_SUPERSEDED, late, order, tx));
  ASSIGN_OR_RETURN(
      Incident opened,
      OpenIncident({base::v1::INCIDENT_KIND_NO_STOCK, base::v1::INCIDENT_SOURCE_REPORT}, order, tx));
  RETURN_IF_ERROR(TellFound(order, Found::kRestIsGone, tx));
  return opened;
}

// AVL-05: the customer may wait for what comes.
absl::Status OfferToWait(const SupplierTask& task, Incident& incident, Order& order, Transaction& tx) {
  Finding found{incident.kind(), incident.source(), {incident.units().begin(), incident.units().end()}};
  found.restock_time = ToTime(task.expected_time());
  return Reconsider(found, incidents::v1::IncidentLogEntry::KIND_UNSPECIFIED, incident, order, tx);
}

// What the answer changes of an incident that is open, of an order that has not left. The one that is open
// then.
absl::StatusOr<Incident> FollowAnswer(const SupplierTask& task, Incident incident, Order& order,
                                      Transaction& tx) {
  const bool expedite = task.kind() == base::v1::SUPPLIER_TASK_KIND_EXPEDITE;
  if (expedite && task.answer() == base::v1::SUPPLIER_ANSWER_CANNOT &&
      incident.kind() == base::v1::INCIDENT_KIND_OVERDUE) {
    return BecomeNoStock(incident, order, tx);
  }
  if (!expedite && task.has_expected_time() && incident.state() != Incident::STATE_AWAITING_RESTOCK) {
    RETURN_IF_ERROR(OfferToWait(task, incident, order, tx));
  }
  return incident;
}

// AVL-08: as the policy says of a silent supplier, or Operations see to it.
absl::Status EndInSilence(Incident& incident, Order& order, Transaction& tx) {
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(order.policy()));
  const base::v1::IncidentRule* const rule = RuleFor(*policy, base::v1::INCIDENT_KIND_SUPPLIER_SILENT);
  if (rule == nullptr) {
    incident.set_overdue(true);
    tx.Put(incident);
    Event event = EventAbout(incident, incident.incident_id());
    event.mutable_incident_overdue()->set_kind(incident.kind());
    event.mutable_incident_overdue()->set_source(incident.source());
    tx.Emit(std::move(event));
    return absl::OkStatus();
  }
  Finding found{base::v1::INCIDENT_KIND_SUPPLIER_SILENT, base::v1::INCIDENT_SOURCE_REPORT};
  // What was held stays so, and what may leave at any moment may.
  if (incident.source() == base::v1::INCIDENT_SOURCE_TIMER) found.source = incident.source();
  found.tasks = TakeTasks(incident, tx);
  RETURN_IF_ERROR(CloseStep(base::v1::INCIDENT_OUTCOME_SUPERSEDED, incident, order, tx));
  found.decided = rule->at_once() != base::v1::INCIDENT_OPTION_UNSPECIFIED;
  ASSIGN_OR_RETURN(Incident silent, OpenIncident(found, order, tx));
  return found.decided ? TakeOption({rule->at_once(), true}, silent, order, tx) : absl::OkStatus();
}

}  // namespace

const Action<Incident> kAnswerSupplierTask{MethodOf<AnswerSupplierTaskRequest>, MayAnswerSupplierTask};

void AskSupplier(const Policy& policy, Incident& incident, Transaction& tx) {
  const base::v1::IncidentRule* const rule = RuleFor(policy, incident.kind());
  const int hours = policy.incidents().supplier_answer_within_hours();
  for (const int asked : rule == nullptr ? google::protobuf::RepeatedField<int>() : rule->tasks()) {
    const auto kind = static_cast<SupplierTaskKind>(asked);
    if (FindTask(incident, kind) != nullptr) continue;
    SupplierTask& task = *incident.add_supplier_tasks();
    task.set_kind(kind);
    *task.mutable_ask_time() = ToTimestamp(tx.now());
    if (hours > 0) *task.mutable_due_time() = ToTimestamp(tx.now() + absl::Hours(hours));
    Event event = EventAbout(incident, incident.incident_id());
    event.mutable_supplier_asked()->set_task(kind);
    if (hours > 0) *event.mutable_supplier_asked()->mutable_due_time() = task.due_time();
    tx.Emit(std::move(event));
  }
  if (!incident.supplier_tasks().empty()) SetSupplierTimer(incident, tx);
}

std::vector<SupplierTask> TakeTasks(Incident& from, Transaction& tx) {
  std::vector<SupplierTask> taken;
  auto& tasks = *from.mutable_supplier_tasks();
  std::copy_if(tasks.begin(), tasks.end(), std::back_inserter(taken), IsUnanswered);
  tasks.erase(std::remove_if(tasks.begin(), tasks.end(), IsUnanswered), tasks.end());
  CancelTimer(kSupplierDue, from.incident_id(), tx);
  return taken;
}

absl::StatusOr<Incident> AnswerSupplierTask(const AnswerSupplierTaskRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Incident incident, Begin(kAnswerSupplierTask, request.incident_id(), tx));
  RETURN_IF_ERROR(CheckAnswer(request, tx.now()));
  SupplierTask* const task = FindTask(incident, request.task());
  if (task == nullptr) {
    return Refusal("AVL-08", absl::StrCat("the supplier was not asked to ",
                                          absl::AsciiStrToLower(EnumWord(request.task()))));
  }
  if (task->kind() == base::v1::SUPPLIER_TASK_KIND_EXPEDITE && !IsOpen(incident)) {
    return Refusal("AVL-08", "the incident is over: there is nothing to expedite");
  }
  task->clear_expected_time();
  if (request.has_expected_time()) *task->mutable_expected_time() = request.expected_time();
  Answer(request.answer(), *task, incident, tx);
  SetSupplierTimer(incident, tx);
  tx.Put(incident);
  if (!IsOpen(incident)) return Shown(std::move(incident), tx);
  ASSIGN_OR_RETURN(Order order, tx.Get<Order>(incident.order_id()));
  if (!IsBeforeHandover(order.state())) return Shown(std::move(incident), tx);
  const SupplierTask answered = *task;
  ASSIGN_OR_RETURN(Incident open, FollowAnswer(answered, std::move(incident), order, tx));
  tx.Put(order);
  return Shown(std::move(open), tx);
}

absl::Status EndSupplierTerm(absl::string_view incident_id, Transaction& tx) {
  ASSIGN_OR_RETURN(Incident incident, tx.Get<Incident>(incident_id));
  bool silent = false;
  for (SupplierTask& task : *incident.mutable_supplier_tasks()) {
    if (!IsUnanswered(task) || !task.has_due_time() || tx.now() < ToTime(task.due_time())) continue;
    Answer(base::v1::SUPPLIER_ANSWER_SILENT, task, incident, tx);
    silent = true;
  }
  if (!silent) return absl::OkStatus();
  tx.Put(incident);
  if (!IsOpen(incident)) return absl::OkStatus();
  ASSIGN_OR_RETURN(Order order, tx.Get<Order>(incident.order_id()));
  if (!IsBeforeHandover(order.state())) return absl::OkStatus();
  // Who waits for what comes waits for that.
  if (incident.state() == Incident::STATE_AWAITING_RESTOCK) return absl::OkStatus();
  RETURN_IF_ERROR(EndInSilence(incident, order, tx));
  tx.Put(order);
  return absl::OkStatus();
}

}  // namespace makegood::rules
