// Random orders, picks, cancellations and figures, statements twice and late, against a plain count.
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "tests/rules/stores/stock_fixture.h"

namespace makegood::rules {
namespace {

constexpr int kOrders = 6;
constexpr int kSteps = 60;
constexpr const char* kSkus[] = {"A", "B"};

// What an order wants and has, plainly.
struct Counted {
  std::map<std::string, int64_t> wanted;
  std::map<std::string, int64_t> picked;
  StockStatement::Standing standing = StockStatement::STANDING_UNSPECIFIED;  // not placed yet

  int64_t Taken(const std::string& sku) const {
    switch (standing) {
      case StockStatement::STANDING_OPEN:
        return picked.at(sku);
      case StockStatement::STANDING_LEFT:
        return wanted.at(sku);
      default:
        return 0;
    }
  }
  int64_t Needed(const std::string& sku) const {
    return standing == StockStatement::STANDING_OPEN ? wanted.at(sku) - picked.at(sku) : 0;
  }
};

class Story : public StockTest {
 public:
  void TestBody() override {}

  void Run(bool below_zero) {
    for (const char* const sku : kSkus) Tell(sku, *rc::gen::inRange(0, 12));
    for (int step = 0; step < kSteps; ++step) {
      const std::string sku = kSkus[*rc::gen::inRange(0, 2)];
      if (*rc::gen::inRange(0, 5) == 0) {
        Tell(sku, *rc::gen::inRange(below_zero ? -5 : 0, 12));
      } else {
        Move(*rc::gen::inRange(0, kOrders));
      }
      if (*rc::gen::inRange(0, 3) == 0) HearAgain();
      Check();
    }
  }

 private:
  void Tell(const std::string& sku, int64_t stock) {
    RC_ASSERT(Set(stock, sku).ok());
    shelf_[sku] = stock;
  }

  void Move(int which) {
    const std::string id = absl::StrCat("o-", which);
    Counted& order = orders_[id];
    const Counted before = order;
    bool gone = false;
    switch (order.standing) {
      case StockStatement::STANDING_UNSPECIFIED:
        for (const char* const sku : kSkus) {
          order.wanted[sku] = *rc::gen::inRange(0, 5);
          order.picked[sku] = 0;
        }
        order.standing = StockStatement::STANDING_OPEN;
        break;
      case StockStatement::STANDING_OPEN:
        gone = MoveOpen(order);
        break;
      default:
        return;
    }
    std::map<std::string, int64_t> free;
    std::map<std::string, bool> own;  // it takes no more than it was promised
    for (const char* const sku : kSkus) {
      OrderStock stock = desk_.Find<OrderStock>(id).value_or(OrderStock());
      const stores::v1::UnitsOfOrder* const units = UnitsOf(stock, sku);
      const int64_t more = order.Taken(sku) - (units == nullptr ? 0 : units->taken());
      free[sku] = FreeUnits(Now(sku));
      own[sku] = !gone && more <= (units == nullptr ? 0 : units->promised());
      int64_t taken = before.wanted.empty() ? 0 : before.Taken(sku);
      if (gone && order.picked[sku] < order.wanted[sku]) {
        Take(order.picked[sku] - taken, shelf_[sku]);
        taken = order.picked[sku];
        shelf_[sku] = std::min<int64_t>(shelf_[sku], 0);
      }
      Take(order.Taken(sku) - taken, shelf_[sku]);
    }
    StockStatement statement = Says(id, {});
    statement.set_standing(order.standing);
    statement.set_rest_is_gone(gone);
    for (const char* const sku : kSkus) {
      stores::v1::OrderedUnits& units = *statement.add_units();
      units.set_sku(sku);
      units.set_wanted(order.wanted[sku]);
      units.set_picked(order.picked[sku]);
    }
    Hear(statement);
    for (const char* const sku : kSkus) {
      // Never is more promised than there is.
      if (own[sku]) RC_ASSERT(FreeUnits(Now(sku)) >= std::min<int64_t>(0, free[sku]));
    }
    heard_.push_back(std::move(statement));
  }

  // True where somebody looked at the shelf.
  static bool MoveOpen(Counted& order) {
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        order.standing = StockStatement::STANDING_CALLED_OFF;
        return *rc::gen::inRange(0, 4) == 0;
      case 1:
        order.standing = StockStatement::STANDING_LEFT;
        return false;
      case 2:
        for (auto& [sku, wanted] : order.wanted) {
          wanted = std::max<int64_t>(0, wanted - *rc::gen::inRange(0, 2));
          order.picked[sku] = std::min(order.picked[sku], wanted);
        }
        return false;
      default:
        for (auto& [sku, picked] : order.picked)
          picked = *rc::gen::inRange<int64_t>(0, order.wanted[sku] + 1);
        return *rc::gen::inRange(0, 2) == 0;
    }
  }

  static void Take(int64_t units, int64_t& shelf) {
    if (units <= 0) {
      shelf -= units;
    } else if (shelf > 0) {
      shelf = std::max<int64_t>(0, shelf - units);
    }
  }

  // Of the past, and it says nothing.
  void HearAgain() {
    if (heard_.empty()) return;
    const auto records = desk_.records();
    const size_t told = desk_.Tasks(kShortageNews).size();
    Hear(heard_[*rc::gen::inRange<size_t>(0, heard_.size())]);
    RC_ASSERT(desk_.Tasks(kShortageNews).size() == told);
    RC_ASSERT(desk_.last_events().empty());
    for (const auto& [key, record] : desk_.records()) RC_ASSERT(records.at(key).version == record.version);
  }

  void Check() {
    std::map<std::string, bool> waits;
    for (const std::string& news : Told()) {
      const std::string id = news.substr(0, news.find(' '));
      const bool is_short = news.find("waits") != std::string::npos;
      RC_ASSERT(waits[id] != is_short);  // nothing is told twice
      waits[id] = is_short;
    }
    for (const char* const sku : kSkus) {
      int64_t promised = 0;
      int64_t missing = 0;
      int64_t needed = 0;
      for (auto& [id, order] : orders_) {
        if (order.wanted.empty()) continue;
        OrderStock stock = *desk_.Find<OrderStock>(id);
        const stores::v1::UnitsOfOrder& units = *UnitsOf(stock, sku);
        RC_ASSERT(units.taken() == order.Taken(sku));
        RC_ASSERT(units.promised() + units.missing() == order.Needed(sku));
        RC_ASSERT(units.promised() >= 0 && units.missing() >= 0);
        if (units.missing() > 0) RC_ASSERT(waits[id]);
        promised += units.promised();
        missing += units.missing();
        needed += order.Needed(sku);
      }
      const Offer offer = Now(sku);
      RC_ASSERT(offer.stock() == shelf_[sku]);
      RC_ASSERT(offer.reserved() == promised && offer.owed() == missing);
      // Nobody waits while something is free, and nothing is offered while somebody waits.
      RC_ASSERT(missing == 0 || FreeUnits(offer) <= 0);
      RC_ASSERT(offer.available() == std::max<int64_t>(0, offer.stock() - promised - missing));
      RC_ASSERT((offer.state() == Offer::STATE_LISTED) == (offer.available() > 0));
      if (offer.stock() >= needed) RC_ASSERT(missing == 0 && offer.available() == offer.stock() - needed);
    }
    for (const auto& [id, is_short] : waits) {
      const OrderStock stock = *desk_.Find<OrderStock>(id);
      const bool missing = std::any_of(stock.units().begin(), stock.units().end(),
                                       [](const auto& units) { return units.missing() > 0; });
      RC_ASSERT(missing == is_short);
    }
  }

  std::map<std::string, Counted> orders_;
  std::map<std::string, int64_t> shelf_;
  std::vector<StockStatement> heard_;
};

RC_GTEST_PROP(StockProperties, AVL_01_AVL_02_AVL_03_WhatIsPromisedAndThereIsAsAPlainCountSays, ()) {
  Story().Run(/*below_zero=*/false);
}

RC_GTEST_PROP(StockProperties, AVL_01_ORD_03_AlsoWhereFiguresAreBelowZero, ()) {
  Story().Run(/*below_zero=*/true);
}

}  // namespace
}  // namespace makegood::rules
