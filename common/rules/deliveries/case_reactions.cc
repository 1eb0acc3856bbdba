// What is sent as not arrived, and what a case makes good instead: one way at a time (ORD-07, CLM-01,
// RFD-08).
#include <algorithm>
#include <utility>

#include "common/base/status.h"
#include "common/rules/deliveries/delivery_actions.h"
#include "common/rules/deliveries/delivery_rules.h"
#include "common/rules/deliveries/delivery_steps.h"

namespace makegood::rules {
namespace {

using events::v1::Event;

// The case takes units of the order.
bool Begins(const Event& event) { return event.has_claim_opened() || event.has_withdrawal_opened(); }

// It has ended, and made nothing good: its units are the order's again.
bool EndsInNothing(const Event& event) {
  switch (event.payload_case()) {
    case Event::kClaimRejected:
      return event.claim_rejected().final();
    case Event::kWithdrawalClosed:
      return event.withdrawal_closed().units_returned() == 0;
    case Event::kClaimRetracted:
    case Event::kClaimLapsed:
    case Event::kRejectionClosed:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::Status FollowCase(const Event& event, Transaction& tx) {
  const bool begins = Begins(event);
  if (!begins && !EndsInNothing(event)) return absl::OkStatus();
  ASSIGN_OR_RETURN(Shipment shipment, LoadShipment(event.order_id(), tx));
  auto& [order, delivery] = shipment;
  auto& cases = *delivery.mutable_case_ids();
  const auto known = std::find(cases.begin(), cases.end(), event.case_id());
  if (begins == (known != cases.end())) return absl::OkStatus();
  if (begins) {
    *cases.Add() = event.case_id();
  } else {
    cases.erase(known);
  }
  if (begins && IsMissing(delivery)) {
    RETURN_IF_ERROR(StopSending(shipment, tx));
    tx.Put(order);
  }
  return KeepDelivery(delivery, tx);
}

}  // namespace makegood::rules
