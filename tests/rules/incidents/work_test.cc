// Whose turn it is with trouble before an order leaves (WRK-01).
#include "tests/rules/incidents/incident_fixture.h"
#include "tests/support/work_support.h"

namespace makegood::rules {
namespace {

using base::v1::WorkItem;
using testing::InShort;

class IncidentWork : public Incidents {
 protected:
  // What waits for people: the order's own, then its incidents'. What is open is what events have said.
  std::vector<std::string> Waiting() {
    EXPECT_EQ(testing::WorkTold(desk_.events()), (testing::WorkOn<Order, Incident>(desk_)));
    std::vector<std::string> all = InShort(RecordTraits<Order>::Waiting(TheOrder()));
    for (const Incident& incident : desk_.All<Incident>()) {
      for (const WorkItem& item : RecordTraits<Incident>::Waiting(incident)) all.push_back(InShort(item));
    }
    return all;
  }
};

TEST_F(IncidentWork, WRK_01_AVL_03_TheCustomerChoosesAndOperationsSeeToIt) {
  OrderOn("tmall");
  EXPECT_THAT(Waiting(), IsEmpty());
  const std::string id = Short().incident_id();
  EXPECT_THAT(Waiting(), ElementsAre("operations see_to_incident by 2026-09-03T08:00+00:00",
                                     "customer choose_option by 2026-09-04T08:00+00:00"));
  for (const WorkItem& item : RecordTraits<Incident>::Waiting(TheIncident())) {
    EXPECT_EQ(item.subject_id(), id) << item.ShortDebugString();
    EXPECT_EQ(item.case_id(), id) << item.ShortDebugString();
  }
  desk_.Advance(absl::Hours(1));
  ASSERT_THAT(Pick({{"l-1", 1}, {"l-2", 2}}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("operations see_to_incident by 2026-09-03T08:00+00:00",
                                     "customer choose_option by 2026-09-04T09:00+00:00"))
      << "asked anew";
  ASSERT_THAT(Choose(kCredit), IsOk());
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(IncidentWork, WRK_01_AVL_03_WhatIsOverdueStillWaits) {
  OrderOn("mall");
  Short();
  RunTimersUntil(placed_ + absl::Hours(50));
  ASSERT_TRUE(TheIncident().overdue());
  EXPECT_THAT(Waiting(), ElementsAre("operations see_to_incident by 2026-09-03T08:00+00:00",
                                     "customer choose_option by 2026-09-03T08:00+00:00"));
  ASSERT_THAT(Choose(kCancel, Operations()), IsOk());
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(IncidentWork, WRK_01_AVL_02_TheMerchantPicksAgainOnceItIsRestocked) {
  OrderOn("mall");
  const std::string id = Short(placed_ + absl::Hours(24)).incident_id();
  EXPECT_THAT(Waiting(), SizeIs(2));
  ASSERT_THAT(Choose(kAwait), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("merchant pick_again by 2026-09-02T08:00+00:00"));
  const auto waiting = RecordTraits<Incident>::Waiting(TheIncident());
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(waiting[0].subject_id(), "o-1");
  EXPECT_EQ(waiting[0].case_id(), id);
  ASSERT_THAT(PickWrong(), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("merchant pick_again by 2026-09-03T08:00+00:00"))
      << "now because something else was picked";
  ASSERT_THAT(PickAll(), IsOk());
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(IncidentWork, WRK_01_AVL_02_TheMerchantPutsAWrongPickRight) {
  OrderOn("mall");
  ASSERT_THAT(PickWrong(), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("merchant pick_again by 2026-09-03T08:00+00:00"));
  Short();
  EXPECT_THAT(Waiting(), ElementsAre("operations see_to_incident by 2026-09-03T08:00+00:00",
                                     "customer choose_option by 2026-09-03T08:00+00:00"));
  ASSERT_THAT(PickAll(), IsOk());
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(IncidentWork, WRK_01_AVL_07_TheMerchantExpeditesAndThenTheCustomerChooses) {
  OrderOn("tmall");
  RunTimersUntil(promised_ + absl::Hours(48));
  EXPECT_THAT(Waiting(), ElementsAre("merchant expedite by 2026-09-03T08:00+00:00",
                                     "merchant answer_supplier_task by 2026-09-08T08:00+00:00"));
  AnswerAll();
  EXPECT_THAT(Waiting(), ElementsAre("merchant expedite by 2026-09-03T08:00+00:00"));
  EXPECT_EQ(RecordTraits<Incident>::Waiting(TheIncident())[0].subject_id(), "o-1");
  RunTimersUntil(promised_ + absl::Hours(96));
  EXPECT_THAT(Waiting(), ElementsAre("operations see_to_incident by 2026-09-03T08:00+00:00",
                                     "merchant expedite by 2026-09-03T08:00+00:00",
                                     "customer choose_option by 2026-09-10T08:00+00:00",
                                     "merchant answer_supplier_task by 2026-09-10T08:00+00:00"));
  AnswerAll();
  ASSERT_THAT(Send(), IsOk());
  Follow();
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(IncidentWork, WRK_01_AVL_06_WhatIsTooLargeWaitsForTheCustomer) {
  OrderOn("flowwow");
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_OVERSIZE), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("operations see_to_incident by 2026-09-01T10:00+00:00",
                                     "customer choose_option by 2026-09-01T10:00+00:00"))
      << "as soon as nobody has chosen in time";
}

TEST_F(IncidentWork, WRK_01_AVL_04_WhatIsCancelledAtOnceIsNobodysWork) {
  OrderOn("mall");
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_NO_STOCK), IsOk());
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(IncidentWork, WRK_01_ORD_12_TheHoldOfAnIncidentIsNoWorkOfItsOwn) {
  OrderOn("tmall");
  Short();
  ASSERT_THAT(Holds(), SizeIs(1));
  EXPECT_THAT(InShort(RecordTraits<Order>::Waiting(TheOrder())), IsEmpty());
  ASSERT_THAT(desk_.As(Manager()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_STOCK_SHORTAGE)), IsOk());
  EXPECT_THAT(InShort(RecordTraits<Order>::Waiting(TheOrder())), ElementsAre("merchant release_hold"));
  EXPECT_THAT(Waiting(), SizeIs(3));
  ASSERT_THAT(PickAll(), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("merchant release_hold")) << "people's own hold stays";
  EXPECT_THAT(Send(), RefusedBy("ORD-12"));
}

// What lists of what is open go by.
TEST_F(IncidentWork, WRK_01_AVL_03_AnOpenIncidentIsListedByWhatItWaitsFor) {
  OrderOn("mall");
  const absl::Time restock = placed_ + absl::Hours(24);
  RecordColumns columns = RecordTraits<Incident>::Columns(Short(restock));
  EXPECT_EQ(columns.order_id, "o-1");
  EXPECT_EQ(columns.merchant_id, "m-1");
  EXPECT_EQ(columns.customer_id, "c-1001");
  EXPECT_EQ(columns.group, "STATE_OPEN");
  EXPECT_EQ(columns.open_at, "mall");
  EXPECT_EQ(columns.due, placed_ + absl::Hours(48));
  ASSERT_THAT(Choose(kAwait), IsOk());
  columns = RecordTraits<Incident>::Columns(TheIncident());
  EXPECT_EQ(columns.group, "STATE_AWAITING_RESTOCK");
  EXPECT_EQ(columns.open_at, "mall");
  EXPECT_EQ(columns.due, restock);
  ASSERT_THAT(Choose(kCredit), IsOk());
  columns = RecordTraits<Incident>::Columns(TheIncident());
  EXPECT_EQ(columns.group, "STATE_CLOSED");
  EXPECT_EQ(columns.open_at, "");
}

}  // namespace
}  // namespace makegood::rules
