// What happens to a parcel on its way (DLV, ORD-07). Every decision is in the order's part, and what it
// changes of the order is in the same commit.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/deliveries/delivery_records.h"
#include "common/rules/transaction.h"
#include "makegood/deliveries/v1/deliveries_service.pb.h"
#include "makegood/events/v1/events.pb.h"
#include "makegood/orders/v1/orders_service.pb.h"

namespace makegood::rules {

// ---- Couriers (DLV-03, DLV-04, DLV-06): courier_runs.cc.

absl::StatusOr<Delivery> Dispatch(const deliveries::v1::DispatchRequest& request, Transaction& tx);
// HandOver as the service serves it: a courier it names has left by the same commit.
absl::StatusOr<orders::v1::Order> HandOverAndDispatch(const orders::v1::HandOverRequest& request,
                                                      Transaction& tx);
absl::StatusOr<Delivery> RecordArrival(const deliveries::v1::RecordArrivalRequest& request, Transaction& tx);
absl::StatusOr<Delivery> RecordContact(const deliveries::v1::RecordContactRequest& request, Transaction& tx);
absl::StatusOr<Delivery> RecordRefusal(const deliveries::v1::RecordRefusalRequest& request, Transaction& tx);
absl::StatusOr<Delivery> RecallCourier(const deliveries::v1::RecallCourierRequest& request, Transaction& tx);
absl::StatusOr<Delivery> RecordParcelBack(const deliveries::v1::RecordParcelBackRequest& request,
                                          Transaction& tx);

// DLV-04: the courier has waited in vain. A timer; the payload is the order's id.
inline constexpr absl::string_view kCourierWait = "courier-wait";
absl::Status EndWait(absl::string_view order_id, Transaction& tx);

// ---- Who takes it (DLV-05, ORD-07): handover.cc.

absl::StatusOr<Delivery> AllowThirdPerson(const deliveries::v1::AllowThirdPersonRequest& request,
                                          Transaction& tx);
// The reply says whether that person may; where they may not nothing but that is recorded.
absl::StatusOr<deliveries::v1::HandoverResult> HandOverParcel(
    const deliveries::v1::HandOverParcelRequest& request, Transaction& tx);
absl::StatusOr<Delivery> ReportNotArrived(const deliveries::v1::ReportNotArrivedRequest& request,
                                          Transaction& tx);
absl::StatusOr<Delivery> RecordLateArrival(const deliveries::v1::RecordLateArrivalRequest& request,
                                           Transaction& tx);

// ---- Carriers and customs (DLV-07, DLV-08): interception.cc.

absl::StatusOr<Delivery> RequestInterception(const deliveries::v1::RequestInterceptionRequest& request,
                                             Transaction& tx);
absl::StatusOr<Delivery> RecordInterception(const deliveries::v1::RecordInterceptionRequest& request,
                                            Transaction& tx);
absl::StatusOr<Delivery> RecordCustomsHold(const deliveries::v1::RecordCustomsHoldRequest& request,
                                           Transaction& tx);
absl::StatusOr<Delivery> RecordCustomsRelease(const deliveries::v1::RecordCustomsReleaseRequest& request,
                                              Transaction& tx);

// ---- What follows by itself: delivery_steps.cc.

// An order that was delivered by a report, came back, was called off or is corrected takes its delivery
// along.
absl::Status FollowDelivery(const events::v1::Event& event, Transaction& tx);

// ORD-07: claims tells of a claim or withdrawal of the order. One that takes units has what is not sent yet
// stay where it is, and a courier who is out with it called back; while there is one nothing is reported as
// not arrived.
absl::Status FollowCase(const events::v1::Event& event, Transaction& tx);

// SYS-09: the name of whoever took the parcel goes with the customer's own.
absl::Status EraseTaker(absl::string_view order_id, Transaction& tx);

}  // namespace makegood::rules
