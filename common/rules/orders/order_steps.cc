#include "common/rules/orders/order_steps.h"

#include <algorithm>

#include "common/base/status.h"
#include "common/rules/fields/phone.h"
#include "common/rules/figures/order_figures.h"
#include "common/rules/messages.h"
#include "common/rules/orders/hold_table.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using base::v1::TargetPolicy;
using events::v1::Event;
using orders::v1::Cancellation;
using orders::v1::Hold;
using orders::v1::OrderLine;

// Whether the policy counts a cancellation in the cancel rate (KPI-05).
bool Counts(const Cancellation& cancellation, const Policy& policy) {
  return policy.targets().cancel_rate_counts() == TargetPolicy::CANCEL_RATE_COUNTS_ALL ||
         cancellation.merchant_caused();
}

// ORD-12: what is over is kept back by nothing.
void EndHolds(Order& order, Transaction& tx) {
  while (!order.holds().empty()) {
    const Hold hold = order.holds(0);
    const bool has_case = IsOfCase(hold.reference_id()) && hold.reference_id() != kAddressHold;
    ReleaseHoldStep(order, hold.name(), hold.reference_id(), has_case ? hold.reference_id() : "", tx);
  }
}

// Lines of which something is delivered.
int DeliveredLines(const Order& order) {
  return static_cast<int>(
      std::count_if(order.lines().begin(), order.lines().end(),
                    [](const OrderLine& line) { return line.taken_off() < line.quantity(); }));
}

bool IsHold(const Hold& hold, base::v1::HoldName name, absl::string_view reference_id) {
  return hold.name() == name && hold.reference_id() == reference_id;
}

}  // namespace

void TellLine(const OrderLine& line, const Order& order, events::v1::OrderedLine& ordered) {
  ordered.set_line_id(line.line_id());
  ordered.set_quantity(line.quantity());
  *ordered.mutable_unit_price() = MakeMoney(line.unit_price_minor(), order.total().currency());
  ordered.set_vat_basis_points(line.vat_basis_points());
}

Event OrderEvent(const Order& order, const StepTime& moment) {
  Event event = EventAbout(order);
  *event.mutable_time() = ToTimestamp(moment.time);
  event.set_imported(moment.imported);
  return event;
}

absl::Status OpenStep(Order& order, const StepTime& moment, Transaction& tx) {
  RETURN_IF_ERROR(CheckTransition(order, Order::STATE_OPEN));
  if (order.payment_method() == base::v1::PAYMENT_METHOD_PREPAID && !order.paid()) {
    return Refusal("ORD-01", "a prepaid order opens when its payment is in");
  }
  order.set_state(Order::STATE_OPEN);
  *order.mutable_open_time() = ToTimestamp(moment.time);
  Event event = OrderEvent(order, moment);
  events::v1::OrderOpened& fact = *event.mutable_order_opened();
  if (order.has_promised_ship_time()) *fact.mutable_promised_ship_time() = order.promised_ship_time();
  tx.Emit(std::move(event));
  return Count(
      order, moment.time, [](DayTally& tally) { tally.set_opened(tally.opened() + 1); }, tx);
}

absl::Status StartShippingStep(Order& order, const StepTime& moment, Transaction& tx) {
  RETURN_IF_ERROR(MayStartShipping(order));
  order.set_state(Order::STATE_SHIPPING);
  *order.mutable_shipping_time() = ToTimestamp(moment.time);
  Event event = OrderEvent(order, moment);
  event.mutable_order_shipping_started();
  tx.Emit(std::move(event));
  return absl::OkStatus();
}

absl::Status HandOverStep(Order& order, const Parcel& parcel, absl::Time handover, const StepTime& moment,
                          Transaction& tx) {
  RETURN_IF_ERROR(MayHandOver(order));
  order.set_state(Order::STATE_SHIPPED);
  *order.mutable_handover_time() = ToTimestamp(handover);
  order.set_carrier(parcel.carrier);
  order.set_tracking_number(parcel.tracking_number);
  order.set_courier_id(parcel.courier_id);
  if (!parcel.courier_id.empty()) order.set_whereabouts(Order::WHEREABOUTS_WITH_COURIER);
  Event event = OrderEvent(order, moment);
  event.mutable_order_shipped()->set_carrier(parcel.carrier);
  event.mutable_order_shipped()->set_tracking_number(parcel.tracking_number);
  tx.Emit(std::move(event));
  return absl::OkStatus();
}

absl::Status DeliverStep(Order& order, absl::Time delivered, const StepTime& moment, Transaction& tx) {
  RETURN_IF_ERROR(MayRecordDelivery(order));
  order.set_state(Order::STATE_DELIVERED);
  order.clear_whereabouts();
  EndHolds(order, tx);
  *order.mutable_delivered_time() = ToTimestamp(delivered);
  Event event = OrderEvent(order, moment);
  events::v1::OrderDelivered& fact = *event.mutable_order_delivered();
  *fact.mutable_delivered_time() = order.delivered_time();
  const int lines = DeliveredLines(order);
  fact.set_line_count(lines);
  *fact.mutable_total() = order.total();
  fact.set_payment_method(order.payment_method());
  tx.Emit(std::move(event));
  return Count(
      order, moment.time,
      [lines](DayTally& tally) {
        tally.set_delivered(tally.delivered() + 1);
        tally.set_lines_delivered(tally.lines_delivered() + lines);
      },
      tx);
}

absl::Status ReturnStep(Order& order, base::v1::ReturnCause cause, const StepTime& moment, Transaction& tx) {
  RETURN_IF_ERROR(MayMarkReturned(order));
  if (cause == base::v1::RETURN_CAUSE_UNSPECIFIED) return Refusal("ORD-06", "a return names its cause");
  order.set_state(Order::STATE_RETURNED);
  order.set_return_cause(cause);
  order.clear_whereabouts();
  EndHolds(order, tx);
  *order.mutable_closed_time() = ToTimestamp(moment.time);
  Event event = OrderEvent(order, moment);
  event.mutable_order_returned()->set_cause(cause);
  tx.Emit(std::move(event));
  return Count(
      order, moment.time, [](DayTally& tally) { tally.set_returned(tally.returned() + 1); }, tx);
}

absl::Status CancelStep(Order& order, const Cancellation& cancellation, const StepTime& moment,
                        Transaction& tx, base::v1::IncidentKind trouble) {
  RETURN_IF_ERROR(MayCancel(order));
  if (cancellation.initiator() == base::v1::INITIATOR_UNSPECIFIED ||
      cancellation.reason() == base::v1::CANCEL_REASON_UNSPECIFIED) {
    return Refusal("ORD-03", "a cancellation names who asked and why");
  }
  ASSIGN_OR_RETURN(const Policy* policy, tx.policies().At(order.policy()));
  const bool was_open = order.state() != Order::STATE_BLOCKED;
  order.set_state(Order::STATE_CANCELLED);
  EndHolds(order, tx);
  *order.mutable_cancellation() = cancellation;
  // AVL-04, AVL-09: goods that are not there are the merchant's doing.
  if (cancellation.reason() == base::v1::CANCEL_REASON_UNAVAILABLE) {
    order.mutable_cancellation()->set_merchant_caused(true);
  }
  *order.mutable_closed_time() = ToTimestamp(moment.time);
  const bool counted = was_open && Counts(order.cancellation(), *policy);
  Event event = OrderEvent(order, moment);
  events::v1::OrderCancelled& fact = *event.mutable_order_cancelled();
  fact.set_initiator(order.cancellation().initiator());
  fact.set_reason(order.cancellation().reason());
  fact.set_merchant_caused(order.cancellation().merchant_caused());
  fact.set_counted(counted);
  fact.set_was_open(was_open);
  fact.set_trouble(trouble);
  tx.Emit(std::move(event));
  if (!was_open) return absl::OkStatus();  // KPI-01, KPI-05
  return Count(
      order, moment.time,
      [counted](DayTally& tally) {
        tally.set_cancelled(tally.cancelled() + 1);
        if (counted) tally.set_cancelled_counted(tally.cancelled_counted() + 1);
      },
      tx);
}

std::string NewContact(const Order& order, const orders::v1::ContactDetails& details, Transaction& tx) {
  Contact contact;
  contact.set_contact_id(tx.NewId("con"));
  contact.set_order_id(order.order_id());
  contact.set_customer_id(order.customer_id());
  contact.set_merchant_id(order.merchant_id());
  *contact.mutable_details() = details;
  contact.mutable_details()->set_phone(KeptPhone(details.phone(), details.country()));
  tx.Put(contact);
  return contact.contact_id();
}

bool HasHold(const Order& order, base::v1::HoldName name, absl::string_view reference_id) {
  return std::any_of(order.holds().begin(), order.holds().end(),
                     [&](const Hold& hold) { return IsHold(hold, name, reference_id); });
}

void PlaceHoldStep(Order& order, base::v1::HoldName name, const std::string& reference_id,
                   const std::string& case_id, Transaction& tx) {
  if (HasHold(order, name, reference_id)) return;
  Hold& hold = *order.add_holds();
  hold.set_name(name);
  hold.set_reference_id(reference_id);
  *hold.mutable_time() = ToTimestamp(tx.now());
  Event event = OrderEvent(order, {tx.now()});
  event.set_case_id(case_id);
  event.mutable_hold_placed()->set_hold(name);
  event.mutable_hold_placed()->set_reference_id(reference_id);
  tx.Emit(std::move(event));
}

void ReleaseHoldStep(Order& order, base::v1::HoldName name, const std::string& reference_id,
                     const std::string& case_id, Transaction& tx) {
  auto& holds = *order.mutable_holds();
  const auto hold = std::find_if(holds.begin(), holds.end(),
                                 [&](const Hold& one) { return IsHold(one, name, reference_id); });
  if (hold == holds.end()) return;
  holds.erase(hold);
  Event event = OrderEvent(order, {tx.now()});
  event.set_case_id(case_id);
  event.mutable_hold_released()->set_hold(name);
  event.mutable_hold_released()->set_reference_id(reference_id);
  SetDispatchDue(order, tx);
  tx.Emit(std::move(event));
}

void SetDispatchDue(Order& order, const Transaction& tx) {
  if (!IsToGoOutAgain(order)) return;
  const absl::StatusOr<const Policy*> policy = tx.policies().At(order.policy());
  const int hours = policy.ok() ? (*policy)->deliveries().dispatch_again_within_hours() : 0;
  order.clear_dispatch_due_time();
  if (hours > 0) *order.mutable_dispatch_due_time() = ToTimestamp(tx.now() + absl::Hours(hours));
}

void AddLineStep(Order& order, OrderLine line, const StepTime& moment, Transaction& tx) {
  order.mutable_total()->set_amount_minor(order.total().amount_minor() +
                                          line.unit_price_minor() * line.quantity());
  Event event = OrderEvent(order, moment);
  events::v1::OrderLineAdded& fact = *event.mutable_order_line_added();
  TellLine(line, order, *fact.mutable_line());
  *fact.mutable_total() = order.total();
  *order.add_lines() = std::move(line);
  tx.Emit(std::move(event));
}

void TakeOffStep(Order& order, const TakenOff& units, base::v1::RefundReason reason, const StepTime& moment,
                 Transaction& tx) {
  Event event = OrderEvent(order, moment);
  events::v1::UnitsTakenOff& fact = *event.mutable_units_taken_off();
  fact.set_reason(reason);
  int64_t less = 0;
  for (OrderLine& line : *order.mutable_lines()) {
    const auto taken = units.find(line.line_id());
    if (taken == units.end()) continue;
    line.set_taken_off(line.taken_off() + taken->second);
    less += line.unit_price_minor() * taken->second;
    events::v1::TakenOffUnits& told = *fact.add_units();
    told.set_line_id(line.line_id());
    told.set_quantity(taken->second);
  }
  order.mutable_total()->set_amount_minor(order.total().amount_minor() - less);
  *fact.mutable_total() = order.total();
  tx.Emit(std::move(event));
}

}  // namespace makegood::rules
