#include "common/rules/incidents/alternative.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/incidents/incident_rules.h"
#include "common/rules/incidents/incident_steps.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/scope.h"

namespace makegood::rules {
namespace {

using incidents::v1::ProposeAlternativeRequest;

absl::Status MayPropose(const Asked<Incident>& asked) {
  if (asked.record.state() != Incident::STATE_OPEN) {
    return Refusal("AVL-03", "the incident is over, or it is settled what becomes of it");
  }
  ASSIGN_OR_RETURN(const Policy* const policy, asked.policy());
  const base::v1::IncidentRule* const rule = RuleFor(*policy, asked.record.kind());
  const bool knows =
      rule != nullptr && std::find(rule->options().begin(), rule->options().end(),
                                   base::v1::INCIDENT_OPTION_ALTERNATIVE_PRODUCT) != rule->options().end();
  return knows ? absl::OkStatus() : Refusal("AVL-03", "the marketplace knows no alternative for it");
}

// It costs no more than what it replaces: nobody is charged for what could not be had.
absl::Status CheckPrice(const ProposeAlternativeRequest& request, const Incident& incident,
                        const Order& order) {
  const base::v1::Money& price = request.unit_price();
  if (request.has_unit_price() && price.currency() != order.total().currency()) {
    return InvalidFields(
        {{"unit_price.currency", absl::StrCat("is not the order's, ", order.total().currency())}});
  }
  const int64_t most = PriceOf(ReplacedUnits(incident, order), order);
  if (price.amount_minor() <= most / request.quantity()) return absl::OkStatus();
  return Refusal("AVL-03", "the alternative costs more than what it replaces");
}

}  // namespace

const Action<Incident> kProposeAlternative{MethodOf<ProposeAlternativeRequest>, MayPropose};

absl::StatusOr<Incident> ProposeAlternative(const ProposeAlternativeRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Incident incident, Begin(kProposeAlternative, request.incident_id(), tx));
  ASSIGN_OR_RETURN(const Order order, tx.Get<Order>(incident.order_id()));
  if (!IsBeforeHandover(order.state())) return Refusal("AVL-03", "the order has left or is over");
  RETURN_IF_ERROR(CheckPrice(request, incident, order));
  incidents::v1::AlternativeProduct& product = *incident.mutable_alternative();
  product.set_sku(request.sku());
  product.set_quantity(request.quantity());
  product.mutable_unit_price()->set_amount_minor(request.unit_price().amount_minor());
  product.mutable_unit_price()->set_currency(order.total().currency());
  product.set_vat_basis_points(request.vat_basis_points());
  product.set_in_store(request.in_store());
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(incident.policy()));
  RETURN_IF_ERROR(AskAgain(incident, order, *policy, tx));
  tx.Put(incident);
  return Shown(std::move(incident), tx);
}

}  // namespace makegood::rules
