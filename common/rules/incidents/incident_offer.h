// What may be chosen for an incident, and what goes back by it: by the policy, by what is known of the goods,
// and by where they are.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "common/rules/incidents/incident_records.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/orders/order_steps.h"
#include "common/rules/policy/policy_book.h"

namespace makegood::rules {

// What a policy offers for that kind of trouble; nothing where it does not know it.
const base::v1::IncidentRule* RuleFor(const Policy& policy, base::v1::IncidentKind kind);

// Whether it is about goods that have left the merchant (DLV, ORD-07).
bool IsOnTheWay(base::v1::IncidentKind kind);

// Of what is there or not an order has one incident, whatever found it.
bool IsOfStock(const Incident& incident);

// Whether that is among its options.
bool Offers(const Incident& incident, base::v1::IncidentOption option);

// Whether it still is: nobody waits for what is waited for already, or for a time that has passed (AVL-03).
bool OffersNow(const Incident& incident, base::v1::IncidentOption option, absl::Time now);

// Takes away what has passed meanwhile, for whoever reads it.
void HidePassed(absl::Time now, Incident& incident);

// Whatever the policy offers and can be had now.
void SetOptions(const Policy& policy, const Order& order, absl::Time now, Incident& incident);
// What goes back by each of those that are offered.
void SetAmounts(Incident& incident, const Order& order);

// DLV-03, PAY-02: going again was not paid for: nothing is offered any more for which a courier leaves,
// unless that is all there is. False where that changes nothing.
bool TakeWaysBack(Incident& incident);

// Nothing else is left on the order: the rest of it was taken off meanwhile.
bool IsAllMissing(const Incident& incident, const Order& order);

// What of it is missing still.
TakenOff MissingUnits(const Incident& incident, const Order& order);
// What an alternative replaces, and what that costs: what is missing or, where nothing of the order can be
// sent, all of it.
TakenOff ReplacedUnits(const Incident& incident, const Order& order);
int64_t PriceOf(const TakenOff& units, const Order& order);
int64_t PriceOf(const incidents::v1::AlternativeProduct& product);

}  // namespace makegood::rules
