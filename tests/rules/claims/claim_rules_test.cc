// Claims, decision by decision: opening, evidence, verdicts (CLM-01 to CLM-03, CLM-13), and what they
// count for (KPI-02).
#include "tests/rules/claims/claim_fixture.h"

namespace makegood::testing {
namespace {

// ---- Opening.

TEST_F(ClaimRulesTest, CLM_01_AClaimNamesLinesAndQuantities) {
  EXPECT_THAT(Open({{"l-9", 1}}), RefusedBy("CLM-01"));
  EXPECT_THAT(Open({{"l-1", 4}}), RefusedBy("CLM-01"));
  EXPECT_THAT(Open({{"l-1", 1}, {"l-1", 1}}), NamesField("units[1].line_id"));
  EXPECT_THAT(Open({{"l-1", 2}, {"l-2", 1}}), IsOk());
}

TEST_F(ClaimRulesTest, CLM_01_TheSameUnitIsNotClaimedTwice) {
  EXPECT_THAT(Open({{"l-1", 2}}), IsOk());
  EXPECT_THAT(Open({{"l-1", 2}}), RefusedBy("CLM-01"));
  EXPECT_THAT(Open({{"l-1", 1}}, base::v1::CLAIM_KIND_DAMAGED), IsOk());
  EXPECT_THAT(Open({{"l-1", 1}}), RefusedBy("CLM-01"));
}

TEST_F(ClaimRulesTest, CLM_01_OnlyADeliveredOrderWithinThePolicysDays) {
  order_.set_state(orders::v1::Order::STATE_SHIPPED);
  EXPECT_THAT(Open({{"l-1", 1}}), RefusedBy("CLM-01"));
  order_ = tmall_;  // 30 calendar days
  desk_.MoveTo(At("2026-10-20T23:59+08:00"));
  EXPECT_THAT(Open({{"l-1", 1}}), IsOk());
  desk_.MoveTo(At("2026-10-21T00:00+08:00"));
  EXPECT_THAT(Open({{"l-1", 1}}), RefusedBy("CLM-01"));
}

TEST_F(ClaimRulesTest, ORD_07_CLM_01_WhatHasNotArrivedAndIsToBeSentIsNotClaimed) {
  order_.set_whereabouts(orders::v1::Order::WHEREABOUTS_NOT_ARRIVED);
  for (const auto kind :
       {base::v1::CLAIM_KIND_MISSING, base::v1::CLAIM_KIND_WRONG, base::v1::CLAIM_KIND_DAMAGED}) {
    EXPECT_THAT(Open({{"l-1", 1}}, kind), RefusedBy("ORD-07"));
  }
  order_.clear_whereabouts();
  *order_.mutable_arrived_time() = rules::ToTimestamp(At("2026-09-21T09:00+02:00"));
  const Claim claim = Opened();
  EXPECT_EQ(rules::ToTime(claim.delivered_time()), At("2026-09-21T09:00+02:00"))
      << "its terms count from then";
}

TEST_F(ClaimRulesTest, CLM_01_UnitsAreFreeAgainAfterARetraction) {
  const Claim claim = Opened({{"l-1", 3}});
  EXPECT_THAT(Open({{"l-1", 1}}), RefusedBy("CLM-01"));
  EXPECT_THAT(Retract(claim), IsOk());
  EXPECT_THAT(Open({{"l-1", 3}}), IsOk());
}

TEST_F(ClaimRulesTest, ROL_06_CustomersAndStoresClaimTheirOwn) {
  const auto request = OpenRequest({{"l-1", 1}});
  EXPECT_THAT(desk_.As(Customer("c-2")).Decide(rules::OpenClaim, request, order_), DeniedBy("ROL-06"));
  EXPECT_THAT(desk_.As(Employee("m-2")).Decide(rules::OpenClaim, request, order_), DeniedBy("ROL-06"));
  EXPECT_THAT(desk_.As(Courier()).Decide(rules::OpenClaim, request, order_), DeniedBy("ROL-06"));
  const auto by_store = desk_.As(Employee()).Decide(rules::OpenClaim, request, order_);
  ASSERT_THAT(by_store, IsOk());
  EXPECT_EQ(by_store->reporter(), base::v1::ROLE_STORE_EMPLOYEE);
  EXPECT_THAT(desk_.As(Operations()).Decide(rules::OpenClaim, request, order_), IsOk());
}

TEST_F(ClaimRulesTest, RFD_05_GrossNetVatAndCommissionOfAClaim) {
  const Claim shown = Opened({{"l-1", 1}});
  EXPECT_FALSE(shown.has_commission()) << "it is not the customer's to see (ROL-11)";
  const Claim claim = Now(shown);
  EXPECT_EQ(claim.gross().amount_minor(), 3630);
  EXPECT_EQ(claim.gross().currency(), "EUR");
  EXPECT_EQ(claim.vat().amount_minor(), 630);
  EXPECT_EQ(claim.commission().amount_minor(), 300);
  // What the merchant gives back is the rest.
  EXPECT_EQ(3630 - claim.vat().amount_minor() - claim.commission().amount_minor(), 2700);
}

TEST_F(ClaimRulesTest, CLM_13_WithoutVerificationAClaimStartsApproved) {
  const Claim claim = Opened();
  EXPECT_EQ(claim.state(), Claim::STATE_APPROVED);
  EXPECT_THAT(claim.refund_target_times(), SizeIs(2));
  ASSERT_THAT(desk_.last_events(), SizeIs(2));
  EXPECT_FALSE(desk_.last_events()[0].claim_opened().awaits_evidence());
  EXPECT_EQ(desk_.last_events()[0].case_id(), claim.claim_id());
  EXPECT_EQ(desk_.last_events()[0].order_id(), "o-1");
  EXPECT_FALSE(desk_.last_events()[1].claim_approved().has_submitted_time());
  EXPECT_THAT(claim.offered_resolutions(),
              ElementsAre(base::v1::RESOLUTION_KIND_RESHIP, base::v1::RESOLUTION_KIND_REFUND,
                          base::v1::RESOLUTION_KIND_WITHDRAWAL));
  EXPECT_THAT(desk_.Decide(rules::AddEvidence, claim.claim_id(), Picture("one")), RefusedBy("CLM-13"));
}

// ---- Evidence.

TEST_F(ClaimRulesTest, CLM_02_TheSameFileTwiceIsOne) {
  order_ = tmall_;
  const Claim claim = Opened();
  EXPECT_THAT(desk_.Decide(rules::AddEvidence, claim.claim_id(), Picture("one")), IsOk());
  const auto again = desk_.Decide(rules::AddEvidence, claim.claim_id(), Picture("one"));
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(again->evidence(), SizeIs(1));
  EXPECT_THAT(desk_.last_events(), IsEmpty());
  EXPECT_EQ(Now(claim).version(), 2);
  EXPECT_THAT(desk_.Find<claims::v1::EvidenceFile>(Picture("one").evidence_id())->claim_ids(),
              ElementsAre(claim.claim_id()));
}

TEST_F(ClaimRulesTest, CLM_02_AllFilesOfAClaimTogetherHaveALimit) {
  order_ = tmall_;
  const Claim claim = Opened();
  constexpr int64_t kTenMiB = 10 << 20;
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(
        desk_.Decide(rules::AddEvidence, claim.claim_id(), Picture(absl::StrCat("file ", i), kTenMiB)),
        IsOk());
  }
  EXPECT_THAT(desk_.Decide(rules::AddEvidence, claim.claim_id(), Picture("one byte", 1)),
              RefusedBy("CLM-02"));
}

TEST_F(ClaimRulesTest, CLM_02_NothingToSubmitWithoutEvidence) {
  order_ = tmall_;
  const Claim claim = Opened();
  EXPECT_EQ(claim.state(), Claim::STATE_AWAITING_EVIDENCE);
  EXPECT_THAT(desk_.Decide(rules::SubmitEvidence, About<claims::v1::SubmitEvidenceRequest>(claim)),
              RefusedBy("CLM-02"));
}

TEST_F(ClaimRulesTest, CLM_13_WithoutEvidenceInTimeItLapsesAndItsUnitsAreFree) {
  order_ = tmall_;
  const Claim claim = Opened({{"l-1", 3}});
  const std::string timer = TaskOf(rules::kEvidenceDue, claim);
  ASSERT_EQ(desk_.tasks().at(timer).due, At("2026-09-29T00:00+08:00"));  // seven days after the 21st
  desk_.MoveTo(desk_.tasks().at(timer).due);
  EXPECT_THAT(desk_.Decide(rules::AddEvidence, claim.claim_id(), Picture("late")), RefusedBy("CLM-13"));
  EXPECT_THAT(desk_.As(Service()).Complete(timer, rules::CloseEvidence, claim.claim_id()), IsOk());
  EXPECT_EQ(Now(claim).state(), Claim::STATE_LAPSED);
  EXPECT_THAT(desk_.Events(&Event::has_claim_lapsed), SizeIs(1));
  EXPECT_THAT(Open({{"l-1", 3}}), IsOk());
}

TEST_F(ClaimRulesTest, CLM_13_WhatEvidenceCameInTimeCountsAsComplete) {
  order_ = tmall_;
  const Claim claim = Opened();
  EXPECT_THAT(desk_.Decide(rules::AddEvidence, claim.claim_id(), Picture("one")), IsOk());
  const std::string timer = TaskOf(rules::kEvidenceDue, claim);
  desk_.MoveTo(desk_.tasks().at(timer).due);
  EXPECT_THAT(desk_.As(Service()).Complete(timer, rules::CloseEvidence, claim.claim_id()), IsOk());
  EXPECT_EQ(Now(claim).state(), Claim::STATE_VERIFYING);
  EXPECT_TRUE(desk_.tasks().contains(TaskOf(rules::kDecisionDue, claim)));
}

// ---- Verdicts.

TEST_F(ClaimRulesTest, CLM_03_CAL_01_TheClockStartsWhenEvidenceIsComplete) {
  desk_.MoveTo(At("2026-09-25T10:00+08:00"));
  const Claim claim = Submitted();
  EXPECT_EQ(claim.state(), Claim::STATE_VERIFYING);
  EXPECT_EQ(rules::ToTime(claim.window_open_time()), At("2026-10-15T00:00+08:00"));
  EXPECT_EQ(rules::ToTime(claim.window_due_time()), At("2026-11-13T00:00+08:00"));  // the end of the 12th
  EXPECT_FALSE(claim.window_due_provisional());
  EXPECT_FALSE(desk_.tasks().contains(TaskOf(rules::kEvidenceDue, claim)));
  EXPECT_THAT(desk_.Events(&Event::has_claim_submitted), SizeIs(1));
}

TEST_F(ClaimRulesTest, CLM_03_AVerdictBeforeTheWindowIsMarkedEarly) {
  desk_.MoveTo(At("2026-09-25T10:00+08:00"));
  const Claim claim = Submitted();
  desk_.MoveTo(At("2026-10-14T23:59+08:00"));
  const auto approved = Approve(claim);
  ASSERT_THAT(approved, IsOk());
  EXPECT_TRUE(approved->early());
  const Event event = desk_.Events(&Event::has_claim_approved).back();
  EXPECT_TRUE(event.claim_approved().early());
  EXPECT_EQ(event.claim_approved().verification(), base::v1::SLA_OUTCOME_MET);
}

TEST_F(ClaimRulesTest, CLM_03_AtTheWindowsEndItIsOverdueAndAnnouncedOnce) {
  const Claim claim = Submitted();
  const std::string timer = TaskOf(rules::kDecisionDue, claim);
  desk_.MoveTo(desk_.tasks().at(timer).due);
  EXPECT_THAT(desk_.As(Service()).Complete(timer, rules::MarkOverdue, claim.claim_id()), IsOk());
  EXPECT_THAT(desk_.Decide(rules::MarkOverdue, claim.claim_id()), IsOk());
  EXPECT_TRUE(Now(claim).overdue());
  EXPECT_EQ(Now(claim).state(), Claim::STATE_VERIFYING);
  EXPECT_THAT(desk_.Events(&Event::has_claim_overdue), SizeIs(1));
  const auto approved = Approve(claim);
  ASSERT_THAT(approved, IsOk());
  EXPECT_EQ(desk_.Events(&Event::has_claim_approved).back().claim_approved().verification(),
            base::v1::SLA_OUTCOME_MISSED);
  EXPECT_THAT(desk_.Events(&Event::has_claim_overdue), SizeIs(1)) << "the verdict does not announce it again";
}

TEST_F(ClaimRulesTest, SYS_05_AVerdictThatOvertakesALateTimerIsOverdueAllTheSame) {
  const Claim claim = Submitted();
  desk_.MoveTo(rules::ToTime(claim.window_due_time()) + absl::Hours(5));
  ASSERT_THAT(Approve(claim), IsOk());
  EXPECT_TRUE(Now(claim).overdue());
  EXPECT_THAT(desk_.Events(&Event::has_claim_overdue), SizeIs(1));
  EXPECT_FALSE(desk_.tasks().contains(TaskOf(rules::kDecisionDue, claim)));
}

TEST_F(ClaimRulesTest, CLM_13_ARejectionIsAppealedOnceWithinThePolicysDays) {
  const Claim claim = Submitted();
  const auto rejected = Reject(claim);
  ASSERT_THAT(rejected, IsOk());
  EXPECT_FALSE(desk_.last_events()[0].claim_rejected().final());
  desk_.MoveTo(desk_.now() + absl::Hours(24));
  const auto appealed = Appeal(claim);
  ASSERT_THAT(appealed, IsOk());
  EXPECT_EQ(appealed->state(), Claim::STATE_VERIFYING);
  EXPECT_EQ(rules::ToTime(appealed->submit_time()), desk_.now());
  EXPECT_TRUE(desk_.tasks().contains(TaskOf(rules::kDecisionDue, claim)));
  EXPECT_FALSE(desk_.tasks().contains(TaskOf(rules::kAppealEnds, claim)));
  ASSERT_THAT(Reject(claim), IsOk());
  EXPECT_TRUE(desk_.last_events()[0].claim_rejected().final());
  EXPECT_THAT(Appeal(claim), RefusedBy("CLM-13"));
  EXPECT_THAT(Retract(claim), RefusedBy("CLM-13"));
}

TEST_F(ClaimRulesTest, CLM_01_UnitsAreFreeAgainAfterAFinalRejectionAndNotBefore) {
  const Claim claim = Submitted();
  ASSERT_THAT(Reject(claim), IsOk());
  EXPECT_THAT(Open({{"l-1", 3}}), RefusedBy("CLM-01"));
  const std::string timer = TaskOf(rules::kAppealEnds, claim);
  desk_.MoveTo(desk_.tasks().at(timer).due);
  EXPECT_THAT(Appeal(claim), RefusedBy("CLM-13"));
  EXPECT_THAT(desk_.As(Service()).Complete(timer, rules::CloseRejection, claim.claim_id()), IsOk());
  EXPECT_EQ(Now(claim).state(), Claim::STATE_REJECTED);
  EXPECT_FALSE(Now(claim).has_appeal_until_time());
  ASSERT_THAT(desk_.last_events(), SizeIs(1));
  EXPECT_EQ(desk_.last_events()[0].rejection_closed().kind(), base::v1::CLAIM_KIND_MISSING);
  EXPECT_EQ(desk_.last_events()[0].case_id(), claim.claim_id());
  EXPECT_THAT(Open({{"l-1", 3}}), IsOk());
  EXPECT_THAT(desk_.As(Service()).Decide(rules::CloseRejection, claim.claim_id()), IsOk());
  EXPECT_THAT(desk_.Events(&Event::has_rejection_closed), SizeIs(1));
}

TEST_F(ClaimRulesTest, CLM_01_UnitsAreFreeAgainAfterAnAppealThatFails) {
  const Claim claim = Submitted();
  ASSERT_THAT(Reject(claim), IsOk());
  ASSERT_THAT(Appeal(claim), IsOk());
  EXPECT_THAT(Open({{"l-1", 3}}), RefusedBy("CLM-01"));
  ASSERT_THAT(Reject(claim), IsOk());
  EXPECT_THAT(Open({{"l-1", 3}}), IsOk());
}

TEST_F(ClaimRulesTest, KPI_02_ALineIsErroneousOnceAClaimOnItIsApproved) {
  const Claim claim = Submitted();
  EXPECT_THAT(desk_.Events(&Event::has_claim_approved), IsEmpty());
  ASSERT_THAT(Approve(claim), IsOk());
  EXPECT_EQ(desk_.last_events()[0].claim_approved().line_count(), 1);
}

TEST_F(ClaimRulesTest, KPI_02_ALineIsErroneousOnceHoweverManyClaimsNameIt) {
  Opened({{"l-1", 1}});
  EXPECT_EQ(desk_.last_events()[1].claim_approved().line_count(), 1);
  const Claim second = Opened({{"l-1", 1}, {"l-2", 1}});
  EXPECT_EQ(desk_.last_events()[1].claim_approved().line_count(), 1);  // l-2
  ASSERT_THAT(Retract(second), IsOk());
  Opened({{"l-1", 2}, {"l-2", 1}});
  EXPECT_EQ(desk_.last_events()[1].claim_approved().line_count(), 0);
}

TEST_F(ClaimRulesTest, KPI_02_WhatIsRejectedRetractedOrLapsesIsNoErroneousLine) {
  const Claim rejected = Submitted();
  ASSERT_THAT(Reject(rejected), IsOk());
  const Claim retracted = Opened({{"l-2", 1}});
  ASSERT_THAT(Retract(retracted), IsOk());
  const Claim lapsed = Opened({{"l-2", 1}});
  const std::string timer = TaskOf(rules::kEvidenceDue, lapsed);
  desk_.MoveTo(desk_.tasks().at(timer).due);
  ASSERT_THAT(desk_.As(Service()).Complete(timer, rules::CloseEvidence, lapsed.claim_id()), IsOk());
  EXPECT_THAT(desk_.Events(&Event::has_claim_approved), IsEmpty());
  EXPECT_THAT(desk_.Find<claims::v1::OrderUnits>("o-1")->erroneous_line_ids(), IsEmpty());
}

TEST_F(ClaimRulesTest, SYS_04_WhatWasDecidedOnAnotherVersionIsAborted) {
  desk_.Expecting(order_.version() - 1);
  EXPECT_THAT(Open({{"l-1", 1}}), StatusIs(absl::StatusCode::kAborted));
  desk_.Expecting(order_.version());
  const auto claim = Open({{"l-1", 1}});
  ASSERT_THAT(claim, IsOk());
  desk_.Expecting(claim->version() + 1);
  EXPECT_THAT(Retract(*claim), StatusIs(absl::StatusCode::kAborted));
}

TEST_F(ClaimRulesTest, ROL_07_OnlyOperationsDecides) {
  const Claim claim = Submitted();
  for (const base::v1::Actor& actor : {Customer(), Director(), Service(), Auditor()}) {
    EXPECT_THAT(desk_.As(actor).Decide(rules::ApproveClaim, About<claims::v1::ApproveClaimRequest>(claim)),
                DeniedBy("ROL-07"));
    EXPECT_THAT(desk_.As(actor).Decide(rules::RejectClaim, RejectRequest(claim)), DeniedBy("ROL-07"));
  }
}

}  // namespace
}  // namespace makegood::testing
