#include "common/rules/incidents/closing_rules.h"

#include <utility>
#include <vector>

#include "common/base/status.h"
#include "common/rules/incidents/incident_offer.h"
#include "common/rules/incidents/incident_rules.h"
#include "common/rules/incidents/incident_steps.h"
#include "common/rules/messages.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using incidents::v1::CloseIncidentRequest;
using incidents::v1::EscalateIncidentRequest;
using incidents::v1::IncidentLogEntry;

// Nothing that happens to the order ends it.
bool IsForPeople(const Incident& incident) {
  return incident.kind() == base::v1::INCIDENT_KIND_PAID_ELSEWHERE;
}

absl::Status MayClose(const Asked<Incident>& asked) {
  if (!IsOpen(asked.record) || IsForPeople(asked.record)) return absl::OkStatus();
  return Refusal("CLM-11", "what becomes of the goods ends it; its cause is said then");
}

absl::Status MayEscalate(const Asked<Incident>& asked) {
  return IsOpen(asked.record) ? absl::OkStatus() : Refusal("CLM-12", "the incident is over");
}

bool IsUnpaid(const events::v1::SurchargeMoved& moved) {
  return moved.state() == base::v1::SURCHARGE_STATE_DECLINED ||
         moved.state() == base::v1::SURCHARGE_STATE_EXPIRED;
}

// DLV-06: going to whom the customer had chosen is not paid for: where that is not charged for any more the
// old address stays, too.
bool EndsChoice(const events::v1::SurchargeMoved& moved, const Incident& incident) {
  return incident.state() == Incident::STATE_AWAITING_DISPATCH && !moved.cause_id().empty() &&
         moved.cause_id() == incident.address_change_id() &&
         (IsUnpaid(moved) || moved.state() == base::v1::SURCHARGE_STATE_VOIDED);
}

// DLV-03, PAY-02: what a courier leaves for is offered as long as nobody has left that unpaid, and again once
// it is paid for.
bool ChangesOffer(const events::v1::SurchargeMoved& moved, Incident offered, const Order& order,
                  const Policy& policy, absl::Time now) {
  if (moved.kind() != base::v1::SURCHARGE_KIND_REDELIVERY || !IsOnTheWay(offered.kind())) return false;
  if (IsUnpaid(moved)) {
    return offered.state() == Incident::STATE_AWAITING_DISPATCH ||
           (offered.state() == Incident::STATE_OPEN && TakeWaysBack(offered));
  }
  if (moved.state() != base::v1::SURCHARGE_STATE_PAID || offered.state() != Incident::STATE_OPEN)
    return false;
  const int before = offered.options_size();
  SetOptions(policy, order, now, offered);
  return offered.options_size() > before;
}

// It stays where it is until something is chosen that needs no other way, or another way is paid for.
absl::Status AskAnew(const events::v1::Event& event, Transaction& tx) {
  const events::v1::SurchargeMoved& moved = event.surcharge_moved();
  ASSIGN_OR_RETURN(std::vector<Incident> open, OpenIncidents(event.order_id(), tx));
  if (open.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Order order, tx.Get<Order>(event.order_id()));
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(order.policy()));
  bool any = false;
  for (Incident& incident : open) {
    const bool changes = ChangesOffer(moved, incident, order, *policy, tx.now());
    if (!CanBeHeld(order) || (!changes && !EndsChoice(moved, incident))) continue;
    const bool back = changes && IsUnpaid(moved);
    RETURN_IF_ERROR(Reopen(incident, order, *policy, tx, back ? Ways::kTakenBack : Ways::kOffered));
    any = true;
  }
  if (any) tx.Put(order);
  return absl::OkStatus();
}

}  // namespace

const Action<Incident> kCloseIncident{MethodOf<CloseIncidentRequest>, MayClose};
const Action<Incident> kEscalateIncident{MethodOf<EscalateIncidentRequest>, MayEscalate};

absl::StatusOr<Incident> CloseIncident(const CloseIncidentRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Incident incident, Begin(kCloseIncident, request.incident_id(), tx));
  if (request.root_cause() == base::v1::ROOT_CAUSE_OTHER && request.note().empty()) {
    return Refusal("CLM-11", "another cause is told in words, as note");
  }
  incident.set_root_cause(request.root_cause());
  incident.set_close_note(request.note());
  if (IsOpen(incident)) {
    ASSIGN_OR_RETURN(Order order, tx.Get<Order>(incident.order_id()));
    RETURN_IF_ERROR(CloseStep(base::v1::INCIDENT_OUTCOME_SEEN_TO, incident, order, tx));
  } else {
    *incident.mutable_closed_by() = tx.actor();
    tx.Put(incident);
  }
  return Shown(std::move(incident), tx);
}

absl::StatusOr<Incident> EscalateIncident(const EscalateIncidentRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Incident incident, Begin(kEscalateIncident, request.incident_id(), tx));
  if (incident.has_escalate_time() && incident.public_() >= request.public_()) {
    return Shown(std::move(incident), tx);
  }
  *incident.mutable_escalate_time() = ToTimestamp(tx.now());
  incident.set_public_(incident.public_() || request.public_());
  tx.Put(incident);
  events::v1::Event event = EventAbout(incident, incident.incident_id());
  event.mutable_incident_escalated()->set_public_(request.public_());
  tx.Emit(std::move(event));
  return Shown(std::move(incident), tx);
}

absl::Status FollowPayment(const events::v1::Event& event, Transaction& tx) {
  if (event.has_surcharge_moved()) return AskAnew(event, tx);
  if (!event.has_compliance_incident_raised() || event.imported()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<Incident> open, OpenIncidents(event.order_id(), tx));
  for (Incident& incident : open) {
    if (!IsForPeople(incident)) continue;
    NoteInLog(IncidentLogEntry::KIND_VERIFIED, incident, tx);
    tx.Put(incident);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(Order order, tx.Get<Order>(event.order_id()));
  return OpenIncident({base::v1::INCIDENT_KIND_PAID_ELSEWHERE, base::v1::INCIDENT_SOURCE_PAYMENT}, order, tx)
      .status();
}

}  // namespace makegood::rules
