// The orders service through its own stubs, on a real store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "makegood/base/v1/policy.grpc.pb.h"
#include "makegood/orders/v1/fastcentrik_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "services/orders/orders_app.h"
#include "tests/support/orders_support.h"
#include "tests/support/service_support.h"

namespace makegood {
namespace {

using base::v1::Actor;
using base::v1::PolicyService;
using events::v1::Event;
using orders::v1::Contact;
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
using orders::v1::StartShippingRequest;
using orders::v1::TimelineEntry;
using testing::About;
using testing::At;
using testing::Connector;
using testing::CreateRequest;
using testing::Customer;
using testing::DeniedBy;
using ::testing::ElementsAre;
using testing::IsOk;
using testing::Manager;
using testing::NamesField;
using testing::Operations;
using testing::RefusedBy;
using testing::ServiceUnderTest;
using testing::SomeOrder;
using testing::StatusIs;

class OrdersTest : public ::testing::Test {
 protected:
  OrdersTest() { Connect(); }

  void Connect() {
    orders_ = OrdersService::NewStub(service_.channel());
    shop_ = FastCentrikService::NewStub(service_.channel());
  }

  template <typename Request, typename Reply>
  absl::StatusOr<Reply> Call(const Actor& actor,
                             grpc::Status (OrdersService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                         Reply*),
                             Request request, absl::string_view request_id = "") {
    if constexpr (requires { request.mutable_command(); }) {
      if (!request_id.empty()) request.mutable_command()->set_request_id(std::string(request_id));
      if (request.command().request_id().empty()) {
        request.mutable_command()->set_request_id(absl::StrCat("r-", ++requests_));
      }
    }
    return ServiceUnderTest::Call(actor, *orders_, method, request);
  }

  absl::StatusOr<ReportStatusResponse> Report(absl::string_view status, absl::string_view date = "",
                                              absl::string_view order_id = "o-1") {
    ReportStatusRequest request;
    request.mutable_command()->set_request_id(absl::StrCat("r-", ++requests_));
    request.mutable_report()->set_order_id(std::string(order_id));
    request.mutable_report()->set_status(std::string(status));
    request.mutable_report()->set_date_of_delivery(std::string(date));
    return ServiceUnderTest::Call(Connector(), *shop_, &FastCentrikService::Stub::ReportStatus, request);
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
    const auto page = Call(actor, &OrdersService::Stub::ListTimeline, request);
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
    const auto scorecard = Call(Manager(), &OrdersService::Stub::GetScorecard, request);
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
  std::unique_ptr<OrdersService::Stub> orders_;
  std::unique_ptr<FastCentrikService::Stub> shop_;
  int requests_ = 0;
};

std::vector<std::string> TextsOf(const std::vector<TimelineEntry>& entries) {
  std::vector<std::string> texts;
  for (const TimelineEntry& entry : entries) texts.push_back(entry.text());
  return texts;
}

TEST_F(OrdersTest, ORD_01_ORD_08_WorkedExample1_OnlyTheOpenOrderIsExported) {
  ASSERT_THAT(Create(SomeOrder("o-prepaid")), IsOk());
  ASSERT_THAT(CreateOpen("o-cod"), IsOk());
  orders::v1::ExportOrdersRequest request;
  request.set_merchant_id("m-1");
  const auto exported =
      ServiceUnderTest::Call(Connector(), *shop_, &FastCentrikService::Stub::ExportOrders, request);
  ASSERT_THAT(exported, IsOk());
  ASSERT_EQ(exported->orders_size(), 1);
  EXPECT_EQ(exported->orders(0).order().order_id(), "o-cod");
  EXPECT_EQ(exported->orders(0).status(), "pending");
  EXPECT_THAT(
      ServiceUnderTest::Call(Connector("m-2"), *shop_, &FastCentrikService::Stub::ExportOrders, request),
      DeniedBy("ROL-11"));
}

TEST_F(OrdersTest, ORD_01_APaymentThatPaymentsTellsOfOpensTheOrder) {
  ASSERT_THAT(Create(SomeOrder()), IsOk());
  service_.Happens("payments", Paid());
  service_.Settle();
  EXPECT_EQ(Get().state(), Order::STATE_OPEN);
  EXPECT_TRUE(Get().paid());
  EXPECT_TRUE(service_.Stuck().empty());
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
  const auto drift =
      ServiceUnderTest::Call(Connector(), *shop_, &FastCentrikService::Stub::CompareStatuses, request);
  ASSERT_THAT(drift, IsOk());
  std::vector<std::string> ids;
  for (const auto& row : drift->drifts()) ids.push_back(row.order_id());
  EXPECT_THAT(ids, ElementsAre("o-2", "o-3", "o-4"));
  EXPECT_EQ(drift->drifts(1).state(), Order::STATE_UNSPECIFIED) << "another merchant's order is not shown";
}

TEST_F(OrdersTest, ORD_09_AvailableActionsAreTheCallersAndNotTheRecords) {
  ASSERT_THAT(CreateOpen(), IsOk());
  const auto allowed = [&](const Actor& actor, absl::string_view name) {
    const auto order = Call(actor, &OrdersService::Stub::GetOrder, About<orders::v1::GetOrderRequest>("o-1"));
    EXPECT_THAT(order, IsOk());
    for (const auto& action : order->available_actions()) {
      if (action.action() == name) return action;
    }
    ADD_FAILURE() << "no action " << name;
    return base::v1::AvailableAction();
  };
  EXPECT_TRUE(allowed(Manager(), "StartShipping").allowed());
  EXPECT_EQ(allowed(Customer(), "StartShipping").rule_id(), "ROL-02");
  EXPECT_TRUE(allowed(Customer(), "CancelOrder").allowed());
  EXPECT_EQ(allowed(Manager(), "MarkReturned").rule_id(), "ORD-11");
  EXPECT_FALSE(allowed(Manager(), "MarkReturned").reason().empty());
}

TEST_F(OrdersTest, ORD_10_TheTimelineHoldsAllServicesEventsOnce) {
  ASSERT_THAT(Create(SomeOrder()), IsOk());
  service_.Settle();
  service_.Happens("payments", Paid());
  service_.Settle();
  Event chat;
  chat.set_order_id("o-1");
  chat.mutable_chat_posted();
  service_.Happens("notifications", chat);
  Event claim;
  claim.set_order_id("o-1");
  claim.mutable_compliance_incident_raised();
  service_.Happens("claims", claim);
  service_.Settle();

  const auto customers = Timeline(Customer());
  EXPECT_THAT(TextsOf(customers),
              ::testing::UnorderedElementsAre(
                  "We received your order over 36.30 EUR.", "We received your payment of 36.30 EUR.",
                  "Your order was passed on to the seller.", "There is a new message in your order's chat."));
  for (const TimelineEntry& entry : customers) EXPECT_FALSE(entry.has_event());
  EXPECT_EQ(Timeline(Operations()).size(), 5u);
  EXPECT_THAT(Timeline(Customer(), customers.back().resume_token()), ::testing::IsEmpty());
  EXPECT_EQ(Timeline(Customer(), customers.front().resume_token()).size(), 3u);

  service_.Restart();
  Connect();
  service_.Settle();
  EXPECT_EQ(Timeline(Operations()).size(), 5u) << "nothing is told twice after a restart";

  auto wrong = About<ListTimelineRequest>("o-1");
  wrong.set_resume_token("5");
  EXPECT_THAT(Call(Operations(), &OrdersService::Stub::ListTimeline, wrong), NamesField("resume_token"));
  EXPECT_THAT(Call(Customer("c-1002"), &OrdersService::Stub::ListTimeline, About<ListTimelineRequest>("o-1")),
              DeniedBy("ROL-11"));
}

TEST_F(OrdersTest, ORD_10_AStreamTellsWhatIsThereAndThenWhatComes) {
  ASSERT_THAT(CreateOpen(), IsOk());
  service_.Settle();
  grpc::ClientContext context;
  rpc::Prepare(context, Customer(), absl::Seconds(30));
  orders::v1::StreamTimelineRequest request;
  request.set_order_id("o-1");
  auto stream = orders_->StreamTimeline(&context, request);
  TimelineEntry entry;
  ASSERT_TRUE(stream->Read(&entry));
  EXPECT_EQ(entry.text(), "We received your order over 36.30 EUR.");
  const std::string first = entry.resume_token();
  ASSERT_TRUE(stream->Read(&entry));
  EXPECT_EQ(entry.text(), "Your order was passed on to the seller.");

  std::thread merchant([&] {
    EXPECT_THAT(Call(Manager(), &OrdersService::Stub::StartShipping, About<StartShippingRequest>("o-1")),
                IsOk());
  });
  ASSERT_TRUE(stream->Read(&entry)) << "a commit wakes the stream";
  merchant.join();
  EXPECT_EQ(entry.text(), "The seller is preparing your order.");
  context.TryCancel();
  EXPECT_FALSE(stream->Read(&entry));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);

  grpc::ClientContext again;
  rpc::Prepare(again, Customer(), absl::Seconds(30));
  request.set_resume_token(first);
  stream = orders_->StreamTimeline(&again, request);
  ASSERT_TRUE(stream->Read(&entry));
  EXPECT_EQ(entry.text(), "Your order was passed on to the seller.") << "from the token on";
  again.TryCancel();
  EXPECT_FALSE(stream->Finish().ok());
}

TEST_F(OrdersTest, ORD_10_AStreamOfAnothersOrderOrOfNoneIsRefused) {
  ASSERT_THAT(CreateOpen(), IsOk());
  const auto refused = [&](const Actor& actor, absl::string_view order_id, absl::string_view token) {
    grpc::ClientContext context;
    rpc::Prepare(context, actor, absl::Seconds(10));
    orders::v1::StreamTimelineRequest request;
    request.set_order_id(std::string(order_id));
    request.set_resume_token(std::string(token));
    auto stream = orders_->StreamTimeline(&context, request);
    TimelineEntry entry;
    EXPECT_FALSE(stream->Read(&entry));
    return rpc::FromGrpc(stream->Finish());
  };
  EXPECT_THAT(refused(Customer("c-1002"), "o-1", ""), DeniedBy("ROL-11"));
  EXPECT_THAT(refused(Customer(), "o-2", ""), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(refused(Customer(), "o-1", "nonsense"), NamesField("resume_token"));
  EXPECT_THAT(refused(testing::Courier(), "o-1", ""), StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(OrdersTest, ORD_10_OpenStreamsDoNotKeepAServerFromDraining) {
  ASSERT_THAT(CreateOpen(), IsOk());
  service_.Settle();
  grpc::ClientContext context;
  rpc::Prepare(context, Customer(), absl::Seconds(30));
  orders::v1::StreamTimelineRequest request;
  request.set_order_id("o-1");
  auto stream = orders_->StreamTimeline(&context, request);
  TimelineEntry entry;
  ASSERT_TRUE(stream->Read(&entry));
  const absl::Time start = absl::Now();
  std::thread restart([&] { service_.Restart(); });
  while (stream->Read(&entry)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  stream.reset();
  restart.join();
  EXPECT_LT(absl::Now() - start, absl::Seconds(8)) << "sooner than the drain's own deadline";
}

TEST_F(OrdersTest, AVL_04_KPI_05_WorkedExample4_AnUnavailableOrderCountsInTheCancelRate) {
  ASSERT_THAT(CreateOpen(), IsOk());
  ASSERT_THAT(Call(Manager(), &OrdersService::Stub::StartShipping, About<StartShippingRequest>("o-1")),
              IsOk());
  const auto cancel = testing::CancelFor(base::v1::INITIATOR_MERCHANT, base::v1::CANCEL_REASON_UNAVAILABLE);
  ASSERT_THAT(Call(Manager(), &OrdersService::Stub::CancelOrder, cancel), IsOk());
  EXPECT_EQ(FigureOf("KPI-05").numerator(), 1);
  EXPECT_EQ(FigureOf("KPI-05").denominator(), 1);
  EXPECT_EQ(FigureOf("KPI-05").verdict(), orders::v1::Figure::VERDICT_MISSED);

  ASSERT_THAT(CreateOpen("o-2"), IsOk());
  ASSERT_THAT(Call(Manager(), &OrdersService::Stub::HandOver, About<HandOverRequest>("o-2")), IsOk());
  const auto late =
      testing::CancelFor(base::v1::INITIATOR_MERCHANT, base::v1::CANCEL_REASON_UNAVAILABLE, "o-2");
  EXPECT_THAT(Call(Manager(), &OrdersService::Stub::CancelOrder, late), RefusedBy("ORD-03"));
  EXPECT_EQ(FigureOf("KPI-05").numerator(), 1);
  EXPECT_EQ(FigureOf("KPI-05").denominator(), 2);
}

TEST_F(OrdersTest, ROL_01_ROL_04_ROL_07_RolesAreTheContracts) {
  EXPECT_THAT(Call(Customer(), &OrdersService::Stub::CreateOrder, CreateRequest(SomeOrder())),
              DeniedBy("ROL-01"));
  ASSERT_THAT(CreateOpen(), IsOk());
  EXPECT_THAT(Call(Customer(), &OrdersService::Stub::StartShipping, About<StartShippingRequest>("o-1")),
              DeniedBy("ROL-02"));
  orders::v1::MarkReturnedRequest returned = About<orders::v1::MarkReturnedRequest>("o-1");
  returned.set_cause(base::v1::RETURN_CAUSE_UNCOLLECTED);
  EXPECT_THAT(Call(Connector(), &OrdersService::Stub::MarkReturned, returned), DeniedBy("ROL-04"));
  auto number = About<orders::v1::AssignReturnNumberRequest>("o-1");
  number.set_return_number("4712345678");
  EXPECT_THAT(Call(Manager(), &OrdersService::Stub::AssignReturnNumber, number), DeniedBy("ROL-07"));
}

TEST_F(OrdersTest, ROL_11_ListsHoldTheCallersOwnOrders) {
  ASSERT_THAT(CreateOpen("o-1"), IsOk());
  ASSERT_THAT(Create(SomeOrder("o-2")), IsOk());
  NewOrder other = SomeOrder("o-3");
  other.set_customer_id("c-1002");
  other.set_merchant_id("m-2");
  ASSERT_THAT(Create(other), IsOk());
  ListOrdersRequest request;
  EXPECT_THAT(Call(Customer(), &OrdersService::Stub::ListOrders, request), DeniedBy("ROL-11"));
  request.set_customer_id("c-1001");
  EXPECT_EQ(Call(Customer(), &OrdersService::Stub::ListOrders, request)->orders_size(), 2);
  EXPECT_THAT(Call(Customer("c-1002"), &OrdersService::Stub::ListOrders, request), DeniedBy("ROL-11"));
  request.Clear();
  request.set_merchant_id("m-2");
  EXPECT_EQ(Call(Manager("m-2"), &OrdersService::Stub::ListOrders, request)->orders(0).order_id(), "o-3");
  request.Clear();
  request.set_page_size(2);
  const auto page = Call(Operations(), &OrdersService::Stub::ListOrders, request);
  ASSERT_EQ(page->orders_size(), 2);
  request.set_page_token(page->next_page_token());
  EXPECT_EQ(Call(Operations(), &OrdersService::Stub::ListOrders, request)->orders_size(), 1);
  request.Clear();
  request.set_state(Order::STATE_OPEN);
  EXPECT_EQ(Call(Operations(), &OrdersService::Stub::ListOrders, request)->orders(0).order_id(), "o-1");
}

TEST_F(OrdersTest, SYS_02_ARepeatedCommandAnswersWithItsFirstReply) {
  const auto first = Create(SomeOrder());
  ASSERT_THAT(first, IsOk());
  const auto again = Create(SomeOrder());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  EXPECT_THAT(Call(Operations(), &OrdersService::Stub::CreateOrder, CreateRequest(SomeOrder()), "another"),
              StatusIs(absl::StatusCode::kAlreadyExists));
  NewOrder changed = SomeOrder();
  changed.set_delivery_fee_minor(1);
  EXPECT_THAT(Create(changed), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(OrdersTest, SYS_03_SYS_04_ValidateOnlyAndExpectedVersions) {
  ASSERT_THAT(CreateOpen(), IsOk());
  auto request = About<StartShippingRequest>("o-1");
  request.mutable_command()->set_validate_only(true);
  const auto preview = Call(Manager(), &OrdersService::Stub::StartShipping, request);
  ASSERT_THAT(preview, IsOk());
  EXPECT_EQ(preview->state(), Order::STATE_SHIPPING);
  EXPECT_EQ(Get().state(), Order::STATE_OPEN);
  request.mutable_command()->Clear();
  request.mutable_command()->set_expected_version(7);
  EXPECT_THAT(Call(Manager(), &OrdersService::Stub::StartShipping, request),
              StatusIs(absl::StatusCode::kAborted));
  request.mutable_command()->set_expected_version(1);
  EXPECT_THAT(Call(Manager(), &OrdersService::Stub::StartShipping, request), IsOk());
}

TEST_F(OrdersTest, SYS_07_FieldsAreCheckedBeforeAnyDecision) {
  NewOrder order = SomeOrder();
  order.clear_customer_id();
  order.mutable_lines(0)->set_quantity(0);
  const auto refused = Create(order);
  EXPECT_THAT(refused, NamesField("order.customer_id"));
  EXPECT_THAT(refused, NamesField("order.lines[0].quantity"));
}

TEST_F(OrdersTest, SYS_09_ContactsAreReadByThoseConcernedAndChangedWithoutALeak) {
  NewOrder order = SomeOrder();
  order.mutable_customer()->set_email("customer@example.com");
  const auto made = Create(order);
  ASSERT_THAT(made, IsOk());
  orders::v1::GetContactRequest get;
  get.set_contact_id(made->customer_contact_id());
  EXPECT_EQ(Call(Customer(), &OrdersService::Stub::GetContact, get)->details().email(),
            "customer@example.com");
  EXPECT_THAT(Call(Customer("c-1002"), &OrdersService::Stub::GetContact, get), DeniedBy("ROL-11"));
  EXPECT_THAT(Call(Manager("m-2"), &OrdersService::Stub::GetContact, get), DeniedBy("ROL-11"));
  orders::v1::UpdateContactRequest update;
  update.set_contact_id(made->customer_contact_id());
  update.mutable_details()->set_email("other@example.com");
  const auto updated = Call(Customer(), &OrdersService::Stub::UpdateContact, update);
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(Call(Customer(), &OrdersService::Stub::GetContact, get)->details().email(), "other@example.com");
  service_.Settle();
  EXPECT_EQ(Timeline(Operations()).back().event().case_id(), made->customer_contact_id());
}

TEST_F(OrdersTest, ORD_13_AnImportedOrderIsThereWithItsOwnTimes) {
  orders::v1::ImportOrderRequest request;
  *request.mutable_order() = SomeOrder();
  *request.mutable_placed_time() = rules::ToTimestamp(At("2025-03-01T10:00+01:00"));
  *request.mutable_paid_time() = rules::ToTimestamp(At("2025-03-01T11:00+01:00"));
  auto& step = *request.add_steps();
  step.set_state(Order::STATE_SHIPPED);
  *step.mutable_time() = rules::ToTimestamp(At("2025-03-02T11:00+01:00"));
  ASSERT_THAT(Call(Operations(), &OrdersService::Stub::ImportOrder, request), IsOk());
  service_.Settle();
  EXPECT_EQ(rules::ToTime(Get().create_time()), At("2025-03-01T10:00+01:00"));
  const auto entries = Timeline(Operations());
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(rules::ToTime(entries[2].time()), At("2025-03-02T11:00+01:00"));
  EXPECT_TRUE(entries[2].event().imported());
  EXPECT_EQ(*service_.store().NextDue(), absl::InfiniteFuture()) << "no timer";
}

TEST_F(OrdersTest, POL_01_POL_02_PoliciesAreReadableByVersionAndKept) {
  auto stub = PolicyService::NewStub(service_.channel());
  base::v1::GetPolicyRequest request;
  request.set_marketplace("tmall");
  const auto current = ServiceUnderTest::Call(Customer(), *stub, &PolicyService::Stub::GetPolicy, request);
  ASSERT_THAT(current, IsOk());
  EXPECT_EQ(current->time_zone(), "Asia/Shanghai");
  request.set_version(current->version());
  EXPECT_THAT(ServiceUnderTest::Call(Customer(), *stub, &PolicyService::Stub::GetPolicy, request), IsOk());
  request.set_version(current->version() + 1);
  EXPECT_THAT(ServiceUnderTest::Call(Customer(), *stub, &PolicyService::Stub::GetPolicy, request),
              StatusIs(absl::StatusCode::kNotFound));
  const auto all = ServiceUnderTest::Call(Customer(), *stub, &PolicyService::Stub::ListPolicies,
                                          base::v1::ListPoliciesRequest());
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->policies_size(), 4);

  // A later book that lacks nothing but knows a newer version still finds the older one.
  rules::PolicyBook later;
  for (const char* marketplace : {"mall", "flowwow", "tmall", "default"}) {
    rules::Policy newer = **testing::ShippedPolicies().Current(marketplace);
    newer.set_version(newer.version() + 1);
    newer.set_calendar("EVERY");
    ASSERT_THAT(later.AddCalendar("EVERY",
                                  "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n"
                                  "X-MAKEGOOD-KNOWN-UNTIL:20301231\r\nEND:VCALENDAR\r\n"),
                IsOk());
    ASSERT_THAT(later.AddPolicy(newer), IsOk());
  }
  for (const char* calendar : {"CZ", "TR", "CN", "ISO"}) {
    ASSERT_THAT(later.AddCalendar(calendar,
                                  "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n"
                                  "X-MAKEGOOD-KNOWN-UNTIL:20301231\r\nEND:VCALENDAR\r\n"),
                IsOk());
  }
  ASSERT_THAT(rpc::KeepPolicies(service_.store(), later), IsOk());
  EXPECT_EQ((*later.Current("tmall"))->version(), current->version() + 1);
  base::v1::PolicyRef old;
  old.set_marketplace("tmall");
  old.set_version(current->version());
  EXPECT_THAT(later.At(old), IsOk());

  // A version once used never changes.
  rules::PolicyBook forged;
  ASSERT_THAT(forged.AddCalendar("CN",
                                 "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n"
                                 "X-MAKEGOOD-KNOWN-UNTIL:20301231\r\nEND:VCALENDAR\r\n"),
              IsOk());
  rules::Policy changed = *current;
  changed.set_display_name("Another name");
  ASSERT_THAT(forged.AddPolicy(changed), IsOk());
  EXPECT_FALSE(rpc::KeepPolicies(service_.store(), forged).ok());
}

}  // namespace
}  // namespace makegood
