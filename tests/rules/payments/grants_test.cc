// Giving money back, by hand and for cases: RFD-01, RFD-02, RFD-04, RFD-08 to RFD-10, CLM-08.
#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// An order of 100, paid in advance.
class Grants : public ::testing::Test {
 protected:
  Grants() { EXPECT_THAT(money_.Pay(100, "ref-1"), IsOk()); }

  void Deliver() { ASSERT_THAT(money_.React(money_.Delivered()), IsOk()); }

  MoneyDesk money_;
};

// The same on delivery: nothing is in yet.
class CashGrants : public ::testing::Test {
 protected:
  CashGrants() {
    EXPECT_THAT(money_.React(money_.Created()), IsOk());
    EXPECT_THAT(money_.React(money_.Delivered()), IsOk());
    EXPECT_EQ(money_.Hanging(), (Books{{"CUSTOMER_RECEIVABLE", 100}}));
  }

  MoneyDesk money_{CashOf()};
};

// ---- By hand.

TEST_F(Grants, RFD_01_ARefundWithoutAReasonIsRefused) {
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_UNSPECIFIED), RefusedBy("RFD-01"));
}

TEST_F(Grants, RFD_08_WhatTheOrderDecidesIsNotGrantedByHand) {
  for (const RefundReason reason :
       {base::v1::REFUND_REASON_CANCELLATION, base::v1::REFUND_REASON_CUSTOMER_REQUEST,
        base::v1::REFUND_REASON_RETURN, base::v1::REFUND_REASON_CORRECTION}) {
    EXPECT_THAT(money_.Give(reason), RefusedBy("RFD-08")) << EnumWord(reason);
  }
}

TEST_F(Grants, RFD_08_ARequestNamesWhatItsReasonNeedsAndNothingElse) {
  const auto decide = [&](payments::v1::GrantRefundRequest request) {
    return money_.desk.As(Operations())
        .Decide(rules::GrantRefund, request, rules::RefundFacts{money_.order, {}});
  };
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_SURCHARGE), NamesField("surcharge_id"));
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_DELIVERY_FEE, "surcharge-1"), NamesField("surcharge_id"));
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM), NamesField("case_id"));
  payments::v1::GrantRefundRequest request = money_.ByHand(base::v1::REFUND_REASON_DELIVERY_FEE);
  *request.mutable_goodwill() = money_.Money(5);
  request.set_case_id("claim-1");
  EXPECT_THAT(decide(request), NamesField("goodwill")) << "only goodwill has its amount from the caller";
  EXPECT_THAT(decide(request), NamesField("case_id"));
  request = money_.ByHand(base::v1::REFUND_REASON_GOODWILL, "", 5);
  request.mutable_goodwill()->set_currency("CZK");
  EXPECT_THAT(decide(request), NamesField("goodwill.currency"));
  request.clear_goodwill();
  EXPECT_THAT(decide(request), NamesField("goodwill"));
  EXPECT_THAT(money_.GiveFreely(0), NamesField("goodwill.amount_minor"));
}

TEST_F(Grants, RFD_04_TheDeliveryFeeIsGivenBackOnce) {
  ASSERT_THAT(money_.GiveFee(), IsOk());
  EXPECT_EQ(money_.books(),
            (Books{{"CLEARING", 100}, {"CUSTOMER_PREPAYMENT", -90}, {"REFUNDS_PAYABLE", -10}}));
  EXPECT_THAT(money_.GiveFee(), RefusedBy("RFD-04"));
  Deliver();
  EXPECT_THAT(money_.GiveFee(), RefusedBy("RFD-04"));
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 100},
                                   {"REFUNDS_PAYABLE", -10},
                                   {"MERCHANT_PAYABLE", -67},
                                   {"COMMISSION", -7},
                                   {"VAT", -16}}))
      << "the goods' tax and commission are untouched";
}

TEST_F(Grants, RFD_04_AfterDeliveryTheFeeIsTakenOffTheMerchantAlone) {
  Deliver();
  ASSERT_THAT(money_.GiveFee(), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 100},
                                   {"REFUNDS_PAYABLE", -10},
                                   {"MERCHANT_PAYABLE", -67},
                                   {"COMMISSION", -7},
                                   {"VAT", -16}}));
}

TEST_F(Grants, RFD_04_OfAnOrderWithoutAFeeThereIsNone) {
  MoneyDesk money({.delivery_fee_minor = 0});
  ASSERT_THAT(money.Pay(90, "ref-1"), IsOk());
  EXPECT_THAT(money.GiveFee(), RefusedBy("RFD-04"));
}

TEST_F(Grants, RFD_02_NothingThatWasNotPaidGoesBack) {
  MoneyDesk half;
  ASSERT_THAT(half.Pay(50, "ref-1"), IsOk());
  EXPECT_THAT(half.GiveFee(), RefusedBy("RFD-02"));
  EXPECT_EQ(half.Due(), 50) << "and the fee is still asked for";
  EXPECT_THAT(half.Give(base::v1::REFUND_REASON_OVER_PAYMENT), RefusedBy("RFD-02"));
}

TEST_F(Grants, RFD_02_AGrantIsOfferedWhileSomethingIsLeftToGiveByHand) {
  const auto may_grant = [&] { return ShownTo(Operations(), money_.account()).available_actions(1); };
  EXPECT_EQ(may_grant().action(), "GrantRefund");
  EXPECT_TRUE(may_grant().allowed());
  ASSERT_THAT(money_.GiveFee(), IsOk());
  EXPECT_TRUE(may_grant().allowed()) << "goodwill";
  ASSERT_THAT(money_.GiveFreely(10), IsOk());
  EXPECT_FALSE(may_grant().allowed());
  EXPECT_EQ(may_grant().rule_id(), "RFD-02");
  ASSERT_THAT(money_.Pay(5, "ref-2"), IsOk());
  EXPECT_TRUE(may_grant().allowed()) << "what was paid too much";
}

TEST_F(Grants, RFD_02_AFeeThatWasNotPaidIsNotOffered) {
  MoneyDesk small({.lines = {{"l-1", 1, 0}}, .delivery_fee_minor = 4});  // goodwill of a tenth would be 0
  ASSERT_THAT(small.React(small.Created()), IsOk());
  EXPECT_FALSE(ShownTo(Operations(), small.account()).available_actions(1).allowed());
  EXPECT_THAT(small.GiveFee(), RefusedBy("RFD-02"));
  ASSERT_THAT(small.Pay(4, "ref-1"), IsOk());
  EXPECT_TRUE(ShownTo(Operations(), small.account()).available_actions(1).allowed());
  EXPECT_THAT(small.GiveFee(), IsOk());
}

// ---- Of cases.

TEST_F(Grants, RFD_09_ACaseHasOneGrant) {
  Deliver();
  const CaseFacts claim = AClaim("claim-1", {{"l-1", 2}});
  const auto grant = money_.Follow(claim);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->amount().amount_minor(), 20);
  const auto again = money_.Follow(claim);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->grant_id(), grant->grant_id());
  EXPECT_TRUE(money_.desk.last_events().empty());
  money_.SettleAll();
  EXPECT_EQ(money_.Follow(claim)->state(), RefundGrant::STATE_SETTLED) << "nor once it is paid";
  EXPECT_THAT(money_.desk.All<RefundGrant>(), SizeIs(1));
  EXPECT_THAT(money_.desk.All<Refund>(), SizeIs(1));
  // Another case of the same units finds those that are left.
  EXPECT_THAT(money_.Follow(AClaim("claim-2", {{"l-1", 8}})), RefusedBy("RFD-08"));
  EXPECT_THAT(money_.Follow(AClaim("claim-2", {{"l-1", 7}})), IsOk());
}

TEST_F(Grants, RFD_09_ACaseThatDoesNotAskOrIsAnotherIsRefused) {
  Deliver();
  CaseFacts claim = AClaim("claim-1", {{"l-1", 2}});
  claim.asks = false;
  EXPECT_THAT(money_.Follow(claim), RefusedBy("RFD-09"));
  claim.asks = true;
  EXPECT_THAT(money_.Follow(claim, base::v1::REFUND_REASON_WITHDRAWAL), NamesField("reason"));
  claim.order_id = "o-2";
  EXPECT_THAT(money_.Follow(claim), NamesField("case_id"));
  EXPECT_THAT(money_.desk.All<RefundGrant>(), IsEmpty());
}

TEST_F(Grants, RFD_09_ACaseIsGrantedNotMoreThanItIsWorth) {
  Deliver();
  CaseFacts withdrawal = AWithdrawal("withdrawal-1", {{"l-1", 2}});
  ASSERT_THAT(money_.Follow(withdrawal), IsOk());
  withdrawal.ready = PiecesOf({{"l-1", 3}});
  withdrawal.whole_order_ready = true;
  const auto grant = money_.Follow(withdrawal);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->ready().amount_minor(), 20);
}

TEST_F(Grants, RFD_08_ALineGivenBackInStepsGivesBackTheLine) {
  // 10 × 0.03 with 21 % tax: 30 gross, 25 net, 5 tax, 3 commission (of 2.5).
  MoneyDesk money({.lines = {{"l-1", 10, 3}}, .delivery_fee_minor = 0});
  ASSERT_THAT(money.Pay(30, "ref-1"), IsOk());
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  EXPECT_EQ(money.books(),
            (Books{{"CLEARING", 30}, {"MERCHANT_PAYABLE", -22}, {"COMMISSION", -3}, {"VAT", -5}}));
  for (int unit = 1; unit <= 10; ++unit) {
    ASSERT_THAT(money.Follow(AClaim(absl::StrCat("claim-", unit), {{"l-1", 1}})), IsOk());
    EXPECT_EQ(money.books().at("REFUNDS_PAYABLE"), -3 * unit);
  }
  EXPECT_EQ(money.books(), (Books{{"CLEARING", 30}, {"REFUNDS_PAYABLE", -30}}));
  EXPECT_THAT(money.Follow(AClaim("claim-11", {{"l-1", 1}})), RefusedBy("RFD-08"));
  money.SettleAll();
  EXPECT_THAT(money.books(), IsEmpty());
}

TEST_F(Grants, PAY_11_TaxIsThatOfTheLinesConcerned) {
  // 121 with 21 % tax and 100 without: net 100 each, so 10 commission each.
  MoneyDesk money({.lines = {{"taxed", 1, 121, 2'100}, {"free", 1, 100, 0}}, .delivery_fee_minor = 10});
  ASSERT_THAT(money.Pay(231, "ref-1"), IsOk());
  ASSERT_THAT(money.React(money.TakenOff({{"taxed", 1}})), IsOk());
  EXPECT_EQ(money.books(),
            (Books{{"CLEARING", 231}, {"CUSTOMER_PREPAYMENT", -110}, {"REFUNDS_PAYABLE", -121}}));
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  EXPECT_EQ(
      money.books(),
      (Books{{"CLEARING", 231}, {"REFUNDS_PAYABLE", -121}, {"MERCHANT_PAYABLE", -100}, {"COMMISSION", -10}}))
      << "no tax of the line that has none";
  ASSERT_THAT(money.Follow(AClaim("claim-1", {{"free", 1}})), IsOk());
  EXPECT_EQ(money.books(), (Books{{"CLEARING", 231}, {"REFUNDS_PAYABLE", -221}, {"MERCHANT_PAYABLE", -10}}));
}

TEST_F(Grants, RFD_08_AUnitGoesBackOnceWhateverTheWay) {
  ASSERT_THAT(money_.React(money_.TakenOff({{"l-1", 3}})), IsOk());
  Deliver();
  ASSERT_THAT(money_.Follow(AClaim("claim-1", {{"l-1", 2}})), IsOk());
  ASSERT_THAT(money_.Follow(AWithdrawal("withdrawal-1", {{"l-1", 3}})), IsOk());
  EXPECT_THAT(money_.Follow(AClaim("claim-2", {{"l-1", 2}})), RefusedBy("RFD-08"));
  ASSERT_THAT(money_.Follow(AClaim("claim-2", {{"l-1", 1}})), IsOk());
  const SoldItem line = money_.account().items(0);
  EXPECT_EQ(line.given(), 6);
  EXPECT_EQ(line.reserved(), 3);
}

TEST_F(Grants, RFD_08_WhatCostNothingIsNotGivenBack) {
  MoneyDesk money({.lines = {{"l-1", 1, 100}, {"gift", 1, 0}}});
  ASSERT_THAT(money.Pay(110, "ref-1"), IsOk());
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  EXPECT_THAT(money.Follow(AClaim("claim-1", {{"gift", 1}})), RefusedBy("RFD-08"));
}

// ---- Withdrawals: goods come back first.

TEST_F(Grants, CLM_08_AWholeWithdrawalGoesOutWithItsGoods) {
  Deliver();
  CaseFacts withdrawal = AWithdrawal("withdrawal-1", {{"l-1", 9}}, /*whole=*/true);
  const auto grant = money_.Follow(withdrawal);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->state(), RefundGrant::STATE_AWAITING_GOODS);
  EXPECT_EQ(grant->amount().amount_minor(), 100);
  EXPECT_TRUE(money_.desk.last_events().back().refund_granted().awaits_goods());
  EXPECT_THAT(money_.Hanging(), IsEmpty());
  withdrawal = InFull(withdrawal);
  ASSERT_THAT(money_.Follow(withdrawal), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 100}, {"REFUNDS_PAYABLE", -100}}));
  EXPECT_THAT(money_.desk.All<Refund>(), SizeIs(1));
  money_.SettleAll();
  EXPECT_THAT(money_.books(), IsEmpty());
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_SETTLED);
  ASSERT_THAT(money_.desk.Events(&Event::has_refund_grant_closed), SizeIs(1));
  EXPECT_EQ(money_.desk.events().back().refund_grant_closed().given().amount_minor(), 100);
}

TEST_F(Grants, CLM_08_WhatCameBackIsPaidBack) {
  Deliver();
  CaseFacts withdrawal = AWithdrawal("withdrawal-1", {{"l-1", 3}});
  const auto grant = money_.Follow(withdrawal);
  ASSERT_THAT(grant, IsOk());
  withdrawal.ready = PiecesOf({{"l-1", 1}});
  ASSERT_THAT(money_.Follow(withdrawal), IsOk());
  EXPECT_EQ(money_.books().at("REFUNDS_PAYABLE"), -10);
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_AWAITING_GOODS);
  money_.SettleAll();
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_AWAITING_GOODS)
      << "the rest is still waited for";
  withdrawal.ready = PiecesOf({{"l-1", 2}});
  ASSERT_THAT(money_.Follow(withdrawal), IsOk());
  EXPECT_EQ(money_.books().at("REFUNDS_PAYABLE"), -10);
  withdrawal.over = true;
  ASSERT_THAT(money_.Follow(withdrawal), IsOk());
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_REFUNDING);
  EXPECT_EQ(money_.Stored(*grant).amount().amount_minor(), 20);
  money_.SettleAll();
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_SETTLED);
  EXPECT_EQ(money_.Stored(*grant).paid_out().amount_minor(), 20);
  EXPECT_EQ(money_.account().items(0).given(), 2);
  EXPECT_EQ(money_.account().items(0).reserved(), 0);
  // What did not come back can be claimed.
  EXPECT_THAT(money_.Follow(AClaim("claim-1", {{"l-1", 7}})), IsOk());
}

TEST_F(Grants, CLM_08_GoodsThatNeverComeBackFreeWhatWasSetAside) {
  Deliver();
  const Books sold = money_.books();
  CaseFacts withdrawal = AWithdrawal("withdrawal-1", {{"l-1", 9}}, /*whole=*/true);
  const auto grant = money_.Follow(withdrawal);
  ASSERT_THAT(grant, IsOk());
  EXPECT_THAT(money_.GiveFee(), RefusedBy("RFD-04"));
  withdrawal.over = true;
  ASSERT_THAT(money_.Follow(withdrawal), IsOk());
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_VOIDED);
  EXPECT_EQ(money_.desk.events().back().refund_grant_closed().given().amount_minor(), 0);
  EXPECT_EQ(money_.books(), sold);
  EXPECT_EQ(money_.Follow(withdrawal)->state(), RefundGrant::STATE_VOIDED) << "asked again it is the answer";
  EXPECT_THAT(money_.Follow(AClaim("claim-1", {{"l-1", 9}})), IsOk());
  EXPECT_THAT(money_.GiveFee(), IsOk());
}

TEST_F(Grants, RFD_09_AGrantThatAwaitsGoodsGivesWayToACorrection) {
  Deliver();
  CaseFacts withdrawal = AWithdrawal("withdrawal-1", {{"l-1", 3}});
  const auto grant = money_.Follow(withdrawal);
  ASSERT_THAT(grant, IsOk());
  ASSERT_THAT(money_.React(money_.Corrected("R-4711")), IsOk());
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_VOIDED);
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -100}, {"MERCHANT_RECOVERY", 100}}));
  // Goods that come all the same are paid back already.
  withdrawal.ready = withdrawal.granted;
  withdrawal.over = true;
  EXPECT_THAT(money_.Follow(withdrawal), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -100}, {"MERCHANT_RECOVERY", 100}}));
  money_.SettleAll();
  money_.SendAll();
  EXPECT_THAT(money_.books(), IsEmpty());
}

TEST_F(Grants, RFD_09_AGrantThatAwaitsGoodsGivesWayToACancellation) {
  const auto grant = money_.Follow(AWithdrawal("withdrawal-1", {{"l-1", 3}}));
  ASSERT_THAT(grant, IsOk());
  ASSERT_THAT(money_.React(money_.Cancelled()), IsOk());
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_VOIDED);
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 100}, {"REFUNDS_PAYABLE", -100}}));
  EXPECT_THAT(money_.desk.All<Refund>(), SizeIs(1));
  money_.SettleAll();
  EXPECT_THAT(money_.books(), IsEmpty());
}

// ---- The courier's cash.

TEST_F(CashGrants, RFD_09_AClaimWaitsForTheCourierCashAndGoesOutWithIt) {
  const auto grant = money_.Follow(AClaim("claim-1", {{"l-1", 3}}));
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->state(), RefundGrant::STATE_AWAITING_CASH);
  EXPECT_TRUE(money_.desk.Events(&Event::has_refund_granted).at(0).refund_granted().awaits_cash());
  EXPECT_EQ(money_.Hanging(), (Books{{"CUSTOMER_RECEIVABLE", 100}, {"REFUNDS_GRANTED", -30}}));
  EXPECT_THAT(money_.desk.All<Refund>(), IsEmpty());
  ASSERT_THAT(money_.Pay(100, "courier-7"), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -30}}));
  EXPECT_EQ(money_.Stored(*grant).paid_out().amount_minor(), 30);
  money_.SettleAll();
  EXPECT_THAT(money_.Hanging(), IsEmpty());
  EXPECT_EQ(money_.books().at("CLEARING"), 70);
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_SETTLED);
}

TEST_F(CashGrants, RFD_09_AWithdrawalWaitsForGoodsAndCash) {
  CaseFacts withdrawal = AWithdrawal("withdrawal-1", {{"l-1", 2}});
  const auto grant = money_.Follow(withdrawal);
  ASSERT_THAT(grant, IsOk());
  withdrawal.ready = PiecesOf({{"l-1", 1}});
  ASSERT_THAT(money_.Follow(withdrawal), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"CUSTOMER_RECEIVABLE", 100}, {"REFUNDS_GRANTED", -10}}));
  ASSERT_THAT(money_.Pay(100, "courier-7"), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -10}})) << "what is back waits for nothing else";
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_AWAITING_GOODS);
  withdrawal.over = true;
  ASSERT_THAT(money_.Follow(withdrawal), IsOk());
  money_.SettleAll();
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_SETTLED);
  EXPECT_THAT(money_.Hanging(), IsEmpty());
}

TEST_F(CashGrants, RFD_09_AWithdrawalWhoseRestIsGivenUpWaitsForTheCashAlone) {
  CaseFacts withdrawal = AWithdrawal("withdrawal-1", {{"l-1", 2}});
  withdrawal.ready = PiecesOf({{"l-1", 1}});
  withdrawal.over = true;
  const auto grant = money_.Follow(withdrawal);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->state(), RefundGrant::STATE_AWAITING_CASH);
  ASSERT_THAT(money_.Pay(100, "courier-7"), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -10}}));
}

TEST_F(CashGrants, RFD_10_WhatIsStillOwedIsSetOff) {
  ASSERT_THAT(money_.Pay(70, "courier-7"), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"CUSTOMER_RECEIVABLE", 30}}));
  const auto grant = money_.Follow(AClaim("claim-1", {{"l-1", 3}}));
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->state(), RefundGrant::STATE_SETTLED);
  EXPECT_EQ(grant->set_off().amount_minor(), 30);
  EXPECT_EQ(grant->paid_out().amount_minor(), 0);
  EXPECT_THAT(money_.desk.All<Refund>(), IsEmpty());
  EXPECT_THAT(money_.Hanging(), IsEmpty());
  ASSERT_THAT(money_.desk.Events(&Event::has_refund_grant_closed), SizeIs(1));
  EXPECT_EQ(money_.desk.events().back().refund_grant_closed().set_off().amount_minor(), 30);
}

TEST_F(CashGrants, RFD_10_OnlyTheRestIsPaidOut) {
  const auto grant = money_.Follow(AClaim("claim-1", {{"l-1", 5}}));
  ASSERT_THAT(grant, IsOk());
  ASSERT_THAT(money_.Pay(80, "courier-7"), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -30}}));
  EXPECT_EQ(money_.Stored(*grant).set_off().amount_minor(), 20);
  EXPECT_EQ(money_.Stored(*grant).paid_out().amount_minor(), 30);
}

TEST_F(CashGrants, RFD_09_WithoutCashItIsReleasedByHand) {
  const auto first = money_.Follow(AClaim("claim-1", {{"l-1", 3}}));
  const auto second = money_.Follow(AClaim("claim-2", {{"l-1", 2}}));
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_TRUE(ShownTo(Operations(), *first).available_actions(0).allowed());
  const auto released = money_.Release(first->grant_id());
  ASSERT_THAT(released, IsOk());
  EXPECT_EQ(released->state(), RefundGrant::STATE_SETTLED);
  EXPECT_EQ(released->set_off().amount_minor(), 30);
  EXPECT_EQ(money_.Stored(*second).state(), RefundGrant::STATE_SETTLED) << "the cash is the order's";
  EXPECT_EQ(money_.Hanging(), (Books{{"CUSTOMER_RECEIVABLE", 50}}));
  EXPECT_FALSE(ShownTo(Operations(), *released).available_actions(0).allowed());
  ASSERT_THAT(money_.Release(first->grant_id()), IsOk());
  EXPECT_THAT(money_.desk.last_events(), IsEmpty());
  // Cash that comes late beyond what is owed then goes back.
  ASSERT_THAT(money_.Pay(100, "courier-7"), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -50}}));
}

TEST_F(CashGrants, RFD_09_ADepositIsNotTheCouriersCash) {
  MoneyDesk money{CashOf()};
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.Pay(20, "deposit"), IsOk());
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  EXPECT_EQ(money.Hanging(), (Books{{"CUSTOMER_RECEIVABLE", 80}}));
  ASSERT_THAT(money.Follow(AClaim("claim-1", {{"l-1", 3}})), IsOk());
  EXPECT_EQ(money.Hanging(), (Books{{"CUSTOMER_RECEIVABLE", 80}, {"REFUNDS_GRANTED", -30}}));
  ASSERT_THAT(money.Pay(80, "courier-7"), IsOk());
  EXPECT_EQ(money.Hanging(), (Books{{"REFUNDS_PAYABLE", -30}}));
}

TEST_F(CashGrants, RFD_09_CashRecordedBeforeTheDeliveryArrivedIsKnown) {
  MoneyDesk money{CashOf()};
  ASSERT_THAT(money.React(money.Created()), IsOk());
  money.order.set_state(Order::STATE_SHIPPED);
  ASSERT_THAT(money.Pay(70, "courier-7"), IsOk());
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  ASSERT_THAT(money.Follow(AClaim("claim-1", {{"l-1", 4}})), IsOk());
  EXPECT_EQ(money.Hanging(), (Books{{"REFUNDS_PAYABLE", -10}}));
}

// ---- What has not arrived here.

TEST_F(Grants, SYS_13_WhatRestsOnAnOrderWaitsForAllThatItsOwnerKnowsOfIt) {
  MoneyDesk money;
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
  const Event delivered = money.Delivered();
  const auto early = money.Follow(AClaim("claim-1", {{"l-1", 1}}));
  EXPECT_THAT(early, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(RuleOf(early.status()), "SYS-13");
  EXPECT_THAT(money.Pay(1, "ref-2"), IsOk()) << "money that came in waits for nothing";
  ASSERT_THAT(money.React(delivered), IsOk());
  EXPECT_THAT(money.Follow(AClaim("claim-1", {{"l-1", 1}})), IsOk());
}

}  // namespace
}  // namespace makegood::testing
