#include "common/rules/incidents/incident_rules.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/enum_word.h"
#include "common/base/status.h"
#include "common/rules/incidents/alternative.h"
#include "common/rules/incidents/closing_rules.h"
#include "common/rules/incidents/incident_steps.h"
#include "common/rules/incidents/pick.h"
#include "common/rules/incidents/supplier_tasks.h"
#include "common/rules/messages.h"
#include "common/rules/orders/hold_table.h"
#include "common/rules/orders/order_actions.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/orders/order_steps.h"
#include "common/rules/orders/order_stock.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/scope.h"
#include "common/rules/timers.h"

namespace makegood::rules {
namespace {

using base::v1::IncidentKind;
using base::v1::IncidentOption;
using events::v1::Event;
using incidents::v1::IncidentLogEntry;
using incidents::v1::OfferedOption;
using incidents::v1::PickResult;

constexpr absl::Duration kLookAgain = absl::Hours(24);

bool IsOfPick(const Incident& incident) { return incident.source() == base::v1::INCIDENT_SOURCE_PICK; }

bool IsOfMoney(const Incident& incident) { return incident.source() == base::v1::INCIDENT_SOURCE_PAYMENT; }
bool IsOverdue(const Incident& incident) { return incident.kind() == base::v1::INCIDENT_KIND_OVERDUE; }

// The open one of that kind of source, or nothing: there is one a cause.
template <typename Is>
std::optional<Incident> Among(const std::vector<Incident>& open, const Is& is) {
  const auto found = std::find_if(open.begin(), open.end(), is);
  if (found == open.end()) return std::nullopt;
  return *found;
}

absl::Status MayChooseOption(const Asked<Incident>& asked) {
  if (!IsOpen(asked.record)) return Refusal("AVL-03", "the incident is over");
  const auto& options = asked.record.options();
  const bool any = std::any_of(options.begin(), options.end(), [&](const OfferedOption& one) {
    return OffersNow(asked.record, one.option(), asked.now);
  });
  return any ? absl::OkStatus() : Refusal("AVL-03", "there is nothing to choose");
}

absl::Status CheckOffered(const Incident& incident, IncidentOption option, absl::Time now) {
  if (OffersNow(incident, option, now)) return absl::OkStatus();
  std::vector<std::string> offered;
  for (const OfferedOption& one : incident.options()) {
    if (!OffersNow(incident, one.option(), now)) continue;
    offered.push_back(absl::AsciiStrToLower(EnumWord(one.option())));
  }
  return Refusal("AVL-03", absl::StrCat(absl::AsciiStrToLower(EnumWord(option)),
                                        " is not open to choice now, but ", absl::StrJoin(offered, ", ")));
}

// Nobody has chosen.
absl::Status TakeByItself(IncidentOption option, Incident& incident, Order& order, Transaction& tx) {
  RETURN_IF_ERROR(TakeOption({option, true}, incident, order, tx));
  tx.Put(order);
  return absl::OkStatus();
}

absl::Status FollowOpened(const Event& event, Transaction& tx) {
  if (!event.order_opened().has_promised_ship_time()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(event.policy()));
  // Who paid late has not been let down yet.
  const absl::Time begin = std::max(ToTime(event.order_opened().promised_ship_time()), ToTime(event.time()));
  const int overdue = policy->incidents().overdue_after_hours();
  const int no_stock = policy->incidents().no_stock_after_hours();
  if (overdue > 0) {
    SetTimer(kShipmentOverdue, event.order_id(), begin + absl::Hours(overdue), tx);
  } else if (no_stock > 0) {
    SetTimer(kShipmentNoStock, event.order_id(), begin + absl::Hours(no_stock), tx);
  }
  return absl::OkStatus();
}

// Whether that end of the order, or its handover, ends the incident: money that went astray is looked for all
// the same, and what was called delivered may not have arrived.
bool IsEndedBy(base::v1::IncidentOutcome outcome, const Incident& incident) {
  if (IsOfMoney(incident)) return false;
  if (outcome == base::v1::INCIDENT_OUTCOME_SHIPPED) return !IsOnTheWay(incident.kind());
  return outcome != base::v1::INCIDENT_OUTCOME_DELIVERED ||
         incident.kind() != base::v1::INCIDENT_KIND_NOT_ARRIVED;
}

// Nothing keeps an order that has left or is over.
absl::Status FollowEnd(const Event& event, base::v1::IncidentOutcome outcome, Transaction& tx) {
  for (const absl::string_view kind : {kShipmentOverdue, kShipmentNoStock}) {
    CancelTimer(kind, event.order_id(), tx);
  }
  ASSIGN_OR_RETURN(std::vector<Incident> open, OpenIncidents(event.order_id(), tx));
  open.erase(std::remove_if(open.begin(), open.end(),
                            [&](const Incident& incident) { return !IsEndedBy(outcome, incident); }),
             open.end());
  if (open.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Order order, tx.Get<Order>(event.order_id()));
  for (Incident& incident : open) RETURN_IF_ERROR(CloseStep(outcome, incident, order, tx));
  tx.Put(order);
  return absl::OkStatus();
}

// Before it leaves, or while it is on its way.
bool IsConcerned(const Order& order, const Incident& incident) {
  return IsOnTheWay(incident.kind()) ? order.state() == Order::STATE_SHIPPED
                                     : IsBeforeHandover(order.state());
}

// The order, if it has not left and is not over.
absl::StatusOr<std::optional<Order>> StillHere(absl::string_view order_id, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, tx.Get<Order>(order_id));
  if (!IsBeforeHandover(order.state())) return std::nullopt;
  return order;
}

// The order, if what the incident is about can still be seen to.
absl::StatusOr<std::optional<Order>> Concerned(const Incident& incident, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, tx.Get<Order>(incident.order_id()));
  if (!IsConcerned(order, incident)) return std::nullopt;
  return order;
}

// Units that somebody took off are missing no more.
absl::Status FollowTakenOff(const Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(std::vector<Incident> open, OpenIncidents(event.order_id(), tx));
  std::optional<Incident> incident = Among(open, IsOfPick);
  if (!incident.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::optional<Order> here, StillHere(event.order_id(), tx));
  if (!here.has_value()) return absl::OkStatus();
  Order& order = *here;
  const std::vector<incidents::v1::IncidentUnits> missing = StillMissing(*incident, order);
  if (missing.empty()) {
    RETURN_IF_ERROR(CloseStep(base::v1::INCIDENT_OUTCOME_CREDITED, *incident, order, tx));
    tx.Put(order);
    return absl::OkStatus();
  }
  Finding found{incident->kind(), incident->source(), missing};
  if (incident->has_restock_time()) found.restock_time = ToTime(incident->restock_time());
  RETURN_IF_ERROR(Reconsider(found, IncidentLogEntry::KIND_UNSPECIFIED, *incident, order, tx));
  tx.Put(order);
  return absl::OkStatus();
}

// A pick of something else does not say that there is none.
bool SaysGone(const Finding& found) {
  return found.kind == base::v1::INCIDENT_KIND_SHORT_PICK || found.kind == base::v1::INCIDENT_KIND_NO_STOCK;
}

// What one pick differs in, and what of it is known already. What is all there puts right whatever was said
// of the goods.
absl::StatusOr<std::optional<Incident>> Judge(const Finding& found, Order& order, Transaction& tx) {
  ASSIGN_OR_RETURN(std::vector<Incident> open, OpenIncidents(order.order_id(), tx));
  const bool differs = found.kind != base::v1::INCIDENT_KIND_UNSPECIFIED;
  std::optional<Incident> known;
  for (Incident& incident : open) {
    if (IsOverdue(incident) || IsOfMoney(incident) || (differs && !IsOfStock(incident))) continue;
    if (differs && incident.kind() == found.kind) {
      RETURN_IF_ERROR(Reconsider(found, IncidentLogEntry::KIND_VERIFIED, incident, order, tx));
      known = incident;
    } else {
      RETURN_IF_ERROR(
          CloseStep(differs ? base::v1::INCIDENT_OUTCOME_SUPERSEDED : base::v1::INCIDENT_OUTCOME_RECTIFIED,
                    incident, order, tx));
    }
  }
  if (known.has_value() || !differs) return known;
  ASSIGN_OR_RETURN(Incident opened, OpenIncident(found, order, tx));
  return opened;
}

// What a report says is more than what was known.
bool Supersedes(IncidentKind reported, const Incident& known) {
  if (reported == base::v1::INCIDENT_KIND_SUPPLIER_SILENT) return IsOverdue(known) || IsOfStock(known);
  return reported == base::v1::INCIDENT_KIND_NO_STOCK && IsOfStock(known);
}

absl::Status CheckReport(const incidents::v1::ReportIncidentRequest& request, absl::Time now) {
  std::vector<FieldViolation> wrong;
  if (request.kind() != base::v1::INCIDENT_KIND_NO_STOCK &&
      request.kind() != base::v1::INCIDENT_KIND_OVERSIZE &&
      request.kind() != base::v1::INCIDENT_KIND_SUPPLIER_SILENT) {
    wrong.push_back({"kind", "want no_stock, oversize or supplier_silent: the others are found otherwise"});
  }
  if (request.has_restock_time() && ToTime(request.restock_time()) <= now) {
    wrong.push_back({"restock_time", "has passed"});
  }
  return wrong.empty() ? absl::OkStatus() : InvalidFields(wrong);
}

// DLV-06: another recipient has a name and an address, and nobody else is told of.
absl::Status CheckRecipient(const incidents::v1::ChooseOptionRequest& request) {
  const bool another = request.option() == base::v1::INCIDENT_OPTION_ANOTHER_RECIPIENT;
  std::vector<FieldViolation> wrong;
  const auto alone = [&](const char* field, bool told) {
    if (told && !another) wrong.push_back({field, "is told with another_recipient alone"});
  };
  alone("recipient", request.has_recipient());
  alone("zone", request.zone() != base::v1::ADDRESS_ZONE_UNSPECIFIED);
  alone("delivery_fee", request.has_delivery_fee());
  if (!wrong.empty()) return InvalidFields(wrong);
  if (!another || (!request.recipient().name().empty() && request.recipient().address_lines_size() > 0)) {
    return absl::OkStatus();
  }
  return InvalidFields({{"recipient", "want a name and an address"}});
}

orders::v1::ChangeAddressRequest Elsewhere(const incidents::v1::ChooseOptionRequest& request) {
  orders::v1::ChangeAddressRequest elsewhere;
  *elsewhere.mutable_details() = request.recipient();
  elsewhere.set_zone(request.zone());
  if (request.has_delivery_fee()) *elsewhere.mutable_delivery_fee() = request.delivery_fee();
  return elsewhere;
}

// AVL-04: what the policy does without asking, where whoever reports may cancel (ROL-05).
absl::StatusOr<IncidentOption> AtOnce(IncidentKind kind, const Order& order, const Transaction& tx) {
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(order.policy()));
  const base::v1::IncidentRule* const rule = RuleFor(*policy, kind);
  const bool may = IsFor(tx.actor().role(), kCancelOrder.method());
  return rule != nullptr && may ? rule->at_once() : base::v1::INCIDENT_OPTION_UNSPECIFIED;
}

// Whether somebody else than the merchant's stock keeps it back (AVL-03).
bool IsHeldByOthers(const Order& order) {
  return std::any_of(order.holds().begin(), order.holds().end(),
                     [](const orders::v1::Hold& hold) { return !IsOfShortage(hold.reference_id()); });
}

// An order that is held, or trouble that is dealt with, does not leave: it is not the merchant who is late.
// Looked at again.
bool WaitsForOthers(absl::string_view timer, const Order& order, const std::vector<Incident>& open,
                    Transaction& tx) {
  const bool seen_to = std::any_of(open.begin(), open.end(), [](const Incident& incident) {
    return !IsOverdue(incident) && !IsOfMoney(incident);
  });
  if (!seen_to && !IsHeldByOthers(order)) return false;
  // A timer of its own: the one that fires is done with this commit.
  const absl::Time again = tx.now() + kLookAgain;
  tx.Schedule(Task{absl::StrCat(TaskIdOf(timer, order.order_id()), ":", absl::ToUnixSeconds(again)),
                   std::string(timer), again, order.order_id()});
  return true;
}

}  // namespace

const Action<Incident> kChooseOption{MethodOf<incidents::v1::ChooseOptionRequest>, MayChooseOption};

void FillActions(Incident& incident, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies) {
  static constexpr const Action<Incident>* kActions[] = {
      &kChooseOption, &kProposeAlternative, &kAnswerSupplierTask, &kCloseIncident, &kEscalateIncident};
  TellActions(kActions, incident, actor, now, policies);
  HidePassed(now, incident);
  if (actor.role() != base::v1::ROLE_CUSTOMER) return;
  incident.clear_found_by();  // the store's people are its own
  incident.clear_closed_by();
  incident.clear_close_note();
  incident.clear_log();
}

absl::StatusOr<PickResult> RecordPick(const incidents::v1::RecordPickRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, Begin(kRecordPick, request.order_id(), tx));
  RETURN_IF_ERROR(CheckPick(request, order, tx.now()));
  if (order.state() == Order::STATE_OPEN) RETURN_IF_ERROR(StartShippingStep(order, {tx.now()}, tx));
  const Finding found = ComparePick(request, order);
  EmitPicked(request, order, tx);
  ASSIGN_OR_RETURN(std::optional<Incident> incident, Judge(found, order, tx));
  RETURN_IF_ERROR(TellFound(order, SaysGone(found) ? Found::kRestIsGone : Found::kPicked, tx));
  tx.Put(order);
  PickResult result;
  result.set_order_id(order.order_id());
  result.set_complete(!incident.has_value());
  if (incident.has_value()) *result.mutable_incident() = Shown(*std::move(incident), tx);
  return result;
}

absl::StatusOr<Incident> ReportIncident(const incidents::v1::ReportIncidentRequest& request,
                                        Transaction& tx) {
  RETURN_IF_ERROR(CheckReport(request, tx.now()));
  ASSIGN_OR_RETURN(Order order, Begin(kReportIncident, request.order_id(), tx));
  ASSIGN_OR_RETURN(const IncidentOption at_once, AtOnce(request.kind(), order, tx));
  const bool decided = at_once != base::v1::INCIDENT_OPTION_UNSPECIFIED;
  ASSIGN_OR_RETURN(std::vector<Incident> open, OpenIncidents(order.order_id(), tx));
  std::optional<Incident> incident =
      Among(open, [&](const Incident& one) { return one.kind() == request.kind(); });
  if (incident.has_value() && !decided) return Shown(*std::move(incident), tx);
  if (!incident.has_value()) {
    Finding found{request.kind(), base::v1::INCIDENT_SOURCE_REPORT};
    for (Incident& one : open) {
      if (!Supersedes(request.kind(), one)) continue;
      for (incidents::v1::SupplierTask& task : TakeTasks(one, tx)) found.tasks.push_back(std::move(task));
      RETURN_IF_ERROR(CloseStep(base::v1::INCIDENT_OUTCOME_SUPERSEDED, one, order, tx));
    }
    if (request.has_restock_time()) found.restock_time = ToTime(request.restock_time());
    found.decided = decided;
    ASSIGN_OR_RETURN(incident, OpenIncident(found, order, tx));
  }
  if (decided) RETURN_IF_ERROR(TakeOption({at_once, true}, *incident, order, tx));
  if (request.kind() == base::v1::INCIDENT_KIND_NO_STOCK) {
    RETURN_IF_ERROR(TellFound(order, Found::kRestIsGone, tx));
  }
  tx.Put(order);
  return Shown(*std::move(incident), tx);
}

absl::StatusOr<Incident> ChooseOption(const incidents::v1::ChooseOptionRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Incident incident, Begin(kChooseOption, request.incident_id(), tx));
  RETURN_IF_ERROR(CheckCustomerWord(tx.actor(), request.customer_word()));
  RETURN_IF_ERROR(CheckRecipient(request));
  RETURN_IF_ERROR(CheckOffered(incident, request.option(), tx.now()));
  ASSIGN_OR_RETURN(Order order, tx.Get<Order>(incident.order_id()));
  // That ends the incident as soon as it is followed.
  if (!IsConcerned(order, incident)) {
    return Refusal("AVL-03", absl::StrCat("the order is ", EnumWord(order.state())));
  }
  RETURN_IF_ERROR(TakeOption({request.option(), false, request.customer_word(), Elsewhere(request)}, incident,
                             order, tx));
  tx.Put(order);
  return Shown(std::move(incident), tx);
}

absl::Status FollowOrder(const Event& event, Transaction& tx) {
  if (event.imported()) return absl::OkStatus();
  switch (event.payload_case()) {
    case Event::kOrderOpened:
      return FollowOpened(event, tx);
    case Event::kOrderShipped:
      return FollowEnd(event, base::v1::INCIDENT_OUTCOME_SHIPPED, tx);
    case Event::kOrderCancelled:
      return FollowEnd(event, base::v1::INCIDENT_OUTCOME_CANCELLED, tx);
    case Event::kOrderDelivered:
      return FollowEnd(event, base::v1::INCIDENT_OUTCOME_DELIVERED, tx);
    case Event::kOrderReturned:
      return FollowEnd(event, base::v1::INCIDENT_OUTCOME_RETURNED, tx);
    case Event::kUnitsTakenOff:
      return FollowTakenOff(event, tx);
    default:
      return absl::OkStatus();
  }
}

absl::Status MarkShipmentOverdue(absl::string_view order_id, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<Order> order, StillHere(order_id, tx));
  if (!order.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Incident> open, OpenIncidents(order_id, tx));
  if (WaitsForOthers(kShipmentOverdue, *order, open, tx)) return absl::OkStatus();
  RETURN_IF_ERROR(
      OpenIncident({base::v1::INCIDENT_KIND_OVERDUE, base::v1::INCIDENT_SOURCE_TIMER}, *order, tx).status());
  tx.Put(*order);
  // The time to expedite it begins when that is asked for.
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(order->policy()));
  const int more = policy->incidents().no_stock_after_hours() - policy->incidents().overdue_after_hours();
  if (more > 0) SetTimer(kShipmentNoStock, order->order_id(), tx.now() + absl::Hours(more), tx);
  return absl::OkStatus();
}

absl::Status MarkNoStock(absl::string_view order_id, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<Order> order, StillHere(order_id, tx));
  if (!order.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<Incident> open, OpenIncidents(order_id, tx));
  if (WaitsForOthers(kShipmentNoStock, *order, open, tx)) return absl::OkStatus();
  Finding found{base::v1::INCIDENT_KIND_NO_STOCK, base::v1::INCIDENT_SOURCE_TIMER};
  if (std::optional<Incident> late = Among(open, IsOverdue); late.has_value()) {
    found.tasks = TakeTasks(*late, tx);
    RETURN_IF_ERROR(CloseStep(base::v1::INCIDENT_OUTCOME_SUPERSEDED, *late, *order, tx));
  }
  RETURN_IF_ERROR(OpenIncident(found, *order, tx).status());
  tx.Put(*order);
  return absl::OkStatus();
}

absl::Status EndChoice(absl::string_view incident_id, Transaction& tx) {
  ASSIGN_OR_RETURN(Incident incident, tx.Get<Incident>(incident_id));
  if (incident.state() != Incident::STATE_OPEN || incident.options().empty()) return absl::OkStatus();
  // Where it has left meanwhile, that ends the incident.
  ASSIGN_OR_RETURN(std::optional<Order> order, Concerned(incident, tx));
  if (!order.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(incident.policy()));
  const base::v1::IncidentRule* const rule = RuleFor(*policy, incident.kind());
  if (rule != nullptr && OffersNow(incident, rule->unanswered(), tx.now())) {
    return TakeByItself(rule->unanswered(), incident, *order, tx);
  }
  incident.set_overdue(true);
  tx.Put(incident);
  Event event = EventAbout(incident, incident.incident_id());
  event.mutable_incident_overdue()->set_kind(incident.kind());
  event.mutable_incident_overdue()->set_source(incident.source());
  tx.Emit(std::move(event));
  return absl::OkStatus();
}

absl::Status EndRestock(absl::string_view incident_id, Transaction& tx) {
  ASSIGN_OR_RETURN(Incident incident, tx.Get<Incident>(incident_id));
  if (incident.state() != Incident::STATE_AWAITING_RESTOCK) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::optional<Order> order, Concerned(incident, tx));
  if (!order.has_value()) return absl::OkStatus();
  if (Offers(incident, base::v1::INCIDENT_OPTION_CREDIT_MISSING)) {
    return TakeByItself(base::v1::INCIDENT_OPTION_CREDIT_MISSING, incident, *order, tx);
  }
  Finding found{incident.kind(), incident.source(), {incident.units().begin(), incident.units().end()}};
  RETURN_IF_ERROR(Reconsider(found, IncidentLogEntry::KIND_UNSPECIFIED, incident, *order, tx));
  tx.Put(*order);
  return absl::OkStatus();
}

}  // namespace makegood::rules
