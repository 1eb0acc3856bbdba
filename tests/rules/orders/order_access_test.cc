// Who may do what with an order, what is kept of it where, and previews (ROL, DLV-01, SYS-08).
#include "common/rules/fields/field_check.h"
#include "common/rules/orders/order_actions.h"
#include "common/rules/scope.h"
#include "tests/rules/orders/order_fixture.h"

namespace makegood::rules {
namespace {

TEST_F(OrderRulesTest, ROL_03_ACourierRecordsTheDeliveryOfWhatTheyCarry) {
  OrderIn(Order::STATE_SHIPPED);
  EXPECT_THAT(desk_.As(Courier("courier-2")).Decide(RecordDelivery, DeliveredAt(desk_.now())),
              DeniedBy("ROL-03"));
  EXPECT_THAT(desk_.As(Courier("courier-1")).Decide(RecordDelivery, DeliveredAt(desk_.now())), IsOk());
}

TEST_F(OrderRulesTest, ORD_09_WhatBeginsACaseIsAmongTheActions) {
  const auto rule_of = [&](const base::v1::Actor& actor, absl::string_view action) -> std::string {
    Order order = Now();
    FillActions(order, actor, desk_.now(), testing::ShippedPolicies());
    for (const base::v1::AvailableAction& one : order.available_actions()) {
      if (one.action() == action) return one.allowed() ? "allowed" : one.rule_id();
    }
    return "not told";
  };
  OrderIn(Order::STATE_SHIPPED);
  EXPECT_EQ(rule_of(Customer(), "OpenClaim"), "CLM-01");
  EXPECT_EQ(rule_of(Customer(), "WithdrawPurchase"), "CLM-08");
  ASSERT_THAT(desk_.As(Manager()).Decide(RecordDelivery, DeliveredAt(desk_.now())), IsOk());
  EXPECT_EQ(rule_of(Customer(), "OpenClaim"), "allowed");
  EXPECT_EQ(rule_of(Customer(), "WithdrawPurchase"), "allowed");
  EXPECT_EQ(rule_of(Customer("c-1002"), "OpenClaim"), "ROL-06");
  EXPECT_EQ(rule_of(Courier(), "WithdrawPurchase"), "ROL-08");
  desk_.Advance(absl::Hours(24 * 15));
  EXPECT_EQ(rule_of(Customer(), "WithdrawPurchase"), "CLM-08") << "within 14 days";
  EXPECT_EQ(rule_of(Customer(), "OpenClaim"), "allowed");
  desk_.Advance(absl::Hours(24 * 730));
  EXPECT_EQ(rule_of(Customer(), "OpenClaim"), "CLM-01");
}

TEST_F(OrderRulesTest, ROL_05_CustomersCancelTheirOwnInTheirOwnName) {
  OrderIn(Order::STATE_OPEN);
  const auto own = CancelFor(base::v1::INITIATOR_CUSTOMER, base::v1::CANCEL_REASON_CUSTOMER_REQUEST);
  EXPECT_THAT(desk_.As(Customer("c-1002")).Decide(CancelOrder, own), DeniedBy("ROL-05"));
  EXPECT_THAT(
      desk_.As(Customer("c-1001"))
          .Decide(CancelOrder, CancelFor(base::v1::INITIATOR_MERCHANT, base::v1::CANCEL_REASON_OTHER)),
      DeniedBy("ROL-05"));
  EXPECT_THAT(desk_.As(Customer("c-1001")).Decide(CancelOrder, own), IsOk());
}

TEST_F(OrderRulesTest, ROL_02_StoresReachTheirOwnOrdersOnly) {
  OrderIn(Order::STATE_OPEN);
  for (const base::v1::Actor& stranger : {Manager("m-2"), testing::Employee("m-2")}) {
    EXPECT_THAT(desk_.As(stranger).Decide(StartShipping, About<StartShippingRequest>("o-1")),
                DeniedBy("ROL-02"));
  }
  EXPECT_THAT(desk_.As(Manager("m-1")).Decide(StartShipping, About<StartShippingRequest>("o-1")), IsOk());
}

TEST(Scope, ROL_11_WhatIsNobodysIsNotReachedByWhoHasNoId) {
  EXPECT_THAT(CheckScope(Customer(""), "", "", "ROL-11"), DeniedBy("ROL-11"));
  EXPECT_THAT(CheckScope(Manager(""), "", "", "ROL-11"), DeniedBy("ROL-11"));
}

TEST_F(OrderRulesTest, SYS_04_StaleKnowledgeIsCaught) {
  const Order order = OrderIn(Order::STATE_OPEN);
  ASSERT_THAT(desk_.Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_UNDER_INCIDENT)), IsOk());
  EXPECT_THAT(desk_.Expecting(order.version()).Decide(StartShipping, About<StartShippingRequest>("o-1")),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(desk_.Expecting(order.version() + 1).Decide(StartShipping, About<StartShippingRequest>("o-1")),
              IsOk());
}

TEST_F(OrderRulesTest, SYS_08_EveryEventSaysWhoWhenAndUnderWhichPolicy) {
  OrderIn(Order::STATE_DELIVERED);
  for (const Event& event : desk_.events()) {
    EXPECT_EQ(event.policy().marketplace(), "mall");
    EXPECT_GT(event.policy().version(), 0);
    EXPECT_EQ(event.actor().actor_id(), Service().actor_id());
    EXPECT_FALSE(event.request_id().empty());
    EXPECT_EQ(ToTime(event.time()), desk_.now());
    EXPECT_EQ(event.order_id(), "o-1");
    EXPECT_EQ(event.merchant_id(), "m-1");
    EXPECT_EQ(event.customer_id(), "c-1001");
  }
}

TEST_F(OrderRulesTest, SYS_09_DetailsAreInTheContactAndNowhereElse) {
  orders::v1::NewOrder order = SomeOrder();
  order.mutable_customer()->set_name("Name Of-The-Customer");
  order.mutable_customer()->set_email("customer@example.com");
  order.mutable_recipient()->set_phone("+420 000 000 000");
  const auto reply = desk_.Decide(CreateOrder, CreateRequest(order));
  ASSERT_THAT(reply, IsOk());
  ASSERT_EQ(desk_.All<Contact>().size(), 2u);
  EXPECT_NE(reply->customer_contact_id(), reply->recipient_contact_id());
  EXPECT_EQ(desk_.Find<Contact>(reply->customer_contact_id())->details().email(), "customer@example.com");

  UpdateContactRequest update;
  update.set_contact_id(reply->customer_contact_id());
  update.mutable_details()->set_name("Another-Name");
  update.mutable_details()->set_email("other@example.com");
  const auto updated = desk_.As(Customer()).Decide(UpdateContact, update);
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->version(), 2);

  std::string everything = reply->SerializeAsString() + updated->SerializeAsString();
  for (const Event& event : desk_.events()) everything += event.SerializeAsString();
  for (const auto& [key, record] : desk_.records()) {
    if (key.kind != RecordTraits<Contact>::kKind) everything += record.data;
  }
  for (const char* detail : {"Of-The-Customer", "Another-Name", "example.com", "000 000", "000000"}) {
    EXPECT_THAT(everything, Not(HasSubstr(detail)));
  }
}

TEST_F(OrderRulesTest, SYS_07_ContactsAsPeopleWriteThemRefuseNoOrder) {
  orders::v1::NewOrder order = SomeOrder();
  order.mutable_customer()->set_email("jana@dům.example");
  order.mutable_customer()->set_phone("0\u00A0(212)\u00A0555 00 11");
  order.mutable_customer()->set_country("TR");
  order.mutable_recipient()->set_country("XK");
  order.mutable_recipient()->set_phone("044 123 456");
  EXPECT_TRUE(CheckFields(order).empty());
  const auto reply = desk_.Decide(CreateOrder, CreateRequest(order));
  ASSERT_THAT(reply, IsOk());
  const auto customer = *desk_.Find<Contact>(reply->customer_contact_id());
  EXPECT_EQ(customer.details().phone(), "+902125550011");
  EXPECT_EQ(customer.details().email(), "jana@dům.example");
  EXPECT_EQ(desk_.Find<Contact>(reply->recipient_contact_id())->details().phone(), "+38344123456");

  UpdateContactRequest update;
  update.set_contact_id(reply->customer_contact_id());
  *update.mutable_details() = customer.details();
  update.mutable_details()->set_phone("(216) 555 00 22");
  ASSERT_THAT(desk_.As(Customer()).Decide(UpdateContact, update), IsOk());
  EXPECT_EQ(desk_.Find<Contact>(reply->customer_contact_id())->details().phone(), "+902165550022");
}

TEST_F(OrderRulesTest, DLV_01_UpdateContactIsNoWayRoundAChangeOfTheAddress) {
  orders::v1::NewOrder with_recipient = SomeOrder();
  with_recipient.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
  with_recipient.mutable_recipient()->set_city("Brno");
  const auto order = desk_.As(Service()).Decide(CreateOrder, CreateRequest(with_recipient));
  ASSERT_THAT(order, IsOk());
  UpdateContactRequest update;
  update.set_contact_id(order->recipient_contact_id());
  update.mutable_details()->set_city("Brno");
  update.mutable_details()->set_phone("+420 000 000 000");
  EXPECT_THAT(desk_.As(Customer("c-1002")).Decide(UpdateContact, update), DeniedBy("ROL-11"));
  ASSERT_THAT(desk_.As(Customer()).Decide(UpdateContact, update), IsOk()) << "the same address";
  update.mutable_details()->set_city("Praha");
  EXPECT_THAT(desk_.As(Operations()).Decide(UpdateContact, update), RefusedBy("DLV-01"));
  update.set_contact_id(order->customer_contact_id());
  EXPECT_THAT(desk_.As(Customer()).Decide(UpdateContact, update), IsOk()) << "nothing goes to the buyer's";
  ASSERT_THAT(desk_.As(Manager()).Decide(HandOver, About<HandOverRequest>("o-1")), IsOk());
  update.mutable_details()->set_city("Plzen");
  EXPECT_THAT(desk_.As(Customer()).Decide(UpdateContact, update), RefusedBy("DLV-01"));
}

TEST_F(OrderRulesTest, SYS_03_APreviewDecidesInFullAndChangesNothing) {
  OrderIn(Order::STATE_OPEN);
  const auto preview = desk_.Preview(StartShipping, About<StartShippingRequest>("o-1"));
  ASSERT_THAT(preview, IsOk());
  EXPECT_EQ(preview->state(), Order::STATE_SHIPPING);
  EXPECT_EQ(Now().state(), Order::STATE_OPEN);
}

}  // namespace
}  // namespace makegood::rules
