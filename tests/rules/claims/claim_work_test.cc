// Whose turn it is with a claim or withdrawal, step by step (WRK-01).
#include "tests/rules/claims/claim_fixture.h"
#include "tests/support/work_support.h"

namespace makegood::testing {
namespace {

using claims::v1::Withdrawal;

class ClaimWork : public ClaimRulesTest {
 protected:
  std::vector<std::string> Waiting(const Claim& claim) {
    CheckTold();
    return InShort(rules::RecordTraits<Claim>::Waiting(Now(claim)));
  }

  // What is open is what events have said, each in the commit that made it so.
  void CheckTold() { EXPECT_EQ(WorkTold(desk_.events()), (WorkOn<Claim, Withdrawal>(desk_))); }
};

TEST_F(ClaimWork, WRK_01_AClaimThatIsVerifiedGoesFromHandToHand) {
  order_ = tmall_;
  const Claim claim = Opened();
  EXPECT_THAT(Waiting(claim), ElementsAre("customer submit_evidence by 2026-09-28T16:00+00:00"));
  ASSERT_THAT(desk_.Decide(rules::AddEvidence, claim.claim_id(), Picture("one")), IsOk());
  EXPECT_THAT(Waiting(claim), SizeIs(1));
  ASSERT_THAT(desk_.Decide(rules::SubmitEvidence, About<claims::v1::SubmitEvidenceRequest>(claim)), IsOk());
  const auto decision = rules::RecordTraits<Claim>::Waiting(Now(claim));
  ASSERT_THAT(InShort(decision), ElementsAre(::testing::StartsWith("operations decide_claim by ")));
  EXPECT_EQ(decision.front().due_time().seconds(), Now(claim).window_due_time().seconds());
  EXPECT_EQ(decision.front().amount().amount_minor(), 3630);
  ASSERT_THAT(Reject(claim), IsOk());
  EXPECT_THAT(Waiting(claim), IsEmpty()) << "an appeal may come, and nobody waits for one";
  ASSERT_THAT(Appeal(claim), IsOk());
  EXPECT_THAT(Waiting(claim), ElementsAre(::testing::StartsWith("operations decide_claim")));
  ASSERT_THAT(Approve(claim), IsOk());
  EXPECT_THAT(Waiting(claim), ElementsAre(::testing::StartsWith("customer choose_resolution by ")));
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_REFUND), IsOk());
  EXPECT_THAT(Waiting(claim), IsEmpty()) << "payments' turn now";
}

TEST_F(ClaimWork, WRK_01_TheMerchantSendsAgainAndOperationsMakeThePaper) {
  const Claim claim = Opened();
  EXPECT_THAT(Waiting(claim), ElementsAre(::testing::StartsWith("customer choose_resolution by ")));
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_RESHIP), IsOk());
  EXPECT_THAT(Waiting(claim), ElementsAre(::testing::StartsWith("merchant send_again by ")));
  ASSERT_THAT(
      desk_.As(Employee()).Decide(rules::ReportOutOfStock, About<claims::v1::ReportOutOfStockRequest>(claim)),
      IsOk());
  EXPECT_THAT(Waiting(claim), ElementsAre(::testing::StartsWith("operations create_return_document by ")));
  ASSERT_THAT(desk_.As(Operations()).Decide(rules::CreateReturnDocument, ReturnRequest(claim)), IsOk());
  EXPECT_THAT(Waiting(claim), IsEmpty());

  const std::string task = CallOf(claim).id;
  ASSERT_THAT(desk_.As(Service()).Decide(rules::NoteRefusedCall, base::v1::CALL_KIND_GRANT_REFUND, task,
                                         Refusal("RFD-05", "no")),
              IsOk());
  EXPECT_THAT(Waiting(claim), ElementsAre("operations retry_calls by 2026-09-21T08:00+00:00"));
  claims::v1::RetryClaimCallsRequest retry;
  retry.set_claim_id(claim.claim_id());
  ASSERT_THAT(desk_.As(Operations()).Decide(rules::RetryClaimCalls, retry), IsOk());
  EXPECT_THAT(Waiting(claim), IsEmpty());
}

TEST_F(ClaimWork, WRK_01_WithdrawnGoodsAreTheCustomersTurn) {
  const Claim claim = Opened();
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_WITHDRAWAL), IsOk());
  CheckTold();
  EXPECT_THAT(Waiting(claim), IsEmpty());
  const std::vector<Withdrawal> withdrawals = desk_.All<Withdrawal>();
  ASSERT_THAT(withdrawals, SizeIs(1));
  const auto waiting = InShort(rules::RecordTraits<Withdrawal>::Waiting(withdrawals.front()));
  ASSERT_FALSE(waiting.empty());
  EXPECT_EQ(waiting.front(), "customer return_goods by 2026-10-05T22:00+00:00");
}

}  // namespace
}  // namespace makegood::testing
