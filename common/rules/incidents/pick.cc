#include "common/rules/incidents/pick.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/orders/order_steps.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using incidents::v1::IncidentUnits;
using incidents::v1::PickedUnits;
using incidents::v1::RecordPickRequest;
using orders::v1::OrderLine;

int32_t Wanted(const OrderLine& line) { return line.quantity() - line.taken_off(); }

const PickedUnits* PickedOf(const RecordPickRequest& request, const OrderLine& line) {
  const auto found =
      std::find_if(request.units().begin(), request.units().end(),
                   [&](const PickedUnits& units) { return units.line_id() == line.line_id(); });
  return found == request.units().end() ? nullptr : &*found;
}

bool IsOther(const PickedUnits& picked, const OrderLine& line) {
  return !picked.sku().empty() && picked.sku() != line.sku();
}

// Of the line's own product, and no more than was ordered.
int32_t Right(const PickedUnits* picked, const OrderLine& line) {
  return picked == nullptr || IsOther(*picked, line) ? 0 : std::min(picked->quantity(), Wanted(line));
}

void Add(const OrderLine& line, int32_t quantity, const std::string& picked_sku,
         std::vector<IncidentUnits>& units) {
  if (quantity <= 0) return;
  IncidentUnits& added = units.emplace_back();
  added.set_line_id(line.line_id());
  added.set_quantity(quantity);
  added.set_picked_sku(picked_sku);
}

}  // namespace

absl::Status CheckPick(const RecordPickRequest& request, const Order& order, absl::Time now) {
  std::vector<FieldViolation> wrong;
  std::set<std::string> named;
  for (int i = 0; i < request.units_size(); ++i) {
    const std::string& line_id = request.units(i).line_id();
    const std::string field = absl::StrCat("units[", i, "].line_id");
    const bool known = std::any_of(order.lines().begin(), order.lines().end(),
                                   [&](const OrderLine& line) { return line.line_id() == line_id; });
    if (!known) wrong.push_back({field, "is no line of the order"});
    if (!named.insert(line_id).second) wrong.push_back({field, "names a line again"});
  }
  for (const OrderLine& line : order.lines()) {
    if (Wanted(line) == 0 || named.contains(line.line_id())) continue;
    wrong.push_back(
        {"units", absl::StrCat("name line ", line.line_id(), ", too: with 0 where nothing was picked")});
  }
  if (request.has_restock_time() && ToTime(request.restock_time()) <= now) {
    wrong.push_back({"restock_time", "has passed"});
  }
  return wrong.empty() ? absl::OkStatus() : InvalidFields(wrong);
}

Finding ComparePick(const RecordPickRequest& request, Order& order) {
  std::vector<IncidentUnits> wrong;
  std::vector<IncidentUnits> missing;
  int32_t there = 0;
  for (OrderLine& line : *order.mutable_lines()) {
    const PickedUnits* const picked = PickedOf(request, line);
    const int32_t right = Right(picked, line);
    line.set_picked(right);
    there += right;
    Add(line, Wanted(line) - right, "", missing);
    if (picked != nullptr) {
      Add(line, picked->quantity() - right, IsOther(*picked, line) ? picked->sku() : line.sku(), wrong);
    }
  }
  Finding found;
  found.source = base::v1::INCIDENT_SOURCE_PICK;
  if (!wrong.empty()) {
    found.kind = base::v1::INCIDENT_KIND_WRONG_PICK;
    found.units = std::move(wrong);
  } else if (!missing.empty()) {
    found.kind = there == 0 ? base::v1::INCIDENT_KIND_NO_STOCK : base::v1::INCIDENT_KIND_SHORT_PICK;
    found.units = std::move(missing);
    if (request.has_restock_time()) found.restock_time = ToTime(request.restock_time());
  }
  return found;
}

void EmitPicked(const RecordPickRequest& request, const Order& order, Transaction& tx) {
  events::v1::Event event = OrderEvent(order, {tx.now()});
  events::v1::PickRecorded& fact = *event.mutable_pick_recorded();
  for (const OrderLine& line : order.lines()) {
    fact.set_wanted(fact.wanted() + Wanted(line));
    fact.set_picked(fact.picked() + Right(PickedOf(request, line), line));
  }
  tx.Emit(std::move(event));
}

std::vector<IncidentUnits> StillMissing(const Incident& incident, const Order& order) {
  std::vector<IncidentUnits> missing;
  if (incident.kind() == base::v1::INCIDENT_KIND_WRONG_PICK) {
    return {incident.units().begin(), incident.units().end()};
  }
  for (const OrderLine& line : order.lines()) Add(line, Wanted(line) - line.picked(), "", missing);
  return missing;
}

}  // namespace makegood::rules
