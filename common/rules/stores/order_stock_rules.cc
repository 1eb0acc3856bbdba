#include "common/rules/stores/order_stock_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "common/rules/stores/offer_steps.h"
#include "common/rules/stores/store_records.h"
#include "common/rules/stores/waiting_orders.h"

namespace makegood::rules {
namespace {

using stores::v1::OrderedUnits;
using stores::v1::StockStatement;
using stores::v1::UnitsOfOrder;

UnitsOfOrder& UnitsFor(const std::string& sku, OrderStock& stock) {
  if (UnitsOfOrder* const known = UnitsOf(stock, sku); known != nullptr) return *known;
  UnitsOfOrder& added = *stock.add_units();
  added.set_sku(sku);
  return added;
}

// What has left the shelf for it in all. Units leave it when they are picked or, where nobody told of a pick,
// with the parcel.
int64_t TakenBy(const StockStatement& statement, const OrderedUnits& ordered) {
  switch (statement.standing()) {
    case StockStatement::STANDING_LEFT:
      return ordered.wanted();
    case StockStatement::STANDING_OPEN:
      return ordered.picked();
    default:
      return 0;
  }
}

// What is still needed is promised as far as it is there and nobody waits for it. What it took was promised
// to it before, and what it puts back is its own first.
absl::Status Promise(const StockStatement& statement, int64_t needed, int64_t taken, bool gone,
                     UnitsOfOrder& units, Offer& offer, Transaction& tx) {
  const int64_t kept = gone ? 0 : std::clamp<int64_t>(units.promised() - taken, 0, needed);
  offer.set_reserved(offer.reserved() - units.promised() + kept);
  offer.set_owed(offer.owed() - units.missing());
  const int64_t free = offer.owed() > 0 ? 0 : std::max<int64_t>(0, FreeUnits(offer));
  const int64_t more = std::min(needed - kept, free);
  units.set_promised(kept + more);
  units.set_missing(needed - kept - more);
  offer.set_reserved(offer.reserved() + more);
  offer.set_owed(offer.owed() + units.missing());
  if (units.missing() == 0) return absl::OkStatus();
  return Await(statement.order_id(), offer, units, gone, tx);
}

// Of that product it has so many from now on.
void Take(int64_t taken, UnitsOfOrder& units, Offer& offer) {
  TakeUnits(taken - units.taken(), offer);
  units.set_taken(taken);
}

// Nothing is put but what waits: the caller puts the offer.
absl::Status Follow(const StockStatement& statement, const OrderedUnits& ordered, UnitsOfOrder& units,
                    Offer& offer, Transaction& tx) {
  const int64_t before = units.taken();
  // AVL-02: what was found is taken, and beyond it nothing is there; of an order that is called off it goes
  // back after that.
  const bool gone = statement.rest_is_gone() && ordered.picked() < ordered.wanted();
  if (gone) {
    Take(ordered.picked(), units, offer);
    offer.set_stock(std::min<int64_t>(offer.stock(), 0));
  }
  Take(TakenBy(statement, ordered), units, offer);
  const bool open = statement.standing() == StockStatement::STANDING_OPEN;
  return Promise(statement, open ? ordered.wanted() - units.taken() : 0, units.taken() - before, gone, units,
                 offer, tx);
}

}  // namespace

absl::Status HearOrder(const StockStatement& statement, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<OrderStock> found, tx.Find<OrderStock>(statement.order_id()));
  OrderStock stock = std::move(found).value_or(OrderStock());
  if (stock.number() >= statement.number()) return absl::OkStatus();
  stock.set_order_id(statement.order_id());
  stock.set_number(statement.number());
  std::vector<Offer> changed;
  for (const OrderedUnits& ordered : statement.units()) {
    ASSIGN_OR_RETURN(std::optional<Offer> offer, FindOffer(statement.merchant_id(), ordered.sku(), tx));
    UnitsOfOrder& units = UnitsFor(ordered.sku(), stock);
    if (!offer.has_value()) {
      units.set_taken(TakenBy(statement, ordered));
      continue;
    }
    RETURN_IF_ERROR(Follow(statement, ordered, units, *offer, tx));
    changed.push_back(*std::move(offer));
  }
  tx.Put(stock);
  for (Offer& offer : changed) RETURN_IF_ERROR(Settle(offer, tx));
  // As it is after others, and perhaps this one, were filled.
  ASSIGN_OR_RETURN(stock, tx.Get<OrderStock>(statement.order_id()));
  return KeepAndTell(stock, tx);
}

}  // namespace makegood::rules
