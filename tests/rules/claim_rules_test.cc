// Claims, decision by decision (CLM-01 to CLM-08, CLM-13).
#include "common/rules/claim_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "common/rules/claim_guards.h"
#include "common/rules/claim_tasks.h"
#include "makegood/payments/v1/payments_service.pb.h"
#include "tests/support/claims_support.h"
#include "tests/support/rules_support.h"

namespace makegood::testing {
namespace {

using claims::v1::Claim;
using events::v1::Event;
using rules::Remedy;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::string_view kDelivered = "2026-09-20T12:00+02:00";

class ClaimRulesTest : public ::testing::Test {
 protected:
  ClaimRulesTest() : desk_(At("2026-09-21T10:00+02:00")) {}

  absl::StatusOr<Claim> Open(const Units& units, base::v1::ClaimKind kind = base::v1::CLAIM_KIND_MISSING) {
    return desk_.As(Customer()).Decide(rules::OpenClaim, OpenRequest(units, kind), order_);
  }

  Claim Opened(const Units& units = {{"l-1", 1}}) {
    const absl::StatusOr<Claim> claim = Open(units);
    EXPECT_THAT(claim, IsOk());
    return claim.value_or(Claim());
  }

  // A claim at a marketplace that verifies, with one picture, submitted.
  Claim Submitted() {
    order_ = tmall_;
    const Claim claim = Opened();
    EXPECT_THAT(desk_.Decide(rules::AddEvidence, claim.claim_id(), Picture("one")), IsOk());
    const auto submitted =
        desk_.Decide(rules::SubmitEvidence, About<claims::v1::SubmitEvidenceRequest>(claim));
    EXPECT_THAT(submitted, IsOk());
    return submitted.value_or(Claim());
  }

  absl::StatusOr<Claim> Approve(const Claim& claim) {
    return desk_.As(Operations()).Decide(rules::ApproveClaim, About<claims::v1::ApproveClaimRequest>(claim));
  }
  absl::StatusOr<Claim> Reject(const Claim& claim) {
    return desk_.As(Operations()).Decide(rules::RejectClaim, RejectRequest(claim));
  }
  absl::StatusOr<Claim> Appeal(const Claim& claim) {
    return desk_.As(Customer()).Decide(rules::AppealClaim, About<claims::v1::AppealClaimRequest>(claim));
  }
  absl::StatusOr<Claim> Retract(const Claim& claim) {
    return desk_.As(Customer()).Decide(rules::RetractClaim, About<claims::v1::RetractClaimRequest>(claim));
  }
  absl::StatusOr<Claim> Choose(const Claim& claim, base::v1::ResolutionKind resolution) {
    return desk_.As(Customer()).Decide(rules::ChooseResolution, ChooseRequest(claim, resolution));
  }

  Claim Now(const Claim& claim) { return *desk_.Find<Claim>(claim.claim_id()); }

  std::string TaskOf(absl::string_view kind, const Claim& claim) {
    return absl::StrCat(kind, ":", claim.claim_id());
  }

  Desk desk_;
  const orders::v1::Order mall_ = DeliveredOrder("mall", "EUR", At(kDelivered));
  const orders::v1::Order tmall_ = DeliveredOrder("tmall", "CNY", At(kDelivered));
  orders::v1::Order order_ = mall_;
};

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
  const Claim claim = Opened({{"l-1", 1}});
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
  EXPECT_FALSE(claim.window_provisional());
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
  EXPECT_THAT(Open({{"l-1", 3}}), IsOk());
}

TEST_F(ClaimRulesTest, ROL_07_OnlyOperationsDecides) {
  const Claim claim = Submitted();
  for (const base::v1::Actor& actor : {Customer(), Director(), Service(), Auditor()}) {
    EXPECT_THAT(desk_.As(actor).Decide(rules::ApproveClaim, About<claims::v1::ApproveClaimRequest>(claim)),
                DeniedBy("ROL-07"));
    EXPECT_THAT(desk_.As(actor).Decide(rules::RejectClaim, RejectRequest(claim)), DeniedBy("ROL-07"));
  }
}

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
  const rules::Task call = desk_.tasks().at(TaskOf(rules::kGrantRefund, claim));
  payments::v1::GrantRefundRequest grant;
  ASSERT_TRUE(grant.ParseFromString(call.payload));
  EXPECT_EQ(grant.command().request_id(), call.id);
  EXPECT_EQ(grant.order_id(), "o-1");
  EXPECT_EQ(grant.case_id(), claim.claim_id());
  EXPECT_EQ(grant.reason(), base::v1::REFUND_REASON_CLAIM);
  EXPECT_EQ(grant.goods_minor(), 3630);
  EXPECT_EQ(grant.delivery_fee_minor(), 0);
  EXPECT_FALSE(grant.await_goods());
  EXPECT_THAT(Retract(claim), RefusedBy("CLM-13"));
  EXPECT_THAT(desk_.As(Operations()).Decide(rules::CreateReturnDocument, ReturnRequest(claim, "R-4711")),
              RefusedBy("CLM-06"));
}

TEST_F(ClaimRulesTest, CLM_04_KPI_03_ASettledRefundResolvesTheClaim) {
  const Claim claim = Submitted();
  ASSERT_THAT(Approve(claim), IsOk());
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_REFUND), IsOk());
  const auto reason = base::v1::REFUND_REASON_CLAIM;
  desk_.As(Service());
  EXPECT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(claim.claim_id(), reason)), IsOk());
  EXPECT_EQ(Now(claim).grant_id(), "grant-1");
  // Another grant that names the claim is not the one it waits for.
  const absl::Time settled = desk_.now() + absl::Hours(30);
  desk_.MoveTo(settled + absl::Hours(2));
  EXPECT_THAT(
      desk_.Decide(rules::OnPaymentEvent, RefundSettledEvent(claim.claim_id(), reason, settled, "grant-2")),
      IsOk());
  EXPECT_EQ(Now(claim).state(), Claim::STATE_RESOLVING);
  for (int seen = 0; seen < 2; ++seen) {
    EXPECT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundSettledEvent(claim.claim_id(), reason, settled)),
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
  EXPECT_THAT(desk_.Tasks(rules::kGrantRefund), IsEmpty());
  EXPECT_THAT(desk_.As(Manager()).Decide(rules::CreateReturnDocument, ReturnRequest(claim)),
              DeniedBy("ROL-07"));
  EXPECT_THAT(desk_.As(Operations()).Decide(rules::CreateReturnDocument, ReturnRequest(claim, "123")),
              RefusedBy("RFD-05"));
  ASSERT_THAT(desk_.Decide(rules::CreateReturnDocument, ReturnRequest(claim)), IsOk());
  EXPECT_THAT(desk_.Tasks(rules::kGrantRefund), SizeIs(1));
  const rules::Task call = desk_.tasks().at(TaskOf(rules::kRequestCreditNote, claim));
  payments::v1::RequestCreditNoteRequest note;
  ASSERT_TRUE(note.ParseFromString(call.payload));
  EXPECT_EQ(note.return_number(), "4712345678");
  EXPECT_EQ(note.gross().amount_minor(), 3630);
  EXPECT_EQ(note.vat().amount_minor(), 630);
  EXPECT_EQ(note.commission().amount_minor(), 300);
  EXPECT_EQ(note.command().request_id(), call.id);
  EXPECT_THAT(desk_.Decide(rules::CreateReturnDocument, ReturnRequest(claim, "4799999999")),
              RefusedBy("CLM-06"));
  EXPECT_THAT(Retract(claim), RefusedBy("CLM-13"));
}

TEST_F(ClaimRulesTest, CLM_07_WhoKeepsWhatCameIsPaidBackWhateverTheStock) {
  const Claim claim = Opened();
  ASSERT_THAT(Choose(claim, base::v1::RESOLUTION_KIND_REFUND), IsOk());
  EXPECT_THAT(desk_.Tasks(rules::kGrantRefund), IsEmpty());
  ASSERT_THAT(desk_.As(Operations()).Decide(rules::CreateReturnDocument, ReturnRequest(claim)), IsOk());
  EXPECT_THAT(desk_.Tasks(rules::kGrantRefund), SizeIs(1));
  EXPECT_THAT(desk_.Tasks(rules::kRequestCreditNote), SizeIs(1));
  EXPECT_THAT(desk_.Events(&Event::has_return_document_created), SizeIs(1));
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
  const auto choice = ChooseRequest(claim, base::v1::RESOLUTION_KIND_RESHIP);
  const auto retraction = About<claims::v1::RetractClaimRequest>(claim);
  for (const base::v1::Actor& actor : {Customer("c-2"), Manager(), Auditor(), Service()}) {
    EXPECT_THAT(desk_.As(actor).Decide(rules::ChooseResolution, choice), DeniedBy("ROL-08"));
    EXPECT_THAT(desk_.As(actor).Decide(rules::RetractClaim, retraction), DeniedBy("ROL-08"));
  }
  EXPECT_THAT(desk_.As(Operations()).Decide(rules::ChooseResolution, choice), IsOk());
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
  EXPECT_THAT(allowed, ElementsAre("RetractClaim", "ChooseResolution"));
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
  EXPECT_THAT(desk_.Tasks(rules::kGrantRefund), IsEmpty());
}

}  // namespace
}  // namespace makegood::testing
