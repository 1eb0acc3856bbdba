// A withdrawal in several steps: what goes back with the whole order alone (CLM-08).
#include "tests/rules/claims/withdrawal_fixture.h"

namespace makegood::testing {
namespace {

TEST_F(WithdrawalRulesTest, CLM_08_TheFeeStaysWhereAnEarlierStepNeverCameBack) {
  const std::string first = Withdraw({{"l-1", 3}})->withdrawal_id();
  const auto last = Withdraw({});
  ASSERT_THAT(last, IsOk());
  ASSERT_TRUE(last->whole_order());
  ASSERT_THAT(Close(first), IsOk());
  EXPECT_FALSE(Now(last->withdrawal_id()).whole_order());
  EXPECT_EQ(Now(last->withdrawal_id()).delivery_fee().amount_minor(), 0);
  EXPECT_EQ(AskedFor(last->withdrawal_id()), 2u);
  const auto again = Withdraw({});
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->whole_order()) << "with it all of the order is withdrawn once more";
}

TEST_F(WithdrawalRulesTest, CLM_08_TheFeeWaitsForTheGoodsOfAllSteps) {
  const std::string first = Withdraw({{"l-1", 3}})->withdrawal_id();
  const std::string last = Withdraw({})->withdrawal_id();
  ASSERT_THAT(GoodsReturned(last), IsOk());
  EXPECT_EQ(Now(last).state(), Withdrawal::STATE_GOODS_RETURNED);
  EXPECT_FALSE(Now(last).whole_order_returned()) << "the first step is still out";
  EXPECT_EQ(AskedFor(last), 2u);
  ASSERT_THAT(GoodsReturned(first, {{"l-1", 1}}), IsOk());
  EXPECT_FALSE(Now(last).whole_order_returned());
  ASSERT_THAT(GoodsReturned(first), IsOk());
  EXPECT_TRUE(Now(last).whole_order_returned());
  EXPECT_FALSE(Now(first).whole_order_returned()) << "the fee is the last step's";
  EXPECT_EQ(AskedFor(last), 3u);
}

TEST_F(WithdrawalRulesTest, CLM_08_TheFeeStaysWhereAnEarlierStepIsClosedAfterTheLastCameBack) {
  const std::string first = Withdraw({{"l-1", 3}})->withdrawal_id();
  const std::string last = Withdraw({})->withdrawal_id();
  ASSERT_THAT(GoodsReturned(last), IsOk());
  ASSERT_THAT(Close(first), IsOk());
  EXPECT_FALSE(Now(last).whole_order());
  EXPECT_EQ(Now(last).delivery_fee().amount_minor(), 0);
  EXPECT_EQ(AskedFor(last), 3u) << "payments gives the fee up";
  EXPECT_EQ(Now(last).state(), Withdrawal::STATE_GOODS_RETURNED);
  GrantAndPay(last);
  EXPECT_EQ(Now(last).state(), Withdrawal::STATE_SETTLED);
}

TEST_F(WithdrawalRulesTest, CLM_08_TheFeeIsDueWithTheLastStepWhereTheOthersAreBack) {
  const std::string first = Withdraw({{"l-1", 3}})->withdrawal_id();
  ASSERT_THAT(GoodsReturned(first), IsOk());
  EXPECT_FALSE(Now(first).whole_order_returned());
  const std::string last = Withdraw({})->withdrawal_id();
  ASSERT_THAT(GoodsReturned(last), IsOk());
  EXPECT_TRUE(Now(last).whole_order_returned());
  EXPECT_EQ(AskedFor(last), 2u);
  EXPECT_EQ(AskedFor(first), 2u);
}

TEST_F(WithdrawalRulesTest, CLM_08_AStepThatAClaimLedToCountsToo) {
  const auto claim = desk_.As(Customer()).Decide(rules::OpenClaim, OpenRequest({{"l-1", 1}}), order_);
  ASSERT_THAT(claim, IsOk());
  const auto chosen =
      desk_.Decide(rules::ChooseResolution, ChooseRequest(*claim, base::v1::RESOLUTION_KIND_WITHDRAWAL));
  ASSERT_THAT(chosen, IsOk());
  const std::string last = Withdraw({})->withdrawal_id();
  ASSERT_TRUE(Now(last).whole_order());
  ASSERT_THAT(GoodsReturned(last), IsOk());
  EXPECT_FALSE(Now(last).whole_order_returned());
  ASSERT_THAT(GoodsReturned(chosen->withdrawal_id()), IsOk());
  EXPECT_TRUE(Now(last).whole_order_returned());
}

TEST_F(WithdrawalRulesTest, CLM_08_AWholeOrderThatIsClosedEarlyIsNoWholeOrderAnyMore) {
  const std::string id = Withdraw({})->withdrawal_id();
  ASSERT_THAT(GoodsReturned(id, {{"l-1", 3}}), IsOk());
  ASSERT_THAT(Close(id), IsOk());
  EXPECT_FALSE(Now(id).whole_order());
  EXPECT_FALSE(Now(id).whole_order_returned());
  EXPECT_EQ(Now(id).delivery_fee().amount_minor(), 0);
}

}  // namespace
}  // namespace makegood::testing
