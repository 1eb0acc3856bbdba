// The orders service: what it does with commands, whom it shows what, and what it counts.
#include "common/rules/messages.h"
#include "tests/services/orders_fixture.h"

namespace makegood::testing {
namespace {

TEST_F(OrdersTest, ORD_01_APaymentThatPaymentsTellsOfOpensTheOrder) {
  ASSERT_THAT(Create(SomeOrder()), IsOk());
  service_.Happens("payments", Paid());
  service_.Settle();
  EXPECT_EQ(Get().state(), Order::STATE_OPEN);
  EXPECT_TRUE(Get().paid());
  EXPECT_TRUE(service_.Stuck().empty());
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
  EXPECT_EQ(Call(Customer(), &OrdersService::Stub::ListOrders, request)->orders_size(), 2);
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
  request.add_states(Order::STATE_OPEN);
  EXPECT_EQ(Call(Operations(), &OrdersService::Stub::ListOrders, request)->orders(0).order_id(), "o-1");
}

TEST_F(OrdersTest, ORD_05_CorrectionsAreListedByMerchantAndState) {
  using orders::v1::Correction;
  for (const char* merchant : {"m-1", "m-2"}) {
    NewOrder order = SomeOrder(absl::StrCat("o-of-", merchant));
    order.set_merchant_id(merchant);
    order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
    ASSERT_THAT(Create(order), IsOk());
    ASSERT_THAT(
        Call(Manager(merchant), &OrdersService::Stub::HandOver, About<HandOverRequest>(order.order_id())),
        IsOk());
    auto delivered = About<orders::v1::RecordDeliveryRequest>(order.order_id());
    *delivered.mutable_delivered_time() = rules::ToTimestamp(service_.clock().Now());
    ASSERT_THAT(Call(Manager(merchant), &OrdersService::Stub::RecordDelivery, delivered), IsOk());
    ASSERT_THAT(Call(Manager(merchant), &OrdersService::Stub::ReportFalseDelivery,
                     About<orders::v1::ReportFalseDeliveryRequest>(order.order_id())),
                IsOk());
  }
  auto number = About<orders::v1::AssignReturnNumberRequest>("o-of-m-1");
  number.set_return_number("4712345678");
  const auto numbered = Call(Operations(), &OrdersService::Stub::AssignReturnNumber, number);
  ASSERT_THAT(numbered, IsOk());
  const auto list = [&](const Actor& actor, const orders::v1::ListCorrectionsRequest& request) {
    return Call(actor, &OrdersService::Stub::ListCorrections, request);
  };
  orders::v1::ListCorrectionsRequest request;
  EXPECT_EQ(list(Operations(), request)->corrections_size(), 2);
  EXPECT_EQ(list(Customer(), request)->corrections_size(), 2);
  EXPECT_EQ(list(Customer("c-1002"), request)->corrections_size(), 0);
  EXPECT_THAT(list(Courier(), request), DeniedBy("ROL-11"));
  const auto own = list(Manager("m-2"), request);
  ASSERT_EQ(own->corrections_size(), 1);
  EXPECT_EQ(own->corrections(0).order_id(), "o-of-m-2");
  EXPECT_EQ(own->corrections(0).state(), Correction::STATE_REPORTED);
  request.set_merchant_id("m-1");
  EXPECT_THAT(list(Manager("m-2"), request), DeniedBy("ROL-11"));
  request.Clear();
  request.add_states(Correction::STATE_NUMBERED);
  const auto waiting = list(Operations(), request);
  ASSERT_EQ(waiting->corrections_size(), 1);
  EXPECT_EQ(waiting->corrections(0).return_number(), "4712345678");
  EXPECT_EQ(waiting->corrections(0).correction_id(), numbered->correction().correction_id());
  request.Clear();
  request.set_page_size(1);
  EXPECT_FALSE(list(Operations(), request)->next_page_token().empty());

  orders::v1::GetCorrectionRequest one;
  one.set_correction_id(numbered->correction().correction_id());
  EXPECT_EQ(Call(Manager(), &OrdersService::Stub::GetCorrection, one)->order_id(), "o-of-m-1");
  EXPECT_THAT(Call(Manager("m-2"), &OrdersService::Stub::GetCorrection, one), DeniedBy("ROL-11"));
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
  *changed.mutable_delivery_fee() = rules::MakeMoney(1, "EUR");
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
  EXPECT_EQ(Call(Customer(), &ContactsService::Stub::GetContact, get)->details().email(),
            "customer@example.com");
  EXPECT_THAT(Call(Customer("c-1002"), &ContactsService::Stub::GetContact, get), DeniedBy("ROL-11"));
  EXPECT_THAT(Call(Manager("m-2"), &ContactsService::Stub::GetContact, get), DeniedBy("ROL-11"));
  orders::v1::UpdateContactRequest update;
  update.set_contact_id(made->customer_contact_id());
  update.mutable_details()->set_email("other@example.com");
  const auto updated = Call(Customer(), &ContactsService::Stub::UpdateContact, update);
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(Call(Customer(), &ContactsService::Stub::GetContact, get)->details().email(),
            "other@example.com");
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

TEST_F(OrdersTest, ORD_13_AnImportSaysWhatWasGivenBackAtTheSource) {
  orders::v1::ImportOrderRequest request;
  *request.mutable_order() = SomeOrder();
  request.mutable_order()->mutable_lines(0)->set_quantity(2);
  *request.mutable_placed_time() = rules::ToTimestamp(At("2025-03-01T10:00+01:00"));
  *request.mutable_paid_time() = rules::ToTimestamp(At("2025-03-01T11:00+01:00"));
  auto& step = *request.add_steps();
  step.set_state(Order::STATE_SHIPPED);
  *step.mutable_time() = rules::ToTimestamp(At("2025-03-02T11:00+01:00"));
  orders::v1::TakenOffUnits& units = *request.mutable_given_back()->add_units();
  units.set_line_id(request.order().lines(0).line_id());
  units.set_quantity(3);
  EXPECT_THAT(Call(Operations(), &OrdersService::Stub::ImportOrder, request),
              testing::NamesField("given_back.units[0].quantity"));
  units.set_quantity(0);
  EXPECT_THAT(Call(Operations(), &OrdersService::Stub::ImportOrder, request),
              testing::NamesField("given_back.units[0].quantity"));
  units.set_quantity(1);
  ASSERT_THAT(Call(Operations(), &OrdersService::Stub::ImportOrder, request), IsOk());
  EXPECT_EQ(Get().lines(0).given_back(), 1);
  service_.Restart();
  Connect();
  EXPECT_EQ(Get().lines(0).given_back(), 1);
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
  ASSERT_THAT(services::KeepPolicies(service_.store(), later), IsOk());
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
  EXPECT_FALSE(services::KeepPolicies(service_.store(), forged).ok());
}

}  // namespace
}  // namespace makegood::testing
