// The order's state machine (ORD-11) and its guards: each says whether a step could be taken now,
// without changing anything. Commands, available actions (ORD-09), the connector (ORD-08) and the
// import of history (ORD-13) all ask these.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "makegood/orders/v1/orders.pb.h"

namespace makegood::rules {

// Whether `order` may move to `target`. Refused under the rule that says why: ORD-01 while blocked,
// ORD-03 for a cancellation once handed over, ORD-05 once delivered, ORD-11 for everything else.
absl::Status CheckTransition(const orders::v1::Order& order, orders::v1::Order::State target);

// DELIVERED, RETURNED and CANCELLED.
bool IsFinal(orders::v1::Order::State state);

// BLOCKED, OPEN or SHIPPING: the parcel has not left the merchant.
bool IsBeforeHandover(orders::v1::Order::State state);

// SHIPPED, and on its way back to the store or back there (DLV-03).
bool IsComingBack(const orders::v1::Order& order);

// DLV-03: back at the store, and nothing keeps it there.
bool IsToGoOutAgain(const orders::v1::Order& order);

// Before handover, or on its way back or at the store: ORD-12 keeps it from leaving.
bool CanBeHeld(const orders::v1::Order& order);

absl::Status MayStartShipping(const orders::v1::Order& order);
// ORD-12: no hold; the refusal lists them.
absl::Status CheckNotHeld(const orders::v1::Order& order);
// The transition, and no hold (ORD-12).
absl::Status MayHandOver(const orders::v1::Order& order);
// The transition, and it is not on its way back or back (DLV-03).
absl::Status MayRecordDelivery(const orders::v1::Order& order);
absl::Status MayMarkReturned(const orders::v1::Order& order);
absl::Status MayCancel(const orders::v1::Order& order);
// AVL-02: it may be worked on and has not left.
absl::Status MayRecordPick(const orders::v1::Order& order);
// AVL-05: it has not left.
absl::Status MayReportIncident(const orders::v1::Order& order);
// RFD-01: it has not left.
absl::Status MayTakeOff(const orders::v1::Order& order);
// ORD-12: only what can be held, and by 50 holds at most.
absl::Status MayPlaceHold(const orders::v1::Order& order);
// DLV-01: the same, and no change of the address waits.
absl::Status MayChangeAddress(const orders::v1::Order& order);
// ORD-05: DELIVERED, and not reported before.
absl::Status MayReportFalseDelivery(const orders::v1::Order& order);
// ORD-05: reported, and without a number.
absl::Status MayAssignReturnNumber(const orders::v1::Order& order);

// ORD-02: a delivery is neither in the future nor before the handover.
absl::Status CheckDeliveryTime(const orders::v1::Order& order, absl::Time delivered, absl::Time now);

}  // namespace makegood::rules
