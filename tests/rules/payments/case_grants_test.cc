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
  const CaseFacts whole = AWithdrawal("wdr-1", {{"l-1", 9}}, /*with_fee=*/true);
  const auto grant = money_.Follow(whole);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->amount().amount_minor(), 90);
  ASSERT_THAT(money_.Follow(InFull(whole)), IsOk());
  money_.SettleAll();
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_SETTLED);
  EXPECT_THAT(money_.Hanging(), IsEmpty());
}

TEST_F(CaseGrants, CLM_08_AFeeIsGivenUpWhereAnotherStepNeverCameBack) {
  CaseFacts last = AWithdrawal("wdr-2", {{"l-1", 4}}, /*with_fee=*/true);
  ASSERT_THAT(money_.Follow(last), IsOk());
  last.granted.pop_back();  // the fee
  const auto grant = money_.Follow(InFull(last));
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->amount().amount_minor(), 40);
  money_.SettleAll();
  EXPECT_EQ(money_.Stored(*grant).state(), RefundGrant::STATE_SETTLED);
  ASSERT_THAT(money_.GiveFee(), IsOk()) << "it is free again";
}

TEST_F(CaseGrants, ORD_05_RFD_09_ACaseThatACorrectionOvertookEndsOverNothing) {
  ASSERT_THAT(money_.React(money_.Corrected()), IsOk());
  const auto grant = money_.Follow(InFull(AWithdrawal("wdr-3", {{"l-1", 9}}, /*with_fee=*/true)));
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->amount().amount_minor(), 0);
  EXPECT_EQ(grant->state(), RefundGrant::STATE_SETTLED);
  const auto closed = money_.desk.Events(&Event::has_refund_grant_closed);
  ASSERT_FALSE(closed.empty());
  EXPECT_EQ(closed.back().case_id(), "wdr-3");
}

}  // namespace
}  // namespace makegood::testing
