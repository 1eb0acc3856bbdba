#include "common/rules/orders/order_intake.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/enum_word.h"
#include "common/base/status.h"
#include "common/rules/messages.h"
#include "common/rules/orders/address_rules.h"
#include "common/rules/orders/order_actions.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/orders/order_steps.h"
#include "common/rules/orders/past_money.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using events::v1::Event;
using orders::v1::ImportOrderRequest;
using orders::v1::NewOrder;
using orders::v1::NewOrderLine;
using orders::v1::OrderLine;
using orders::v1::PastStep;

// The most an order may come to: what Money takes.
constexpr int64_t kMaxTotalMinor = 1'000'000'000'000;

// Lines and delivery fee together, or nothing where that is more than an order may come to.
std::optional<int64_t> TotalOf(const NewOrder& order) {
  int64_t total = order.delivery_fee().amount_minor();
  for (const NewOrderLine& line : order.lines()) {
    int64_t gross = 0;
    if (__builtin_mul_overflow(line.unit_price().amount_minor(), int64_t{line.quantity()}, &gross) ||
        __builtin_add_overflow(total, gross, &total)) {
      return std::nullopt;
    }
  }
  return total <= kMaxTotalMinor ? std::optional(total) : std::nullopt;
}

// An order has one currency.
void CheckCurrency(const NewOrder& order, bool told, const base::v1::Money& amount, const std::string& field,
                   std::vector<FieldViolation>& violations) {
  if (!told || amount.currency() == order.currency()) return;
  violations.push_back(
      {absl::StrCat(field, ".currency"), absl::StrCat("is not the order's, ", order.currency())});
}

// What no field's own rule can see (SYS-07): all of it at once.
absl::Status CheckNewOrder(const NewOrder& order, const Policy& policy) {
  std::vector<FieldViolation> violations;
  absl::flat_hash_set<absl::string_view> line_ids;
  CheckCurrency(order, order.has_delivery_fee(), order.delivery_fee(), "order.delivery_fee", violations);
  for (int i = 0; i < order.lines_size(); ++i) {
    CheckCurrency(order, order.lines(i).has_unit_price(), order.lines(i).unit_price(),
                  absl::StrCat("order.lines[", i, "].unit_price"), violations);
    if (line_ids.insert(order.lines(i).line_id()).second) continue;
    violations.push_back({absl::StrCat("order.lines[", i, "].line_id"), "is that of an earlier line"});
  }
  const auto& currencies = policy.currencies();
  if (std::find(currencies.begin(), currencies.end(), order.currency()) == currencies.end()) {
    violations.push_back({"order.currency", "is none of the marketplace's"});
  }
  const auto& methods = policy.orders().payment_methods();
  if (std::find(methods.begin(), methods.end(), order.payment_method()) == methods.end()) {
    violations.push_back({"order.payment_method", "is none of the marketplace's"});
  }
  if (!TotalOf(order).has_value()) {
    violations.push_back({"order.lines", absl::StrCat("come to more than ", kMaxTotalMinor, " minor units")});
  }
  return violations.empty() ? absl::OkStatus() : InvalidFields(violations);
}

// The policy a new order is judged by, or INVALID_ARGUMENT for an unknown marketplace.
absl::StatusOr<const Policy*> PolicyFor(const NewOrder& order, const Transaction& tx) {
  absl::StatusOr<const Policy*> policy = tx.policies().Current(order.marketplace());
  if (policy.ok()) return policy;
  return InvalidFields({{"order.marketplace", "has no policy here"}});
}

std::string LanguageOf(const NewOrder& order, const Policy& policy) {
  const auto& languages = policy.languages();
  const bool known = std::find(languages.begin(), languages.end(), order.language()) != languages.end();
  return known ? order.language() : languages.empty() ? std::string() : languages.Get(0);
}

OrderLine LineOf(const NewOrderLine& request) {
  OrderLine line;
  line.set_line_id(request.line_id());
  line.set_sku(request.sku());
  line.set_quantity(request.quantity());
  line.set_unit_price_minor(request.unit_price().amount_minor());
  line.set_vat_basis_points(request.vat_basis_points());
  return line;
}

// The order as it begins, BLOCKED; its contacts are put, itself not yet.
absl::StatusOr<Order> BeginOrder(const NewOrder& request, absl::Time placed, Transaction& tx) {
  RETURN_IF_ERROR(CheckScope(tx.actor(), request.merchant_id(), request.customer_id(), "ROL-11"));
  ASSIGN_OR_RETURN(const std::optional<Order> there, tx.Find<Order>(request.order_id()));
  if (there.has_value()) {
    return Exists({"order", there->order_id(), there->version()});
  }
  RETURN_IF_ERROR(tx.CheckVersion({"order", request.order_id(), 0}));
  ASSIGN_OR_RETURN(const Policy* policy, PolicyFor(request, tx));
  RETURN_IF_ERROR(CheckNewOrder(request, *policy));
  Order order;
  order.set_order_id(request.order_id());
  *order.mutable_create_time() = ToTimestamp(placed);
  *order.mutable_policy() = RefTo(*policy);
  order.set_merchant_id(request.merchant_id());
  order.set_customer_id(request.customer_id());
  order.set_state(Order::STATE_BLOCKED);
  order.set_payment_method(request.payment_method());
  for (const NewOrderLine& line : request.lines()) *order.add_lines() = LineOf(line);
  *order.mutable_delivery_fee() = MakeMoney(request.delivery_fee().amount_minor(), request.currency());
  *order.mutable_total() = MakeMoney(*TotalOf(request), request.currency());
  order.set_customer_contact_id(NewContact(order, request.customer(), tx));
  order.set_recipient_contact_id(request.has_recipient() ? NewContact(order, request.recipient(), tx)
                                                         : order.customer_contact_id());
  *order.mutable_address() = NewAddress(request, order.delivery_fee());
  order.set_language(LanguageOf(request, *policy));
  if (request.has_promised_ship_time()) *order.mutable_promised_ship_time() = request.promised_ship_time();
  return order;
}

// ORD-01: paid in advance, and nothing is to be paid. Where prices are not told, 0 says nothing.
bool NothingIsPrepaid(const NewOrder& request, const Order& order) {
  return order.payment_method() == base::v1::PAYMENT_METHOD_PREPAID && order.total().amount_minor() == 0 &&
         !request.prices_untold();
}

// Announces the order; of imported history with what it says of money.
void EmitCreated(const Order& order, const StepTime& moment, const ImportOrderRequest* past,
                 Transaction& tx) {
  Event event = OrderEvent(order, moment);
  events::v1::OrderCreated& fact = *event.mutable_order_created();
  fact.set_payment_method(order.payment_method());
  *fact.mutable_total() = order.total();
  *fact.mutable_delivery_fee() = order.delivery_fee();
  fact.set_line_count(order.lines_size());
  fact.set_language(order.language());
  fact.set_customer_contact_id(order.customer_contact_id());
  for (const OrderLine& line : order.lines()) TellLine(line, order, *fact.add_lines());
  if (past != nullptr) TellPastMoney(*past, order, fact);
  tx.Emit(std::move(event));
}

// ---- History (ORD-13).

// The source's times must make sense before any rule can be asked.
absl::Status CheckHistoryTimes(const ImportOrderRequest& request, absl::Time now) {
  const absl::Time placed = ToTime(request.placed_time());
  if (placed > now) return Refusal("ORD-13", "the order was placed in the future");
  if (!request.has_paid_time()) return absl::OkStatus();
  if (ToTime(request.paid_time()) > now) return Refusal("ORD-13", "the payment came in in the future");
  if (ToTime(request.paid_time()) < placed) {
    return Refusal("ORD-13", "the payment came in before the order was placed");
  }
  return absl::OkStatus();
}

// A step has a time, not before what happened before it and not in the future.
absl::Status CheckStepTime(const PastStep& step, absl::Time before, absl::Time now) {
  const absl::string_view rule = step.state() == Order::STATE_DELIVERED ? "ORD-02" : "ORD-13";
  const std::string time = absl::StrCat("the time of ", EnumWord(step.state()));
  if (!step.has_time()) return Refusal(rule, absl::StrCat(time, " is missing"));
  if (ToTime(step.time()) > now) return Refusal(rule, absl::StrCat(time, " is in the future"));
  if (ToTime(step.time()) < before) {
    return Refusal(rule, absl::StrCat(time, " is before that of the step before it"));
  }
  return absl::OkStatus();
}

absl::Status TakeStep(const PastStep& step, Order& order, Transaction& tx) {
  const StepTime moment{ToTime(step.time()), true};
  switch (step.state()) {
    case Order::STATE_OPEN:
      // Told although it follows from the payment.
      return order.state() == Order::STATE_OPEN ? absl::OkStatus() : OpenStep(order, moment, tx);
    case Order::STATE_SHIPPING:
      return StartShippingStep(order, moment, tx);
    case Order::STATE_SHIPPED:
      return HandOverStep(order, Parcel(), moment.time, moment, tx);
    case Order::STATE_DELIVERED:
      return DeliverStep(order, moment.time, moment, tx);
    case Order::STATE_RETURNED:
      return ReturnStep(order, step.return_cause(), moment, tx);
    case Order::STATE_CANCELLED:
      return CancelStep(order, step.cancellation(), moment, tx);
    default:
      return Refusal("ORD-11", "no order goes back to BLOCKED");
  }
}

// ORD-01: what opens the order by itself, if that has happened by `time`.
absl::Status OpenIfDue(const ImportOrderRequest& request, absl::Time time, Order& order, Transaction& tx) {
  if (order.state() != Order::STATE_BLOCKED) return absl::OkStatus();
  const bool prepaid = order.payment_method() == base::v1::PAYMENT_METHOD_PREPAID;
  const bool waits = prepaid && !NothingIsPrepaid(request.order(), order);
  if (waits && !request.has_paid_time()) return absl::OkStatus();
  const absl::Time due = ToTime(waits ? request.paid_time() : request.placed_time());
  if (due > time) return absl::OkStatus();
  order.set_paid(prepaid);
  return OpenStep(order, {due, true}, tx);
}

}  // namespace

absl::StatusOr<Order> CreateOrder(const orders::v1::CreateOrderRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, BeginOrder(request.order(), tx.now(), tx));
  const StepTime now{tx.now()};
  EmitCreated(order, now, nullptr, tx);
  RETURN_IF_ERROR(AskForAddress(order, now, tx));
  order.set_paid(NothingIsPrepaid(request.order(), order));
  if (order.paid() || order.payment_method() == base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY) {
    RETURN_IF_ERROR(OpenStep(order, now, tx));
  }
  tx.Put(order);
  return Shown(std::move(order), tx);
}

absl::StatusOr<Order> ImportOrder(const ImportOrderRequest& request, Transaction& tx) {
  const absl::Time placed = ToTime(request.placed_time());
  ASSIGN_OR_RETURN(Order order, BeginOrder(request.order(), placed, tx));
  RETURN_IF_ERROR(CheckPastMoney(request, order));
  RETURN_IF_ERROR(CheckHistoryTimes(request, tx.now()));
  order.set_imported(true);
  EmitCreated(order, {placed, true}, &request, tx);
  absl::Time last = placed;
  for (const PastStep& step : request.steps()) {
    RETURN_IF_ERROR(CheckStepTime(step, last, tx.now()));
    last = ToTime(step.time());
    RETURN_IF_ERROR(OpenIfDue(request, last, order, tx));
    RETURN_IF_ERROR(TakeStep(step, order, tx));
  }
  RETURN_IF_ERROR(OpenIfDue(request, tx.now(), order, tx));
  RETURN_IF_ERROR(AskForAddress(order, {tx.now(), true}, tx));
  // A payment that came in after the order was called off is a fact all the same.
  order.set_paid(request.has_paid_time() || NothingIsPrepaid(request.order(), order));
  KeepGivenBack(request.given_back(), order);
  tx.Put(order);
  return Shown(std::move(order), tx);
}

}  // namespace makegood::rules
