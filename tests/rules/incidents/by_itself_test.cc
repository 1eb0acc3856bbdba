// What happens where nobody chose, or the goods did not come (AVL-03).
#include "tests/rules/incidents/incident_fixture.h"

namespace makegood::rules {
namespace {

TEST_F(Incidents, AVL_03_UnansweredOnTmallThePriceGoesBackByItself) {
  OrderOn("tmall");
  Short();
  RunTimersUntil(placed_ + absl::Hours(72) - absl::Seconds(1));
  EXPECT_EQ(TheIncident().state(), Incident::STATE_OPEN);
  RunTimersUntil(placed_ + absl::Hours(72));
  EXPECT_EQ(Word(TheIncident().outcome()), "credited");
  EXPECT_EQ(TheIncident().chosen(), kCredit);
  EXPECT_EQ(Word(TheIncident().chosen_by().role()), "service");
  const Event told = Last(&Event::has_incident_option_chosen);
  EXPECT_TRUE(told.incident_option_chosen().by_itself());
  EXPECT_EQ(told.incident_option_chosen().customer_word(), "");
  EXPECT_EQ(TheOrder().state(), Order::STATE_SHIPPING);
  EXPECT_EQ(TheOrder().lines(0).taken_off(), 1);
  EXPECT_EQ(TheOrder().total().amount_minor(), 3200);
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_THAT(desk_.Events(&Event::has_incident_overdue), IsEmpty());
  EXPECT_THAT(desk_.Events(&Event::has_units_taken_off), SizeIs(1));
}

TEST_F(Incidents, AVL_03_UnansweredOnMallOperationsAreToldOnce) {
  OrderOn("mall");
  const std::string id = Short().incident_id();
  RunTimersUntil(placed_ + absl::Hours(48) - absl::Seconds(1));
  EXPECT_FALSE(TheIncident().overdue());
  RunTimersUntil(placed_ + absl::Hours(48));
  EXPECT_TRUE(TheIncident().overdue());
  ASSERT_THAT(Pick({{"l-1", 2}, {"l-2", 2}}), IsOk());
  RunTimersUntil(placed_ + absl::Hours(95));
  const auto told = desk_.Events(&Event::has_incident_overdue);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].case_id(), id);
  EXPECT_EQ(Word(told[0].incident_overdue().kind()), "short_pick");
  EXPECT_EQ(TheIncident().state(), Incident::STATE_OPEN);
  EXPECT_EQ(TheOrder().state(), Order::STATE_SHIPPING);
  EXPECT_EQ(TheOrder().total().amount_minor(), 4200);
  EXPECT_THAT(Holds(), SizeIs(1));
  const auto late = Choose(kCredit);
  ASSERT_THAT(late, IsOk()) << "better late than never";
  EXPECT_FALSE(late->overdue());
}

TEST_F(Incidents, AVL_03_WhatWasChosenIsNotUnanswered) {
  OrderOn("tmall");
  Short(placed_ + absl::Hours(80));
  ASSERT_THAT(Choose(kAwait), IsOk());
  RunTimersUntil(placed_ + absl::Hours(79));
  EXPECT_EQ(TheIncident().state(), Incident::STATE_AWAITING_RESTOCK);
  EXPECT_EQ(TheOrder().total().amount_minor(), 4200);
}

TEST_F(Incidents, AVL_03_ThePriceOfWhatIsNotRestockedGoesBackByItself) {
  OrderOn("mall");
  const absl::Time restock = placed_ + absl::Hours(24);
  Short(restock);
  ASSERT_THAT(Choose(kAwait), IsOk());
  RunTimersUntil(restock - absl::Seconds(1));
  EXPECT_EQ(TheIncident().state(), Incident::STATE_AWAITING_RESTOCK);
  RunTimersUntil(restock);
  EXPECT_EQ(Word(TheIncident().outcome()), "credited");
  EXPECT_EQ(TheIncident().chosen(), kCredit);
  EXPECT_EQ(Word(TheIncident().chosen_by().role()), "service");
  EXPECT_TRUE(Last(&Event::has_incident_option_chosen).incident_option_chosen().by_itself());
  EXPECT_EQ(TheOrder().lines(0).taken_off(), 1);
  EXPECT_EQ(TheOrder().state(), Order::STATE_SHIPPING);
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_THAT(Send(), IsOk());
}

TEST_F(Incidents, AVL_03_WhereNothingComesTheCustomerIsAskedAgain) {
  OrderOn("tmall");
  const absl::Time restock = placed_ + absl::Hours(12);
  ASSERT_THAT(Pick({}, restock), IsOk());
  EXPECT_THAT(OptionsOf(TheIncident()), ElementsAre("await_restock", "cancel_order 4200"));
  ASSERT_THAT(Choose(kAwait), IsOk());
  RunTimersUntil(restock);
  EXPECT_EQ(TheIncident().state(), Incident::STATE_OPEN);
  EXPECT_THAT(OptionsOf(TheIncident()), ElementsAre("cancel_order 4200"));
  EXPECT_FALSE(TheIncident().has_restock_time());
  EXPECT_EQ(ToTime(TheIncident().choice_due_time()), placed_ + absl::Hours(72))
      << "when the supplier is silent";
  EXPECT_THAT(Holds(), SizeIs(1));
  EXPECT_EQ(TheOrder().state(), Order::STATE_SHIPPING);
  RunTimersUntil(placed_ + absl::Hours(72));
  EXPECT_EQ(Word(TheIncident().outcome()), "cancelled");
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED);
}

TEST_F(Incidents, AVL_03_ATimerThatComesLateChangesNothing) {
  OrderOn("tmall");
  const std::string id = Short(placed_ + absl::Hours(24)).incident_id();
  ASSERT_THAT(Choose(kCredit), IsOk());
  const int64_t version = Now(id).version();
  desk_.Advance(absl::Hours(100));
  desk_.As(Service());
  EXPECT_THAT(desk_.Decide(EndChoice, id), IsOk());
  EXPECT_THAT(desk_.Decide(EndRestock, id), IsOk());
  EXPECT_EQ(Now(id).version(), version);
  EXPECT_EQ(TheOrder().total().amount_minor(), 3200);
}

}  // namespace
}  // namespace makegood::rules
