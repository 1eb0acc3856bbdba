// Who takes it at the door (DLV-05), and what arrives though it was called delivered before (ORD-07).
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/enum_word.h"
#include "common/base/status.h"
#include "common/rules/deliveries/delivery_actions.h"
#include "common/rules/deliveries/delivery_rules.h"
#include "common/rules/deliveries/delivery_steps.h"
#include "common/rules/incidents/incident_steps.h"
#include "common/rules/messages.h"
#include "common/rules/orders/order_steps.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using base::v1::Taker;
using deliveries::v1::Attempt;
using deliveries::v1::Consent;
using deliveries::v1::HandOverParcelRequest;
using deliveries::v1::HandoverResult;
using events::v1::Event;

constexpr int kMostConsents = 20;

std::string Spoken(Taker taker) { return absl::AsciiStrToLower(EnumWord(taker)); }

template <typename Takers>
bool Has(const Takers& takers, Taker taker) {
  return std::find(takers.begin(), takers.end(), taker) != takers.end();
}

// Nobody needs to be named who is the recipient, or not there.
bool HasName(Taker taker) { return taker != base::v1::TAKER_RECIPIENT && taker != base::v1::TAKER_DOORSTEP; }

absl::Status CheckTold(const HandOverParcelRequest& request) {
  std::vector<FieldViolation> wrong;
  if (HasName(request.taker()) && request.taker_name().empty()) {
    wrong.push_back({"taker_name", "is missing: who took it is written down (DLV-05)"});
  }
  if (!HasName(request.taker()) && !request.taker_name().empty()) {
    wrong.push_back({"taker_name", absl::StrCat("is not told of ", Spoken(request.taker()))});
  }
  if (request.taker() == base::v1::TAKER_RECIPIENT && !request.consent_word().empty()) {
    wrong.push_back({"consent_word", "the recipient needs no consent"});
  }
  return wrong.empty() ? absl::OkStatus() : InvalidFields(wrong);
}

// DLV-05: as the policy says, and with consent.
absl::Status MayTake(const HandOverParcelRequest& request, const Shipment& shipment, const Policy& policy) {
  if (request.taker() == base::v1::TAKER_RECIPIENT) return absl::OkStatus();
  if (!Has(policy.deliveries().takers(), request.taker())) {
    return Refusal("DLV-05", absl::StrCat(Spoken(request.taker()), " takes no parcels here"));
  }
  if (IsAllowed(shipment, request.taker()) || !request.consent_word().empty()) return absl::OkStatus();
  return Refusal("DLV-05", absl::StrCat("neither recipient nor sender has allowed that it is handed to: ",
                                        Spoken(request.taker())));
}

template <typename Takers>
void RecordConsent(const Takers& takers, const std::string& word, Shipment& shipment, Transaction& tx) {
  Delivery& delivery = shipment.delivery;
  auto& consents = *delivery.mutable_consents();
  if (consents.size() >= kMostConsents) consents.DeleteSubrange(0, 1);
  Consent& consent = *consents.Add();
  Event event = EventAbout(delivery);
  for (const int taker : takers) {
    consent.add_takers(static_cast<Taker>(taker));
    event.mutable_third_person_allowed()->add_takers(static_cast<Taker>(taker));
  }
  consent.set_given_by(tx.actor().role());
  // The sender's holds for whoever gets it.
  if (consent.given_by() != base::v1::ROLE_CUSTOMER) {
    consent.set_recipient_contact_id(shipment.order.recipient_contact_id());
  }
  consent.set_customer_word(word);
  *consent.mutable_time() = ToTimestamp(tx.now());
  event.mutable_third_person_allowed()->set_word(word);
  tx.Emit(std::move(event));
}

HandoverResult ResultOf(HandoverResult::Outcome outcome, Delivery delivery) {
  HandoverResult result;
  result.set_order_id(delivery.order_id());
  result.set_outcome(outcome);
  *result.mutable_delivery() = std::move(delivery);
  return result;
}

// SYS-07: that it was asked for is on record, and the courier still has the parcel.
HandoverResult RefuseTaker(Taker taker, const absl::Status& why, Shipment shipment, Transaction& tx) {
  Event event = EventAbout(shipment.order);
  event.mutable_handover_refused()->set_taker(taker);
  tx.Emit(std::move(event));
  HandoverResult result = ResultOf(HandoverResult::OUTCOME_REFUSED, Shown(std::move(shipment), tx).delivery);
  const base::v1::AvailableAction refused = Answered(kHandOverParcel.method(), why);
  result.set_rule_id(refused.rule_id());
  result.set_reason(refused.reason());
  return result;
}

void RecordTaker(const HandOverParcelRequest& request, const Policy& policy, Shipment& shipment,
                 Transaction& tx) {
  deliveries::v1::Handover& handover = *shipment.delivery.mutable_handover();
  handover.set_taker(request.taker());
  handover.set_deviation(Has(policy.deliveries().deviating_takers(), request.taker()));
  *handover.mutable_time() = ToTimestamp(tx.now());
  if (!request.taker_name().empty()) {
    orders::v1::ContactDetails details;
    details.set_name(request.taker_name());
    handover.set_contact_id(NewContact(shipment.order, details, tx));
  }
  Event event = EventAbout(shipment.order);
  event.mutable_parcel_handed_over()->set_taker(handover.taker());
  event.mutable_parcel_handed_over()->set_contact_id(handover.contact_id());
  event.mutable_parcel_handed_over()->set_deviation(handover.deviation());
  tx.Emit(std::move(event));
}

// ORD-07: what the order says stays as it is.
absl::Status ArriveLate(absl::Time arrived, Shipment& shipment, Transaction& tx) {
  auto& [order, delivery] = shipment;
  *delivery.mutable_arrived_time() = ToTimestamp(arrived);
  *order.mutable_arrived_time() = delivery.arrived_time();
  delivery.set_state(Delivery::STATE_HANDED_OVER);
  Event event = EventAbout(order);
  *event.mutable_arrival_recorded()->mutable_arrived_time() = delivery.arrived_time();
  tx.Emit(std::move(event));
  return EndTheWay(base::v1::INCIDENT_OUTCOME_DELIVERED, shipment, tx).status();
}

// DELIVERED by the same commit, which is told last.
absl::Status DeliverNow(Shipment& shipment, Transaction& tx) {
  auto& [order, delivery] = shipment;
  delivery.set_state(Delivery::STATE_HANDED_OVER);
  RETURN_IF_ERROR(EndTheWay(base::v1::INCIDENT_OUTCOME_DELIVERED, shipment, tx).status());
  order.clear_whereabouts();  // where it was last, it is not any more
  if (delivery.handover().taker() == base::v1::TAKER_RECIPIENT) {
    *order.mutable_arrived_time() = ToTimestamp(tx.now());  // ORD-05: that was no mistake
  }
  return DeliverStep(order, tx.now(), {tx.now()}, tx);
}

}  // namespace

absl::StatusOr<Delivery> AllowThirdPerson(const deliveries::v1::AllowThirdPersonRequest& request,
                                          Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, ReachedShipment(kAllowThirdPerson, request.order_id(), tx));
  RETURN_IF_ERROR(CheckCustomerWord(tx.actor(), request.customer_word()));
  Delivery& delivery = shipment.delivery;
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(shipment.policy()));
  std::set<int> named;
  bool all = true;
  for (const int taker : request.takers()) {
    if (!named.insert(taker).second) return InvalidFields({{"takers", "name one twice"}});
    if (taker == base::v1::TAKER_RECIPIENT) {
      return InvalidFields({{"takers", "name the recipient, who always may"}});
    }
    all = all && IsAllowed(shipment, static_cast<Taker>(taker));
  }
  // Allowed before is allowed.
  if (all && !IsOver(delivery)) return Shown(std::move(shipment), tx).delivery;
  RETURN_IF_ERROR(kAllowThirdPerson.guard(AskedNow(shipment, tx)));
  for (const int taker : named) {
    if (Has(policy->deliveries().takers(), static_cast<Taker>(taker))) continue;
    return Refusal("DLV-05", absl::StrCat(Spoken(static_cast<Taker>(taker)), " takes no parcels here"));
  }
  RecordConsent(request.takers(), request.customer_word(), shipment, tx);
  return KeptDelivery(std::move(shipment), tx);
}

absl::StatusOr<HandoverResult> HandOverParcel(const HandOverParcelRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, ReachedShipment(kHandOverParcel, request.order_id(), tx));
  RETURN_IF_ERROR(CheckTold(request));
  if (IsLate(shipment)) {
    ASSIGN_OR_RETURN(Delivery noted, NoteLate("handed_over", std::move(shipment), tx));
    return ResultOf(HandoverResult::OUTCOME_ACCEPTED, std::move(noted));
  }
  RETURN_IF_ERROR(kHandOverParcel.guard(AskedNow(shipment, tx)));
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(shipment.policy()));
  Delivery& delivery = shipment.delivery;
  if (const absl::Status may = MayTake(request, shipment, *policy); !may.ok()) {
    return RefuseTaker(request.taker(), may, std::move(shipment), tx);
  }
  if (!request.consent_word().empty()) {
    RecordConsent(std::vector<int>{request.taker()}, request.consent_word(), shipment, tx);
  }
  const bool late = IsMissing(delivery);
  if (Attempt* const attempt = UnderWay(delivery); attempt != nullptr && !attempt->has_arrive_time()) {
    *attempt->mutable_arrive_time() = ToTimestamp(tx.now());
  }
  EndAttempt(Attempt::OUTCOME_HANDED_OVER, delivery, tx);
  RecordTaker(request, *policy, shipment, tx);
  RETURN_IF_ERROR(late ? ArriveLate(tx.now(), shipment, tx) : DeliverNow(shipment, tx));
  ASSIGN_OR_RETURN(Delivery kept, KeptBoth(std::move(shipment), tx));
  return ResultOf(HandoverResult::OUTCOME_ACCEPTED, std::move(kept));
}

absl::StatusOr<Delivery> ReportNotArrived(const deliveries::v1::ReportNotArrivedRequest& request,
                                          Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, ReachedShipment(kReportNotArrived, request.order_id(), tx));
  auto& [order, delivery] = shipment;
  // Reports of two people, or of one twice, are one.
  if (IsMissing(delivery)) return Shown(std::move(shipment), tx).delivery;
  RETURN_IF_ERROR(kReportNotArrived.guard(AskedNow(shipment, tx)));
  // Its order was called delivered a moment ago, and that has not been followed yet.
  RETURN_IF_ERROR(EndTheWay(base::v1::INCIDENT_OUTCOME_DELIVERED, shipment, tx).status());
  RETURN_IF_ERROR(AwaitSending(shipment, tx));
  delivery.clear_courier_id();
  *delivery.mutable_not_arrived_time() = ToTimestamp(tx.now());
  delivery.clear_arrived_time();
  Event event = EventAbout(order);
  event.mutable_not_arrived_reported();
  tx.Emit(std::move(event));
  RETURN_IF_ERROR(
      OpenIncident({base::v1::INCIDENT_KIND_NOT_ARRIVED, base::v1::INCIDENT_SOURCE_DELIVERY}, order, tx)
          .status());
  return KeptBoth(std::move(shipment), tx);
}

absl::StatusOr<Delivery> RecordLateArrival(const deliveries::v1::RecordLateArrivalRequest& request,
                                           Transaction& tx) {
  ASSIGN_OR_RETURN(Shipment shipment, BeginShipment(kRecordLateArrival, request.order_id(), tx));
  const absl::Time arrived = request.has_arrived_time() ? ToTime(request.arrived_time()) : tx.now();
  if (arrived > tx.now()) return Refusal("ORD-07", "the arrival is in the future");
  if (arrived < ToTime(shipment.order.handover_time())) {
    return Refusal("ORD-07", "the arrival is before the handover");
  }
  RETURN_IF_ERROR(ArriveLate(arrived, shipment, tx));
  return KeptBoth(std::move(shipment), tx);
}

}  // namespace makegood::rules
