// The steps of a delivery, each within the commit of its order: the caller has both, and keeps both after.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/deliveries/shipment.h"
#include "common/rules/transaction.h"
#include "makegood/base/v1/incident_terms.pb.h"

namespace makegood::rules {

// A courier leaves with it, for the first time, again, or late (ORD-07). The caller has asked whether one
// may.
absl::Status GoOut(const std::string& courier_id, const std::string& carrier, Shipment& shipment,
                   Transaction& tx);

// Tells that one has left; `late`: with what had been called delivered (ORD-07).
void EmitDispatched(const Shipment& shipment, bool late, Transaction& tx);

// It does not go to the recipient any more, but back to the store.
absl::Status TurnBack(base::v1::IncidentKind cause, Shipment& shipment, Transaction& tx);

// The courier, or carrier, is told to bring it back: what that is about is an incident (DLV-03, DLV-04,
// DLV-06), unless it is known already that it has not arrived (ORD-07), or it was called for (DLV-08), which
// succeeds by it: of one return the customer is asked once.
absl::Status CallBack(base::v1::IncidentKind cause, bool had_arrived, Shipment& shipment, Transaction& tx);

// ORD-07: what has not arrived is with the merchant, who sends it; unless a case or correction makes it good
// by now.
absl::Status AwaitSending(Shipment& shipment, Transaction& tx);

// ORD-07: one of these does. What is still at the store stays there; who is out with it brings it back first.
absl::Status StopSending(Shipment& shipment, Transaction& tx);

// The courier's way that is under way, or nothing.
deliveries::v1::Attempt* UnderWay(Delivery& delivery);
void EndAttempt(deliveries::v1::Attempt::Outcome outcome, Delivery& delivery, const Transaction& tx);

// Nobody waits at a door any more.
void EndWaiting(Delivery& delivery, Transaction& tx);

// DLV-08: the carrier has answered, in words or by bringing it back; nothing where no answer is waited for.
void EndInterception(bool succeeded, Delivery& delivery, Transaction& tx);

// DLV-07: the customs do not keep it any more, as it is somewhere else. Nothing happens where they did not.
absl::Status EndCustoms(base::v1::IncidentOutcome outcome, Shipment& shipment, Transaction& tx);

// All that was still expected of the way ends with it. True where the order has changed by that.
absl::StatusOr<bool> EndTheWay(base::v1::IncidentOutcome outcome, Shipment& shipment, Transaction& tx);

// Ends what is open of trouble on the way. True where the order has changed by that.
absl::StatusOr<bool> EndTrouble(base::v1::IncidentOutcome outcome, Order& order, Transaction& tx);

// ORD-11: a report that changes nothing any more is noted.
absl::StatusOr<Delivery> NoteLate(absl::string_view report, Shipment shipment, Transaction& tx);

// The reply of a command that changed the delivery alone, or the order too.
absl::StatusOr<Delivery> KeptDelivery(Shipment shipment, Transaction& tx);
absl::StatusOr<Delivery> KeptBoth(Shipment shipment, Transaction& tx);

}  // namespace makegood::rules
