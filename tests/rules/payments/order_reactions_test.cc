// What an order's events cause: ORD-01, ORD-03 to ORD-06, ORD-13, RFD-01, PAY-10.
#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// An order of 100, paid in advance.
class OrderReactions : public ::testing::Test {
 protected:
  OrderReactions() {
    EXPECT_THAT(money_.React(money_.Created()), IsOk());
    EXPECT_THAT(money_.Pay(100, "ref-1"), IsOk());
  }

  MoneyDesk money_;
};

// Worked example 2: one invoice and one settlement claim, however often the delivery is told.
TEST_F(OrderReactions, ORD_04_DeliveryMakesOneInvoiceAndOneSettlementClaim) {
  Event delivered = money_.Delivered();
  for (int times = 0; times < 2; ++times) ASSERT_THAT(money_.React(delivered), IsOk());
  delivered.set_event_id("evt-delivered-again");
  for (int times = 0; times < 2; ++times) ASSERT_THAT(money_.React(delivered), IsOk());
  const auto invoices = money_.Documents(base::v1::DOCUMENT_KIND_SALES_INVOICE);
  const auto claims = money_.Documents(base::v1::DOCUMENT_KIND_SETTLEMENT_CLAIM);
  ASSERT_THAT(invoices, SizeIs(1));
  ASSERT_THAT(claims, SizeIs(1));
  EXPECT_EQ(invoices[0].amount().amount_minor(), 100);
  EXPECT_EQ(claims[0].amount().amount_minor(), 77);
  EXPECT_EQ(money_.books(),
            (Books{{"CLEARING", 100}, {"MERCHANT_PAYABLE", -77}, {"COMMISSION", -7}, {"VAT", -16}}));
}

TEST_F(OrderReactions, RFD_02_CashOnDeliveryIsOwedUntilItsCollectionIsRecorded) {
  MoneyDesk money{CashOf()};
  ASSERT_THAT(money.React(money.Created()), IsOk());
  EXPECT_EQ(money.Due(), 100);
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  EXPECT_EQ(
      money.books(),
      (Books{{"CUSTOMER_RECEIVABLE", 100}, {"MERCHANT_PAYABLE", -77}, {"COMMISSION", -7}, {"VAT", -16}}));
  EXPECT_EQ(money.Due(), 100);
  ASSERT_THAT(money.Pay(100, "courier-7"), IsOk());
  EXPECT_TRUE(money.desk.Events(&Event::has_payment_recorded).at(0).payment_recorded().order_paid());
  EXPECT_EQ(money.books(),
            (Books{{"CLEARING", 100}, {"MERCHANT_PAYABLE", -77}, {"COMMISSION", -7}, {"VAT", -16}}));
}

// ---- RFD-01, ORD-01: taken off before dispatch.

TEST_F(OrderReactions, RFD_01_WhatIsTakenOffGoesBackAndIsNotInvoiced) {
  const Event off = money_.TakenOff({{"l-1", 3}});
  ASSERT_THAT(money_.React(off), IsOk());
  ASSERT_THAT(money_.React(off), IsOk()) << "an event takes effect once";
  EXPECT_EQ(money_.books(),
            (Books{{"CLEARING", 100}, {"CUSTOMER_PREPAYMENT", -70}, {"REFUNDS_PAYABLE", -30}}));
  EXPECT_EQ(money_.desk.All<Refund>().at(0).reason(), base::v1::REFUND_REASON_CUSTOMER_REQUEST);
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  EXPECT_EQ(money_.Documents(base::v1::DOCUMENT_KIND_SALES_INVOICE).at(0).amount().amount_minor(), 70);
  // Of the line's 16 tax and 7 commission the first three units had 5 and 3.
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 100},
                                   {"REFUNDS_PAYABLE", -30},
                                   {"MERCHANT_PAYABLE", -55},
                                   {"COMMISSION", -4},
                                   {"VAT", -11}}));
}

TEST_F(OrderReactions, ORD_01_AnOrderHalfPaidWhoseRestIsTakenOffIsPaid) {
  MoneyDesk money;
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.Pay(50, "ref-1"), IsOk());
  ASSERT_THAT(money.React(money.TakenOff({{"l-1", 4}})), IsOk());
  EXPECT_EQ(money.Due(), 10);
  EXPECT_THAT(money.desk.Events(&Event::has_nothing_due), IsEmpty());
  ASSERT_THAT(money.React(money.TakenOff({{"l-1", 1}})), IsOk());
  EXPECT_EQ(money.Due(), 0);
  EXPECT_THAT(money.desk.Events(&Event::has_nothing_due), SizeIs(1));
  EXPECT_EQ(money.books(), (Books{{"CLEARING", 50}, {"CUSTOMER_PREPAYMENT", -50}}));
  EXPECT_THAT(money.desk.All<RefundGrant>(), IsEmpty()) << "only the price fell";
  ASSERT_THAT(money.React(money.TakenOff({{"l-1", 1}})), IsOk());
  EXPECT_THAT(money.desk.Events(&Event::has_nothing_due), SizeIs(1)) << "told once";
  EXPECT_EQ(money.books(), (Books{{"CLEARING", 50}, {"CUSTOMER_PREPAYMENT", -40}, {"REFUNDS_PAYABLE", -10}}));
}

TEST_F(OrderReactions, ORD_01_AFeeGivenBackByHandMayBeAllThatWasDue) {
  MoneyDesk money;
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.Pay(95, "ref-1"), IsOk());
  ASSERT_THAT(money.GiveFee(), IsOk());
  EXPECT_EQ(money.books(), (Books{{"CLEARING", 95}, {"CUSTOMER_PREPAYMENT", -90}, {"REFUNDS_PAYABLE", -5}}));
  EXPECT_EQ(money.Due(), 0);
  EXPECT_THAT(money.desk.Events(&Event::has_nothing_due), SizeIs(1));
}

// ---- ORD-03

TEST_F(OrderReactions, ORD_03_ACancelledOrderGivesEverythingBackOnce) {
  const Event cancelled = money_.Cancelled();
  ASSERT_THAT(money_.React(cancelled), IsOk());
  ASSERT_THAT(money_.React(cancelled), IsOk());
  const auto refunds = money_.desk.All<Refund>();
  ASSERT_THAT(refunds, SizeIs(1));
  EXPECT_EQ(refunds[0].amount().amount_minor(), 100);
  EXPECT_EQ(refunds[0].reason(), base::v1::REFUND_REASON_CANCELLATION);
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 100}, {"REFUNDS_PAYABLE", -100}}));
  // Money that was on its way goes back too.
  ASSERT_THAT(money_.Pay(40, "ref-2"), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 140}, {"REFUNDS_PAYABLE", -140}}));
  money_.SettleAll();
  EXPECT_THAT(money_.books(), IsEmpty());
}

TEST_F(OrderReactions, ORD_03_WhatWentBackBeforeIsNotGivenBackAgain) {
  ASSERT_THAT(money_.GiveFee(), IsOk());
  ASSERT_THAT(money_.React(money_.TakenOff({{"l-1", 2}})), IsOk());
  ASSERT_THAT(money_.React(money_.Cancelled()), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 100}, {"REFUNDS_PAYABLE", -100}}));
}

TEST_F(OrderReactions, ORD_03_AnUnpaidCancelledOrderGivesNothingBack) {
  MoneyDesk money;
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.React(money.Cancelled()), IsOk());
  EXPECT_THAT(money.desk.All<RefundGrant>(), IsEmpty());
  EXPECT_THAT(money.books(), IsEmpty());
}

// ---- SYS-11, SYS-13: by its id an event takes effect once, and by nothing else.

// The orders service was restored from a copy and has forgotten its last changes: its next decision has a
// version that was there before.
TEST_F(OrderReactions, SYS_13_WhatARestoredOrderDecidesTakesEffectUnderAVersionSeenBefore) {
  const Order copy = money_.order;
  for (int forgotten = 0; forgotten < 3; ++forgotten) {
    Event changed = money_.OrderEvent();
    changed.mutable_pick_recorded();
    ASSERT_THAT(money_.React(changed), IsOk());
  }
  money_.order = copy;
  money_.desk.Advance(absl::Hours(1));
  ASSERT_THAT(money_.React(money_.Cancelled()), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 100}, {"REFUNDS_PAYABLE", -100}}));
  EXPECT_EQ(money_.account().order_version(), money_.order.version());
  money_.OrderEvent();  // changes that have not arrived yet are waited for
  EXPECT_THAT(money_.GiveFee(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(OrderReactions, SYS_13_WhatWasParkedTakesEffectAfterWhatCameLater) {
  const Event off = money_.TakenOff({{"l-1", 3}});
  money_.desk.Advance(absl::Hours(1));
  Event shipped = money_.OrderEvent();
  shipped.mutable_order_shipped();
  ASSERT_THAT(money_.React(shipped), IsOk());
  ASSERT_THAT(money_.React(off), IsOk());
  EXPECT_EQ(money_.books(),
            (Books{{"CLEARING", 100}, {"CUSTOMER_PREPAYMENT", -70}, {"REFUNDS_PAYABLE", -30}}));
  EXPECT_EQ(money_.account().order_version(), money_.order.version());
}

// ---- ORD-06

TEST_F(OrderReactions, ORD_06_CashGoodsThatComeBackLeaveNothingOwed) {
  MoneyDesk money{CashOf()};
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.React(money.Returned()), IsOk());
  EXPECT_THAT(money.books(), IsEmpty());
  EXPECT_EQ(money.Due(), 0);
  EXPECT_THAT(money.desk.All<RefundGrant>(), IsEmpty());
  // Cash that was collected all the same goes back.
  ASSERT_THAT(money.Pay(100, "courier-7"), IsOk());
  EXPECT_EQ(money.books(), (Books{{"CLEARING", 100}, {"REFUNDS_PAYABLE", -100}}));
}

// Worked example 8: a refused gift of 1,000 and 120 delivery.
TEST_F(OrderReactions, ORD_06_DLV_06_ARefusedGiftGoesBackLessTheDeliveryFee) {
  MoneyDesk gift({.marketplace = "flowwow",
                  .currency = "TRY",
                  .lines = {{"l-1", 1, 100'000, 2'000}},
                  .delivery_fee_minor = 12'000});
  ASSERT_THAT(gift.Pay(112'000, "ref-1"), IsOk());
  const Event returned = gift.Returned();
  ASSERT_THAT(gift.React(returned), IsOk());
  ASSERT_THAT(gift.React(returned), IsOk());
  EXPECT_EQ(gift.books(),
            (Books{{"CLEARING", 112'000}, {"REFUNDS_PAYABLE", -100'000}, {"MERCHANT_PAYABLE", -12'000}}));
  EXPECT_EQ(gift.Documents(base::v1::DOCUMENT_KIND_SALES_INVOICE).at(0).amount().amount_minor(), 12'000);
  EXPECT_EQ(gift.desk.All<Refund>().at(0).reason(), base::v1::REFUND_REASON_RETURN);
  gift.SettleAll();
  EXPECT_EQ(gift.books(), (Books{{"CLEARING", 12'000}, {"MERCHANT_PAYABLE", -12'000}}));
  EXPECT_THAT(gift.Hanging(), IsEmpty());
}

// An order of 100 that comes back, with 20 paid for a farther address and 30 for extra goods.
Books BooksAfterReturn(const rules::PolicyBook& policies) {
  MoneyDesk money({.policies = &policies});
  EXPECT_THAT(money.Pay(100, "ref-1"), IsOk());
  money.PaidSurcharge(20, base::v1::SURCHARGE_KIND_FARTHER_ADDRESS);
  money.PaidSurcharge(30, base::v1::SURCHARGE_KIND_EXTRA_GOODS);
  EXPECT_EQ(money.books(),
            (Books{{"CLEARING", 150}, {"CUSTOMER_PREPAYMENT", -100}, {"SURCHARGE_PREPAYMENT", -50}}));
  EXPECT_THAT(money.React(money.Returned()), IsOk());
  Books books = money.books();
  money.SettleAll();
  EXPECT_THAT(money.Hanging(), IsEmpty());
  return books;
}

TEST_F(OrderReactions, ORD_06_FeeAndUsedUpSurchargesAreKeptOrGivenBackAsThePolicySays) {
  EXPECT_EQ(BooksAfterReturn(ShippedPolicies()),
            (Books{{"CLEARING", 150}, {"REFUNDS_PAYABLE", -120}, {"MERCHANT_PAYABLE", -30}}));
  const rules::PolicyBook gives_fee = PoliciesWith("flowwow", [](rules::Policy& policy) {
    policy.mutable_refunds()->set_return_gives_delivery_fee(true);
  });
  EXPECT_EQ(BooksAfterReturn(gives_fee),
            (Books{{"CLEARING", 150}, {"REFUNDS_PAYABLE", -130}, {"MERCHANT_PAYABLE", -20}}));
  const rules::PolicyBook gives_used = PoliciesWith("flowwow", [](rules::Policy& policy) {
    policy.mutable_refunds()->set_return_gives_used_surcharges(true);
  });
  EXPECT_EQ(BooksAfterReturn(gives_used),
            (Books{{"CLEARING", 150}, {"REFUNDS_PAYABLE", -140}, {"MERCHANT_PAYABLE", -10}}));
  const rules::PolicyBook gives_all = PoliciesWith("flowwow", [](rules::Policy& policy) {
    policy.mutable_refunds()->set_return_gives_delivery_fee(true);
    policy.mutable_refunds()->set_return_gives_used_surcharges(true);
  });
  EXPECT_EQ(BooksAfterReturn(gives_all), (Books{{"CLEARING", 150}, {"REFUNDS_PAYABLE", -150}}));
}

TEST_F(OrderReactions, ORD_06_ORD_04_WhereOnlyASurchargeIsKeptThereIsNoInvoiceOverNothing) {
  MoneyDesk money({.delivery_fee_minor = 0});
  ASSERT_THAT(money.Pay(90, "ref-1"), IsOk());
  money.PaidSurcharge(20, base::v1::SURCHARGE_KIND_FARTHER_ADDRESS);
  ASSERT_THAT(money.React(money.Returned()), IsOk());
  EXPECT_EQ(money.books(), (Books{{"CLEARING", 110}, {"REFUNDS_PAYABLE", -90}, {"MERCHANT_PAYABLE", -20}}));
  EXPECT_THAT(money.Documents(base::v1::DOCUMENT_KIND_SALES_INVOICE), IsEmpty());
  ASSERT_THAT(money.Documents(base::v1::DOCUMENT_KIND_SURCHARGE_INVOICE), SizeIs(1)) << "it has its own";
  const auto claims = money.Documents(base::v1::DOCUMENT_KIND_SETTLEMENT_CLAIM);
  ASSERT_THAT(claims, SizeIs(1));
  EXPECT_EQ(claims[0].amount().amount_minor(), 20);
  const auto entries = money.desk.All<LedgerEntry>();
  EXPECT_EQ(entries.back().document_id(), claims[0].document_id()) << "the paper of what was kept (RFD-07)";
}

TEST_F(OrderReactions, ORD_06_AnOpenSurchargeEndsWithTheReturn) {
  const Surcharge surcharge = money_.Proposed(20);
  ASSERT_THAT(money_.Pay(5, "ref-2", surcharge.surcharge_id()), IsOk());
  ASSERT_THAT(money_.React(money_.Returned()), IsOk());
  EXPECT_EQ(money_.desk.Find<Surcharge>(surcharge.surcharge_id())->state(), base::v1::SURCHARGE_STATE_VOIDED);
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -95}}));
}

// ---- ORD-05: the delivery was a mistake. Both sides end at 0.

// Settles and issues all, and there must be nothing.
void ExpectNothingLeft(MoneyDesk& money) {
  money.SettleAll();
  money.SendAll();
  EXPECT_THAT(money.books(), IsEmpty());
}

TEST_F(OrderReactions, ORD_05_ACorrectionGivesBackWhatWasPaid) {
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  const Event corrected = money_.Corrected("R-4711");
  ASSERT_THAT(money_.React(corrected), IsOk());
  ASSERT_THAT(money_.React(corrected), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -100}, {"MERCHANT_RECOVERY", 100}}));
  const auto notes = money_.desk.All<CreditNote>();
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_EQ(notes[0].case_id(), "correction-1");
  EXPECT_EQ(notes[0].return_number(), "R-4711");
  EXPECT_EQ(notes[0].amount().amount_minor(), 77);
  EXPECT_THAT(money_.desk.Events(&Event::has_recovery_ended), IsEmpty());
  ExpectNothingLeft(money_);
}

TEST_F(OrderReactions, ORD_05_SurchargesGoBackWithTheCorrection) {
  money_.PaidSurcharge(20);
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  ASSERT_THAT(money_.React(money_.Corrected("R-4711")), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -120}, {"MERCHANT_RECOVERY", 120}}));
  EXPECT_EQ(money_.desk.All<CreditNote>().at(0).amount().amount_minor(), 97);
  ExpectNothingLeft(money_);
}

TEST_F(OrderReactions, ORD_05_EarlierRefundsCount) {
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  ASSERT_THAT(money_.Follow(AClaim("claim-1", {{"l-1", 4}})), IsOk());
  ASSERT_THAT(money_.GiveFee(), IsOk());
  money_.SettleAll();
  ASSERT_THAT(money_.React(money_.Corrected("R-4711")), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -50}, {"MERCHANT_RECOVERY", 50}}));
  ExpectNothingLeft(money_);
}

TEST_F(OrderReactions, ORD_05_EarlierCreditNotesCount) {
  MoneyDesk mall({.marketplace = "mall"});
  ASSERT_THAT(mall.Pay(100, "ref-1"), IsOk());
  ASSERT_THAT(mall.React(mall.Delivered()), IsOk());
  ASSERT_THAT(mall.Follow(AClaim("claim-1", {{"l-1", 4}}, "4700000001")), IsOk());
  mall.SendAll();
  EXPECT_EQ(mall.Hanging(), (Books{{"REFUNDS_PAYABLE", -40}}));
  ASSERT_THAT(mall.Follow(AClaim("claim-2", {{"l-1", 1}}, "4700000002")), IsOk());
  EXPECT_EQ(mall.Hanging(), (Books{{"REFUNDS_PAYABLE", -50}, {"MERCHANT_RECOVERY", 10}}));
  ASSERT_THAT(mall.React(mall.Corrected()), IsOk());
  EXPECT_EQ(mall.Hanging(), (Books{{"REFUNDS_PAYABLE", -100}, {"MERCHANT_RECOVERY", 60}}));
  ASSERT_THAT(mall.desk.All<CreditNote>(), SizeIs(3));
  ExpectNothingLeft(mall);
}

TEST_F(OrderReactions, ORD_05_WhatNoNoteWasAskedForYetIsAskedForUnderItsNumber) {
  MoneyDesk mall({.marketplace = "mall"});
  ASSERT_THAT(mall.Pay(100, "ref-1"), IsOk());
  ASSERT_THAT(mall.React(mall.Delivered()), IsOk());
  CaseFacts withdrawal = AWithdrawal("withdrawal-1", {{"l-1", 3}});
  withdrawal.ready = PiecesOf({{"l-1", 1}});
  ASSERT_THAT(mall.Follow(withdrawal), IsOk());
  EXPECT_EQ(mall.Hanging(), (Books{{"REFUNDS_PAYABLE", -10}, {"MERCHANT_RECOVERY", 10}}));
  ASSERT_THAT(mall.React(mall.Corrected()), IsOk());
  ASSERT_THAT(mall.desk.All<CreditNote>(), SizeIs(2));
  for (const CreditNote& note : mall.desk.All<CreditNote>()) EXPECT_EQ(note.return_number(), "4799999999");
  ExpectNothingLeft(mall);
}

TEST_F(OrderReactions, ORD_05_WhereEverythingWentBackBeforeTheMerchantOwesNothing) {
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  ASSERT_THAT(money_.Follow(AClaim("claim-1", {{"l-1", 9}})), IsOk());
  ASSERT_THAT(money_.GiveFee(), IsOk());
  ASSERT_THAT(money_.React(money_.Corrected("R-4711")), IsOk());
  ASSERT_THAT(money_.desk.Events(&Event::has_recovery_ended), SizeIs(1));
  EXPECT_EQ(money_.desk.events().back().case_id(), "correction-1");
  ExpectNothingLeft(money_);
}

TEST_F(OrderReactions, ORD_05_AFalseDeliveryNeverPaidForEndsWithNothingOwed) {
  MoneyDesk cash{CashOf()};
  ASSERT_THAT(cash.React(cash.Created()), IsOk());
  ASSERT_THAT(cash.React(cash.Delivered()), IsOk());
  ASSERT_THAT(cash.React(cash.Corrected("R-4711")), IsOk());
  EXPECT_EQ(cash.Hanging(), (Books{{"MERCHANT_RECOVERY", 100}}));
  EXPECT_THAT(cash.desk.All<Refund>(), IsEmpty());
  const auto granted = cash.desk.Events(&Event::has_refund_granted);
  ASSERT_THAT(granted, SizeIs(1));
  EXPECT_EQ(granted[0].refund_granted().returned().amount_minor(), 0) << "no money comes back";
  ExpectNothingLeft(cash);
  // Cash that is recorded later goes back.
  ASSERT_THAT(cash.Pay(100, "courier-7"), IsOk());
  EXPECT_EQ(cash.books(), (Books{{"CLEARING", 100}, {"REFUNDS_PAYABLE", -100}}));
  ExpectNothingLeft(cash);
}

TEST_F(OrderReactions, ORD_05_AClaimThatWaitsForCashEndsWithTheCorrection) {
  MoneyDesk cash{CashOf({.marketplace = "mall"})};
  ASSERT_THAT(cash.React(cash.Created()), IsOk());
  ASSERT_THAT(cash.React(cash.Delivered()), IsOk());
  const auto claim = cash.Follow(AClaim("claim-1", {{"l-1", 3}}, "4700000001"));
  ASSERT_THAT(claim, IsOk());
  EXPECT_EQ(cash.Hanging(),
            (Books{{"CUSTOMER_RECEIVABLE", 100}, {"REFUNDS_GRANTED", -30}, {"MERCHANT_RECOVERY", 30}}));
  ASSERT_THAT(cash.React(cash.Corrected()), IsOk());
  EXPECT_EQ(cash.Stored(*claim).state(), RefundGrant::STATE_SETTLED);
  EXPECT_EQ(cash.Hanging(), (Books{{"MERCHANT_RECOVERY", 100}}));
  ASSERT_THAT(cash.Pay(100, "courier-7"), IsOk());
  EXPECT_EQ(cash.Hanging(), (Books{{"REFUNDS_PAYABLE", -100}, {"MERCHANT_RECOVERY", 100}}));
  ExpectNothingLeft(cash);
}

TEST_F(OrderReactions, ORD_05_AWithdrawalThatWaitsForGoodsAndCashEndsWithTheCorrection) {
  MoneyDesk cash{CashOf()};
  ASSERT_THAT(cash.React(cash.Created()), IsOk());
  ASSERT_THAT(cash.React(cash.Delivered()), IsOk());
  CaseFacts withdrawal = AWithdrawal("withdrawal-1", {{"l-1", 3}});
  withdrawal.ready = PiecesOf({{"l-1", 1}});
  const auto grant = cash.Follow(withdrawal);
  ASSERT_THAT(grant, IsOk());
  ASSERT_THAT(cash.React(cash.Corrected("R-4711")), IsOk());
  EXPECT_EQ(cash.Stored(*grant).state(), RefundGrant::STATE_SETTLED);
  ExpectNothingLeft(cash);
}

// ---- ORD-13: imported history.

class ImportedHistory : public ::testing::Test {
 protected:
  Event Imported(Event event) const {
    *event.mutable_time() = rules::ToTimestamp(past_);
    event.set_imported(true);
    return event;
  }

  // With what the source says was paid; -1: it does not say.
  void Import(int64_t paid_minor) {
    Event created = Imported(money_.Created());
    if (paid_minor > 0)
      *created.mutable_order_created()->mutable_imported_payment() = money_.Money(paid_minor);
    ASSERT_THAT(money_.React(created), IsOk());
    ASSERT_THAT(money_.React(created), IsOk());
  }

  void ExpectNothingMoves() const {
    EXPECT_THAT(money_.desk.All<RefundGrant>(), IsEmpty());
    EXPECT_THAT(money_.desk.All<Refund>(), IsEmpty());
    EXPECT_THAT(money_.desk.tasks(), IsEmpty());
    EXPECT_THAT(money_.Hanging(), IsEmpty());
    for (const Event& event : money_.desk.events()) {
      EXPECT_TRUE(event.imported());
      EXPECT_EQ(rules::ToTime(event.time()), past_);
    }
    for (const LedgerEntry& entry : money_.desk.All<LedgerEntry>()) {
      EXPECT_EQ(rules::ToTime(entry.create_time()), past_);
    }
  }

  absl::Time past_ = At("2017-10-02T10:56-03:00");
  MoneyDesk money_;
};

TEST_F(ImportedHistory, ORD_13_WhatWasPaidIsCapturedAtItsOwnTime) {
  Import(100);
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 100}, {"CUSTOMER_PREPAYMENT", -100}}));
  ASSERT_THAT(money_.React(Imported(money_.Delivered())), IsOk());
  EXPECT_EQ(money_.books(),
            (Books{{"CLEARING", 100}, {"MERCHANT_PAYABLE", -77}, {"COMMISSION", -7}, {"VAT", -16}}));
  ExpectNothingMoves();
}

TEST_F(ImportedHistory, ORD_13_WhatIsNotToldWasPaidElsewhere) {
  Import(-1);
  ASSERT_THAT(money_.React(Imported(money_.Delivered())), IsOk());
  EXPECT_EQ(money_.books(),
            (Books{{"KNOWN_ELSEWHERE", 100}, {"MERCHANT_PAYABLE", -77}, {"COMMISSION", -7}, {"VAT", -16}}));
  ExpectNothingMoves();
}

TEST_F(ImportedHistory, ORD_13_WhatWasPaidTooMuchWentBackElsewhere) {
  Import(110);
  ASSERT_THAT(money_.React(Imported(money_.Delivered())), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 110},
                                   {"KNOWN_ELSEWHERE", -10},
                                   {"MERCHANT_PAYABLE", -77},
                                   {"COMMISSION", -7},
                                   {"VAT", -16}}));
  ExpectNothingMoves();
}

TEST_F(ImportedHistory, ORD_13_ACancelledOneGaveItsMoneyBackElsewhere) {
  Import(110);
  ASSERT_THAT(money_.React(Imported(money_.Cancelled())), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 110}, {"KNOWN_ELSEWHERE", -110}}));
  ExpectNothingMoves();
}

TEST_F(ImportedHistory, ORD_13_AReturnedOneGaveItsGoodsBackElsewhere) {
  Import(110);
  ASSERT_THAT(money_.React(Imported(money_.Returned())), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 110}, {"KNOWN_ELSEWHERE", -100}, {"MERCHANT_PAYABLE", -10}}));
  ExpectNothingMoves();
}

TEST_F(ImportedHistory, ORD_13_AReturnedOneThatDoesNotSayWhatWasPaidOwesNothing) {
  Import(-1);
  ASSERT_THAT(money_.React(Imported(money_.Returned())), IsOk());
  EXPECT_THAT(money_.books(), IsEmpty());
  ExpectNothingMoves();
}

TEST_F(ImportedHistory, ORD_13_AClaimOnItTodayIsPaidOut) {
  Import(-1);
  ASSERT_THAT(money_.React(Imported(money_.Delivered())), IsOk());
  ASSERT_THAT(money_.Follow(AClaim("claim-1", {{"l-1", 9}})), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -90}}));
}

}  // namespace
}  // namespace makegood::testing
