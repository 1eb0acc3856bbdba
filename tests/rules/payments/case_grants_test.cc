// Grants of cases that something else has been before (RFD-09, PAY-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

using ::testing::IsEmpty;

class CaseGrants : public ::testing::Test {
 protected:
  CaseGrants() {
    EXPECT_THAT(money_.Pay(100, "ref-1"), IsOk());
    EXPECT_THAT(money_.React(money_.Delivered()), IsOk());
  }

  MoneyDesk money_;
};

TEST_F(CaseGrants, RFD_09_CLM_08_AFeeThatWentBackBeforeIsNoPartOfTheWithdrawal) {
  ASSERT_THAT(money_.GiveFee(), IsOk());
  const CaseFacts whole = AWithdrawal("wdr-1", {{"l-1", 9}}, /*whole=*/true);
  const auto grant = money_.Follow(whole);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->amount().amount_minor(), 90);
  ASSERT_THAT(money_.Follow(InFull(whole)), IsOk());
  money_.SettleAll();
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_SETTLED);
  EXPECT_THAT(money_.Hanging(), IsEmpty());
}

TEST_F(CaseGrants, CLM_08_AFeeIsGivenUpWhereAnotherStepNeverCameBack) {
  CaseFacts last = AWithdrawal("wdr-2", {{"l-1", 4}}, /*whole=*/true);
  ASSERT_THAT(money_.Follow(last), IsOk());
  last.whole_order = false;
  const auto grant = money_.Follow(InFull(last));
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->amount().amount_minor(), 40);
  money_.SettleAll();
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_SETTLED);
  ASSERT_THAT(money_.GiveFee(), IsOk()) << "it is free again";
}

TEST_F(CaseGrants, ORD_05_RFD_09_ACaseThatACorrectionOvertookEndsOverNothing) {
  ASSERT_THAT(money_.React(money_.Corrected()), IsOk());
  const auto grant = money_.Follow(InFull(AWithdrawal("wdr-3", {{"l-1", 9}}, /*whole=*/true)));
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->amount().amount_minor(), 0);
  EXPECT_EQ(grant->state(), RefundGrant::STATE_SETTLED);
  const auto closed = money_.desk.Events(&Event::has_refund_grant_closed);
  ASSERT_FALSE(closed.empty());
  EXPECT_EQ(closed.back().case_id(), "wdr-3");
}

// ---- CLM-08: what goes back with the whole order alone.

TEST_F(CaseGrants, CLM_08_TheFeeWaitsForTheGoodsOfOtherSteps) {
  CaseFacts last = AWithdrawal("wdr-2", {{"l-1", 4}}, /*whole=*/true);
  last.ready = last.granted;
  const auto grant = money_.Follow(last);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->state(), RefundGrant::STATE_AWAITING_GOODS);
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -40}}));
  money_.SettleAll();
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_AWAITING_GOODS)
      << "the first step is still out";
  EXPECT_THAT(money_.GiveFee(), RefusedBy("RFD-04"));
  ASSERT_THAT(money_.Follow(InFull(last)), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -10}}));
  money_.SettleAll();
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_SETTLED);
  EXPECT_EQ(money_.Stored(*grant).paid_out().amount_minor(), 50);
}

TEST_F(CaseGrants, CLM_08_WhatWaitsForOtherStepsIsGivenUpWhereTheyNeverComeBack) {
  CaseFacts last = AWithdrawal("wdr-2", {{"l-1", 4}}, /*whole=*/true);
  last.ready = last.granted;
  const auto grant = money_.Follow(last);
  ASSERT_THAT(grant, IsOk());
  money_.SettleAll();
  last.whole_order = false;
  ASSERT_THAT(money_.Follow(last), IsOk());
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_SETTLED);
  EXPECT_EQ(money_.Stored(*grant).amount().amount_minor(), 40);
  EXPECT_THAT(money_.Hanging(), IsEmpty());
  EXPECT_THAT(money_.GiveFee(), IsOk());
}

// An order of 100 with 30 paid for extra goods and 20 for a farther address, delivered.
class PaidSurcharges : public ::testing::Test {
 protected:
  PaidSurcharges() {
    EXPECT_THAT(money_.Pay(100, "ref-1"), IsOk());
    goods_ = money_.PaidSurcharge(30, base::v1::SURCHARGE_KIND_EXTRA_GOODS);
    money_.PaidSurcharge(20, base::v1::SURCHARGE_KIND_FARTHER_ADDRESS);
    EXPECT_THAT(money_.React(money_.Delivered()), IsOk());
  }

  MoneyDesk money_;
  std::string goods_;
};

TEST_F(PaidSurcharges, CLM_08_GoodsPaidAsASurchargeGoBackWithTheWholeOrder) {
  const CaseFacts whole = AWithdrawal("wdr-1", {{"l-1", 9}}, /*whole=*/true);
  const auto grant = money_.Follow(whole);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->amount().amount_minor(), 130) << "the farther address was used up";
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_SURCHARGE, goods_), RefusedBy("RFD-08")) << "set aside";
  CaseFacts some = whole;
  some.ready = PiecesOf({{"l-1", 8}});
  ASSERT_THAT(money_.Follow(some), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -80}}));
  ASSERT_THAT(money_.Follow(InFull(whole)), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 150}, {"REFUNDS_PAYABLE", -130}, {"MERCHANT_PAYABLE", -20}}));
  money_.SettleAll();
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 20}, {"MERCHANT_PAYABLE", -20}}));
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_SETTLED);
}

TEST_F(PaidSurcharges, CLM_08_TheyStayWhereAPartIsWithdrawnOrTheRestNeverComes) {
  const CaseFacts part = AWithdrawal("wdr-1", {{"l-1", 5}});
  ASSERT_THAT(money_.Follow(InFull(part)), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -50}}));
  CaseFacts last = AWithdrawal("wdr-2", {{"l-1", 4}}, /*whole=*/true);
  last.ready = last.granted;
  ASSERT_THAT(money_.Follow(last), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -90}}));
  last.whole_order = false;
  ASSERT_THAT(money_.Follow(last), IsOk());
  money_.SettleAll();
  EXPECT_THAT(money_.Hanging(), IsEmpty());
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_SURCHARGE, goods_), IsOk()) << "free again";
}

TEST_F(CaseGrants, CLM_08_WhatCameFreeOrWasPaidLaterGoesBackWithTheWholeOrderToo) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
  const std::string goods =
      money.Proposed(30, Employee(), base::v1::SURCHARGE_KIND_EXTRA_GOODS).surcharge_id();
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  CaseFacts earlier = AWithdrawal("wdr-1", {{"l-1", 1}}, /*whole=*/true);
  ASSERT_THAT(money.Follow(earlier), IsOk());
  const CaseFacts whole = AWithdrawal("wdr-2", {{"l-1", 8}}, /*whole=*/true);
  const auto grant = money.Follow(whole);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->amount().amount_minor(), 80) << "the fee is set aside for the earlier step";
  earlier.whole_order = false;
  ASSERT_THAT(money.Follow(InFull(earlier)), IsOk());
  ASSERT_THAT(money.Pay(30, "ref-2", goods), IsOk());
  ASSERT_THAT(money.Follow(InFull(whole)), IsOk());
  EXPECT_EQ(money.Stored(*grant).amount().amount_minor(), 120);
  money.SettleAll();
  EXPECT_EQ(money.Stored(*grant).state(), RefundGrant::STATE_SETTLED);
  EXPECT_THAT(money.books(), IsEmpty());
}

TEST_F(PaidSurcharges, CLM_08_WhatWentBackByHandIsNoPartOfIt) {
  ASSERT_THAT(money_.Give(base::v1::REFUND_REASON_SURCHARGE, goods_), IsOk());
  const auto grant = money_.Follow(InFull(AWithdrawal("wdr-1", {{"l-1", 9}}, /*whole=*/true)));
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->amount().amount_minor(), 100);
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -130}}));
}

TEST(PaperOfSurcharges, CLM_08_RFD_05_TheCreditNoteIsOverThemToo) {
  const rules::PolicyBook paper = PoliciesWith(
      "flowwow", [](rules::Policy& policy) { policy.mutable_credit_notes()->set_for_cases(true); });
  MoneyDesk money({.policies = &paper});
  ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
  money.PaidSurcharge(30, base::v1::SURCHARGE_KIND_EXTRA_GOODS);
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  CaseFacts whole = InFull(AWithdrawal("wdr-1", {{"l-1", 9}}, /*whole=*/true));
  whole.return_number = "R-4711";
  ASSERT_THAT(money.Follow(whole), IsOk());
  EXPECT_EQ(money.Hanging(), (Books{{"REFUNDS_PAYABLE", -130}, {"MERCHANT_RECOVERY", 130}}));
  EXPECT_EQ(money.desk.All<CreditNote>().at(0).amount().amount_minor(), 107);
  money.SettleAll();
  money.SendAll();
  EXPECT_THAT(money.books(), IsEmpty());
}

// ---- What is told of a grant.

TEST(WordsOfGrants, RFD_09_AWithdrawalOnDeliveryWaitsForGoodsAndCash) {
  const auto told = [](const CaseFacts& facts) {
    MoneyDesk cash{CashOf()};
    EXPECT_THAT(cash.React(cash.Created()), IsOk());
    EXPECT_THAT(cash.React(cash.Delivered()), IsOk());
    EXPECT_THAT(cash.Follow(facts), IsOk());
    return cash.desk.Events(&Event::has_refund_granted).at(0).refund_granted();
  };
  const CaseFacts out = AWithdrawal("wdr-1", {{"l-1", 3}});
  EXPECT_TRUE(told(out).awaits_goods());
  EXPECT_TRUE(told(out).awaits_cash());
  EXPECT_FALSE(told(InFull(out)).awaits_goods()) << "they are back by the time that it is granted";
  EXPECT_TRUE(told(InFull(out)).awaits_cash());
  EXPECT_EQ(told(InFull(out)).returned().amount_minor(), 30);
}

TEST(WordsOfGrants, RFD_10_WhatIsSetOffDoesNotGoBack) {
  MoneyDesk cash{CashOf()};
  ASSERT_THAT(cash.React(cash.Created()), IsOk());
  ASSERT_THAT(cash.React(cash.Delivered()), IsOk());
  ASSERT_THAT(cash.Pay(70, "courier-7"), IsOk());
  ASSERT_THAT(cash.Follow(AClaim("claim-1", {{"l-1", 5}})), IsOk());
  const auto told = cash.desk.Events(&Event::has_refund_granted).at(0).refund_granted();
  EXPECT_EQ(told.amount().amount_minor(), 50);
  EXPECT_EQ(told.returned().amount_minor(), 20);
  EXPECT_EQ(cash.desk.All<Refund>().at(0).amount().amount_minor(), 20);
}

TEST_F(CaseGrants, KPI_06_CLM_08_AWithdrawalsRefundIsMeasuredFromWhenItsGoodsAreBack) {
  CaseFacts withdrawal = InFull(AWithdrawal("wdr-1", {{"l-1", 1}}));
  withdrawal.approve_time = money_.desk.now() - absl::Hours(240);
  ASSERT_THAT(money_.Follow(withdrawal), IsOk());
  EXPECT_GT(rules::ToTime(money_.desk.All<Refund>().at(0).due_time()), money_.desk.now());
}

}  // namespace
}  // namespace makegood::testing
