// What the customer may choose where something is missing, and what becomes of it (AVL-03).
#include "tests/rules/incidents/incident_fixture.h"

namespace makegood::rules {
namespace {

TEST_F(Incidents, AVL_03_ThePolicySaysWhatMayBeChosenAndUntilWhen) {
  const struct {
    const char* marketplace;
    bool restocks;
    int hours;
  } rows[] = {{"mall", true, 48}, {"tmall", true, 72}, {"flowwow", false, 2}, {"default", true, 48}};
  for (const auto& row : rows) {
    OrderOn(row.marketplace);
    const Incident unknown = Short();
    EXPECT_THAT(OptionsOf(unknown), ElementsAre("credit_missing 1000", "cancel_order 4200"))
        << row.marketplace;
    ASSERT_THAT(unknown.options(), SizeIs(2));
    EXPECT_EQ(unknown.options(0).amount().currency(), TheOrder().total().currency());
    EXPECT_EQ(ToTime(unknown.choice_due_time()), placed_ + absl::Hours(row.hours)) << row.marketplace;
    const auto timers = desk_.Tasks(kChoiceDue);
    ASSERT_THAT(timers, SizeIs(1));
    EXPECT_EQ(timers[0].due, ToTime(unknown.choice_due_time()));

    OrderOn(row.marketplace);
    const absl::Time restock = placed_ + absl::Hours(24);
    const Incident known = Short(restock);
    std::vector<std::string> offered = {"credit_missing 1000", "cancel_order 4200"};
    if (row.restocks) offered.insert(offered.begin(), "await_restock");
    EXPECT_EQ(OptionsOf(known), offered) << row.marketplace;
    const Event told = Last(&Event::has_incident_opened);
    EXPECT_EQ(told.incident_opened().offers_restock(), row.restocks) << row.marketplace;
    EXPECT_EQ(ToTime(told.incident_opened().restock_time()), restock);
  }
}

TEST_F(Incidents, AVL_03_ThePriceOfWhatIsMissingGoesBackAndTheRestMayLeave) {
  OrderOn("mall");
  const std::string id = Short().incident_id();
  desk_.Advance(absl::Hours(3));
  const auto chosen = Choose(kCredit);
  ASSERT_THAT(chosen, IsOk());
  EXPECT_EQ(chosen->state(), Incident::STATE_CLOSED);
  EXPECT_EQ(Word(chosen->outcome()), "credited");
  EXPECT_EQ(chosen->chosen(), kCredit);
  EXPECT_EQ(chosen->chosen_by().actor_id(), "c-1001");
  EXPECT_EQ(ToTime(chosen->choose_time()), desk_.now());
  EXPECT_EQ(TheOrder().state(), Order::STATE_SHIPPING);
  EXPECT_EQ(TheOrder().lines(0).taken_off(), 1);
  EXPECT_EQ(TheOrder().lines(1).taken_off(), 0);
  EXPECT_EQ(TheOrder().total().amount_minor(), 3200);
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_EQ(Last(&Event::has_hold_released).hold_released().reference_id(), id);
  const Event taken = Last(&Event::has_units_taken_off);
  EXPECT_EQ(Word(taken.units_taken_off().reason()), "unavailable");
  EXPECT_EQ(taken.units_taken_off().total().amount_minor(), 3200);
  ASSERT_THAT(taken.units_taken_off().units(), SizeIs(1));
  EXPECT_EQ(taken.units_taken_off().units(0).line_id(), "l-1");
  EXPECT_EQ(taken.units_taken_off().units(0).quantity(), 1);
  const Event told = Last(&Event::has_incident_option_chosen);
  EXPECT_EQ(told.case_id(), id);
  EXPECT_EQ(told.request_id(), taken.request_id());
  EXPECT_EQ(told.incident_option_chosen().option(), kCredit);
  EXPECT_FALSE(told.incident_option_chosen().by_itself());
  EXPECT_THAT(desk_.Tasks(kChoiceDue), IsEmpty());
  const int64_t version = TheIncident().version();
  Follow();
  EXPECT_EQ(TheIncident().version(), version) << "its own units change nothing again";
  EXPECT_THAT(desk_.Events(&Event::has_incident_closed), SizeIs(1));
  EXPECT_THAT(Send(), IsOk());
}

TEST_F(Incidents, AVL_03_AVL_09_TheOrderIsCancelledAndTheMerchantCausedIt) {
  OrderOn("mall");
  Short();
  const auto chosen = Choose(kCancel);
  ASSERT_THAT(chosen, IsOk());
  EXPECT_EQ(Word(chosen->outcome()), "cancelled");
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED);
  EXPECT_EQ(Word(TheOrder().cancellation().reason()), "unavailable");
  EXPECT_EQ(Word(TheOrder().cancellation().initiator()), "customer");
  EXPECT_TRUE(TheOrder().cancellation().merchant_caused());
  EXPECT_THAT(Holds(), IsEmpty());
  const Event told = Last(&Event::has_order_cancelled);
  EXPECT_TRUE(told.order_cancelled().merchant_caused());
  EXPECT_TRUE(told.order_cancelled().counted());
  Follow();
  EXPECT_THAT(desk_.tasks(), IsEmpty()) << "nothing is waited for";
  EXPECT_THAT(desk_.Events(&Event::has_order_cancelled), SizeIs(1));
  EXPECT_THAT(desk_.Events(&Event::has_incident_closed), SizeIs(1));
  EXPECT_THAT(Choose(kCancel), RefusedBy("AVL-03")) << "it is over";
}

TEST_F(Incidents, AVL_03_ThePriceOfAllThereIsIsToldAsTheCancellationThatItIs) {
  OrderOn("mall");
  ASSERT_THAT(Pick({{"l-2", 2}}), IsOk());
  ASSERT_THAT(TakeOff("l-2", 2), IsOk()) << "what is there";
  Follow();
  ASSERT_THAT(Choose(kCredit), IsOk());
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED);
  EXPECT_EQ(Word(Last(&Event::has_incident_option_chosen).incident_option_chosen().option()), "cancel_order");
  EXPECT_EQ(TheIncident().chosen(), kCancel);
  EXPECT_EQ(Word(Last(&Event::has_order_cancelled).order_cancelled().trouble()), "short_pick");
}

TEST_F(Incidents, AVL_03_WhoWaitsForTheRestockGetsAllOfItTogether) {
  OrderOn("mall");
  const absl::Time restock = placed_ + absl::Hours(24);
  const std::string id = Short(restock).incident_id();
  const auto chosen = Choose(kAwait);
  ASSERT_THAT(chosen, IsOk());
  EXPECT_EQ(chosen->state(), Incident::STATE_AWAITING_RESTOCK);
  EXPECT_EQ(chosen->chosen(), kAwait);
  EXPECT_EQ(ToTime(Last(&Event::has_incident_option_chosen).incident_option_chosen().restock_time()),
            restock);
  EXPECT_THAT(Holds(), ElementsAre("stock_shortage " + id));
  EXPECT_THAT(Send(), RefusedBy("ORD-12"));
  EXPECT_THAT(desk_.Tasks(kChoiceDue), IsEmpty());
  const auto timers = desk_.Tasks(kRestockDue);
  ASSERT_THAT(timers, SizeIs(1));
  EXPECT_EQ(timers[0].due, restock);
  EXPECT_THAT(Choose(kAwait), RefusedBy("AVL-03")) << "it waits already";
  desk_.Advance(absl::Hours(20));
  ASSERT_THAT(PickAll(), IsOk());
  EXPECT_EQ(Now(id).state(), Incident::STATE_CLOSED);
  EXPECT_EQ(Word(Now(id).outcome()), "rectified");
  EXPECT_THAT(desk_.Tasks(kRestockDue), IsEmpty());
  EXPECT_EQ(TheOrder().total().amount_minor(), 4200);
  EXPECT_THAT(Send(), IsOk());
}

TEST_F(Incidents, AVL_03_NobodyIsOfferedToWaitForATimeThatHasPassed) {
  OrderOn("mall");
  Short(placed_ + absl::Hours(24));
  const auto shown = [&] {
    Incident incident = TheIncident();
    FillActions(incident, Customer(), desk_.now(), testing::ShippedPolicies());
    return OptionsOf(incident);
  };
  EXPECT_THAT(shown(), ElementsAre("await_restock", "credit_missing 1000", "cancel_order 4200"));
  desk_.Advance(absl::Hours(24));
  EXPECT_THAT(shown(), ElementsAre("credit_missing 1000", "cancel_order 4200")) << "the choice still waits";
  const auto late = Choose(kAwait);
  EXPECT_THAT(late, RefusedBy("AVL-03"));
  EXPECT_THAT(std::string(late.status().message()), HasSubstr("but credit_missing, cancel_order"));

  OrderOn("mall");
  Short(desk_.now() + absl::Hours(24));
  ASSERT_THAT(Choose(kAwait), IsOk());
  EXPECT_THAT(shown(), ElementsAre("credit_missing 1000", "cancel_order 4200")) << "it is waited for already";
}

TEST_F(Incidents, AVL_03_ALaterRestockIsAskedAboutAndTheSameOneIsNot) {
  OrderOn("mall");
  const absl::Time restock = placed_ + absl::Hours(24);
  Short(restock);
  ASSERT_THAT(Choose(kAwait), IsOk());
  EXPECT_EQ(Short(restock).state(), Incident::STATE_AWAITING_RESTOCK);
  EXPECT_THAT(desk_.Tasks(kRestockDue), SizeIs(1));
  desk_.Advance(absl::Hours(10));
  const Incident later = Short(restock + absl::Hours(12));
  EXPECT_EQ(later.state(), Incident::STATE_OPEN);
  EXPECT_EQ(Word(later.chosen()), "unspecified") << "nothing is chosen of what is offered now";
  EXPECT_EQ(ToTime(later.restock_time()), restock + absl::Hours(12));
  EXPECT_EQ(ToTime(later.choice_due_time()), desk_.now() + absl::Hours(48));
  EXPECT_THAT(OptionsOf(later), ElementsAre("await_restock", "credit_missing 1000", "cancel_order 4200"));
  EXPECT_THAT(desk_.Tasks(kRestockDue), IsEmpty());
  EXPECT_THAT(desk_.Tasks(kChoiceDue), SizeIs(1));
  EXPECT_THAT(Choose(kAwait), IsOk());
}

TEST_F(Incidents, AVL_03_WhoWaitsMayStillTakeThePriceOrCancel) {
  for (const IncidentOption option : {kCredit, kCancel}) {
    OrderOn("mall");
    Short(placed_ + absl::Hours(24));
    ASSERT_THAT(Choose(kAwait), IsOk());
    desk_.Advance(absl::Hours(5));
    const auto changed = Choose(option);
    ASSERT_THAT(changed, IsOk());
    EXPECT_EQ(changed->chosen(), option);
    EXPECT_EQ(Word(changed->outcome()), option == kCredit ? "credited" : "cancelled");
    EXPECT_THAT(desk_.Tasks(kRestockDue), IsEmpty());
    EXPECT_THAT(desk_.Events(&Event::has_incident_option_chosen), SizeIs(2));
  }
}

TEST_F(Incidents, AVL_03_WhatIsNotOfferedIsRefusedAndWhatIsOfferedTold) {
  OrderOn("mall");
  Short();
  const auto refused = Choose(kAwait);
  EXPECT_THAT(refused, RefusedBy("AVL-03")) << "nobody knows when it is restocked";
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("credit_missing, cancel_order"));
  OrderOn("mall");
  Short(placed_ + absl::Hours(24));
  desk_.Advance(absl::Hours(24));
  EXPECT_THAT(Choose(kAwait), RefusedBy("AVL-03")) << "the time has passed";
  ASSERT_THAT(Choose(kCredit), IsOk());
  for (const IncidentOption option : {kAwait, kCredit, kCancel}) {
    EXPECT_THAT(Choose(option), RefusedBy("AVL-03")) << "it is over";
  }
}

TEST_F(Incidents, ROL_08_OperationsChooseOnTheCustomersRecordedWord) {
  OrderOn("mall");
  Short();
  EXPECT_THAT(desk_.As(Operations()).Decide(ChooseOption, ChoiceOf(kCredit)), NamesField("customer_word"));
  ChooseOptionRequest spoken = ChoiceOf(kCredit);
  spoken.set_customer_word("call-4711");
  EXPECT_THAT(desk_.As(Customer()).Decide(ChooseOption, spoken), NamesField("customer_word"))
      << "customers speak for themselves";
  EXPECT_EQ(TheIncident().state(), Incident::STATE_OPEN);
  const auto chosen = desk_.As(Operations()).Decide(ChooseOption, spoken);
  ASSERT_THAT(chosen, IsOk());
  EXPECT_EQ(chosen->chosen_by().actor_id(), "op-1");
  EXPECT_EQ(Last(&Event::has_incident_option_chosen).incident_option_chosen().customer_word(), "call-4711");
}

TEST_F(Incidents, ROL_08_NobodyElseChooses) {
  OrderOn("mall");
  Short();
  for (const base::v1::Actor& actor :
       {Customer("c-2"), Employee(), Manager(), Director(), Courier(), Connector(), Auditor(), Service()}) {
    EXPECT_THAT(Choose(kCredit, actor), DeniedBy("ROL-08")) << actor.ShortDebugString();
  }
  EXPECT_EQ(TheIncident().state(), Incident::STATE_OPEN);
  EXPECT_THAT(Choose(kCredit), IsOk());
}

TEST_F(Incidents, AVL_03_RFD_01_WhereTheCustomerTakesTheMissingUnitsOffItIsCredited) {
  OrderOn("mall");
  ASSERT_THAT(Pick({{"l-1", 1}, {"l-2", 2}}), IsOk());
  const std::string id = TheIncident().incident_id();
  ASSERT_THAT(TakeOff("l-1", 1), IsOk());
  Follow();
  EXPECT_EQ(Now(id).state(), Incident::STATE_OPEN) << "one is still missing";
  EXPECT_THAT(UnitsOf(Now(id)), ElementsAre("l-1 1"));
  EXPECT_THAT(OptionsOf(Now(id)), ElementsAre("credit_missing 1000", "cancel_order 3200"));
  ASSERT_THAT(TakeOff("l-1", 1), IsOk());
  Follow();
  EXPECT_EQ(Now(id).state(), Incident::STATE_CLOSED);
  EXPECT_EQ(Word(Now(id).outcome()), "credited");
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_EQ(TheOrder().lines(0).taken_off(), 2);
  EXPECT_THAT(desk_.Events(&Event::has_units_taken_off), SizeIs(2));
  EXPECT_THAT(desk_.Tasks(kChoiceDue), IsEmpty());
  EXPECT_THAT(Send(), IsOk());
}

TEST_F(Incidents, AVL_03_WhatIsOfferedFollowsWhatTheOrderComesTo) {
  OrderOn("mall");
  Short();
  ASSERT_THAT(TakeOff("l-2", 1), IsOk());
  Follow();
  EXPECT_THAT(UnitsOf(TheIncident()), ElementsAre("l-1 1"));
  EXPECT_THAT(OptionsOf(TheIncident()), ElementsAre("credit_missing 1000", "cancel_order 3700"));
}

// No order leaves with nothing in it.
TEST_F(Incidents, AVL_03_ThePriceOfAllThatIsLeftCancels) {
  OrderOn("mall");
  ASSERT_THAT(Pick({{"l-2", 2}}), IsOk());
  ASSERT_THAT(TakeOff("l-2", 2), IsOk());
  Follow();
  const auto chosen = Choose(kCredit);
  ASSERT_THAT(chosen, IsOk());
  EXPECT_EQ(Word(chosen->outcome()), "cancelled");
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED);
}

// ---- What the order's event has not brought about yet.

TEST_F(Incidents, AVL_03_NothingIsTakenOffTwice) {
  OrderOn("mall");
  Short();
  ASSERT_THAT(TakeOff("l-1", 1), IsOk());
  (void)Choose(kCredit);
  EXPECT_EQ(TheOrder().lines(0).taken_off(), 1);
  EXPECT_EQ(TheOrder().total().amount_minor(), 3200);
}

TEST_F(Incidents, AVL_03_NothingIsChosenForAnOrderThatHasLeft) {
  for (const IncidentOption option : {kAwait, kCredit, kCancel}) {
    OrderOn("mall");
    const std::string id = Short(placed_ + absl::Hours(24)).incident_id();
    auto release = About<orders::v1::ReleaseHoldRequest>("o-1");
    release.set_hold(base::v1::HOLD_NAME_STOCK_SHORTAGE);
    release.set_reference_id(id);
    ASSERT_THAT(desk_.As(Service()).Decide(ReleaseHold, release), IsOk());
    ASSERT_THAT(Send(), IsOk());
    EXPECT_THAT(Choose(option), Not(IsOk())) << Word(option);
    EXPECT_EQ(TheOrder().total().amount_minor(), 4200);
    Follow();
    EXPECT_EQ(Word(Now(id).outcome()), "shipped");
    EXPECT_EQ(TheOrder().state(), Order::STATE_SHIPPED);
  }
}

}  // namespace
}  // namespace makegood::rules
