// Stock that nobody confirms (AVL-01).
#include "tests/rules/stores/stock_fixture.h"

namespace makegood::rules {
namespace {

using base::v1::WorkItem;

TEST_F(StockTest, AVL_01_WhatNobodyConfirmsInThePolicysTimeIsStaleAndTheMerchantsWork) {
  ASSERT_THAT(desk_.As(Employee()).Decide(SetStock, Stock({Item(kMug, 5), Item("PAN", 5)})), IsOk());
  EXPECT_THAT(desk_.Tasks(kStaleCheck), SizeIs(1)) << "one timer a call";
  RunTimersUntil(begin_ + absl::Hours(24) - absl::Seconds(1));
  EXPECT_FALSE(Now().stale());
  RunTimersUntil(begin_ + absl::Hours(24));
  EXPECT_TRUE(Now().stale());
  EXPECT_TRUE(Now("PAN").stale());
  EXPECT_THAT(Announced(), ElementsAre("stock_stale", "stock_stale"));
  const Event told = desk_.last_events().back();
  ASSERT_THAT(told.work_begun(), SizeIs(1)) << "one reminder for both";
  EXPECT_EQ(told.work_begun(0).kind(), base::v1::WORK_KIND_CONFIRM_STOCK);
  EXPECT_EQ(told.work_begun(0).turn(), base::v1::WORK_TURN_MERCHANT);
  EXPECT_EQ(told.policy().marketplace(), "mall");
  EXPECT_EQ(RecordTraits<Offer>::Columns(Now()).open_at, "mall");

  ASSERT_THAT(Set(5), IsOk());
  EXPECT_FALSE(Now().stale());
  EXPECT_THAT(Announced(), ElementsAre("stock_confirmed"));
  EXPECT_THAT(desk_.last_events().back().work_ended(), IsEmpty());
  ASSERT_THAT(Set(4, "PAN"), IsOk());
  EXPECT_THAT(Announced(), ElementsAre("stock_confirmed"));
  EXPECT_THAT(desk_.last_events().back().work_ended(), SizeIs(1));
  RunTimersUntil(begin_ + absl::Hours(50));
  EXPECT_THAT(desk_.Events(&Event::has_stock_stale), SizeIs(4)) << "again, after another day";
}

TEST_F(StockTest, AVL_01_WhatIsConfirmedInTimeIsNotStaleAndHasOneTimerHoweverOften) {
  ASSERT_THAT(Set(5), IsOk());
  for (int i = 0; i < 40; ++i) {
    desk_.Advance(absl::Hours(1));
    RunTimersUntil(desk_.now());
    ASSERT_THAT(Set(5), IsOk());
    EXPECT_THAT(desk_.Tasks(kStaleCheck), SizeIs(1));
  }
  EXPECT_THAT(desk_.Events(&Event::has_stock_stale), IsEmpty());
  const absl::Time last = desk_.now();
  for (int i = 1; i < 24; ++i) RunTimersUntil(last + absl::Hours(i));
  RunTimersUntil(last + absl::Hours(24) - absl::Seconds(1));
  EXPECT_FALSE(Now().stale());
  RunTimersUntil(last + absl::Hours(24));
  EXPECT_TRUE(Now().stale());
  EXPECT_THAT(desk_.Tasks(kStaleCheck), IsEmpty());
}

TEST_F(StockTest, AVL_01_PicksAndThresholdsConfirmNothing) {
  ASSERT_THAT(Set(5), IsOk());
  desk_.Advance(absl::Hours(12));
  Order("o-1", {.wanted = 1, .picked = 1});
  StockItem low;
  low.set_sku(kMug);
  low.set_low_threshold(1);
  ASSERT_THAT(desk_.As(Employee()).Decide(SetStock, Stock({low})), IsOk());
  EXPECT_EQ(ToTime(Now().confirm_time()), begin_);
  RunTimersUntil(begin_ + absl::Hours(24));
  EXPECT_TRUE(Now().stale());
}

TEST_F(StockTest, AVL_01_SYS_05_AThousandOffersCostOneTimer) {
  std::vector<StockItem> items;
  for (int i = 0; i < 1000; ++i) items.push_back(Item(absl::StrCat("P-", i), 5));
  const auto set = desk_.As(testing::Connector()).Decide(SetStock, Stock(items));
  ASSERT_THAT(set, IsOk());
  EXPECT_THAT(set->changes(), SizeIs(1000));
  EXPECT_THAT(desk_.tasks(), SizeIs(1));
  EXPECT_THAT(desk_.last_events(), IsEmpty()) << "enough of each, nothing to tell";
}

TEST_F(StockTest, POL_02_AnOfferIsJudgedByThePolicyOfItsLastFigure) {
  ASSERT_THAT(desk_.As(Employee()).Decide(SetStock, Stock({Item(kMug, 5)}, "flowwow")), IsOk());
  EXPECT_EQ(ToTime(Now().stale_time()), begin_ + absl::Hours(12));
  RunTimersUntil(begin_ + absl::Hours(12));
  EXPECT_TRUE(Now().stale());
  ASSERT_THAT(Set(5), IsOk());
  EXPECT_EQ(Now().policy().marketplace(), "mall");
  for (const StaleStock& stale : desk_.All<StaleStock>()) EXPECT_EQ(stale.count(), 0);
  EXPECT_EQ(ToTime(Now().stale_time()), begin_ + absl::Hours(36));
}

}  // namespace
}  // namespace makegood::rules
