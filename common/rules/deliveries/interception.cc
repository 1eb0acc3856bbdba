// Parcels with a carrier: called back (DLV-08), and kept by the customs (DLV-07).
#include <algorithm>
#include <utility>

#include "common/base/status.h"
#include "common/rules/deliveries/delivery_actions.h"
#include "common/rules/deliveries/delivery_rules.h"
#include "common/rules/deliveries/delivery_steps.h"
#include "common/rules/incidents/incident_steps.h"
#include "common/rules/messages.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using deliveries::v1::Interception;
using events::v1::Event;

// A zone that nobody told is within the country.
bool CanBeCalledBack(const Order& order, const Policy& policy) {
  const base::v1::AddressZone told = order.address().zone();
  const base::v1::AddressZone zone =
      told == base::v1::ADDRESS_ZONE_UNSPECIFIED ? base::v1::ADDRESS_ZONE_NATIONAL : told;
  const auto& zones = policy.deliveries().interception_zones();
  return std::find(zones.begin(), zones.end(), zone) != zones.end();
}

base::v1::IncidentKind KindOf(const Interception& interception) {
  return interception.reason() == deliveries::v1::INTERCEPTION_REASON_WRONG_ADDRESS
             ? base::v1::INCIDENT_KIND_WRONG_ADDRESS
             : base::v1::INCIDENT_KIND_CANCELLED_ON_THE_WAY;
}

}  // namespace

absl::StatusOr<Delivery> RequestInterception(const deliveries::v1::RequestInterceptionRequest& request,
                                             Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, BeginShipment(kRequestInterception, request.order_id(), tx));
  RETURN_IF_ERROR(CheckCustomerWord(tx.actor(), request.customer_word()));
  auto& [order, delivery] = shipment;
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(shipment.policy()));
  const bool refused = !CanBeCalledBack(order, *policy);
  Interception& interception = *delivery.mutable_interception();
  interception.set_interception_id(tx.NewId("int"));
  interception.set_reason(request.reason());
  interception.set_state(refused ? Interception::STATE_REFUSED : Interception::STATE_ASKED);
  *interception.mutable_create_time() = ToTimestamp(tx.now());
  if (refused) *interception.mutable_answer_time() = interception.create_time();
  if (!refused) SetDue(policy->deliveries().interception_within_hours(), tx.now(), interception);
  Event event = EventAbout(order, interception.interception_id());
  events::v1::InterceptionRequested& fact = *event.mutable_interception_requested();
  fact.set_wrong_address(request.reason() == deliveries::v1::INTERCEPTION_REASON_WRONG_ADDRESS);
  fact.set_refused(refused);
  fact.set_customer_word(request.customer_word());
  tx.Emit(std::move(event));
  if (refused) return KeptDelivery(std::move(shipment), tx);
  RETURN_IF_ERROR(
      OpenIncident({KindOf(interception), base::v1::INCIDENT_SOURCE_DELIVERY}, order, tx).status());
  return KeptBoth(std::move(shipment), tx);
}

absl::StatusOr<Delivery> RecordInterception(const deliveries::v1::RecordInterceptionRequest& request,
                                            Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, BeginShipment(kRecordInterception, request.order_id(), tx));
  auto& [order, delivery] = shipment;
  const bool succeeded = request.answer() == deliveries::v1::INTERCEPTION_ANSWER_GIVEN_BACK;
  EndInterception(succeeded, delivery, tx);
  if (!succeeded) {
    RETURN_IF_ERROR(
        CloseIncidentOf(KindOf(delivery.interception()), base::v1::INCIDENT_OUTCOME_SEEN_TO, order, tx));
  } else if (IsOut(delivery)) {
    RETURN_IF_ERROR(TurnBack(KindOf(delivery.interception()), shipment, tx));
  }
  return KeptBoth(std::move(shipment), tx);
}

absl::StatusOr<Delivery> RecordCustomsHold(const deliveries::v1::RecordCustomsHoldRequest& request,
                                           Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, ReachedShipment(kRecordCustomsHold, request.order_id(), tx));
  if (IsLate(shipment)) return NoteLate("customs_hold", std::move(shipment), tx);
  RETURN_IF_ERROR(kRecordCustomsHold.guard(AskedNow(shipment, tx)));
  auto& [order, delivery] = shipment;
  delivery.clear_customs();
  *delivery.mutable_customs()->mutable_hold_time() = ToTimestamp(tx.now());
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(shipment.policy()));
  SetDue(policy->deliveries().customs_within_hours(), tx.now(), *delivery.mutable_customs());
  Event event = EventAbout(order);
  event.mutable_customs_held();
  tx.Emit(std::move(event));
  RETURN_IF_ERROR(
      OpenIncident({base::v1::INCIDENT_KIND_CUSTOMS_HOLD, base::v1::INCIDENT_SOURCE_DELIVERY}, order, tx)
          .status());
  return KeptBoth(std::move(shipment), tx);
}

absl::StatusOr<Delivery> RecordCustomsRelease(const deliveries::v1::RecordCustomsReleaseRequest& request,
                                              Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, ReachedShipment(kRecordCustomsRelease, request.order_id(), tx));
  if (IsLate(shipment)) return NoteLate("customs_release", std::move(shipment), tx);
  RETURN_IF_ERROR(kRecordCustomsRelease.guard(AskedNow(shipment, tx)));
  Event event = EventAbout(shipment.order);
  event.mutable_customs_released();
  tx.Emit(std::move(event));
  RETURN_IF_ERROR(EndCustoms(base::v1::INCIDENT_OUTCOME_SEEN_TO, shipment, tx));
  return KeptBoth(std::move(shipment), tx);
}

}  // namespace makegood::rules
