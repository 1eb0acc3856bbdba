#include "common/rules/orders/order_stock.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rules/orders/hold_table.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/orders/order_steps.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/posts.h"

namespace makegood::rules {
namespace {

using events::v1::Event;
using orders::v1::Hold;
using orders::v1::OrderLine;
using stores::v1::OrderedUnits;
using stores::v1::StockStatement;
using stores::v1::ToldStock;

constexpr auto kShortage = base::v1::HOLD_NAME_STOCK_SHORTAGE;

StockStatement::Standing StandingOf(const Order& order) {
  if (IsBeforeHandover(order.state())) return StockStatement::STANDING_OPEN;
  return order.state() == Order::STATE_CANCELLED ? StockStatement::STANDING_CALLED_OFF
                                                 : StockStatement::STANDING_LEFT;
}

// Lines of one product are added up.
StockStatement StatementOf(const Order& order) {
  std::map<std::string, OrderedUnits> products;
  for (const OrderLine& line : order.lines()) {
    const int32_t wanted = line.quantity() - line.taken_off();
    OrderedUnits& units = products[line.sku()];
    units.set_sku(line.sku());
    units.set_wanted(units.wanted() + wanted);
    units.set_picked(units.picked() + std::min(line.picked(), wanted));
  }
  StockStatement statement;
  statement.set_order_id(order.order_id());
  statement.set_merchant_id(order.merchant_id());
  statement.set_standing(StandingOf(order));
  for (auto& [sku, units] : products) *statement.add_units() = std::move(units);
  return statement;
}

bool IsAllPicked(const Order& order) {
  return std::all_of(order.lines().begin(), order.lines().end(), [](const OrderLine& line) {
    return line.picked() >= line.quantity() - line.taken_off();
  });
}

bool IsHeldByPick(const Order& order) {
  return std::any_of(order.holds().begin(), order.holds().end(), [](const Hold& hold) {
    return hold.name() == kShortage && IsOfIncident(hold.reference_id());
  });
}

bool SaysTheSame(const StockStatement& now, StockStatement last) {
  last.clear_number();
  last.clear_rest_is_gone();
  return now.SerializeAsString() == last.SerializeAsString();
}

// Told where it differs from what was told last.
absl::Status Tell(const Order& order, bool rest_is_gone, Transaction& tx) {
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(order.policy()));
  if (!policy->has_stock() || order.imported()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::optional<ToldStock> found, tx.Find<ToldStock>(order.order_id()));
  ToldStock told = std::move(found).value_or(ToldStock());
  StockStatement statement = StatementOf(order);
  if (!rest_is_gone && SaysTheSame(statement, told.last())) return absl::OkStatus();
  statement.set_number(told.last().number() + 1);
  statement.set_rest_is_gone(rest_is_gone);
  told.set_order_id(order.order_id());
  *told.mutable_last() = statement;
  tx.Put(told);
  return PostTo(order.merchant_id(), kTellStock, statement, tx);
}

std::string ShortageReference(const Order& order, const Transaction& tx) {
  return MakeId("stock", tx.part(), order.order_id());
}

}  // namespace

absl::Status TellStock(const Event& event, Transaction& tx) {
  if (event.order_version() == 0 || event.imported()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Order order, tx.Get<Order>(event.order_id()));
  return Tell(order, false, tx);
}

absl::Status TellFound(const Order& order, Found found, Transaction& tx) {
  return Tell(order, found == Found::kRestIsGone, tx);
}

absl::Status HearShortage(const stores::v1::ShortageNews& news, Transaction& tx) {
  ASSIGN_OR_RETURN(Order order, tx.Get<Order>(news.order_id()));
  const std::string reference = ShortageReference(order, tx);
  if (!news.is_short()) {
    ReleaseHoldStep(order, kShortage, reference, reference, tx);
  } else if (IsBeforeHandover(order.state()) && MayPlaceHold(order).ok() && !IsHeldByPick(order) &&
             !IsAllPicked(order) && !HasHold(order, kShortage, reference)) {
    // What a pick has found missing is held by its incident and, once that is settled, missing no more.
    PlaceHoldStep(order, kShortage, reference, reference, tx);
    ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(order.policy()));
    if (const int hours = policy->stock().stale_after_hours(); hours > 0) {
      *order.mutable_holds()->rbegin()->mutable_due_time() = ToTimestamp(tx.now() + absl::Hours(hours));
    }
  }
  tx.Put(order);
  return absl::OkStatus();
}

}  // namespace makegood::rules
