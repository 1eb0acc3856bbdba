#include "common/rules/incidents/incident_offer.h"

#include <algorithm>

#include "common/rules/incidents/pick.h"
#include "common/rules/messages.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using base::v1::IncidentOption;
using incidents::v1::IncidentUnits;
using orders::v1::OrderLine;

// The goods come back to the store, whatever becomes of them then.
bool ComesBack(base::v1::IncidentKind kind) {
  return kind == base::v1::INCIDENT_KIND_RECIPIENT_ELSEWHERE ||
         kind == base::v1::INCIDENT_KIND_NOBODY_THERE || kind == base::v1::INCIDENT_KIND_REFUSED ||
         kind == base::v1::INCIDENT_KIND_WRONG_ADDRESS;
}

bool IsRestockAhead(const Incident& incident, absl::Time now) {
  return incident.has_restock_time() && ToTime(incident.restock_time()) > now;
}

bool CanBeOffered(IncidentOption option, const Incident& incident, absl::Time now) {
  switch (option) {
    case base::v1::INCIDENT_OPTION_AWAIT_RESTOCK:
      return IsRestockAhead(incident, now);
    case base::v1::INCIDENT_OPTION_CREDIT_MISSING:
      return incident.kind() == base::v1::INCIDENT_KIND_SHORT_PICK;
    case base::v1::INCIDENT_OPTION_CANCEL_ORDER:
      return !IsOnTheWay(incident.kind());
    case base::v1::INCIDENT_OPTION_REDELIVER:
    case base::v1::INCIDENT_OPTION_ANOTHER_RECIPIENT:
    case base::v1::INCIDENT_OPTION_REFUND_LESS_FEE:
      return ComesBack(incident.kind());
    case base::v1::INCIDENT_OPTION_ALTERNATIVE_PRODUCT:
      return incident.has_alternative();
    default:
      return false;
  }
}

template <typename Units>
TakenOff UnitsOf(const Units& of_lines) {
  TakenOff units;
  for (const IncidentUnits& one : of_lines) units[one.line_id()] += one.quantity();
  return units;
}

// The order is not sent, or nothing is left of it.
bool GivesAllBack(IncidentOption option) {
  return option == base::v1::INCIDENT_OPTION_CANCEL_ORDER ||
         option == base::v1::INCIDENT_OPTION_CREDIT_MISSING;
}

void Offer(IncidentOption option, Incident& incident, absl::Time now) {
  if (CanBeOffered(option, incident, now)) incident.add_options()->set_option(option);
}

}  // namespace

const base::v1::IncidentRule* RuleFor(const Policy& policy, base::v1::IncidentKind kind) {
  for (const base::v1::IncidentRule& rule : policy.incidents().kinds()) {
    if (rule.kind() == kind) return &rule;
  }
  return nullptr;
}

bool IsOnTheWay(base::v1::IncidentKind kind) {
  return ComesBack(kind) || kind == base::v1::INCIDENT_KIND_CUSTOMS_HOLD ||
         kind == base::v1::INCIDENT_KIND_CANCELLED_ON_THE_WAY || kind == base::v1::INCIDENT_KIND_NOT_ARRIVED;
}

bool IsOfStock(const Incident& incident) {
  return incident.kind() == base::v1::INCIDENT_KIND_SHORT_PICK ||
         incident.kind() == base::v1::INCIDENT_KIND_WRONG_PICK ||
         incident.kind() == base::v1::INCIDENT_KIND_NO_STOCK;
}

bool Offers(const Incident& incident, IncidentOption option) {
  return std::any_of(incident.options().begin(), incident.options().end(),
                     [option](const auto& offered) { return offered.option() == option; });
}

bool OffersNow(const Incident& incident, IncidentOption option, absl::Time now) {
  if (!Offers(incident, option)) return false;
  return option != base::v1::INCIDENT_OPTION_AWAIT_RESTOCK ||
         (incident.state() != Incident::STATE_AWAITING_RESTOCK && IsRestockAhead(incident, now));
}

void HidePassed(absl::Time now, Incident& incident) {
  auto& options = *incident.mutable_options();
  const Incident as_kept = incident;
  options.erase(std::remove_if(options.begin(), options.end(),
                               [&](const incidents::v1::OfferedOption& one) {
                                 return !OffersNow(as_kept, one.option(), now);
                               }),
                options.end());
}

void SetOptions(const Policy& policy, const Order& order, absl::Time now, Incident& incident) {
  incident.clear_options();
  const base::v1::IncidentRule* const rule = RuleFor(policy, incident.kind());
  if (rule != nullptr) {
    for (const int option : rule->options()) {
      Offer(static_cast<IncidentOption>(option), incident, now);
    }
    // What would happen at once where it was certain is asked where it is not.
    if (!Offers(incident, rule->at_once())) Offer(rule->at_once(), incident, now);
  }
  SetAmounts(incident, order);
}

void SetAmounts(Incident& incident, const Order& order) {
  for (incidents::v1::OfferedOption& offered : *incident.mutable_options()) {
    if (offered.option() == base::v1::INCIDENT_OPTION_CREDIT_MISSING && !IsAllMissing(incident, order)) {
      *offered.mutable_amount() =
          MakeMoney(PriceOf(UnitsOf(incident.units()), order), order.total().currency());
    } else if (offered.option() == base::v1::INCIDENT_OPTION_ALTERNATIVE_PRODUCT) {
      const int64_t less = PriceOf(ReplacedUnits(incident, order), order) - PriceOf(incident.alternative());
      *offered.mutable_amount() = MakeMoney(std::max<int64_t>(0, less), order.total().currency());
    } else if (offered.option() == base::v1::INCIDENT_OPTION_REFUND_LESS_FEE) {
      *offered.mutable_amount() = MakeMoney(
          order.total().amount_minor() - order.delivery_fee().amount_minor(), order.total().currency());
    } else if (GivesAllBack(offered.option())) {
      *offered.mutable_amount() = order.total();
    }
  }
}

bool TakeWaysBack(Incident& incident) {
  auto& options = *incident.mutable_options();
  const auto stays = std::remove_if(options.begin(), options.end(), [](const auto& offered) {
    return offered.option() == base::v1::INCIDENT_OPTION_REDELIVER ||
           offered.option() == base::v1::INCIDENT_OPTION_ANOTHER_RECIPIENT;
  });
  if (stays == options.begin() || stays == options.end()) return false;
  options.erase(stays, options.end());
  return true;
}

bool IsAllMissing(const Incident& incident, const Order& order) {
  int32_t left = 0;
  for (const OrderLine& line : order.lines()) left += line.quantity() - line.taken_off();
  for (const IncidentUnits& units : StillMissing(incident, order)) left -= units.quantity();
  return left <= 0;
}

TakenOff MissingUnits(const Incident& incident, const Order& order) {
  return UnitsOf(StillMissing(incident, order));
}

TakenOff ReplacedUnits(const Incident& incident, const Order& order) {
  if (incident.kind() == base::v1::INCIDENT_KIND_SHORT_PICK) return MissingUnits(incident, order);
  TakenOff all;
  for (const OrderLine& line : order.lines()) {
    if (line.taken_off() < line.quantity()) all[line.line_id()] = line.quantity() - line.taken_off();
  }
  return all;
}

int64_t PriceOf(const TakenOff& units, const Order& order) {
  int64_t price = 0;
  for (const OrderLine& line : order.lines()) {
    const auto of_line = units.find(line.line_id());
    if (of_line != units.end()) price += line.unit_price_minor() * of_line->second;
  }
  return price;
}

int64_t PriceOf(const incidents::v1::AlternativeProduct& product) {
  return product.unit_price().amount_minor() * product.quantity();
}

}  // namespace makegood::rules
