// What was picked, against what was ordered, and what a later pick makes of it (AVL-02).
#include "tests/rules/incidents/incident_fixture.h"

namespace makegood::rules {
namespace {

TEST_F(Incidents, AVL_02_ORD_02_ACompletePickIsNoIncidentAndBeginsShipping) {
  OrderOn("mall");
  desk_.Advance(absl::Hours(1));
  const auto picked = PickAll();
  ASSERT_THAT(picked, IsOk());
  EXPECT_EQ(picked->order_id(), "o-1");
  EXPECT_TRUE(picked->complete());
  EXPECT_FALSE(picked->has_incident());
  EXPECT_EQ(TheOrder().state(), Order::STATE_SHIPPING);
  EXPECT_EQ(ToTime(TheOrder().shipping_time()), desk_.now());
  EXPECT_EQ(TheOrder().lines(0).picked(), 3);
  EXPECT_EQ(TheOrder().lines(1).picked(), 2);
  const Event told = Last(&Event::has_pick_recorded);
  EXPECT_EQ(told.case_id(), "");
  EXPECT_EQ(told.pick_recorded().picked(), 5);
  EXPECT_EQ(told.pick_recorded().wanted(), 5);
  EXPECT_THAT(desk_.All<Incident>(), IsEmpty());
  EXPECT_THAT(Holds(), IsEmpty());
  ASSERT_THAT(PickAll(), IsOk());
  EXPECT_THAT(desk_.Events(&Event::has_order_shipping_started), SizeIs(1)) << "it has begun already";
  EXPECT_THAT(Send(), IsOk());
}

TEST_F(Incidents, AVL_02_APickThatDiffersIsAnIncidentInTheSameCommit) {
  OrderOn("mall");
  desk_.Advance(absl::Hours(1));
  const auto picked = Pick({{"l-1", 2}, {"l-2", 2}});
  ASSERT_THAT(picked, IsOk());
  EXPECT_FALSE(picked->complete());
  const Incident incident = TheIncident();
  EXPECT_EQ(picked->incident().incident_id(), incident.incident_id());
  EXPECT_EQ(picked->incident().version(), incident.version());
  EXPECT_EQ(incident.order_id(), "o-1");
  EXPECT_EQ(incident.merchant_id(), "m-1");
  EXPECT_EQ(incident.customer_id(), "c-1001");
  EXPECT_EQ(incident.policy().marketplace(), "mall");
  EXPECT_EQ(incident.policy().version(), TheOrder().policy().version());
  EXPECT_EQ(incident.state(), Incident::STATE_OPEN);
  EXPECT_EQ(Word(incident.kind()), "short_pick");
  EXPECT_EQ(Word(incident.source()), "pick");
  EXPECT_EQ(incident.found_by().actor_id(), "employee-1");
  EXPECT_EQ(ToTime(incident.create_time()), desk_.now());
  EXPECT_EQ(ToTime(incident.ship_due_time()), promised_);
  EXPECT_FALSE(incident.has_restock_time());
  EXPECT_THAT(UnitsOf(incident), ElementsAre("l-1 1"));
  EXPECT_THAT(LogOf(incident), ElementsAre("found 1 employee-1"));
  EXPECT_EQ(ToTime(incident.log(0).time()), desk_.now());
  EXPECT_EQ(TheOrder().state(), Order::STATE_SHIPPING);
  EXPECT_EQ(TheOrder().lines(0).picked(), 2);

  const Event told = Last(&Event::has_incident_opened);
  EXPECT_EQ(told.case_id(), incident.incident_id());
  EXPECT_EQ(told.request_id(), Last(&Event::has_pick_recorded).request_id());
  EXPECT_EQ(told.incident_opened().kind(), incident.kind());
  EXPECT_EQ(told.incident_opened().source(), incident.source());
  EXPECT_EQ(told.incident_opened().quantity(), 1);
  EXPECT_FALSE(told.incident_opened().offers_restock());
  EXPECT_TRUE(told.incident_opened().offers_credit());
  EXPECT_TRUE(told.incident_opened().offers_cancellation());
  EXPECT_EQ(ToTime(told.incident_opened().choice_due_time()), desk_.now() + absl::Hours(48));
  EXPECT_EQ(Last(&Event::has_pick_recorded).pick_recorded().picked(), 4);
}

TEST_F(Incidents, AVL_02_ORD_12_WhatIsMissingHoldsTheOrder) {
  OrderOn("mall");
  const std::string id = Short().incident_id();
  EXPECT_THAT(Holds(), ElementsAre("stock_shortage " + id));
  const Event placed = Last(&Event::has_hold_placed);
  EXPECT_EQ(placed.case_id(), id);
  EXPECT_EQ(placed.hold_placed().reference_id(), id);
  const auto refused = Send();
  EXPECT_THAT(refused, RefusedBy("ORD-12"));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("STOCK_SHORTAGE (" + id + ")"));
  auto release = About<orders::v1::ReleaseHoldRequest>("o-1");
  release.set_hold(base::v1::HOLD_NAME_STOCK_SHORTAGE);
  release.set_reference_id(id);
  for (const base::v1::Actor& actor : {Manager(), Director()}) {
    EXPECT_THAT(desk_.As(actor).Decide(ReleaseHold, release), DeniedBy("ORD-12"))
        << "what becomes of the incident releases it";
  }
}

TEST_F(Incidents, AVL_02_TheSameFoundAgainIsVerifiedAndAskedOnce) {
  OrderOn("mall");
  const Incident found = Short();
  desk_.Advance(absl::Hours(1));
  const auto again = Pick({{"l-1", 2}, {"l-2", 2}}, absl::InfinitePast(), Manager());
  ASSERT_THAT(again, IsOk());
  EXPECT_FALSE(again->complete());
  EXPECT_EQ(again->incident().incident_id(), found.incident_id());
  EXPECT_THAT(LogOf(TheIncident()), ElementsAre("found 1 employee-1", "verified 1 manager-1"));
  EXPECT_EQ(ToTime(TheIncident().log(1).time()), desk_.now());
  EXPECT_EQ(ToTime(TheIncident().choice_due_time()), ToTime(found.choice_due_time()));
  EXPECT_THAT(desk_.All<Incident>(), SizeIs(1));
  EXPECT_THAT(Open(), ElementsAre("short_pick"));
  EXPECT_THAT(Holds(), SizeIs(1));
  EXPECT_THAT(desk_.Events(&Event::has_incident_opened), SizeIs(1));
  EXPECT_THAT(desk_.Events(&Event::has_pick_recorded), SizeIs(2));
}

TEST_F(Incidents, AVL_02_AVL_03_WhereMoreIsMissingTheCustomerIsAskedAnew) {
  OrderOn("mall");
  const std::string id = Short().incident_id();
  desk_.Advance(absl::Hours(1));
  ASSERT_THAT(Pick({{"l-1", 1}, {"l-2", 2}}), IsOk());
  const Incident incident = TheIncident();
  EXPECT_EQ(incident.incident_id(), id);
  EXPECT_THAT(UnitsOf(incident), ElementsAre("l-1 2"));
  EXPECT_THAT(LogOf(incident), ElementsAre("found 1 employee-1", "verified 2 employee-1"));
  EXPECT_THAT(OptionsOf(incident), ElementsAre("credit_missing 2000", "cancel_order 4200"));
  EXPECT_EQ(ToTime(incident.choice_due_time()), desk_.now() + absl::Hours(48));
  const auto timers = desk_.Tasks(kChoiceDue);
  ASSERT_THAT(timers, SizeIs(1));
  EXPECT_EQ(timers[0].due, ToTime(incident.choice_due_time()));
  EXPECT_THAT(desk_.Events(&Event::has_incident_opened), SizeIs(2));
  EXPECT_EQ(Last(&Event::has_incident_opened).incident_opened().quantity(), 2);
  EXPECT_THAT(Holds(), SizeIs(1));
}

TEST_F(Incidents, AVL_02_ACompletePickPutsItRight) {
  OrderOn("mall");
  const Incident found = Short();
  desk_.Advance(absl::Hours(2));
  const auto picked = PickAll();
  ASSERT_THAT(picked, IsOk());
  EXPECT_TRUE(picked->complete());
  EXPECT_FALSE(picked->has_incident());
  const Incident incident = TheIncident();
  EXPECT_EQ(incident.incident_id(), found.incident_id());
  EXPECT_EQ(incident.state(), Incident::STATE_CLOSED);
  EXPECT_EQ(Word(incident.outcome()), "rectified");
  EXPECT_EQ(ToTime(incident.close_time()), desk_.now());
  EXPECT_THAT(LogOf(incident), SizeIs(2));
  EXPECT_EQ(Word(incident.log(1).kind()), "corrected");
  EXPECT_EQ(incident.log(1).actor().actor_id(), "employee-1");
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_EQ(Last(&Event::has_hold_released).hold_released().reference_id(), found.incident_id());
  const Event closed = Last(&Event::has_incident_closed);
  EXPECT_EQ(closed.case_id(), found.incident_id());
  EXPECT_EQ(Word(closed.incident_closed().kind()), "short_pick");
  EXPECT_EQ(Word(closed.incident_closed().outcome()), "rectified");
  EXPECT_EQ(ToTime(closed.incident_closed().found_time()), ToTime(found.create_time()));
  EXPECT_THAT(desk_.Tasks(kChoiceDue), IsEmpty());
  EXPECT_THAT(Send(), IsOk());
}

TEST_F(Incidents, AVL_02_AnotherProductIsAWrongPickThatNobodyIsAskedAbout) {
  OrderOn("mall");
  ASSERT_THAT(PickWrong(), IsOk());
  const Incident incident = TheIncident();
  EXPECT_EQ(Word(incident.kind()), "wrong_pick");
  EXPECT_THAT(UnitsOf(incident), ElementsAre("l-2 2 sku-9"));
  EXPECT_THAT(OptionsOf(incident), IsEmpty());
  EXPECT_FALSE(incident.has_choice_due_time());
  EXPECT_THAT(desk_.Tasks(kChoiceDue), IsEmpty());
  EXPECT_THAT(Holds(), ElementsAre("under_incident " + incident.incident_id()));
  EXPECT_EQ(TheOrder().lines(0).picked(), 3);
  EXPECT_EQ(TheOrder().lines(1).picked(), 0);
  EXPECT_THAT(Send(), RefusedBy("ORD-12"));
  for (const IncidentOption option : {kAwait, kCredit, kCancel}) {
    EXPECT_THAT(Choose(option), RefusedBy("AVL-03"));
  }
  ASSERT_THAT(PickAll(), IsOk());
  EXPECT_EQ(Word(TheIncident().outcome()), "rectified");
  EXPECT_THAT(Send(), IsOk());
}

TEST_F(Incidents, AVL_02_TooMuchIsAWrongPickAndTheLinesOwnProductIsNot) {
  OrderOn("mall");
  RecordPickRequest request = PickOf({{"l-1", 3}, {"l-2", 2}});
  request.mutable_units(0)->set_sku("sku-1");
  const auto own = desk_.As(Employee()).Decide(RecordPick, request);
  ASSERT_THAT(own, IsOk());
  EXPECT_TRUE(own->complete());
  ASSERT_THAT(Pick({{"l-1", 4}, {"l-2", 1}}), IsOk());
  EXPECT_EQ(Word(TheIncident().kind()), "wrong_pick") << "what is wrong comes before what is missing";
  EXPECT_THAT(UnitsOf(TheIncident()), ElementsAre("l-1 1 sku-1"));
  EXPECT_EQ(TheOrder().lines(0).picked(), 3);
}

TEST_F(Incidents, AVL_02_WhatDiffersInAnotherWaySupersedesIt) {
  OrderOn("mall");
  const std::string first = Short().incident_id();
  desk_.Advance(absl::Minutes(5));
  ASSERT_THAT(PickWrong(), IsOk());
  const std::string second = TheIncident().incident_id();
  EXPECT_NE(second, first);
  EXPECT_EQ(Now(first).state(), Incident::STATE_CLOSED);
  EXPECT_EQ(Word(Now(first).outcome()), "superseded");
  EXPECT_EQ(Word(Last(&Event::has_incident_closed).incident_closed().outcome()), "superseded");
  EXPECT_THAT(LogOf(Now(first)), ElementsAre("found 1 employee-1")) << "nothing was put right";
  EXPECT_THAT(desk_.Tasks(kChoiceDue), IsEmpty());
  EXPECT_THAT(Open(), ElementsAre("wrong_pick"));
  EXPECT_THAT(Holds(), ElementsAre("under_incident " + second));
  desk_.Advance(absl::Minutes(5));
  Short();
  EXPECT_THAT(Open(), ElementsAre("short_pick"));
  EXPECT_THAT(Holds(), ElementsAre("stock_shortage " + TheIncident().incident_id()));
  EXPECT_THAT(desk_.All<Incident>(), SizeIs(3));
}

// A slip of the hand calls no order off.
TEST_F(Incidents, AVL_02_AVL_04_WhereNothingWasPickedTheCustomerIsAskedEvenWhereAReportCancels) {
  OrderOn("mall");
  ASSERT_THAT(Pick({}), IsOk());
  const Incident incident = TheIncident();
  EXPECT_EQ(Word(incident.kind()), "no_stock");
  EXPECT_EQ(incident.state(), Incident::STATE_OPEN);
  EXPECT_THAT(UnitsOf(incident), ElementsAre("l-1 3", "l-2 2"));
  EXPECT_THAT(OptionsOf(incident), ElementsAre("cancel_order 4200"));
  EXPECT_THAT(Holds(), ElementsAre("stock_shortage " + incident.incident_id()));
  RunTimersUntil(placed_ + absl::Hours(95));
  EXPECT_EQ(TheIncident().state(), Incident::STATE_OPEN);
  EXPECT_EQ(TheOrder().state(), Order::STATE_SHIPPING);
  EXPECT_THAT(desk_.Events(&Event::has_order_cancelled), IsEmpty());
  ASSERT_THAT(PickAll(), IsOk());
  EXPECT_THAT(Send(), IsOk());
}

TEST_F(Incidents, AVL_02_RFD_01_WhatWasTakenOffIsNotMissing) {
  OrderOn("mall");
  ASSERT_THAT(TakeOff("l-1", 1), IsOk());
  Follow();
  const auto picked = Pick({{"l-1", 2}, {"l-2", 2}});
  ASSERT_THAT(picked, IsOk());
  EXPECT_TRUE(picked->complete());
  EXPECT_EQ(Last(&Event::has_pick_recorded).pick_recorded().wanted(), 4);
}

TEST_F(Incidents, AVL_02_WhatIsNoPickOfThisOrderIsNamed) {
  OrderOn("mall");
  EXPECT_THAT(Pick({{"l-1", 3}, {"l-9", 2}}), NamesField("units[1].line_id"));
  EXPECT_THAT(Pick({{"l-1", 2}, {"l-2", 2}, {"l-1", 1}}), NamesField("units[2].line_id"));
  EXPECT_THAT(Pick({{"l-1", 3}}, desk_.now()), NamesField("restock_time"));
  EXPECT_THAT(Pick({{"l-1", 3}}, desk_.now() - absl::Hours(1)), NamesField("restock_time"));
  EXPECT_EQ(TheOrder().state(), Order::STATE_OPEN);
  EXPECT_THAT(desk_.Events(&Event::has_pick_recorded), IsEmpty());
  EXPECT_THAT(desk_.All<Incident>(), IsEmpty());
}

TEST_F(Incidents, ROL_02_AVL_02_OnlyTheStoreTellsWhatWasPicked) {
  OrderOn("mall");
  for (const base::v1::Actor& actor :
       {Customer(), Courier(), Connector(), Operations(), Auditor(), Employee("m-2"), Manager("m-2")}) {
    EXPECT_THAT(Pick({{"l-1", 2}}, absl::InfinitePast(), actor), DeniedBy("ROL-02"))
        << actor.ShortDebugString();
  }
  EXPECT_EQ(TheOrder().state(), Order::STATE_OPEN);
  for (const base::v1::Actor& actor : {Employee(), Manager(), Director(), Service()}) {
    EXPECT_THAT(Pick({{"l-1", 3}, {"l-2", 2}}, absl::InfinitePast(), actor), IsOk());
  }
}

TEST_F(Incidents, AVL_02_NothingIsPickedBeforeTheOrderIsOpenNorOnceItHasLeft) {
  NewOrder prepaid = OrderFor("mall");
  prepaid.set_payment_method(base::v1::PAYMENT_METHOD_PREPAID);
  Create(prepaid);
  ASSERT_EQ(TheOrder().state(), Order::STATE_BLOCKED);
  EXPECT_THAT(PickAll(), RefusedBy("AVL-02"));
  OrderOn("mall");
  ASSERT_THAT(PickAll(), IsOk());
  ASSERT_THAT(Send(), IsOk());
  EXPECT_THAT(PickAll(), RefusedBy("AVL-02"));
  EXPECT_THAT(Pick({}), RefusedBy("AVL-02"));
  EXPECT_THAT(desk_.All<Incident>(), IsEmpty());
}

}  // namespace
}  // namespace makegood::rules
