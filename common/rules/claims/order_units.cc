#include "common/rules/claims/order_units.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/money.h"
#include "common/base/status.h"

namespace makegood::rules {
namespace {

using claims::v1::ClaimedUnits;
using claims::v1::OrderUnits;
using claims::v1::TakenUnits;
using orders::v1::Order;
using orders::v1::OrderLine;

const OrderLine* FindLine(const Order& order, absl::string_view line_id) {
  for (const OrderLine& line : order.lines()) {
    if (line.line_id() == line_id) return &line;
  }
  return nullptr;
}

// How many units of the line are taken, by whatever case.
int64_t TakenOf(const OrderUnits& order_units, absl::string_view line_id) {
  int64_t taken = 0;
  for (const TakenUnits& by_case : order_units.taken()) {
    for (const ClaimedUnits& units : by_case.units()) {
      if (units.line_id() == line_id) taken += units.quantity();
    }
  }
  return taken;
}

absl::Status CheckFree(const Order& order, const OrderUnits& order_units, const ClaimedUnits& units) {
  const OrderLine* const line = FindLine(order, units.line_id());
  if (line == nullptr) {
    return Refusal("CLM-01", absl::StrCat("the order has no line ", units.line_id()));
  }
  const int64_t free = line->quantity() - TakenOf(order_units, units.line_id());
  if (units.quantity() <= free) return absl::OkStatus();
  return Refusal("CLM-01", absl::StrCat(units.quantity(), " of line ", units.line_id(), " asked for, ",
                                        std::max<int64_t>(free, 0), " of ", line->quantity(),
                                        " neither claimed nor withdrawn yet"));
}

}  // namespace

absl::Status CheckLinesNamedOnce(const ClaimedUnitsList& units) {
  std::set<std::string> seen;
  std::vector<FieldViolation> violations;
  for (int i = 0; i < units.size(); ++i) {
    if (seen.insert(units[i].line_id()).second) continue;
    violations.push_back({absl::StrCat("units[", i, "].line_id"), "is named twice"});
  }
  return violations.empty() ? absl::OkStatus() : InvalidFields(violations);
}

absl::Status TakeUnits(const Order& order, absl::string_view case_id, const ClaimedUnitsList& units,
                       Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<OrderUnits> found, tx.Find<OrderUnits>(order.order_id()));
  OrderUnits order_units = found.has_value() ? *std::move(found) : OrderUnits();
  order_units.set_order_id(order.order_id());
  for (const ClaimedUnits& wanted : units) RETURN_IF_ERROR(CheckFree(order, order_units, wanted));
  TakenUnits& taken = *order_units.add_taken();
  taken.set_case_id(std::string(case_id));
  *taken.mutable_units() = units;
  tx.Put(order_units);
  return absl::OkStatus();
}

absl::Status FreeUnits(absl::string_view order_id, absl::string_view case_id, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<OrderUnits> order_units, tx.Find<OrderUnits>(order_id));
  if (!order_units.has_value()) return absl::OkStatus();
  auto& taken = *order_units->mutable_taken();
  const auto gone = std::remove_if(taken.begin(), taken.end(), [case_id](const TakenUnits& by_case) {
    return by_case.case_id() == case_id;
  });
  if (gone == taken.end()) return absl::OkStatus();
  taken.erase(gone, taken.end());
  tx.Put(*order_units);
  return absl::OkStatus();
}

absl::StatusOr<int> MarkErroneous(absl::string_view order_id, const ClaimedUnitsList& units,
                                  Transaction& tx) {
  ASSIGN_OR_RETURN(OrderUnits order_units, tx.Get<OrderUnits>(order_id));
  auto& erroneous = *order_units.mutable_erroneous_line_ids();
  const int before = erroneous.size();
  for (const ClaimedUnits& named : units) {
    if (std::find(erroneous.begin(), erroneous.end(), named.line_id()) != erroneous.end()) continue;
    *erroneous.Add() = named.line_id();
  }
  if (erroneous.size() > before) tx.Put(order_units);
  return erroneous.size() - before;
}

ClaimedUnitsList AllUnits(const Order& order) {
  ClaimedUnitsList all;
  for (const OrderLine& line : order.lines()) {
    ClaimedUnits& units = *all.Add();
    units.set_line_id(line.line_id());
    units.set_quantity(line.quantity());
  }
  return all;
}

bool CoversWholeOrder(const Order& order, const ClaimedUnitsList& units) {
  return units.size() == order.lines_size() &&
         std::all_of(units.begin(), units.end(), [&order](const ClaimedUnits& named) {
           const OrderLine* const line = FindLine(order, named.line_id());
           return line != nullptr && line->quantity() == named.quantity();
         });
}

UnitsPrice PriceOf(const Order& order, const ClaimedUnitsList& units, int32_t commission_basis_points) {
  UnitsPrice price;
  for (const ClaimedUnits& named : units) {
    const OrderLine* const line = FindLine(order, named.line_id());
    if (line == nullptr) continue;
    const int64_t gross = line->unit_price_minor() * named.quantity();
    const int64_t net = NetOfTax(gross, line->vat_basis_points());
    price.gross_minor += gross;
    price.vat_minor += gross - net;
    price.commission_minor += ApplyRate(net, commission_basis_points);
  }
  return price;
}

}  // namespace makegood::rules
