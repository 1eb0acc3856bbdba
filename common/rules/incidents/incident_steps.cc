#include "common/rules/incidents/incident_steps.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/rules/incidents/pick.h"
#include "common/rules/messages.h"
#include "common/rules/orders/order_steps.h"

namespace makegood::rules {
namespace {

using base::v1::IncidentOption;
using events::v1::Event;
using incidents::v1::IncidentLogEntry;
using incidents::v1::IncidentUnits;
using orders::v1::Hold;
using orders::v1::OrderLine;

constexpr int kMostLogged = 100;

void SetTimer(absl::string_view kind, const Incident& incident, absl::Time due, Transaction& tx) {
  tx.Schedule(Task{TimerId(kind, incident.incident_id()), std::string(kind), due, incident.incident_id()});
}

int32_t UnitsOf(const Incident& incident) {
  int32_t sum = 0;
  for (const IncidentUnits& units : incident.units()) sum += units.quantity();
  return sum;
}

void Note(IncidentLogEntry::Kind kind, Incident& incident, const Transaction& tx) {
  auto& log = *incident.mutable_log();
  if (log.size() >= kMostLogged) log.DeleteSubrange(0, 1);
  IncidentLogEntry& entry = *log.Add();
  *entry.mutable_time() = ToTimestamp(tx.now());
  *entry.mutable_actor() = tx.actor();
  entry.set_kind(kind);
  entry.set_quantity(UnitsOf(incident));
}

absl::Status KeepOpen(const Incident& incident, bool open, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<OrderIncidents> found, tx.Find<OrderIncidents>(incident.order_id()));
  OrderIncidents incidents = std::move(found).value_or(OrderIncidents());
  incidents.set_order_id(incident.order_id());
  auto& ids = *incidents.mutable_open_incident_ids();
  ids.erase(std::remove(ids.begin(), ids.end(), incident.incident_id()), ids.end());
  if (open) *ids.Add() = incident.incident_id();
  tx.Put(incidents);
  return absl::OkStatus();
}

// What only a time has found may leave at any moment.
bool Holds(const Incident& incident) { return incident.source() != base::v1::INCIDENT_SOURCE_TIMER; }

base::v1::HoldName HoldOf(const Incident& incident) {
  return incident.kind() == base::v1::INCIDENT_KIND_SHORT_PICK ||
                 incident.kind() == base::v1::INCIDENT_KIND_NO_STOCK
             ? base::v1::HOLD_NAME_STOCK_SHORTAGE
             : base::v1::HOLD_NAME_UNDER_INCIDENT;
}

auto FindHold(const Incident& incident, Order& order) {
  return std::find_if(order.mutable_holds()->begin(), order.mutable_holds()->end(),
                      [&](const Hold& one) { return one.reference_id() == incident.incident_id(); });
}

void EnsureHold(const Incident& incident, Order& order, Transaction& tx) {
  const bool held = FindHold(incident, order) != order.mutable_holds()->end();
  if (!Holds(incident) || held) return;
  PlaceHoldStep(order, HoldOf(incident), incident.incident_id(), incident.incident_id(), tx);
}

// More is missing of some line, or something else was picked.
bool IsWorse(const Incident& before, const Incident& now) {
  // Nothing of it can be had, whatever it is.
  if (now.kind() == base::v1::INCIDENT_KIND_NO_STOCK) return false;
  return std::any_of(now.units().begin(), now.units().end(), [&](const IncidentUnits& units) {
    return std::none_of(before.units().begin(), before.units().end(), [&](const IncidentUnits& known) {
      return known.line_id() == units.line_id() && known.picked_sku() == units.picked_sku() &&
             known.quantity() >= units.quantity();
    });
  });
}

void ReleaseHold(const Incident& incident, Order& order, Transaction& tx) {
  const auto hold = FindHold(incident, order);
  if (hold != order.mutable_holds()->end()) ReleaseHoldStep(order, hold, incident.incident_id(), tx);
}

// The price of the units that are missing.
int64_t PriceOf(const Incident& incident, const Order& order) {
  int64_t price = 0;
  for (const IncidentUnits& units : incident.units()) {
    for (const OrderLine& line : order.lines()) {
      if (line.line_id() == units.line_id()) price += line.unit_price_minor() * units.quantity();
    }
  }
  return price;
}

bool CanBeOffered(IncidentOption option, const Incident& incident, absl::Time now) {
  switch (option) {
    case base::v1::INCIDENT_OPTION_AWAIT_RESTOCK:
      return incident.has_restock_time() && ToTime(incident.restock_time()) > now;
    case base::v1::INCIDENT_OPTION_CREDIT_MISSING:
      return incident.kind() == base::v1::INCIDENT_KIND_SHORT_PICK;
    case base::v1::INCIDENT_OPTION_CANCEL_ORDER:
      return true;
    default:
      return false;
  }
}

// Nothing else is left on the order: the rest of it was taken off meanwhile.
bool IsAllMissing(const Incident& incident, const Order& order) {
  int32_t left = 0;
  for (const OrderLine& line : order.lines()) left += line.quantity() - line.taken_off();
  for (const IncidentUnits& units : StillMissing(incident, order)) left -= units.quantity();
  return left <= 0;
}

// What goes back by each.
void SetAmounts(Incident& incident, const Order& order) {
  for (incidents::v1::OfferedOption& offered : *incident.mutable_options()) {
    if (offered.option() == base::v1::INCIDENT_OPTION_CREDIT_MISSING && !IsAllMissing(incident, order)) {
      *offered.mutable_amount() = MakeMoney(PriceOf(incident, order), order.total().currency());
    } else if (offered.option() != base::v1::INCIDENT_OPTION_AWAIT_RESTOCK) {
      *offered.mutable_amount() = order.total();
    }
  }
}

void Offer(IncidentOption option, Incident& incident, absl::Time now) {
  if (CanBeOffered(option, incident, now)) incident.add_options()->set_option(option);
}

struct Telling {
  bool decided = false;  // what becomes of it happens at once
  bool again = false;    // it was told before, and has become worse
};
void EmitOpened(const Incident& incident, const Telling& telling, Transaction& tx) {
  Event event = EventAbout(incident, incident.incident_id());
  events::v1::IncidentOpened& fact = *event.mutable_incident_opened();
  fact.set_kind(incident.kind());
  fact.set_source(incident.source());
  fact.set_quantity(UnitsOf(incident));
  fact.set_decided(telling.decided);
  fact.set_again(telling.again);
  fact.set_offers_restock(Offers(incident, base::v1::INCIDENT_OPTION_AWAIT_RESTOCK));
  fact.set_offers_credit(Offers(incident, base::v1::INCIDENT_OPTION_CREDIT_MISSING));
  fact.set_offers_cancellation(Offers(incident, base::v1::INCIDENT_OPTION_CANCEL_ORDER));
  if (incident.has_choice_due_time()) *fact.mutable_choice_due_time() = incident.choice_due_time();
  if (incident.has_restock_time()) *fact.mutable_restock_time() = incident.restock_time();
  tx.Emit(std::move(event));
}

void SetFound(const Finding& found, Incident& incident) {
  incident.clear_units();
  for (const IncidentUnits& units : found.units) *incident.add_units() = units;
  incident.clear_restock_time();
  if (found.restock_time > absl::InfinitePast()) {
    *incident.mutable_restock_time() = ToTimestamp(found.restock_time);
  }
}

absl::Status Cancel(const Choice& choice, Order& order, Transaction& tx) {
  orders::v1::Cancellation cancellation;
  cancellation.set_initiator(choice.by_itself ? base::v1::INITIATOR_MERCHANT : base::v1::INITIATOR_CUSTOMER);
  cancellation.set_reason(base::v1::CANCEL_REASON_UNAVAILABLE);
  return CancelStep(order, cancellation, {tx.now()}, tx);
}

// What of it has been taken off meanwhile is credited already.
void Credit(const Incident& incident, Order& order, Transaction& tx) {
  TakenOff units;
  for (const IncidentUnits& one : StillMissing(incident, order)) units[one.line_id()] += one.quantity();
  if (units.empty()) return;
  TakeOffStep(order, units, base::v1::REFUND_REASON_UNAVAILABLE, {tx.now()}, tx);
}

void Record(const Choice& choice, Incident& incident, Transaction& tx) {
  incident.set_chosen(choice.option);
  *incident.mutable_chosen_by() = tx.actor();
  *incident.mutable_choose_time() = ToTimestamp(tx.now());
  incident.set_overdue(false);
  Event event = EventAbout(incident, incident.incident_id());
  events::v1::IncidentOptionChosen& fact = *event.mutable_incident_option_chosen();
  fact.set_option(choice.option);
  fact.set_by_itself(choice.by_itself);
  fact.set_customer_word(choice.customer_word);
  if (choice.option == base::v1::INCIDENT_OPTION_AWAIT_RESTOCK) {
    *fact.mutable_restock_time() = incident.restock_time();
  }
  tx.Emit(std::move(event));
}

}  // namespace

std::string TimerId(absl::string_view kind, absl::string_view id) { return absl::StrCat(kind, ":", id); }

bool Offers(const Incident& incident, IncidentOption option) {
  return std::any_of(incident.options().begin(), incident.options().end(),
                     [option](const auto& offered) { return offered.option() == option; });
}

const base::v1::IncidentRule* RuleFor(const Policy& policy, base::v1::IncidentKind kind) {
  for (const base::v1::IncidentRule& rule : policy.incidents().kinds()) {
    if (rule.kind() == kind) return &rule;
  }
  return nullptr;
}

absl::StatusOr<std::vector<Incident>> OpenIncidents(absl::string_view order_id, Transaction& tx) {
  std::vector<Incident> open;
  ASSIGN_OR_RETURN(const std::optional<OrderIncidents> found, tx.Find<OrderIncidents>(order_id));
  if (!found.has_value()) return open;
  for (const std::string& id : found->open_incident_ids()) {
    ASSIGN_OR_RETURN(Incident incident, tx.Get<Incident>(id));
    open.push_back(std::move(incident));
  }
  return open;
}

absl::Status OfferOptions(Incident& incident, const Order& order, const Policy& policy, Transaction& tx) {
  incident.clear_options();
  const base::v1::IncidentRule* const rule = RuleFor(policy, incident.kind());
  if (rule != nullptr) {
    for (const int option : rule->options()) {
      Offer(static_cast<IncidentOption>(option), incident, tx.now());
    }
    // What would happen at once where it was certain is asked where it is not.
    if (!Offers(incident, rule->at_once())) Offer(rule->at_once(), incident, tx.now());
  }
  SetAmounts(incident, order);
  if (incident.options().empty()) {
    incident.clear_choice_due_time();
    tx.Cancel(TimerId(kChoiceDue, incident.incident_id()));
    return absl::OkStatus();
  }
  const absl::Time due = tx.now() + absl::Hours(policy.incidents().choose_within_hours());
  *incident.mutable_choice_due_time() = ToTimestamp(due);
  SetTimer(kChoiceDue, incident, due, tx);
  return absl::OkStatus();
}

absl::StatusOr<Incident> OpenIncident(const Finding& found, Order& order, Transaction& tx) {
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(order.policy()));
  Incident incident;
  incident.set_incident_id(tx.NewId("incident"));
  *incident.mutable_policy() = order.policy();
  incident.set_order_id(order.order_id());
  incident.set_merchant_id(order.merchant_id());
  incident.set_customer_id(order.customer_id());
  incident.set_kind(found.kind);
  incident.set_state(Incident::STATE_OPEN);
  incident.set_source(found.source);
  *incident.mutable_found_by() = tx.actor();
  if (order.has_promised_ship_time()) *incident.mutable_ship_due_time() = order.promised_ship_time();
  SetFound(found, incident);
  Note(IncidentLogEntry::KIND_FOUND, incident, tx);
  if (!found.decided) {
    EnsureHold(incident, order, tx);
    RETURN_IF_ERROR(OfferOptions(incident, order, *policy, tx));
  }
  RETURN_IF_ERROR(KeepOpen(incident, true, tx));
  EmitOpened(incident, {.decided = found.decided}, tx);
  tx.Put(incident);
  return incident;
}

absl::Status Reconsider(const Finding& found, IncidentLogEntry::Kind noted, Incident& incident, Order& order,
                        Transaction& tx) {
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(order.policy()));
  const Incident before = incident;
  SetFound(found, incident);
  // What a time had found and a pick finds too is held from now on.
  if (found.source == base::v1::INCIDENT_SOURCE_PICK) incident.set_source(found.source);
  if (noted != IncidentLogEntry::KIND_UNSPECIFIED) Note(noted, incident, tx);
  EnsureHold(incident, order, tx);
  // Who waits for a restock goes on waiting, unless the time has moved or more is missing.
  if (!IsWorse(before, incident) && before.restock_time().seconds() == incident.restock_time().seconds()) {
    SetAmounts(incident, order);
  } else {
    incident.set_state(Incident::STATE_OPEN);
    incident.clear_chosen();
    incident.clear_chosen_by();
    incident.clear_choose_time();
    incident.set_overdue(false);
    tx.Cancel(TimerId(kRestockDue, incident.incident_id()));
    RETURN_IF_ERROR(OfferOptions(incident, order, *policy, tx));
    EmitOpened(incident, {.again = true}, tx);
  }
  tx.Put(incident);
  return absl::OkStatus();
}

absl::Status TakeOption(const Choice& choice, Incident& incident, Order& order, Transaction& tx) {
  Record(choice, incident, tx);
  switch (choice.option) {
    case base::v1::INCIDENT_OPTION_CREDIT_MISSING:
      if (IsAllMissing(incident, order)) {
        RETURN_IF_ERROR(Cancel(choice, order, tx));
        return CloseIncident(base::v1::INCIDENT_OUTCOME_CANCELLED, incident, order, tx);
      }
      RETURN_IF_ERROR(CloseIncident(base::v1::INCIDENT_OUTCOME_CREDITED, incident, order, tx));
      // What gives money back is told last: with it the order's version has arrived wherever it is followed.
      Credit(incident, order, tx);
      return absl::OkStatus();
    case base::v1::INCIDENT_OPTION_CANCEL_ORDER:
      RETURN_IF_ERROR(Cancel(choice, order, tx));
      return CloseIncident(base::v1::INCIDENT_OUTCOME_CANCELLED, incident, order, tx);
    default:
      EnsureHold(incident, order, tx);
      incident.set_state(Incident::STATE_AWAITING_RESTOCK);
      tx.Cancel(TimerId(kChoiceDue, incident.incident_id()));
      SetTimer(kRestockDue, incident, ToTime(incident.restock_time()), tx);
      tx.Put(incident);
      return absl::OkStatus();
  }
}

absl::Status CloseIncident(base::v1::IncidentOutcome outcome, Incident& incident, Order& order,
                           Transaction& tx) {
  incident.set_state(Incident::STATE_CLOSED);
  incident.set_outcome(outcome);
  *incident.mutable_close_time() = ToTimestamp(tx.now());
  if (outcome == base::v1::INCIDENT_OUTCOME_RECTIFIED) {
    Note(IncidentLogEntry::KIND_CORRECTED, incident, tx);
  }
  for (const absl::string_view kind : {kChoiceDue, kRestockDue}) {
    tx.Cancel(TimerId(kind, incident.incident_id()));
  }
  ReleaseHold(incident, order, tx);
  RETURN_IF_ERROR(KeepOpen(incident, false, tx));
  Event event = EventAbout(incident, incident.incident_id());
  event.mutable_incident_closed()->set_kind(incident.kind());
  event.mutable_incident_closed()->set_outcome(outcome);
  *event.mutable_incident_closed()->mutable_found_time() = incident.create_time();
  tx.Emit(std::move(event));
  tx.Put(incident);
  return absl::OkStatus();
}

}  // namespace makegood::rules
