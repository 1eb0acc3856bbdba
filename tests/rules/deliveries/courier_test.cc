// Couriers: out, at the door, and back (DLV-03, DLV-04, DLV-06).
#include "tests/rules/deliveries/delivery_fixture.h"

namespace makegood::rules {
namespace {

using deliveries::v1::Attempt;

TEST_F(Deliveries, DLV_04_SomebodyOnTheWayIsWaitedForAndNobodyForAQuarterOfAnHour) {
  AtTime("13:30");
  ASSERT_THAT(Leave(), IsOk());
  EXPECT_EQ(OrderState(), "shipped with_courier");
  EXPECT_EQ(Count(&Event::has_order_shipped), 1U);
  EXPECT_EQ(Last(&Event::has_courier_dispatched).courier_dispatched().attempt(), 1);
  AtTime("14:00");
  ASSERT_THAT(Arrive(), IsOk());
  EXPECT_EQ(WaitsUntil(), "14:15");
  EXPECT_EQ(Now().courier_id(), "courier-1");
  AtTime("14:10");
  ASSERT_THAT(Reached(true), IsOk());
  EXPECT_EQ(WaitsUntil(), "14:30");
  AtTime("14:15");
  EXPECT_EQ(State(), "at_the_door") << "the wait goes on";
  AtTime("14:29");
  EXPECT_EQ(State(), "at_the_door");
  AtTime("14:30");
  EXPECT_EQ(State(), "returning") << "the policy's longest wait";
  EXPECT_EQ(OrderState(), "shipped returning");
  EXPECT_THAT(Trouble(), ElementsAre("nobody_there"));
  EXPECT_THAT(Work(), ElementsAre("courier bring_back"));
  const Event told = Last(&Event::has_courier_called_back);
  EXPECT_EQ(told.courier_called_back().cause(), base::v1::INCIDENT_KIND_NOBODY_THERE);
  EXPECT_TRUE(told.courier_called_back().had_arrived());
  EXPECT_EQ(told.courier_called_back().courier_id(), "courier-1");
}

TEST_F(Deliveries, DLV_04_At1414TheCourierWaitsAndAt1415WithoutContactIsCalledBack) {
  ASSERT_THAT(Leave(), IsOk());
  AtTime("14:00");
  ASSERT_THAT(Arrive(), IsOk());
  EXPECT_EQ(Arrive().status().code(), absl::StatusCode::kFailedPrecondition) << "it is not longer for that";
  AtTime("14:14");
  EXPECT_EQ(State(), "at_the_door");
  EXPECT_THAT(Allowed(Courier()),
              UnorderedElementsAre("RecordContact", "HandOverParcel", "RecordRefusal", "RecordParcelBack"));
  AtTime("14:15");
  EXPECT_EQ(State(), "returning");
  EXPECT_THAT(Reached(true), RefusedBy("DLV-04")) << "too late";
  EXPECT_THAT(Allowed(Courier()), UnorderedElementsAre("HandOverParcel", "RecordParcelBack"));
}

TEST_F(Deliveries, DLV_04_WhoIsNotComingIsNotWaitedFor) {
  ASSERT_THAT(Leave(), IsOk());
  AtTime("14:00");
  ASSERT_THAT(Arrive(), IsOk());
  AtTime("14:05");
  ASSERT_THAT(Reached(false), IsOk());
  EXPECT_EQ(WaitsUntil(), "14:15");
  AtTime("14:10");
  ASSERT_THAT(Reached(true), IsOk());
  EXPECT_EQ(WaitsUntil(), "14:30");
  AtTime("14:20");
  ASSERT_THAT(Reached(false), IsOk()) << "not any more";
  AtTime("14:21");
  EXPECT_EQ(State(), "returning");
}

TEST_F(Deliveries, DLV_04_AHandoverEndsTheWait) {
  ASSERT_THAT(Leave(), IsOk());
  AtTime("14:00");
  ASSERT_THAT(Arrive(), IsOk());
  AtTime("14:14");
  const auto handed = HandTo(base::v1::TAKER_RECIPIENT);
  ASSERT_THAT(handed, IsOk());
  EXPECT_EQ(handed->outcome(), HandoverResult::OUTCOME_ACCEPTED);
  EXPECT_EQ(OrderState(), "delivered");
  EXPECT_TRUE(desk_.last_events().empty() || desk_.tasks().empty());
  EXPECT_TRUE(desk_.Events(&Event::has_order_delivered).back().has_order_delivered());
  AtTime("14:30");
  EXPECT_EQ(State(), "handed_over");
  EXPECT_THAT(Trouble(), IsEmpty());
  EXPECT_THAT(Work(), IsEmpty());
  EXPECT_EQ(Now().attempts(0).outcome(), Attempt::OUTCOME_HANDED_OVER);
}

TEST_F(Deliveries, DLV_04_WhoIsMetOnTheWayBackHasGotItAllTheSame) {
  ASSERT_THAT(Leave(), IsOk());
  AtTime("14:00");
  ASSERT_THAT(Arrive(), IsOk());
  AtTime("14:16");
  EXPECT_THAT(Report(), RefusedBy("DLV-03")) << "a report alone is not enough";
  ASSERT_THAT(HandTo(base::v1::TAKER_RECIPIENT), IsOk());
  EXPECT_EQ(OrderState(), "delivered");
  EXPECT_THAT(Ended(), ElementsAre("nobody_there delivered"));
  EXPECT_THAT(TheOrder().holds(), IsEmpty());
  EXPECT_TRUE(desk_.events().back().has_order_delivered() ||
              desk_.Events(&Event::has_order_delivered).size() == 1U);
}

TEST_F(Deliveries, DLV_04_AReturnWithoutAnArrivalIsNoAttempt) {
  ASSERT_THAT(Leave(), IsOk());
  AtTime("14:00");
  ASSERT_THAT(Tell(RecordParcelBack, Courier()), IsOk());
  EXPECT_EQ(OrderState(), "shipped at_store");
  EXPECT_FALSE(Last(&Event::has_parcel_back).parcel_back().had_arrived());
  EXPECT_EQ(Count(&Event::has_courier_called_back), 0U) << "nobody was out";
  EXPECT_THAT(Trouble(), IsEmpty());
  EXPECT_THAT(TheOrder().holds(), IsEmpty());
  EXPECT_THAT(Work(), ElementsAre("merchant dispatch_again"));
  EXPECT_EQ(Now().attempts(0).outcome(), Attempt::OUTCOME_CAME_BACK);
  EXPECT_FALSE(Now().attempts(0).has_arrive_time());
  EXPECT_THAT(Tell(RecordArrival, Courier()), DeniedBy("ROL-03")) << "they do not carry it any more";
}

TEST_F(Deliveries, DLV_03_ORD_12_RecalledAndSentAgainOnceNothingHoldsIt) {
  ASSERT_THAT(Leave(), IsOk());
  EXPECT_THAT(Leave("courier-2"), RefusedBy("DLV-03"));
  AtTime("14:00");
  ASSERT_THAT(Recall(), IsOk());
  EXPECT_EQ(OrderState(), "shipped returning");
  EXPECT_FALSE(Last(&Event::has_courier_called_back).courier_called_back().had_arrived());
  EXPECT_TRUE(Last(&Event::has_courier_called_back).courier_called_back().asked());
  EXPECT_THAT(Trouble(), ElementsAre("recipient_elsewhere"));
  EXPECT_THAT(Leave("courier-2"), RefusedBy("DLV-03")) << "it is not back yet";
  // The customer is asked to pay for going again, by payments (PAY-02).
  ASSERT_THAT(desk_.As(Service()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_AWAITING_SURCHARGE, "sur-1")),
              IsOk());
  ASSERT_THAT(Choose(base::v1::INCIDENT_OPTION_REDELIVER), IsOk());
  ASSERT_THAT(Back(), IsOk());
  EXPECT_EQ(OrderState(), "shipped at_store");
  const auto held = Leave("courier-2");
  EXPECT_THAT(held, RefusedBy("ORD-12"));
  EXPECT_THAT(held.status().message(), HasSubstr("AWAITING_SURCHARGE (sur-1)"));
  EXPECT_THAT(Report(), RefusedBy("DLV-03")) << "it lies here";
  orders::v1::ReleaseHoldRequest paid;
  paid.set_hold(base::v1::HOLD_NAME_AWAITING_SURCHARGE);
  paid.set_reference_id("sur-1");
  ASSERT_THAT(Tell(ReleaseHold, Service(), paid), IsOk());
  EXPECT_THAT(Work(), ElementsAre("merchant dispatch_again"));
  ASSERT_THAT(Leave("courier-2"), IsOk());
  EXPECT_EQ(OrderState(), "shipped with_courier");
  EXPECT_EQ(TheOrder().courier_id(), "courier-2");
  EXPECT_EQ(Last(&Event::has_courier_dispatched).courier_dispatched().attempt(), 2);
  EXPECT_EQ(Count(&Event::has_order_shipped), 1U);
  EXPECT_THAT(Ended(), ElementsAre("recipient_elsewhere sent_again"));
  EXPECT_THAT(Tell(RecordArrival, Courier()), DeniedBy("ROL-03")) << "another one carries it";
}

TEST_F(Deliveries, DLV_06_RefusedAndTheCustomerWantsTheMoneyBack) {
  ASSERT_THAT(Leave(), IsOk());
  AtTime("14:00");
  ASSERT_THAT(Tell(RecordRefusal, Courier()), IsOk());
  EXPECT_TRUE(Last(&Event::has_courier_called_back).courier_called_back().had_arrived());
  EXPECT_THAT(Trouble(), ElementsAre("refused"));
  EXPECT_THAT(Tell(RecordRefusal, Courier()), RefusedBy("DLV-06"));
  ASSERT_THAT(Choose(base::v1::INCIDENT_OPTION_REFUND_LESS_FEE), IsOk());
  EXPECT_EQ(OrderState(), "shipped returning") << "not before it is back";
  ASSERT_THAT(Back(), IsOk());
  EXPECT_EQ(OrderState(), "returned");
  EXPECT_EQ(State(), "closed");
  EXPECT_THAT(Work(), IsEmpty());
}

TEST_F(Deliveries, DLV_06_RefusedAndAnotherRecipientGetsIt) {
  ASSERT_THAT(Leave(), IsOk());
  ASSERT_THAT(Tell(RecordRefusal, Courier()), IsOk());
  ASSERT_THAT(Back(), IsOk());
  EXPECT_THAT(Leave(), RefusedBy("ORD-12")) << "nothing is chosen yet";
  incidents::v1::ChooseOptionRequest request;
  request.set_incident_id(Last(&Event::has_incident_opened).case_id());
  request.set_option(base::v1::INCIDENT_OPTION_ANOTHER_RECIPIENT);
  request.mutable_recipient()->set_name("Mehmet");
  request.mutable_recipient()->add_address_lines("Bağdat Cad. 1");
  ASSERT_THAT(desk_.As(Customer()).Decide(ChooseOption, request), IsOk());
  ASSERT_THAT(Leave(), IsOk());
  EXPECT_THAT(Ended(), ElementsAre("refused sent_again"));
}

TEST_F(Deliveries, ROL_03_ROL_11_ACourierTellsOfWhatTheyCarryAlone) {
  ASSERT_THAT(Leave(), IsOk());
  for (const auto& other : {Courier("courier-2"), Manager("m-2")}) {
    EXPECT_THAT(Tell(RecordArrival, other), DeniedBy("ROL-03"));
  }
  EXPECT_THAT(Tell(RecordArrival, Customer()), DeniedBy("ROL-03"));
  deliveries::v1::DispatchRequest request;
  request.set_courier_id("courier-1");
  EXPECT_THAT(Tell(Dispatch, Courier(), request), DeniedBy("ROL-02"));
  EXPECT_THAT(Tell(RecallCourier, Courier()), DeniedBy("ROL-02"));
  EXPECT_THAT(Tell(RecordArrival, Service()), IsOk());
}

TEST_F(Deliveries, DLV_03_AHandoverToACourierIsTheirFirstWay) {
  orders::v1::HandOverRequest request;
  request.set_courier_id("courier-1");
  ASSERT_THAT(Tell(HandOverAndDispatch, Employee(), request), IsOk());
  EXPECT_EQ(State(), "with_courier");
  EXPECT_EQ(OrderState(), "shipped with_courier");
  EXPECT_EQ(Count(&Event::has_courier_dispatched), 1U);
  ASSERT_THAT(Arrive(), IsOk());
  EXPECT_EQ(Now().attempt_count(), 1);
}

TEST_F(Deliveries, DLV_04_WhatWasHandedOverBeforeDeliveriesWereKeptGoesOnAsItIs) {
  orders::v1::HandOverRequest request;
  request.set_courier_id("courier-1");
  ASSERT_THAT(Tell(HandOver, Employee(), request), IsOk());
  EXPECT_FALSE(desk_.Find<Delivery>("o-1").has_value());
  ASSERT_THAT(Arrive(), IsOk());
  EXPECT_EQ(State(), "at_the_door");
}

TEST_F(Deliveries, ORD_11_WhatIsToldAfterTheDeliveryChangesNothing) {
  ASSERT_THAT(Leave(), IsOk());
  AtTime("14:00");
  ASSERT_THAT(Arrive(), IsOk());
  ASSERT_THAT(Report(), IsOk()) << "the same as a handover to the recipient";
  EXPECT_EQ(State(), "closed");
  EXPECT_TRUE(desk_.tasks().empty()) << "nobody is called back";
  const Order before = TheOrder();
  ASSERT_THAT(Arrive(), IsOk());
  EXPECT_EQ(Last(&Event::has_late_report).late_report().report(), "arrived");
  ASSERT_THAT(Back(), IsOk());
  ASSERT_THAT(Tell(RecordRefusal, Courier()), IsOk());
  ASSERT_THAT(HandTo(base::v1::TAKER_RECIPIENT), IsOk());
  EXPECT_EQ(Count(&Event::has_late_report), 4U);
  EXPECT_EQ(TheOrder().version(), before.version());
  EXPECT_THAT(Trouble(), IsEmpty());
  EXPECT_THAT(Allowed(Courier()), IsEmpty()) << "and is not offered (ORD-09)";
}

TEST_F(Deliveries, ORD_12_NoHoldLetsACourierGoAndWhatIsOutIsNotHeld) {
  ASSERT_THAT(desk_.As(Manager()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_ADDRESS_UNCONFIRMED)),
              IsOk());
  EXPECT_THAT(Leave(), RefusedBy("ORD-12"));
  orders::v1::ReleaseHoldRequest release;
  release.set_hold(base::v1::HOLD_NAME_ADDRESS_UNCONFIRMED);
  ASSERT_THAT(Tell(ReleaseHold, Manager(), release), IsOk());
  ASSERT_THAT(Leave(), IsOk());
  EXPECT_THAT(desk_.As(Manager()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_ADDRESS_UNCONFIRMED)),
              RefusedBy("ORD-12"));
  ASSERT_THAT(Back(), IsOk());
  EXPECT_THAT(desk_.As(Manager()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_ADDRESS_UNCONFIRMED)),
              IsOk());
  EXPECT_THAT(Work(), ElementsAre("operations release_hold")) << "and is not sent out before";
}

TEST_F(Deliveries, ORD_08_AShopsReportDeliversNothingThatIsBackAtTheStore) {
  ASSERT_THAT(Leave(), IsOk());
  ASSERT_THAT(Back(), IsOk());
  orders::v1::ReportStatusRequest request;
  request.mutable_report()->set_order_id("o-1");
  request.mutable_report()->set_status("settled");
  request.mutable_report()->set_date_of_delivery("2026-09-02");
  EXPECT_THAT(desk_.As(Connector()).Decide(ReportStatus, request), RefusedBy("DLV-03"));
}

TEST_F(Deliveries, ORD_09_EveryActionOfferedCanBeTaken) {
  EXPECT_THAT(Allowed(Employee()), ElementsAre("Dispatch"));
  ASSERT_THAT(Leave(), IsOk());
  EXPECT_THAT(Allowed(Employee()),
              UnorderedElementsAre("RecordArrival", "HandOverParcel", "RecordRefusal", "RecordParcelBack",
                                   "RecallCourier", "RecordCustomsHold"));
  EXPECT_THAT(Allowed(Customer()), UnorderedElementsAre("AllowThirdPerson", "RequestInterception"));
  ASSERT_THAT(Back(), IsOk());
  EXPECT_THAT(Allowed(Employee()), ElementsAre("Dispatch"));
}

}  // namespace
}  // namespace makegood::rules
