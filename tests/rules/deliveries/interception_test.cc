// Parcels with a carrier: called back (DLV-08), and kept by the customs (DLV-07).
#include "tests/rules/deliveries/delivery_fixture.h"

namespace makegood::rules {
namespace {

constexpr auto kCancels = deliveries::v1::INTERCEPTION_REASON_CANCEL;
constexpr auto kElsewhere = deliveries::v1::INTERCEPTION_REASON_WRONG_ADDRESS;
constexpr auto kGivenBack = deliveries::v1::INTERCEPTION_ANSWER_GIVEN_BACK;
constexpr auto kGoesOn = deliveries::v1::INTERCEPTION_ANSWER_NOT_GIVEN_BACK;

class Interceptions : public Deliveries {
 protected:
  void OnItsWay(base::v1::AddressZone zone = base::v1::ADDRESS_ZONE_UNSPECIFIED) {
    OrderOn("tmall", zone);
    ASSERT_THAT(Send(), IsOk());
  }
};

TEST_F(Interceptions, DLV_08_FailedNothingGoesBackByThisRoute) {
  OnItsWay(base::v1::ADDRESS_ZONE_NATIONAL);
  ASSERT_THAT(Intercept(kCancels), IsOk());
  EXPECT_THAT(Trouble(), ElementsAre("cancelled_on_the_way"));
  EXPECT_THAT(Work(), ElementsAre("merchant record_interception"));
  EXPECT_THAT(Intercept(kElsewhere), RefusedBy("DLV-08")) << "one at a time";
  EXPECT_THAT(TheOrder().holds(), IsEmpty()) << "what has left is not held";
  ASSERT_THAT(Answered(kGoesOn), IsOk());
  EXPECT_EQ(OrderState(), "shipped");
  EXPECT_EQ(State(), "with_carrier") << "it goes on";
  EXPECT_FALSE(Last(&Event::has_interception_ended).interception_ended().succeeded());
  EXPECT_THAT(Ended(), ElementsAre("cancelled_on_the_way seen_to"));
  EXPECT_THAT(Work(), IsEmpty());
  EXPECT_THAT(Intercept(kCancels), RefusedBy("DLV-08"));
  ASSERT_THAT(Report(), IsOk());
  EXPECT_EQ(OrderState(), "delivered") << "and may be claimed about";
}

TEST_F(Interceptions, DLV_08_SucceededItIsReturnedWhenItIsBack) {
  OnItsWay(base::v1::ADDRESS_ZONE_CITY);
  ASSERT_THAT(Intercept(kCancels), IsOk());
  ASSERT_THAT(Answered(kGivenBack), IsOk());
  EXPECT_EQ(OrderState(), "shipped returning");
  EXPECT_THAT(Work(), ElementsAre("merchant bring_back"));
  EXPECT_THAT(Report(), RefusedBy("DLV-03"));
  ASSERT_THAT(Back(), IsOk());
  EXPECT_EQ(OrderState(), "returned");
  EXPECT_EQ(TheOrder().return_cause(), base::v1::RETURN_CAUSE_INTERCEPTED);
  EXPECT_EQ(State(), "closed");
  EXPECT_THAT(Ended(), ElementsAre("cancelled_on_the_way returned"));
  EXPECT_THAT(Work(), IsEmpty());
  EXPECT_THAT(TheOrder().holds(), IsEmpty());
}

TEST_F(Interceptions, DLV_08_WhatGivesMoneyBackIsToldLast) {
  OnItsWay();
  ASSERT_THAT(Intercept(kCancels), IsOk());
  ASSERT_THAT(Answered(kGivenBack), IsOk());
  ASSERT_THAT(
      desk_.As(Employee()).Decide(RecordParcelBack, About<deliveries::v1::RecordParcelBackRequest>("o-1")),
      IsOk());
  EXPECT_TRUE(desk_.last_events().back().has_order_returned());
  EXPECT_EQ(desk_.last_events().back().order_version(), TheOrder().version());
}

TEST_F(Interceptions, DLV_08_SYS_07_AbroadItIsRecordedAndRefusedAtOnce) {
  OnItsWay(base::v1::ADDRESS_ZONE_INTERNATIONAL);
  const auto asked = Intercept(kCancels);
  ASSERT_THAT(asked, IsOk());
  EXPECT_EQ(asked->interception().state(), Interception::STATE_REFUSED);
  const Event told = Last(&Event::has_interception_requested);
  EXPECT_TRUE(told.interception_requested().refused());
  EXPECT_EQ(told.case_id(), asked->interception().interception_id());
  EXPECT_THAT(Trouble(), IsEmpty());
  EXPECT_THAT(Work(), IsEmpty());
  EXPECT_EQ(OrderState(), "shipped");
  EXPECT_THAT(Answered(kGivenBack), RefusedBy("DLV-08"));
  EXPECT_THAT(Intercept(kCancels), RefusedBy("DLV-08")) << "the answer is known";
}

TEST_F(Interceptions, DLV_08_AWrongAddressIsPutRightAndItIsSentAgain) {
  OnItsWay();
  ASSERT_THAT(Intercept(kElsewhere, Operations()), IsOk());
  EXPECT_EQ(Last(&Event::has_interception_requested).interception_requested().customer_word(), "call-1");
  EXPECT_THAT(Trouble(), ElementsAre("wrong_address"));
  ASSERT_THAT(Answered(kGivenBack), IsOk());
  ASSERT_THAT(Back(), IsOk());
  EXPECT_EQ(OrderState(), "shipped at_store");
  EXPECT_EQ(State(), "at_store");
}

TEST_F(Interceptions, DLV_08_DeliveredMeanwhileItHasFailed) {
  OnItsWay();
  ASSERT_THAT(Intercept(kCancels), IsOk());
  ASSERT_THAT(Report(), IsOk());
  EXPECT_EQ(OrderState(), "delivered");
  EXPECT_EQ(Now().interception().state(), Interception::STATE_FAILED);
  EXPECT_EQ(Count(&Event::has_interception_ended), 0U) << "the delivery tells it";
  EXPECT_THAT(Ended(), ElementsAre("cancelled_on_the_way delivered"));
  EXPECT_THAT(Work(), IsEmpty());
  EXPECT_THAT(Answered(kGivenBack), RefusedBy("DLV-08"));
}

TEST_F(Interceptions, DLV_08_WhatIsBackUnansweredWasGivenBack) {
  OnItsWay();
  ASSERT_THAT(Intercept(kCancels), IsOk());
  ASSERT_THAT(Back(), IsOk());
  EXPECT_TRUE(Last(&Event::has_interception_ended).interception_ended().succeeded());
  EXPECT_EQ(OrderState(), "returned");
}

TEST_F(Interceptions, DLV_08_DLV_04_WhatComesBackAsItWasCalledForAsksNothingElse) {
  ASSERT_THAT(Leave(), IsOk());
  ASSERT_THAT(Intercept(kCancels), IsOk());
  AtTime("14:00");
  ASSERT_THAT(Arrive(), IsOk());
  AtTime("14:15");
  EXPECT_EQ(State(), "returning");
  EXPECT_THAT(Trouble(), ElementsAre("cancelled_on_the_way"));
  EXPECT_TRUE(Last(&Event::has_interception_ended).interception_ended().succeeded());
  EXPECT_FALSE(Last(&Event::has_courier_called_back).courier_called_back().asked());
  EXPECT_THAT(Work(), ElementsAre("courier bring_back"));
  EXPECT_THAT(Answered(kGoesOn), RefusedBy("DLV-08"));
  ASSERT_THAT(Back(), IsOk());
  EXPECT_EQ(OrderState(), "returned");
  EXPECT_EQ(TheOrder().return_cause(), base::v1::RETURN_CAUSE_INTERCEPTED);
  EXPECT_THAT(Ended(), ElementsAre("cancelled_on_the_way returned"));
}

TEST_F(Interceptions, DLV_08_DLV_06_OfOneReturnTheCustomerIsAskedOnce) {
  for (const bool refused : {true, false}) {
    OrderOn("flowwow");
    ASSERT_THAT(Leave(), IsOk());
    ASSERT_THAT(Intercept(kElsewhere), IsOk());
    ASSERT_THAT(refused ? Tell(RecordRefusal, Courier()) : Recall(), IsOk());
    EXPECT_THAT(Trouble(), ElementsAre("wrong_address"));
    ASSERT_THAT(Back(), IsOk());
    EXPECT_THAT(TheOrder().holds(), SizeIs(1));
    ASSERT_THAT(Choose(base::v1::INCIDENT_OPTION_REDELIVER), IsOk());
    ASSERT_THAT(Leave(), IsOk()) << "nothing else is to be chosen";
    EXPECT_THAT(Ended(), ElementsAre("wrong_address sent_again"));
  }
}

TEST_F(Interceptions, DLV_09_DLV_08_WhatHasNotLeftIsCancelledAndWhatComesBackIsNotCalled) {
  EXPECT_THAT(Intercept(kCancels), RefusedBy("DLV-09"));
  ASSERT_THAT(Leave(), IsOk());
  ASSERT_THAT(Back(), IsOk());
  EXPECT_THAT(Intercept(kCancels), RefusedBy("DLV-08"));
  OnItsWay();
  EXPECT_THAT(Intercept(kCancels, Customer("c-2")), DeniedBy("ROL-08"));
  EXPECT_THAT(Intercept(kCancels, Manager()), DeniedBy("ROL-08"));
  EXPECT_THAT(Answered(kGivenBack), RefusedBy("DLV-08")) << "nobody asked";
}

TEST_F(Interceptions, DLV_07_OnlyAnExplicitReportIsAHoldOfTheCustoms) {
  OnItsWay(base::v1::ADDRESS_ZONE_INTERNATIONAL);
  EXPECT_THAT(Tell(RecordCustomsRelease, Employee()), RefusedBy("DLV-07"));
  ASSERT_THAT(Tell(RecordCustomsHold, Service()), IsOk());
  EXPECT_EQ(Count(&Event::has_customs_held), 1U);
  EXPECT_THAT(Trouble(), ElementsAre("customs_hold"));
  EXPECT_THAT(Work(), ElementsAre("merchant clear_customs"));
  EXPECT_THAT(Tell(RecordCustomsHold, Employee()), RefusedBy("DLV-07"));
  EXPECT_THAT(TheOrder().holds(), IsEmpty()) << "it is no hold of the order";
  ASSERT_THAT(Tell(RecordCustomsRelease, Employee()), IsOk());
  EXPECT_THAT(Ended(), ElementsAre("customs_hold seen_to"));
  EXPECT_THAT(Work(), IsEmpty());
  ASSERT_THAT(Tell(RecordCustomsHold, Employee()), IsOk()) << "it may happen twice";
  ASSERT_THAT(Report(), IsOk());
  EXPECT_THAT(Work(), IsEmpty());
  EXPECT_THAT(Trouble(), IsEmpty());
  ASSERT_THAT(Tell(RecordCustomsRelease, Employee()), IsOk());
  EXPECT_EQ(Last(&Event::has_late_report).late_report().report(), "customs_release");
}

TEST_F(Interceptions, DLV_07_DLV_04_WhatIsAtTheDoorTheCustomsDoNotKeep) {
  ASSERT_THAT(Leave(), IsOk());
  ASSERT_THAT(Tell(RecordCustomsHold, Service()), IsOk());
  AtTime("14:00");
  ASSERT_THAT(Arrive(), IsOk());
  EXPECT_THAT(Ended(), ElementsAre("customs_hold seen_to")) << "whoever is at the door has it";
  EXPECT_THAT(Tell(RecordCustomsHold, Service()), RefusedBy("DLV-07"));
  AtTime("14:15");
  EXPECT_THAT(Trouble(), ElementsAre("nobody_there"));
}

}  // namespace
}  // namespace makegood::rules
