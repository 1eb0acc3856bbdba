// Operations' return documents: when one is due, and until when it is taken (CLM-06, RFD-05, ORD-05).
#include "tests/rules/claims/changing_book.h"
#include "tests/rules/claims/withdrawal_fixture.h"

namespace makegood::testing {
namespace {

TEST_F(WithdrawalRulesTest, RFD_05_AReturnDocumentHasOneNumberOfThePolicys) {
  const std::string id = Withdraw({{"l-1", 1}})->withdrawal_id();
  claims::v1::CreateWithdrawalDocumentRequest request;
  request.set_withdrawal_id(id);
  request.set_return_number("4712345678");
  EXPECT_THAT(desk_.As(Manager()).Decide(rules::CreateWithdrawalDocument, request), DeniedBy("ROL-07"));
  EXPECT_THAT(Document(id, "123"), RefusedBy("RFD-05"));
  ASSERT_THAT(Document(id), IsOk());
  EXPECT_EQ(AskedFor(id), 2u);
  EXPECT_THAT(Document(id), RefusedBy("RFD-05"));
}

TEST_F(WithdrawalRulesTest, RFD_05_NTF_06_OneIsDueFromTheOpeningOnWhereThePolicyAsksForPaper) {
  const auto withdrawal = Withdraw({{"l-1", 1}});
  ASSERT_THAT(withdrawal, IsOk());
  EXPECT_TRUE(withdrawal->awaits_document());
  EXPECT_TRUE(desk_.Events(&Event::has_withdrawal_opened).at(0).withdrawal_opened().return_document_due());
  ASSERT_THAT(Document(withdrawal->withdrawal_id()), IsOk());
  EXPECT_FALSE(Now(withdrawal->withdrawal_id()).awaits_document());

  auto book = rules::PolicyBook::Shipped();
  ASSERT_THAT(book, IsOk());
  rules::Policy policy = **book->Current("mall");
  policy.set_version(policy.version() + 1);
  policy.mutable_credit_notes()->set_for_cases(false);
  ASSERT_THAT(book->AddPolicy(policy), IsOk());
  Desk desk(desk_.now(), *book);
  claims::v1::WithdrawPurchaseRequest request;
  request.set_order_id("o-1");
  const auto netted = desk.As(Customer()).Decide(rules::WithdrawPurchase, request, order_);
  ASSERT_THAT(netted, IsOk());
  EXPECT_FALSE(netted->awaits_document());
  EXPECT_FALSE(desk.Events(&Event::has_withdrawal_opened).at(0).withdrawal_opened().return_document_due());
}

TEST_F(WithdrawalRulesTest, RFD_05_TheCustomerDoesNotWaitForItAndItIsStillTakenAfterwards) {
  const std::string id = Withdraw({{"l-1", 1}})->withdrawal_id();
  ASSERT_THAT(GoodsReturned(id), IsOk());
  GrantAndPay(id);
  EXPECT_EQ(Now(id).state(), Withdrawal::STATE_SETTLED);
  EXPECT_TRUE(Now(id).awaits_document());
  const size_t asked = AskedFor(id);
  const auto documented = Document(id);
  ASSERT_THAT(documented, IsOk());
  EXPECT_EQ(documented->state(), Withdrawal::STATE_SETTLED);
  EXPECT_FALSE(documented->awaits_document());
  EXPECT_EQ(AskedFor(id), asked + 1) << "for the credit note";
}

TEST_F(WithdrawalRulesTest, SYS_13_WhatIsRefusedForADocumentAfterTheEndIsToldOnIt) {
  const std::string id = Withdraw({{"l-1", 1}})->withdrawal_id();
  ASSERT_THAT(GoodsReturned(id), IsOk());
  GrantAndPay(id);
  const auto refuse = [&] {
    return desk_.As(Service()).Decide(rules::NoteRefusedCall, base::v1::CALL_KIND_GRANT_REFUND,
                                      absl::StrCat(rules::kGrantRefundTask, ":", id),
                                      Refusal("RFD-05", "no"));
  };
  ASSERT_THAT(refuse(), IsOk());
  EXPECT_THAT(Now(id).refused_calls(), IsEmpty()) << "a late answer about its money, which is paid";
  ASSERT_THAT(Document(id), IsOk());
  ASSERT_THAT(refuse(), IsOk());
  EXPECT_THAT(Now(id).refused_calls(), SizeIs(1));
}

TEST_F(WithdrawalRulesTest, RFD_05_NoneIsDueWhereNoGoodsCame) {
  const std::string none = Withdraw({{"l-1", 1}})->withdrawal_id();
  ASSERT_THAT(Close(none), IsOk());
  EXPECT_FALSE(Now(none).awaits_document());
  EXPECT_THAT(Document(none), RefusedBy("CLM-08"));
  const std::string some = Withdraw({{"l-1", 2}})->withdrawal_id();
  ASSERT_THAT(GoodsReturned(some, {{"l-1", 1}}), IsOk());
  ASSERT_THAT(Close(some), IsOk());
  EXPECT_TRUE(Now(some).awaits_document());
  EXPECT_THAT(Document(some), IsOk());
}

TEST_F(WithdrawalRulesTest, ORD_05_RFD_05_WhatACorrectionCoversTakesNone) {
  const std::string out = Withdraw({{"l-1", 1}})->withdrawal_id();
  const std::string back = Withdraw({{"l-1", 1}})->withdrawal_id();
  ASSERT_THAT(GoodsReturned(back), IsOk());
  const std::string settled = Withdraw({{"l-1", 1}})->withdrawal_id();
  ASSERT_THAT(GoodsReturned(settled), IsOk());
  GrantAndPay(settled);
  const std::string documented = Withdraw({{"l-2", 1}})->withdrawal_id();
  ASSERT_THAT(Document(documented), IsOk());
  ASSERT_THAT(Correct(), IsOk());
  for (const std::string& id : {back, settled}) {
    EXPECT_FALSE(Now(id).awaits_document());
    const auto refused = Document(id);
    EXPECT_THAT(refused, RefusedBy("RFD-05"));
    EXPECT_THAT(std::string(refused.status().message()), ::testing::HasSubstr("correction"));
    Withdrawal shown = Now(id);
    rules::FillActions(shown, Operations(), desk_.now(), ShippedPolicies());
    EXPECT_FALSE(shown.available_actions(2).allowed());
  }
  EXPECT_THAT(Document(out), RefusedBy("RFD-05"));
  EXPECT_THAT(Document(documented), RefusedBy("RFD-05"));
  EXPECT_EQ(Now(settled).state(), Withdrawal::STATE_SETTLED);
}

// ---- Of claims.

TEST_F(ClaimRulesTest, CLM_06_ARefundThatIsNotVerifiedAwaitsItsDocument) {
  const Claim claim = Opened();
  EXPECT_FALSE(claim.awaits_document());
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_REFUND), IsOk());
  EXPECT_TRUE(Now(claim).awaits_document());
  ASSERT_THAT(desk_.As(Operations()).Decide(rules::CreateReturnDocument, ReturnRequest(claim)), IsOk());
  EXPECT_FALSE(Now(claim).awaits_document());
  const Claim retracted = Opened();
  ASSERT_THAT(Choose(retracted, base::v1::RESOLUTION_KIND_REFUND), IsOk());
  ASSERT_THAT(Retract(retracted), IsOk());
  EXPECT_FALSE(Now(retracted).awaits_document());
}

TEST_F(ClaimRulesTest, CLM_06_AVerifiedRefundThatIsNettedAwaitsNone) {
  const Claim claim = Submitted();
  ASSERT_THAT(Approve(claim), IsOk());
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_REFUND), IsOk());
  EXPECT_FALSE(Now(claim).awaits_document());
}

// A marketplace that verifies and settles by paper.
class VerifiedByPaperTest : public ChangingBookTest {
 protected:
  VerifiedByPaperTest() {
    auto book = rules::PolicyBook::Shipped();
    EXPECT_THAT(book, IsOk());
    book_ = *std::move(book);
    rules::Policy policy = **book_.Current("tmall");
    policy.set_version(policy.version() + 1);
    policy.mutable_credit_notes()->set_for_cases(true);
    EXPECT_THAT(book_.AddPolicy(policy), IsOk());
    book_desk_.emplace(At("2026-09-21T10:00+08:00"), book_);
  }

  // Verified, its refund asked for.
  Claim Refunding() {
    const auto claim = book_desk_->As(Customer()).Decide(rules::OpenClaim, OpenRequest({{"l-1", 1}}), tmall_);
    EXPECT_THAT(claim, IsOk());
    EXPECT_THAT(book_desk_->Decide(rules::AddEvidence, claim->claim_id(), Picture("one")), IsOk());
    EXPECT_THAT(book_desk_->Decide(rules::SubmitEvidence, About<claims::v1::SubmitEvidenceRequest>(*claim)),
                IsOk());
    EXPECT_THAT(book_desk_->As(Operations())
                    .Decide(rules::ApproveClaim, About<claims::v1::ApproveClaimRequest>(*claim)),
                IsOk());
    EXPECT_THAT(book_desk_->As(Customer())
                    .Decide(rules::ChooseResolution, ChooseRequest(*claim, base::v1::RESOLUTION_KIND_REFUND)),
                IsOk());
    return After(*claim);
  }

  Claim After(const Claim& claim) { return *book_desk_->Find<Claim>(claim.claim_id()); }

  absl::StatusOr<Claim> Document(const Claim& claim) {
    return book_desk_->As(Operations()).Decide(rules::CreateReturnDocument, ReturnRequest(claim, "R-4711"));
  }

  void Pay(const Claim& claim) {
    const auto reason = base::v1::REFUND_REASON_CLAIM;
    book_desk_->As(Service());
    EXPECT_THAT(book_desk_->Decide(rules::OnPaymentEvent, RefundGrantedEvent(claim.claim_id(), reason)),
                IsOk());
    EXPECT_THAT(book_desk_->Decide(rules::OnPaymentEvent,
                                   GrantClosedEvent(claim.claim_id(), reason, book_desk_->now())),
                IsOk());
    EXPECT_EQ(After(claim).state(), Claim::STATE_RESOLVED);
  }
};

TEST_F(VerifiedByPaperTest, RFD_05_AVerifiedRefundIsAskedForAtOnceAndItsDocumentIsDueAllTheSame) {
  const Claim claim = Refunding();
  EXPECT_TRUE(claim.refund_asked());
  EXPECT_TRUE(claim.awaits_document());
  EXPECT_TRUE(
      book_desk_->Events(&Event::has_resolution_chosen).at(0).resolution_chosen().return_document_due());
  Pay(claim);
  EXPECT_TRUE(After(claim).awaits_document());
  const auto documented = Document(claim);
  ASSERT_THAT(documented, IsOk());
  EXPECT_EQ(documented->state(), Claim::STATE_RESOLVED);
  EXPECT_FALSE(documented->awaits_document());
  EXPECT_THAT(Document(claim), RefusedBy("CLM-06"));
}

TEST_F(VerifiedByPaperTest, ORD_05_ACorrectionLeavesNoDocumentDue) {
  const Claim claim = Refunding();
  Pay(claim);
  Event numbered;
  numbered.set_order_id("o-1");
  *numbered.mutable_time() = rules::ToTimestamp(book_desk_->now());
  numbered.mutable_correction_numbered();
  ASSERT_THAT(book_desk_->As(Service()).Decide(rules::OnOrderEvent, numbered), IsOk());
  EXPECT_FALSE(After(claim).awaits_document());
  EXPECT_EQ(After(claim).resolution(), base::v1::RESOLUTION_KIND_REFUND) << "it ended before";
  EXPECT_THAT(Document(claim), RefusedBy("CLM-06"));
}

}  // namespace
}  // namespace makegood::testing
