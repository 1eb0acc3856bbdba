// Orders are picked, settled, called off and sent before anything of it is followed, and their merchant's
// stock hears of it late: it is what a plain count of the same says, made on the spot (AVL-01, AVL-02).
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "common/rules/incidents/incident_rules.h"
#include "common/rules/incidents/incident_steps.h"
#include "common/rules/orders/hold_table.h"
#include "common/rules/orders/order_intake.h"
#include "common/rules/orders/order_rules.h"
#include "common/rules/orders/order_stock.h"
#include "common/rules/stores/offer_steps.h"
#include "common/rules/stores/order_stock_rules.h"
#include "common/rules/stores/stock_rules.h"
#include "common/rules/stores/waiting_orders.h"
#include "makegood/base/v1/reservation.pb.h"
#include "tests/support/orders_support.h"
#include "tests/support/rules_support.h"

namespace makegood::testing {
namespace {

using events::v1::Event;
using orders::v1::Order;
using orders::v1::OrderLine;
using rules::Incident;
using rules::Offer;

constexpr int kOrders = 4;
constexpr int kSteps = 40;

// What an order has of a product, and how many are on the shelf: each order has products of its own, since
// who of two orders was at the shelf first nobody knows.
struct Counted {
  int64_t shelf = 0;
  int64_t taken = 0;
  int64_t needed = 0;
};

class StockFlow {
 public:
  void Run() {
    for (int order = 0; order < kOrders; ++order) Place(absl::StrCat("o-", order));
    for (int step = 0; step < kSteps; ++step) Step(absl::StrCat("o-", *rc::gen::inRange(0, kOrders)));
    Settle();
  }

 private:
  static std::string Sku(const std::string& order_id, absl::string_view which) {
    return absl::StrCat(order_id, "-", which);
  }

  // Two lines of one product and one of another.
  void Place(const std::string& id) {
    orders::v1::NewOrder order = SomeOrder(id);
    order.set_marketplace(*rc::gen::element<std::string>("mall", "default"));
    order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
    *order.add_lines() = order.lines(0);
    *order.add_lines() = order.lines(0);
    for (int i = 0; i < order.lines_size(); ++i) {
      order.mutable_lines(i)->set_line_id(absl::StrCat(i));
      order.mutable_lines(i)->set_sku(Sku(id, i < 2 ? "A" : "B"));
      order.mutable_lines(i)->set_quantity(*rc::gen::inRange(1, 5));
      Set(order.marketplace(), order.lines(i).sku());
    }
    RC_ASSERT(orders_.As(Service()).Decide(rules::CreateOrder, CreateRequest(order)).ok());
    Count(id, false);
  }

  void Set(const std::string& marketplace, const std::string& sku) {
    stores::v1::SetStockRequest request;
    request.set_merchant_id("m-1");
    request.set_marketplace(marketplace);
    request.add_items()->set_sku(sku);
    // Below zero a unit that comes back counts and one that is taken does not, so that it would have to be
    // known which was first where both are told at once.
    request.mutable_items(0)->set_stock(*rc::gen::inRange(0, 15));
    RC_ASSERT(store_.As(Employee()).Decide(rules::SetStock, request).ok());
    counted_[sku].shelf = request.items(0).stock();
  }

  void Step(const std::string& id) {
    switch (*rc::gen::inRange(0, 12)) {
      case 0:
      case 1:
      case 2:
        return Pick(id);
      case 3:
      case 4:
        return Choose(id);
      case 5:
        return TakeOff(id);
      case 6:
        return Rarely([&] { Report(id); });
      case 7:
        return Rarely([&] { Cancel(id); });
      case 8:
        return Rarely([&] { Send(id); });
      case 9:
        Settle();
        return Set(TheOrder(id).policy().marketplace(), Sku(id, *rc::gen::element<std::string>("A", "B")));
      case 10:
        return void(Post());
      default:
        return void(Follow());
    }
  }

  template <typename Act>
  static void Rarely(const Act& act) {
    if (*rc::gen::inRange(0, 3) == 0) act();
  }

  // ---- What people do. Refusals change nothing.

  void Pick(const std::string& id) {
    auto request = About<incidents::v1::RecordPickRequest>(id);
    const Order before = TheOrder(id);
    const bool all = *rc::gen::inRange(0, 3) == 0;
    const bool other = *rc::gen::inRange(0, 6) == 0;
    bool is_short = false;
    for (const OrderLine& line : before.lines()) {
      incidents::v1::PickedUnits& units = *request.add_units();
      const int wanted = line.quantity() - line.taken_off();
      units.set_line_id(line.line_id());
      units.set_quantity(all ? wanted : *rc::gen::inRange(0, wanted + 1));
      is_short |= units.quantity() < wanted;
    }
    if (other) request.mutable_units(0)->set_sku("something-else");
    const bool is_wrong = other && request.units(0).quantity() > 0;
    if (!orders_.As(Employee()).Decide(rules::RecordPick, request).ok()) return;
    Count(id, is_short && !is_wrong);
  }

  void Choose(const std::string& id) {
    for (const Incident& incident : orders_.All<Incident>()) {
      if (incident.order_id() != id || !rules::IsOpen(incident) || incident.options().empty()) continue;
      incidents::v1::ChooseOptionRequest request;
      request.set_incident_id(incident.incident_id());
      request.set_option(incident.options(*rc::gen::inRange(0, incident.options_size())).option());
      if (orders_.As(Customer()).Decide(rules::ChooseOption, request).ok()) Count(id, false);
      return;
    }
  }

  void TakeOff(const std::string& id) {
    auto request = About<orders::v1::TakeOffUnitsRequest>(id);
    request.set_reason(base::v1::REFUND_REASON_CUSTOMER_REQUEST);
    request.add_units()->set_line_id(absl::StrCat(*rc::gen::inRange(0, 3)));
    request.mutable_units(0)->set_quantity(1);
    if (orders_.As(Customer()).Decide(rules::TakeOffUnits, request).ok()) Count(id, false);
  }

  // The manager may cancel, and at some marketplaces the report does (AVL-04). What is known says nothing.
  void Report(const std::string& id) {
    auto request = About<incidents::v1::ReportIncidentRequest>(id);
    request.set_kind(base::v1::INCIDENT_KIND_NO_STOCK);
    if (!orders_.As(Manager()).Decide(rules::ReportIncident, request).ok()) return;
    Count(id, !orders_.last_events().empty());
  }

  void Cancel(const std::string& id) {
    const auto request =
        CancelFor(base::v1::INITIATOR_CUSTOMER, base::v1::CANCEL_REASON_CUSTOMER_REQUEST, id);
    if (orders_.As(Operations()).Decide(rules::CancelOrder, request).ok()) Count(id, false);
  }

  void Send(const std::string& id) {
    const auto request = About<orders::v1::HandOverRequest>(id);
    if (orders_.As(Employee()).Decide(rules::HandOver, request).ok()) Count(id, false);
  }

  // ---- What follows, later.

  bool Follow() {
    if (followed_ == orders_.events().size()) return false;
    const Event event = orders_.events()[followed_++];
    RC_ASSERT(orders_.As(Service())
                  .Hear(
                      [](const Event& one, rules::Transaction& tx) -> absl::Status {
                        RETURN_IF_ERROR(rules::FollowOrder(one, tx));
                        return rules::TellStock(one, tx);
                      },
                      event)
                  .ok());
    return true;
  }

  // One of the order's to the store, else one of the store's to an order.
  bool Post() {
    return Deliver(rules::kTellStock, orders_, store_, rules::HearOrder) ||
           Deliver(rules::kShortageNews, store_, orders_, rules::HearShortage);
  }

  template <typename Message>
  static bool Deliver(absl::string_view kind, Desk& from, Desk& to,
                      absl::Status (*hear)(const Message& message, rules::Transaction& tx)) {
    const std::vector<rules::Task> waiting = from.Tasks(kind);
    if (waiting.empty()) return false;
    base::v1::Post post;
    Message message;
    RC_ASSERT(post.ParseFromString(waiting[0].payload) && message.ParseFromString(post.message()));
    const absl::Status heard = to.As(Service()).Decide(hear, message);
    RC_ASSERT(heard.ok());
    const auto done = [](rules::Transaction&) { return absl::OkStatus(); };
    RC_ASSERT(from.As(Service()).Complete(waiting[0].id, done).ok());
    return true;
  }

  void Settle() {
    while (Follow() || Post()) continue;
    for (const auto& [sku, counted] : counted_) {
      const Offer offer = store_.Find<Offer>(rules::OfferId(3, "m-1", sku)).value();
      RC_LOG() << sku << " is " << offer.stock() << ", should be " << counted.shelf << "\n";
      RC_ASSERT(offer.stock() == counted.shelf);
      RC_ASSERT(offer.reserved() + offer.owed() == counted.needed);
    }
    for (const Order& order : orders_.All<Order>()) CheckHolds(order);
  }

  // An order waits for its goods while some are missing, and not longer; nobody holds it twice for them.
  void CheckHolds(const Order& order) {
    const auto stock = store_.Find<rules::OrderStock>(order.order_id());
    const bool missing = std::any_of(stock->units().begin(), stock->units().end(),
                                     [](const auto& units) { return units.missing() > 0; });
    const bool waits = std::any_of(order.holds().begin(), order.holds().end(),
                                   [](const auto& hold) { return rules::IsOfShortage(hold.reference_id()); });
    RC_ASSERT(!waits || missing);
  }

  // ---- The plain count.

  Order TheOrder(const std::string& id) const { return *orders_.Find<Order>(id); }

  static int64_t Taken(const Order& order, int64_t wanted, int64_t picked) {
    if (order.state() == Order::STATE_CANCELLED) return 0;
    return order.state() == Order::STATE_SHIPPED ? wanted : picked;
  }

  // The order has changed; perhaps because somebody has looked for all that it wants and not found it.
  void Count(const std::string& id, bool looked) {
    const Order order = TheOrder(id);
    for (const absl::string_view which : {"A", "B"}) {
      int64_t wanted = 0;
      int64_t picked = 0;
      for (const OrderLine& line : order.lines()) {
        if (line.sku() != Sku(id, which)) continue;
        wanted += line.quantity() - line.taken_off();
        picked += std::min(line.picked(), line.quantity() - line.taken_off());
      }
      Counted& counted = counted_[Sku(id, which)];
      if (looked && picked < wanted) {
        Take(picked, counted);
        counted.shelf = std::min<int64_t>(counted.shelf, 0);
      }
      Take(Taken(order, wanted, picked), counted);
      const bool open = order.state() != Order::STATE_CANCELLED && order.state() != Order::STATE_SHIPPED;
      counted.needed = open ? wanted - picked : 0;
    }
  }

  // It has so many; what it has beyond the figure was there all the same.
  static void Take(int64_t units, Counted& counted) {
    const int64_t more = units - counted.taken;
    counted.taken = units;
    if (more <= 0) {
      counted.shelf -= more;
    } else if (counted.shelf > 0) {
      counted.shelf = std::max<int64_t>(0, counted.shelf - more);
    }
  }

  Desk orders_{At("2026-09-01T10:00+02:00"), ShippedPolicies(), "orders"};
  Desk store_{At("2026-09-01T10:00+02:00"), ShippedPolicies(), "orders"};
  size_t followed_ = 0;
  std::map<std::string, Counted> counted_;
};

RC_GTEST_PROP(StockFlowProperties, AVL_01_AVL_02_WhatAPickFoundCountsHoweverSoonTheOrderIsSettled, ()) {
  StockFlow().Run();
}

}  // namespace
}  // namespace makegood::testing
