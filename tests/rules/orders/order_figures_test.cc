// What orders count for: cancellations (AVL-04, AVL-09) and the scorecard (KPI-01, KPI-05, KPI-07).
#include <map>

#include "tests/rules/orders/order_fixture.h"

namespace makegood::rules {
namespace {

TEST_F(OrderRulesTest, AVL_04_WorkedExample4_AnUnavailableOrderIsCancelledAndCounted) {
  OrderIn(Order::STATE_SHIPPING);
  const auto cancel = CancelFor(base::v1::INITIATOR_MERCHANT, base::v1::CANCEL_REASON_UNAVAILABLE);
  ASSERT_THAT(desk_.As(Manager()).Decide(CancelOrder, cancel), IsOk());
  const auto cancelled = desk_.Events(&Event::has_order_cancelled);
  ASSERT_EQ(cancelled.size(), 1u);
  EXPECT_TRUE(cancelled[0].order_cancelled().merchant_caused());
  EXPECT_TRUE(cancelled[0].order_cancelled().counted());
  EXPECT_EQ(Counted().cancelled_counted(), 1);
  EXPECT_EQ(Counted().opened(), 1);
  EXPECT_THAT(desk_.Decide(CancelOrder, cancel), RefusedBy("ORD-11"));
  EXPECT_EQ(desk_.Events(&Event::has_order_cancelled).size(), 1u);
}

TEST_F(OrderRulesTest, AVL_04_WorkedExample4_TheSameWhenShippedIsRefusedAndTellsNobody) {
  OrderIn(Order::STATE_SHIPPED);
  const auto cancel = CancelFor(base::v1::INITIATOR_MERCHANT, base::v1::CANCEL_REASON_UNAVAILABLE);
  EXPECT_THAT(desk_.As(Manager()).Decide(CancelOrder, cancel), RefusedBy("ORD-03"));
  EXPECT_TRUE(desk_.last_events().empty());
  EXPECT_EQ(Counted().cancelled(), 0);
}

TEST_F(OrderRulesTest, AVL_09_ACancellationSaysWhetherTheMerchantCausedIt) {
  OrderIn(Order::STATE_OPEN);
  auto cancel = CancelFor(base::v1::INITIATOR_CUSTOMER, base::v1::CANCEL_REASON_CUSTOMER_REQUEST);
  cancel.mutable_cancellation()->set_merchant_caused(true);
  EXPECT_THAT(desk_.As(Customer()).Decide(CancelOrder, cancel), RefusedBy("AVL-09"));
  cancel.mutable_cancellation()->set_merchant_caused(false);
  ASSERT_THAT(desk_.Decide(CancelOrder, cancel), IsOk());
  EXPECT_FALSE(Now().cancellation().merchant_caused());
  EXPECT_EQ(Counted().cancelled(), 1);
  EXPECT_EQ(Counted().cancelled_counted(), 0) << "mall counts what the merchant caused (KPI-05)";
}

TEST_F(OrderRulesTest, KPI_01_KPI_05_AScorecardIsTheSumOfTheDays) {
  DayTally sum;
  sum.set_opened(200);
  sum.set_delivered(96);
  sum.set_cancelled(3);
  sum.set_cancelled_counted(3);
  sum.set_returned(1);
  const Policy& policy = **testing::ShippedPolicies().Current("mall");
  auto figures = OrderFigures(sum, policy);
  ASSERT_EQ(figures.size(), 2u);
  EXPECT_EQ(figures[0].rule_id(), "KPI-01");
  EXPECT_EQ(figures[0].value_basis_points(), 9600);
  EXPECT_EQ(figures[0].verdict(), orders::v1::Figure::VERDICT_MET);
  EXPECT_EQ(figures[1].rule_id(), "KPI-05");
  EXPECT_EQ(figures[1].value_basis_points(), 150);
  EXPECT_EQ(figures[1].verdict(), orders::v1::Figure::VERDICT_MET) << "1.5 % is the limit";

  sum.set_delivered(95);
  sum.set_returned(2);
  sum.set_cancelled_counted(4);
  figures = OrderFigures(sum, policy);
  EXPECT_EQ(figures[0].verdict(), orders::v1::Figure::VERDICT_MISSED) << "the target is above 95 %";
  EXPECT_EQ(figures[1].verdict(), orders::v1::Figure::VERDICT_MISSED);
  EXPECT_EQ(OrderFigures(DayTally(), policy)[0].verdict(), orders::v1::Figure::VERDICT_UNSPECIFIED);
}

TEST_F(OrderRulesTest, KPI_01_KPI_05_WhatNeverBecameOpenCountsInNeither) {
  OrderIn(Order::STATE_BLOCKED);
  auto cancel = CancelFor(base::v1::INITIATOR_MERCHANT, base::v1::CANCEL_REASON_UNAVAILABLE);
  ASSERT_THAT(desk_.As(Manager()).Decide(CancelOrder, cancel), IsOk());
  const events::v1::OrderCancelled fact = desk_.Events(&Event::has_order_cancelled).at(0).order_cancelled();
  EXPECT_TRUE(fact.merchant_caused());
  EXPECT_FALSE(fact.was_open());
  EXPECT_FALSE(fact.counted());
  EXPECT_EQ(Counted().opened(), 0);
  EXPECT_EQ(Counted().cancelled(), 0);
  EXPECT_EQ(Counted().cancelled_counted(), 0);
}

TEST_F(OrderRulesTest, KPI_01_KPI_05_WhatHadBecomeOpenCountsOnceItIsCancelled) {
  for (const auto state : {Order::STATE_OPEN, Order::STATE_SHIPPING}) {
    desk_ = testing::Desk(desk_.now());
    OrderIn(state);
    const auto cancel = CancelFor(base::v1::INITIATOR_MERCHANT, base::v1::CANCEL_REASON_OTHER);
    auto caused = cancel;
    caused.mutable_cancellation()->set_merchant_caused(true);
    ASSERT_THAT(desk_.As(Manager()).Decide(CancelOrder, caused), IsOk());
    const events::v1::OrderCancelled fact = desk_.Events(&Event::has_order_cancelled).at(0).order_cancelled();
    EXPECT_TRUE(fact.was_open());
    EXPECT_TRUE(fact.counted());
    EXPECT_EQ(Counted().opened(), 1);
    EXPECT_EQ(Counted().cancelled(), 1);
    EXPECT_EQ(Counted().cancelled_counted(), 1);
  }
}

// The order is made in one period, opened in the next and cancelled in the one after.
TEST_F(OrderRulesTest, KPI_05_EachCountsInThePeriodItHappenedIn) {
  desk_.MoveTo(At("2026-09-01T10:00+02:00"));
  OrderIn(Order::STATE_BLOCKED);
  EXPECT_TRUE(desk_.All<DayTally>().empty());
  desk_.MoveTo(At("2026-09-02T10:00+02:00"));
  ASSERT_THAT(desk_.As(Service()).Decide(ReactToPayment, Paid()), IsOk());
  desk_.MoveTo(At("2026-09-03T10:00+02:00"));
  const auto cancel = CancelFor(base::v1::INITIATOR_MERCHANT, base::v1::CANCEL_REASON_UNAVAILABLE);
  ASSERT_THAT(desk_.As(Manager()).Decide(CancelOrder, cancel), IsOk());
  std::map<absl::Time, DayTally> days;
  for (const DayTally& tally : desk_.All<DayTally>()) days[ToTime(tally.day())] = tally;
  ASSERT_EQ(days.size(), 2u);
  EXPECT_EQ(days[At("2026-09-02T00:00+02:00")].opened(), 1);
  EXPECT_EQ(days[At("2026-09-02T00:00+02:00")].cancelled(), 0);
  EXPECT_EQ(days[At("2026-09-03T00:00+02:00")].opened(), 0);
  EXPECT_EQ(days[At("2026-09-03T00:00+02:00")].cancelled_counted(), 1);
}

TEST_F(OrderRulesTest, KPI_07_ADayIsThatOfThePolicysTimeZone) {
  desk_.MoveTo(At("2026-09-01T22:30+00:00"));  // half past midnight in Prague
  OrderIn(Order::STATE_OPEN);
  const auto tallies = desk_.All<DayTally>();
  ASSERT_EQ(tallies.size(), 1u);
  EXPECT_EQ(ToTime(tallies[0].day()), At("2026-09-02T00:00+02:00"));
}

TEST(OrderFiguresTest, SYS_07_APeriodIsCheckedFieldByField) {
  orders::v1::GetScorecardRequest request;
  request.set_first_day("2026-13-01");
  request.set_last_day("tomorrow");
  EXPECT_THAT(PeriodOf(request, absl::UTCTimeZone()), NamesField("first_day"));
  EXPECT_THAT(PeriodOf(request, absl::UTCTimeZone()), NamesField("last_day"));
  request.set_first_day("2026-01-02");
  request.set_last_day("2026-01-01");
  EXPECT_THAT(PeriodOf(request, absl::UTCTimeZone()), NamesField("last_day"));
  request.set_last_day("2027-01-03");
  EXPECT_THAT(PeriodOf(request, absl::UTCTimeZone()), NamesField("last_day"));
  request.set_last_day("2026-01-02");
  const auto day = PeriodOf(request, absl::UTCTimeZone());
  ASSERT_THAT(day, IsOk());
  EXPECT_EQ(day->until - day->from, absl::Hours(24));
}

}  // namespace
}  // namespace makegood::rules
