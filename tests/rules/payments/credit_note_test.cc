// The merchants' credit notes: RFD-05, ORD-05, ROL-10.
#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// RFD-05's own example: one line of 36.30 with 21 % tax and 10 % commission, delivered.
class CreditNotes : public ::testing::Test {
 protected:
  CreditNotes() {
    EXPECT_THAT(money_.Pay(3'630, "ref-1"), IsOk());
    EXPECT_THAT(money_.React(money_.Delivered()), IsOk());
  }

  // Of a claim on all of it.
  CreditNote Claimed() {
    EXPECT_THAT(money_.Follow(AClaim("claim-1", {{"l-1", 1}}, "4712345678")), IsOk());
    const auto notes = money_.desk.All<CreditNote>();
    EXPECT_THAT(notes, SizeIs(1));
    return notes.empty() ? CreditNote() : notes[0];
  }

  MoneyDesk money_{{.marketplace = "mall", .lines = {{"l-1", 1, 3'630}}, .delivery_fee_minor = 0}};
};

TEST_F(CreditNotes, RFD_05_TheCustomerGetsTheGrossTheMerchantGivesNetLessCommission) {
  EXPECT_EQ(money_.books(),
            (Books{{"CLEARING", 3'630}, {"MERCHANT_PAYABLE", -2'700}, {"COMMISSION", -300}, {"VAT", -630}}));
  const CreditNote note = Claimed();
  EXPECT_EQ(note.gross().amount_minor(), 3'630);
  EXPECT_EQ(note.vat().amount_minor(), 630);
  EXPECT_EQ(note.commission().amount_minor(), 300);
  EXPECT_EQ(note.amount().amount_minor(), 2'700);
  EXPECT_EQ(rules::ToTime(note.due_time()), At("2026-09-16T00:00+02:00"));
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -3'630}, {"MERCHANT_RECOVERY", 3'630}}));
  ASSERT_THAT(money_.Send(money_.DocumentFor(note)), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 3'630}, {"REFUNDS_PAYABLE", -3'630}}));
  money_.SettleAll();
  EXPECT_THAT(money_.books(), IsEmpty());
}

TEST_F(CreditNotes, RFD_05_WithoutPaperTheLedgerNetsItAtOnce) {
  MoneyDesk money({.lines = {{"l-1", 1, 3'630}}, .delivery_fee_minor = 0});
  ASSERT_THAT(money.Pay(3'630, "ref-1"), IsOk());
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  ASSERT_THAT(money.Follow(AClaim("claim-1", {{"l-1", 1}}, "R-4711")), IsOk());
  EXPECT_THAT(money.desk.All<CreditNote>(), IsEmpty());
  EXPECT_EQ(money.books(), (Books{{"CLEARING", 3'630}, {"REFUNDS_PAYABLE", -3'630}}));
}

TEST_F(CreditNotes, RFD_05_AVerifiedClaimIsAskedForOnceItsReturnDocumentIsThere) {
  ASSERT_THAT(money_.Follow(AClaim("claim-1", {{"l-1", 1}})), IsOk());
  EXPECT_THAT(money_.desk.All<CreditNote>(), IsEmpty());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -3'630}, {"MERCHANT_RECOVERY", 3'630}}));
  EXPECT_EQ(Claimed().gross().amount_minor(), 3'630);
  ASSERT_THAT(money_.Follow(AClaim("claim-1", {{"l-1", 1}}, "4712345678")), IsOk());
  EXPECT_THAT(money_.desk.Events(&Event::has_credit_note_requested), SizeIs(1)) << "once";
}

TEST_F(CreditNotes, RFD_05_AWithdrawalIsAskedForWhatCameBackOnceThatIsKnown) {
  MoneyDesk mall({.marketplace = "mall"});
  ASSERT_THAT(mall.Pay(100, "ref-1"), IsOk());
  ASSERT_THAT(mall.React(mall.Delivered()), IsOk());
  CaseFacts withdrawal = AWithdrawal("withdrawal-1", {{"l-1", 3}});
  withdrawal.return_number = "4700000001";
  ASSERT_THAT(mall.Follow(withdrawal), IsOk());
  EXPECT_THAT(mall.Hanging(), IsEmpty());
  withdrawal.ready = PiecesOf({{"l-1", 2}});
  ASSERT_THAT(mall.Follow(withdrawal), IsOk());
  EXPECT_THAT(mall.desk.All<CreditNote>(), IsEmpty());
  EXPECT_EQ(mall.Hanging(), (Books{{"REFUNDS_PAYABLE", -20}, {"MERCHANT_RECOVERY", 20}}));
  withdrawal.over = true;
  ASSERT_THAT(mall.Follow(withdrawal), IsOk());
  ASSERT_THAT(mall.desk.All<CreditNote>(), SizeIs(1));
  EXPECT_EQ(mall.desk.All<CreditNote>()[0].gross().amount_minor(), 20);
  mall.SendAll();
  EXPECT_EQ(mall.Hanging(), (Books{{"REFUNDS_PAYABLE", -20}}));
}

TEST_F(CreditNotes, PAY_10_RFD_05_WhatNoNoteWasAskedForAwaitsItsDocument) {
  MoneyDesk mall({.marketplace = "mall"});
  ASSERT_THAT(mall.Pay(100, "ref-1"), IsOk());
  ASSERT_THAT(mall.React(mall.Delivered()), IsOk());
  CaseFacts withdrawal = AWithdrawal("withdrawal-1", {{"l-1", 3}});
  withdrawal.ready = PiecesOf({{"l-1", 2}});
  ASSERT_THAT(mall.Follow(withdrawal), IsOk());
  EXPECT_EQ(mall.books().at("MERCHANT_RECOVERY"), 20);
  EXPECT_FALSE(rules::AwaitsDocument(mall.account())) << "goods are waited for";
  ASSERT_THAT(mall.Follow(InFull(withdrawal)), IsOk());
  mall.SettleAll();
  EXPECT_EQ(mall.Hanging(), (Books{{"MERCHANT_RECOVERY", 30}}));
  EXPECT_TRUE(rules::AwaitsDocument(mall.account())) << "its return document is missing";
  withdrawal.return_number = "4700000001";
  ASSERT_THAT(mall.Follow(InFull(withdrawal)), IsOk());
  EXPECT_FALSE(rules::AwaitsDocument(mall.account())) << "the merchant's turn";
  mall.SendAll();
  EXPECT_THAT(mall.Hanging(), IsEmpty());
}

TEST_F(CreditNotes, ORD_05_RFD_05_ADocumentThatACorrectionOvertookChangesNothing) {
  CaseFacts withdrawal = InFull(AWithdrawal("withdrawal-1", {{"l-1", 1}}));
  ASSERT_THAT(money_.Follow(withdrawal), IsOk());
  ASSERT_THAT(money_.React(money_.Corrected("4799999999")), IsOk());
  EXPECT_THAT(money_.desk.Events(&Event::has_recovery_ended), SizeIs(1)) << "everything went back before";
  withdrawal.return_number = "4700000001";
  ASSERT_THAT(money_.Follow(withdrawal), IsOk());
  ASSERT_THAT(money_.desk.All<CreditNote>(), SizeIs(1));
  EXPECT_EQ(money_.desk.All<CreditNote>()[0].return_number(), "4799999999");
  EXPECT_FALSE(rules::AwaitsDocument(money_.account()));
}

TEST_F(CreditNotes, RFD_05_AWholeWithdrawalIsOverTheDeliveryFeeToo) {
  MoneyDesk mall({.marketplace = "mall"});
  ASSERT_THAT(mall.Pay(100, "ref-1"), IsOk());
  ASSERT_THAT(mall.React(mall.Delivered()), IsOk());
  CaseFacts withdrawal = AWithdrawal("withdrawal-1", {{"l-1", 9}}, /*whole=*/true);
  withdrawal = InFull(withdrawal);
  withdrawal.return_number = "4700000001";
  ASSERT_THAT(mall.Follow(withdrawal), IsOk());
  const CreditNote note = mall.desk.All<CreditNote>().at(0);
  EXPECT_EQ(note.gross().amount_minor(), 100);
  EXPECT_EQ(note.vat().amount_minor(), 16);
  EXPECT_EQ(note.commission().amount_minor(), 7);
  EXPECT_EQ(note.amount().amount_minor(), 77);
  mall.SendAll();
  mall.SettleAll();
  EXPECT_THAT(mall.books(), IsEmpty());
}

TEST_F(CreditNotes, RFD_05_TogetherTheyGiveBackTheLine) {
  MoneyDesk mall({.marketplace = "mall", .lines = {{"l-1", 7, 3}}, .delivery_fee_minor = 0});
  ASSERT_THAT(mall.Pay(21, "ref-1"), IsOk());
  ASSERT_THAT(mall.React(mall.Delivered()), IsOk());
  for (int unit = 1; unit <= 7; ++unit) {
    ASSERT_THAT(
        mall.Follow(AClaim(absl::StrCat("claim-", unit), {{"l-1", 1}}, absl::StrCat("470000000", unit))),
        IsOk());
  }
  EXPECT_THAT(mall.desk.All<CreditNote>(), SizeIs(7));
  mall.SendAll();
  mall.SettleAll();
  EXPECT_THAT(mall.books(), IsEmpty());
}

// Worked example 5.
TEST_F(CreditNotes, RFD_05_ORD_05_ACreditNoteCarriesOrderAndReturnNumber) {
  ASSERT_THAT(money_.React(money_.Corrected("4712345678")), IsOk());
  const auto notes = money_.desk.All<CreditNote>();
  ASSERT_THAT(notes, SizeIs(1));
  payments::v1::IssueCreditNoteRequest without = money_.DocumentFor(notes[0]);
  without.clear_return_number();
  EXPECT_THAT(money_.Send(without), RefusedBy("RFD-05"));
  payments::v1::IssueCreditNoteRequest no_order = money_.DocumentFor(notes[0]);
  no_order.clear_order_id();
  EXPECT_THAT(money_.Send(no_order), RefusedBy("RFD-05"));
  ASSERT_THAT(money_.Send(money_.DocumentFor(notes[0])), IsOk());
  EXPECT_THAT(money_.desk.Events(&Event::has_credit_note_issued), SizeIs(1));
  EXPECT_EQ(money_.desk.events().back().case_id(), "correction-1");
}

TEST_F(CreditNotes, RFD_05_AnotherAmountOrASecondDocumentIsRefused) {
  const CreditNote note = Claimed();
  payments::v1::IssueCreditNoteRequest other = money_.DocumentFor(note);
  other.mutable_amount()->set_amount_minor(2'699);
  EXPECT_THAT(money_.Send(other), RefusedBy("RFD-05"));
  other = money_.DocumentFor(note);
  other.mutable_amount()->set_currency("CZK");
  EXPECT_THAT(money_.Send(other), RefusedBy("RFD-05"));
  ASSERT_THAT(money_.Send(money_.DocumentFor(note)), IsOk());
  EXPECT_THAT(money_.Send(money_.DocumentFor(note)), RefusedBy("RFD-05"));
}

TEST_F(CreditNotes, RFD_05_OnlyThePolicysReturnNumbersAndOnePerCase) {
  EXPECT_THAT(money_.Follow(AClaim("claim-1", {{"l-1", 1}}, "4812345678")), RefusedBy("RFD-05"));
  EXPECT_THAT(money_.desk.All<RefundGrant>(), IsEmpty()) << "a refusal changes nothing";
  Claimed();
  EXPECT_THAT(money_.Follow(AClaim("claim-1", {{"l-1", 1}}, "4700000000")), RefusedBy("RFD-05"));
  EXPECT_THAT(money_.desk.All<CreditNote>(), SizeIs(1));
}

TEST_F(CreditNotes, ORD_09_ACreditNoteTellsWhatMayBeDoneAndWhyNot) {
  const CreditNote note = Claimed();
  EXPECT_TRUE(ShownTo(Manager(), note).available_actions(0).allowed());
  ASSERT_THAT(money_.Send(money_.DocumentFor(note)), IsOk());
  const CreditNote sent = *money_.desk.Find<CreditNote>(note.credit_note_id());
  EXPECT_EQ(ShownTo(Manager(), sent).available_actions(0).rule_id(), "RFD-05");
}

TEST_F(CreditNotes, SYS_04_ADocumentForAnotherVersionIsAborted) {
  const CreditNote note = Claimed();
  money_.desk.Expecting(note.version() + 1);
  EXPECT_THAT(money_.Send(money_.DocumentFor(note)), StatusIs(absl::StatusCode::kAborted));
}

TEST_F(CreditNotes, ROL_10_AnotherStoresManagerSendsNoCreditNote) {
  const CreditNote note = Claimed();
  EXPECT_THAT(money_.desk.As(Manager("m-2")).Decide(rules::IssueCreditNote, money_.DocumentFor(note)),
              DeniedBy("ROL-10"));
}

}  // namespace
}  // namespace makegood::testing
