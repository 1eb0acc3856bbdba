// Grants and refunds: RFD-01 to RFD-04, CLM-08, KPI-06, ROL-07. Credit notes: RFD-05, ORD-05, ROL-10.
#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

using ::testing::SizeIs;

// An order of 100.00, paid in advance.
class RefundRules : public ::testing::Test {
 protected:
  RefundRules() { EXPECT_THAT(money_.Pay(10'000, "ref-1"), IsOk()); }

  MoneyDesk money_;
};

TEST_F(RefundRules, RFD_01_ARefundWithoutAReasonIsRefused) {
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_UNSPECIFIED, 100), RefusedBy("RFD-01"));
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CUSTOMER_REQUEST, 100), IsOk());
}

TEST_F(RefundRules, RFD_02_TheCapIsHitExactlyOnTheLastMinorUnit) {
  ASSERT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 8'999), IsOk());
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 2), RefusedBy("RFD-02"));
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 1), IsOk());
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 1), RefusedBy("RFD-02"));
}

TEST_F(RefundRules, RFD_02_NothingMoreThanWasPaid) {
  MoneyDesk half;
  ASSERT_THAT(half.Pay(5'000, "ref-1"), IsOk());
  EXPECT_THAT(half.Give(base::v1::REFUND_REASON_CLAIM, 5'001), RefusedBy("RFD-02"));
  EXPECT_THAT(half.Give(base::v1::REFUND_REASON_CLAIM, 4'500, 500), IsOk());
}

TEST_F(RefundRules, RFD_02_OpenGrantsCountBeforeTheirMoneyMoves) {
  ASSERT_THAT(money_.Give(base::v1::REFUND_REASON_WITHDRAWAL, 9'000, 0, true), IsOk());
  EXPECT_EQ(money_.account().granted_minor(), 9'000);
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 1), RefusedBy("RFD-02"));
}

TEST_F(RefundRules, RFD_02_TheDeliveryFeeHasItsOwnCap) {
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 0, 1'001), RefusedBy("RFD-02"));
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 9'001), RefusedBy("RFD-02"));
}

TEST_F(RefundRules, RFD_04_TheDeliveryFeeIsGivenBackOnce) {
  ASSERT_THAT(money_.Give(base::v1::REFUND_REASON_WITHDRAWAL, 100, 1'000), IsOk());
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_WITHDRAWAL, 100, 1'000), RefusedBy("RFD-04"));
}

TEST_F(RefundRules, RFD_04_ACancellationGivesBackWhatIsLeftOfTheDeliveryFee) {
  ASSERT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 0, 400), IsOk());
  ASSERT_THAT(money_.React(money_.Cancelled()), IsOk());
  EXPECT_EQ(money_.account().delivery_fee_given_minor(), 1'000);
  EXPECT_EQ(money_.account().pending_minor(), 10'000);
}

// Worked example 8, its refund: goods of 1,000.00, the fee of 120.00 is kept.
TEST_F(RefundRules, RFD_04_ARefundLessDeliveryFeeGivesTheGoodsBack) {
  MoneyDesk gift({"flowwow", "TRY", 112'000, 12'000});
  ASSERT_THAT(gift.Pay(112'000, "ref-1"), IsOk());
  EXPECT_THAT(gift.Give(base::v1::REFUND_REASON_CUSTOMER_REQUEST, 100'000), IsOk());
  EXPECT_THAT(gift.Give(base::v1::REFUND_REASON_CUSTOMER_REQUEST, 1), RefusedBy("RFD-02"));
}

TEST_F(RefundRules, RFD_02_GoodwillHasItsOwnCapOutsideWhatWasPaid) {
  ASSERT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 9'000), IsOk());
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_GOODWILL, 1'001), RefusedBy("RFD-02"));
  ASSERT_THAT(money_.Give(base::v1::REFUND_REASON_GOODWILL, 1'000), IsOk());
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_GOODWILL, 1), RefusedBy("RFD-02"));
  EXPECT_EQ(money_.account().goodwill_given_minor(), 1'000);
  EXPECT_EQ(money_.account().pending_minor(), 9'000);
  EXPECT_EQ(money_.Balance(Posting::LEDGER_ACCOUNT_GOODWILL), 1'000);
}

TEST_F(RefundRules, RFD_02_GoodwillThatAwaitedGoodsLeavesTheOrdersCapsAlone) {
  const auto grant = money_.Give(base::v1::REFUND_REASON_GOODWILL, 500, 0, /*await_goods=*/true);
  ASSERT_THAT(grant, IsOk());
  ASSERT_THAT(money_.Release(grant->grant_id()), IsOk());
  EXPECT_EQ(money_.account().granted_minor(), 0);
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 9'000, 1'000), IsOk());
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 1), RefusedBy("RFD-02"));
}

TEST_F(RefundRules, RFD_02_ARefundOfNothingIsInvalid) {
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 0), NamesField("goods_minor"));
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_GOODWILL, 10, 10), NamesField("delivery_fee_minor"));
}

TEST_F(RefundRules, RFD_03_TheIntentIsThereBeforeAnyoneIsAsked) {
  const auto grant = money_.Give(base::v1::REFUND_REASON_CLAIM, 500);
  ASSERT_THAT(grant, IsOk());
  const auto refund = money_.desk.Find<Refund>(grant->refund_id());
  ASSERT_TRUE(refund.has_value());
  EXPECT_EQ(refund->state(), Refund::STATE_PENDING);
  EXPECT_EQ(refund->case_id(), "claim-1");
  EXPECT_THAT(money_.desk.Events(&events::v1::Event::has_refund_started), SizeIs(1));
}

TEST_F(RefundRules, KPI_06_ARefundIsDueByThePolicysLastTarget) {
  for (const absl::Duration late : {absl::ZeroDuration(), absl::Seconds(1)}) {
    MoneyDesk money;
    ASSERT_THAT(money.Pay(10'000, "ref-1"), IsOk());
    const auto grant = money.Give(base::v1::REFUND_REASON_CLAIM, 100);
    ASSERT_THAT(grant, IsOk());
    const absl::Time due = money.desk.now() + absl::Hours(72);
    EXPECT_EQ(rules::ToTime(money.desk.Find<Refund>(grant->refund_id())->due_time()), due);
    money.desk.MoveTo(due + late);
    ASSERT_THAT(money.Settle(grant->refund_id()), IsOk());
    EXPECT_EQ(money.desk.last_events()[0].refund_settled().outcome(),
              late > absl::ZeroDuration() ? base::v1::SLA_OUTCOME_MISSED : base::v1::SLA_OUTCOME_MET);
  }
}

TEST_F(RefundRules, KPI_06_ORD_13_HistoryIsNotMeasured) {
  events::v1::Event cancelled = money_.Cancelled();
  cancelled.set_imported(true);
  ASSERT_THAT(money_.React(cancelled), IsOk());
  const auto refunds = money_.desk.All<Refund>();
  ASSERT_THAT(refunds, SizeIs(1));
  EXPECT_FALSE(refunds[0].has_due_time());
}

TEST_F(RefundRules, KPI_06_WhatWaitsForGoodsIsNotDueBeforeTheyAreBack) {
  const auto grant = money_.Give(base::v1::REFUND_REASON_WITHDRAWAL, 100, 0, /*await_goods=*/true);
  ASSERT_THAT(grant, IsOk());
  money_.desk.Advance(absl::Hours(500));
  const auto released = money_.Release(grant->grant_id());
  ASSERT_THAT(released, IsOk());
  EXPECT_EQ(rules::ToTime(money_.desk.Find<Refund>(released->refund_id())->due_time()),
            money_.desk.now() + absl::Hours(72));
}

TEST_F(RefundRules, RFD_03_SettledIsFinal) {
  const auto grant = money_.Give(base::v1::REFUND_REASON_CLAIM, 500);
  ASSERT_THAT(grant, IsOk());
  ASSERT_THAT(money_.Settle(grant->refund_id()), IsOk());
  EXPECT_THAT(money_.Fail(grant->refund_id()), RefusedBy("RFD-03"));
  EXPECT_THAT(money_.Retry(grant->refund_id()), RefusedBy("RFD-03"));
  EXPECT_THAT(money_.Settle(grant->refund_id(), "bank-2"), RefusedBy("RFD-03"));
  // The provider's same word again is no news.
  EXPECT_THAT(money_.Settle(grant->refund_id()), IsOk());
  EXPECT_EQ(money_.account().refunded_minor(), 500);
  EXPECT_EQ(money_.account().pending_minor(), 0);
  EXPECT_THAT(money_.desk.Events(&events::v1::Event::has_refund_settled), SizeIs(1));
  EXPECT_EQ(money_.desk.Find<RefundGrant>(grant->grant_id())->state(), RefundGrant::STATE_SETTLED);
}

TEST_F(RefundRules, RFD_03_AFailedRefundIsTriedAgainUnderTheSameKey) {
  const auto grant = money_.Give(base::v1::REFUND_REASON_CLAIM, 500);
  ASSERT_THAT(grant, IsOk());
  EXPECT_THAT(money_.Retry(grant->refund_id()), RefusedBy("RFD-03"));
  ASSERT_THAT(money_.Fail(grant->refund_id()), IsOk());
  ASSERT_THAT(money_.Fail(grant->refund_id()), IsOk());
  EXPECT_THAT(money_.desk.Events(&events::v1::Event::has_refund_failed), SizeIs(1));
  EXPECT_EQ(money_.account().pending_minor(), 500);
  const auto again = money_.Retry(grant->refund_id());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->refund_id(), grant->refund_id());
  EXPECT_EQ(again->attempts(), 2);
  EXPECT_THAT(money_.desk.All<Refund>(), SizeIs(1));
}

TEST_F(RefundRules, RFD_03_WordsOutOfOrderEndSettled) {
  const auto grant = money_.Give(base::v1::REFUND_REASON_CLAIM, 500);
  ASSERT_THAT(grant, IsOk());
  ASSERT_THAT(money_.Fail(grant->refund_id()), IsOk());
  EXPECT_THAT(money_.Settle(grant->refund_id()),
              IsOkAndHolds(::testing::Property(&Refund::state, Refund::STATE_SETTLED)));
}

TEST_F(RefundRules, CLM_08_AGrantThatAwaitsGoodsMovesNothingUntilTheyAreBack) {
  const auto grant = money_.Give(base::v1::REFUND_REASON_WITHDRAWAL, 500, 1'000, true);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->state(), RefundGrant::STATE_AWAITING_GOODS);
  EXPECT_TRUE(money_.desk.All<Refund>().empty());
  ASSERT_THAT(money_.Release(grant->grant_id()), IsOk());
  ASSERT_THAT(money_.Release(grant->grant_id()), IsOk());
  EXPECT_THAT(money_.desk.All<Refund>(), SizeIs(1));
  EXPECT_EQ(money_.account().granted_minor(), 0);
  EXPECT_EQ(money_.account().pending_minor(), 1'500);
}

TEST_F(RefundRules, SYS_06_AGrantWaitsForTheDeliveryToArriveHere) {
  money_.order.set_state(Order::STATE_DELIVERED);
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 500), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 500), IsOk());
}

TEST_F(RefundRules, SYS_06_AGrantWaitsForTheCancellationToArriveHere) {
  money_.order.set_state(Order::STATE_CANCELLED);
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 500), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_THAT(money_.React(money_.Cancelled()), IsOk());
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 500), RefusedBy("RFD-02"));
}

TEST_F(RefundRules, RFD_09_AClaimIsGrantedItsMoneyOnce) {
  const auto grant = money_.GiveFor("claim-1", base::v1::REFUND_REASON_CLAIM, 500, 100);
  ASSERT_THAT(grant, IsOk());
  const auto again = money_.GiveFor("claim-1", base::v1::REFUND_REASON_CLAIM, 500, 100);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->grant_id(), grant->grant_id());
  EXPECT_THAT(money_.GiveFor("claim-1", base::v1::REFUND_REASON_CLAIM, 501, 100), RefusedBy("RFD-09"));
  EXPECT_THAT(money_.GiveFor("claim-1", base::v1::REFUND_REASON_WITHDRAWAL, 500, 100), RefusedBy("RFD-09"));
  EXPECT_THAT(money_.desk.All<Refund>(), SizeIs(1));
  EXPECT_THAT(money_.GiveFor("claim-1", base::v1::REFUND_REASON_GOODWILL, 500), IsOk()) << "is beside it";
  EXPECT_THAT(money_.GiveFor("", base::v1::REFUND_REASON_CLAIM, 500), IsOk());
  EXPECT_THAT(money_.GiveFor("", base::v1::REFUND_REASON_CLAIM, 500), IsOk()) << "names no case";
  ASSERT_THAT(money_.Settle(grant->refund_id()), IsOk());
  EXPECT_EQ(money_.GiveFor("claim-1", base::v1::REFUND_REASON_CLAIM, 500, 100)->state(),
            RefundGrant::STATE_SETTLED)
      << "nor once it is paid";
}

TEST_F(RefundRules, RFD_07_EveryMovementNamesItsDocument) {
  const auto grant = money_.Give(base::v1::REFUND_REASON_CLAIM, 500);
  ASSERT_THAT(grant, IsOk());
  ASSERT_THAT(money_.Settle(grant->refund_id()), IsOk());
  EXPECT_THAT(money_.Documents(base::v1::DOCUMENT_KIND_PAYMENT_RECEIPT), SizeIs(1));
  EXPECT_THAT(money_.Documents(base::v1::DOCUMENT_KIND_REFUND_NOTE), SizeIs(1));
  for (const LedgerEntry& entry : money_.desk.All<LedgerEntry>()) {
    EXPECT_TRUE(money_.desk.Find<Document>(entry.document_id()).has_value());
  }
}

TEST_F(RefundRules, SYS_03_APreviewChangesNothing) {
  payments::v1::GrantRefundRequest request;
  request.set_order_id("o-1");
  request.set_reason(base::v1::REFUND_REASON_CLAIM);
  request.set_goods_minor(500);
  const auto before = money_.desk.records().size();
  EXPECT_THAT(money_.desk.As(Operations()).Preview(rules::GrantRefund, request, money_.order), IsOk());
  EXPECT_EQ(money_.desk.records().size(), before);
}

TEST_F(RefundRules, SYS_04_ARefundDecidedOnAnotherVersionIsAborted) {
  const auto grant = money_.Give(base::v1::REFUND_REASON_CLAIM, 500);
  ASSERT_THAT(grant, IsOk());
  money_.desk.Expecting(2);
  EXPECT_THAT(money_.Settle(grant->refund_id()), StatusIs(absl::StatusCode::kAborted));
}

TEST_F(RefundRules, ORD_09_ARefundTellsWhatMayBeDoneAndWhyNot) {
  const auto grant = money_.Give(base::v1::REFUND_REASON_CLAIM, 500);
  ASSERT_THAT(grant, IsOk());
  const Refund refund = *money_.desk.Find<Refund>(grant->refund_id());
  const Refund for_operations = ShownTo(Operations(), refund);
  ASSERT_EQ(for_operations.available_actions_size(), 3);
  EXPECT_TRUE(for_operations.available_actions(0).allowed());
  EXPECT_EQ(for_operations.available_actions(2).action(), "RetryRefund");
  EXPECT_EQ(for_operations.available_actions(2).rule_id(), "RFD-03");
  const Refund for_customer = ShownTo(Customer(), refund);
  EXPECT_EQ(for_customer.available_actions(0).rule_id(), "ROL-01");
  EXPECT_FALSE(for_customer.available_actions(0).reason().empty());
}

// ---- Credit notes.

// One line of 36.30 with 21 % tax and 10 % commission, delivered (RFD-05's own example).
class CreditNoteRules : public ::testing::Test {
 protected:
  CreditNoteRules() {
    EXPECT_THAT(money_.Pay(3'630, "ref-1"), IsOk());
    EXPECT_THAT(money_.React(money_.Delivered()), IsOk());
  }

  MoneyDesk money_{{"mall", "EUR", 3'630, 0}};
};

TEST_F(CreditNoteRules, RFD_05_TheCustomerGetsTheGrossTheMerchantGivesNetLessCommission) {
  const auto note = money_.AskForCreditNote("claim-1", "4712345678", 3'630, 630, 300);
  ASSERT_THAT(note, IsOk());
  EXPECT_EQ(note->amount().amount_minor(), 2'700);
  EXPECT_EQ(rules::ToTime(note->due_time()), At("2026-09-16T00:00+02:00"));
  ASSERT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 3'630), IsOk());
  EXPECT_EQ(money_.Balance(Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY), 3'630);
  ASSERT_THAT(money_.Send(money_.DocumentFor(*note)), IsOk());
  for (const auto account :
       {Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY, Posting::LEDGER_ACCOUNT_MERCHANT_PAYABLE,
        Posting::LEDGER_ACCOUNT_COMMISSION, Posting::LEDGER_ACCOUNT_VAT}) {
    EXPECT_EQ(money_.Balance(account), 0) << Posting::LedgerAccount_Name(account);
  }
}

// Worked example 5.
TEST_F(CreditNoteRules, RFD_05_ACreditNoteCarriesOrderAndReturnNumber) {
  events::v1::Event numbered = money_.OrderEvent();
  numbered.set_case_id("correction-1");
  numbered.mutable_correction_numbered()->set_return_number("4712345678");
  *numbered.mutable_correction_numbered()->mutable_gross() = money_.Money(3'630);
  *numbered.mutable_correction_numbered()->mutable_vat() = money_.Money(630);
  *numbered.mutable_correction_numbered()->mutable_commission() = money_.Money(300);
  ASSERT_THAT(money_.React(numbered), IsOk());
  ASSERT_THAT(money_.React(numbered), IsOk());
  const auto notes = money_.desk.All<CreditNote>();
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_EQ(notes[0].case_id(), "correction-1");
  payments::v1::IssueCreditNoteRequest without = money_.DocumentFor(notes[0]);
  without.clear_return_number();
  EXPECT_THAT(money_.Send(without), RefusedBy("RFD-05"));
  payments::v1::IssueCreditNoteRequest no_order = money_.DocumentFor(notes[0]);
  no_order.clear_order_id();
  EXPECT_THAT(money_.Send(no_order), RefusedBy("RFD-05"));
  ASSERT_THAT(money_.Send(money_.DocumentFor(notes[0])), IsOk());
  EXPECT_THAT(money_.desk.Events(&events::v1::Event::has_credit_note_issued), SizeIs(1));
  EXPECT_EQ(money_.desk.events().back().case_id(), "correction-1");
}

TEST_F(CreditNoteRules, RFD_05_AnotherAmountOrASecondDocumentIsRefused) {
  const auto note = money_.AskForCreditNote("claim-1", "4712345678", 3'630, 630, 300);
  ASSERT_THAT(note, IsOk());
  payments::v1::IssueCreditNoteRequest other = money_.DocumentFor(*note);
  other.mutable_amount()->set_amount_minor(2'699);
  EXPECT_THAT(money_.Send(other), RefusedBy("RFD-05"));
  other = money_.DocumentFor(*note);
  other.mutable_amount()->set_currency("CZK");
  EXPECT_THAT(money_.Send(other), RefusedBy("RFD-05"));
  ASSERT_THAT(money_.Send(money_.DocumentFor(*note)), IsOk());
  EXPECT_THAT(money_.Send(money_.DocumentFor(*note)), RefusedBy("RFD-05"));
}

TEST_F(CreditNoteRules, RFD_05_OnlyThePolicysReturnNumbersAndOnePerCase) {
  EXPECT_THAT(money_.AskForCreditNote("claim-1", "4812345678", 100), RefusedBy("RFD-05"));
  ASSERT_THAT(money_.AskForCreditNote("claim-1", "4712345678", 100), IsOk());
  ASSERT_THAT(money_.AskForCreditNote("claim-1", "4712345678", 100), IsOk());
  EXPECT_THAT(money_.AskForCreditNote("claim-1", "4700000000", 100), RefusedBy("RFD-05"));
  EXPECT_THAT(money_.desk.All<CreditNote>(), SizeIs(1));
}

TEST(RefundActions, RFD_02_AGrantIsOfferedWhileSomethingIsLeft) {
  MoneyDesk order({"mall", "EUR", 10'000, 1'000});
  const auto may_grant = [&] { return ShownTo(Operations(), order.account()).available_actions(1); };
  ASSERT_THAT(order.Pay(10'000, "ref-1"), IsOk());
  EXPECT_EQ(may_grant().action(), "GrantRefund");
  EXPECT_TRUE(may_grant().allowed());
  ASSERT_THAT(order.Give(base::v1::REFUND_REASON_CLAIM, 8'999), IsOk());
  EXPECT_TRUE(may_grant().allowed());
  ASSERT_THAT(order.Give(base::v1::REFUND_REASON_CLAIM, 1, 1'000), IsOk());
  EXPECT_TRUE(may_grant().allowed()) << "goodwill";
  ASSERT_THAT(order.Give(base::v1::REFUND_REASON_GOODWILL, 1'000), IsOk());
  EXPECT_FALSE(may_grant().allowed());
  EXPECT_EQ(may_grant().rule_id(), "RFD-02");
}

TEST_F(CreditNoteRules, RFD_05_TogetherTheyAreNeverOverMoreThanTheLines) {
  MoneyDesk order({"mall", "EUR", 10'000, 1'000});
  ASSERT_THAT(order.Pay(10'000, "ref-1"), IsOk());
  ASSERT_THAT(order.React(order.Delivered()), IsOk());
  const auto may_ask = [&] { return ShownTo(Operations(), order.account()).available_actions(2); };
  EXPECT_THAT(order.AskForCreditNote("claim-1", "4712345671", 9'001), RefusedBy("RFD-05"));
  ASSERT_THAT(order.AskForCreditNote("claim-1", "4712345671", 5'000), IsOk());
  EXPECT_THAT(order.AskForCreditNote("claim-2", "4712345672", 4'001), RefusedBy("RFD-05"));
  EXPECT_TRUE(may_ask().allowed());
  ASSERT_THAT(order.AskForCreditNote("claim-2", "4712345672", 4'000), IsOk());
  ASSERT_THAT(order.AskForCreditNote("claim-2", "4712345672", 4'000), IsOk());  // the one there is
  EXPECT_THAT(order.AskForCreditNote("claim-3", "4712345673", 1), RefusedBy("RFD-05"));
  EXPECT_FALSE(may_ask().allowed());
  EXPECT_EQ(may_ask().rule_id(), "RFD-05");
  EXPECT_EQ(order.account().credit_requested_minor(), 9'000);
}

TEST_F(CreditNoteRules, RFD_05_ACorrectionIsOverTheDeliveryFeeToo) {
  MoneyDesk order({"mall", "EUR", 10'000, 1'000});
  ASSERT_THAT(order.Pay(10'000, "ref-1"), IsOk());
  ASSERT_THAT(order.React(order.Delivered()), IsOk());
  events::v1::Event numbered = order.OrderEvent();
  numbered.set_case_id("correction-1");
  numbered.mutable_correction_numbered()->set_return_number("4712345678");
  *numbered.mutable_correction_numbered()->mutable_gross() = order.Money(10'001);
  EXPECT_THAT(order.React(numbered), RefusedBy("RFD-05"));
  *numbered.mutable_correction_numbered()->mutable_gross() = order.Money(10'000);
  EXPECT_THAT(order.React(numbered), IsOk());
  EXPECT_THAT(order.AskForCreditNote("claim-1", "4712345671", 1), RefusedBy("RFD-05"));
}

TEST_F(CreditNoteRules, RFD_05_AnOrderThatIsNotDeliveredHasNothingToSettleDown) {
  MoneyDesk open({"mall", "EUR", 3'630, 0});
  ASSERT_THAT(open.Pay(3'630, "ref-1"), IsOk());
  EXPECT_THAT(open.AskForCreditNote("claim-1", "4712345678", 100), RefusedBy("RFD-05"));
}

TEST_F(CreditNoteRules, RFD_05_TaxAndCommissionFitInTheGross) {
  EXPECT_THAT(money_.AskForCreditNote("claim-1", "4712345678", 100, 60, 41),
              NamesField("gross.amount_minor"));
}

TEST_F(CreditNoteRules, SYS_07_ACreditNoteIsOverSomethingInTheOrdersCurrency) {
  EXPECT_THAT(money_.AskForCreditNote("claim-1", "4712345678", 0), NamesField("gross.amount_minor"));
  payments::v1::RequestCreditNoteRequest request;
  request.set_order_id("o-1");
  request.set_case_id("claim-1");
  request.set_return_number("4712345678");
  for (base::v1::Money* money :
       {request.mutable_gross(), request.mutable_vat(), request.mutable_commission()}) {
    money->set_amount_minor(100);
    money->set_currency("CZK");
  }
  const auto refused = money_.desk.As(Operations()).Decide(rules::RequestCreditNote, request, money_.order);
  EXPECT_THAT(refused, NamesField("gross.currency"));
  EXPECT_THAT(refused, NamesField("vat.currency"));
  EXPECT_THAT(refused, NamesField("commission.currency"));
}

TEST_F(CreditNoteRules, SYS_04_ADocumentForAnotherVersionIsAborted) {
  const auto note = money_.AskForCreditNote("claim-1", "4712345678", 3'630, 630, 300);
  ASSERT_THAT(note, IsOk());
  money_.desk.Expecting(note->version() + 1);
  EXPECT_THAT(money_.Send(money_.DocumentFor(*note)), StatusIs(absl::StatusCode::kAborted));
}

TEST_F(CreditNoteRules, ROL_10_AnotherStoresManagerSendsNoCreditNote) {
  const auto note = money_.AskForCreditNote("claim-1", "4712345678", 3'630, 630, 300);
  ASSERT_THAT(note, IsOk());
  EXPECT_THAT(money_.desk.As(Manager("m-2")).Decide(rules::IssueCreditNote, money_.DocumentFor(*note)),
              DeniedBy("ROL-10"));
}

TEST_F(CreditNoteRules, ORD_05_AFalseDeliveryNeverPaidForEndsWithNothingOwed) {
  MoneyDesk cash({"mall", "EUR", 3'630, 0});
  ASSERT_THAT(cash.React(cash.Created()), IsOk());
  ASSERT_THAT(cash.React(cash.Delivered()), IsOk());
  const auto note = cash.AskForCreditNote("correction-1", "4712345678", 3'630, 630, 300);
  ASSERT_THAT(note, IsOk());
  ASSERT_THAT(cash.Send(cash.DocumentFor(*note)), IsOk());
  EXPECT_EQ(cash.account().receivable_minor(), 0);
  EXPECT_EQ(cash.Balance(Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE), 0);
  EXPECT_EQ(cash.Balance(Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY), 0);
}

// The correction settles the sale back; a surcharge is an account of its own.
TEST_F(CreditNoteRules, ORD_05_ASurchargeGivenBackBeforeLeavesNothingOwedEither) {
  MoneyDesk cash({"flowwow", "TRY", 50'000, 5'000});
  ASSERT_THAT(cash.React(cash.Created()), IsOk());
  const std::string surcharge_id = cash.Proposed(200).surcharge_id();
  ASSERT_THAT(cash.Pay(200, "ref-1", surcharge_id), IsOk());
  ASSERT_THAT(cash.React(cash.Delivered()), IsOk());
  ASSERT_THAT(cash.Give(base::v1::REFUND_REASON_SURCHARGE, 200), IsOk());
  events::v1::Event numbered = cash.OrderEvent();
  numbered.set_case_id("correction-1");
  numbered.mutable_correction_numbered()->set_return_number("R-4711");
  *numbered.mutable_correction_numbered()->mutable_gross() = cash.Money(50'000);
  *numbered.mutable_correction_numbered()->mutable_vat() = cash.Money(0);
  *numbered.mutable_correction_numbered()->mutable_commission() = cash.Money(0);
  ASSERT_THAT(cash.React(numbered), IsOk());
  ASSERT_THAT(cash.Send(cash.DocumentFor(cash.desk.All<CreditNote>().at(0))), IsOk());
  EXPECT_EQ(cash.account().receivable_minor(), 0);
  EXPECT_EQ(cash.Balance(Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE), 0);
  EXPECT_EQ(cash.Balance(Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY), 200);
}

TEST_F(CreditNoteRules, ORD_05_WhatIsOwedForGoodsThatAreKeptStaysOwed) {
  MoneyDesk cash({"mall", "EUR", 10'000, 1'000});
  ASSERT_THAT(cash.React(cash.Created()), IsOk());
  ASSERT_THAT(cash.React(cash.Delivered()), IsOk());
  ASSERT_THAT(cash.Pay(9'500, "courier-7"), IsOk());
  const auto note = cash.AskForCreditNote("claim-1", "4712345678", 1'000);
  ASSERT_THAT(note, IsOk());
  ASSERT_THAT(cash.Send(cash.DocumentFor(*note)), IsOk());
  EXPECT_EQ(cash.account().receivable_minor(), 500);
  EXPECT_EQ(cash.Balance(Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE), 500);
}

TEST_F(RefundRules, SYS_13_WhatRestsOnAnOrderWaitsForAllThatItsOwnerKnowsOfIt) {
  const auto told = [&](events::v1::Event event, int64_t version) {
    event.set_order_version(version);
    return money_.React(event);
  };
  ASSERT_THAT(told(money_.Created(), 1), IsOk());
  ASSERT_THAT(money_.Pay(10'000, "ref-1"), IsOk());
  money_.order.set_version(3);
  const auto early = money_.Give(base::v1::REFUND_REASON_CLAIM, 500);
  EXPECT_THAT(early, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(RuleOf(early.status()), "SYS-13");
  events::v1::Event shipped = money_.OrderEvent();
  shipped.mutable_order_shipped();
  ASSERT_THAT(told(shipped, 3), IsOk());
  ASSERT_THAT(told(money_.Created(), 1), IsOk()) << "an older one takes nothing back";
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_CLAIM, 500), IsOk());
}

}  // namespace
}  // namespace makegood::testing
