// ORD-13: what an imported past says that its source gave back is known elsewhere, and given once.
#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class GivenBackAtSource : public ::testing::Test {
 protected:
  static Event Imported(Event event) {
    *event.mutable_time() = rules::ToTimestamp(At("2017-10-02T10:56-03:00"));
    event.set_imported(true);
    return event;
  }

  events::v1::ImportedRefund Told(const Units& units, bool fee = false, int64_t goodwill_minor = 0,
                                  int64_t over_payment_minor = 0) const {
    events::v1::ImportedRefund told;
    for (const auto& [line_id, count] : units) {
      events::v1::TakenOffUnits& of_line = *told.add_units();
      of_line.set_line_id(line_id);
      of_line.set_quantity(count);
    }
    told.set_delivery_fee(fee);
    if (goodwill_minor > 0) *told.mutable_goodwill() = money_.Money(goodwill_minor);
    if (over_payment_minor > 0) *told.mutable_over_payment() = money_.Money(over_payment_minor);
    return told;
  }

  // With what the source says was paid; 0: it does not say. Told again by a version of before it changes
  // nothing.
  void Import(int64_t paid_minor, const events::v1::ImportedRefund& told) {
    Event created = Imported(money_.Created());
    events::v1::OrderCreated& fact = *created.mutable_order_created();
    if (paid_minor > 0) *fact.mutable_imported_payment() = money_.Money(paid_minor);
    *fact.mutable_imported_refund() = told;
    Event without_version = created;
    without_version.clear_order_version();
    without_version.set_event_id("evt-of-before");
    for (int times = 0; times < 2; ++times) ASSERT_THAT(money_.React(without_version), IsOk());
    ASSERT_THAT(money_.React(created), IsOk());
  }

  void ExpectNothingMoves() const {
    EXPECT_THAT(money_.desk.All<RefundGrant>(), IsEmpty());
    EXPECT_THAT(money_.desk.All<Refund>(), IsEmpty());
    EXPECT_THAT(money_.desk.tasks(), IsEmpty());
    EXPECT_THAT(money_.Hanging(), IsEmpty());
    EXPECT_FALSE(rules::SomethingHangs(money_.account()));
  }

  // Of the only paper of that kind.
  int64_t Over(DocumentKind kind) const {
    const auto papers = money_.Documents(kind);
    EXPECT_THAT(papers, SizeIs(1));
    return papers.empty() ? 0 : papers[0].amount().amount_minor();
  }

  MoneyDesk money_;
};

TEST_F(GivenBackAtSource, ORD_13_RFD_08_InvoiceAndSharesAreOfWhatWasKept) {
  Import(100, Told({{"l-1", 3}}, /*fee=*/true));
  EXPECT_EQ(money_.books(),
            (Books{{"CLEARING", 100}, {"CUSTOMER_PREPAYMENT", -60}, {"KNOWN_ELSEWHERE", -40}}));
  ASSERT_THAT(money_.React(Imported(money_.Delivered())), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 100},
                                   {"KNOWN_ELSEWHERE", -40},
                                   {"MERCHANT_PAYABLE", -45},
                                   {"COMMISSION", -4},
                                   {"VAT", -11}}));
  EXPECT_EQ(Over(base::v1::DOCUMENT_KIND_SALES_INVOICE), 60);
  EXPECT_EQ(Over(base::v1::DOCUMENT_KIND_SETTLEMENT_CLAIM), 45);
  EXPECT_EQ(Over(base::v1::DOCUMENT_KIND_REFUND_NOTE), 40);
  ExpectNothingMoves();
}

TEST_F(GivenBackAtSource, RFD_08_RFD_04_WhatWentBackThereDoesNotGoBackHere) {
  Import(100, Told({{"l-1", 3}}, /*fee=*/true));
  ASSERT_THAT(money_.React(Imported(money_.Delivered())), IsOk());
  EXPECT_THAT(money_.Follow(AClaim("claim-1", {{"l-1", 7}})), RefusedBy("RFD-08"));
  EXPECT_THAT(money_.GiveFee(), RefusedBy("RFD-04"));
  EXPECT_THAT(money_.Hanging(), IsEmpty());
  ASSERT_THAT(money_.Follow(AClaim("claim-2", {{"l-1", 6}})), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -60}}));
}

TEST_F(GivenBackAtSource, ORD_13_WhereNoPaymentIsToldBothAreKnownElsewhere) {
  Import(0, Told({{"l-1", 3}}, /*fee=*/true));
  EXPECT_THAT(money_.books(), IsEmpty());
  ASSERT_THAT(money_.React(Imported(money_.Delivered())), IsOk());
  EXPECT_EQ(money_.books(),
            (Books{{"KNOWN_ELSEWHERE", 60}, {"MERCHANT_PAYABLE", -45}, {"COMMISSION", -4}, {"VAT", -11}}));
  ExpectNothingMoves();
}

TEST_F(GivenBackAtSource, ORD_13_PAY_06_GoodwillAndOverPaymentLeaveSaleAndShares) {
  Import(105, Told({}, /*fee=*/false, /*goodwill_minor=*/10, /*over_payment_minor=*/5));
  EXPECT_EQ(
      money_.books(),
      (Books{{"CLEARING", 105}, {"CUSTOMER_PREPAYMENT", -100}, {"GOODWILL", 10}, {"KNOWN_ELSEWHERE", -15}}));
  ASSERT_THAT(money_.React(Imported(money_.Delivered())), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 105},
                                   {"GOODWILL", 10},
                                   {"KNOWN_ELSEWHERE", -15},
                                   {"MERCHANT_PAYABLE", -77},
                                   {"COMMISSION", -7},
                                   {"VAT", -16}}));
  ExpectNothingMoves();
  EXPECT_THAT(money_.GiveFreely(1), RefusedBy("RFD-02")) << "it counts against the cap";
}

TEST_F(GivenBackAtSource, ORD_13_RFD_01_TheRestOfAnOrderStillOpenIsSoldToday) {
  Import(110, Told({{"l-1", 3}}, /*fee=*/false, /*goodwill_minor=*/0, /*over_payment_minor=*/10));
  EXPECT_EQ(money_.Due(), 0);
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 110},
                                   {"KNOWN_ELSEWHERE", -40},
                                   {"MERCHANT_PAYABLE", -55},
                                   {"COMMISSION", -4},
                                   {"VAT", -11}}));
  ExpectNothingMoves();
}

TEST_F(GivenBackAtSource, ORD_13_OverPaymentThatIsNotToldGoesBackWithAnOrderThatEndsToday) {
  Import(110, Told({{"l-1", 3}}));
  EXPECT_EQ(money_.Hanging(), (Books{{"CUSTOMER_PREPAYMENT", -70}, {"CUSTOMER_CREDIT", -10}}));
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -10}}));
}

TEST_F(GivenBackAtSource, ORD_13_ACancelledOneGaveTheRestBackElsewhere) {
  Import(110, Told({{"l-1", 3}}, /*fee=*/true));
  ASSERT_THAT(money_.React(Imported(money_.Cancelled())), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 110}, {"KNOWN_ELSEWHERE", -110}}));
  ExpectNothingMoves();
}

TEST_F(GivenBackAtSource, ORD_13_AReturnedOneGaveTheRestBackElsewhere) {
  Import(100, Told({{"l-1", 3}}, /*fee=*/true));
  ASSERT_THAT(money_.React(Imported(money_.Returned())), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 100}, {"KNOWN_ELSEWHERE", -100}}));
  ExpectNothingMoves();
}

TEST_F(GivenBackAtSource, ORD_13_ORD_05_ACorrectionGivesBackTheRestAlone) {
  Import(100, Told({{"l-1", 9}}));
  ASSERT_THAT(money_.React(Imported(money_.Delivered())), IsOk());
  ASSERT_THAT(money_.React(money_.Corrected()), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -10}, {"MERCHANT_RECOVERY", 10}})) << "the fee";
}

TEST_F(GivenBackAtSource, ORD_13_OfCashOnDeliveryNothingIsOwed) {
  money_ = MoneyDesk{CashOf()};
  Import(0, Told({{"l-1", 3}}));
  ASSERT_THAT(money_.React(Imported(money_.Delivered())), IsOk());
  EXPECT_EQ(money_.books(),
            (Books{{"KNOWN_ELSEWHERE", 70}, {"MERCHANT_PAYABLE", -55}, {"COMMISSION", -4}, {"VAT", -11}}));
  ExpectNothingMoves();
}

}  // namespace
}  // namespace makegood::testing
