#include "common/rules/orders/past_money.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/messages.h"
#include "common/rules/orders/order_states.h"

namespace makegood::rules {
namespace {

using base::v1::Money;
using orders::v1::GivenBack;
using orders::v1::ImportOrderRequest;
using orders::v1::OrderLine;
using orders::v1::TakenOffUnits;

bool Came(const ImportOrderRequest& request, Order::State state) {
  return std::any_of(request.steps().begin(), request.steps().end(),
                     [state](const orders::v1::PastStep& step) { return step.state() == state; });
}

// What came in, by the source's word or because it was delivered.
int64_t PaidMinor(const ImportOrderRequest& request, const Order& order) {
  if (request.has_paid_amount()) return request.paid_amount().amount_minor();
  const bool paid = request.has_paid_time() || Came(request, Order::STATE_DELIVERED);
  return paid ? order.total().amount_minor() : 0;
}

class PastMoneyCheck {
 public:
  PastMoneyCheck(const ImportOrderRequest& request, const Order& order)
      : request_(request), given_(request.given_back()), order_(order) {}

  absl::Status Run() {
    CheckPaid();
    CheckUnits();
    if (given_.delivery_fee() && order_.delivery_fee().amount_minor() == 0) {
      Wrong("given_back.delivery_fee", "was never asked for");
    }
    CheckAmounts();
    return violations_.empty() ? absl::OkStatus() : InvalidFields(violations_);
  }

 private:
  void Wrong(std::string field, std::string problem) {
    violations_.push_back({std::move(field), std::move(problem)});
  }

  // Whether the amount is there, in the order's currency.
  bool IsTold(bool there, const Money& amount, const std::string& field) {
    if (!there) return false;
    if (amount.currency() == order_.total().currency()) return true;
    Wrong(absl::StrCat(field, ".currency"), absl::StrCat("is not the order's, ", order_.total().currency()));
    return false;
  }

  void CheckPaid() {
    if (!IsTold(request_.has_paid_amount(), request_.paid_amount(), "paid_amount")) return;
    if (!request_.has_paid_time()) Wrong("paid_amount", "has no paid_time");
    if (request_.paid_amount().amount_minor() < order_.total().amount_minor()) {
      Wrong("paid_amount.amount_minor", "is less than the order's total");
    }
  }

  void CheckUnits() {
    std::set<std::string> named;
    int64_t left = 0;
    for (const OrderLine& line : order_.lines()) left += line.quantity();
    for (int i = 0; i < given_.units_size(); ++i) {
      const TakenOffUnits& units = given_.units(i);
      const std::string field = absl::StrCat("given_back.units[", i, "]");
      const auto line = std::find_if(order_.lines().begin(), order_.lines().end(),
                                     [&](const OrderLine& one) { return one.line_id() == units.line_id(); });
      if (line == order_.lines().end()) {
        Wrong(absl::StrCat(field, ".line_id"), "is no line of the order");
        continue;
      }
      if (!named.insert(units.line_id()).second) Wrong(absl::StrCat(field, ".line_id"), "is named before");
      if (units.quantity() > line->quantity()) {
        Wrong(absl::StrCat(field, ".quantity"),
              absl::StrCat("is more than the ", line->quantity(), " ordered"));
      }
      left -= units.quantity();
      worth_ += line->unit_price_minor() * units.quantity();
    }
    const bool ended = Came(request_, Order::STATE_SHIPPED) || Came(request_, Order::STATE_CANCELLED);
    if (given_.units_size() > 0 && left <= 0 && !ended) {
      Wrong("given_back.units", "are all of an order that never left: it was CANCELLED");
    }
  }

  void CheckAmounts() {
    const int64_t total = order_.total().amount_minor();
    const int64_t paid = PaidMinor(request_, order_);
    if (given_.delivery_fee()) worth_ += order_.delivery_fee().amount_minor();
    if (IsTold(given_.has_goodwill(), given_.goodwill(), "given_back.goodwill") &&
        given_.goodwill().amount_minor() > std::max<int64_t>(0, std::min(paid, total) - worth_)) {
      Wrong("given_back.goodwill.amount_minor", "is more than is left of what was paid");
    }
    if (IsTold(given_.has_over_payment(), given_.over_payment(), "given_back.over_payment") &&
        given_.over_payment().amount_minor() > std::max<int64_t>(0, paid - total)) {
      Wrong("given_back.over_payment.amount_minor", "is more than was paid beyond the order's total");
    }
  }

  const ImportOrderRequest& request_;
  const GivenBack& given_;
  const Order& order_;
  int64_t worth_ = 0;  // of units and fee
  std::vector<FieldViolation> violations_;
};

}  // namespace

absl::Status CheckPastMoney(const ImportOrderRequest& request, const Order& order) {
  return PastMoneyCheck(request, order).Run();
}

void TellPastMoney(const ImportOrderRequest& request, const Order& order, events::v1::OrderCreated& fact) {
  if (request.has_paid_time()) {
    *fact.mutable_imported_payment() = request.has_paid_amount() ? request.paid_amount() : order.total();
  }
  if (!request.has_given_back()) return;
  const GivenBack& given_back = request.given_back();
  events::v1::ImportedRefund& told = *fact.mutable_imported_refund();
  for (const TakenOffUnits& units : given_back.units()) {
    events::v1::TakenOffUnits& of_line = *told.add_units();
    of_line.set_line_id(units.line_id());
    of_line.set_quantity(units.quantity());
  }
  told.set_delivery_fee(given_back.delivery_fee());
  if (given_back.goodwill().amount_minor() > 0) *told.mutable_goodwill() = given_back.goodwill();
  if (given_back.over_payment().amount_minor() > 0) {
    *told.mutable_over_payment() = given_back.over_payment();
  }
}

void KeepGivenBack(const GivenBack& given_back, Order& order) {
  order.set_delivery_fee_given_back(given_back.delivery_fee());
  const bool left = !IsBeforeHandover(order.state());
  for (const TakenOffUnits& units : given_back.units()) {
    for (OrderLine& line : *order.mutable_lines()) {
      if (line.line_id() != units.line_id()) continue;
      if (left) {
        line.set_given_back(units.quantity());
        continue;
      }
      line.set_taken_off(units.quantity());
      order.mutable_total()->set_amount_minor(order.total().amount_minor() -
                                              line.unit_price_minor() * units.quantity());
    }
  }
}

}  // namespace makegood::rules
