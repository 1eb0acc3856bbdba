#include "common/rules/deliveries/delivery_steps.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "common/rules/deliveries/delivery_actions.h"
#include "common/rules/deliveries/delivery_rules.h"
#include "common/rules/incidents/incident_offer.h"
#include "common/rules/incidents/incident_steps.h"
#include "common/rules/messages.h"
#include "common/rules/orders/contact_steps.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/orders/order_steps.h"
#include "common/rules/timers.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using base::v1::IncidentKind;
using deliveries::v1::Attempt;
using deliveries::v1::Interception;
using events::v1::Event;

constexpr int kMostAttempts = 20;

void AddAttempt(const std::string& courier_id, Delivery& delivery, const Transaction& tx) {
  auto& attempts = *delivery.mutable_attempts();
  if (attempts.size() >= kMostAttempts) attempts.DeleteSubrange(0, 1);
  delivery.set_attempt_count(delivery.attempt_count() + 1);
  Attempt& attempt = *attempts.Add();
  attempt.set_number(delivery.attempt_count());
  attempt.set_courier_id(courier_id);
  *attempt.mutable_dispatch_time() = ToTimestamp(tx.now());
  delivery.set_courier_id(courier_id);
  delivery.set_state(Delivery::STATE_WITH_COURIER);
}

// Goes out again: what stood in its way is over, but that it has not arrived yet (ORD-07).
absl::Status GoOutAgain(const std::string& courier_id, Shipment& shipment, Transaction& tx) {
  auto& [order, delivery] = shipment;
  order.set_courier_id(courier_id);
  if (order.state() == Order::STATE_SHIPPED) order.set_whereabouts(Order::WHEREABOUTS_WITH_COURIER);
  delivery.clear_interception();  // the next one may be asked for anew
  AddAttempt(courier_id, delivery, tx);
  for (const IncidentKind kind :
       {base::v1::INCIDENT_KIND_RECIPIENT_ELSEWHERE, base::v1::INCIDENT_KIND_NOBODY_THERE,
        base::v1::INCIDENT_KIND_REFUSED, base::v1::INCIDENT_KIND_WRONG_ADDRESS}) {
    RETURN_IF_ERROR(CloseIncidentOf(kind, base::v1::INCIDENT_OUTCOME_SENT_AGAIN, order, tx));
  }
  return absl::OkStatus();
}

void AnswerInterception(bool succeeded, Delivery& delivery, const Transaction& tx) {
  Interception& interception = *delivery.mutable_interception();
  interception.set_state(succeeded ? Interception::STATE_SUCCEEDED : Interception::STATE_FAILED);
  *interception.mutable_answer_time() = ToTimestamp(tx.now());
}

base::v1::IncidentOutcome OutcomeOf(const Event& event) {
  switch (event.payload_case()) {
    case Event::kOrderDelivered:
      return base::v1::INCIDENT_OUTCOME_DELIVERED;
    case Event::kOrderReturned:
      return base::v1::INCIDENT_OUTCOME_RETURNED;
    case Event::kOrderCancelled:
      return base::v1::INCIDENT_OUTCOME_CANCELLED;
    case Event::kCorrectionReported:
      return base::v1::INCIDENT_OUTCOME_SEEN_TO;
    default:
      return base::v1::INCIDENT_OUTCOME_UNSPECIFIED;
  }
}

}  // namespace

absl::Status GoOut(const std::string& courier_id, const std::string& carrier, Shipment& shipment,
                   Transaction& tx) {
  auto& [order, delivery] = shipment;
  const bool late = IsMissing(delivery);
  if (IsBeforeHandover(order.state())) {
    RETURN_IF_ERROR(HandOverStep(order, {carrier, "", courier_id}, tx.now(), {tx.now()}, tx));
    CatchUp(order, delivery);
  } else {
    RETURN_IF_ERROR(GoOutAgain(courier_id, shipment, tx));
  }
  EmitDispatched(shipment, late, tx);
  return absl::OkStatus();
}

void EmitDispatched(const Shipment& shipment, bool late, Transaction& tx) {
  Event event = EventAbout(shipment.order);
  event.mutable_courier_dispatched()->set_attempt(shipment.delivery.attempt_count());
  event.mutable_courier_dispatched()->set_courier_id(shipment.delivery.courier_id());
  event.mutable_courier_dispatched()->set_late_arrival(late);
  tx.Emit(std::move(event));
}

absl::Status TurnBack(IncidentKind cause, Shipment& shipment, Transaction& tx) {
  auto& [order, delivery] = shipment;
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(shipment.policy()));
  if (Attempt* const attempt = UnderWay(delivery); attempt != nullptr) attempt->set_cause(cause);
  EndAttempt(Attempt::OUTCOME_CALLED_BACK, delivery, tx);
  EndWaiting(delivery, tx);
  delivery.set_state(Delivery::STATE_RETURNING);
  SetDue(policy->deliveries().bring_back_within_hours(), tx.now(), delivery);
  if (!IsMissing(delivery)) order.set_whereabouts(Order::WHEREABOUTS_RETURNING);
  return absl::OkStatus();
}

absl::Status CallBack(IncidentKind cause, bool had_arrived, Shipment& shipment, Transaction& tx) {
  auto& [order, delivery] = shipment;
  RETURN_IF_ERROR(TurnBack(cause, shipment, tx));
  // DLV-08: what was called for comes back, and what becomes of it the customer has said, or is asked, there.
  const bool called_for = delivery.interception().state() == Interception::STATE_ASKED;
  EndInterception(true, delivery, tx);
  Event event = EventAbout(order);
  event.mutable_courier_called_back()->set_cause(cause);
  event.mutable_courier_called_back()->set_courier_id(delivery.courier_id());
  event.mutable_courier_called_back()->set_had_arrived(had_arrived);
  if (called_for || IsMissing(delivery)) {
    tx.Emit(std::move(event));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(order.policy()));
  event.mutable_courier_called_back()->set_asked(RuleFor(*policy, cause) != nullptr);
  tx.Emit(std::move(event));
  return OpenIncident({cause, base::v1::INCIDENT_SOURCE_DELIVERY}, order, tx).status();
}

absl::Status AwaitSending(Shipment& shipment, Transaction& tx) {
  Delivery& delivery = shipment.delivery;
  const bool corrected = shipment.order.has_correction();
  if (corrected || !delivery.case_ids().empty()) {
    delivery.set_state(Delivery::STATE_CLOSED);
    return EndTheWay(corrected ? base::v1::INCIDENT_OUTCOME_SEEN_TO : base::v1::INCIDENT_OUTCOME_SUPERSEDED,
                     shipment, tx)
        .status();
  }
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(shipment.policy()));
  delivery.set_state(Delivery::STATE_NOT_ARRIVED);
  shipment.order.set_whereabouts(Order::WHEREABOUTS_NOT_ARRIVED);
  SetDue(policy->deliveries().dispatch_again_within_hours(), tx.now(), delivery);
  return absl::OkStatus();
}

absl::Status StopSending(Shipment& shipment, Transaction& tx) {
  const Delivery& delivery = shipment.delivery;
  if (IsWithCourier(delivery)) {
    const bool arrived = delivery.state() == Delivery::STATE_AT_THE_DOOR;
    return CallBack(base::v1::INCIDENT_KIND_NOT_ARRIVED, arrived, shipment, tx);
  }
  return delivery.state() == Delivery::STATE_NOT_ARRIVED ? AwaitSending(shipment, tx) : absl::OkStatus();
}

Attempt* UnderWay(Delivery& delivery) {
  auto& attempts = *delivery.mutable_attempts();
  return attempts.empty() || attempts.rbegin()->has_end_time() ? nullptr : &*attempts.rbegin();
}

void EndAttempt(Attempt::Outcome outcome, Delivery& delivery, const Transaction& tx) {
  Attempt* const attempt = UnderWay(delivery);
  if (attempt == nullptr) return;
  *attempt->mutable_end_time() = ToTimestamp(tx.now());
  attempt->set_outcome(outcome);
}

void EndWaiting(Delivery& delivery, Transaction& tx) {
  delivery.clear_wait_until_time();
  CancelTimer(kCourierWait, delivery.order_id(), tx);
}

void EndInterception(bool succeeded, Delivery& delivery, Transaction& tx) {
  if (delivery.interception().state() != Interception::STATE_ASKED) return;
  AnswerInterception(succeeded, delivery, tx);
  const Interception& interception = delivery.interception();
  Event event = EventAbout(delivery, interception.interception_id());
  event.mutable_interception_ended()->set_succeeded(succeeded);
  event.mutable_interception_ended()->set_wrong_address(interception.reason() ==
                                                        deliveries::v1::INTERCEPTION_REASON_WRONG_ADDRESS);
  tx.Emit(std::move(event));
}

absl::Status EndCustoms(base::v1::IncidentOutcome outcome, Shipment& shipment, Transaction& tx) {
  auto& [order, delivery] = shipment;
  if (!IsAtCustoms(delivery)) return absl::OkStatus();
  *delivery.mutable_customs()->mutable_release_time() = ToTimestamp(tx.now());
  return CloseIncidentOf(base::v1::INCIDENT_KIND_CUSTOMS_HOLD, outcome, order, tx);
}

absl::StatusOr<bool> EndTrouble(base::v1::IncidentOutcome outcome, Order& order, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::vector<Incident> open, OpenIncidents(order.order_id(), tx));
  bool any = false;
  for (const Incident& incident : open) {
    if (!IsOnTheWay(incident.kind())) continue;
    RETURN_IF_ERROR(CloseIncidentOf(incident.kind(), outcome, order, tx));
    any = true;
  }
  return any;
}

absl::StatusOr<bool> EndTheWay(base::v1::IncidentOutcome outcome, Shipment& shipment, Transaction& tx) {
  auto& [order, delivery] = shipment;
  EndAttempt(Attempt::OUTCOME_OVERTAKEN, delivery, tx);
  EndWaiting(delivery, tx);
  // Of an answer that nobody waits for any more the end of the order tells enough.
  if (delivery.interception().state() == Interception::STATE_ASKED) {
    AnswerInterception(outcome == base::v1::INCIDENT_OUTCOME_RETURNED, delivery, tx);
  }
  if (delivery.customs().has_hold_time() && !delivery.customs().has_release_time()) {
    *delivery.mutable_customs()->mutable_release_time() = ToTimestamp(tx.now());
  }
  const bool was_missing = order.whereabouts() == Order::WHEREABOUTS_NOT_ARRIVED;
  if (was_missing) order.clear_whereabouts();
  ASSIGN_OR_RETURN(const bool trouble, EndTrouble(outcome, order, tx));
  return trouble || was_missing;
}

absl::StatusOr<Delivery> NoteLate(absl::string_view report, Shipment shipment, Transaction& tx) {
  Event event = EventAbout(shipment.order);
  event.mutable_late_report()->set_report(std::string(report));
  tx.Emit(std::move(event));
  return Shown(std::move(shipment), tx).delivery;
}

absl::StatusOr<Delivery> KeptDelivery(Shipment shipment, Transaction& tx) {
  RETURN_IF_ERROR(KeepDelivery(shipment.delivery, tx));
  return Shown(std::move(shipment), tx).delivery;
}

absl::StatusOr<Delivery> KeptBoth(Shipment shipment, Transaction& tx) {
  tx.Put(shipment.order);
  return KeptDelivery(std::move(shipment), tx);
}

absl::Status FollowDelivery(const Event& event, Transaction& tx) {
  const base::v1::IncidentOutcome outcome = OutcomeOf(event);
  if (outcome == base::v1::INCIDENT_OUTCOME_UNSPECIFIED || event.imported()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::optional<Delivery> kept, tx.Find<Delivery>(event.order_id()));
  if (!kept.has_value() || IsOver(*kept)) return absl::OkStatus();
  Shipment shipment;
  shipment.delivery = *std::move(kept);
  ASSIGN_OR_RETURN(shipment.order, tx.Get<Order>(event.order_id()));
  CatchUp(shipment.order, shipment.delivery);
  const bool is_out = !IsOver(shipment.delivery);
  if (is_out && !event.has_correction_reported()) return absl::OkStatus();  // not arrived, as was said since
  bool changed = is_out;
  if (is_out) {
    RETURN_IF_ERROR(StopSending(shipment, tx));  // ORD-05, ORD-07
  } else {
    ASSIGN_OR_RETURN(changed, EndTheWay(outcome, shipment, tx));
  }
  if (changed) tx.Put(shipment.order);
  return KeepDelivery(shipment.delivery, tx);
}

absl::Status EraseTaker(absl::string_view order_id, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::optional<Delivery> delivery, tx.Find<Delivery>(order_id));
  if (!delivery.has_value() || delivery->handover().contact_id().empty()) return absl::OkStatus();
  return EmptyContact(delivery->handover().contact_id(), tx);
}

}  // namespace makegood::rules
