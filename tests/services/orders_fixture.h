// The orders service as its tests meet it: a real store, a real server, its own stubs.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "makegood/base/v1/policy.grpc.pb.h"
#include "makegood/orders/v1/contacts_service.grpc.pb.h"
#include "makegood/orders/v1/fastcentrik_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "makegood/orders/v1/scorecard_service.grpc.pb.h"
#include "makegood/orders/v1/timeline_service.grpc.pb.h"
#include "services/orders/orders_app.h"
#include "tests/support/orders_support.h"
#include "tests/support/service_support.h"

namespace makegood::testing {

using base::v1::Actor;
using base::v1::PolicyService;
using events::v1::Event;
using orders::v1::Contact;
using orders::v1::ContactsService;
using orders::v1::FastCentrikService;
using orders::v1::GetScorecardRequest;
using orders::v1::HandOverRequest;
using orders::v1::ListOrdersRequest;
using orders::v1::ListTimelineRequest;
using orders::v1::NewOrder;
using orders::v1::Order;
using orders::v1::OrdersService;
using orders::v1::ReportStatusRequest;
using orders::v1::ReportStatusResponse;
using orders::v1::ScorecardService;
using orders::v1::StartShippingRequest;
using orders::v1::TimelineEntry;
using orders::v1::TimelineService;
using ::testing::ElementsAre;

class OrdersTest : public ::testing::Test {
 protected:
  OrdersTest() { Connect(); }

  void Connect() { channel_ = service_.channel(); }

  // Any method of any service of the process.
  template <typename Stub, typename Request, typename Reply>
  absl::StatusOr<Reply> Call(const Actor& actor,
                             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                             Request request, absl::string_view request_id = "") {
    if constexpr (requires { request.mutable_command(); }) {
      if (!request_id.empty()) request.mutable_command()->set_request_id(std::string(request_id));
      if (request.command().request_id().empty()) {
        request.mutable_command()->set_request_id(absl::StrCat("r-", ++requests_));
      }
    }
    Stub stub(channel_);
    return ServiceUnderTest::Call(actor, stub, method, request);
  }

  absl::StatusOr<ReportStatusResponse> Report(absl::string_view status, absl::string_view date = "",
                                              absl::string_view order_id = "o-1") {
    ReportStatusRequest request;
    request.mutable_report()->set_order_id(std::string(order_id));
    request.mutable_report()->set_status(std::string(status));
    request.mutable_report()->set_date_of_delivery(std::string(date));
    return Call(Connector(), &FastCentrikService::Stub::ReportStatus, request);
  }

  absl::StatusOr<Order> Create(const NewOrder& order) {
    return Call(Operations(), &OrdersService::Stub::CreateOrder, CreateRequest(order));
  }

  absl::StatusOr<Order> CreateOpen(absl::string_view order_id = "o-1") {
    NewOrder order = SomeOrder(order_id);
    order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
    return Create(order);
  }

  Order Get(absl::string_view order_id = "o-1") {
    const auto order =
        Call(Operations(), &OrdersService::Stub::GetOrder, About<orders::v1::GetOrderRequest>(order_id));
    EXPECT_THAT(order, IsOk());
    return order.value_or(Order());
  }

  std::vector<TimelineEntry> Timeline(const Actor& actor, absl::string_view after = "",
                                      absl::string_view order_id = "o-1") {
    auto request = About<ListTimelineRequest>(order_id);
    request.set_resume_token(std::string(after));
    const auto page = Call(actor, &TimelineService::Stub::ListTimeline, request);
    EXPECT_THAT(page, IsOk());
    if (!page.ok()) return {};
    return {page->entries().begin(), page->entries().end()};
  }

  // The figure of that rule for September 2026.
  orders::v1::Figure FigureOf(absl::string_view rule_id) {
    GetScorecardRequest request;
    request.set_marketplace("mall");
    request.set_merchant_id("m-1");
    request.set_first_day("2026-09-01");
    request.set_last_day("2026-09-30");
    const auto scorecard = Call(Manager(), &ScorecardService::Stub::GetScorecard, request);
    EXPECT_THAT(scorecard, IsOk());
    if (scorecard.ok()) {
      for (const auto& figure : scorecard->figures()) {
        if (figure.rule_id() == rule_id) return figure;
      }
    }
    ADD_FAILURE() << "no figure " << rule_id;
    return {};
  }

  static Event Paid(absl::string_view order_id = "o-1") {
    Event event;
    event.set_order_id(std::string(order_id));
    event.mutable_payment_recorded()->set_accepted(true);
    event.mutable_payment_recorded()->set_order_paid(true);
    event.mutable_payment_recorded()->mutable_amount()->set_amount_minor(3630);
    event.mutable_payment_recorded()->mutable_amount()->set_currency("EUR");
    return event;
  }

  ServiceUnderTest service_{"orders", services::OrdersKind(), At("2026-09-02T10:00+02:00")};
  std::shared_ptr<grpc::Channel> channel_;
  int requests_ = 0;
};

inline std::vector<std::string> TextsOf(const std::vector<TimelineEntry>& entries) {
  std::vector<std::string> texts;
  for (const TimelineEntry& entry : entries) texts.push_back(entry.text());
  return texts;
}

}  // namespace makegood::testing
