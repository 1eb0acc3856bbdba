// What claims and withdrawals ask payments for: in whatever way payments is, it comes to pass once, and a
// refusal is told.
#include "tests/services/claims_fixture.h"

namespace makegood::services {
namespace {

using ::testing::Contains;
using ::testing::Key;

class ClaimCalls : public ClaimsServiceTest, public ::testing::WithParamInterface<testing::Way> {
 protected:
  // A claim whose return document is made: payments, which these things happen to, is asked for a refund and
  // for a credit note.
  Claim WithReturnDocument(const std::vector<testing::Obstacle>& obstacles, int lost_answers = 0) {
    Delivered("mall");
    const Claim claim = Opened();
    EXPECT_THAT(Do(&Stub::ChooseResolution, Customer(),
                   testing::ChooseRequest(claim, base::v1::RESOLUTION_KIND_REFUND)),
                IsOk());
    payments_->mood().Expect(obstacles);
    *to_lose_ = lost_answers;
    auto document = testing::About<claims::v1::CreateReturnDocumentRequest>(claim);
    document.set_return_number("4712345678");
    EXPECT_THAT(Do(&Stub::CreateReturnDocument, Operations(), document), IsOk());
    return claim;
  }

  Withdrawal Withdrawn() {
    Delivered("mall");
    claims::v1::WithdrawPurchaseRequest request;
    request.set_order_id("o-1");
    testing::AddUnits({{"l-1", 1}}, request);
    const auto withdrawal = Do(&Stub::WithdrawPurchase, Customer(), request);
    EXPECT_THAT(withdrawal, IsOk());
    return withdrawal.value_or(Withdrawal());
  }

  absl::StatusOr<Withdrawal> GoodsReturned(const Withdrawal& withdrawal) {
    claims::v1::RecordGoodsReturnedRequest request;
    request.set_withdrawal_id(withdrawal.withdrawal_id());
    return Do(&Stub::RecordGoodsReturned, Employee(), request);
  }

  bool AllIsDone() {
    return Eventually([&] { return app_->tasks()->Idle(); });
  }

  void ExpectNothingStuck() { EXPECT_THAT(store_->ListStuck(10), testing::IsOkAndHolds(IsEmpty())); }
};

TEST_P(ClaimCalls, SYS_13_AClaimGetsItsRefundOnce) {
  const Claim claim = WithReturnDocument(GetParam().obstacles, GetParam().lost_answers);
  ASSERT_TRUE(Eventually([&] { return !Get(claim).grant_id().empty(); }));
  ASSERT_TRUE(AllIsDone());
  EXPECT_THAT(payments_->asked(), Contains(Key(claim.claim_id())));
  EXPECT_THAT(Events(&Event::has_call_refused), IsEmpty());
  ExpectNothingStuck();
}

TEST_P(ClaimCalls, SYS_13_AWithdrawalsMoneyIsAskedForAgainWhenItsGoodsAreBack) {
  const Withdrawal withdrawal = Withdrawn();
  ASSERT_TRUE(Eventually([&] { return !GetWithdrawal(withdrawal.withdrawal_id()).grant_id().empty(); }));
  payments_->mood().Expect(GetParam().obstacles);
  *to_lose_ = GetParam().lost_answers;
  const int before = payments_->asked().at(withdrawal.withdrawal_id());
  ASSERT_THAT(GoodsReturned(withdrawal), IsOk());
  ASSERT_TRUE(Eventually([&] { return payments_->asked().at(withdrawal.withdrawal_id()) > before; }));
  ASSERT_TRUE(AllIsDone());
  ExpectNothingStuck();
}
INSTANTIATE_TEST_SUITE_P(Ways, ClaimCalls, ::testing::ValuesIn(testing::WaysOfCallees()),
                         [](const auto& info) { return info.param.name; });

class RefusedCalls : public ClaimCalls {
 protected:
  static testing::Obstacle Refusing(absl::string_view rule = "RFD-02") {
    return {Refusal(rule, "more than is left of what was paid")};
  }
};
INSTANTIATE_TEST_SUITE_P(Once, RefusedCalls, ::testing::Values(testing::Way{"Refusing", {}}),
                         [](const auto& info) { return info.param.name; });

TEST_P(RefusedCalls, SYS_13_ARefusalIsToldOnTheClaimAndAskedForAgainByOperations) {
  const Claim claim = WithReturnDocument({Refusing("RFD-05")});
  ASSERT_TRUE(Eventually([&] { return Get(claim).refused_calls_size() == 1; }));
  const Claim told = Get(claim);
  EXPECT_EQ(told.state(), Claim::STATE_RESOLVING);
  for (const claims::v1::RefusedCall& refused : told.refused_calls()) {
    EXPECT_FALSE(refused.reason().empty());
    EXPECT_THAT(refused.rule_id(), ::testing::StartsWith("RFD-"));
    EXPECT_EQ(rules::ToTime(refused.refuse_time()), clock_.Now());
  }
  EXPECT_THAT(Events(&Event::has_call_refused), SizeIs(1));
  ExpectNothingStuck();
  claims::v1::GetClaimRequest get;
  get.set_claim_id(claim.claim_id());
  EXPECT_EQ(Call(&Stub::GetClaim, Customer(), get)->refused_calls_size(), 0) << "it is Operations' to see to";

  claims::v1::ListClaimsRequest urgent;
  urgent.set_overdue_only(true);
  EXPECT_EQ(Call(&Stub::ListClaims, Operations(), urgent)->claims_size(), 1) << "it is due at once";

  const auto retry = testing::About<claims::v1::RetryClaimCallsRequest>(claim);
  EXPECT_THAT(Do(&Stub::RetryClaimCalls, Customer(), retry), DeniedBy("ROL-07"));
  ASSERT_THAT(Do(&Stub::RetryClaimCalls, Operations(), retry), IsOk());
  ASSERT_TRUE(Eventually([&] { return !Get(claim).grant_id().empty(); }));
  ASSERT_TRUE(AllIsDone());
  EXPECT_EQ(Get(claim).refused_calls_size(), 0);
  EXPECT_THAT(Events(&Event::has_call_retried), SizeIs(1));
  EXPECT_THAT(Do(&Stub::RetryClaimCalls, Customer(), retry), DeniedBy("ROL-07"));
}

TEST_P(RefusedCalls, SYS_13_ARefusalIsToldOnTheWithdrawalToo) {
  payments_->mood().Expect({Refusing()});
  const Withdrawal withdrawal = Withdrawn();
  const std::string& id = withdrawal.withdrawal_id();
  ASSERT_TRUE(Eventually([&] { return GetWithdrawal(id).refused_calls_size() == 1; }));
  claims::v1::RetryWithdrawalCallsRequest retry;
  retry.set_withdrawal_id(id);
  ASSERT_THAT(Do(&Stub::RetryWithdrawalCalls, Operations(), retry), IsOk());
  ASSERT_TRUE(Eventually([&] { return !GetWithdrawal(id).grant_id().empty(); }));
  payments_->mood().Expect({Refusing("RFD-05")});
  ASSERT_THAT(GoodsReturned(withdrawal), IsOk());
  ASSERT_TRUE(Eventually([&] { return GetWithdrawal(id).refused_calls_size() == 1; }));
  const int before = payments_->asked().at(id);
  ASSERT_THAT(Do(&Stub::RetryWithdrawalCalls, Operations(), retry), IsOk());
  EXPECT_TRUE(Eventually([&] { return payments_->asked().at(id) > before; }));
  ExpectNothingStuck();
}

}  // namespace
}  // namespace makegood::services
