#include "common/rules/order_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/rules/order_figures.h"
#include "common/rules/order_intake.h"
#include "common/rules/order_states.h"
#include "tests/support/orders_support.h"
#include "tests/support/rules_support.h"

namespace makegood::rules {
namespace {

using events::v1::Event;
using orders::v1::AssignReturnNumberRequest;
using orders::v1::Correction;
using orders::v1::HandOverRequest;
using orders::v1::MarkReturnedRequest;
using orders::v1::ReleaseHoldRequest;
using orders::v1::ReportFalseDeliveryRequest;
using orders::v1::StartShippingRequest;
using orders::v1::UpdateContactRequest;
using testing::About;
using testing::At;
using testing::CancelFor;
using testing::Courier;
using testing::CreateRequest;
using testing::Customer;
using testing::DeliveredAt;
using testing::DeniedBy;
using ::testing::HasSubstr;
using testing::HoldFor;
using testing::IsOk;
using testing::Manager;
using testing::NamesField;
using ::testing::Not;
using testing::Operations;
using testing::RefusedBy;
using testing::Service;
using testing::SomeOrder;
using testing::StatusIs;

class OrderRulesTest : public ::testing::Test {
 protected:
  // An order on the desk, in `state`, reached by commands alone.
  Order OrderIn(Order::State state) {
    orders::v1::NewOrder order = SomeOrder();
    if (state != Order::STATE_BLOCKED) order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
    EXPECT_THAT(desk_.As(Operations()).Decide(CreateOrder, CreateRequest(order)), IsOk());
    if (state == Order::STATE_CANCELLED) {
      EXPECT_THAT(desk_.Decide(CancelOrder,
                               CancelFor(base::v1::INITIATOR_MARKETPLACE, base::v1::CANCEL_REASON_OTHER)),
                  IsOk());
    }
    const bool ships = state == Order::STATE_SHIPPING || state == Order::STATE_SHIPPED ||
                       state == Order::STATE_DELIVERED || state == Order::STATE_RETURNED;
    if (ships) {
      EXPECT_THAT(desk_.Decide(StartShipping, About<StartShippingRequest>("o-1")), IsOk());
    }
    if (ships && state != Order::STATE_SHIPPING) {
      auto handover = About<HandOverRequest>("o-1");
      handover.set_courier_id("courier-1");
      EXPECT_THAT(desk_.Decide(HandOver, handover), IsOk());
    }
    if (state == Order::STATE_DELIVERED) {
      EXPECT_THAT(desk_.Decide(RecordDelivery, DeliveredAt(desk_.now())), IsOk());
    }
    if (state == Order::STATE_RETURNED) {
      EXPECT_THAT(desk_.Decide(MarkReturned, Return()), IsOk());
    }
    EXPECT_EQ(Now().state(), state);
    return Now();
  }

  static MarkReturnedRequest Return() {
    auto request = About<MarkReturnedRequest>("o-1");
    request.set_cause(base::v1::RETURN_CAUSE_UNCOLLECTED);
    return request;
  }

  static AssignReturnNumberRequest Number(absl::string_view number) {
    auto request = About<AssignReturnNumberRequest>("o-1");
    request.set_return_number(std::string(number));
    return request;
  }

  Order Now() const { return desk_.Find<Order>("o-1").value_or(Order()); }

  // The sum of all counts.
  DayTally Counted() const {
    DayTally sum;
    for (const DayTally& tally : desk_.All<DayTally>()) AddTally(tally, sum);
    return sum;
  }

  static Event Paid(bool imported = false) {
    Event event;
    event.set_order_id("o-1");
    event.set_imported(imported);
    event.mutable_payment_recorded()->set_accepted(true);
    event.mutable_payment_recorded()->set_order_paid(true);
    return event;
  }

  testing::Desk desk_{At("2026-09-01T10:00+02:00")};
};

TEST_F(OrderRulesTest, ORD_01_APrepaidOrderIsBlockedUntilItsPaymentIsIn) {
  OrderIn(Order::STATE_BLOCKED);
  EXPECT_THAT(desk_.Decide(StartShipping, About<StartShippingRequest>("o-1")), RefusedBy("ORD-01"));
  EXPECT_TRUE(desk_.Events(&Event::has_order_opened).empty());
  ASSERT_THAT(desk_.As(Service()).Decide(ReactToPayment, Paid()), IsOk());
  EXPECT_EQ(Now().state(), Order::STATE_OPEN);
  EXPECT_TRUE(Now().paid());
  ASSERT_THAT(desk_.Decide(ReactToPayment, Paid()), IsOk());
  EXPECT_EQ(desk_.Events(&Event::has_order_opened).size(), 1u) << "a payment told twice opens once";
}

TEST_F(OrderRulesTest, ORD_01_CashOnDeliveryIsOpenAtOnce) {
  EXPECT_EQ(OrderIn(Order::STATE_OPEN).payment_method(), base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
  EXPECT_EQ(desk_.Events(&Event::has_order_opened).size(), 1u);
}

TEST_F(OrderRulesTest, ORD_01_OnlyTheOrdersOwnAcceptedPaymentOpensIt) {
  OrderIn(Order::STATE_BLOCKED);
  Event refused = Paid();
  refused.mutable_payment_recorded()->set_accepted(false);
  Event surcharge = Paid();
  surcharge.mutable_payment_recorded()->set_for_surcharge(true);
  Event partial = Paid();
  partial.mutable_payment_recorded()->set_order_paid(false);
  for (const Event& event : {refused, surcharge, partial, Paid(true)}) {
    ASSERT_THAT(desk_.As(Service()).Decide(ReactToPayment, event), IsOk());
    EXPECT_EQ(Now().state(), Order::STATE_BLOCKED) << event.ShortDebugString();
  }
}

TEST_F(OrderRulesTest, ORD_02_EachStepKeepsItsTime) {
  OrderIn(Order::STATE_SHIPPING);
  const absl::Time began = desk_.now();
  desk_.Advance(absl::Hours(5));
  ASSERT_THAT(desk_.Decide(HandOver, About<HandOverRequest>("o-1")), IsOk());
  EXPECT_EQ(ToTime(Now().shipping_time()), began);
  EXPECT_EQ(ToTime(Now().handover_time()), desk_.now());
}

TEST_F(OrderRulesTest, ORD_02_ADeliveryIsNeitherInTheFutureNorBeforeTheHandoverNorTimeless) {
  OrderIn(Order::STATE_SHIPPED);
  const absl::Time handover = desk_.now();
  desk_.Advance(absl::Hours(48));
  EXPECT_THAT(desk_.Decide(RecordDelivery, DeliveredAt(desk_.now() + absl::Seconds(1))), RefusedBy("ORD-02"));
  EXPECT_THAT(desk_.Decide(RecordDelivery, DeliveredAt(handover - absl::Seconds(1))), RefusedBy("ORD-02"));
  EXPECT_THAT(desk_.Decide(RecordDelivery, About<orders::v1::RecordDeliveryRequest>("o-1")),
              RefusedBy("ORD-02"));
  EXPECT_TRUE(desk_.Events(&Event::has_order_delivered).empty());
  EXPECT_THAT(desk_.Decide(RecordDelivery, DeliveredAt(handover)), IsOk());
}

TEST_F(OrderRulesTest, ORD_03_CancellationIsPossibleUpToShipping) {
  const auto cancel = CancelFor(base::v1::INITIATOR_MERCHANT, base::v1::CANCEL_REASON_OTHER);
  OrderIn(Order::STATE_SHIPPED);
  EXPECT_THAT(desk_.Decide(CancelOrder, cancel), RefusedBy("ORD-03"));
  ASSERT_THAT(desk_.Decide(RecordDelivery, DeliveredAt(desk_.now())), IsOk());
  EXPECT_THAT(desk_.Decide(CancelOrder, cancel), RefusedBy("ORD-03"));
}

TEST_F(OrderRulesTest, ORD_03_ACancellationNamesWhoAskedAndWhy) {
  OrderIn(Order::STATE_OPEN);
  EXPECT_THAT(desk_.Decide(CancelOrder, About<orders::v1::CancelOrderRequest>("o-1")), RefusedBy("ORD-03"));
  ASSERT_THAT(desk_.Decide(CancelOrder,
                           CancelFor(base::v1::INITIATOR_CUSTOMER, base::v1::CANCEL_REASON_CUSTOMER_REQUEST)),
              IsOk());
  EXPECT_EQ(Now().cancellation().initiator(), base::v1::INITIATOR_CUSTOMER);
  EXPECT_EQ(Now().cancellation().reason(), base::v1::CANCEL_REASON_CUSTOMER_REQUEST);
}

TEST_F(OrderRulesTest, ORD_04_TheDeliveryTellsWhatInvoiceAndSettlementNeedOnce) {
  OrderIn(Order::STATE_DELIVERED);
  EXPECT_THAT(desk_.Decide(RecordDelivery, DeliveredAt(desk_.now())), RefusedBy("ORD-05"));
  const auto delivered = desk_.Events(&Event::has_order_delivered);
  ASSERT_EQ(delivered.size(), 1u);
  // RFD-05: €36.30 with 21 % VAT is 30.00 net; 10 % of it is 3.00.
  EXPECT_EQ(delivered[0].order_delivered().total().amount_minor(), 3630);
  EXPECT_EQ(delivered[0].order_delivered().vat().amount_minor(), 630);
  EXPECT_EQ(delivered[0].order_delivered().commission().amount_minor(), 300);
}

TEST_F(OrderRulesTest, ORD_05_WorkedExample5_AFalseDeliveredStaysAndIsPutRight) {
  OrderIn(Order::STATE_DELIVERED);
  EXPECT_THAT(desk_.Decide(StartShipping, About<StartShippingRequest>("o-1")), RefusedBy("ORD-05"));
  EXPECT_THAT(desk_.Decide(HandOver, About<HandOverRequest>("o-1")), RefusedBy("ORD-05"));
  EXPECT_THAT(desk_.Decide(MarkReturned, Return()), RefusedBy("ORD-05"));
  EXPECT_THAT(desk_.Decide(AssignReturnNumber, Number("4712345678")), RefusedBy("ORD-05"));

  ASSERT_THAT(desk_.As(Manager()).Decide(ReportFalseDelivery, About<ReportFalseDeliveryRequest>("o-1")),
              IsOk());
  EXPECT_THAT(desk_.Decide(ReportFalseDelivery, About<ReportFalseDeliveryRequest>("o-1")),
              RefusedBy("ORD-05"));
  const std::string correction_id = Now().correction().correction_id();
  ASSERT_FALSE(correction_id.empty());

  EXPECT_THAT(desk_.As(Operations()).Decide(AssignReturnNumber, Number("4812345678")), RefusedBy("RFD-05"));
  EXPECT_THAT(desk_.Decide(AssignReturnNumber, Number("47123456789")), RefusedBy("RFD-05"));
  ASSERT_THAT(desk_.Decide(AssignReturnNumber, Number("4712345678")), IsOk());
  EXPECT_THAT(desk_.Decide(AssignReturnNumber, Number("4712345678")), RefusedBy("ORD-05"));
  const auto numbered = desk_.Events(&Event::has_correction_numbered);
  ASSERT_EQ(numbered.size(), 1u);
  EXPECT_EQ(numbered[0].case_id(), correction_id);
  EXPECT_EQ(numbered[0].correction_numbered().gross().amount_minor(), 3630);
  EXPECT_EQ(numbered[0].correction_numbered().vat().amount_minor(), 630);
  EXPECT_EQ(numbered[0].correction_numbered().commission().amount_minor(), 300);

  Event note;
  note.set_order_id("o-1");
  note.mutable_credit_note_issued();
  note.set_case_id("another-case");
  ASSERT_THAT(desk_.As(Service()).Decide(ReactToPayment, note), IsOk());
  EXPECT_EQ(Now().correction().state(), Correction::STATE_NUMBERED);
  note.set_case_id(correction_id);
  ASSERT_THAT(desk_.Decide(ReactToPayment, note), IsOk());
  ASSERT_THAT(desk_.Decide(ReactToPayment, note), IsOk());
  EXPECT_EQ(Now().correction().state(), Correction::STATE_SETTLED);
  EXPECT_EQ(desk_.Events(&Event::has_correction_settled).size(), 1u);
  EXPECT_EQ(Now().state(), Order::STATE_DELIVERED);
}

TEST_F(OrderRulesTest, ORD_05_OnlyADeliveredOrderCanBeReported) {
  OrderIn(Order::STATE_SHIPPED);
  EXPECT_THAT(desk_.Decide(ReportFalseDelivery, About<ReportFalseDeliveryRequest>("o-1")),
              RefusedBy("ORD-05"));
}

TEST_F(OrderRulesTest, ORD_06_UncollectedGoodsMakeTheOrderReturned) {
  OrderIn(Order::STATE_RETURNED);
  EXPECT_EQ(Now().return_cause(), base::v1::RETURN_CAUSE_UNCOLLECTED);
  EXPECT_EQ(Counted().returned(), 1);
  EXPECT_THAT(desk_.Decide(MarkReturned, Return()), RefusedBy("ORD-11"));
}

TEST_F(OrderRulesTest, ORD_06_AReturnNamesItsCause) {
  OrderIn(Order::STATE_SHIPPED);
  EXPECT_THAT(desk_.Decide(MarkReturned, About<MarkReturnedRequest>("o-1")), RefusedBy("ORD-06"));
}

// The whole table of ORD-11, and the rule behind each thing that is not in it.
TEST(OrderStatesTest, ORD_11_EveryTransitionThatIsNotAllowedIsRefusedUnderItsRule) {
  const struct {
    Order::State from;
    const char* rules[7];  // to BLOCKED, OPEN, SHIPPING, SHIPPED, DELIVERED, RETURNED, CANCELLED
  } rows[] = {
      {Order::STATE_BLOCKED, {"ORD-11", "", "ORD-01", "ORD-01", "ORD-01", "ORD-01", ""}},
      {Order::STATE_OPEN, {"ORD-11", "ORD-11", "", "", "ORD-11", "ORD-11", ""}},
      {Order::STATE_SHIPPING, {"ORD-11", "ORD-11", "ORD-11", "", "ORD-11", "ORD-11", ""}},
      {Order::STATE_SHIPPED, {"ORD-11", "ORD-11", "ORD-11", "ORD-11", "", "", "ORD-03"}},
      {Order::STATE_DELIVERED, {"ORD-05", "ORD-05", "ORD-05", "ORD-05", "ORD-05", "ORD-05", "ORD-03"}},
      {Order::STATE_RETURNED, {"ORD-11", "ORD-11", "ORD-11", "ORD-11", "ORD-11", "ORD-11", "ORD-03"}},
      {Order::STATE_CANCELLED, {"ORD-11", "ORD-11", "ORD-11", "ORD-11", "ORD-11", "ORD-11", "ORD-11"}},
  };
  for (const auto& row : rows) {
    Order order;
    order.set_state(row.from);
    for (int to = 1; to <= 7; ++to) {
      const absl::Status status = CheckTransition(order, static_cast<Order::State>(to));
      EXPECT_EQ(RuleOf(status), row.rules[to - 1]) << Order::State_Name(row.from) << " to " << to;
      EXPECT_EQ(status.ok(), std::string(row.rules[to - 1]).empty());
    }
  }
}

TEST_F(OrderRulesTest, ORD_11_AnOpenOrderMayBeHandedOverAtOnce) {
  OrderIn(Order::STATE_OPEN);
  EXPECT_THAT(desk_.Decide(HandOver, About<HandOverRequest>("o-1")), IsOk());
}

TEST_F(OrderRulesTest, ORD_12_HoldsBlockHandoverButNotPickingAndAreListed) {
  OrderIn(Order::STATE_OPEN);
  ASSERT_THAT(desk_.As(Service()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_AWAITING_SURCHARGE, "sur-1")),
              IsOk());
  ASSERT_THAT(desk_.Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_ADDRESS_UNCONFIRMED)), IsOk());
  EXPECT_THAT(desk_.Decide(StartShipping, About<StartShippingRequest>("o-1")), IsOk());
  const auto refused = desk_.Decide(HandOver, About<HandOverRequest>("o-1"));
  EXPECT_THAT(refused, RefusedBy("ORD-12"));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("AWAITING_SURCHARGE (sur-1), ADDRESS_UNCONFIRMED"));

  auto release = About<ReleaseHoldRequest>("o-1");
  release.set_hold(base::v1::HOLD_NAME_ADDRESS_UNCONFIRMED);
  ASSERT_THAT(desk_.Decide(ReleaseHold, release), IsOk());
  EXPECT_THAT(desk_.Decide(HandOver, About<HandOverRequest>("o-1")), RefusedBy("ORD-12"));
  release.set_hold(base::v1::HOLD_NAME_AWAITING_SURCHARGE);
  release.set_reference_id("sur-1");
  ASSERT_THAT(desk_.Decide(ReleaseHold, release), IsOk());
  EXPECT_THAT(desk_.Decide(HandOver, About<HandOverRequest>("o-1")), IsOk());
}

TEST_F(OrderRulesTest, ORD_12_TheSameHoldTwiceIsOne) {
  OrderIn(Order::STATE_OPEN);
  const auto hold = HoldFor(base::v1::HOLD_NAME_UNDER_INCIDENT, "inc-1");
  ASSERT_THAT(desk_.Decide(PlaceHold, hold), IsOk());
  const int64_t version = Now().version();
  ASSERT_THAT(desk_.Decide(PlaceHold, hold), IsOk());
  EXPECT_EQ(Now().version(), version);
  EXPECT_EQ(Now().holds_size(), 1);
  EXPECT_EQ(desk_.Events(&Event::has_hold_placed).size(), 1u);
  auto release = About<ReleaseHoldRequest>("o-1");
  release.set_hold(hold.hold());
  release.set_reference_id("inc-2");
  ASSERT_THAT(desk_.Decide(ReleaseHold, release), IsOk()) << "nothing to release changes nothing";
  EXPECT_EQ(Now().version(), version);
}

TEST_F(OrderRulesTest, ORD_12_WhatHasLeftCannotBeHeld) {
  OrderIn(Order::STATE_SHIPPED);
  EXPECT_THAT(desk_.As(Service()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_AWAITING_SURCHARGE, "sur-1")),
              RefusedBy("ORD-12"));
}

TEST_F(OrderRulesTest, PAY_02_OnlyOurOwnServicesPlaceAndReleaseASurchargesHold) {
  OrderIn(Order::STATE_OPEN);
  const auto hold = HoldFor(base::v1::HOLD_NAME_AWAITING_SURCHARGE, "sur-1");
  EXPECT_THAT(desk_.As(Manager()).Decide(PlaceHold, hold), DeniedBy("PAY-02"));
  EXPECT_THAT(desk_.As(testing::Connector()).Decide(PlaceHold, hold), DeniedBy("PAY-02"));
  ASSERT_THAT(desk_.As(Service()).Decide(PlaceHold, hold), IsOk());
  auto release = About<ReleaseHoldRequest>("o-1");
  release.set_hold(hold.hold());
  release.set_reference_id("sur-1");
  EXPECT_THAT(desk_.As(Manager()).Decide(ReleaseHold, release), DeniedBy("PAY-02"));
  EXPECT_THAT(desk_.As(Service()).Decide(ReleaseHold, release), IsOk());
}

TEST_F(OrderRulesTest, AVL_04_WorkedExample4_AnUnavailableOrderIsCancelledAndCounted) {
  OrderIn(Order::STATE_SHIPPING);
  const auto cancel = CancelFor(base::v1::INITIATOR_MERCHANT, base::v1::CANCEL_REASON_UNAVAILABLE);
  ASSERT_THAT(desk_.As(Manager()).Decide(CancelOrder, cancel), IsOk());
  const auto cancelled = desk_.Events(&Event::has_order_cancelled);
  ASSERT_EQ(cancelled.size(), 1u);
  EXPECT_TRUE(cancelled[0].order_cancelled().merchant_caused());
  EXPECT_TRUE(cancelled[0].order_cancelled().counted());
  EXPECT_EQ(Counted().cancelled_counted(), 1);
  EXPECT_EQ(Counted().opened(), 1);
  EXPECT_THAT(desk_.Decide(CancelOrder, cancel), RefusedBy("ORD-11"));
  EXPECT_EQ(desk_.Events(&Event::has_order_cancelled).size(), 1u);
}

TEST_F(OrderRulesTest, AVL_04_WorkedExample4_TheSameWhenShippedIsRefusedAndTellsNobody) {
  OrderIn(Order::STATE_SHIPPED);
  const auto cancel = CancelFor(base::v1::INITIATOR_MERCHANT, base::v1::CANCEL_REASON_UNAVAILABLE);
  EXPECT_THAT(desk_.As(Manager()).Decide(CancelOrder, cancel), RefusedBy("ORD-03"));
  EXPECT_TRUE(desk_.last_events().empty());
  EXPECT_EQ(Counted().cancelled(), 0);
}

TEST_F(OrderRulesTest, AVL_09_ACancellationSaysWhetherTheMerchantCausedIt) {
  OrderIn(Order::STATE_OPEN);
  auto cancel = CancelFor(base::v1::INITIATOR_CUSTOMER, base::v1::CANCEL_REASON_CUSTOMER_REQUEST);
  cancel.mutable_cancellation()->set_merchant_caused(true);
  EXPECT_THAT(desk_.As(Customer()).Decide(CancelOrder, cancel), RefusedBy("AVL-09"));
  cancel.mutable_cancellation()->set_merchant_caused(false);
  ASSERT_THAT(desk_.Decide(CancelOrder, cancel), IsOk());
  EXPECT_FALSE(Now().cancellation().merchant_caused());
  EXPECT_EQ(Counted().cancelled(), 1);
  EXPECT_EQ(Counted().cancelled_counted(), 0) << "mall counts what the merchant caused (KPI-05)";
}

TEST_F(OrderRulesTest, ROL_03_ACourierRecordsTheDeliveryOfWhatTheyCarry) {
  OrderIn(Order::STATE_SHIPPED);
  EXPECT_THAT(desk_.As(Courier("courier-2")).Decide(RecordDelivery, DeliveredAt(desk_.now())),
              DeniedBy("ROL-03"));
  EXPECT_THAT(desk_.As(Courier("courier-1")).Decide(RecordDelivery, DeliveredAt(desk_.now())), IsOk());
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

TEST_F(OrderRulesTest, ROL_11_StoresAndConnectorsReachTheirOwnOrdersOnly) {
  OrderIn(Order::STATE_OPEN);
  for (const base::v1::Actor& stranger :
       {Manager("m-2"), testing::Connector("m-2"), testing::Employee("m-2")}) {
    EXPECT_THAT(desk_.As(stranger).Decide(StartShipping, About<StartShippingRequest>("o-1")),
                DeniedBy("ROL-11"));
  }
  EXPECT_THAT(desk_.As(testing::Connector("m-1")).Decide(StartShipping, About<StartShippingRequest>("o-1")),
              IsOk());
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
    EXPECT_EQ(event.actor().actor_id(), "op-1");
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
  for (const char* detail : {"Of-The-Customer", "Another-Name", "example.com", "000 000"}) {
    EXPECT_THAT(everything, Not(HasSubstr(detail)));
  }
}

TEST_F(OrderRulesTest, DLV_01_AnAddressIsEditedUntilTheHandoverOnly) {
  const Order order = OrderIn(Order::STATE_SHIPPING);
  UpdateContactRequest update;
  update.set_contact_id(order.recipient_contact_id());
  update.mutable_details()->set_city("Brno");
  EXPECT_THAT(desk_.As(Customer("c-1002")).Decide(UpdateContact, update), DeniedBy("ROL-11"));
  ASSERT_THAT(desk_.As(Customer()).Decide(UpdateContact, update), IsOk());
  ASSERT_THAT(desk_.As(Operations()).Decide(HandOver, About<HandOverRequest>("o-1")), IsOk());
  update.mutable_details()->set_phone("+420 000 000 000");
  EXPECT_THAT(desk_.As(Customer()).Decide(UpdateContact, update), IsOk()) << "the same address";
  update.mutable_details()->set_city("Praha");
  EXPECT_THAT(desk_.Decide(UpdateContact, update), RefusedBy("DLV-01"));
}

TEST_F(OrderRulesTest, SYS_03_APreviewDecidesInFullAndChangesNothing) {
  OrderIn(Order::STATE_OPEN);
  const auto preview = desk_.Preview(StartShipping, About<StartShippingRequest>("o-1"));
  ASSERT_THAT(preview, IsOk());
  EXPECT_EQ(preview->state(), Order::STATE_SHIPPING);
  EXPECT_EQ(Now().state(), Order::STATE_OPEN);
}

TEST_F(OrderRulesTest, KPI_01_KPI_05_AScorecardIsTheSumOfTheDays) {
  DayTally sum;
  sum.set_opened(200);
  sum.set_delivered(96);
  sum.set_cancelled(3);
  sum.set_cancelled_counted(3);
  sum.set_returned(1);
  const Policy& policy = **testing::ShippedPolicies().Current("mall");
  auto figures = OrderFigures(sum, policy);
  ASSERT_EQ(figures.size(), 2u);
  EXPECT_EQ(figures[0].rule_id(), "KPI-01");
  EXPECT_EQ(figures[0].value_basis_points(), 9600);
  EXPECT_EQ(figures[0].verdict(), orders::v1::Figure::VERDICT_MET);
  EXPECT_EQ(figures[1].rule_id(), "KPI-05");
  EXPECT_EQ(figures[1].value_basis_points(), 150);
  EXPECT_EQ(figures[1].verdict(), orders::v1::Figure::VERDICT_MET) << "1.5 % is the limit";

  sum.set_delivered(95);
  sum.set_returned(2);
  sum.set_cancelled_counted(4);
  figures = OrderFigures(sum, policy);
  EXPECT_EQ(figures[0].verdict(), orders::v1::Figure::VERDICT_MISSED) << "the target is above 95 %";
  EXPECT_EQ(figures[1].verdict(), orders::v1::Figure::VERDICT_MISSED);
  EXPECT_EQ(OrderFigures(DayTally(), policy)[0].verdict(), orders::v1::Figure::VERDICT_UNSPECIFIED);
}

TEST_F(OrderRulesTest, KPI_07_ADayIsThatOfThePolicysTimeZone) {
  desk_.MoveTo(At("2026-09-01T22:30+00:00"));  // half past midnight in Prague
  OrderIn(Order::STATE_OPEN);
  const auto tallies = desk_.All<DayTally>();
  ASSERT_EQ(tallies.size(), 1u);
  EXPECT_EQ(ToTime(tallies[0].day()), At("2026-09-02T00:00+02:00"));
}

TEST(OrderFiguresTest, SYS_07_APeriodIsCheckedFieldByField) {
  orders::v1::GetScorecardRequest request;
  request.set_first_day("2026-13-01");
  request.set_last_day("tomorrow");
  EXPECT_THAT(PeriodOf(request, absl::UTCTimeZone()), NamesField("first_day"));
  EXPECT_THAT(PeriodOf(request, absl::UTCTimeZone()), NamesField("last_day"));
  request.set_first_day("2026-01-02");
  request.set_last_day("2026-01-01");
  EXPECT_THAT(PeriodOf(request, absl::UTCTimeZone()), NamesField("last_day"));
  request.set_last_day("2027-01-03");
  EXPECT_THAT(PeriodOf(request, absl::UTCTimeZone()), NamesField("last_day"));
  request.set_last_day("2026-01-02");
  const auto day = PeriodOf(request, absl::UTCTimeZone());
  ASSERT_THAT(day, IsOk());
  EXPECT_EQ(day->until - day->from, absl::Hours(24));
}

}  // namespace
}  // namespace makegood::rules
