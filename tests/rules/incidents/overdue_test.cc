// An order that has not left long after it should have (AVL-07).
#include "tests/rules/incidents/incident_fixture.h"

namespace makegood::rules {
namespace {

TEST_F(Incidents, AVL_07_AnOrderThatOpensIsWaitedForUntilItShouldHaveLeft) {
  const struct {
    const char* marketplace;
    int overdue;
    int no_stock;
  } rows[] = {{"tmall", 48, 96}, {"default", 48, 96}, {"mall", 48, 0}, {"flowwow", 0, 0}};
  for (const auto& row : rows) {
    OrderOn(row.marketplace);
    const auto check = [&](absl::string_view kind, int hours) {
      const auto timers = desk_.Tasks(kind);
      ASSERT_THAT(timers, SizeIs(hours == 0 ? 0 : 1)) << row.marketplace << " " << kind;
      if (hours == 0) return;
      EXPECT_EQ(timers[0].due, promised_ + absl::Hours(hours)) << row.marketplace << " " << kind;
      EXPECT_EQ(timers[0].payload, "o-1");
    };
    check(kShipmentOverdue, row.overdue);
    check(kShipmentNoStock, 0);
    RunTimersUntil(promised_ + absl::Hours(48));
    check(kShipmentNoStock, row.no_stock);
  }
  NewOrder unpromised = OrderFor("tmall");
  unpromised.clear_promised_ship_time();
  Create(unpromised);
  EXPECT_THAT(desk_.tasks(), IsEmpty()) << "nobody promised when it leaves";
  NewOrder prepaid = OrderFor("tmall");
  prepaid.set_payment_method(base::v1::PAYMENT_METHOD_PREPAID);
  Create(prepaid);
  EXPECT_THAT(desk_.tasks(), IsEmpty()) << "it is not open";
}

TEST_F(Incidents, AVL_07_AfterTwoDaysTheMerchantIsAskedToExpedite) {
  OrderOn("tmall");
  RunTimersUntil(promised_ + absl::Hours(48) - absl::Seconds(1));
  EXPECT_THAT(desk_.All<Incident>(), IsEmpty());
  RunTimersUntil(promised_ + absl::Hours(48));
  const Incident incident = TheIncident();
  EXPECT_EQ(Word(incident.kind()), "overdue");
  EXPECT_EQ(Word(incident.source()), "timer");
  EXPECT_EQ(Word(incident.found_by().role()), "service");
  EXPECT_EQ(incident.state(), Incident::STATE_OPEN);
  EXPECT_EQ(ToTime(incident.ship_due_time()), promised_);
  EXPECT_THAT(OptionsOf(incident), IsEmpty());
  EXPECT_FALSE(incident.has_choice_due_time());
  EXPECT_THAT(Holds(), IsEmpty()) << "it may leave at any moment";
  EXPECT_EQ(TheOrder().state(), Order::STATE_OPEN);
  EXPECT_THAT(Choose(kCancel), RefusedBy("AVL-03")) << "nothing is offered yet";
  RunTimersUntil(promised_ + absl::Hours(96) - absl::Seconds(1));
  EXPECT_THAT(desk_.Events(&Event::has_incident_opened), SizeIs(1));
  EXPECT_THAT(Send(), IsOk());
}

TEST_F(Incidents, AVL_07_AfterFourDaysItIsNoStock) {
  OrderOn("tmall");
  RunTimersUntil(promised_ + absl::Hours(48));
  const std::string overdue = TheIncident().incident_id();
  RunTimersUntil(promised_ + absl::Hours(96));
  EXPECT_EQ(Now(overdue).state(), Incident::STATE_CLOSED);
  EXPECT_EQ(Word(Now(overdue).outcome()), "superseded");
  const Incident incident = TheIncident();
  EXPECT_NE(incident.incident_id(), overdue);
  EXPECT_EQ(Word(incident.kind()), "no_stock");
  EXPECT_EQ(Word(incident.source()), "timer");
  EXPECT_THAT(OptionsOf(incident), ElementsAre("cancel_order 4200"));
  EXPECT_EQ(ToTime(incident.choice_due_time()), promised_ + absl::Hours(48 + 72));
  EXPECT_THAT(Open(), ElementsAre("no_stock"));
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_EQ(TheOrder().state(), Order::STATE_OPEN);
  ASSERT_THAT(Choose(kCancel), IsOk());
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED);
  EXPECT_TRUE(TheOrder().cancellation().merchant_caused());
}

TEST_F(Incidents, AVL_07_AVL_05_UnansweredItIsCancelledByItself) {
  OrderOn("tmall");
  const absl::Time due = promised_ + absl::Hours(48 + 72);
  RunTimersUntil(promised_ + absl::Hours(96));
  AnswerAll();
  RunTimersUntil(due - absl::Seconds(1));
  EXPECT_EQ(TheOrder().state(), Order::STATE_OPEN);
  RunTimersUntil(due);
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED);
  EXPECT_EQ(Word(TheOrder().cancellation().reason()), "unavailable");
  EXPECT_EQ(Word(TheIncident().outcome()), "cancelled");
  EXPECT_TRUE(Last(&Event::has_incident_option_chosen).incident_option_chosen().by_itself());
  EXPECT_THAT(Open(), IsEmpty());
  EXPECT_THAT(desk_.tasks(), IsEmpty());
  EXPECT_THAT(desk_.Events(&Event::has_order_cancelled), SizeIs(1));
}

TEST_F(Incidents, AVL_07_WhatLeavesJustInTimeIsNoStockNeither) {
  OrderOn("tmall");
  RunTimersUntil(promised_ + absl::Hours(95) + absl::Minutes(59));
  EXPECT_THAT(Open(), ElementsAre("overdue"));
  ASSERT_THAT(Send(), IsOk());
  Follow();
  EXPECT_EQ(TheIncident().state(), Incident::STATE_CLOSED);
  EXPECT_EQ(Word(TheIncident().outcome()), "shipped");
  EXPECT_EQ(Word(Last(&Event::has_incident_closed).incident_closed().outcome()), "shipped");
  EXPECT_THAT(desk_.tasks(), IsEmpty());
  RunTimersUntil(promised_ + absl::Hours(97));
  EXPECT_THAT(desk_.All<Incident>(), SizeIs(1));
  EXPECT_EQ(TheOrder().state(), Order::STATE_SHIPPED);
}

TEST_F(Incidents, AVL_07_WhatLeavesWhileTheCustomerIsAskedHasLeft) {
  OrderOn("tmall");
  RunTimersUntil(promised_ + absl::Hours(100));
  EXPECT_THAT(Open(), ElementsAre("no_stock"));
  ASSERT_THAT(Send(), IsOk());
  EXPECT_THAT(Choose(kCancel), Not(IsOk())) << "before its event was followed";
  Follow();
  EXPECT_EQ(Word(TheIncident().outcome()), "shipped");
  EXPECT_THAT(Choose(kCancel), RefusedBy("AVL-03"));
  EXPECT_THAT(desk_.tasks(), IsEmpty());
  EXPECT_EQ(TheOrder().state(), Order::STATE_SHIPPED);
}

TEST_F(Incidents, AVL_07_WhatIsCalledOffForBeingLateIsNotSaidToBeOutOfStock) {
  OrderOn("default");
  RunTimersUntil(promised_ + absl::Hours(48));
  AnswerAll();
  RunTimersUntil(promised_ + absl::Hours(150));
  EXPECT_THAT(Open(), ElementsAre("no_stock"));
  EXPECT_EQ(Word(Last(&Event::has_incident_overdue).incident_overdue().source()), "timer");
  ASSERT_THAT(Choose(kCancel), IsOk());
  EXPECT_EQ(Word(Last(&Event::has_order_cancelled).order_cancelled().trouble()), "overdue");
}

TEST_F(Incidents, AVL_07_NothingIsWaitedForOnceItIsCancelled) {
  OrderOn("tmall");
  RunTimersUntil(promised_ + absl::Hours(50));
  const auto cancel = CancelFor(base::v1::INITIATOR_CUSTOMER, base::v1::CANCEL_REASON_CUSTOMER_REQUEST);
  ASSERT_THAT(desk_.As(Customer()).Decide(CancelOrder, cancel), IsOk());
  Follow();
  EXPECT_EQ(Word(TheIncident().outcome()), "cancelled");
  EXPECT_THAT(desk_.tasks(), IsEmpty());
}

TEST_F(Incidents, AVL_07_ATimerThatComesAfterTheHandoverFindsNothing) {
  OrderOn("tmall");
  ASSERT_THAT(Send(), IsOk());
  desk_.MoveTo(promised_ + absl::Hours(96));
  desk_.As(Service());
  EXPECT_THAT(desk_.Decide(MarkShipmentOverdue, std::string("o-1")), IsOk());
  EXPECT_THAT(desk_.Decide(MarkNoStock, std::string("o-1")), IsOk());
  EXPECT_THAT(desk_.All<Incident>(), IsEmpty());
}

TEST_F(Incidents, AVL_07_WhatIsBeingDealtWithIsNoStockNeither) {
  OrderOn("tmall");
  RunTimersUntil(promised_ + absl::Hours(95));
  const std::string overdue = TheIncident().incident_id();
  Short();
  RunTimersUntil(promised_ + absl::Hours(97));
  EXPECT_THAT(Open(), UnorderedElementsAre("overdue", "short_pick"));
  EXPECT_EQ(Now(overdue).state(), Incident::STATE_OPEN) << "it has still not left";
  EXPECT_THAT(desk_.All<Incident>(), SizeIs(2));
}

TEST_F(Incidents, ORD_13_AVL_07_ImportedHistoryIsNotWaitedFor) {
  orders::v1::ImportOrderRequest request;
  *request.mutable_order() = OrderFor("tmall");
  *request.mutable_placed_time() = ToTimestamp(placed_ - absl::Hours(240));
  ASSERT_THAT(desk_.As(Service()).Decide(ImportOrder, request), IsOk());
  ASSERT_EQ(TheOrder().state(), Order::STATE_OPEN);
  const Event opened = Last(&Event::has_order_opened);
  ASSERT_TRUE(opened.imported());
  EXPECT_EQ(ToTime(opened.order_opened().promised_ship_time()), promised_);
  Follow();
  EXPECT_THAT(desk_.tasks(), IsEmpty());
  RunTimersUntil(promised_ + absl::Hours(200));
  EXPECT_THAT(desk_.All<Incident>(), IsEmpty());
}

}  // namespace
}  // namespace makegood::rules
