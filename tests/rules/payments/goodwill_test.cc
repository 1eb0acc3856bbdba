// Goodwill: the marketplace's own money, within what the customer paid (RFD-02, RFD-09, RFD-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

using ::testing::IsEmpty;

// An order of 100; goodwill is up to a tenth of it.
class Goodwill : public ::testing::Test {
 protected:
  static bool IsOffered(const MoneyDesk& money) {
    return ShownTo(Operations(), money.account()).available_actions(1).allowed();
  }

  // Delivered against cash of which nothing is known.
  static MoneyDesk DeliveredForCash() {
    MoneyDesk cash{CashOf()};
    EXPECT_THAT(cash.React(cash.Created()), IsOk());
    EXPECT_THAT(cash.React(cash.Delivered()), IsOk());
    EXPECT_EQ(cash.Hanging(), (Books{{"CUSTOMER_RECEIVABLE", 100}}));
    return cash;
  }

  static MoneyDesk Paid() {
    MoneyDesk paid;
    EXPECT_THAT(paid.Pay(100, "ref-1"), IsOk());
    return paid;
  }
};

// ---- What it is bounded by.

TEST_F(Goodwill, RFD_02_ItHasACapOfItsOwnWithinWhatWasPaid) {
  MoneyDesk money = Paid();
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  EXPECT_THAT(money.GiveFreely(11), RefusedBy("RFD-02"));
  ASSERT_THAT(money.GiveFreely(4), IsOk());
  ASSERT_THAT(money.GiveFreely(6), IsOk());
  EXPECT_THAT(money.GiveFreely(1), RefusedBy("RFD-02"));
  EXPECT_EQ(money.books().at("GOODWILL"), 10);
  EXPECT_EQ(money.books().at("REFUNDS_PAYABLE"), -10);
  money.SettleAll();
  EXPECT_EQ(money.books().at("CLEARING"), 90);
  EXPECT_THAT(money.GiveFreely(1), RefusedBy("RFD-02")) << "nor once it is paid";
}

TEST_F(Goodwill, RFD_02_WhatWasGivenBackIsNotGivenOnceMore) {
  MoneyDesk money = Paid();
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  ASSERT_THAT(money.GiveFee(), IsOk());
  ASSERT_THAT(money.Follow(AClaim("claim-1", {{"l-1", 8}})), IsOk());
  money.SettleAll();
  EXPECT_EQ(money.books().at("CLEARING"), 10);
  ASSERT_THAT(money.Follow(AWithdrawal("wdr-1", {{"l-1", 1}})), IsOk());
  EXPECT_THAT(money.GiveFreely(1), RefusedBy("RFD-02")) << "the last unit is set aside";
  EXPECT_FALSE(IsOffered(money));
  CaseFacts closed = AWithdrawal("wdr-1", {{"l-1", 1}});
  closed.over = true;
  ASSERT_THAT(money.Follow(closed), IsOk());
  EXPECT_TRUE(IsOffered(money));
  EXPECT_THAT(money.GiveFreely(10), IsOk());
  EXPECT_EQ(money.books().at("REFUNDS_PAYABLE"), -10);
  EXPECT_FALSE(IsOffered(money));
}

TEST_F(Goodwill, RFD_02_ThereIsNoneForAnOrderThatNobodyPaid) {
  MoneyDesk unpaid;
  ASSERT_THAT(unpaid.React(unpaid.Created()), IsOk());
  EXPECT_FALSE(IsOffered(unpaid));
  EXPECT_THAT(unpaid.GiveFreely(1), RefusedBy("RFD-02"));
  ASSERT_THAT(unpaid.Pay(3, "ref-1"), IsOk());
  EXPECT_THAT(unpaid.GiveFreely(4), RefusedBy("RFD-02"));
  EXPECT_THAT(unpaid.GiveFreely(3), IsOk());
  EXPECT_EQ(unpaid.books(),
            (Books{{"CLEARING", 3}, {"CUSTOMER_PREPAYMENT", -3}, {"GOODWILL", 3}, {"REFUNDS_PAYABLE", -3}}));
  EXPECT_FALSE(IsOffered(unpaid));
}

TEST_F(Goodwill, RFD_02_OnDeliveryThereIsNoneBeforeItNorAfterItCameBack) {
  MoneyDesk cash{CashOf()};
  ASSERT_THAT(cash.React(cash.Created()), IsOk());
  EXPECT_THAT(cash.GiveFreely(1), RefusedBy("RFD-02"));
  ASSERT_THAT(cash.React(cash.Returned()), IsOk());
  EXPECT_THAT(cash.GiveFreely(1), RefusedBy("RFD-02"));
  EXPECT_FALSE(IsOffered(cash));
}

TEST_F(Goodwill, RFD_02_AfterACancellationNothingIsLeftToGiveFreely) {
  MoneyDesk money = Paid();
  ASSERT_THAT(money.React(money.Cancelled()), IsOk());
  EXPECT_THAT(money.GiveFreely(1), RefusedBy("RFD-02"));
  EXPECT_FALSE(IsOffered(money));
}

TEST_F(Goodwill, ORD_13_WhatAnImportedPastPaidElsewhereCounts) {
  MoneyDesk money;
  Event created = money.Created();
  created.set_imported(true);
  ASSERT_THAT(money.React(created), IsOk());
  EXPECT_THAT(money.GiveFreely(1), RefusedBy("RFD-02"));
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  ASSERT_THAT(money.GiveFreely(10), IsOk());
  EXPECT_EQ(money.Hanging(), (Books{{"REFUNDS_PAYABLE", -10}}));
}

// ---- It is beyond what is owed, and stands in the way of nothing that is.

TEST_F(Goodwill, RFD_02_ORD_03_ACancellationGivesBackAllThatWasPaidBesideIt) {
  MoneyDesk money = Paid();
  ASSERT_THAT(money.GiveFreely(10), IsOk());
  money.SettleAll();
  EXPECT_EQ(money.books(), (Books{{"CLEARING", 90}, {"CUSTOMER_PREPAYMENT", -100}, {"GOODWILL", 10}}));
  ASSERT_THAT(money.React(money.Cancelled()), IsOk());
  EXPECT_EQ(money.books(), (Books{{"CLEARING", 90}, {"GOODWILL", 10}, {"REFUNDS_PAYABLE", -100}}));
  money.SettleAll();
  EXPECT_EQ(money.books(), (Books{{"CLEARING", -10}, {"GOODWILL", 10}}))
      << "what the marketplace gave is its own expense";
}

TEST_F(Goodwill, RFD_02_CLM_08_AWithdrawalGivesBackAllThatWasPaidBesideIt) {
  MoneyDesk money = Paid();
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  ASSERT_THAT(money.GiveFreely(10), IsOk());
  const CaseFacts whole = AWithdrawal("wdr-1", {{"l-1", 9}}, /*whole=*/true);
  ASSERT_THAT(money.Follow(whole), IsOk());
  ASSERT_THAT(money.Follow(InFull(whole)), IsOk());
  EXPECT_EQ(money.books(), (Books{{"CLEARING", 100}, {"GOODWILL", 10}, {"REFUNDS_PAYABLE", -110}}));
  money.SettleAll();
  EXPECT_EQ(money.books(), (Books{{"CLEARING", -10}, {"GOODWILL", 10}}));
}

// ---- The courier's cash.

TEST_F(Goodwill, RFD_09_RFD_10_ItWaitsForTheCashOfWhichWhatIsOwedIsSetOff) {
  MoneyDesk cash = DeliveredForCash();
  const auto grant = cash.GiveFreely(10);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->state(), RefundGrant::STATE_AWAITING_CASH);
  EXPECT_EQ(cash.Hanging(), (Books{{"CUSTOMER_RECEIVABLE", 100}, {"REFUNDS_GRANTED", -10}}));
  EXPECT_THAT(cash.desk.All<Refund>(), IsEmpty());
  ASSERT_THAT(cash.Pay(95, "courier-7"), IsOk());
  EXPECT_EQ(cash.Hanging(), (Books{{"REFUNDS_PAYABLE", -5}}));
  EXPECT_EQ(cash.books().at("GOODWILL"), 10);
  cash.SettleAll();
  EXPECT_EQ(cash.Stored(*grant).state(), RefundGrant::STATE_SETTLED);
  EXPECT_THAT(cash.Hanging(), IsEmpty());
}

TEST_F(Goodwill, RFD_02_ItIsNotMoreThanTheCashThatIsWaitedFor) {
  MoneyDesk cash = DeliveredForCash();
  ASSERT_THAT(cash.Follow(AClaim("claim-1", {{"l-1", 9}})), IsOk());
  ASSERT_THAT(cash.GiveFreely(5), IsOk());
  EXPECT_THAT(cash.GiveFee(), IsOk()) << "what is owed goes before";
  EXPECT_THAT(cash.GiveFreely(1), RefusedBy("RFD-02"));
  EXPECT_EQ(cash.Hanging(), (Books{{"CUSTOMER_RECEIVABLE", 100}, {"REFUNDS_GRANTED", -105}}));
}

TEST_F(Goodwill, RFD_02_RFD_09_WithoutCashItIsVoidAndTheOthersAreSetOff) {
  MoneyDesk cash = DeliveredForCash();
  const Books sold = cash.books();
  const auto grant = cash.GiveFreely(10);
  ASSERT_THAT(grant, IsOk());
  const auto claim = cash.Follow(AClaim("claim-1", {{"l-1", 3}}));
  ASSERT_THAT(claim, IsOk());
  const auto released = cash.Release(grant->grant_id());
  ASSERT_THAT(released, IsOk());
  EXPECT_EQ(released->state(), RefundGrant::STATE_VOIDED);
  EXPECT_EQ(released->ready().amount_minor(), 0);
  const auto closed = cash.desk.Events(&Event::has_refund_grant_closed);
  ASSERT_FALSE(closed.empty());
  EXPECT_EQ(closed[0].refund_grant_closed().grant_id(), grant->grant_id());
  EXPECT_EQ(closed[0].refund_grant_closed().given().amount_minor(), 0);
  EXPECT_EQ(cash.Stored(*claim).set_off().amount_minor(), 30);
  EXPECT_EQ(cash.Hanging(), (Books{{"CUSTOMER_RECEIVABLE", 70}}));
  EXPECT_EQ(cash.books().count("GOODWILL"), 0u);
  EXPECT_EQ(sold.count("GOODWILL"), 0u);
  EXPECT_THAT(cash.GiveFreely(1), RefusedBy("RFD-02")) << "no cash is waited for";
  // Cash that comes late is the customer's: what is owed of it, and the rest goes back.
  ASSERT_THAT(cash.Pay(100, "courier-7"), IsOk());
  EXPECT_EQ(cash.Hanging(), (Books{{"REFUNDS_PAYABLE", -30}}));
}

TEST_F(Goodwill, RFD_02_ORD_05_ACorrectionVoidsWhatWaitsForCash) {
  MoneyDesk cash = DeliveredForCash();
  const auto grant = cash.GiveFreely(10);
  ASSERT_THAT(grant, IsOk());
  ASSERT_THAT(cash.React(cash.Corrected("R-4711")), IsOk());
  EXPECT_EQ(cash.Stored(*grant).state(), RefundGrant::STATE_VOIDED);
  EXPECT_EQ(cash.Hanging(), (Books{{"MERCHANT_RECOVERY", 100}}));
  cash.SendAll();
  EXPECT_THAT(cash.books(), IsEmpty());
}

TEST_F(Goodwill, RFD_10_OfCashThatCameShortItIsSetOff) {
  MoneyDesk cash = DeliveredForCash();
  ASSERT_THAT(cash.Pay(60, "courier-7"), IsOk());
  ASSERT_THAT(cash.GiveFreely(10), IsOk());
  EXPECT_EQ(cash.Hanging(), (Books{{"CUSTOMER_RECEIVABLE", 30}}));
  EXPECT_EQ(cash.books().at("GOODWILL"), 10);
}

}  // namespace
}  // namespace makegood::testing
