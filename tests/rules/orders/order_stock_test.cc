// What an order tells its merchant's stock, and how it waits for goods (AVL-01 to AVL-03).
#include "common/rules/orders/order_stock.h"

#include "common/rules/orders/hold_table.h"
#include "common/rules/orders/order_actions.h"
#include "common/rules/orders/order_steps.h"
#include "makegood/base/v1/reservation.pb.h"
#include "tests/rules/orders/order_fixture.h"
#include "tests/support/work_support.h"

namespace makegood::rules {
namespace {

using stores::v1::ShortageNews;
using stores::v1::StockStatement;
using ::testing::ElementsAre;
using testing::InShort;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class OrderStockTest : public OrderRulesTest {
 protected:
  // Every event so far that was not heard yet, as the service hears its own.
  void HearOwn() {
    for (; heard_ < desk_.events().size(); ++heard_) Hear(Event(desk_.events()[heard_]));
  }
  void Hear(const Event& event) { EXPECT_THAT(desk_.As(Service()).Decide(TellStock, event), IsOk()); }

  std::vector<StockStatement> Said() const {
    std::vector<StockStatement> said;
    for (const Task& task : desk_.Tasks(kTellStock)) {
      base::v1::Post post;
      EXPECT_TRUE(post.ParseFromString(task.payload));
      EXPECT_EQ(post.routing_key(), "m-1");
      EXPECT_TRUE(said.emplace_back().ParseFromString(post.message()));
    }
    return said;
  }

  // "2: OPEN sku-1 3/0 gone": its number, standing, product, wanted and picked.
  std::vector<std::string> InWords() const {
    std::vector<std::string> words;
    for (const StockStatement& one : Said()) {
      std::string word = absl::StrCat(one.number(), ": ", StockStatement::Standing_Name(one.standing()));
      for (const auto& units : one.units()) {
        absl::StrAppend(&word, " ", units.sku(), " ", units.wanted(), "/", units.picked());
      }
      words.push_back(absl::StrCat(word, one.rest_is_gone() ? " gone" : ""));
    }
    return words;
  }

  void Place(int quantity, const std::string& marketplace = "mall", bool promised = true) {
    orders::v1::NewOrder order = SomeOrder();
    order.set_marketplace(marketplace);
    order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
    order.mutable_lines(0)->set_quantity(quantity);
    if (marketplace == "tmall") {
      order.set_currency("CNY");
      order.mutable_lines(0)->mutable_unit_price()->set_currency("CNY");
    }
    *order.add_lines() = order.lines(0);
    order.mutable_lines(1)->set_line_id("2");
    order.mutable_lines(1)->set_quantity(1);
    if (promised) *order.mutable_promised_ship_time() = ToTimestamp(desk_.now() + absl::Hours(48));
    ASSERT_THAT(desk_.As(Service()).Decide(CreateOrder, CreateRequest(order)), IsOk());
    HearOwn();
  }

  void HearNews(bool is_short) {
    ShortageNews news;
    news.set_order_id("o-1");
    news.set_is_short(is_short);
    EXPECT_THAT(desk_.As(Service()).Decide(HearShortage, news), IsOk());
  }

  size_t heard_ = 0;
};

TEST_F(OrderStockTest, AVL_01_AnOrderTellsAllThatItWantsOnceHoweverOftenItIsHeard) {
  Place(3);
  EXPECT_THAT(InWords(), ElementsAre("1: STANDING_OPEN sku-1 4/0")) << "lines of one product are added up";
  heard_ = 0;
  HearOwn();
  EXPECT_THAT(Said(), SizeIs(1));
  // What changes nothing of it tells nothing.
  ASSERT_THAT(desk_.As(Manager()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_ADDRESS_UNCONFIRMED)),
              IsOk());
  HearOwn();
  EXPECT_THAT(Said(), SizeIs(1));
  orders::v1::TakeOffUnitsRequest off;
  off.set_order_id("o-1");
  off.set_reason(base::v1::REFUND_REASON_CUSTOMER_REQUEST);
  off.add_units()->set_line_id("1");
  off.mutable_units(0)->set_quantity(2);
  ASSERT_THAT(desk_.As(Operations()).Decide(TakeOffUnits, off), IsOk());
  HearOwn();
  ASSERT_THAT(
      desk_.As(Operations())
          .Decide(CancelOrder, CancelFor(base::v1::INITIATOR_MARKETPLACE, base::v1::CANCEL_REASON_OTHER)),
      IsOk());
  HearOwn();
  EXPECT_THAT(InWords(), ElementsAre("1: STANDING_OPEN sku-1 4/0", "2: STANDING_OPEN sku-1 2/0",
                                     "3: STANDING_CALLED_OFF sku-1 2/0"));
}

TEST_F(OrderStockTest, AVL_01_WhatHasLeftTellsSoOnce) {
  Place(1);
  ASSERT_THAT(desk_.As(Service()).Decide(HandOver, About<HandOverRequest>("o-1")), IsOk());
  HearOwn();
  ASSERT_THAT(desk_.As(Service()).Decide(RecordDelivery, DeliveredAt(desk_.now())), IsOk());
  HearOwn();
  EXPECT_THAT(InWords(), ElementsAre("1: STANDING_OPEN sku-1 2/0", "2: STANDING_LEFT sku-1 2/0"));
}

TEST_F(OrderStockTest, AVL_01_ORD_13_WhereNoStockIsKeptAndOfThePastNothingIsTold) {
  Place(1, "tmall");
  EXPECT_THAT(Said(), IsEmpty());
  EXPECT_THAT(desk_.All<stores::v1::ToldStock>(), IsEmpty());
  Event past = desk_.events().back();
  past.mutable_policy()->set_marketplace("mall");
  past.set_imported(true);
  Hear(past);
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(OrderStockTest, AVL_02_WhatIsFoundIsToldAtOnceAndOnceHoweverSoonTheOrderIsAnother) {
  Place(3);
  const auto pick = [&](int picked, Found found) {
    ASSERT_THAT(desk_.As(Service()).Decide([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(Order order, tx.Get<Order>("o-1"));
      order.mutable_lines(0)->set_picked(picked);
      RETURN_IF_ERROR(TellFound(order, found, tx));
      tx.Put(order);
      return absl::OkStatus();
    }),
                IsOk());
  };
  pick(1, Found::kPicked);
  EXPECT_THAT(InWords(), ElementsAre("1: STANDING_OPEN sku-1 4/0", "2: STANDING_OPEN sku-1 4/1"));
  pick(1, Found::kPicked);
  HearOwn();
  EXPECT_THAT(Said(), SizeIs(2)) << "that is known";
  pick(1, Found::kRestIsGone);
  HearOwn();
  EXPECT_THAT(Said(), SizeIs(3));
  EXPECT_EQ(InWords().back(), "3: STANDING_OPEN sku-1 4/1 gone");
  pick(1, Found::kRestIsGone);
  EXPECT_EQ(InWords().back(), "4: STANDING_OPEN sku-1 4/1 gone") << "somebody has looked again";
  // Some goes off the order before any of that is followed.
  orders::v1::TakeOffUnitsRequest off;
  off.set_order_id("o-1");
  off.set_reason(base::v1::REFUND_REASON_CUSTOMER_REQUEST);
  off.add_units()->set_line_id("1");
  off.mutable_units(0)->set_quantity(2);
  ASSERT_THAT(desk_.As(Operations()).Decide(TakeOffUnits, off), IsOk());
  HearOwn();
  EXPECT_THAT(Said(), SizeIs(5));
  EXPECT_EQ(InWords().back(), "5: STANDING_OPEN sku-1 2/1");
}

TEST_F(OrderStockTest, WRK_01_AVL_03_WhereNobodyPromisedWhenStockIsConfirmedInItsOwnTime) {
  Place(3, "mall", false);
  HearNews(true);
  EXPECT_THAT(InShort(RecordTraits<Order>::Waiting(Now())),
              ElementsAre("merchant confirm_stock by 2026-09-02T08:00+00:00"));
}

TEST_F(OrderStockTest, AVL_03_ORD_12_AnOrderThatWaitsForGoodsIsHeldAndGoesOnByItself) {
  Place(3);
  HearNews(true);
  HearNews(true);
  ASSERT_THAT(Now().holds(), SizeIs(1));
  const orders::v1::Hold hold = Now().holds(0);
  EXPECT_EQ(hold.name(), base::v1::HOLD_NAME_STOCK_SHORTAGE);
  EXPECT_TRUE(IsOfShortage(hold.reference_id()));
  EXPECT_THAT(desk_.As(Manager()).Decide(HandOver, About<HandOverRequest>("o-1")), RefusedBy("ORD-12"));
  const auto waiting = RecordTraits<Order>::Waiting(Now());
  EXPECT_THAT(InShort(waiting), ElementsAre("merchant confirm_stock by 2026-09-03T08:00+00:00"));
  EXPECT_EQ(ToTime(waiting[0].due_time()), desk_.now() + absl::Hours(48));
  // Nobody strands it, or lets it go, by hand.
  auto release = About<ReleaseHoldRequest>("o-1");
  release.set_hold(hold.name());
  release.set_reference_id(hold.reference_id());
  EXPECT_THAT(desk_.As(Manager()).Decide(ReleaseHold, release), DeniedBy("ORD-12"));
  EXPECT_THAT(desk_.As(Operations()).Decide(ReleaseHold, release), DeniedBy("ORD-12"));
  EXPECT_THAT(desk_.As(Manager()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_STOCK_SHORTAGE, "stock-9")),
              NamesField("reference_id"));
  // A hold for another reason stays.
  ASSERT_THAT(desk_.As(Manager()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_STOCK_SHORTAGE)), IsOk());
  HearNews(false);
  ASSERT_THAT(Now().holds(), SizeIs(1));
  EXPECT_EQ(Now().holds(0).reference_id(), "");
  HearOwn();
  EXPECT_THAT(Said(), SizeIs(1)) << "holds are nothing to stock";
}

TEST_F(OrderStockTest, AVL_03_WhatHasLeftOrIsHeldByItsPickIsNotHeldAgain) {
  OrderIn(Order::STATE_SHIPPED);
  HearNews(true);
  EXPECT_THAT(Now().holds(), IsEmpty());
  testing::Desk desk(desk_.now());
  desk_ = desk;
  OrderIn(Order::STATE_OPEN);
  ASSERT_THAT(
      desk_.As(Service()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_STOCK_SHORTAGE, "incident-00-1")),
      IsOk());
  HearNews(true);
  EXPECT_THAT(Now().holds(), SizeIs(1));
  HearNews(false);
  EXPECT_THAT(Now().holds(), SizeIs(1)) << "its incident's is its incident's";
}

TEST_F(OrderStockTest, AVL_03_AnOrderOfWhichAllIsPickedWaitsForNothing) {
  Place(2);
  ASSERT_THAT(desk_.As(Service()).Decide([](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(Order order, tx.Get<Order>("o-1"));
    for (orders::v1::OrderLine& line : *order.mutable_lines()) line.set_picked(1);
    order.mutable_lines(0)->set_taken_off(1);
    tx.Put(order);
    return absl::OkStatus();
  }),
              IsOk());
  HearNews(true);
  EXPECT_THAT(Now().holds(), IsEmpty()) << "what was missing was taken off before the news came";
}

}  // namespace
}  // namespace makegood::rules
