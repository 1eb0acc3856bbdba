// Claims, decision by decision: outcomes, changing policies, worked example 6 (CLM-04, CLM-05,
// CLM-06, CLM-07, CLM-08, CLM-13, POL-02).
#include "tests/rules/claims/changing_book.h"

namespace makegood::testing {
namespace {

// ---- Outcomes.

TEST_F(ClaimRulesTest, CLM_05_CLM_06_CLM_07_TheRemedyTable) {
  using orders::v1::Order;
  for (const bool in_stock : {false, true}) {
    EXPECT_EQ(rules::RemedyForIncompleteDelivery(true, in_stock, Order::STATE_DELIVERED),
              in_stock ? Remedy::kSendAgain : Remedy::kReturnDocument);
    EXPECT_EQ(rules::RemedyForIncompleteDelivery(false, in_stock, Order::STATE_DELIVERED),
              Remedy::kReturnDocument);
    for (const auto state : {Order::STATE_BLOCKED, Order::STATE_OPEN, Order::STATE_SHIPPING,
                             Order::STATE_SHIPPED, Order::STATE_RETURNED, Order::STATE_CANCELLED}) {
      EXPECT_EQ(rules::RemedyForIncompleteDelivery(true, in_stock, state), Remedy::kNone);
      EXPECT_EQ(rules::RemedyForIncompleteDelivery(false, in_stock, state), Remedy::kNone);
    }
  }
}

TEST_F(ClaimRulesTest, CLM_04_ARefundIsGrantedAtOnceWhereTheClaimWasVerified) {
  const Claim claim = Submitted();
  ASSERT_THAT(Approve(claim), IsOk());
  EXPECT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_WITHDRAWAL), RefusedBy("CLM-04"));
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_REFUND), IsOk());
  const rules::Task call = CallOf(claim);
  payments::v1::GrantRefundRequest grant;
  ASSERT_TRUE(grant.ParseFromString(call.payload));
  EXPECT_EQ(grant.command().request_id(), call.id);
  EXPECT_EQ(grant.order_id(), "o-1");
  EXPECT_EQ(grant.case_id(), claim.claim_id());
  EXPECT_EQ(grant.reason(), base::v1::REFUND_REASON_CLAIM);
  EXPECT_TRUE(Now(claim).refund_asked());
  EXPECT_THAT(Retract(claim), RefusedBy("CLM-13"));
  EXPECT_THAT(desk_.As(Operations()).Decide(rules::CreateReturnDocument, ReturnRequest(claim, "R-4711")),
              RefusedBy("CLM-06"));
}

TEST_F(ClaimRulesTest, NTF_06_CLM_06_TheChoiceSaysWhetherAReturnDocumentIsDue) {
  const auto is_due = [&] {
    const auto chosen = desk_.Events(&Event::has_resolution_chosen);
    EXPECT_FALSE(chosen.empty());
    return !chosen.empty() && chosen.back().resolution_chosen().return_document_due();
  };
  const Claim unverified = Opened();
  ASSERT_THAT(Choose(unverified, base::v1::RESOLUTION_KIND_RESHIP), IsOk());
  EXPECT_FALSE(is_due());
  ASSERT_THAT(desk_.As(Manager()).Decide(rules::ReportOutOfStock,
                                         About<claims::v1::ReportOutOfStockRequest>(unverified)),
              IsOk());
  const auto unavailable = desk_.Events(&Event::has_goods_unavailable);
  ASSERT_THAT(unavailable, SizeIs(1)) << "the customer chose nothing new";
  EXPECT_EQ(unavailable[0].goods_unavailable().chosen(), base::v1::RESOLUTION_KIND_RESHIP);
  EXPECT_TRUE(unavailable[0].goods_unavailable().return_document_due());
  EXPECT_THAT(desk_.Events(&Event::has_resolution_chosen), SizeIs(1));
  const Claim verified = Submitted();
  ASSERT_THAT(Approve(verified), IsOk());
  ASSERT_THAT(Choose(verified, base::v1::RESOLUTION_KIND_REFUND), IsOk());
  EXPECT_FALSE(is_due()) << "it is granted at once (CLM-04)";
}

TEST_F(ClaimRulesTest, CLM_04_KPI_03_ASettledRefundResolvesTheClaim) {
  const Claim claim = Submitted();
  ASSERT_THAT(Approve(claim), IsOk());
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_REFUND), IsOk());
  const auto reason = base::v1::REFUND_REASON_CLAIM;
  desk_.As(Service());
  EXPECT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(claim.claim_id(), reason)), IsOk());
  EXPECT_EQ(Now(claim).grant_id(), "grant-1");
  const absl::Time settled = desk_.now() + absl::Hours(30);
  desk_.MoveTo(settled + absl::Hours(2));
  EXPECT_THAT(
      desk_.Decide(rules::OnPaymentEvent, GrantClosedEvent(claim.claim_id(), reason, settled, "grant-2")),
      IsOk());
  EXPECT_EQ(Now(claim).state(), Claim::STATE_RESOLVING) << "not the one that it knows of";
  for (int seen = 0; seen < 2; ++seen) {
    EXPECT_THAT(desk_.Decide(rules::OnPaymentEvent, GrantClosedEvent(claim.claim_id(), reason, settled)),
                IsOk());
  }
  EXPECT_EQ(Now(claim).state(), Claim::STATE_RESOLVED);
  EXPECT_EQ(rules::ToTime(Now(claim).resolved_time()), settled);
  const auto resolved = desk_.Events(&Event::has_claim_resolved);
  ASSERT_THAT(resolved, SizeIs(1));
  EXPECT_EQ(rules::ToTime(resolved[0].time()), settled);
  EXPECT_EQ(resolved[0].claim_resolved().outcome(), base::v1::SLA_OUTCOME_MET);
  EXPECT_EQ(rules::ToTime(resolved[0].claim_resolved().detected_time()), rules::ToTime(claim.create_time()));
  EXPECT_THAT(desk_.Tasks(rules::kResolutionDue), IsEmpty());
}

TEST_F(ClaimRulesTest, SYS_13_RFD_09_AGrantByHandLeavesNothingToAskForAgain) {
  const Claim claim = Submitted();
  ASSERT_THAT(Approve(claim), IsOk());
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_REFUND), IsOk());
  const std::string call = CallOf(claim).id;
  const absl::Status refusal = Refusal("RFD-02", "more than is left of what was paid");
  desk_.As(Service());
  ASSERT_THAT(desk_.Decide(rules::NoteRefusedCall, base::v1::CALL_KIND_GRANT_REFUND, call, refusal), IsOk());
  EXPECT_EQ(Now(claim).refused_calls_size(), 1);
  const auto reason = base::v1::REFUND_REASON_CLAIM;
  ASSERT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(claim.claim_id(), reason)), IsOk());
  EXPECT_EQ(Now(claim).refused_calls_size(), 0);
  EXPECT_THAT(desk_.last_events(), SizeIs(1)) << "work has ended";
}

// Payments was restored from a copy, and has lost the grant that the claim knows of.
TEST_F(ClaimRulesTest, SYS_13_RFD_09_AGrantThatIsLostIsAskedForAgainAndTheNewOneResolvesTheClaim) {
  const Claim claim = Submitted();
  const auto retry = [&] {
    return desk_.As(Operations())
        .Decide(rules::RetryClaimCalls, About<claims::v1::RetryClaimCallsRequest>(claim));
  };
  EXPECT_THAT(retry(), RefusedBy("SYS-13")) << "it asks for nothing yet";
  ASSERT_THAT(Approve(claim), IsOk());
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_REFUND), IsOk());
  const std::string first = CallOf(claim).id;
  const auto reason = base::v1::REFUND_REASON_CLAIM;
  desk_.As(Service());
  ASSERT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(claim.claim_id(), reason)), IsOk());
  ASSERT_THAT(retry(), IsOk());
  EXPECT_NE(CallOf(claim).id, first);
  EXPECT_THAT(desk_.Events(&Event::has_call_retried), SizeIs(1));
  desk_.As(Service());
  ASSERT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(claim.claim_id(), reason, "grant-2")),
              IsOk());
  EXPECT_EQ(Now(claim).grant_id(), "grant-2");
  ASSERT_THAT(
      desk_.Decide(rules::OnPaymentEvent, GrantClosedEvent(claim.claim_id(), reason, desk_.now(), "grant-2")),
      IsOk());
  EXPECT_EQ(Now(claim).state(), Claim::STATE_RESOLVED);
  EXPECT_THAT(retry(), RefusedBy("SYS-13"));
}

// The claims service was restored from a copy: what it asks for then has the version of what it asked for
// before, and is not answered from what payments kept.
TEST_F(ClaimRulesTest, SYS_02_SYS_13_WhatIsAskedForFromTheSameVersionAgainIsAnotherCall) {
  const Claim claim = Submitted();
  ASSERT_THAT(Approve(claim), IsOk());
  const Desk copy = desk_;
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_REFUND), IsOk());
  const std::string before = CallOf(claim).id;
  const int64_t version = Now(claim).version();
  desk_ = copy;
  desk_.Advance(absl::Minutes(5));
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_REFUND), IsOk());
  EXPECT_EQ(Now(claim).version(), version);
  EXPECT_NE(CallOf(claim).id, before);
}

TEST_F(ClaimRulesTest, CLM_05_WhatCostNothingIsMadeGoodByAReshipAlone) {
  order_.mutable_lines(1)->set_unit_price_minor(0);
  const Claim claim = Opened({{"l-2", 1}});
  EXPECT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_REFUND), RefusedBy("CLM-04"));
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_RESHIP), IsOk());
  EXPECT_THAT(
      desk_.As(Manager()).Decide(rules::ReportOutOfStock, About<claims::v1::ReportOutOfStockRequest>(claim)),
      RefusedBy("CLM-05"));
}

TEST_F(ClaimRulesTest, CLM_05_ARefundByHandDoesNotEndAReship) {
  const Claim claim = Opened();
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_RESHIP), IsOk());
  const auto reason = base::v1::REFUND_REASON_CLAIM;
  desk_.As(Service());
  EXPECT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(claim.claim_id(), reason)), IsOk());
  EXPECT_THAT(desk_.Decide(rules::OnPaymentEvent, GrantClosedEvent(claim.claim_id(), reason, desk_.now())),
              IsOk());
  EXPECT_EQ(Now(claim).state(), Claim::STATE_RESOLVING);
}

TEST_F(ClaimRulesTest, CLM_04_TheHardLimitIsAnnouncedOnce) {
  const Claim claim = Opened();
  const std::string timer = TaskOf(rules::kResolutionDue, claim);
  desk_.MoveTo(desk_.tasks().at(timer).due);
  EXPECT_THAT(desk_.As(Service()).Complete(timer, rules::MarkResolutionOverdue, claim.claim_id()), IsOk());
  EXPECT_THAT(desk_.Decide(rules::MarkResolutionOverdue, claim.claim_id()), IsOk());
  EXPECT_TRUE(Now(claim).resolution_overdue());
  EXPECT_THAT(desk_.Events(&Event::has_resolution_overdue), SizeIs(1));
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_RESHIP), IsOk());
  EXPECT_THAT(desk_.As(Employee()).Decide(rules::RecordReship, ReshipRequest(claim)), IsOk());
  EXPECT_THAT(desk_.Events(&Event::has_resolution_overdue), SizeIs(1));
  EXPECT_EQ(desk_.Events(&Event::has_claim_resolved)[0].claim_resolved().outcome(),
            base::v1::SLA_OUTCOME_MISSED);
}

TEST_F(ClaimRulesTest, CLM_05_TheMerchantReshipsButNotByTheMarketplacesOwnService) {
  const Claim claim = Opened();
  EXPECT_THAT(desk_.As(Employee()).Decide(rules::RecordReship, ReshipRequest(claim)), RefusedBy("CLM-05"));
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_RESHIP), IsOk());
  EXPECT_THAT(desk_.As(Employee()).Decide(rules::RecordReship, ReshipRequest(claim, " mall DELIVERY ")),
              RefusedBy("CLM-05"));
  const auto resolved = desk_.Decide(rules::RecordReship, ReshipRequest(claim));
  ASSERT_THAT(resolved, IsOk());
  EXPECT_EQ(resolved->state(), Claim::STATE_RESOLVED);
  EXPECT_THAT(desk_.Events(&Event::has_goods_reshipped), SizeIs(1));
  EXPECT_EQ(desk_.Events(&Event::has_claim_resolved)[0].claim_resolved().resolution(),
            base::v1::RESOLUTION_KIND_RESHIP);
  // The customer pays nothing, and nobody is paid back.
  EXPECT_THAT(desk_.tasks(), IsEmpty());
}

TEST_F(ClaimRulesTest, CLM_06_WithoutStockTheRefundComesWithTheReturnDocument) {
  const Claim claim = Opened();
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_RESHIP), IsOk());
  EXPECT_THAT(desk_.As(Operations()).Decide(rules::CreateReturnDocument, ReturnRequest(claim)),
              RefusedBy("CLM-06"));
  const auto reported =
      desk_.As(Manager()).Decide(rules::ReportOutOfStock, About<claims::v1::ReportOutOfStockRequest>(claim));
  ASSERT_THAT(reported, IsOk());
  EXPECT_EQ(reported->resolution(), base::v1::RESOLUTION_KIND_REFUND);
  EXPECT_THAT(desk_.Tasks(rules::kGrantRefundTask), IsEmpty());
  EXPECT_THAT(desk_.As(Manager()).Decide(rules::CreateReturnDocument, ReturnRequest(claim)),
              DeniedBy("ROL-07"));
  EXPECT_THAT(desk_.As(Operations()).Decide(rules::CreateReturnDocument, ReturnRequest(claim, "123")),
              RefusedBy("RFD-05"));
  ASSERT_THAT(desk_.Decide(rules::CreateReturnDocument, ReturnRequest(claim)), IsOk());
  EXPECT_THAT(desk_.Tasks(rules::kGrantRefundTask), SizeIs(1));
  EXPECT_EQ(Now(claim).return_number(), "4712345678");
  EXPECT_THAT(desk_.Decide(rules::CreateReturnDocument, ReturnRequest(claim, "4799999999")),
              RefusedBy("CLM-06"));
  EXPECT_THAT(Retract(claim), RefusedBy("CLM-13"));
}

TEST_F(ClaimRulesTest, CLM_07_WhoKeepsWhatCameIsPaidBackWhateverTheStock) {
  const Claim claim = Opened();
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_REFUND), IsOk());
  EXPECT_THAT(desk_.Tasks(rules::kGrantRefundTask), IsEmpty());
  ASSERT_THAT(desk_.As(Operations()).Decide(rules::CreateReturnDocument, ReturnRequest(claim)), IsOk());
  EXPECT_THAT(desk_.Tasks(rules::kGrantRefundTask), SizeIs(1));
  EXPECT_THAT(desk_.Events(&Event::has_return_document_created), SizeIs(1));
}

TEST_F(ClaimRulesTest, ROL_02_OnlyTheStoreSendsAgain) {
  const Claim claim = Opened();
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_RESHIP), IsOk());
  for (const base::v1::Actor& actor : {Customer(), Operations(), Auditor(), Employee("m-2"), Connector()}) {
    EXPECT_THAT(desk_.As(actor).Decide(rules::RecordReship, ReshipRequest(claim)), DeniedBy("ROL-02"));
  }
  EXPECT_THAT(desk_.As(Employee()).Decide(rules::RecordReship, ReshipRequest(claim)), IsOk());
}

TEST_F(ClaimRulesTest, CLM_13_RetractedUntilMoneyOrGoodsMove) {
  const Claim claim = Opened();
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_REFUND), IsOk());
  EXPECT_THAT(Retract(claim), IsOk());  // the return document is not made
  EXPECT_EQ(Now(claim).state(), Claim::STATE_RETRACTED);
  EXPECT_THAT(desk_.tasks(), IsEmpty());
  EXPECT_THAT(Retract(claim), RefusedBy("CLM-13"));
}

TEST_F(ClaimRulesTest, ROL_08_OnlyTheCustomerOrOperationsChoosesAndRetracts) {
  const Claim claim = Opened();
  auto choice = ChooseRequest(claim, base::v1::RESOLUTION_KIND_RESHIP);
  const auto retraction = About<claims::v1::RetractClaimRequest>(claim);
  for (const base::v1::Actor& actor : {Customer("c-2"), Manager(), Auditor(), Service()}) {
    EXPECT_THAT(desk_.As(actor).Decide(rules::ChooseResolution, choice), DeniedBy("ROL-08"));
    EXPECT_THAT(desk_.As(actor).Decide(rules::RetractClaim, retraction), DeniedBy("ROL-08"));
  }
  EXPECT_THAT(desk_.As(Operations()).Decide(rules::ChooseResolution, choice), NamesField("customer_word"));
  choice.set_customer_word("call-4711");
  EXPECT_THAT(desk_.As(Customer()).Decide(rules::ChooseResolution, choice), NamesField("customer_word"))
      << "customers speak for themselves";
  ASSERT_THAT(desk_.As(Operations()).Decide(rules::ChooseResolution, choice), IsOk());
  const auto chosen = desk_.Events(&Event::has_resolution_chosen);
  ASSERT_EQ(chosen.size(), 1u);
  EXPECT_EQ(chosen[0].resolution_chosen().customer_word(), "call-4711");
}

TEST_F(ClaimRulesTest, ROL_08_OperationsRetractAndAppealOnTheCustomersRecordedWord) {
  const Claim claim = Opened();
  auto retraction = About<claims::v1::RetractClaimRequest>(claim);
  EXPECT_THAT(desk_.As(Operations()).Decide(rules::RetractClaim, retraction), NamesField("customer_word"));
  retraction.set_customer_word("chat-9");
  ASSERT_THAT(desk_.Decide(rules::RetractClaim, retraction), IsOk());
  EXPECT_EQ(desk_.Events(&Event::has_claim_retracted)[0].claim_retracted().customer_word(), "chat-9");
}

TEST_F(ClaimRulesTest, ORD_09_ActionsTellTheRuleThatRefuses) {
  const Claim claim = Opened();
  std::map<std::string, std::string> refused;
  std::vector<std::string> allowed;
  for (const auto& action : claim.available_actions()) {
    if (action.allowed()) {
      allowed.push_back(action.action());
    } else {
      refused[action.action()] = action.rule_id();
      EXPECT_FALSE(action.reason().empty());
    }
  }
  EXPECT_THAT(allowed, ElementsAre("ChooseResolution", "RetractClaim"));
  EXPECT_EQ(refused["ApproveClaim"], "ROL-07");
  EXPECT_EQ(refused["AppealClaim"], "CLM-13");
  EXPECT_EQ(refused["RecordReship"], "ROL-02");
  EXPECT_THAT(desk_.Find<Claim>(claim.claim_id())->available_actions(), IsEmpty());
}

TEST_F(ClaimRulesTest, SYS_03_APreviewChangesNothing) {
  const auto preview = desk_.As(Customer()).Preview(rules::OpenClaim, OpenRequest({{"l-1", 3}}), order_);
  ASSERT_THAT(preview, IsOk());
  EXPECT_THAT(desk_.records(), IsEmpty());
  EXPECT_THAT(desk_.events(), IsEmpty());
}

// ---- Policies that change while a claim runs.

TEST_F(ChangingBookTest, POL_02_AClaimIsJudgedByThePolicyItWasOpenedUnder) {
  const Claim claim = SubmittedInDecember();
  rules::Policy stricter = **book_.Current("tmall");
  stricter.set_version(testing::ShippedVersion("tmall") + 1);
  stricter.mutable_claims()->set_resolve_within_working_days(1);
  ASSERT_THAT(book_.AddPolicy(stricter), IsOk());
  const auto approved =
      book_desk_->As(Operations()).Decide(rules::ApproveClaim, About<claims::v1::ApproveClaimRequest>(claim));
  ASSERT_THAT(approved, IsOk());
  EXPECT_EQ(approved->policy().version(), testing::ShippedVersion("tmall"));
  EXPECT_EQ(rules::ToTime(approved->resolution_due_time()), At("2027-01-06T00:00+08:00"));
  const auto next = book_desk_->As(Customer()).Decide(rules::OpenClaim, OpenRequest({{"l-1", 1}}), order_);
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ(next->policy().version(), stricter.version());
}

// ---- Worked example 6.

TEST_F(ClaimRulesTest, CLM_03_CLM_04_CAL_01_WorkedExampleSix) {
  order_ = tmall_;
  order_.mutable_lines(0)->set_unit_price_minor(19900);
  order_.mutable_lines(0)->set_vat_basis_points(0);
  desk_.MoveTo(At("2026-09-25T10:00+08:00"));
  std::vector<Claim> claims;
  for (int i = 0; i < 3; ++i) {
    claims.push_back(Opened());
    EXPECT_THAT(desk_.Decide(rules::AddEvidence, claims[i].claim_id(), Picture("photo")), IsOk());
    ASSERT_THAT(desk_.Decide(rules::SubmitEvidence, About<claims::v1::SubmitEvidenceRequest>(claims[i])),
                IsOk());
  }
  const Claim a = Now(claims[0]);
  EXPECT_EQ(rules::ToTime(a.window_open_time()), At("2026-10-15T00:00+08:00"));
  EXPECT_EQ(rules::ToTime(a.window_due_time()), At("2026-11-13T00:00+08:00"));

  desk_.MoveTo(At("2026-10-14T09:00+08:00"));
  ASSERT_THAT(Approve(a), IsOk());
  EXPECT_TRUE(Now(a).early());

  desk_.MoveTo(At("2026-10-15T10:00+08:00"));
  ASSERT_THAT(Approve(claims[1]), IsOk());
  const Claim b = Now(claims[1]);
  EXPECT_FALSE(b.early());
  EXPECT_EQ(b.gross().amount_minor(), 19900);
  ASSERT_THAT(b.refund_target_times(), SizeIs(2));
  EXPECT_EQ(rules::ToTime(b.refund_target_times(0)), At("2026-10-17T10:00+08:00"));
  EXPECT_EQ(rules::ToTime(b.refund_target_times(1)), At("2026-10-18T10:00+08:00"));
  EXPECT_EQ(rules::ToTime(b.resolution_due_time()), At("2026-11-06T00:00+08:00"));  // the end of the 5th

  const std::string timer = TaskOf(rules::kDecisionDue, claims[2]);
  ASSERT_EQ(desk_.tasks().at(timer).due, At("2026-11-13T00:00+08:00"));
  desk_.MoveTo(desk_.tasks().at(timer).due);
  EXPECT_THAT(desk_.As(Service()).Complete(timer, rules::MarkOverdue, claims[2].claim_id()), IsOk());
  EXPECT_TRUE(Now(claims[2]).overdue());
  EXPECT_EQ(Now(claims[2]).state(), Claim::STATE_VERIFYING);
  EXPECT_THAT(desk_.Events(&Event::has_claim_overdue), SizeIs(1));
  EXPECT_THAT(desk_.Tasks(rules::kGrantRefundTask), IsEmpty());
}

}  // namespace
}  // namespace makegood::testing
