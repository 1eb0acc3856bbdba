// One cause, one incident, whatever finds it and whatever happens meanwhile.
#include "tests/rules/incidents/incident_fixture.h"

namespace makegood::rules {
namespace {

TEST_F(Incidents, AVL_02_WhatWasReportedAndThenPickedIsOneIncident) {
  OrderOn("default");
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_NO_STOCK), IsOk());
  const std::string id = TheIncident().incident_id();
  ASSERT_THAT(Pick({}), IsOk());
  EXPECT_EQ(TheIncident().incident_id(), id);
  EXPECT_THAT(TheOrder().holds(), SizeIs(1));
  ASSERT_THAT(Pick({{"l-1", 1}}), IsOk());
  EXPECT_EQ(Now(id).outcome(), base::v1::INCIDENT_OUTCOME_SUPERSEDED);
  EXPECT_EQ(TheIncident().kind(), base::v1::INCIDENT_KIND_SHORT_PICK);
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_NO_STOCK), IsOk());
  EXPECT_THAT(TheOrder().holds(), SizeIs(1)) << "of the last that is open";
}

TEST_F(Incidents, AVL_02_AFullPickTakesASlipOfTheHandBack) {
  OrderOn("flowwow");
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_NO_STOCK), IsOk());
  ASSERT_THAT(PickAll(), IsOk());
  EXPECT_EQ(TheIncident().outcome(), base::v1::INCIDENT_OUTCOME_RECTIFIED);
  EXPECT_THAT(Send(), IsOk());
}

TEST_F(Incidents, ROL_05_AVL_04_AnEmployeesReportAsksAndCancelsNothing) {
  OrderOn("mall");
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_NO_STOCK, Employee()), IsOk());
  EXPECT_EQ(TheOrder().state(), Order::STATE_OPEN);
  EXPECT_THAT(TheIncident().options(), SizeIs(1));
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_NO_STOCK, Manager()), IsOk());
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED);
}

TEST_F(Incidents, AVL_02_EachLineIsTold) {
  OrderOn("mall");
  auto request = PickOf({{"l-1", 3}});
  request.mutable_units()->RemoveLast();
  EXPECT_THAT(desk_.As(Employee()).Decide(RecordPick, request), NamesField("units"));
}

TEST_F(Incidents, AVL_03_RFD_01_WhatWasTakenOffMeanwhileCancelsNothing) {
  OrderOn("mall");
  ASSERT_THAT(Pick({{"l-1", 1}, {"l-2", 2}}), IsOk());
  ASSERT_THAT(TakeOff("l-1", 2), IsOk());
  ASSERT_THAT(TakeOff("l-2", 2), IsOk());
  ASSERT_THAT(Choose(kCredit), IsOk());
  EXPECT_EQ(TheIncident().outcome(), base::v1::INCIDENT_OUTCOME_CREDITED);
  EXPECT_EQ(TheOrder().state(), Order::STATE_SHIPPING) << "one unit is there";
  EXPECT_EQ(TheOrder().lines(0).taken_off(), 2);
}

TEST_F(Incidents, AVL_03_OtherUnitsAreAskedAboutThoughTheyAreAsMany) {
  OrderOn("mall");
  const absl::Time restock = placed_ + absl::Hours(30);
  ASSERT_THAT(Pick({{"l-1", 2}, {"l-2", 2}}, restock), IsOk());
  ASSERT_THAT(Choose(kAwait), IsOk());
  ASSERT_THAT(Pick({{"l-1", 3}, {"l-2", 1}}, restock), IsOk());
  EXPECT_EQ(TheIncident().state(), Incident::STATE_OPEN);
  EXPECT_EQ(TheIncident().chosen(), base::v1::INCIDENT_OPTION_UNSPECIFIED);
}

TEST_F(Incidents, AVL_03_WhoWaitsGoesOnWaitingForLess) {
  OrderOn("mall");
  const absl::Time restock = placed_ + absl::Hours(30);
  ASSERT_THAT(Pick({{"l-1", 1}, {"l-2", 2}}, restock), IsOk());
  ASSERT_THAT(Choose(kAwait), IsOk());
  ASSERT_THAT(Pick({{"l-1", 2}, {"l-2", 2}}, restock), IsOk());
  EXPECT_EQ(TheIncident().state(), Incident::STATE_AWAITING_RESTOCK);
  EXPECT_EQ(TheIncident().units(0).quantity(), 1);
}

TEST_F(Incidents, ORD_12_NobodyPlacesAnIncidentsHoldByHand) {
  OrderOn("mall");
  const Incident incident = Short();
  const auto hold = HoldFor(base::v1::HOLD_NAME_UNDER_INCIDENT, incident.incident_id());
  EXPECT_THAT(desk_.As(Employee()).Decide(PlaceHold, hold), NamesField("reference_id"));
  auto release = About<orders::v1::ReleaseHoldRequest>("o-1");
  release.set_hold(base::v1::HOLD_NAME_STOCK_SHORTAGE);
  release.set_reference_id(incident.incident_id());
  EXPECT_THAT(desk_.As(Operations()).Decide(ReleaseHold, release), DeniedBy("ORD-12"));
  ASSERT_THAT(desk_.As(Service()).Decide(ReleaseHold, release), IsOk());
  ASSERT_THAT(Pick({{"l-1", 1}, {"l-2", 2}}), IsOk());
  EXPECT_THAT(TheOrder().holds(), SizeIs(1)) << "found again, it holds again";
}

TEST_F(Incidents, AVL_07_WhatIsHeldIsNotLateByItsMerchant) {
  OrderOn("tmall");
  (void)Short();
  desk_.Advance(promised_ + absl::Hours(48) - desk_.now());
  ASSERT_THAT(desk_.As(Service()).Decide(MarkShipmentOverdue, "o-1"), IsOk());
  EXPECT_EQ(TheIncident().kind(), base::v1::INCIDENT_KIND_SHORT_PICK) << "it is looked at again later";
  const auto later = desk_.Tasks(kShipmentOverdue);
  const absl::Time again = desk_.now() + absl::Hours(24);
  EXPECT_TRUE(std::any_of(later.begin(), later.end(), [&](const Task& task) { return task.due == again; }));
}

TEST_F(Incidents, AVL_07_TheTimeToExpediteBeginsWhenItIsAskedFor) {
  OrderOn("default");
  (void)Short();
  RunTimersUntil(promised_ + absl::Hours(50));
  ASSERT_THAT(PickAll(), IsOk());
  RunTimersUntil(promised_ + absl::Hours(72));
  EXPECT_EQ(TheIncident().kind(), base::v1::INCIDENT_KIND_OVERDUE) << "looked at again a day later";
  RunTimersUntil(promised_ + absl::Hours(119));
  EXPECT_EQ(TheIncident().kind(), base::v1::INCIDENT_KIND_OVERDUE);
  RunTimersUntil(promised_ + absl::Hours(120));
  EXPECT_EQ(TheIncident().kind(), base::v1::INCIDENT_KIND_NO_STOCK);
}

}  // namespace
}  // namespace makegood::rules
