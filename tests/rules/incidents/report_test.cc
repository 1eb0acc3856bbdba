// Nothing of the order can be had, or it is too large to be sent: somebody reports it (AVL-04 to AVL-06).
#include "common/rules/orders/order_actions.h"
#include "tests/rules/incidents/incident_fixture.h"

namespace makegood::rules {
namespace {

constexpr IncidentKind kNoStock = base::v1::INCIDENT_KIND_NO_STOCK;
constexpr IncidentKind kOversize = base::v1::INCIDENT_KIND_OVERSIZE;

TEST_F(Incidents, AVL_04_WorkedExample4_NothingOfTheOrderCanBeHad) {
  OrderOn("mall");
  ASSERT_THAT(desk_.As(Employee()).Decide(StartShipping, About<orders::v1::StartShippingRequest>("o-1")),
              IsOk());
  desk_.Advance(absl::Hours(1));
  const auto reported = Report(kNoStock);
  ASSERT_THAT(reported, IsOk());
  EXPECT_EQ(reported->state(), Incident::STATE_CLOSED);
  EXPECT_EQ(Word(reported->source()), "report");
  EXPECT_EQ(Word(reported->outcome()), "cancelled");
  EXPECT_EQ(reported->chosen(), kCancel);
  EXPECT_EQ(reported->found_by().actor_id(), "manager-1");
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED);
  EXPECT_EQ(Word(TheOrder().cancellation().reason()), "unavailable");
  EXPECT_EQ(Word(TheOrder().cancellation().initiator()), "merchant");
  EXPECT_TRUE(TheOrder().cancellation().merchant_caused());
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_TRUE(Last(&Event::has_incident_opened).incident_opened().decided()) << "nobody is asked";
  EXPECT_TRUE(Last(&Event::has_incident_option_chosen).incident_option_chosen().by_itself());
  RunTimersUntil(placed_ + absl::Hours(400));
  const auto cancelled = desk_.Events(&Event::has_order_cancelled);
  ASSERT_THAT(cancelled, SizeIs(1));
  EXPECT_TRUE(cancelled[0].order_cancelled().merchant_caused());
  EXPECT_TRUE(cancelled[0].order_cancelled().counted()) << "in the cancel rate (KPI-05)";
  EXPECT_EQ(cancelled[0].request_id(), Last(&Event::has_incident_opened).request_id());
  EXPECT_THAT(desk_.Events(&Event::has_incident_closed), SizeIs(1));
  EXPECT_THAT(desk_.Events(&Event::has_incident_overdue), IsEmpty());
  EXPECT_THAT(desk_.All<Incident>(), SizeIs(1));
  EXPECT_THAT(desk_.tasks(), IsEmpty());
  EXPECT_THAT(Report(kNoStock), RefusedBy("AVL-05")) << "it is over";
}

TEST_F(Incidents, AVL_05_NothingIsReportedOfAnOrderThatHasLeft) {
  OrderOn("mall");
  ASSERT_THAT(PickAll(), IsOk());
  ASSERT_THAT(Send(), IsOk());
  EXPECT_THAT(Report(kNoStock), RefusedBy("AVL-05"));
  EXPECT_THAT(Report(kOversize), RefusedBy("AVL-05"));
  EXPECT_EQ(TheOrder().state(), Order::STATE_SHIPPED);
  EXPECT_THAT(desk_.All<Incident>(), IsEmpty());
}

TEST_F(Incidents, AVL_04_AReportEndsWhatAPickHasHeld) {
  OrderOn("mall");
  ASSERT_THAT(Pick({}), IsOk());
  const std::string id = TheIncident().incident_id();
  const auto reported = Report(kNoStock);
  ASSERT_THAT(reported, IsOk());
  EXPECT_EQ(reported->incident_id(), id) << "of one cause there is one";
  EXPECT_EQ(Word(Now(id).outcome()), "cancelled");
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED);
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_THAT(desk_.Tasks(kChoiceDue), IsEmpty());
  EXPECT_THAT(desk_.All<Incident>(), SizeIs(1));
}

TEST_F(Incidents, AVL_04_ORD_03_WhatElseWasWrongEndsWithTheOrder) {
  OrderOn("mall");
  const std::string id = Short().incident_id();
  ASSERT_THAT(Report(kNoStock), IsOk());
  Follow();
  EXPECT_EQ(Now(id).state(), Incident::STATE_CLOSED);
  EXPECT_EQ(Word(Now(id).outcome()), "superseded");
  EXPECT_THAT(Open(), IsEmpty());
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_THAT(desk_.tasks(), IsEmpty());
  OrderOn("mall");
  Short();
  const auto cancel = CancelFor(base::v1::INITIATOR_CUSTOMER, base::v1::CANCEL_REASON_CUSTOMER_REQUEST);
  ASSERT_THAT(desk_.As(Customer()).Decide(CancelOrder, cancel), IsOk());
  Follow();
  EXPECT_EQ(Word(TheIncident().outcome()), "cancelled");
  EXPECT_EQ(Word(TheIncident().chosen()), "unspecified");
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_THAT(desk_.tasks(), IsEmpty());
}

TEST_F(Incidents, AVL_05_OnTmallTheCustomerIsAskedAndUnansweredItIsCancelled) {
  OrderOn("tmall");
  const auto reported = Report(kNoStock, Operations());
  ASSERT_THAT(reported, IsOk());
  EXPECT_EQ(reported->state(), Incident::STATE_OPEN);
  EXPECT_THAT(UnitsOf(*reported), IsEmpty()) << "the whole order";
  EXPECT_THAT(OptionsOf(*reported), ElementsAre("cancel_order 4200"));
  EXPECT_EQ(ToTime(reported->choice_due_time()), placed_ + absl::Hours(72));
  EXPECT_FALSE(Last(&Event::has_incident_opened).incident_opened().decided());
  EXPECT_THAT(Holds(), ElementsAre("stock_shortage " + reported->incident_id()));
  EXPECT_EQ(TheOrder().state(), Order::STATE_OPEN);
  EXPECT_THAT(Send(), RefusedBy("ORD-12"));
  RunTimersUntil(placed_ + absl::Hours(72) - absl::Seconds(1));
  EXPECT_EQ(TheOrder().state(), Order::STATE_OPEN);
  RunTimersUntil(placed_ + absl::Hours(72));
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED);
  EXPECT_TRUE(TheOrder().cancellation().merchant_caused());
  EXPECT_EQ(Word(TheIncident().outcome()), "cancelled");
  EXPECT_TRUE(Last(&Event::has_incident_option_chosen).incident_option_chosen().by_itself());
  EXPECT_THAT(desk_.Events(&Event::has_order_cancelled), SizeIs(1));
  EXPECT_THAT(desk_.tasks(), IsEmpty());
}

TEST_F(Incidents, AVL_06_OnTmallWhatIsTooLargeIsCancelledAtOnce) {
  OrderOn("tmall");
  const auto reported = Report(kOversize);
  ASSERT_THAT(reported, IsOk());
  EXPECT_EQ(Word(reported->kind()), "oversize");
  EXPECT_EQ(Word(reported->outcome()), "cancelled");
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED);
  EXPECT_EQ(Word(TheOrder().cancellation().reason()), "unavailable");
  EXPECT_EQ(Word(Last(&Event::has_order_cancelled).order_cancelled().trouble()), "oversize");
  Follow();
  EXPECT_THAT(desk_.Events(&Event::has_order_cancelled), SizeIs(1));
  EXPECT_THAT(desk_.tasks(), IsEmpty());
}

TEST_F(Incidents, AVL_06_ElsewhereTheCustomerMayCancelWhatIsTooLarge) {
  for (const char* marketplace : {"flowwow", "mall", "default"}) {
    OrderOn(marketplace);
    const auto reported = Report(kOversize, Operations());
    ASSERT_THAT(reported, IsOk());
    EXPECT_EQ(reported->state(), Incident::STATE_OPEN) << marketplace;
    EXPECT_THAT(OptionsOf(*reported), ElementsAre("cancel_order 4200"));
    EXPECT_THAT(Holds(), ElementsAre("under_incident " + reported->incident_id()));
    EXPECT_THAT(Choose(kAwait), RefusedBy("AVL-03"));
    EXPECT_THAT(Choose(kCredit), RefusedBy("AVL-03"));
    ASSERT_THAT(Choose(kCancel), IsOk());
    EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED);
    EXPECT_THAT(Holds(), IsEmpty());
  }
}

TEST_F(Incidents, AVL_06_ReportedAgainItIsTheSame) {
  OrderOn("flowwow");
  ASSERT_THAT(Report(kOversize, Operations()), IsOk());
  const Incident first = TheIncident();
  desk_.Advance(absl::Minutes(30));
  const auto again = Report(kOversize);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->incident_id(), first.incident_id());
  EXPECT_EQ(again->found_by().actor_id(), "op-1");
  EXPECT_EQ(ToTime(again->choice_due_time()), placed_ + absl::Hours(2));
  EXPECT_THAT(desk_.All<Incident>(), SizeIs(1));
  EXPECT_THAT(Holds(), SizeIs(1));
  EXPECT_THAT(desk_.Events(&Event::has_incident_opened), SizeIs(1));
  RunTimersUntil(placed_ + absl::Hours(24));
  EXPECT_THAT(desk_.Events(&Event::has_incident_overdue), SizeIs(1)) << "nothing happens by itself";
  EXPECT_EQ(TheOrder().state(), Order::STATE_OPEN);
}

TEST_F(Incidents, AVL_05_WhatPicksAndTimersFindIsNotReported) {
  OrderOn("mall");
  for (const IncidentKind kind : {base::v1::INCIDENT_KIND_UNSPECIFIED, base::v1::INCIDENT_KIND_SHORT_PICK,
                                  base::v1::INCIDENT_KIND_WRONG_PICK, base::v1::INCIDENT_KIND_OVERDUE}) {
    EXPECT_THAT(Report(kind), NamesField("kind")) << Word(kind);
  }
  EXPECT_THAT(desk_.All<Incident>(), IsEmpty());
}

TEST_F(Incidents, ROL_02_AVL_05_TheStoreAndOperationsReport) {
  for (const base::v1::Actor& actor :
       {Customer(), Courier(), Connector(), Auditor(), Employee("m-2"), Director("m-2")}) {
    OrderOn("mall");
    EXPECT_THAT(Report(kNoStock, actor), DeniedBy("ROL-02")) << actor.ShortDebugString();
    EXPECT_EQ(TheOrder().state(), Order::STATE_OPEN);
  }
  for (const base::v1::Actor& actor : {Employee(), Manager(), Director(), Operations(), Service()}) {
    OrderOn("mall");
    EXPECT_THAT(Report(kNoStock, actor), IsOk()) << actor.ShortDebugString();
  }
}

// What may be done, and the rule that says why not.
TEST_F(Incidents, ORD_09_OrderAndIncidentTellWhatMayBeDone) {
  const auto answer = [](const auto& record, absl::string_view action) {
    for (const base::v1::AvailableAction& one : record.available_actions()) {
      if (one.action() == action) return one.allowed() ? std::string("allowed") : one.rule_id();
    }
    return std::string("not told");
  };
  const auto order = [&](const base::v1::Actor& actor) {
    Order told = TheOrder();
    FillActions(told, actor, desk_.now(), testing::ShippedPolicies());
    return told;
  };
  const auto incident = [&](const base::v1::Actor& actor) {
    Incident told = TheIncident();
    FillActions(told, actor, desk_.now(), testing::ShippedPolicies());
    return told;
  };
  OrderOn("mall");
  EXPECT_EQ(answer(order(Employee()), "RecordPick"), "allowed");
  EXPECT_EQ(answer(order(Employee()), "ReportIncident"), "allowed");
  EXPECT_EQ(answer(order(Operations()), "RecordPick"), "ROL-02");
  EXPECT_EQ(answer(order(Operations()), "ReportIncident"), "allowed");
  EXPECT_EQ(answer(order(Customer()), "ReportIncident"), "ROL-02");
  const auto picked = Pick({{"l-1", 2}, {"l-2", 2}});
  ASSERT_THAT(picked, IsOk());
  EXPECT_EQ(answer(picked->incident(), "ChooseOption"), "ROL-08") << "not the store's to choose";
  EXPECT_THAT(TheIncident().available_actions(), IsEmpty()) << "no part of the record";
  EXPECT_EQ(answer(incident(Customer()), "ChooseOption"), "allowed");
  EXPECT_EQ(answer(incident(Operations()), "ChooseOption"), "allowed");
  EXPECT_EQ(answer(incident(Customer("c-2")), "ChooseOption"), "ROL-08");
  ASSERT_THAT(PickAll(), IsOk());
  EXPECT_EQ(answer(incident(Customer()), "ChooseOption"), "AVL-03");
  ASSERT_THAT(Send(), IsOk());
  EXPECT_EQ(answer(order(Employee()), "RecordPick"), "AVL-02");
  EXPECT_EQ(answer(order(Employee()), "ReportIncident"), "AVL-05");
}

}  // namespace
}  // namespace makegood::rules
