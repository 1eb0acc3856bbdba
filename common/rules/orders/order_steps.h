// The steps of an order's life: each asks its guard, changes the order, announces the fact and
// counts it. Shared by commands, connector (ORD-08), payments' reactions (ORD-01) and the import of
// history (ORD-13). The caller reads the order before and puts it after: several steps make one
// change.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/transaction.h"
#include "makegood/events/v1/events.pb.h"

namespace makegood::rules {

// When a step is taken. For imported history the source's own time, and the event says so (ORD-13).
struct StepTime {
  absl::Time time;
  bool imported = false;
};

// What is known of the parcel and who has it; all may be empty.
struct Parcel {
  std::string carrier;
  std::string tracking_number;
  std::string courier_id;
};

// A line as events tell it.
void TellLine(const orders::v1::OrderLine& line, const Order& order, events::v1::OrderedLine& ordered);

// An event about `order` at `moment`: its ids and policy, without payload.
events::v1::Event OrderEvent(const Order& order, const StepTime& moment);

// BLOCKED → OPEN. ORD-01: prepaid and paid, or cash on delivery.
absl::Status OpenStep(Order& order, const StepTime& moment, Transaction& tx);
// OPEN → SHIPPING (ORD-02).
absl::Status StartShippingStep(Order& order, const StepTime& moment, Transaction& tx);
// OPEN or SHIPPING → SHIPPED, unless held (ORD-02, ORD-12). `handover` is when the carrier took it.
absl::Status HandOverStep(Order& order, const Parcel& parcel, absl::Time handover, const StepTime& moment,
                          Transaction& tx);
// SHIPPED → DELIVERED at `delivered`, which the caller has checked (ORD-02, ORD-04).
absl::Status DeliverStep(Order& order, absl::Time delivered, const StepTime& moment, Transaction& tx);
// SHIPPED → RETURNED (ORD-06).
absl::Status ReturnStep(Order& order, base::v1::ReturnCause cause, const StepTime& moment, Transaction& tx);
// BLOCKED, OPEN or SHIPPING → CANCELLED (ORD-03, AVL-04, AVL-09, KPI-05), for that trouble if it is for any.
absl::Status CancelStep(Order& order, const orders::v1::Cancellation& cancellation, const StepTime& moment,
                        Transaction& tx,
                        base::v1::IncidentKind trouble = base::v1::INCIDENT_KIND_UNSPECIFIED);

// Writes down a person of the order; the contact's id, by which all else refers to them (SYS-09).
std::string NewContact(const Order& order, const orders::v1::ContactDetails& details, Transaction& tx);

// A hold is known by its name and reference (ORD-12).
bool HasHold(const Order& order, base::v1::HoldName name, absl::string_view reference_id);

// One reason more why the order may not be dispatched, and one less (ORD-12); told with the case that it is
// of, if it is of one. Nothing happens where it is there already, or is not. The caller has seen to it that
// it may be.
void PlaceHoldStep(Order& order, base::v1::HoldName name, const std::string& reference_id,
                   const std::string& case_id, Transaction& tx);
void ReleaseHoldStep(Order& order, base::v1::HoldName name, const std::string& reference_id,
                     const std::string& case_id, Transaction& tx);

// WRK-01, DLV-03: where it is back at the store and nothing keeps it there any more, until when it goes out.
void SetDispatchDue(Order& order, const Transaction& tx);

// Something that was not ordered at first goes on the order, before it leaves (AVL-03).
void AddLineStep(Order& order, orders::v1::OrderLine line, const StepTime& moment, Transaction& tx);

// Units of lines go off the order before it leaves: the customer does not want them (RFD-01), or they cannot
// be had (AVL-03). The caller has seen to it that they are on it.
using TakenOff = std::map<std::string, int32_t>;
void TakeOffStep(Order& order, const TakenOff& units, base::v1::RefundReason reason, const StepTime& moment,
                 Transaction& tx);

}  // namespace makegood::rules
