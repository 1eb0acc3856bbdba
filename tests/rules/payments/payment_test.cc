// Money that comes in, and what the orders' events cause: PAY-05, PAY-06, ORD-04, ORD-05, ORD-13.
#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

using ::testing::SizeIs;

TEST(PaymentRules, ORD_04_AnAccountOpensTheSameByEventAndByOrder) {
  MoneyDesk by_event;
  ASSERT_THAT(by_event.React(by_event.Created()), IsOk());
  MoneyDesk by_payment;
  ASSERT_THAT(by_payment.Pay(100, "staff", "", Payment::DESTINATION_STAFF), IsOk());
  EXPECT_EQ(by_event.account().SerializeAsString(), by_payment.account().SerializeAsString());
}

TEST(PaymentRules, PAY_06_AnEventAfterThePaymentDoesNotOpenASecondAccount) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(10'000, "ref-1"), IsOk());
  ASSERT_THAT(money.React(money.Created()), IsOk());
  EXPECT_EQ(money.account().captured_minor(), 10'000);
}

TEST(PaymentRules, PAY_06_TheSameReferenceTwiceCountsOnce) {
  MoneyDesk money;
  const auto first = money.Pay(10'000, "ref-1");
  const auto again = money.Pay(10'000, "ref-1");
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->payment_id(), again->payment_id());
  EXPECT_EQ(money.account().captured_minor(), 10'000);
  EXPECT_THAT(money.desk.Events(&events::v1::Event::has_payment_recorded), SizeIs(1));
  EXPECT_THAT(money.Pay(9'999, "ref-1"), RefusedBy("PAY-06"));
  EXPECT_THAT(money.Pay(10'000, "ref-1", "surcharge-1"), RefusedBy("PAY-06"));
}

TEST(PaymentRules, PAY_06_MoreThanWasAskedIsTheCustomersCredit) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(10'250, "ref-1"), IsOk());
  EXPECT_EQ(money.account().captured_minor(), 10'250);
  EXPECT_EQ(money.account().customer_credit_minor(), 250);
  EXPECT_EQ(money.Balance(Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT), -250);
  EXPECT_EQ(money.Balance(Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT), -10'000);
}

TEST(PaymentRules, PAY_06_AnOrderIsPaidWhenItsWholeAmountIsIn) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(9'999, "ref-1"), IsOk());
  EXPECT_FALSE(money.desk.last_events().back().payment_recorded().order_paid());
  ASSERT_THAT(money.Pay(1, "ref-2"), IsOk());
  EXPECT_TRUE(money.desk.last_events().back().payment_recorded().order_paid());
}

TEST(PaymentRules, PAY_05_MoneyToStaffIsRecordedAsRefusedAndRaisesAnIncident) {
  MoneyDesk money;
  const auto payment = money.Pay(10'000, "card-1", "", Payment::DESTINATION_STAFF);
  ASSERT_THAT(payment, IsOk());
  EXPECT_EQ(payment->outcome(), Payment::OUTCOME_REFUSED);
  EXPECT_EQ(payment->rule_id(), "PAY-05");
  EXPECT_EQ(money.account().captured_minor(), 0);
  EXPECT_THAT(money.desk.Events(&events::v1::Event::has_compliance_incident_raised), SizeIs(1));
  EXPECT_TRUE(money.desk.All<LedgerEntry>().empty());
  // The same money, put right, counts.
  EXPECT_THAT(money.Pay(10'000, "card-1"), IsOk());
  EXPECT_EQ(money.account().captured_minor(), 10'000);
}

TEST(PaymentRules, PAY_08_NothingAndForeignCurrenciesAreNoPayment) {
  MoneyDesk money;
  EXPECT_THAT(money.Pay(0, "ref-1"), NamesField("amount.amount_minor"));
  payments::v1::RecordPaymentRequest request;
  request.set_order_id("o-1");
  request.mutable_amount()->set_amount_minor(5);
  request.mutable_amount()->set_currency("CZK");
  EXPECT_THAT(money.desk.Decide(rules::RecordPayment, request, money.order), NamesField("amount.currency"));
}

TEST(PaymentRules, SYS_04_APaymentDecidedOnAnotherVersionIsAborted) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
  money.desk.Expecting(7);
  EXPECT_THAT(money.Pay(100, "ref-2"), StatusIs(absl::StatusCode::kAborted));
  money.desk.Expecting(1);
  EXPECT_THAT(money.Pay(100, "ref-2"), IsOk());
}

// Worked example 2: one invoice and one settlement claim, however often the delivery is told.
TEST(PaymentRules, ORD_04_DeliveryMakesOneInvoiceAndOneSettlementClaim) {
  MoneyDesk money;
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.Pay(10'000, "ref-1"), IsOk());
  for (int times = 0; times < 4; ++times) ASSERT_THAT(money.React(money.Delivered()), IsOk());
  const auto invoices = money.Documents(base::v1::DOCUMENT_KIND_SALES_INVOICE);
  const auto claims = money.Documents(base::v1::DOCUMENT_KIND_SETTLEMENT_CLAIM);
  ASSERT_THAT(invoices, SizeIs(1));
  ASSERT_THAT(claims, SizeIs(1));
  EXPECT_EQ(invoices[0].amount().amount_minor(), 10'000);
  EXPECT_EQ(claims[0].amount().amount_minor(), -money.Balance(Posting::LEDGER_ACCOUNT_MERCHANT_PAYABLE));
  EXPECT_EQ(money.account().invoiced_minor(), 10'000);
  EXPECT_EQ(money.account().recoverable_minor(), 10'000);
  EXPECT_EQ(money.Balance(Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT), 0);
}

TEST(PaymentRules, ORD_04_TaxAndCommissionOfADeliveryFitInItsTotal) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(10'000, "ref-1"), IsOk());
  events::v1::Event delivered = money.Delivered();
  delivered.mutable_order_delivered()->mutable_commission()->set_amount_minor(10'000);
  EXPECT_THAT(money.React(delivered), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_FALSE(money.account().delivered());
}

TEST(PaymentRules, RFD_02_CashOnDeliveryIsOwedUntilItsCollectionIsRecorded) {
  MoneyDesk money;
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  EXPECT_EQ(money.Balance(Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE), 10'000);
  EXPECT_THAT(money.Give(base::v1::REFUND_REASON_CLAIM, 1'000), RefusedBy("RFD-02"));
  ASSERT_THAT(money.Pay(10'000, "courier-7"), IsOk());
  EXPECT_EQ(money.Balance(Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE), 0);
  EXPECT_THAT(money.Give(base::v1::REFUND_REASON_CLAIM, 1'000), IsOk());
}

TEST(PaymentRules, PAY_07_WhatWasTakenOffBeforeDeliveryIsNotInvoiced) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(10'000, "ref-1"), IsOk());
  ASSERT_THAT(money.Give(base::v1::REFUND_REASON_CUSTOMER_REQUEST, 3'001), IsOk());
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  EXPECT_EQ(money.account().invoiced_minor(), 6'999);
  EXPECT_EQ(money.Balance(Posting::LEDGER_ACCOUNT_MERCHANT_PAYABLE) +
                money.Balance(Posting::LEDGER_ACCOUNT_COMMISSION) +
                money.Balance(Posting::LEDGER_ACCOUNT_VAT),
            -6'999);
  EXPECT_EQ(money.Balance(Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY), 0);
}

TEST(PaymentRules, ORD_03_ACancelledOrderGivesEverythingBack) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(10'250, "ref-1"), IsOk());
  ASSERT_THAT(money.React(money.Cancelled()), IsOk());
  ASSERT_THAT(money.React(money.Cancelled()), IsOk());
  const auto refunds = money.desk.All<Refund>();
  ASSERT_THAT(refunds, SizeIs(1));
  EXPECT_EQ(refunds[0].amount().amount_minor(), 10'250);
  EXPECT_EQ(refunds[0].reason(), base::v1::REFUND_REASON_CANCELLATION);
  EXPECT_EQ(money.account().delivery_fee_given_minor(), 1'000);
  // Money that was on its way goes back too.
  ASSERT_THAT(money.Pay(40, "ref-2"), IsOk());
  EXPECT_THAT(money.desk.All<Refund>(), SizeIs(2));
  EXPECT_EQ(money.Balance(Posting::LEDGER_ACCOUNT_REFUNDS_PAYABLE), -10'290);
}

TEST(PaymentRules, ORD_03_AnUnpaidCancelledOrderGivesNothingBack) {
  MoneyDesk money;
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.React(money.Cancelled()), IsOk());
  EXPECT_TRUE(money.desk.All<Refund>().empty());
}

TEST(PaymentRules, ORD_13_ImportedHistoryIsCapturedAtItsOwnTime) {
  MoneyDesk money;
  events::v1::Event created = money.Created();
  *created.mutable_time() = rules::ToTimestamp(At("2017-10-02T10:56-03:00"));
  created.set_imported(true);
  *created.mutable_order_created()->mutable_imported_payment() = money.Money(10'000);
  ASSERT_THAT(money.React(created), IsOk());
  ASSERT_THAT(money.React(created), IsOk());
  EXPECT_EQ(money.account().captured_minor(), 10'000);
  const auto entries = money.desk.All<LedgerEntry>();
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(rules::ToTime(entries[0].create_time()), At("2017-10-02T10:56-03:00"));
  for (const events::v1::Event& event : money.desk.events()) {
    EXPECT_TRUE(event.imported());
    EXPECT_EQ(rules::ToTime(event.time()), At("2017-10-02T10:56-03:00"));
  }
  EXPECT_TRUE(money.desk.tasks().empty());
}

TEST(PaymentRules, SYS_08_EveryEventNamesItsOrderAndPolicy) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(10'000, "ref-1"), IsOk());
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  ASSERT_FALSE(money.desk.events().empty());
  for (const events::v1::Event& event : money.desk.events()) {
    EXPECT_EQ(event.order_id(), "o-1");
    EXPECT_EQ(event.merchant_id(), "m-1");
    EXPECT_EQ(event.customer_id(), "c-1001");
    EXPECT_EQ(event.policy().marketplace(), "default");
    EXPECT_GE(event.policy().version(), 1);
    EXPECT_FALSE(event.actor().actor_id().empty());
  }
}

}  // namespace
}  // namespace makegood::testing
