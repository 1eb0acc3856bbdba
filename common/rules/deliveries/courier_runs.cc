// Couriers: out with the parcel, at the door, and back (DLV-03, DLV-04, DLV-06).
#include <algorithm>
#include <utility>

#include "common/base/status.h"
#include "common/rules/deliveries/delivery_actions.h"
#include "common/rules/deliveries/delivery_rules.h"
#include "common/rules/deliveries/delivery_steps.h"
#include "common/rules/incidents/incident_steps.h"
#include "common/rules/messages.h"
#include "common/rules/orders/order_rules.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/orders/order_steps.h"
#include "common/rules/timers.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using deliveries::v1::Attempt;
using deliveries::v1::Interception;
using events::v1::Event;

// DLV-04: who is coming is waited for longest; who was and is not any more, not a minute more than usual.
absl::Time WaitsUntil(const Attempt& attempt, const Policy& policy, absl::Time now) {
  const absl::Time arrived = ToTime(attempt.arrive_time());
  if (attempt.coming()) return arrived + absl::Minutes(policy.deliveries().longest_wait_minutes());
  return std::max(now, arrived + absl::Minutes(policy.deliveries().wait_minutes()));
}

// Until then the courier waits, and that is told; the timer of before is replaced. A policy of before knows
// no wait: nobody is called back by itself.
template <typename Fact>
void Wait(const Attempt& attempt, const Policy& policy, Delivery& delivery, Fact& fact, Transaction& tx) {
  if (!policy.has_deliveries()) return;
  const absl::Time until = WaitsUntil(attempt, policy, tx.now());
  *delivery.mutable_wait_until_time() = ToTimestamp(until);
  *fact.mutable_wait_until_time() = delivery.wait_until_time();
  SetTimer(kCourierWait, delivery.order_id(), until, tx);
}

// Whether the courier who comes back had been at the door.
bool HadArrived(const Delivery& delivery) {
  return !delivery.attempts().empty() && delivery.attempts().rbegin()->has_arrive_time();
}

void EmitBack(const Delivery& delivery, Transaction& tx) {
  Event event = EventAbout(delivery);
  event.mutable_parcel_back()->set_had_arrived(HadArrived(delivery));
  tx.Emit(std::move(event));
}

// DLV-08: the customer did not want it any more, and here it is. What gives money back is told last.
bool WasCancelled(const Delivery& delivery) {
  return delivery.interception().state() == Interception::STATE_SUCCEEDED &&
         delivery.interception().reason() == deliveries::v1::INTERCEPTION_REASON_CANCEL;
}

// At the store the parcel is sent out again, or RETURNED by what the customer wants.
absl::Status ArriveAtStore(Shipment& shipment, Transaction& tx) {
  auto& [order, delivery] = shipment;
  order.set_whereabouts(Order::WHEREABOUTS_AT_STORE);
  delivery.set_state(Delivery::STATE_AT_STORE);
  EndInterception(true, delivery, tx);
  RETURN_IF_ERROR(EndCustoms(base::v1::INCIDENT_OUTCOME_RETURNED, shipment, tx));
  EmitBack(delivery, tx);
  if (WasCancelled(delivery)) {
    RETURN_IF_ERROR(EndTrouble(base::v1::INCIDENT_OUTCOME_RETURNED, order, tx).status());
    RETURN_IF_ERROR(ReturnStep(order, base::v1::RETURN_CAUSE_INTERCEPTED, {tx.now()}, tx));
  } else {
    RETURN_IF_ERROR(GoodsBackAtStore(order, tx));
    SetDispatchDue(order, tx);
  }
  CatchUp(order, delivery);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Delivery> Dispatch(const deliveries::v1::DispatchRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, BeginShipment(kDispatch, request.order_id(), tx));
  RETURN_IF_ERROR(GoOut(request.courier_id(), request.carrier(), shipment, tx));
  return KeptBoth(std::move(shipment), tx);
}

absl::StatusOr<Order> HandOverAndDispatch(const orders::v1::HandOverRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, HandOver(request, tx));
  if (request.courier_id().empty()) return order;
  ASSIGN_OR_RETURN(Shipment shipment, LoadShipment(order.order_id(), tx));
  EmitDispatched(shipment, false, tx);
  RETURN_IF_ERROR(KeepDelivery(shipment.delivery, tx));
  return order;
}

absl::StatusOr<Delivery> RecordArrival(const deliveries::v1::RecordArrivalRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, ReachedShipment(kRecordArrival, request.order_id(), tx));
  if (IsLate(shipment)) return NoteLate("arrived", std::move(shipment), tx);
  RETURN_IF_ERROR(kRecordArrival.guard(AskedNow(shipment, tx)));
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(shipment.policy()));
  Delivery& delivery = shipment.delivery;
  const bool clears_customs = IsAtCustoms(delivery);
  delivery.set_state(Delivery::STATE_AT_THE_DOOR);
  RETURN_IF_ERROR(EndCustoms(base::v1::INCIDENT_OUTCOME_SEEN_TO, shipment, tx));
  Event event = EventAbout(shipment.order);
  events::v1::CourierArrived& fact = *event.mutable_courier_arrived();
  if (Attempt* const attempt = UnderWay(delivery); attempt != nullptr) {
    *attempt->mutable_arrive_time() = ToTimestamp(tx.now());
    Wait(*attempt, *policy, delivery, fact, tx);
  }
  tx.Emit(std::move(event));
  return clears_customs ? KeptBoth(std::move(shipment), tx) : KeptDelivery(std::move(shipment), tx);
}

absl::StatusOr<Delivery> RecordContact(const deliveries::v1::RecordContactRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, ReachedShipment(kRecordContact, request.order_id(), tx));
  if (IsLate(shipment)) return NoteLate("contact", std::move(shipment), tx);
  RETURN_IF_ERROR(kRecordContact.guard(AskedNow(shipment, tx)));
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(shipment.policy()));
  Delivery& delivery = shipment.delivery;
  Event event = EventAbout(shipment.order);
  events::v1::RecipientContacted& fact = *event.mutable_recipient_contacted();
  fact.set_coming(request.coming());
  if (Attempt* const attempt = UnderWay(delivery); attempt != nullptr) {
    *attempt->mutable_contact_time() = ToTimestamp(tx.now());
    attempt->set_coming(request.coming());
    Wait(*attempt, *policy, delivery, fact, tx);
  }
  tx.Emit(std::move(event));
  return KeptDelivery(std::move(shipment), tx);
}

absl::StatusOr<Delivery> RecordRefusal(const deliveries::v1::RecordRefusalRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, ReachedShipment(kRecordRefusal, request.order_id(), tx));
  if (IsLate(shipment)) return NoteLate("refused", std::move(shipment), tx);
  RETURN_IF_ERROR(kRecordRefusal.guard(AskedNow(shipment, tx)));
  // Who refuses it was met at the door.
  Attempt* const attempt = UnderWay(shipment.delivery);
  if (attempt != nullptr && !attempt->has_arrive_time()) {
    *attempt->mutable_arrive_time() = ToTimestamp(tx.now());
  }
  RETURN_IF_ERROR(CallBack(base::v1::INCIDENT_KIND_REFUSED, true, shipment, tx));
  return KeptBoth(std::move(shipment), tx);
}

absl::StatusOr<Delivery> RecallCourier(const deliveries::v1::RecallCourierRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, BeginShipment(kRecallCourier, request.order_id(), tx));
  const bool arrived = shipment.delivery.state() == Delivery::STATE_AT_THE_DOOR;
  RETURN_IF_ERROR(CallBack(base::v1::INCIDENT_KIND_RECIPIENT_ELSEWHERE, arrived, shipment, tx));
  return KeptBoth(std::move(shipment), tx);
}

absl::StatusOr<Delivery> RecordParcelBack(const deliveries::v1::RecordParcelBackRequest& request,
                                          Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, ReachedShipment(kRecordParcelBack, request.order_id(), tx));
  if (IsLate(shipment)) return NoteLate("back", std::move(shipment), tx);
  RETURN_IF_ERROR(kRecordParcelBack.guard(AskedNow(shipment, tx)));
  auto& [order, delivery] = shipment;
  EndAttempt(Attempt::OUTCOME_CAME_BACK, delivery, tx);
  EndWaiting(delivery, tx);
  delivery.clear_courier_id();
  order.clear_courier_id();
  if (IsMissing(delivery)) {
    EmitBack(delivery, tx);
    RETURN_IF_ERROR(AwaitSending(shipment, tx));
  } else {
    RETURN_IF_ERROR(ArriveAtStore(shipment, tx));
  }
  return KeptBoth(std::move(shipment), tx);
}

absl::Status EndWait(absl::string_view order_id, Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, LoadShipment(order_id, tx));
  auto& [order, delivery] = shipment;
  // What happened meanwhile ended the wait, or made it longer and set another timer.
  if (delivery.state() != Delivery::STATE_AT_THE_DOOR || !delivery.has_wait_until_time() ||
      ToTime(delivery.wait_until_time()) > tx.now()) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(CallBack(base::v1::INCIDENT_KIND_NOBODY_THERE, true, shipment, tx));
  tx.Put(order);
  return KeepDelivery(delivery, tx);
}

}  // namespace makegood::rules
