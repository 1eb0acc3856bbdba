// Extra charges: PAY-01 to PAY-06, PAY-09.
#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

MATCHER_P(IsIn, state, "is OK and in the state " + base::v1::SurchargeState_Name(state)) {
  *result_listener << StatusOf(arg);
  return arg.ok() && arg->state() == state;
}

// An order of 500.00 TRY, paid; no surcharge yet.
class SurchargeRules : public ::testing::Test {
 protected:
  SurchargeRules() { EXPECT_THAT(money_.Pay(50'000, "ref-1"), IsOk()); }

  Surcharge Stored(const Surcharge& surcharge) const {
    return *money_.desk.Find<Surcharge>(surcharge.surcharge_id());
  }

  // Approved and issued.
  Surcharge Issued(int64_t amount_minor) {
    const Surcharge surcharge = money_.Proposed(amount_minor);
    EXPECT_THAT(money_.Approve(surcharge.surcharge_id()), IsOk());
    EXPECT_THAT(money_.Issue(surcharge.surcharge_id()), IsOk());
    return Stored(surcharge);
  }

  MoneyDesk money_{{.marketplace = "flowwow",
                    .currency = "TRY",
                    .lines = {{"l-1", 1, 45'000, 2'000}},
                    .delivery_fee_minor = 5'000},
                   "2026-09-01T10:00+03:00"};
};

// Worked example 7, its money.
TEST_F(SurchargeRules, PAY_01_AFartherAddressFromProposalToPaid) {
  const Surcharge surcharge = money_.Proposed(15'000);
  const std::string& id = surcharge.surcharge_id();
  EXPECT_THAT(money_.Issue(id), RefusedBy("PAY-01"));
  ASSERT_THAT(money_.Approve(id), IsIn(base::v1::SURCHARGE_STATE_APPROVED));
  EXPECT_THAT(money_.Issue(id, Courier()), DeniedBy("PAY-03"));
  ASSERT_THAT(money_.Issue(id), IsIn(base::v1::SURCHARGE_STATE_ISSUED));
  const auto to_staff = money_.Pay(15'000, "card-1", id, Payment::DESTINATION_STAFF);
  ASSERT_THAT(to_staff, IsOk());
  EXPECT_EQ(to_staff->outcome(), Payment::OUTCOME_REFUSED);
  EXPECT_EQ(Stored(surcharge).state(), base::v1::SURCHARGE_STATE_ISSUED);
  EXPECT_TRUE(money_.desk.Tasks(rules::kReleaseHoldTask).empty());
  ASSERT_THAT(money_.Pay(15'000, "ref-2", id), IsOk());
  EXPECT_EQ(Stored(surcharge).state(), base::v1::SURCHARGE_STATE_PAID);
  EXPECT_THAT(money_.desk.Tasks(rules::kReleaseHoldTask), SizeIs(1));
  EXPECT_TRUE(money_.desk.Tasks(rules::kSurchargeExpiry).empty());
}

TEST_F(SurchargeRules, PAY_01_OneThatNamesItsCauseIsAutomaticAndIssuedByItsApproval) {
  payments::v1::ProposeSurchargeRequest request;
  request.set_order_id("o-1");
  request.set_kind(base::v1::SURCHARGE_KIND_FARTHER_ADDRESS);
  *request.mutable_amount() = money_.Money(15'000);
  request.set_cause_id("address-1");
  EXPECT_THAT(money_.desk.As(Manager()).Decide(rules::ProposeSurcharge, request, money_.order),
              NamesField("cause_id"));
  const auto surcharge = money_.desk.As(Service()).Decide(rules::ProposeSurcharge, request, money_.order);
  ASSERT_THAT(surcharge, IsOk());
  EXPECT_TRUE(surcharge->automatic());
  EXPECT_EQ(surcharge->cause_id(), "address-1");
  EXPECT_EQ(money_.desk.last_events().front().surcharge_moved().cause_id(), "address-1");
  EXPECT_THAT(money_.desk.Decide(rules::ProposeSurcharge, request, money_.order),
              StatusIs(absl::StatusCode::kAlreadyExists))
      << "a cause has one";
  ASSERT_THAT(money_.Hold(surcharge->surcharge_id()), IsOk());
  EXPECT_THAT(money_.Approve(surcharge->surcharge_id()), IsIn(base::v1::SURCHARGE_STATE_ISSUED));
  EXPECT_THAT(money_.Documents(base::v1::DOCUMENT_KIND_SURCHARGE_INVOICE), SizeIs(1));
}

TEST_F(SurchargeRules, PAY_01_WhoProposesMakesNoneAutomatic) {
  const Surcharge surcharge = money_.Proposed(15'000, Service());
  EXPECT_FALSE(surcharge.automatic());
  EXPECT_THAT(money_.Approve(surcharge.surcharge_id()), IsIn(base::v1::SURCHARGE_STATE_APPROVED));
}

TEST_F(SurchargeRules, PAY_02_DLV_03_WhatIsBackAtTheStoreIsChargedForGoingOutAgain) {
  money_.order.set_state(Order::STATE_SHIPPED);
  money_.order.set_whereabouts(Order::WHEREABOUTS_WITH_COURIER);
  EXPECT_THAT(money_.Propose(15'000, Employee(), base::v1::SURCHARGE_KIND_REDELIVERY), RefusedBy("PAY-02"));
  for (const auto whereabouts : {Order::WHEREABOUTS_RETURNING, Order::WHEREABOUTS_AT_STORE}) {
    money_.order.set_whereabouts(whereabouts);
    EXPECT_THAT(money_.Propose(15'000, Employee(), base::v1::SURCHARGE_KIND_REDELIVERY), IsOk());
  }
}

TEST_F(SurchargeRules, PAY_01_APaymentWhileProposedApprovesIssuesAndPaysInOneCommit) {
  const Surcharge surcharge = money_.Proposed(15'000);
  ASSERT_THAT(money_.Pay(15'000, "ref-2", surcharge.surcharge_id()), IsOk());
  std::vector<base::v1::SurchargeState> steps;
  for (const Event& event : money_.desk.last_events()) {
    if (event.has_surcharge_moved()) steps.push_back(event.surcharge_moved().state());
  }
  EXPECT_THAT(steps, ElementsAre(base::v1::SURCHARGE_STATE_APPROVED, base::v1::SURCHARGE_STATE_ISSUED,
                                 base::v1::SURCHARGE_STATE_PAID));
}

TEST_F(SurchargeRules, PAY_01_NobodyIsAskedForWhatIsPaidAlready) {
  const Surcharge surcharge = money_.Proposed(15'000);
  ASSERT_THAT(money_.Pay(15'000, "ref-2", surcharge.surcharge_id()), IsOk());
  std::vector<bool> passing;
  for (const Event& event : money_.desk.last_events()) {
    if (event.has_surcharge_moved()) passing.push_back(event.surcharge_moved().passing());
  }
  EXPECT_THAT(passing, ElementsAre(true, true, false));
}

TEST_F(SurchargeRules, PAY_01_APartPaidWhileProposedIsHeldAndApprovesNothing) {
  const Surcharge surcharge = money_.Proposed(15'000);
  ASSERT_THAT(money_.Pay(5'000, "ref-2", surcharge.surcharge_id()), IsOk());
  EXPECT_EQ(Stored(surcharge).state(), base::v1::SURCHARGE_STATE_PROPOSED);
  EXPECT_EQ(Stored(surcharge).paid().amount_minor(), 5'000);
  EXPECT_THAT(money_.desk.Events(&Event::has_surcharge_moved), SizeIs(2)) << "proposed and seen";
  EXPECT_EQ(money_.Hanging(), (Books{{"CUSTOMER_PREPAYMENT", -50'000}, {"SURCHARGE_PREPAYMENT", -5'000}}));
  EXPECT_THAT(money_.Issue(surcharge.surcharge_id()), RefusedBy("PAY-01"));
  ASSERT_THAT(money_.Pay(10'000, "ref-3", surcharge.surcharge_id()), IsOk());
  EXPECT_EQ(Stored(surcharge).state(), base::v1::SURCHARGE_STATE_PAID);
}

TEST_F(SurchargeRules, PAY_01_APartPaidGoesBackWithADecline) {
  const Surcharge surcharge = money_.Proposed(15'000);
  ASSERT_THAT(money_.Pay(5'000, "ref-2", surcharge.surcharge_id()), IsOk());
  ASSERT_THAT(money_.Decline(surcharge.surcharge_id()), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"CUSTOMER_PREPAYMENT", -50'000}, {"REFUNDS_PAYABLE", -5'000}}));
}

TEST_F(SurchargeRules, PAY_02_PaidBeforeItsHoldIsConfirmedItIsHeldAndPaidWithIt) {
  const auto proposed = money_.Propose(15'000);
  ASSERT_THAT(proposed, IsOk());
  ASSERT_THAT(money_.Pay(15'000, "ref-2", proposed->surcharge_id()), IsOk());
  EXPECT_EQ(Stored(*proposed).state(), base::v1::SURCHARGE_STATE_PROPOSED);
  EXPECT_EQ(money_.Hanging(), (Books{{"CUSTOMER_PREPAYMENT", -50'000}, {"SURCHARGE_PREPAYMENT", -15'000}}));
  EXPECT_THAT(money_.Documents(base::v1::DOCUMENT_KIND_SURCHARGE_INVOICE), IsEmpty());
  ASSERT_THAT(money_.Hold(proposed->surcharge_id()), IsOk());
  EXPECT_EQ(Stored(*proposed).state(), base::v1::SURCHARGE_STATE_PAID);
  EXPECT_THAT(money_.Documents(base::v1::DOCUMENT_KIND_SURCHARGE_INVOICE), SizeIs(1));
  EXPECT_THAT(money_.desk.Tasks(rules::kReleaseHoldTask), SizeIs(1));
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  EXPECT_THAT(money_.Hanging(), IsEmpty());
}

TEST_F(SurchargeRules, PAY_02_PaidBeforeItsHoldIsRefusedItIsVoidedAndPaidBack) {
  const auto proposed = money_.Propose(15'000);
  ASSERT_THAT(proposed, IsOk());
  ASSERT_THAT(money_.Pay(15'000, "ref-2", proposed->surcharge_id()), IsOk());
  ASSERT_THAT(money_.Hold(proposed->surcharge_id(), false), IsOk());
  EXPECT_EQ(Stored(*proposed).state(), base::v1::SURCHARGE_STATE_VOIDED);
  EXPECT_EQ(money_.Hanging(), (Books{{"CUSTOMER_PREPAYMENT", -50'000}, {"REFUNDS_PAYABLE", -15'000}}));
}

TEST_F(SurchargeRules, PAY_02_WhatWasPaidGoesBackAlsoWhereTheOrderIsDeliveredMeanwhile) {
  const auto proposed = money_.Propose(15'000);
  ASSERT_THAT(proposed, IsOk());
  ASSERT_THAT(money_.Pay(15'000, "ref-2", proposed->surcharge_id()), IsOk());
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"SURCHARGE_PREPAYMENT", -15'000}}));
  ASSERT_THAT(money_.Hold(proposed->surcharge_id(), false), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -15'000}}));
}

TEST_F(SurchargeRules, PAY_02_WhatIsMetOnItsWayBackIsDeliveredOnTheTermsThereWere) {
  const Surcharge proposed = money_.Proposed(15'000);
  ASSERT_THAT(money_.Pay(100, "ref-2", proposed.surcharge_id()), IsOk());
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  EXPECT_EQ(Stored(proposed).state(), base::v1::SURCHARGE_STATE_VOIDED);
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -100}}));
}

TEST_F(SurchargeRules, PAY_02_InvisibleUntilTheHoldIsConfirmed) {
  const auto proposed = money_.Propose(15'000);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_THAT(rules::CheckSeen(*proposed, Customer()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(rules::CheckSeen(*proposed, Employee()), IsOk());
  EXPECT_THAT(money_.Approve(proposed->surcharge_id()), RefusedBy("PAY-02"));
  const auto holds = money_.desk.Tasks(rules::kPlaceHoldTask);
  ASSERT_THAT(holds, SizeIs(1));
  ASSERT_THAT(money_.Hold(proposed->surcharge_id()), IsOk());
  EXPECT_THAT(rules::CheckSeen(Stored(*proposed), Customer()), IsOk());
  EXPECT_THAT(rules::CheckSeen(Stored(*proposed), Customer("c-2")), DeniedBy("ROL-11"));
}

TEST_F(SurchargeRules, PAY_02_AnOrderThatHasLeftVoidsIt) {
  const auto proposed = money_.Propose(15'000);
  ASSERT_THAT(proposed, IsOk());
  ASSERT_THAT(money_.Pay(100, "ref-2", proposed->surcharge_id()), IsOk());
  ASSERT_THAT(money_.Hold(proposed->surcharge_id(), false), IsOk());
  EXPECT_EQ(Stored(*proposed).state(), base::v1::SURCHARGE_STATE_VOIDED);
  EXPECT_TRUE(money_.desk.Tasks(rules::kReleaseHoldTask).empty());
  EXPECT_THAT(money_.desk.All<Refund>(), SizeIs(1));  // PAY-06: what was paid on it goes back
}

TEST_F(SurchargeRules, SYS_13_ARefusedHoldIsToldWithItsRuleOnTheSurchargeAndByAnEvent) {
  const auto proposed = money_.Propose(15'000);
  ASSERT_THAT(proposed, IsOk());
  ASSERT_THAT(money_.Pay(100, "ref-2", proposed->surcharge_id()), IsOk());
  ASSERT_THAT(money_.Hold(proposed->surcharge_id(), false), IsOk());
  const payments::v1::HoldRefusal refusal = Stored(*proposed).hold_refusal();
  EXPECT_EQ(refusal.call(), base::v1::CALL_KIND_PLACE_HOLD);
  EXPECT_EQ(refusal.rule_id(), "ORD-12");
  EXPECT_EQ(refusal.reason(), "the order has 50 holds");
  EXPECT_EQ(rules::ToTime(refusal.refuse_time()), money_.desk.now());
  const auto told = money_.desk.Events(&Event::has_call_refused);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].case_id(), proposed->surcharge_id());
  EXPECT_EQ(told[0].call_refused().rule_id(), "ORD-12");
  EXPECT_TRUE(ShownTo(Employee(), Stored(*proposed)).has_hold_refusal());
  EXPECT_FALSE(ShownTo(Customer(), Stored(*proposed)).has_hold_refusal());
}

TEST_F(SurchargeRules, SYS_13_ARefusedReleaseIsTold) {
  const Surcharge surcharge = money_.Proposed(15'000);
  ASSERT_THAT(money_.Decline(surcharge.surcharge_id()), IsOk());
  const auto releases = money_.desk.Tasks(rules::kReleaseHoldTask);
  ASSERT_THAT(releases, SizeIs(1));
  ASSERT_THAT(money_.desk.As(Service()).Complete(releases[0].id, rules::ReleaseRefused,
                                                 surcharge.surcharge_id(), NotFound("order", "o-1")),
              IsOk());
  EXPECT_EQ(Stored(surcharge).hold_refusal().call(), base::v1::CALL_KIND_RELEASE_HOLD);
  EXPECT_EQ(Stored(surcharge).hold_refusal().rule_id(), "");
  EXPECT_THAT(money_.desk.Events(&Event::has_call_refused), SizeIs(1));
}

TEST_F(SurchargeRules, PAY_02_AHoldConfirmedTooLateIsReleasedAgain) {
  const auto proposed = money_.Propose(15'000);
  ASSERT_THAT(proposed, IsOk());
  ASSERT_THAT(money_.Void(proposed->surcharge_id()), IsOk());
  EXPECT_TRUE(money_.desk.Tasks(rules::kReleaseHoldTask).empty());
  ASSERT_THAT(money_.Hold(proposed->surcharge_id()), IsOk());
  EXPECT_THAT(money_.desk.Tasks(rules::kReleaseHoldTask), SizeIs(1));
  EXPECT_FALSE(Stored(*proposed).visible());
}

TEST_F(SurchargeRules, PAY_09_AHoldRefusedTooLateEndsNothingTwice) {
  const auto proposed = money_.Propose(15'000);
  ASSERT_THAT(proposed, IsOk());
  ASSERT_THAT(money_.Pay(100, "ref-2", proposed->surcharge_id()), IsOk());
  ASSERT_THAT(money_.Void(proposed->surcharge_id()), IsOk());
  ASSERT_THAT(money_.Hold(proposed->surcharge_id(), false), IsOk());
  EXPECT_TRUE(money_.desk.last_events().empty());
  EXPECT_THAT(money_.desk.All<Refund>(), SizeIs(1)) << "what was paid on it goes back once";
}

TEST_F(SurchargeRules, PAY_02_NoneIsProposedOnceTheOrderHasLeft) {
  money_.order.set_state(Order::STATE_SHIPPED);
  EXPECT_THAT(money_.Propose(15'000), RefusedBy("PAY-02"));
}

TEST_F(SurchargeRules, PAY_02_NoneIsProposedOnAnOrderCancelledSinceItWasAskedFor) {
  ASSERT_THAT(money_.React(money_.Cancelled()), IsOk());
  money_.order.set_state(Order::STATE_OPEN);
  EXPECT_THAT(money_.Propose(15'000), RefusedBy("PAY-02"));
}

TEST_F(SurchargeRules, PAY_02_DeclinedReleasesTheHold) {
  const Surcharge surcharge = money_.Proposed(15'000);
  ASSERT_THAT(money_.Decline(surcharge.surcharge_id()), IsIn(base::v1::SURCHARGE_STATE_DECLINED));
  EXPECT_THAT(money_.desk.Tasks(rules::kReleaseHoldTask), SizeIs(1));
  EXPECT_TRUE(money_.desk.All<RefundGrant>().empty()) << "nothing was paid on it";
  EXPECT_THAT(money_.Approve(surcharge.surcharge_id()), RefusedBy("PAY-09"));
}

TEST_F(SurchargeRules, PAY_03_OnlyThePolicysIssuersIssue) {
  const Surcharge surcharge = money_.Proposed(15'000);
  ASSERT_THAT(money_.Approve(surcharge.surcharge_id()), IsOk());
  EXPECT_THAT(money_.Issue(surcharge.surcharge_id(), Employee()), DeniedBy("PAY-03"));
  EXPECT_THAT(money_.Issue(surcharge.surcharge_id(), Service()), DeniedBy("PAY-03"));
  EXPECT_THAT(money_.Issue(surcharge.surcharge_id(), Manager("m-2")), DeniedBy("PAY-03"));
  EXPECT_THAT(money_.Issue(surcharge.surcharge_id(), Director()), IsOk());
  EXPECT_THAT(money_.Issue(surcharge.surcharge_id(), Director()), RefusedBy("PAY-09"));
}

TEST_F(SurchargeRules, PAY_04_AnAddedProductCostsItsPriceAndIsNamed) {
  payments::v1::ProposeSurchargeRequest request;
  request.set_order_id("o-1");
  request.set_kind(base::v1::SURCHARGE_KIND_ADDED_PRODUCT);
  *request.mutable_amount() = money_.Money(2'000);
  *request.mutable_product_price() = money_.Money(2'000);
  EXPECT_THAT(money_.desk.As(Employee()).Decide(rules::ProposeSurcharge, request, money_.order),
              RefusedBy("PAY-04"));
  request.set_product("SKU-7");
  *request.mutable_product_price() = money_.Money(1'999);
  EXPECT_THAT(money_.desk.Decide(rules::ProposeSurcharge, request, money_.order), RefusedBy("PAY-04"));
  *request.mutable_product_price() = money_.Money(2'000);
  EXPECT_THAT(money_.desk.Decide(rules::ProposeSurcharge, request, money_.order), IsOk());
}

TEST_F(SurchargeRules, PAY_04_AMarketplaceWithoutSurchargesChargesNone) {
  MoneyDesk mall({.marketplace = "mall"});
  EXPECT_THAT(mall.Propose(100), RefusedBy("PAY-04"));
}

TEST_F(SurchargeRules, PAY_06_LessLeavesItOpenWithTheRestDue) {
  const Surcharge surcharge = Issued(15'000);
  ASSERT_THAT(money_.Pay(14'999, "ref-2", surcharge.surcharge_id()), IsOk());
  EXPECT_EQ(Stored(surcharge).state(), base::v1::SURCHARGE_STATE_ISSUED);
  EXPECT_EQ(Stored(surcharge).paid().amount_minor(), 14'999);
  ASSERT_THAT(money_.Pay(1, "ref-3", surcharge.surcharge_id()), IsOk());
  EXPECT_EQ(Stored(surcharge).state(), base::v1::SURCHARGE_STATE_PAID);
}

TEST_F(SurchargeRules, PAY_06_MoreIsTheCustomersCreditAndTwiceCountsOnce) {
  const Surcharge surcharge = Issued(15'000);
  ASSERT_THAT(money_.Pay(15'100, "ref-2", surcharge.surcharge_id()), IsOk());
  ASSERT_THAT(money_.Pay(15'100, "ref-2", surcharge.surcharge_id()), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"CUSTOMER_PREPAYMENT", -50'000},
                                     {"SURCHARGE_PREPAYMENT", -15'000},
                                     {"CUSTOMER_CREDIT", -100}}));
  ASSERT_THAT(money_.Pay(50, "ref-3", surcharge.surcharge_id()), IsOk());
  EXPECT_EQ(
      money_.Hanging(),
      (Books{{"CUSTOMER_PREPAYMENT", -50'000}, {"SURCHARGE_PREPAYMENT", -15'000}, {"CUSTOMER_CREDIT", -150}}))
      << "it is earned once";
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -150}}));
}

TEST_F(SurchargeRules, PAY_06_WhatWasPaidOnAnExpiredOneGoesBack) {
  const Surcharge surcharge = Issued(15'000);
  ASSERT_THAT(money_.Pay(5'000, "ref-2", surcharge.surcharge_id()), IsOk());
  const auto timers = money_.desk.Tasks(rules::kSurchargeExpiry);
  ASSERT_THAT(timers, SizeIs(1));
  EXPECT_EQ(timers[0].due, At("2026-09-05T00:00+03:00"));  // the end of the third day
  EXPECT_THAT(money_.desk.As(Service()).Decide(rules::ExpireSurcharge, surcharge.surcharge_id()), IsOk());
  EXPECT_EQ(Stored(surcharge).state(), base::v1::SURCHARGE_STATE_ISSUED);  // not yet
  money_.desk.MoveTo(timers[0].due);
  ASSERT_THAT(money_.desk.Complete(timers[0].id, rules::ExpireSurcharge, timers[0].payload), IsOk());
  EXPECT_EQ(Stored(surcharge).state(), base::v1::SURCHARGE_STATE_EXPIRED);
  ASSERT_THAT(money_.desk.All<Refund>(), SizeIs(1));
  EXPECT_EQ(money_.desk.All<Refund>()[0].reason(), base::v1::REFUND_REASON_SURCHARGE);
  EXPECT_EQ(money_.desk.All<Refund>()[0].amount().amount_minor(), 5'000);
  // And what comes in afterwards.
  ASSERT_THAT(money_.Pay(10'000, "ref-3", surcharge.surcharge_id()), IsOk());
  EXPECT_THAT(money_.desk.All<Refund>(), SizeIs(2));
  EXPECT_EQ(money_.Hanging(), (Books{{"CUSTOMER_PREPAYMENT", -50'000}, {"REFUNDS_PAYABLE", -15'000}}));
}

TEST_F(SurchargeRules, PAY_06_ASurchargeIsPaidForItsOwnOrderOnly) {
  const Surcharge surcharge = Issued(15'000);
  money_.order.set_order_id("o-2");
  EXPECT_THAT(money_.Pay(15'000, "ref-2", surcharge.surcharge_id()), NamesField("surcharge_id"));
  EXPECT_EQ(Stored(surcharge).paid().amount_minor(), 0);
}

TEST_F(SurchargeRules, RFD_08_APaidSurchargeIsGivenBackOnce) {
  const Surcharge surcharge = Issued(15'000);
  const auto give = [&] { return money_.Give(base::v1::REFUND_REASON_SURCHARGE, surcharge.surcharge_id()); };
  EXPECT_THAT(give(), RefusedBy("RFD-08"));
  ASSERT_THAT(money_.Pay(15'000, "ref-2", surcharge.surcharge_id()), IsOk());
  const auto grant = give();
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->amount().amount_minor(), 15'000);
  EXPECT_EQ(grant->case_id(), surcharge.surcharge_id());
  EXPECT_THAT(give(), RefusedBy("RFD-08"));
  EXPECT_EQ(money_.Hanging(), (Books{{"CUSTOMER_PREPAYMENT", -50'000}, {"REFUNDS_PAYABLE", -15'000}}));
  ASSERT_THAT(money_.React(money_.Cancelled()), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -65'000}}));
}

TEST_F(SurchargeRules, RFD_08_AfterDeliveryItIsTakenOffTheMerchant) {
  const std::string id = money_.PaidSurcharge(15'000);
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  const int64_t before = money_.books().at("MERCHANT_PAYABLE");
  ASSERT_THAT(money_.Give(base::v1::REFUND_REASON_SURCHARGE, id), IsOk());
  EXPECT_EQ(money_.books().at("MERCHANT_PAYABLE"), before + 15'000);
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -15'000}}));
}

TEST_F(SurchargeRules, PAY_09_ACancelledOrderVoidsOpenOnesAndGivesPaidOnesBack) {
  const Surcharge paid = Issued(15'000);
  ASSERT_THAT(money_.Pay(15'000, "ref-2", paid.surcharge_id()), IsOk());
  const Surcharge open = Issued(2'000);
  ASSERT_THAT(money_.Pay(700, "ref-3", open.surcharge_id()), IsOk());
  ASSERT_THAT(money_.React(money_.Cancelled()), IsOk());
  EXPECT_EQ(Stored(paid).state(), base::v1::SURCHARGE_STATE_PAID);
  EXPECT_EQ(Stored(open).state(), base::v1::SURCHARGE_STATE_VOIDED);
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -(50'000 + 15'000 + 700)}}));
}

TEST_F(SurchargeRules, PAY_07_APaidSurchargeIsTheMerchantsAtDelivery) {
  money_.PaidSurcharge(15'000);
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  // 45,000 with 20 % tax: 37,500 net, 3,750 commission.
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 65'000},
                                   {"MERCHANT_PAYABLE", -(33'750 + 5'000 + 15'000)},
                                   {"COMMISSION", -3'750},
                                   {"VAT", -7'500}}));
}

TEST_F(SurchargeRules, ROL_08_OnlyItsCustomerOrOperationsApproves) {
  const Surcharge surcharge = money_.Proposed(15'000);
  EXPECT_THAT(money_.Approve(surcharge.surcharge_id(), Customer("c-2")), DeniedBy("ROL-08"));
  EXPECT_THAT(money_.Approve(surcharge.surcharge_id(), Operations()), NamesField("customer_word"));
  EXPECT_THAT(money_.Approve(surcharge.surcharge_id(), Customer(), "call-1"), NamesField("customer_word"));
  const auto approved = money_.Approve(surcharge.surcharge_id(), Operations(), "call-1");
  ASSERT_THAT(approved, IsOk());
  EXPECT_EQ(approved->customer_word(), "call-1");
  EXPECT_EQ(money_.desk.events().back().surcharge_moved().customer_word(), "call-1");
}

TEST_F(SurchargeRules, ROL_08_OperationsDeclineOnTheCustomersRecordedWord) {
  const Surcharge surcharge = money_.Proposed(15'000);
  EXPECT_THAT(money_.Decline(surcharge.surcharge_id(), Operations()), NamesField("customer_word"));
  ASSERT_THAT(money_.Decline(surcharge.surcharge_id(), Operations(), "chat-2"), IsOk());
  EXPECT_EQ(money_.desk.events().back().surcharge_moved().customer_word(), "chat-2");
}

TEST_F(SurchargeRules, ROL_09_AnotherStoreProposesNothing) {
  EXPECT_THAT(money_.Propose(15'000, Employee("m-2")), DeniedBy("ROL-09"));
}

TEST_F(SurchargeRules, ORD_09_ASurchargeTellsWhatMayBeDoneAndWhyNot) {
  const Surcharge surcharge = money_.Proposed(15'000);
  const Surcharge shown = ShownTo(Employee(), surcharge);
  ASSERT_EQ(shown.available_actions_size(), 4);
  EXPECT_EQ(shown.available_actions(0).rule_id(), "ROL-08");
  EXPECT_EQ(shown.available_actions(2).rule_id(), "PAY-03");
  const Surcharge to_customer = ShownTo(Customer(), surcharge);
  EXPECT_TRUE(to_customer.available_actions(0).allowed());
  EXPECT_TRUE(to_customer.available_actions(1).allowed());
  EXPECT_FALSE(to_customer.available_actions(2).allowed());
  const Surcharge to_manager = ShownTo(Manager(), surcharge);
  EXPECT_EQ(to_manager.available_actions(2).rule_id(), "PAY-01");
  EXPECT_TRUE(to_manager.available_actions(3).allowed());
}

TEST_F(SurchargeRules, SYS_04_AnApprovalDecidedOnAnotherVersionIsAborted) {
  const Surcharge surcharge = money_.Proposed(15'000);
  money_.desk.Expecting(surcharge.version() + 1);
  EXPECT_THAT(money_.Approve(surcharge.surcharge_id()), StatusIs(absl::StatusCode::kAborted));
  const auto approved = money_.Approve(surcharge.surcharge_id());
  ASSERT_THAT(approved, IsOk());
  money_.desk.Expecting(surcharge.version());
  EXPECT_THAT(money_.Issue(surcharge.surcharge_id()), StatusIs(absl::StatusCode::kAborted));
}

}  // namespace
}  // namespace makegood::testing
