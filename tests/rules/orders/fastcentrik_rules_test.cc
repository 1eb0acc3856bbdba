#include "common/rules/orders/fastcentrik_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rules/figures/order_figures.h"
#include "common/rules/orders/order_intake.h"
#include "common/rules/orders/order_rules.h"
#include "tests/support/orders_support.h"
#include "tests/support/rules_support.h"

namespace makegood::rules {
namespace {

using events::v1::Event;
using orders::v1::Drift;
using orders::v1::ReportStatusRequest;
using orders::v1::ReportStatusResponse;
using orders::v1::ShopStatus;
using testing::At;
using testing::Connector;
using testing::CreateRequest;
using testing::DeniedBy;
using testing::HoldFor;
using testing::IsOk;
using testing::NamesField;
using testing::Operations;
using testing::RefusedBy;
using testing::SomeOrder;

constexpr auto kAccepted = ReportStatusResponse::OUTCOME_ACCEPTED;
constexpr auto kUnchanged = ReportStatusResponse::OUTCOME_UNCHANGED;
constexpr auto kUnmapped = ReportStatusResponse::OUTCOME_UNMAPPED;

ShopStatus Says(absl::string_view status, absl::string_view date = "") {
  ShopStatus report;
  report.set_order_id("o-1");
  report.set_status(std::string(status));
  report.set_date_of_delivery(std::string(date));
  return report;
}

class FastCentrikTest : public ::testing::Test {
 protected:
  void SetUp() override { Create(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY); }

  void Create(base::v1::PaymentMethod method) {
    desk_ = testing::Desk(At("2026-09-02T10:00+02:00"));
    orders::v1::NewOrder order = SomeOrder();
    order.set_payment_method(method);
    ASSERT_THAT(desk_.As(Operations()).Decide(CreateOrder, CreateRequest(order)), IsOk());
    desk_.As(Connector());
  }

  absl::StatusOr<ReportStatusResponse::Outcome> Report(absl::string_view status,
                                                       absl::string_view date = "") {
    ReportStatusRequest request;
    *request.mutable_report() = Says(status, date);
    const auto response = desk_.Decide(ReportStatus, request);
    if (!response.ok()) return response.status();
    return response->outcome();
  }

  Order Now() const { return desk_.Find<Order>("o-1").value_or(Order()); }

  testing::Desk desk_{At("2026-09-02T10:00+02:00")};
};

#define EXPECT_OUTCOME(report, outcome) EXPECT_THAT(report, testing::IsOkAndHolds(outcome))

TEST_F(FastCentrikTest, ORD_08_WorkedExample2_AnOrdersWholeLifeAndItsReplay) {
  EXPECT_OUTCOME(Report("pending"), kUnchanged);
  EXPECT_OUTCOME(Report("is being handled"), kAccepted);
  EXPECT_EQ(Now().state(), Order::STATE_SHIPPING);
  desk_.MoveTo(At("2026-09-03T15:00+02:00"));
  EXPECT_OUTCOME(Report("settled"), kAccepted);
  EXPECT_EQ(Now().state(), Order::STATE_SHIPPED);
  desk_.MoveTo(At("2026-09-05T09:00+02:00"));
  EXPECT_OUTCOME(Report("settled", "2026-09-04"), kAccepted);
  EXPECT_EQ(Now().state(), Order::STATE_DELIVERED);
  EXPECT_EQ(ToTime(Now().delivered_time()), At("2026-09-04T00:00+02:00"));

  const Order delivered = Now();
  const size_t events = desk_.events().size();
  EXPECT_OUTCOME(Report("pending"), kUnchanged);
  EXPECT_OUTCOME(Report("is being handled"), kUnchanged);
  EXPECT_OUTCOME(Report("settled"), kUnchanged);
  EXPECT_OUTCOME(Report("settled", "2026-09-04"), kUnchanged);
  EXPECT_OUTCOME(Report("Done", "2026-09-04"), kUnchanged);
  EXPECT_EQ(Now().version(), delivered.version());
  EXPECT_EQ(desk_.events().size(), events);
  EXPECT_EQ(desk_.Events(&Event::has_order_delivered).size(), 1u);
}

TEST_F(FastCentrikTest, ORD_08_WorkedExample3_ADateWithAnyOtherStatusIsRefused) {
  EXPECT_OUTCOME(Report("is being handled"), kAccepted);
  for (const char* status : {"is being handled", "in process", "pending", "cancelled", "partially settled"}) {
    EXPECT_THAT(Report(status, "2026-09-02"), RefusedBy("ORD-08")) << status;
  }
  EXPECT_OUTCOME(Report("settled"), kAccepted);
  EXPECT_EQ(Now().state(), Order::STATE_SHIPPED);
  EXPECT_TRUE(desk_.Events(&Event::has_order_delivered).empty()) << "no delivery, so no invoice";
}

TEST_F(FastCentrikTest, ORD_08_StatusesAreReadWithoutRegardToCaseAndSpaces) {
  EXPECT_OUTCOME(Report("  In   PROCESS "), kAccepted);
  EXPECT_EQ(Now().state(), Order::STATE_SHIPPING);
  EXPECT_OUTCOME(Report("Cancelled"), kAccepted);
  EXPECT_EQ(Now().state(), Order::STATE_CANCELLED);
  EXPECT_TRUE(Now().cancellation().merchant_caused());
  EXPECT_OUTCOME(Report("cancelled"), kUnchanged);
  EXPECT_THAT(Report("settled"), RefusedBy("ORD-11"));
}

TEST_F(FastCentrikTest, ORD_08_WhatHasNoPairIsUnmappedAndWhatIsNoStatusIsRefused) {
  const int64_t version = Now().version();
  EXPECT_OUTCOME(Report("partially settled"), kUnmapped);
  EXPECT_THAT(Report("lost"), RefusedBy("ORD-08"));
  EXPECT_EQ(Now().version(), version);
}

TEST_F(FastCentrikTest, ORD_08_OneReportCatchesUpSeveralSteps) {
  desk_.MoveTo(At("2026-09-06T09:00+02:00"));
  EXPECT_OUTCOME(Report("Completed", "2026-09-04"), kAccepted);
  EXPECT_EQ(Now().state(), Order::STATE_DELIVERED);
  EXPECT_EQ(ToTime(Now().delivered_time()), At("2026-09-04T00:00+02:00"));
  EXPECT_EQ(ToTime(Now().handover_time()), At("2026-09-04T00:00+02:00"));
  EXPECT_EQ(desk_.Events(&Event::has_order_shipped).size(), 1u);
  EXPECT_EQ(desk_.Events(&Event::has_order_delivered).size(), 1u);
}

TEST_F(FastCentrikTest, ORD_02_ADateAloneIsItsLocalStartOrTheHandoverIfLater) {
  desk_.MoveTo(At("2026-09-04T14:00+02:00"));
  EXPECT_OUTCOME(Report("settled"), kAccepted);
  EXPECT_THAT(Report("settled", "2026-09-03"), RefusedBy("ORD-02")) << "the day before the handover";
  EXPECT_THAT(Report("settled", "2026-09-05"), RefusedBy("ORD-02")) << "tomorrow";
  EXPECT_THAT(Report("settled", "2026-09-04 13:59"), RefusedBy("ORD-02"));
  EXPECT_OUTCOME(Report("settled", "2026-09-04"), kAccepted);
  EXPECT_EQ(ToTime(Now().delivered_time()), At("2026-09-04T14:00+02:00"));
}

TEST_F(FastCentrikTest, ORD_08_AMomentIsTakenInsteadOfADate) {
  desk_.MoveTo(At("2026-09-06T09:00+02:00"));
  ReportStatusRequest request;
  *request.mutable_report() = Says("Done");
  *request.mutable_report()->mutable_delivered_time() = ToTimestamp(At("2026-09-04T17:30+03:00"));
  const auto response = desk_.Decide(ReportStatus, request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(ToTime(Now().delivered_time()), At("2026-09-04T16:30+02:00"));
  EXPECT_OUTCOME(Report("settled", "2026-09-04 16:30"), kUnchanged) << "the same moment in the policy's zone";

  request.mutable_report()->set_date_of_delivery("2026-09-04");
  EXPECT_THAT(desk_.Decide(ReportStatus, request), NamesField("report.delivered_time"));
  *request.mutable_report() = Says("is being handled");
  *request.mutable_report()->mutable_delivered_time() = ToTimestamp(At("2026-09-04T17:30+03:00"));
  EXPECT_THAT(desk_.Decide(ReportStatus, request), RefusedBy("ORD-08"));
}

TEST_F(FastCentrikTest, ORD_08_ShopStatusesAreKnownWithoutRegardToCase) {
  for (const char* status : {"pending", "In  Process", "DONE", "partially settled"}) {
    EXPECT_TRUE(IsShopStatus(status)) << status;
  }
  EXPECT_FALSE(IsShopStatus("lost"));
}

TEST_F(FastCentrikTest, ORD_02_DoneNeedsADate) {
  EXPECT_THAT(Report("Done"), RefusedBy("ORD-02"));
  EXPECT_THAT(Report("Done", "2026-09-01"), RefusedBy("ORD-02")) << "before the order was opened";
  EXPECT_EQ(Now().state(), Order::STATE_OPEN) << "half a catching up is none";
  EXPECT_TRUE(desk_.Events(&Event::has_order_shipped).empty());
}

TEST_F(FastCentrikTest, SYS_07_ADateThatIsNoneIsNamed) {
  for (const char* date :
       {"4.9.2026", "2026-02-30", "2026-09-04 25:00", "2026-09-04T", "yesterday", "2026-9-4"}) {
    EXPECT_THAT(Report("settled", date), NamesField("report.date_of_delivery")) << date;
  }
}

TEST_F(FastCentrikTest, ORD_05_ADeliveredIsNotMovedToAnotherDate) {
  desk_.MoveTo(At("2026-09-06T09:00+02:00"));
  EXPECT_OUTCOME(Report("settled", "2026-09-04 16:30"), kAccepted);
  EXPECT_OUTCOME(Report("settled", "2026-09-04"), kUnchanged);
  EXPECT_OUTCOME(Report("settled", "2026-09-04 16:30"), kUnchanged);
  EXPECT_THAT(Report("settled", "2026-09-05"), RefusedBy("ORD-05"));
  EXPECT_THAT(Report("settled", "2026-09-04 16:31"), RefusedBy("ORD-05"));
  EXPECT_THAT(Report("cancelled"), RefusedBy("ORD-03"));
}

TEST_F(FastCentrikTest, ORD_01_ABlockedOrderIsNotTheShopsYet) {
  Create(base::v1::PAYMENT_METHOD_PREPAID);
  for (const char* status : {"pending", "is being handled", "settled"}) {
    EXPECT_THAT(Report(status), RefusedBy("ORD-01")) << status;
  }
  EXPECT_THAT(Report("Done", "2026-09-02"), RefusedBy("ORD-01"));
}

TEST_F(FastCentrikTest, ORD_12_AHoldBlocksTheConnectorsHandoverToo) {
  ASSERT_THAT(desk_.As(Operations()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_UNDER_INCIDENT)), IsOk());
  desk_.As(Connector());
  EXPECT_OUTCOME(Report("is being handled"), kAccepted);
  EXPECT_THAT(Report("settled"), RefusedBy("ORD-12"));
  EXPECT_THAT(Report("Done", "2026-09-02"), RefusedBy("ORD-12"));
  EXPECT_EQ(Now().state(), Order::STATE_SHIPPING);
}

TEST_F(FastCentrikTest, ORD_03_KPI_05_ACancellationByTheShopCountsAsTheMerchants) {
  EXPECT_OUTCOME(Report("cancelled"), kAccepted);
  DayTally sum;
  for (const DayTally& tally : desk_.All<DayTally>()) AddTally(tally, sum);
  EXPECT_EQ(sum.cancelled_counted(), 1);
  EXPECT_EQ(desk_.Events(&Event::has_order_cancelled)[0].order_cancelled().initiator(),
            base::v1::INITIATOR_MERCHANT);
}

TEST_F(FastCentrikTest, ROL_11_AConnectorReportsItsOwnStoresOrders) {
  desk_.As(Connector("m-2"));
  EXPECT_THAT(Report("settled"), DeniedBy("ROL-11"));
}

TEST_F(FastCentrikTest, ORD_08_DriftIsWhereTheTwoSidesDisagree) {
  const absl::TimeZone zone =
      testing::ShippedPolicies().DaysOf(**testing::ShippedPolicies().Current("mall")).zone();
  const auto drift = [&](const ShopStatus& report) {
    return CompareStatus(Now(), report, zone, desk_.now());
  };
  EXPECT_FALSE(drift(Says("pending")).has_value());

  std::optional<Drift> ahead = drift(Says("settled"));
  ASSERT_TRUE(ahead.has_value());
  EXPECT_EQ(ahead->state(), Order::STATE_OPEN);
  EXPECT_EQ(ahead->rule_id(), "");

  std::optional<Drift> refused = drift(Says("pending", "2026-09-02"));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->rule_id(), "ORD-08");

  EXPECT_TRUE(drift(Says("partially settled")).has_value());

  EXPECT_OUTCOME(Report("settled"), kAccepted);
  EXPECT_FALSE(drift(Says("settled")).has_value());
  std::optional<Drift> behind = drift(Says("is being handled"));
  ASSERT_TRUE(behind.has_value());
  EXPECT_EQ(behind->rule_id(), "");
  EXPECT_EQ(behind->reason(), "the shop is behind");
  EXPECT_EQ(drift(Says("cancelled"))->rule_id(), "ORD-03");

  const std::optional<Drift> unknown = CompareStatus(std::nullopt, Says("pending"), zone, desk_.now());
  ASSERT_TRUE(unknown.has_value());
  EXPECT_EQ(unknown->state(), Order::STATE_UNSPECIFIED);
}

}  // namespace
}  // namespace makegood::rules
