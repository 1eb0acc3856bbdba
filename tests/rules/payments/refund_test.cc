// The movement of money back: RFD-03, RFD-07, KPI-06, ROL-07.
#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

using ::testing::SizeIs;

// An order of 100, paid and delivered, and a claim of 30 on it.
class Refunds : public ::testing::Test {
 protected:
  Refunds() {
    EXPECT_THAT(money_.Pay(100, "ref-1"), IsOk());
    EXPECT_THAT(money_.React(money_.Delivered()), IsOk());
    const auto grant = money_.Follow(AClaim("claim-1", {{"l-1", 3}}));
    EXPECT_THAT(grant, IsOk());
    grant_ = *grant;
    id_ = grant->refund_ids(0);
  }

  Refund Stored() const { return *money_.desk.Find<Refund>(id_); }

  MoneyDesk money_;
  RefundGrant grant_;
  std::string id_;
};

TEST_F(Refunds, RFD_03_TheIntentIsThereBeforeAnyoneIsAsked) {
  EXPECT_EQ(Stored().state(), Refund::STATE_PENDING);
  EXPECT_EQ(Stored().case_id(), "claim-1");
  EXPECT_EQ(Stored().amount().amount_minor(), 30);
  EXPECT_THAT(money_.desk.Events(&Event::has_refund_started), SizeIs(1));
}

TEST_F(Refunds, RFD_03_SettledIsFinal) {
  ASSERT_THAT(money_.Settle(id_), IsOk());
  EXPECT_THAT(money_.Fail(id_), RefusedBy("RFD-03"));
  EXPECT_THAT(money_.Retry(id_), RefusedBy("RFD-03"));
  EXPECT_THAT(money_.Settle(id_, "bank-2"), RefusedBy("RFD-03"));
  // The provider's same word again is no news.
  EXPECT_THAT(money_.Settle(id_), IsOk());
  EXPECT_EQ(money_.books().at("CLEARING"), 70);
  EXPECT_THAT(money_.desk.Events(&Event::has_refund_settled), SizeIs(1));
  EXPECT_EQ(money_.Stored(grant_).state(), RefundGrant::STATE_SETTLED);
  EXPECT_THAT(money_.desk.Events(&Event::has_refund_grant_closed), SizeIs(1));
}

TEST_F(Refunds, RFD_03_AFailedRefundIsTriedAgainUnderTheSameKey) {
  EXPECT_THAT(money_.Retry(id_), RefusedBy("RFD-03"));
  ASSERT_THAT(money_.Fail(id_), IsOk());
  ASSERT_THAT(money_.Fail(id_), IsOk());
  EXPECT_THAT(money_.desk.Events(&Event::has_refund_failed), SizeIs(1));
  EXPECT_EQ(money_.books().at("REFUNDS_PAYABLE"), -30) << "it is owed all the same";
  const auto again = money_.Retry(id_);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->refund_id(), id_);
  EXPECT_EQ(again->attempts(), 2);
  EXPECT_THAT(money_.desk.All<Refund>(), SizeIs(1));
}

TEST_F(Refunds, RFD_03_WordsOutOfOrderEndSettled) {
  ASSERT_THAT(money_.Fail(id_), IsOk());
  EXPECT_THAT(money_.Settle(id_), IsOkAndHolds(::testing::Property(&Refund::state, Refund::STATE_SETTLED)));
}

TEST_F(Refunds, KPI_06_ARefundIsDueByThePolicysLastTarget) {
  for (const absl::Duration late : {absl::ZeroDuration(), absl::Seconds(1)}) {
    MoneyDesk money;
    ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
    ASSERT_THAT(money.React(money.Delivered()), IsOk());
    const auto grant = money.Follow(AClaim("claim-1", {{"l-1", 1}}));
    ASSERT_THAT(grant, IsOk());
    const Refund refund = *money.desk.Find<Refund>(grant->refund_ids(0));
    const absl::Time due = rules::ToTime(grant->approve_time()) + absl::Hours(72);
    EXPECT_EQ(rules::ToTime(refund.due_time()), due);
    money.desk.MoveTo(due + late);
    ASSERT_THAT(money.Settle(refund.refund_id()), IsOk());
    EXPECT_EQ(money.desk.Events(&Event::has_refund_settled).at(0).refund_settled().outcome(),
              late > absl::ZeroDuration() ? base::v1::SLA_OUTCOME_MISSED : base::v1::SLA_OUTCOME_MET);
  }
}

TEST_F(Refunds, KPI_06_ARefundOfACaseIsMeasuredFromItsApproval) {
  CaseFacts claim = AClaim("claim-2", {{"l-1", 1}});
  claim.approve_time = money_.desk.now() - absl::Hours(20);
  const auto grant = money_.Follow(claim);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(rules::ToTime(money_.desk.Find<Refund>(grant->refund_ids(0))->due_time()),
            claim.approve_time + absl::Hours(72));
}

TEST_F(Refunds, KPI_06_WhatWaitsForGoodsIsNotDueBeforeTheyAreBack) {
  CaseFacts withdrawal = AWithdrawal("withdrawal-1", {{"l-1", 1}});
  withdrawal.approve_time = money_.desk.now();
  ASSERT_THAT(money_.Follow(withdrawal), IsOk());
  money_.desk.Advance(absl::Hours(200));
  withdrawal.ready = withdrawal.granted;
  const auto grant = money_.Follow(withdrawal);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(rules::ToTime(money_.desk.Find<Refund>(grant->refund_ids(0))->due_time()),
            money_.desk.now() + absl::Hours(72));
}

TEST_F(Refunds, RFD_07_EveryMovementNamesItsDocument) {
  ASSERT_THAT(money_.Settle(id_), IsOk());
  EXPECT_THAT(money_.Documents(base::v1::DOCUMENT_KIND_PAYMENT_RECEIPT), SizeIs(1));
  EXPECT_THAT(money_.Documents(base::v1::DOCUMENT_KIND_REFUND_NOTE), SizeIs(1));
  EXPECT_EQ(money_.Documents(base::v1::DOCUMENT_KIND_REFUND_NOTE)[0].subject_id(), id_);
  for (const LedgerEntry& entry : money_.desk.All<LedgerEntry>()) {
    EXPECT_TRUE(money_.desk.Find<Document>(entry.document_id()).has_value());
  }
}

TEST_F(Refunds, SYS_03_APreviewChangesNothing) {
  const auto before = money_.desk.records().size();
  EXPECT_THAT(money_.desk.As(Operations())
                  .Preview(rules::GrantRefund, money_.ByHand(base::v1::REFUND_REASON_DELIVERY_FEE),
                           rules::RefundFacts{money_.order, {}}),
              IsOk());
  EXPECT_EQ(money_.desk.records().size(), before);
}

TEST_F(Refunds, SYS_04_ARefundDecidedOnAnotherVersionIsAborted) {
  money_.desk.Expecting(2);
  EXPECT_THAT(money_.Settle(id_), StatusIs(absl::StatusCode::kAborted));
}

TEST_F(Refunds, ROL_07_CustomersAndStoresGrantNothing) {
  for (const base::v1::Actor& actor : {Customer(), Employee(), Manager()}) {
    EXPECT_THAT(
        money_.desk.As(actor).Decide(rules::GrantRefund, money_.ByHand(base::v1::REFUND_REASON_DELIVERY_FEE),
                                     rules::RefundFacts{money_.order, {}}),
        DeniedBy("ROL-07"));
  }
}

TEST_F(Refunds, ORD_09_ARefundTellsWhatMayBeDoneAndWhyNot) {
  const Refund for_operations = ShownTo(Operations(), Stored());
  ASSERT_EQ(for_operations.available_actions_size(), 3);
  EXPECT_TRUE(for_operations.available_actions(0).allowed());
  EXPECT_EQ(for_operations.available_actions(2).action(), "RetryRefund");
  EXPECT_EQ(for_operations.available_actions(2).rule_id(), "RFD-03");
  const Refund for_customer = ShownTo(Customer(), Stored());
  EXPECT_EQ(for_customer.available_actions(0).rule_id(), "ROL-01");
  EXPECT_FALSE(for_customer.available_actions(0).reason().empty());
}

}  // namespace
}  // namespace makegood::testing
