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
#include "common/rules/messages.h"

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

// What was delivered and is the customer's: not what the source of an imported order gave back (ORD-13).
int32_t Delivered(const OrderLine& line) { return line.quantity() - line.taken_off() - line.given_back(); }

// How many units are taken, as `count(units)` counts those of a case, by whatever case; or by those alone
// that `use` tells.
template <typename Count>
int64_t TakenBy(const OrderUnits& order_units, const Count& count,
                std::optional<TakenUnits::Use> use = std::nullopt) {
  int64_t taken = 0;
  for (const TakenUnits& by_case : order_units.taken()) {
    if (!use.has_value() || by_case.use() == *use) taken += count(by_case.units());
  }
  return taken;
}

// What may be taken of the line: of what was made good by goods, too, for a withdrawal (CLM-08).
int64_t FreeOf(const OrderLine& line, const OrderUnits& order_units, bool to_withdraw) {
  const auto of_line = [&line](const ClaimedUnitsList& units) { return CountOf(units, line.line_id()); };
  const int64_t free = Delivered(line) - TakenBy(order_units, of_line);
  return to_withdraw ? free + TakenBy(order_units, of_line, TakenUnits::USE_RESENT) : free;
}

absl::Status CheckFree(const Order& order, const OrderUnits& order_units, const ClaimedUnits& units,
                       bool to_withdraw) {
  const OrderLine* const line = FindLine(order, units.line_id());
  if (line == nullptr) {
    return Refusal("CLM-01", absl::StrCat("the order has no line ", units.line_id()));
  }
  const int64_t free = FreeOf(*line, order_units, to_withdraw);
  if (units.quantity() <= free) return absl::OkStatus();
  return Refusal("CLM-01", absl::StrCat(units.quantity(), " of line ", units.line_id(), " asked for, ",
                                        std::max<int64_t>(free, 0), " of ", Delivered(*line),
                                        " neither claimed nor withdrawn yet"));
}

// Units made good by goods are the withdrawal's from now on: no case counts them twice.
void MoveFromResent(const ClaimedUnits& wanted, OrderUnits& order_units) {
  int32_t left = wanted.quantity();
  for (TakenUnits& by_case : *order_units.mutable_taken()) {
    if (by_case.use() != TakenUnits::USE_RESENT) continue;
    for (ClaimedUnits& units : *by_case.mutable_units()) {
      if (units.line_id() != wanted.line_id()) continue;
      const int32_t moved = std::min(left, units.quantity());
      units.set_quantity(units.quantity() - moved);
      left -= moved;
    }
  }
}

absl::StatusOr<OrderUnits> UnitsOf(absl::string_view order_id, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<OrderUnits> found, tx.Find<OrderUnits>(order_id));
  OrderUnits order_units = found.has_value() ? *std::move(found) : OrderUnits();
  order_units.set_order_id(std::string(order_id));
  return order_units;
}

int64_t WithdrawnOf(const OrderUnits& order_units) {
  return TakenBy(
      order_units, [](const ClaimedUnitsList& units) { return CountOf(units); }, TakenUnits::USE_WITHDRAWN);
}

// `change(all, of_case)` changes what the case has taken; returns the order's units as they are then. Nothing
// happens, and nothing is returned, if it has taken none.
template <typename Change>
absl::StatusOr<std::optional<OrderUnits>> ChangeTaken(absl::string_view order_id, absl::string_view case_id,
                                                      Transaction& tx, const Change& change) {
  ASSIGN_OR_RETURN(std::optional<OrderUnits> order_units, tx.Find<OrderUnits>(order_id));
  if (!order_units.has_value()) return std::nullopt;
  auto& taken = *order_units->mutable_taken();
  const auto of_case = std::find_if(taken.begin(), taken.end(), [case_id](const TakenUnits& by_case) {
    return by_case.case_id() == case_id;
  });
  if (of_case == taken.end()) return std::nullopt;
  change(taken, of_case);
  tx.Put(*order_units);
  return order_units;
}

}  // namespace

int64_t CountOf(const ClaimedUnitsList& units) {
  int64_t count = 0;
  for (const ClaimedUnits& of_line : units) count += of_line.quantity();
  return count;
}

int64_t CountOf(const ClaimedUnitsList& units, absl::string_view line_id) {
  int64_t count = 0;
  for (const ClaimedUnits& of_line : units) count += of_line.line_id() == line_id ? of_line.quantity() : 0;
  return count;
}

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
  ASSIGN_OR_RETURN(OrderUnits order_units, UnitsOf(order.order_id(), tx));
  for (const ClaimedUnits& wanted : units) {
    RETURN_IF_ERROR(CheckFree(order, order_units, wanted, /*to_withdraw=*/false));
  }
  TakenUnits& taken = *order_units.add_taken();
  taken.set_case_id(std::string(case_id));
  *taken.mutable_units() = units;
  tx.Put(order_units);
  return absl::OkStatus();
}

absl::StatusOr<Withdrawn> TakeForWithdrawal(const Order& order, absl::string_view case_id,
                                            const ClaimedUnitsList& units, Transaction& tx) {
  ASSIGN_OR_RETURN(OrderUnits order_units, UnitsOf(order.order_id(), tx));
  Withdrawn withdrawn;
  withdrawn.units = units;
  if (units.empty()) {
    for (const OrderLine& line : order.lines()) {
      const int64_t free = FreeOf(line, order_units, /*to_withdraw=*/true);
      if (free <= 0) continue;
      ClaimedUnits& all = *withdrawn.units.Add();
      all.set_line_id(line.line_id());
      all.set_quantity(static_cast<int32_t>(free));
    }
    if (withdrawn.units.empty()) return Refusal("CLM-08", "nothing is left to withdraw from");
  }
  for (const ClaimedUnits& wanted : withdrawn.units) {
    RETURN_IF_ERROR(CheckFree(order, order_units, wanted, /*to_withdraw=*/true));
    MoveFromResent(wanted, order_units);
  }
  TakenUnits& taken = *order_units.add_taken();
  taken.set_case_id(std::string(case_id));
  taken.set_use(TakenUnits::USE_WITHDRAWN);
  *taken.mutable_units() = withdrawn.units;
  withdrawn.whole_order = WithdrawnOf(order_units) == DeliveredUnits(order);
  tx.Put(order_units);
  return withdrawn;
}

absl::StatusOr<bool> WithdrawClaimed(absl::string_view order_id, absl::string_view case_id, int64_t units,
                                     Transaction& tx) {
  ASSIGN_OR_RETURN(const std::optional<OrderUnits> order_units,
                   ChangeTaken(order_id, case_id, tx,
                               [](auto&, auto of_case) { of_case->set_use(TakenUnits::USE_WITHDRAWN); }));
  if (!order_units.has_value()) return absl::InternalError("a claim has taken no units");
  return WithdrawnOf(*order_units) == units;
}

absl::Status SetUse(absl::string_view order_id, absl::string_view claim_id, TakenUnits::Use use,
                    Transaction& tx) {
  return ChangeTaken(order_id, claim_id, tx, [use](auto&, auto of_case) { of_case->set_use(use); }).status();
}

absl::Status KeepUnits(absl::string_view order_id, absl::string_view case_id, const ClaimedUnitsList& units,
                       Transaction& tx) {
  return ChangeTaken(order_id, case_id, tx,
                     [&units](auto&, auto of_case) { *of_case->mutable_units() = units; })
      .status();
}

absl::StatusOr<std::vector<std::string>> CasesOf(absl::string_view order_id, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::optional<OrderUnits> order_units, tx.Find<OrderUnits>(order_id));
  std::vector<std::string> cases;
  if (!order_units.has_value()) return cases;
  for (const TakenUnits& by_case : order_units->taken()) cases.push_back(by_case.case_id());
  return cases;
}

absl::Status FreeUnits(absl::string_view order_id, absl::string_view case_id, Transaction& tx) {
  return ChangeTaken(order_id, case_id, tx, [](auto& taken, auto of_case) { taken.erase(of_case); }).status();
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

base::v1::Money FeeOf(const Order& order) {
  return MakeMoney(order.delivery_fee_given_back() ? 0 : order.delivery_fee().amount_minor(),
                   order.total().currency());
}

int64_t DeliveredUnits(const Order& order) {
  int64_t units = 0;
  for (const OrderLine& line : order.lines()) units += Delivered(line);
  return units;
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
