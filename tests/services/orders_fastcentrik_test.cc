// The FastCentrik connector's methods: export, import, drift (ORD-01, ORD-08).
#include "tests/services/orders_fixture.h"

namespace makegood::testing {
namespace {

TEST_F(OrdersTest, ORD_01_ORD_08_WorkedExample1_OnlyTheOpenOrderIsExported) {
  ASSERT_THAT(Create(SomeOrder("o-prepaid")), IsOk());
  ASSERT_THAT(CreateOpen("o-cod"), IsOk());
  orders::v1::ExportOrdersRequest request;
  request.set_merchant_id("m-1");
  const auto exported = Call(Connector(), &FastCentrikService::Stub::ExportOrders, request);
  ASSERT_THAT(exported, IsOk());
  ASSERT_EQ(exported->orders_size(), 1);
  EXPECT_EQ(exported->orders(0).order().order_id(), "o-cod");
  EXPECT_EQ(exported->orders(0).status(), "pending");
  EXPECT_THAT(Call(Connector("m-2"), &FastCentrikService::Stub::ExportOrders, request), DeniedBy("ROL-11"));
}

TEST_F(OrdersTest, ORD_08_WorkedExample2_FromPendingToDeliveredAndAllOfItAgain) {
  ASSERT_THAT(CreateOpen(), IsOk());
  ASSERT_THAT(Report("pending"), IsOk());
  ASSERT_THAT(Report("is being handled"), IsOk());
  ASSERT_THAT(Report("settled"), IsOk());
  service_.MoveTo(At("2026-09-05T09:00+02:00"));
  ASSERT_THAT(Report("settled", "2026-09-04"), IsOk());
  EXPECT_EQ(rules::ToTime(Get().delivered_time()), At("2026-09-04T00:00+02:00"));
  const int64_t version = Get().version();
  for (const auto& [status, date] : std::vector<std::pair<const char*, const char*>>{
           {"pending", ""}, {"is being handled", ""}, {"settled", ""}, {"settled", "2026-09-04"}}) {
    const auto again = Report(status, date);
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(again->outcome(), ReportStatusResponse::OUTCOME_UNCHANGED);
  }
  EXPECT_EQ(Get().version(), version);
  service_.Settle();
  int delivered = 0;
  for (const TimelineEntry& entry : Timeline(Operations())) delivered += entry.event().has_order_delivered();
  EXPECT_EQ(delivered, 1);
  EXPECT_EQ(FigureOf("KPI-01").numerator(), 1);
}

TEST_F(OrdersTest, ORD_08_WorkedExample3_ADateWithoutSettledIsRefused) {
  ASSERT_THAT(CreateOpen(), IsOk());
  ASSERT_THAT(Report("is being handled"), IsOk());
  EXPECT_THAT(Report("is being handled", "2026-09-02"), RefusedBy("ORD-08"));
  EXPECT_EQ(Get().state(), Order::STATE_SHIPPING);
}

TEST_F(OrdersTest, ORD_08_TheDriftReportListsWhatDisagrees) {
  ASSERT_THAT(CreateOpen("o-1"), IsOk());
  ASSERT_THAT(CreateOpen("o-2"), IsOk());
  NewOrder foreign = SomeOrder("o-3");
  foreign.set_merchant_id("m-2");
  ASSERT_THAT(Create(foreign), IsOk());
  orders::v1::CompareStatusesRequest request;
  request.set_merchant_id("m-1");
  for (const char* id : {"o-1", "o-2", "o-3", "o-4"}) {
    auto& report = *request.add_reports();
    report.set_order_id(id);
    report.set_status(std::string(id) == "o-2" ? "settled" : "pending");
  }
  const auto drift = Call(Connector(), &FastCentrikService::Stub::CompareStatuses, request);
  ASSERT_THAT(drift, IsOk());
  std::vector<std::string> ids;
  for (const auto& row : drift->drifts()) ids.push_back(row.order_id());
  EXPECT_THAT(ids, ElementsAre("o-2", "o-3", "o-4"));
  EXPECT_EQ(drift->drifts(1).state(), Order::STATE_UNSPECIFIED) << "another merchant's order is not shown";
}

}  // namespace
}  // namespace makegood::testing
