// The order's statuses, what each step asks for and leaves behind, corrections and holds (ORD, PAY-02).
#include "tests/rules/orders/order_fixture.h"

namespace makegood::rules {
namespace {

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

// Cash on delivery, or money that was on its way.
TEST_F(OrderRulesTest, ORD_01_APaymentThatComesLateIsNotedAndOpensNothing) {
  OrderIn(Order::STATE_CANCELLED);
  ASSERT_THAT(desk_.As(Service()).Decide(ReactToPayment, Paid()), IsOk());
  EXPECT_TRUE(Now().paid());
  EXPECT_EQ(Now().state(), Order::STATE_CANCELLED);
  const int64_t version = Now().version();
  ASSERT_THAT(desk_.Decide(ReactToPayment, Paid()), IsOk());
  EXPECT_EQ(Now().version(), version) << "a payment told twice changes nothing";
}

TEST_F(OrderRulesTest, SYS_13_OfOneDecisionTheLastEventAloneTellsTheVersion) {
  OrderIn(Order::STATE_OPEN);
  const auto decide = [](absl::string_view steps, Transaction& tx) -> absl::Status {
    for (const char step : steps) {
      ASSIGN_OR_RETURN(Order order, tx.Get<Order>("o-1"));
      Event event;
      event.set_order_id(step == 'x' ? "o-2" : "o-1");
      order.set_carrier(order.carrier() + step);  // else there is nothing to put
      if (step == 'p') tx.Put(order);
      if (step != 'p') tx.Emit(event);
    }
    return absl::OkStatus();
  };
  for (const absl::string_view steps : {"eep", "epe", "pee", "epee"}) {
    ASSERT_THAT(desk_.Decide(decide, steps), IsOk());
    const std::vector<Event> events = desk_.last_events();
    for (size_t i = 0; i + 1 < events.size(); ++i) EXPECT_EQ(events[i].order_version(), 0) << steps;
    EXPECT_EQ(events.back().order_version(), Now().version()) << steps;
  }
  ASSERT_THAT(desk_.Decide(decide, "epx"), IsOk());
  EXPECT_EQ(desk_.last_events()[0].order_version(), Now().version());
  EXPECT_EQ(desk_.last_events()[1].order_version(), 0) << "another order's";
  ASSERT_THAT(desk_.Decide(decide, "e"), IsOk());
  EXPECT_EQ(desk_.last_events()[0].order_version(), 0) << "it changes nothing";
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
  EXPECT_EQ(delivered[0].order_delivered().total().amount_minor(), 3630);
}

TEST_F(OrderRulesTest, ORD_05_WorkedExample5_AFalseDeliveredStaysAndIsPutRight) {
  OrderIn(Order::STATE_DELIVERED);
  EXPECT_THAT(desk_.Decide(StartShipping, About<StartShippingRequest>("o-1")), RefusedBy("ORD-05"));
  EXPECT_THAT(desk_.Decide(HandOver, About<HandOverRequest>("o-1")), RefusedBy("ORD-05"));
  EXPECT_THAT(desk_.As(Manager()).Decide(MarkReturned, Return()), RefusedBy("ORD-05"));
  EXPECT_THAT(desk_.As(Operations()).Decide(AssignReturnNumber, Number("4712345678")), RefusedBy("ORD-05"));

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
  EXPECT_EQ(numbered[0].correction_numbered().return_number(), "4712345678");

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
  const auto listed = desk_.Find<CorrectionCase>(correction_id);
  ASSERT_TRUE(listed.has_value());
  EXPECT_EQ(listed->state(), Correction::STATE_SETTLED);
  EXPECT_EQ(listed->return_number(), "4712345678");
  EXPECT_EQ(desk_.Events(&Event::has_correction_settled).size(), 1u);
  EXPECT_EQ(Now().state(), Order::STATE_DELIVERED);
}

TEST_F(OrderRulesTest, ORD_05_WhereNothingIsLeftToGiveBackNoCreditNoteIsWaitedFor) {
  OrderIn(Order::STATE_DELIVERED);
  ASSERT_THAT(desk_.As(Manager()).Decide(ReportFalseDelivery, About<ReportFalseDeliveryRequest>("o-1")),
              IsOk());
  ASSERT_THAT(desk_.As(Operations()).Decide(AssignReturnNumber, Number("4712345678")), IsOk());
  Event ended;
  ended.set_order_id("o-1");
  ended.set_case_id(Now().correction().correction_id());
  ended.mutable_recovery_ended();
  ASSERT_THAT(desk_.As(Service()).Decide(ReactToPayment, ended), IsOk());
  EXPECT_EQ(Now().correction().state(), Correction::STATE_SETTLED);
}

TEST_F(OrderRulesTest, ORD_05_OnlyADeliveredOrderCanBeReported) {
  OrderIn(Order::STATE_SHIPPED);
  EXPECT_THAT(desk_.As(Manager()).Decide(ReportFalseDelivery, About<ReportFalseDeliveryRequest>("o-1")),
              RefusedBy("ORD-05"));
}

TEST_F(OrderRulesTest, RFD_01_UnitsAreTakenOffBeforeDispatchWithAReason) {
  orders::v1::NewOrder two = SomeOrder();
  two.mutable_lines(0)->set_quantity(2);
  ASSERT_THAT(desk_.As(Service()).Decide(CreateOrder, CreateRequest(two)), IsOk());
  const int64_t total = Now().total().amount_minor();
  const int64_t price = two.lines(0).unit_price().amount_minor();
  auto request = About<orders::v1::TakeOffUnitsRequest>("o-1");
  orders::v1::TakenOffUnits& units = *request.add_units();
  units.set_line_id(two.lines(0).line_id());
  units.set_quantity(3);
  EXPECT_THAT(desk_.As(Customer("c-1002")).Decide(TakeOffUnits, request), DeniedBy("ROL-05"));
  EXPECT_THAT(desk_.As(Customer()).Decide(TakeOffUnits, request), RefusedBy("RFD-01")) << "no reason";
  request.set_reason(base::v1::REFUND_REASON_CUSTOMER_REQUEST);
  EXPECT_THAT(desk_.Decide(TakeOffUnits, request), RefusedBy("RFD-01")) << "not so many";
  request.mutable_units(0)->set_quantity(1);
  ASSERT_THAT(desk_.Decide(TakeOffUnits, request), IsOk());
  EXPECT_EQ(Now().lines(0).taken_off(), 1);
  EXPECT_EQ(Now().total().amount_minor(), total - price);
  const auto told = desk_.Events(&Event::has_units_taken_off);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].units_taken_off().units(0).quantity(), 1);
  EXPECT_EQ(told[0].units_taken_off().total().amount_minor(), total - price);
  // With the last of them it is called off: nothing is shipped over an invoice of 0.
  ASSERT_THAT(desk_.Decide(TakeOffUnits, request), IsOk());
  EXPECT_EQ(Now().state(), Order::STATE_CANCELLED);
  EXPECT_EQ(desk_.Events(&Event::has_units_taken_off).size(), 1u);
  EXPECT_THAT(desk_.Decide(TakeOffUnits, request), RefusedBy("RFD-01"));
}

TEST_F(OrderRulesTest, RFD_01_ORD_01_AnOrderOpensWhenWhatIsLeftIsPaid) {
  ASSERT_THAT(desk_.As(Service()).Decide(CreateOrder, CreateRequest(SomeOrder())), IsOk());
  ASSERT_EQ(Now().state(), Order::STATE_BLOCKED);
  Event event;
  event.set_order_id("o-1");
  event.mutable_nothing_due();
  for (int times = 0; times < 2; ++times) ASSERT_THAT(desk_.Decide(ReactToPayment, event), IsOk());
  EXPECT_EQ(Now().state(), Order::STATE_OPEN);
}

TEST_F(OrderRulesTest, ORD_06_UncollectedGoodsMakeTheOrderReturned) {
  OrderIn(Order::STATE_RETURNED);
  EXPECT_EQ(Now().return_cause(), base::v1::RETURN_CAUSE_UNCOLLECTED);
  EXPECT_EQ(Counted().returned(), 1);
  EXPECT_THAT(desk_.Decide(MarkReturned, Return()), RefusedBy("ORD-11"));
}

TEST_F(OrderRulesTest, ORD_06_AReturnNamesItsCause) {
  OrderIn(Order::STATE_SHIPPED);
  EXPECT_THAT(desk_.As(Manager()).Decide(MarkReturned, About<MarkReturnedRequest>("o-1")),
              RefusedBy("ORD-06"));
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
  const auto refused = desk_.As(Operations()).Decide(ReleaseHold, release);
  EXPECT_THAT(refused, RefusedBy("ORD-12"));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("it has under_incident about inc-1"));
  ASSERT_THAT(desk_.As(Service()).Decide(ReleaseHold, release), IsOk()) << "it may never have been placed";
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
  EXPECT_THAT(desk_.As(testing::Connector()).Decide(PlaceHold, hold), DeniedBy("ROL-02"));
  ASSERT_THAT(desk_.As(Service()).Decide(PlaceHold, hold), IsOk());
  auto release = About<ReleaseHoldRequest>("o-1");
  release.set_hold(hold.hold());
  release.set_reference_id("sur-1");
  EXPECT_THAT(desk_.As(Manager()).Decide(ReleaseHold, release), DeniedBy("PAY-02"));
  EXPECT_THAT(desk_.As(Service()).Decide(ReleaseHold, release), IsOk());
}

}  // namespace
}  // namespace makegood::rules
