// A merchant's part as the tests of its stock meet it, and the orders that tell it what they want.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rules/stores/offer_steps.h"
#include "common/rules/stores/order_stock_rules.h"
#include "common/rules/stores/stale_stock.h"
#include "common/rules/stores/stock_rules.h"
#include "common/rules/stores/waiting_orders.h"
#include "makegood/base/v1/reservation.pb.h"
#include "tests/support/rules_support.h"

namespace makegood::rules {

using events::v1::Event;
using stores::v1::SetStockRequest;
using stores::v1::SetStockResponse;
using stores::v1::StockItem;
using stores::v1::StockStatement;
using testing::At;
using testing::DeniedBy;
using testing::Desk;
using ::testing::ElementsAre;
using testing::Employee;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::Manager;
using testing::Operations;
using testing::RefusedBy;
using testing::Service;
using ::testing::SizeIs;

inline constexpr char kMug[] = "MUG";

inline StockItem Item(const std::string& sku, int64_t stock) {
  StockItem item;
  item.set_sku(sku);
  item.set_stock(stock);
  return item;
}

inline SetStockRequest Stock(const std::vector<StockItem>& items, const std::string& marketplace = "mall") {
  SetStockRequest request;
  request.set_merchant_id("m-1");
  request.set_marketplace(marketplace);
  for (const StockItem& item : items) *request.add_items() = item;
  return request;
}

class StockTest : public ::testing::Test {
 protected:
  // What the stores' people, or another, say.
  absl::StatusOr<SetStockResponse> Set(int64_t stock, const std::string& sku = kMug) {
    return desk_.As(Employee()).Decide(SetStock, Stock({Item(sku, stock)}));
  }

  // An order as it is; each statement is a later one than the one before.
  struct Ordered {
    int64_t wanted = 0;
    int64_t picked = 0;
    StockStatement::Standing standing = StockStatement::STANDING_OPEN;
    bool gone = false;
  };
  StockStatement Says(const std::string& order_id, const std::map<std::string, Ordered>& products) {
    StockStatement statement;
    statement.set_order_id(order_id);
    statement.set_merchant_id("m-1");
    statement.set_number(++number_);
    for (const auto& [sku, ordered] : products) {
      statement.set_standing(ordered.standing);
      statement.set_rest_is_gone(ordered.gone);
      stores::v1::OrderedUnits& units = *statement.add_units();
      units.set_sku(sku);
      units.set_wanted(ordered.wanted);
      units.set_picked(ordered.picked);
    }
    return statement;
  }
  void Hear(const StockStatement& statement) {
    EXPECT_THAT(desk_.As(Service()).Decide(HearOrder, statement), IsOk());
  }
  void Order(const std::string& order_id, const Ordered& mugs) { Hear(Says(order_id, {{kMug, mugs}})); }

  Offer Now(const std::string& sku = kMug) const {
    return desk_.Find<Offer>(OfferId(3, "m-1", sku)).value_or(Offer());
  }

  // "stock 80, 29 promised, 0 owed, 51 available, LISTED".
  std::string Figures(const std::string& sku = kMug) const {
    const Offer offer = Now(sku);
    return absl::StrCat(offer.stock(), " there, ", offer.reserved(), " promised, ", offer.owed(), " owed, ",
                        offer.available(), " available");
  }

  // What orders were told of whether they have to wait, in order: "o-1 waits", "o-1 goes on".
  std::vector<std::string> Told() const {
    std::vector<std::string> told;
    for (const Task& task : desk_.Tasks(kShortageNews)) {
      base::v1::Post post;
      stores::v1::ShortageNews news;
      EXPECT_TRUE(post.ParseFromString(task.payload) && news.ParseFromString(post.message()));
      EXPECT_EQ(post.routing_key(), news.order_id());
      told.push_back(absl::StrCat(news.order_id(), news.is_short() ? " waits" : " goes on"));
    }
    return told;
  }

  // What the last decision announced: the names of the events.
  std::vector<std::string> Announced() const {
    std::vector<std::string> names;
    for (const Event& event : desk_.last_events()) {
      EXPECT_EQ(event.order_id(), "") << "they belong to no order";
      EXPECT_EQ(event.merchant_id(), "m-1");
      const auto& payload = *Event::descriptor()->FindOneofByName("payload");
      names.push_back(event.GetReflection()->GetOneofFieldDescriptor(event, &payload)->name());
    }
    return names;
  }

  void RunTimersUntil(absl::Time time) {
    desk_.MoveTo(time);
    desk_.As(Service());
    for (bool any = true; any;) {
      any = false;
      for (const Task& task : desk_.Tasks(kStaleCheck)) {
        if (task.due > time) continue;
        stores::v1::StaleCheck check;
        EXPECT_TRUE(check.ParseFromString(task.payload));
        EXPECT_THAT(desk_.Complete(task.id, LookForStale, check), IsOk());
        any = true;
      }
    }
  }

  const absl::Time begin_ = At("2026-09-01T10:00+02:00");
  Desk desk_{begin_};
  int64_t number_ = 0;
};

}  // namespace makegood::rules
