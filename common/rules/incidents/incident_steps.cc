#include "common/rules/incidents/incident_steps.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rules/incidents/pick.h"
#include "common/rules/incidents/supplier_tasks.h"
#include "common/rules/messages.h"
#include "common/rules/orders/address_rules.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/orders/order_steps.h"
#include "common/rules/timers.h"

namespace makegood::rules {
namespace {

using base::v1::IncidentOption;
using events::v1::Event;
using incidents::v1::IncidentLogEntry;
using incidents::v1::IncidentUnits;
using orders::v1::OrderLine;

constexpr int kMostLogged = 100;

int32_t CountOf(const Incident& incident) {
  int32_t sum = 0;
  for (const IncidentUnits& units : incident.units()) sum += units.quantity();
  return sum;
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

// What only a time has found may leave at any moment, no goods are concerned where money went astray, and
// what is back waits for a choice where there is one.
bool Holds(const Incident& incident, const Order& order) {
  if (!CanBeHeld(order) || (IsOnTheWay(incident.kind()) && incident.options().empty())) return false;
  return incident.source() != base::v1::INCIDENT_SOURCE_TIMER &&
         incident.source() != base::v1::INCIDENT_SOURCE_PAYMENT;
}

base::v1::HoldName HoldOf(const Incident& incident) {
  return incident.kind() == base::v1::INCIDENT_KIND_SHORT_PICK ||
                 incident.kind() == base::v1::INCIDENT_KIND_NO_STOCK
             ? base::v1::HOLD_NAME_STOCK_SHORTAGE
             : base::v1::HOLD_NAME_UNDER_INCIDENT;
}

void EnsureHold(const Incident& incident, Order& order, Transaction& tx) {
  if (!Holds(incident, order)) return;
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
  ReleaseHoldStep(order, HoldOf(incident), incident.incident_id(), incident.incident_id(), tx);
}

// CLM-11: what trouble of a kind comes from, as long as nobody says otherwise.
base::v1::RootCause LikelyCause(base::v1::IncidentKind kind) {
  switch (kind) {
    case base::v1::INCIDENT_KIND_SHORT_PICK:
    case base::v1::INCIDENT_KIND_NO_STOCK:
      return base::v1::ROOT_CAUSE_STOCK_RECORD;
    case base::v1::INCIDENT_KIND_WRONG_PICK:
      return base::v1::ROOT_CAUSE_PACKING;
    case base::v1::INCIDENT_KIND_OVERSIZE:
      return base::v1::ROOT_CAUSE_LISTING;
    case base::v1::INCIDENT_KIND_OVERDUE:
    case base::v1::INCIDENT_KIND_SUPPLIER_SILENT:
      return base::v1::ROOT_CAUSE_SUPPLIER;
    case base::v1::INCIDENT_KIND_RECIPIENT_ELSEWHERE:
    case base::v1::INCIDENT_KIND_WRONG_ADDRESS:
      return base::v1::ROOT_CAUSE_ADDRESS;
    case base::v1::INCIDENT_KIND_NOT_ARRIVED:
      return base::v1::ROOT_CAUSE_CARRIER;
    default:
      return base::v1::ROOT_CAUSE_UNSPECIFIED;
  }
}

void TellAlternative(const incidents::v1::AlternativeProduct& product, events::v1::IncidentOpened& fact) {
  fact.set_alternative_sku(product.sku());
  *fact.mutable_alternative_price() = MakeMoney(PriceOf(product), product.unit_price().currency());
  fact.set_alternative_in_store(product.in_store());
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
  fact.set_quantity(CountOf(incident));
  fact.set_decided(telling.decided);
  fact.set_again(telling.again);
  fact.set_offers_restock(Offers(incident, base::v1::INCIDENT_OPTION_AWAIT_RESTOCK));
  fact.set_offers_credit(Offers(incident, base::v1::INCIDENT_OPTION_CREDIT_MISSING));
  fact.set_offers_cancellation(Offers(incident, base::v1::INCIDENT_OPTION_CANCEL_ORDER));
  fact.set_offers_redelivery(Offers(incident, base::v1::INCIDENT_OPTION_REDELIVER));
  fact.set_offers_another_recipient(Offers(incident, base::v1::INCIDENT_OPTION_ANOTHER_RECIPIENT));
  fact.set_offers_refund_less_fee(Offers(incident, base::v1::INCIDENT_OPTION_REFUND_LESS_FEE));
  fact.set_offers_alternative(Offers(incident, base::v1::INCIDENT_OPTION_ALTERNATIVE_PRODUCT));
  if (incident.has_alternative()) TellAlternative(incident.alternative(), fact);
  if (incident.has_choice_due_time()) *fact.mutable_choice_due_time() = incident.choice_due_time();
  if (incident.has_restock_time()) *fact.mutable_restock_time() = incident.restock_time();
  tx.Emit(std::move(event));
}

// In the policy's time, but no later than a supplier's silence ends it (AVL-08).
absl::Time ChoiceDue(const Incident& incident, const Policy& policy, absl::Time now) {
  absl::Time due = now + absl::Hours(policy.incidents().choose_within_hours());
  const base::v1::IncidentRule* const silent = RuleFor(policy, base::v1::INCIDENT_KIND_SUPPLIER_SILENT);
  if (silent == nullptr || silent->at_once() == base::v1::INCIDENT_OPTION_UNSPECIFIED) return due;
  for (const incidents::v1::SupplierTask& task : incident.supplier_tasks()) {
    const bool unanswered = task.answer() == base::v1::SUPPLIER_ANSWER_UNSPECIFIED && task.has_due_time();
    if (unanswered && ToTime(task.due_time()) > now) due = std::min(due, ToTime(task.due_time()));
  }
  return due;
}

absl::Status OfferOptions(Incident& incident, const Order& order, const Policy& policy, Transaction& tx) {
  SetOptions(policy, order, tx.now(), incident);
  if (incident.options().empty()) {
    incident.clear_choice_due_time();
    CancelTimer(kChoiceDue, incident.incident_id(), tx);
    return absl::OkStatus();
  }
  const absl::Time due = ChoiceDue(incident, policy, tx.now());
  *incident.mutable_choice_due_time() = ToTimestamp(due);
  SetTimer(kChoiceDue, incident.incident_id(), due, tx);
  return absl::OkStatus();
}

void SetFound(const Finding& found, Incident& incident) {
  incident.clear_units();
  for (const IncidentUnits& units : found.units) *incident.add_units() = units;
  incident.clear_restock_time();
  if (found.restock_time > absl::InfinitePast()) {
    *incident.mutable_restock_time() = ToTimestamp(found.restock_time);
  }
}

// AVL-07: of what only a time has found nobody knows whether the goods are there.
base::v1::IncidentKind TroubleOf(const Incident& incident) {
  const bool late = incident.kind() == base::v1::INCIDENT_KIND_NO_STOCK &&
                    incident.source() == base::v1::INCIDENT_SOURCE_TIMER;
  return late ? base::v1::INCIDENT_KIND_OVERDUE : incident.kind();
}

// The order is cancelled, and with it what was wrong with it is over.
absl::Status Cancel(const Choice& choice, Incident& incident, Order& order, Transaction& tx) {
  orders::v1::Cancellation cancellation;
  cancellation.set_initiator(choice.by_itself ? base::v1::INITIATOR_MERCHANT : base::v1::INITIATOR_CUSTOMER);
  cancellation.set_reason(base::v1::CANCEL_REASON_UNAVAILABLE);
  RETURN_IF_ERROR(CancelStep(order, cancellation, {tx.now()}, tx, TroubleOf(incident)));
  return CloseStep(base::v1::INCIDENT_OUTCOME_CANCELLED, incident, order, tx);
}

// What of it has been taken off meanwhile is credited already.
void Credit(const Incident& incident, Order& order, Transaction& tx) {
  const TakenOff units = MissingUnits(incident, order);
  if (units.empty()) return;
  TakeOffStep(order, units, base::v1::REFUND_REASON_UNAVAILABLE, {tx.now()}, tx);
}

// DLV-06, DLV-01: what brings it there costs more, or less, as with any other address; where it costs more,
// that is paid for first.
absl::Status SendToAnother(const orders::v1::ChangeAddressRequest& elsewhere, Incident& incident,
                           Order& order, Transaction& tx) {
  RETURN_IF_ERROR(MayChangeAddress(order));
  RETURN_IF_ERROR(SendElsewhere(elsewhere, order, tx));
  incident.set_address_change_id(order.address_change().change_id());
  tx.Put(incident);
  return absl::OkStatus();
}

// Chosen: what is waited for is no choice any more.
void Await(Incident::State what, Incident& incident, Transaction& tx) {
  incident.set_state(what);
  CancelTimer(kChoiceDue, incident.incident_id(), tx);
  tx.Put(incident);
}

// DLV-06, RFD-04: nobody takes them; what gives money back is told last.
absl::Status ReturnGoods(Incident& incident, Order& order, Transaction& tx) {
  const base::v1::ReturnCause cause = incident.kind() == base::v1::INCIDENT_KIND_REFUSED
                                          ? base::v1::RETURN_CAUSE_REFUSED
                                          : base::v1::RETURN_CAUSE_UNDELIVERED;
  RETURN_IF_ERROR(CloseStep(base::v1::INCIDENT_OUTCOME_RETURNED, incident, order, tx));
  return ReturnStep(order, cause, {tx.now()}, tx);
}

// That no other line of the order has.
std::string FreeLineId(const Order& order) {
  for (int number = order.lines_size() + 1;; ++number) {
    std::string id = absl::StrCat("alternative-", number);
    const auto is_same = [&](const OrderLine& line) { return line.line_id() == id; };
    if (std::none_of(order.lines().begin(), order.lines().end(), is_same)) return id;
  }
}

// What replaces all of it leaves nothing of the goods to be looked for.
absl::Status EndOthersOfStock(const Incident& replaced, Order& order, Transaction& tx) {
  ASSIGN_OR_RETURN(std::vector<Incident> open, OpenIncidents(order.order_id(), tx));
  for (Incident& other : open) {
    if (other.incident_id() == replaced.incident_id() || !IsOfStock(other)) continue;
    RETURN_IF_ERROR(CloseStep(base::v1::INCIDENT_OUTCOME_SUPERSEDED, other, order, tx));
  }
  return absl::OkStatus();
}

// AVL-03: what is missing goes off, what is proposed goes on; what gives money back is told last.
absl::Status Replace(Incident& incident, Order& order, Transaction& tx) {
  const TakenOff replaced = ReplacedUnits(incident, order);
  const incidents::v1::AlternativeProduct& product = incident.alternative();
  if (PriceOf(product) > PriceOf(replaced, order)) {
    return Refusal("AVL-03", "the alternative costs more than what is missing by now");
  }
  OrderLine line;
  line.set_line_id(FreeLineId(order));
  line.set_sku(product.sku());
  line.set_quantity(product.quantity());
  line.set_unit_price_minor(product.unit_price().amount_minor());
  line.set_vat_basis_points(product.vat_basis_points());
  RETURN_IF_ERROR(EndOthersOfStock(incident, order, tx));
  RETURN_IF_ERROR(CloseStep(base::v1::INCIDENT_OUTCOME_ALTERNATIVE, incident, order, tx));
  AddLineStep(order, std::move(line), {tx.now()}, tx);
  TakeOffStep(order, replaced, base::v1::REFUND_REASON_UNAVAILABLE, {tx.now()}, tx);
  return absl::OkStatus();
}

void Record(const Choice& choice, Incident& incident, Transaction& tx) {
  incident.set_chosen(choice.option);
  *incident.mutable_chosen_by() = tx.actor();
  *incident.mutable_choose_time() = ToTimestamp(tx.now());
  incident.set_overdue(false);
  incident.clear_address_change_id();
  Event event = EventAbout(incident, incident.incident_id());
  events::v1::IncidentOptionChosen& fact = *event.mutable_incident_option_chosen();
  fact.set_option(choice.option);
  fact.set_by_itself(choice.by_itself);
  fact.set_customer_word(choice.customer_word);
  if (choice.option == base::v1::INCIDENT_OPTION_AWAIT_RESTOCK) {
    *fact.mutable_restock_time() = incident.restock_time();
  } else if (choice.option == base::v1::INCIDENT_OPTION_ALTERNATIVE_PRODUCT) {
    fact.set_alternative_in_store(incident.alternative().in_store());
  }
  tx.Emit(std::move(event));
}

// The price of what is missing, where all of it is, is the price of the order, of which nothing is sent.
Choice WhatItComesTo(Choice choice, const Incident& incident, const Order& order) {
  if (choice.option == base::v1::INCIDENT_OPTION_CREDIT_MISSING && IsAllMissing(incident, order)) {
    choice.option = base::v1::INCIDENT_OPTION_CANCEL_ORDER;
  }
  return choice;
}

}  // namespace

void NoteInLog(IncidentLogEntry::Kind kind, Incident& incident, const Transaction& tx) {
  auto& log = *incident.mutable_log();
  if (log.size() >= kMostLogged) log.DeleteSubrange(0, 1);
  IncidentLogEntry& entry = *log.Add();
  *entry.mutable_time() = ToTimestamp(tx.now());
  *entry.mutable_actor() = tx.actor();
  entry.set_kind(kind);
  entry.set_quantity(CountOf(incident));
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

absl::Status AskAgain(Incident& incident, const Order& order, const Policy& policy, Transaction& tx,
                      Ways ways) {
  RETURN_IF_ERROR(OfferOptions(incident, order, policy, tx));
  if (ways == Ways::kTakenBack) TakeWaysBack(incident);
  EmitOpened(incident, {.again = true}, tx);
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
  for (const incidents::v1::SupplierTask& task : found.tasks) *incident.add_supplier_tasks() = task;
  NoteInLog(IncidentLogEntry::KIND_FOUND, incident, tx);
  if (!found.decided) {
    RETURN_IF_ERROR(OfferOptions(incident, order, *policy, tx));
    EnsureHold(incident, order, tx);
  }
  RETURN_IF_ERROR(KeepOpen(incident, true, tx));
  EmitOpened(incident, {.decided = found.decided}, tx);
  AskSupplier(*policy, incident, tx);
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
  if (noted != IncidentLogEntry::KIND_UNSPECIFIED) NoteInLog(noted, incident, tx);
  EnsureHold(incident, order, tx);
  // Who waits for a restock goes on waiting, unless the time has moved or more is missing.
  if (!IsWorse(before, incident) && before.restock_time().seconds() == incident.restock_time().seconds()) {
    SetAmounts(incident, order);
  } else {
    return Reopen(incident, order, *policy, tx);
  }
  tx.Put(incident);
  return absl::OkStatus();
}

absl::Status Reopen(Incident& incident, Order& order, const Policy& policy, Transaction& tx, Ways ways) {
  incident.set_state(Incident::STATE_OPEN);
  incident.clear_chosen();
  incident.clear_chosen_by();
  incident.clear_choose_time();
  incident.set_overdue(false);
  CancelTimer(kRestockDue, incident.incident_id(), tx);
  RETURN_IF_ERROR(AskAgain(incident, order, policy, tx, ways));
  EnsureHold(incident, order, tx);
  tx.Put(incident);
  return absl::OkStatus();
}

absl::Status TakeOption(const Choice& taken, Incident& incident, Order& order, Transaction& tx) {
  const Choice choice = WhatItComesTo(taken, incident, order);
  Record(choice, incident, tx);
  switch (choice.option) {
    case base::v1::INCIDENT_OPTION_CREDIT_MISSING:
      RETURN_IF_ERROR(CloseStep(base::v1::INCIDENT_OUTCOME_CREDITED, incident, order, tx));
      // What gives money back is told last: with it the order's version has arrived wherever it is followed.
      Credit(incident, order, tx);
      return absl::OkStatus();
    case base::v1::INCIDENT_OPTION_CANCEL_ORDER:
      return Cancel(choice, incident, order, tx);
    case base::v1::INCIDENT_OPTION_ALTERNATIVE_PRODUCT:
      return Replace(incident, order, tx);
    case base::v1::INCIDENT_OPTION_ANOTHER_RECIPIENT:
      Await(Incident::STATE_AWAITING_DISPATCH, incident, tx);
      ReleaseHold(incident, order, tx);
      // What gives money back is told last.
      return SendToAnother(choice.elsewhere, incident, order, tx);
    case base::v1::INCIDENT_OPTION_REDELIVER:
      Await(Incident::STATE_AWAITING_DISPATCH, incident, tx);
      ReleaseHold(incident, order, tx);
      return absl::OkStatus();
    case base::v1::INCIDENT_OPTION_REFUND_LESS_FEE:
      EnsureHold(incident, order, tx);
      Await(Incident::STATE_AWAITING_RETURN, incident, tx);
      return order.whereabouts() == Order::WHEREABOUTS_AT_STORE ? ReturnGoods(incident, order, tx)
                                                                : absl::OkStatus();
    default:
      EnsureHold(incident, order, tx);
      SetTimer(kRestockDue, incident.incident_id(), ToTime(incident.restock_time()), tx);
      Await(Incident::STATE_AWAITING_RESTOCK, incident, tx);
      return absl::OkStatus();
  }
}

absl::Status CloseStep(base::v1::IncidentOutcome outcome, Incident& incident, Order& order, Transaction& tx) {
  incident.set_state(Incident::STATE_CLOSED);
  incident.set_outcome(outcome);
  *incident.mutable_close_time() = ToTimestamp(tx.now());
  if (incident.root_cause() == base::v1::ROOT_CAUSE_UNSPECIFIED) {
    incident.set_root_cause(LikelyCause(incident.kind()));
  }
  *incident.mutable_closed_by() = tx.actor();
  if (outcome == base::v1::INCIDENT_OUTCOME_RECTIFIED) {
    NoteInLog(IncidentLogEntry::KIND_CORRECTED, incident, tx);
  }
  for (const absl::string_view kind : {kChoiceDue, kRestockDue, kSupplierDue}) {
    CancelTimer(kind, incident.incident_id(), tx);
  }
  ReleaseHold(incident, order, tx);
  RETURN_IF_ERROR(KeepOpen(incident, false, tx));
  Event event = EventAbout(incident, incident.incident_id());
  event.mutable_incident_closed()->set_kind(incident.kind());
  event.mutable_incident_closed()->set_outcome(outcome);
  *event.mutable_incident_closed()->mutable_found_time() = incident.create_time();
  event.mutable_incident_closed()->set_root_cause(incident.root_cause());
  tx.Emit(std::move(event));
  tx.Put(incident);
  return absl::OkStatus();
}

absl::Status CloseIncidentOf(base::v1::IncidentKind kind, base::v1::IncidentOutcome outcome, Order& order,
                             Transaction& tx) {
  ASSIGN_OR_RETURN(std::vector<Incident> open, OpenIncidents(order.order_id(), tx));
  for (Incident& incident : open) {
    if (incident.kind() == kind) return CloseStep(outcome, incident, order, tx);
  }
  return absl::OkStatus();
}

absl::Status GoodsBackAtStore(Order& order, Transaction& tx) {
  ASSIGN_OR_RETURN(std::vector<Incident> open, OpenIncidents(order.order_id(), tx));
  for (Incident& incident : open) {
    if (incident.state() == Incident::STATE_AWAITING_RETURN) return ReturnGoods(incident, order, tx);
    // What could not be held on its way is from now on.
    if (incident.state() == Incident::STATE_OPEN) EnsureHold(incident, order, tx);
  }
  return absl::OkStatus();
}

}  // namespace makegood::rules
