// What may be done about a delivery next (ORD-09).
#pragma once

#include "absl/time/time.h"
#include "common/rules/actions.h"
#include "common/rules/deliveries/shipment.h"
#include "common/rules/policy/policy_book.h"
#include "makegood/base/v1/access.pb.h"

namespace makegood::rules {

extern const Action<Shipment> kDispatch;
extern const Action<Shipment> kRecordArrival;
extern const Action<Shipment> kRecordContact;
extern const Action<Shipment> kAllowThirdPerson;
extern const Action<Shipment> kHandOverParcel;
extern const Action<Shipment> kRecordRefusal;
extern const Action<Shipment> kRecallCourier;
extern const Action<Shipment> kRecordParcelBack;
extern const Action<Shipment> kRequestInterception;
extern const Action<Shipment> kRecordInterception;
extern const Action<Shipment> kRecordCustomsHold;
extern const Action<Shipment> kRecordCustomsRelease;
extern const Action<Shipment> kReportNotArrived;
extern const Action<Shipment> kRecordLateArrival;

// A courier is on the way with it or at the door.
bool IsWithCourier(const Delivery& delivery);
// Somebody is on the way to the recipient with it.
bool IsOut(const Delivery& delivery);
// The customs keep it.
bool IsAtCustoms(const Delivery& delivery);

// Whether anybody has allowed that person to take it.
bool IsAllowed(const Shipment& shipment, base::v1::Taker taker);

// Fills available_actions, and what the courier is to do now.
void FillActions(Shipment& shipment, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies);

}  // namespace makegood::rules
