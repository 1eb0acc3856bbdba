// What has not arrived is sent, or made good by a case, and never both (ORD-07, CLM-01, RFD-08); and until
// when people are to have done what a parcel waits for (WRK-01).
#include "common/rules/policy/terms.h"
#include "tests/rules/deliveries/delivery_fixture.h"

namespace makegood::rules {
namespace {

class OneWay : public Deliveries {
 protected:
  void Missing() {
    OrderOn("flowwow");
    ASSERT_THAT(Send(), IsOk());
    ASSERT_THAT(Report(), IsOk());
    ASSERT_THAT(Tell(ReportNotArrived, Customer()), IsOk());
  }

  absl::Status MayClaim() const {
    return CheckClaimTerm(TheOrder(), desk_.now(), testing::ShippedPolicies());
  }
};

TEST_F(OneWay, ORD_07_CLM_01_WhatIsToBeSentIsNotClaimedMeanwhile) {
  OrderOn("flowwow");
  ASSERT_THAT(Send(), IsOk());
  ASSERT_THAT(Report(), IsOk());
  EXPECT_THAT(MayClaim(), IsOk());
  ASSERT_THAT(Tell(ReportNotArrived, Customer()), IsOk());
  EXPECT_EQ(OrderState(), "delivered not_arrived");
  EXPECT_THAT(MayClaim(), RefusedBy("ORD-07"));
  EXPECT_THAT(MayClaim().message(), HasSubstr("corrected")) << "and it says what to do";
  ASSERT_THAT(Leave(), IsOk());
  EXPECT_THAT(MayClaim(), RefusedBy("ORD-07"));
  ASSERT_THAT(Back(), IsOk());
  EXPECT_THAT(MayClaim(), RefusedBy("ORD-07"));
  ASSERT_THAT(Tell(RecordLateArrival, Customer()), IsOk());
  EXPECT_EQ(OrderState(), "delivered");
  EXPECT_THAT(MayClaim(), IsOk()) << "a parcel that has come may lack something";
}

TEST_F(OneWay, ORD_07_CLM_08_TermsCountFromTheArrival) {
  Missing();
  AtTime("18:00");
  desk_.Advance(absl::Hours(24 * 10));
  ASSERT_THAT(Tell(RecordLateArrival, Customer()), IsOk());
  EXPECT_EQ(ToTime(TheOrder().arrived_time()), desk_.now());
  EXPECT_THAT(MayClaim(), IsOk()) << "seven days from then";
  desk_.Advance(absl::Hours(24 * 8));
  EXPECT_THAT(MayClaim(), RefusedBy("CLM-01"));
}

TEST_F(OneWay, ORD_07_ORD_05_ACorrectionEndsIt) {
  Missing();
  ASSERT_THAT(Tell(ReportFalseDelivery, Manager(), orders::v1::ReportFalseDeliveryRequest()), IsOk());
  EXPECT_EQ(OrderState(), "delivered");
}

TEST_F(OneWay, ORD_07_ORD_05_WhoIsOutWithItWhenItIsCorrectedComesBack) {
  for (const bool arrived : {false, true}) {
    Missing();
    ASSERT_THAT(Leave(), IsOk());
    if (arrived) {
      ASSERT_THAT(Arrive(), IsOk());
    }
    ASSERT_THAT(Tell(ReportFalseDelivery, Manager(), orders::v1::ReportFalseDeliveryRequest()), IsOk());
    EXPECT_EQ(State(), "returning");
    EXPECT_EQ(Last(&Event::has_courier_called_back).courier_called_back().had_arrived(), arrived);
    EXPECT_THAT(Work(), ::testing::Contains("courier bring_back"));
    ASSERT_THAT(Back(), IsOk());
    EXPECT_EQ(State(), "closed");
    EXPECT_EQ(OrderState(), "delivered");
    EXPECT_THAT(Ended(), ElementsAre("not_arrived seen_to"));
    EXPECT_THAT(Work(), Not(::testing::Contains("courier bring_back")));
    EXPECT_THAT(Leave(), RefusedBy("ORD-05"));
  }
}

TEST_F(OneWay, ORD_05_WhatTheRecipientTookAtTheDoorWasNotDeliveredByMistake) {
  OrderOn("flowwow");
  ASSERT_THAT(Leave(), IsOk());
  ASSERT_THAT(HandTo(base::v1::TAKER_RECIPIENT), IsOk());
  EXPECT_THAT(Tell(ReportFalseDelivery, Manager(), orders::v1::ReportFalseDeliveryRequest()),
              RefusedBy("ORD-05"));
  Missing();
  ASSERT_THAT(Tell(RecordLateArrival, Customer()), IsOk());
  EXPECT_THAT(Tell(ReportFalseDelivery, Manager(), orders::v1::ReportFalseDeliveryRequest()),
              RefusedBy("ORD-05"));
}

TEST_F(OneWay, ORD_07_RFD_08_WhatIsClaimedIsNotSent) {
  OrderOn("flowwow");
  ASSERT_THAT(Send(), IsOk());
  ASSERT_THAT(Report(), IsOk());
  ASSERT_THAT(Case("clm-1", IsOpened), IsOk());
  EXPECT_THAT(Tell(ReportNotArrived, Customer()), RefusedBy("ORD-07"));
  EXPECT_THAT(Allowed(Customer()), Not(::testing::Contains("ReportNotArrived")));
  EXPECT_THAT(Trouble(), IsEmpty());
  ASSERT_THAT(Case("clm-1", [](Event& event) { event.mutable_claim_rejected()->set_final(false); }), IsOk());
  EXPECT_THAT(Tell(ReportNotArrived, Customer()), RefusedBy("ORD-07")) << "it may be appealed";
  ASSERT_THAT(Case("clm-1", [](Event& event) { event.mutable_claim_resolved(); }), IsOk());
  EXPECT_THAT(Tell(ReportNotArrived, Customer()), RefusedBy("ORD-07")) << "and it was made good";
}

TEST_F(OneWay, ORD_07_CLM_01_ACaseThatEndedInNothingStandsInNobodysWay) {
  const std::vector<void (*)(Event&)> ends = {
      IsRetracted, [](Event& event) { event.mutable_claim_lapsed(); },
      [](Event& event) { event.mutable_rejection_closed(); },
      [](Event& event) { event.mutable_claim_rejected()->set_final(true); },
      [](Event& event) { event.mutable_withdrawal_closed(); }};
  for (void (*const end)(Event&) : ends) {
    OrderOn("flowwow");
    ASSERT_THAT(Send(), IsOk());
    ASSERT_THAT(Report(), IsOk());
    ASSERT_THAT(Case("case-1", IsOpened), IsOk());
    ASSERT_THAT(Case("case-1", end), IsOk());
    EXPECT_THAT(Tell(ReportNotArrived, Customer()), IsOk());
  }
  OrderOn("flowwow");
  ASSERT_THAT(Send(), IsOk());
  ASSERT_THAT(Report(), IsOk());
  ASSERT_THAT(Case("wdr-1", [](Event& event) { event.mutable_withdrawal_opened(); }), IsOk());
  ASSERT_THAT(Case("wdr-1", [](Event& event) { event.mutable_withdrawal_closed()->set_units_returned(1); }),
              IsOk());
  EXPECT_THAT(Tell(ReportNotArrived, Customer()), RefusedBy("ORD-07")) << "some of it was paid back";
}

// The claim was opened before claims could know, and is heard of afterwards.
TEST_F(OneWay, ORD_07_SYS_13_AClaimThatIsHeardOfLateEndsIt) {
  Missing();
  ASSERT_THAT(Case("clm-1", IsOpened), IsOk());
  EXPECT_EQ(State(), "closed");
  EXPECT_EQ(OrderState(), "delivered");
  EXPECT_THAT(Ended(), ElementsAre("not_arrived superseded"));
  EXPECT_THAT(Work(), IsEmpty());
  EXPECT_THAT(Leave(), RefusedBy("ORD-05")) << "nothing is sent beside it";
  ASSERT_THAT(Case("clm-1", IsRetracted), IsOk());
  EXPECT_THAT(Tell(ReportNotArrived, Customer()), IsOk()) << "it is missing all the same";
}

TEST_F(OneWay, ORD_07_SYS_13_WhoIsOutWithItByThenIsCalledBack) {
  Missing();
  ASSERT_THAT(Leave(), IsOk());
  ASSERT_THAT(Case("clm-1", IsOpened), IsOk());
  EXPECT_EQ(State(), "returning");
  EXPECT_THAT(Work(), ElementsAre("courier bring_back"));
  EXPECT_EQ(Word(Last(&Event::has_courier_called_back).courier_called_back().cause()), "not_arrived");
  ASSERT_THAT(Back(), IsOk());
  EXPECT_EQ(State(), "closed");
  EXPECT_THAT(Ended(), ElementsAre("not_arrived superseded"));
  EXPECT_THAT(Work(), IsEmpty());
}

TEST_F(OneWay, ORD_07_WhoMeetsTheRecipientAllTheSameSaysSo) {
  Missing();
  ASSERT_THAT(Leave(), IsOk());
  ASSERT_THAT(Case("clm-1", IsOpened), IsOk());
  ASSERT_THAT(HandTo(base::v1::TAKER_RECIPIENT), IsOk());
  EXPECT_EQ(State(), "handed_over");
  EXPECT_EQ(Count(&Event::has_arrival_recorded), 1U) << "for whoever decides the claim";
}

// ---- Until when (WRK-01).

TEST_F(OneWay, WRK_01_DLV_03_WhatIsBroughtBackAndSentAgainHasATime) {
  AtTime("12:00");
  ASSERT_THAT(Leave(), IsOk());
  ASSERT_THAT(Recall(), IsOk());
  EXPECT_THAT(Due(), ElementsAre("bring_back by 02 14:00"));
  AtTime("13:00");
  ASSERT_THAT(Back(), IsOk());
  EXPECT_THAT(Due(), IsEmpty()) << "the customer chooses";
  AtTime("14:00");
  ASSERT_THAT(Choose(base::v1::INCIDENT_OPTION_REDELIVER), IsOk());
  EXPECT_THAT(Due(), ElementsAre("dispatch_again by 02 16:00")) << "from when nothing keeps it";
}

TEST_F(OneWay, WRK_01_DLV_04_WhatCameBackUnaskedGoesOutAgainByATime) {
  AtTime("12:00");
  ASSERT_THAT(Leave(), IsOk());
  ASSERT_THAT(Back(), IsOk());
  EXPECT_THAT(Due(), ElementsAre("dispatch_again by 02 14:00"));
}

TEST_F(OneWay, WRK_01_ORD_07_WhatHasNotArrivedIsSentByATime) {
  AtTime("12:00");
  Missing();
  desk_.MoveTo(At("2026-09-02T12:00+03:00"));
  EXPECT_THAT(Due(), ElementsAre("dispatch_again by 02 12:00"));
  ASSERT_THAT(Leave(), IsOk());
  ASSERT_THAT(Recall(), IsOk());
  EXPECT_THAT(Due(), ElementsAre("bring_back by 02 14:00"));
  ASSERT_THAT(Back(), IsOk());
  EXPECT_THAT(Due(), ElementsAre("dispatch_again by 02 14:00"));
}

TEST_F(OneWay, WRK_01_DLV_07_DLV_08_CarriersAnswersAndCustomsHaveATime) {
  ASSERT_THAT(Send(), IsOk());
  AtTime("12:00");
  ASSERT_THAT(Tell(RecordCustomsHold, Employee(), deliveries::v1::RecordCustomsHoldRequest()), IsOk());
  EXPECT_THAT(Due(), ElementsAre("clear_customs by 04 12:00"));
  ASSERT_THAT(Tell(RecordCustomsRelease, Employee(), deliveries::v1::RecordCustomsReleaseRequest()), IsOk());
  ASSERT_THAT(Intercept(deliveries::v1::INTERCEPTION_REASON_CANCEL), IsOk());
  EXPECT_THAT(Due(), ElementsAre("record_interception by 03 12:00"));
  ASSERT_THAT(Answered(deliveries::v1::INTERCEPTION_ANSWER_GIVEN_BACK), IsOk());
  EXPECT_THAT(Due(), ElementsAre("bring_back by 02 14:00"));
}

// ---- What is over is not held (ORD-12).

TEST_F(OneWay, ORD_12_WhatIsMetOnItsWayBackHasNoHoldAnyMore) {
  ASSERT_THAT(Leave(), IsOk());
  ASSERT_THAT(Recall(), IsOk());
  EXPECT_THAT(TheOrder().holds(), SizeIs(1));
  ASSERT_THAT(HandTo(base::v1::TAKER_RECIPIENT), IsOk());
  EXPECT_EQ(OrderState(), "delivered");
  EXPECT_THAT(TheOrder().holds(), IsEmpty());
  EXPECT_EQ(Count(&Event::has_hold_released), 1U) << "told once";
}

}  // namespace
}  // namespace makegood::rules
