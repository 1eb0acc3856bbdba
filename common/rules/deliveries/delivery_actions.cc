#include "common/rules/deliveries/delivery_actions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/enum_word.h"
#include "common/base/status.h"
#include "common/rules/orders/order_states.h"
#include "makegood/deliveries/v1/deliveries_service.pb.h"

namespace makegood::rules {
namespace {

using deliveries::v1::Interception;

bool IsReturning(const Delivery& delivery) { return delivery.state() == Delivery::STATE_RETURNING; }

// "the parcel is at store".
std::string WhereItIs(const Delivery& delivery) {
  switch (delivery.state()) {
    case Delivery::STATE_NOT_DISPATCHED:
      return "the parcel has not left";
    case Delivery::STATE_WITH_CARRIER:
      return "a carrier has the parcel";
    case Delivery::STATE_WITH_COURIER:
      return "a courier is on the way with the parcel";
    case Delivery::STATE_AT_THE_DOOR:
      return "the courier is at the door";
    case Delivery::STATE_RETURNING:
      return "the parcel is on its way back to the store";
    case Delivery::STATE_AT_STORE:
      return "the parcel is back at the store";
    case Delivery::STATE_NOT_ARRIVED:
      return "the parcel has not arrived, and is to be sent first";
    case Delivery::STATE_HANDED_OVER:
      return "the parcel has arrived";
    default:
      return "the order is over";
  }
}

absl::Status RefusedAsItIs(absl::string_view rule_id, const Delivery& delivery) {
  return Refusal(rule_id, WhereItIs(delivery));
}

absl::Status MayDispatch(const Asked<Shipment>& asked) {
  const auto& [order, delivery] = asked.record;
  if (IsBeforeHandover(order.state())) return MayHandOver(order);
  if (delivery.state() == Delivery::STATE_AT_STORE || delivery.state() == Delivery::STATE_NOT_ARRIVED) {
    return CheckNotHeld(order);
  }
  if (IsOver(delivery)) return CheckTransition(order, Order::STATE_SHIPPED);
  return RefusedAsItIs("DLV-03", delivery);
}

absl::Status MayRecordArrival(const Asked<Shipment>& asked) {
  if (asked.record.delivery.state() == Delivery::STATE_WITH_COURIER) return absl::OkStatus();
  return RefusedAsItIs("DLV-04", asked.record.delivery);
}

absl::Status MayRecordContact(const Asked<Shipment>& asked) {
  const Delivery& delivery = asked.record.delivery;
  if (delivery.state() != Delivery::STATE_AT_THE_DOOR) return RefusedAsItIs("DLV-04", delivery);
  if (delivery.has_wait_until_time() && asked.now >= ToTime(delivery.wait_until_time())) {
    return Refusal("DLV-04", "the wait is over");
  }
  return absl::OkStatus();
}

absl::Status MayAllowThirdPerson(const Asked<Shipment>& asked) {
  if (IsOver(asked.record.delivery)) return RefusedAsItIs("DLV-05", asked.record.delivery);
  ASSIGN_OR_RETURN(const Policy* const policy, asked.policy());
  const auto& takers = policy->deliveries().takers();
  if (takers.empty()) return Refusal("DLV-05", "nobody but the recipient takes a parcel here");
  const bool all = std::all_of(takers.begin(), takers.end(), [&](int taker) {
    return IsAllowed(asked.record, static_cast<base::v1::Taker>(taker));
  });
  return all ? Refusal("DLV-05", "everybody may take it already who can be allowed to") : absl::OkStatus();
}

absl::Status MayHandOverParcel(const Asked<Shipment>& asked) {
  const Delivery& delivery = asked.record.delivery;
  // Who meets the recipient on the way back has brought it all the same.
  if (IsOut(delivery) || IsReturning(delivery)) return absl::OkStatus();
  return RefusedAsItIs("DLV-04", delivery);
}

absl::Status MayRecordRefusal(const Asked<Shipment>& asked) {
  return IsOut(asked.record.delivery) ? absl::OkStatus() : RefusedAsItIs("DLV-06", asked.record.delivery);
}

absl::Status MayRecallCourier(const Asked<Shipment>& asked) {
  const Delivery& delivery = asked.record.delivery;
  return IsWithCourier(delivery) ? absl::OkStatus() : RefusedAsItIs("DLV-03", delivery);
}

absl::Status MayRecordParcelBack(const Asked<Shipment>& asked) {
  const Delivery& delivery = asked.record.delivery;
  if (IsOut(delivery) || IsReturning(delivery)) return absl::OkStatus();
  return RefusedAsItIs("DLV-03", delivery);
}

absl::Status MayRequestInterception(const Asked<Shipment>& asked) {
  const auto& [order, delivery] = asked.record;
  if (IsBeforeHandover(order.state())) {
    return Refusal("DLV-09", "the parcel has not left: the order can be cancelled, or its address changed");
  }
  if (order.state() != Order::STATE_SHIPPED) {
    return Refusal("DLV-08", absl::StrCat("the order is ", EnumWord(order.state())));
  }
  switch (delivery.interception().state()) {
    case Interception::STATE_ASKED:
      return Refusal("DLV-08", "the carrier is asked already");
    case Interception::STATE_SUCCEEDED:
      return Refusal("DLV-08", "the carrier gives the parcel back already");
    case Interception::STATE_FAILED:
      return Refusal("DLV-08", "the carrier was asked, and does not give the parcel back");
    case Interception::STATE_REFUSED:
      return Refusal("DLV-08", "where the parcel goes it cannot be called back");
    default:
      return IsOut(delivery) ? absl::OkStatus() : RefusedAsItIs("DLV-08", delivery);
  }
}

absl::Status MayRecordInterception(const Asked<Shipment>& asked) {
  const Delivery& delivery = asked.record.delivery;
  if (IsOver(delivery)) return RefusedAsItIs("DLV-08", delivery);
  if (delivery.interception().state() == Interception::STATE_ASKED) return absl::OkStatus();
  return Refusal("DLV-08", "no carrier's answer is waited for");
}

absl::Status MayRecordCustomsHold(const Asked<Shipment>& asked) {
  const Delivery& delivery = asked.record.delivery;
  if (IsAtCustoms(delivery)) return Refusal("DLV-07", "the customs keep it already");
  // Who stands at the door has it (DLV-04).
  const bool on_its_way = asked.record.order.state() == Order::STATE_SHIPPED && IsOut(delivery) &&
                          delivery.state() != Delivery::STATE_AT_THE_DOOR;
  return on_its_way ? absl::OkStatus() : RefusedAsItIs("DLV-07", delivery);
}

absl::Status MayRecordCustomsRelease(const Asked<Shipment>& asked) {
  if (IsAtCustoms(asked.record.delivery)) return absl::OkStatus();
  return Refusal("DLV-07", "the customs do not keep it");
}

absl::Status MayReportNotArrived(const Asked<Shipment>& asked) {
  const auto& [order, delivery] = asked.record;
  if (order.state() != Order::STATE_DELIVERED) {
    return Refusal("ORD-07", absl::StrCat("the order is ", EnumWord(order.state()), ", not DELIVERED"));
  }
  if (order.has_correction()) return Refusal("ORD-07", "the order's delivery is being corrected (ORD-05)");
  if (IsMissing(delivery)) return Refusal("ORD-07", "that is known already");
  if (delivery.state() == Delivery::STATE_HANDED_OVER) return RefusedAsItIs("ORD-07", delivery);
  // CLM-01, RFD-08: it is made good once, by one way.
  if (!delivery.case_ids().empty()) {
    return Refusal("ORD-07", absl::StrCat("a claim or withdrawal makes it good: ", delivery.case_ids(0)));
  }
  return absl::OkStatus();
}

absl::Status MayRecordLateArrival(const Asked<Shipment>& asked) {
  if (IsMissing(asked.record.delivery)) return absl::OkStatus();
  return Refusal("ORD-07", "nothing is reported as not arrived");
}

Delivery::CourierTask TaskOf(const Delivery& delivery) {
  if (delivery.courier_id().empty()) return Delivery::COURIER_TASK_UNSPECIFIED;
  switch (delivery.state()) {
    case Delivery::STATE_WITH_COURIER:
      return Delivery::COURIER_TASK_BRING;
    case Delivery::STATE_AT_THE_DOOR:
      return Delivery::COURIER_TASK_WAIT;
    case Delivery::STATE_RETURNING:
      return Delivery::COURIER_TASK_BRING_BACK;
    default:
      return Delivery::COURIER_TASK_UNSPECIFIED;
  }
}

}  // namespace

bool IsWithCourier(const Delivery& delivery) {
  return delivery.state() == Delivery::STATE_WITH_COURIER || delivery.state() == Delivery::STATE_AT_THE_DOOR;
}

bool IsOut(const Delivery& delivery) {
  return IsWithCourier(delivery) || delivery.state() == Delivery::STATE_WITH_CARRIER;
}

bool IsAtCustoms(const Delivery& delivery) {
  return delivery.customs().has_hold_time() && !delivery.customs().has_release_time() && !IsOver(delivery);
}

bool IsAllowed(const Shipment& shipment, base::v1::Taker taker) {
  const auto& consents = shipment.delivery.consents();
  return std::any_of(consents.begin(), consents.end(), [&](const deliveries::v1::Consent& consent) {
    const bool holds = consent.recipient_contact_id().empty() ||
                       consent.recipient_contact_id() == shipment.order.recipient_contact_id();
    return holds &&
           std::find(consent.takers().begin(), consent.takers().end(), taker) != consent.takers().end();
  });
}

const Action<Shipment> kDispatch{MethodOf<deliveries::v1::DispatchRequest>, MayDispatch};
const Action<Shipment> kRecordArrival{MethodOf<deliveries::v1::RecordArrivalRequest>, MayRecordArrival};
const Action<Shipment> kRecordContact{MethodOf<deliveries::v1::RecordContactRequest>, MayRecordContact};
const Action<Shipment> kAllowThirdPerson{MethodOf<deliveries::v1::AllowThirdPersonRequest>,
                                         MayAllowThirdPerson};
const Action<Shipment> kHandOverParcel{MethodOf<deliveries::v1::HandOverParcelRequest>, MayHandOverParcel};
const Action<Shipment> kRecordRefusal{MethodOf<deliveries::v1::RecordRefusalRequest>, MayRecordRefusal};
const Action<Shipment> kRecallCourier{MethodOf<deliveries::v1::RecallCourierRequest>, MayRecallCourier};
const Action<Shipment> kRecordParcelBack{MethodOf<deliveries::v1::RecordParcelBackRequest>,
                                         MayRecordParcelBack};
const Action<Shipment> kRequestInterception{MethodOf<deliveries::v1::RequestInterceptionRequest>,
                                            MayRequestInterception};
const Action<Shipment> kRecordInterception{MethodOf<deliveries::v1::RecordInterceptionRequest>,
                                           MayRecordInterception};
const Action<Shipment> kRecordCustomsHold{MethodOf<deliveries::v1::RecordCustomsHoldRequest>,
                                          MayRecordCustomsHold};
const Action<Shipment> kRecordCustomsRelease{MethodOf<deliveries::v1::RecordCustomsReleaseRequest>,
                                             MayRecordCustomsRelease};
const Action<Shipment> kReportNotArrived{MethodOf<deliveries::v1::ReportNotArrivedRequest>,
                                         MayReportNotArrived};
const Action<Shipment> kRecordLateArrival{MethodOf<deliveries::v1::RecordLateArrivalRequest>,
                                          MayRecordLateArrival};

// The usual course first: so they are told.
void FillActions(Shipment& shipment, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies) {
  static constexpr const Action<Shipment>* kActions[] = {
      &kDispatch,          &kRecordArrival,       &kRecordContact,       &kHandOverParcel,
      &kRecordRefusal,     &kRecordParcelBack,    &kRecallCourier,       &kAllowThirdPerson,
      &kReportNotArrived,  &kRecordLateArrival,   &kRequestInterception, &kRecordInterception,
      &kRecordCustomsHold, &kRecordCustomsRelease};
  TellActions(kActions, shipment, actor, now, policies);
  shipment.delivery.set_courier_task(TaskOf(shipment.delivery));
}

}  // namespace makegood::rules
