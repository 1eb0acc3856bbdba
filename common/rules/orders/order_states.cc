#include "common/rules/orders/order_states.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/base/enum_word.h"
#include "common/base/status.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using orders::v1::Correction;
using orders::v1::Hold;
using orders::v1::Order;

constexpr int kMaxHolds = 50;

// ORD-11. What is not here is refused.
struct Transition {
  Order::State from;
  Order::State to;
};
constexpr Transition kTransitions[] = {
    {Order::STATE_BLOCKED, Order::STATE_OPEN},       {Order::STATE_BLOCKED, Order::STATE_CANCELLED},
    {Order::STATE_OPEN, Order::STATE_SHIPPING},      {Order::STATE_OPEN, Order::STATE_SHIPPED},
    {Order::STATE_OPEN, Order::STATE_CANCELLED},     {Order::STATE_SHIPPING, Order::STATE_SHIPPED},
    {Order::STATE_SHIPPING, Order::STATE_CANCELLED}, {Order::STATE_SHIPPED, Order::STATE_DELIVERED},
    {Order::STATE_SHIPPED, Order::STATE_RETURNED},
};

// The rule that forbids a step that the table does not have.
absl::string_view RuleAgainst(Order::State from, Order::State to) {
  if (from == to && from != Order::STATE_DELIVERED) return "ORD-11";
  if (to == Order::STATE_CANCELLED && !IsBeforeHandover(from)) return "ORD-03";
  if (from == Order::STATE_DELIVERED) return "ORD-05";
  if (from == Order::STATE_BLOCKED) return "ORD-01";
  return "ORD-11";
}

}  // namespace

absl::Status CheckTransition(const Order& order, Order::State target) {
  const bool known =
      std::any_of(std::begin(kTransitions), std::end(kTransitions), [&](const Transition& transition) {
        return transition.from == order.state() && transition.to == target;
      });
  if (known) return absl::OkStatus();
  return Refusal(
      RuleAgainst(order.state(), target),
      absl::StrCat("an order that is ", EnumWord(order.state()), " cannot become ", EnumWord(target)));
}

bool IsFinal(Order::State state) {
  return state == Order::STATE_DELIVERED || state == Order::STATE_RETURNED || state == Order::STATE_CANCELLED;
}

bool IsBeforeHandover(Order::State state) {
  return state == Order::STATE_BLOCKED || state == Order::STATE_OPEN || state == Order::STATE_SHIPPING;
}

bool IsComingBack(const Order& order) {
  return order.state() == Order::STATE_SHIPPED && (order.whereabouts() == Order::WHEREABOUTS_RETURNING ||
                                                   order.whereabouts() == Order::WHEREABOUTS_AT_STORE);
}

bool IsToGoOutAgain(const Order& order) {
  return IsComingBack(order) && order.whereabouts() == Order::WHEREABOUTS_AT_STORE && order.holds().empty();
}

bool CanBeHeld(const Order& order) { return IsBeforeHandover(order.state()) || IsComingBack(order); }

absl::Status MayStartShipping(const Order& order) { return CheckTransition(order, Order::STATE_SHIPPING); }

absl::Status CheckNotHeld(const Order& order) {
  if (order.holds().empty()) return absl::OkStatus();
  return Refusal(
      "ORD-12",
      absl::StrCat("held by ", absl::StrJoin(order.holds(), ", ", [](std::string* out, const Hold& hold) {
                     absl::StrAppend(out, EnumWord(hold.name()));
                     if (!hold.reference_id().empty()) absl::StrAppend(out, " (", hold.reference_id(), ")");
                   })));
}

absl::Status MayHandOver(const Order& order) {
  RETURN_IF_ERROR(CheckTransition(order, Order::STATE_SHIPPED));
  return CheckNotHeld(order);
}

absl::Status MayRecordDelivery(const Order& order) {
  RETURN_IF_ERROR(CheckTransition(order, Order::STATE_DELIVERED));
  if (!IsComingBack(order)) return absl::OkStatus();
  return Refusal("DLV-03", order.whereabouts() == Order::WHEREABOUTS_AT_STORE
                               ? "the parcel is back at the store"
                               : "the parcel is on its way back to the store; who met the recipient all the "
                                 "same hands it over at the door");
}

absl::Status MayMarkReturned(const Order& order) { return CheckTransition(order, Order::STATE_RETURNED); }

absl::Status MayCancel(const Order& order) { return CheckTransition(order, Order::STATE_CANCELLED); }

absl::Status MayRecordPick(const Order& order) {
  if (order.state() == Order::STATE_OPEN || order.state() == Order::STATE_SHIPPING) return absl::OkStatus();
  return Refusal("AVL-02", absl::StrCat("nothing is picked of an order that is ", EnumWord(order.state())));
}

absl::Status MayReportIncident(const Order& order) {
  if (IsBeforeHandover(order.state())) return absl::OkStatus();
  return Refusal("AVL-05", absl::StrCat("nothing is reported of an order that is ", EnumWord(order.state())));
}

absl::Status MayTakeOff(const Order& order) {
  if (IsBeforeHandover(order.state())) return absl::OkStatus();
  return Refusal("RFD-01", absl::StrCat("nothing is taken off an order that is ", EnumWord(order.state())));
}

absl::Status MayPlaceHold(const Order& order) {
  if (!CanBeHeld(order)) {
    return Refusal("ORD-12", absl::StrCat("an order that is ", EnumWord(order.state()), " cannot be held"));
  }
  if (order.holds_size() >= kMaxHolds) {
    return Refusal("ORD-12", absl::StrCat("has ", kMaxHolds, " holds already"));
  }
  return absl::OkStatus();
}

absl::Status MayChangeAddress(const Order& order) {
  if (!CanBeHeld(order)) {
    return Refusal("DLV-01",
                   absl::StrCat("the address of an order that is ", EnumWord(order.state()), " stays"));
  }
  if (order.has_address_change()) {
    return Refusal("DLV-01", "another address waits to be paid for; its surcharge is declined first");
  }
  return absl::OkStatus();
}

absl::Status MayReportFalseDelivery(const Order& order) {
  if (order.state() != Order::STATE_DELIVERED) {
    return Refusal("ORD-05",
                   absl::StrCat("is ", EnumWord(order.state()), ", so no DELIVERED was set by mistake"));
  }
  if (order.has_correction()) return Refusal("ORD-05", "was reported before");
  if (order.has_arrived_time()) return Refusal("ORD-05", "has arrived: what is wrong with it is claimed");
  return absl::OkStatus();
}

absl::Status MayAssignReturnNumber(const Order& order) {
  if (!order.has_correction()) return Refusal("ORD-05", "no DELIVERED was reported as set by mistake");
  if (order.correction().state() != Correction::STATE_REPORTED) {
    return Refusal("ORD-05", "the correction has its return number");
  }
  return absl::OkStatus();
}

absl::Status CheckDeliveryTime(const Order& order, absl::Time delivered, absl::Time now) {
  if (delivered > now) return Refusal("ORD-02", "the delivery time is in the future");
  if (delivered < ToTime(order.handover_time())) {
    return Refusal("ORD-02", "the delivery time is before the handover");
  }
  return absl::OkStatus();
}

}  // namespace makegood::rules
