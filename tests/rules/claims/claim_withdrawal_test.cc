// The statutory withdrawal from a purchase (CLM-08).
#include "tests/rules/claims/withdrawal_fixture.h"

namespace makegood::testing {
namespace {

TEST_F(WithdrawalRulesTest, CLM_08_OfTheWholeOrderTheDeliveryFeeIsPaidBackToo) {
  const auto withdrawal = Withdraw({});
  ASSERT_THAT(withdrawal, IsOk());
  EXPECT_TRUE(withdrawal->whole_order());
  EXPECT_EQ(withdrawal->goods().amount_minor(), 3 * 3630 + 1200);
  EXPECT_EQ(withdrawal->delivery_fee().amount_minor(), 500);
  EXPECT_THAT(withdrawal->units(), SizeIs(2));
  // Fourteen days after the 21st: the end of 5 October.
  EXPECT_EQ(rules::ToTime(withdrawal->refund_due_time()), At("2026-10-06T00:00+02:00"));
  EXPECT_EQ(AskedFor(withdrawal->withdrawal_id()), 1u);
  const Event event = desk_.Events(&Event::has_withdrawal_opened).at(0);
  EXPECT_EQ(event.withdrawal_opened().amount().amount_minor(), 3 * 3630 + 1200 + 500);
  EXPECT_EQ(event.case_id(), withdrawal->withdrawal_id());
}

TEST_F(WithdrawalRulesTest, CLM_08_OfLinesOnlyTheirPriceAndTheFeeWithTheLastStep) {
  const auto withdrawal = Withdraw({{"l-1", 3}});
  ASSERT_THAT(withdrawal, IsOk());
  EXPECT_FALSE(withdrawal->whole_order());
  EXPECT_EQ(withdrawal->delivery_fee().amount_minor(), 0);
  EXPECT_THAT(Withdraw({{"l-1", 3}, {"l-2", 1}}), RefusedBy("CLM-01"));
  const auto last = Withdraw({});
  ASSERT_THAT(last, IsOk());
  EXPECT_THAT(last->units(), SizeIs(1));
  EXPECT_TRUE(last->whole_order());
  EXPECT_EQ(last->delivery_fee().amount_minor(), 500);
  EXPECT_THAT(Withdraw({}), RefusedBy("CLM-08"));
}

TEST_F(WithdrawalRulesTest, CLM_08_WhatCameBackIsPaidBackAndTheRestStaysTheCustomers) {
  const std::string id = Withdraw({{"l-1", 3}})->withdrawal_id();
  ASSERT_THAT(GoodsReturned(id, {{"l-1", 1}}), IsOk());
  EXPECT_EQ(Now(id).state(), Withdrawal::STATE_OPEN);
  EXPECT_THAT(GoodsReturned(id, {{"l-1", 3}}), RefusedBy("CLM-08"));
  EXPECT_THAT(GoodsReturned(id, {{"l-2", 1}}), RefusedBy("CLM-08"));
  ASSERT_THAT(GoodsReturned(id, {{"l-1", 1}}), IsOk());
  EXPECT_EQ(AskedFor(id), 3u);
  ASSERT_THAT(Close(id), IsOk());
  EXPECT_EQ(AskedFor(id), 4u);
  EXPECT_EQ(Now(id).state(), Withdrawal::STATE_GOODS_RETURNED);
  EXPECT_THAT(Close(id), RefusedBy("CLM-08"));
  desk_.As(Service());
  ASSERT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(id, kReason)), IsOk());
  ASSERT_THAT(Paid(id), IsOk());
  EXPECT_EQ(Now(id).state(), Withdrawal::STATE_SETTLED);
  // The unit that did not come back may be withdrawn from again, while the term runs.
  EXPECT_THAT(Withdraw({{"l-1", 2}}), RefusedBy("CLM-01"));
  EXPECT_THAT(Withdraw({{"l-1", 1}}), IsOk());
}

TEST_F(WithdrawalRulesTest, CLM_08_GoodsThatNeverComeBackArePaidToNobody) {
  const std::string id = Withdraw({})->withdrawal_id();
  ASSERT_THAT(Close(id), IsOk());
  EXPECT_EQ(Now(id).state(), Withdrawal::STATE_CLOSED);
  EXPECT_THAT(desk_.Tasks(rules::kWithdrawalDue), IsEmpty());
  EXPECT_THAT(GoodsReturned(id), RefusedBy("CLM-08"));
  desk_.As(Service());
  ASSERT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(id, kReason)), IsOk());
  ASSERT_THAT(Paid(id), IsOk());
  EXPECT_EQ(Now(id).state(), Withdrawal::STATE_CLOSED);
  EXPECT_THAT(desk_.Events(&Event::has_withdrawal_settled), IsEmpty());
  EXPECT_THAT(Withdraw({{"l-1", 3}, {"l-2", 1}}), IsOk());
}

TEST_F(WithdrawalRulesTest, CLM_08_WhatWasReshippedMayBeWithdrawnAndNotClaimedAgain) {
  const auto claim = desk_.As(Customer()).Decide(rules::OpenClaim, OpenRequest({{"l-1", 2}}), order_);
  ASSERT_THAT(claim, IsOk());
  ASSERT_THAT(desk_.Decide(rules::ChooseResolution, ChooseRequest(*claim, base::v1::RESOLUTION_KIND_RESHIP)),
              IsOk());
  EXPECT_THAT(Withdraw({{"l-1", 3}}), RefusedBy("CLM-01"));
  ASSERT_THAT(desk_.As(Employee()).Decide(rules::RecordReship, ReshipRequest(*claim)), IsOk());
  EXPECT_THAT(desk_.As(Customer()).Decide(rules::OpenClaim, OpenRequest({{"l-1", 2}}), order_),
              RefusedBy("CLM-01"));
  const auto whole = Withdraw({});
  ASSERT_THAT(whole, IsOk());
  EXPECT_TRUE(whole->whole_order());
  EXPECT_EQ(whole->goods().amount_minor(), 3 * 3630 + 1200);
}

TEST_F(WithdrawalRulesTest, CLM_08_WhatWasRefundedIsNotWithdrawn) {
  const auto claim = desk_.As(Customer()).Decide(rules::OpenClaim, OpenRequest({{"l-1", 2}}), order_);
  ASSERT_THAT(claim, IsOk());
  ASSERT_THAT(desk_.Decide(rules::ChooseResolution, ChooseRequest(*claim, base::v1::RESOLUTION_KIND_REFUND)),
              IsOk());
  EXPECT_THAT(Withdraw({{"l-1", 2}}), RefusedBy("CLM-01"));
  const auto rest = Withdraw({});
  ASSERT_THAT(rest, IsOk());
  EXPECT_FALSE(rest->whole_order());
}

TEST_F(WithdrawalRulesTest, RFD_01_WhatWasTakenOffIsNeitherClaimedNorWithdrawn) {
  order_.mutable_lines(0)->set_taken_off(2);
  EXPECT_THAT(desk_.As(Customer()).Decide(rules::OpenClaim, OpenRequest({{"l-1", 2}}), order_),
              RefusedBy("CLM-01"));
  const auto whole = Withdraw({});
  ASSERT_THAT(whole, IsOk());
  EXPECT_TRUE(whole->whole_order());
  EXPECT_EQ(whole->goods().amount_minor(), 3630 + 1200);
}

TEST_F(WithdrawalRulesTest, ORD_13_RFD_08_WhatTheSourceGaveBackIsNeitherClaimedNorWithdrawn) {
  order_.mutable_lines(0)->set_given_back(2);
  order_.set_delivery_fee_given_back(true);
  EXPECT_THAT(desk_.As(Customer()).Decide(rules::OpenClaim, OpenRequest({{"l-1", 2}}), order_),
              RefusedBy("CLM-01"));
  EXPECT_THAT(Withdraw({{"l-1", 2}}), RefusedBy("CLM-01"));
  const auto claim = desk_.As(Customer()).Decide(rules::OpenClaim, OpenRequest({{"l-2", 1}}), order_);
  ASSERT_THAT(claim, IsOk());
  EXPECT_EQ(claim->delivery_fee().amount_minor(), 0);
  EXPECT_EQ(claim->order_units(), 2);
  ASSERT_THAT(desk_.Decide(rules::RetractClaim, About<claims::v1::RetractClaimRequest>(*claim)), IsOk());
  const auto whole = Withdraw({});
  ASSERT_THAT(whole, IsOk());
  EXPECT_TRUE(whole->whole_order());
  EXPECT_EQ(whole->goods().amount_minor(), 3630 + 1200);
  EXPECT_EQ(whole->delivery_fee().amount_minor(), 0) << "it went back at the source";
  EXPECT_THAT(Withdraw({}), RefusedBy("CLM-08"));
}

TEST_F(WithdrawalRulesTest, CLM_08_ATermThatPassesIsToldOnce) {
  const std::string id = Withdraw({{"l-1", 1}})->withdrawal_id();
  const rules::Task timer = desk_.Tasks(rules::kWithdrawalDue).at(0);
  EXPECT_EQ(timer.due, rules::ToTime(Now(id).refund_due_time()));
  desk_.As(Service()).MoveTo(timer.due);
  for (int times = 0; times < 2; ++times) {
    ASSERT_THAT(desk_.Decide(rules::MarkWithdrawalOverdue, id), IsOk());
  }
  const auto told = desk_.Events(&Event::has_withdrawal_overdue);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_TRUE(told[0].withdrawal_overdue().awaits_goods());
}

TEST_F(WithdrawalRulesTest, ORD_05_ACorrectionEndsTheCasesOfItsOrder) {
  const auto claim = desk_.As(Customer()).Decide(rules::OpenClaim, OpenRequest({{"l-1", 1}}), order_);
  ASSERT_THAT(claim, IsOk());
  const std::string id = Withdraw({{"l-2", 1}})->withdrawal_id();
  const std::string partly = Withdraw({{"l-1", 2}})->withdrawal_id();
  ASSERT_THAT(GoodsReturned(partly, {{"l-1", 1}}), IsOk());
  desk_.As(Service());
  ASSERT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(partly, kReason)), IsOk());
  for (int times = 0; times < 2; ++times) ASSERT_THAT(Correct(), IsOk());
  const Claim ended = *desk_.Find<Claim>(claim->claim_id());
  EXPECT_EQ(ended.state(), Claim::STATE_RESOLVED);
  EXPECT_EQ(ended.resolution(), base::v1::RESOLUTION_KIND_CORRECTION);
  EXPECT_EQ(Now(id).state(), Withdrawal::STATE_CLOSED);
  EXPECT_EQ(Now(partly).state(), Withdrawal::STATE_GOODS_RETURNED);
  ASSERT_THAT(Paid(partly), IsOk());
  EXPECT_EQ(Now(partly).state(), Withdrawal::STATE_SETTLED);
  order_.mutable_correction()->set_state(orders::v1::Correction::STATE_NUMBERED);
  EXPECT_THAT(Withdraw({}), RefusedBy("CLM-08"));
  EXPECT_THAT(desk_.As(Customer()).Decide(rules::OpenClaim, OpenRequest({{"l-1", 1}}), order_),
              RefusedBy("CLM-01"));
}

TEST_F(WithdrawalRulesTest, CLM_08_WithinFourteenDaysOfTheDelivery) {
  desk_.MoveTo(At("2026-10-04T23:59+02:00"));
  EXPECT_THAT(Withdraw({{"l-1", 1}}), IsOk());
  desk_.MoveTo(At("2026-10-05T00:00+02:00"));
  EXPECT_THAT(Withdraw({{"l-1", 1}}), RefusedBy("CLM-08"));
}

TEST_F(WithdrawalRulesTest, CLM_08_OnlyFromADeliveredOrderWhereThereIsSuchARight) {
  order_.set_state(orders::v1::Order::STATE_SHIPPED);
  EXPECT_THAT(Withdraw({}), RefusedBy("CLM-08"));
  order_ = DeliveredOrder("tmall", "CNY", At("2026-09-20T12:00+02:00"));
  EXPECT_THAT(Withdraw({}), RefusedBy("CLM-08"));
}

TEST_F(WithdrawalRulesTest, CLM_08_TheRefundWaitsForTheGoods) {
  const std::string id = Withdraw({{"l-1", 1}})->withdrawal_id();
  desk_.As(Service());
  EXPECT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(id, kReason)), IsOk());
  EXPECT_EQ(AskedFor(id), 1u);
  ASSERT_THAT(GoodsReturned(id), IsOk());
  EXPECT_EQ(AskedFor(id), 2u);
  EXPECT_THAT(GoodsReturned(id), RefusedBy("CLM-08"));
  ASSERT_THAT(Paid(id), IsOk());
  EXPECT_EQ(Now(id).state(), Withdrawal::STATE_SETTLED);
  EXPECT_THAT(desk_.Events(&Event::has_withdrawal_settled), SizeIs(1));
  EXPECT_THAT(GoodsReturned(id), RefusedBy("CLM-08"));
}

TEST_F(WithdrawalRulesTest, SYS_13_RFD_09_AGrantByHandLeavesNothingToAskForAgain) {
  const std::string id = Withdraw({{"l-1", 1}})->withdrawal_id();
  desk_.As(Service());
  ASSERT_THAT(desk_.Decide(rules::NoteRefusedCall, base::v1::CALL_KIND_GRANT_REFUND,
                           absl::StrCat(rules::kGrantRefundTask, ":", id), Refusal("RFD-02", "too much")),
              IsOk());
  EXPECT_EQ(desk_.Find<Withdrawal>(id)->refused_calls_size(), 1);
  ASSERT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(id, kReason)), IsOk());
  EXPECT_EQ(desk_.Find<Withdrawal>(id)->refused_calls_size(), 0);
}

TEST_F(WithdrawalRulesTest, CLM_08_AClaimMayEndInAWithdrawalOfItsUnits) {
  const auto claim = desk_.As(Customer()).Decide(rules::OpenClaim, OpenRequest({{"l-1", 1}}), order_);
  ASSERT_THAT(claim, IsOk());
  const auto chosen =
      desk_.Decide(rules::ChooseResolution, ChooseRequest(*claim, base::v1::RESOLUTION_KIND_WITHDRAWAL));
  ASSERT_THAT(chosen, IsOk());
  EXPECT_EQ(chosen->state(), Claim::STATE_RESOLVING);
  const std::string id = chosen->withdrawal_id();
  EXPECT_EQ(desk_.Find<Withdrawal>(id)->claim_id(), claim->claim_id());
  EXPECT_EQ(Now(id).goods().amount_minor(), 3630);
  EXPECT_EQ(Now(id).delivery_fee().amount_minor(), 0);
  EXPECT_THAT(Withdraw({{"l-1", 3}}), RefusedBy("CLM-01"));
  EXPECT_THAT(
      desk_.As(Customer()).Decide(rules::RetractClaim, About<claims::v1::RetractClaimRequest>(*claim)),
      RefusedBy("CLM-13"));
  EXPECT_THAT(desk_.Tasks(rules::kResolutionDue), IsEmpty());
  desk_.As(Service());
  ASSERT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(id, kReason)), IsOk());
  ASSERT_THAT(GoodsReturned(id), IsOk());
  ASSERT_THAT(desk_.As(Service()).Decide(rules::OnPaymentEvent, GrantClosedEvent(id, kReason, desk_.now())),
              IsOk());
  EXPECT_EQ(desk_.Find<Claim>(claim->claim_id())->state(), Claim::STATE_RESOLVED);
  EXPECT_EQ(desk_.Events(&Event::has_claim_resolved).at(0).claim_resolved().resolution(),
            base::v1::RESOLUTION_KIND_WITHDRAWAL);
}

TEST_F(WithdrawalRulesTest, CLM_08_AClaimWhoseGoodsNeverCameBackIsChosenAgain) {
  const auto claim = desk_.As(Customer()).Decide(rules::OpenClaim, OpenRequest({{"l-1", 1}}), order_);
  ASSERT_THAT(claim, IsOk());
  const auto chosen =
      desk_.Decide(rules::ChooseResolution, ChooseRequest(*claim, base::v1::RESOLUTION_KIND_WITHDRAWAL));
  ASSERT_THAT(chosen, IsOk());
  ASSERT_THAT(Close(chosen->withdrawal_id()), IsOk());
  EXPECT_EQ(desk_.Find<Claim>(claim->claim_id())->state(), Claim::STATE_APPROVED);
  EXPECT_THAT(Withdraw({{"l-1", 3}}), RefusedBy("CLM-01")) << "its unit is still claimed";
  EXPECT_THAT(desk_.As(Customer())
                  .Decide(rules::ChooseResolution, ChooseRequest(*claim, base::v1::RESOLUTION_KIND_REFUND)),
              IsOk());
}

TEST_F(WithdrawalRulesTest, CLM_08_AClaimOfTheWholeOrderBringsTheDeliveryFeeBack) {
  const auto claim =
      desk_.As(Customer()).Decide(rules::OpenClaim, OpenRequest({{"l-2", 1}, {"l-1", 3}}), order_);
  ASSERT_THAT(claim, IsOk());
  const auto chosen =
      desk_.Decide(rules::ChooseResolution, ChooseRequest(*claim, base::v1::RESOLUTION_KIND_WITHDRAWAL));
  ASSERT_THAT(chosen, IsOk());
  EXPECT_EQ(Now(chosen->withdrawal_id()).delivery_fee().amount_minor(), 500);
}

TEST_F(WithdrawalRulesTest, CLM_08_ItsGrantEndsTheWithdrawalOnceAndNoOtherDoes) {
  const std::string id = Withdraw({{"l-1", 1}})->withdrawal_id();
  desk_.As(Service());
  ASSERT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(id, kReason)), IsOk());
  ASSERT_THAT(GoodsReturned(id), IsOk());
  desk_.As(Service());
  const Event another = GrantClosedEvent(id, kReason, desk_.now(), "grant-2");
  ASSERT_THAT(desk_.Decide(rules::OnPaymentEvent, another), IsOk());
  EXPECT_EQ(desk_.Find<Withdrawal>(id)->state(), Withdrawal::STATE_GOODS_RETURNED);
  const Event settled = GrantClosedEvent(id, kReason, desk_.now());
  for (int times = 0; times < 2; ++times) ASSERT_THAT(desk_.Decide(rules::OnPaymentEvent, settled), IsOk());
  EXPECT_EQ(desk_.Find<Withdrawal>(id)->state(), Withdrawal::STATE_SETTLED);
  EXPECT_THAT(desk_.Events(&Event::has_withdrawal_settled), SizeIs(1));
}

// Payments was restored from a copy, and has lost the grant that the withdrawal knows of.
TEST_F(WithdrawalRulesTest, SYS_13_RFD_09_AGrantThatIsLostIsAskedForAgain) {
  const std::string id = Withdraw({{"l-1", 1}})->withdrawal_id();
  ASSERT_THAT(GoodsReturned(id), IsOk());
  desk_.As(Service());
  ASSERT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(id, kReason)), IsOk());
  const size_t asked = AskedFor(id);
  claims::v1::RetryWithdrawalCallsRequest retry;
  retry.set_withdrawal_id(id);
  ASSERT_THAT(desk_.As(Operations()).Decide(rules::RetryWithdrawalCalls, retry), IsOk());
  EXPECT_EQ(AskedFor(id), asked + 1);
  desk_.As(Service());
  ASSERT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(id, kReason, "grant-2")), IsOk());
  ASSERT_THAT(desk_.Decide(rules::OnPaymentEvent, GrantClosedEvent(id, kReason, desk_.now(), "grant-2")),
              IsOk());
  EXPECT_EQ(desk_.Find<Withdrawal>(id)->state(), Withdrawal::STATE_SETTLED);
  EXPECT_THAT(desk_.As(Operations()).Decide(rules::RetryWithdrawalCalls, retry), RefusedBy("SYS-13"));
}

TEST_F(WithdrawalRulesTest, CLM_08_WhatCostNothingIsNotWithdrawn) {
  order_.mutable_lines(1)->set_unit_price_minor(0);
  EXPECT_THAT(Withdraw({{"l-2", 1}}), RefusedBy("CLM-08"));
  EXPECT_THAT(Withdraw({{"l-1", 1}, {"l-2", 1}}), IsOk());
}

TEST_F(WithdrawalRulesTest, SYS_07_ALineIsNamedOnce) {
  EXPECT_THAT(Withdraw({{"l-1", 2}, {"l-1", 2}}), NamesField("units[1].line_id"));
}

TEST_F(WithdrawalRulesTest, SYS_04_WhatWasDecidedOnAnotherVersionIsAborted) {
  desk_.Expecting(order_.version() - 1);
  EXPECT_THAT(Withdraw({}), StatusIs(absl::StatusCode::kAborted));
  desk_.Expecting(order_.version());
  const auto withdrawal = Withdraw({});
  ASSERT_THAT(withdrawal, IsOk());
  desk_.Expecting(withdrawal->version() + 1);
  EXPECT_THAT(GoodsReturned(withdrawal->withdrawal_id()), StatusIs(absl::StatusCode::kAborted));
}

TEST_F(WithdrawalRulesTest, ROL_08_ROL_04_WhoWithdrawsAndWhoReceivesGoods) {
  claims::v1::WithdrawPurchaseRequest request;
  request.set_order_id("o-1");
  for (const base::v1::Actor& actor : {Customer("c-2"), Manager(), Auditor()}) {
    EXPECT_THAT(desk_.As(actor).Decide(rules::WithdrawPurchase, request, order_), DeniedBy("ROL-08"));
  }
  EXPECT_THAT(desk_.As(Operations()).Decide(rules::WithdrawPurchase, request, order_),
              NamesField("customer_word"));
  request.set_customer_word("call-4711");
  EXPECT_THAT(desk_.As(Customer()).Decide(rules::WithdrawPurchase, request, order_),
              NamesField("customer_word"));
  const auto withdrawal = desk_.As(Operations()).Decide(rules::WithdrawPurchase, request, order_);
  ASSERT_THAT(withdrawal, IsOk());
  EXPECT_EQ(desk_.Events(&Event::has_withdrawal_opened)[0].withdrawal_opened().customer_word(), "call-4711");
  claims::v1::RecordGoodsReturnedRequest returned;
  returned.set_withdrawal_id(withdrawal->withdrawal_id());
  for (const base::v1::Actor& actor : {Customer(), Employee("m-2"), Auditor()}) {
    EXPECT_THAT(desk_.As(actor).Decide(rules::RecordGoodsReturned, returned), DeniedBy("ROL-04"));
  }
  ASSERT_THAT(withdrawal->available_actions(), SizeIs(4));
  for (const auto& action : withdrawal->available_actions()) EXPECT_TRUE(action.allowed());
}

}  // namespace
}  // namespace makegood::testing
