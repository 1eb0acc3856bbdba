// Money that comes in: PAY-05, PAY-06, PAY-08, ORD-01.
#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Payments, ORD_04_AnAccountOpensTheSameByEventAndByOrder) {
  MoneyDesk by_payment;
  ASSERT_THAT(by_payment.Pay(100, "staff", "", Payment::DESTINATION_STAFF), IsOk());
  MoneyDesk by_event;
  ASSERT_THAT(by_event.React(by_event.Created()), IsOk());
  Account opened = by_event.account();
  EXPECT_EQ(opened.order_version(), 1);
  opened.clear_order_version();
  opened.clear_order_event_time();
  opened.set_version(1);
  EXPECT_EQ(opened.SerializeAsString(), by_payment.account().SerializeAsString());
}

TEST(Payments, PAY_06_AnEventAfterThePaymentDoesNotOpenASecondAccount) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
  ASSERT_THAT(money.React(money.Created()), IsOk());
  EXPECT_EQ(money.books(), (Books{{"CLEARING", 100}, {"CUSTOMER_PREPAYMENT", -100}}));
}

TEST(Payments, PAY_06_TheSameReferenceTwiceCountsOnce) {
  MoneyDesk money;
  const auto first = money.Pay(100, "ref-1");
  const auto again = money.Pay(100, "ref-1");
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->payment_id(), again->payment_id());
  EXPECT_EQ(money.books(), (Books{{"CLEARING", 100}, {"CUSTOMER_PREPAYMENT", -100}}));
  EXPECT_THAT(money.desk.Events(&Event::has_payment_recorded), SizeIs(1));
  EXPECT_THAT(money.Pay(99, "ref-1"), RefusedBy("PAY-06"));
  EXPECT_THAT(money.Pay(100, "ref-1", "surcharge-1"), RefusedBy("PAY-06"));
}

TEST(Payments, PAY_06_LessLeavesTheRestDue) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(60, "ref-1"), IsOk());
  EXPECT_EQ(ShownTo(Operations(), money.account()).due().amount_minor(), 40);
  ASSERT_THAT(money.Pay(40, "ref-2"), IsOk());
  EXPECT_EQ(ShownTo(Operations(), money.account()).due().amount_minor(), 0);
}

// An order of 100 for which 110 came in: the sale, its invoice and its shares are of 100.
class OverPaid : public ::testing::Test {
 protected:
  OverPaid() { EXPECT_THAT(money_.Pay(110, "ref-1"), IsOk()); }

  MoneyDesk money_;
};

TEST_F(OverPaid, PAY_06_MoreIsTheCustomersCreditAndGoesBackOnRequest) {
  EXPECT_EQ(money_.books(),
            (Books{{"CLEARING", 110}, {"CUSTOMER_PREPAYMENT", -100}, {"CUSTOMER_CREDIT", -10}}));
  const auto grant = money_.Give(base::v1::REFUND_REASON_OVER_PAYMENT);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->amount().amount_minor(), 10);
  EXPECT_EQ(money_.books(),
            (Books{{"CLEARING", 110}, {"CUSTOMER_PREPAYMENT", -100}, {"REFUNDS_PAYABLE", -10}}));
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_OVER_PAYMENT), RefusedBy("RFD-02"));
  money_.SettleAll();
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 100}, {"CUSTOMER_PREPAYMENT", -100}}));
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  EXPECT_EQ(money_.books(),
            (Books{{"CLEARING", 100}, {"MERCHANT_PAYABLE", -77}, {"COMMISSION", -7}, {"VAT", -16}}));
  EXPECT_EQ(money_.Documents(base::v1::DOCUMENT_KIND_SALES_INVOICE).at(0).amount().amount_minor(), 100);
}

TEST_F(OverPaid, PAY_06_ItGoesBackByItselfAtDelivery) {
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 110},
                                   {"REFUNDS_PAYABLE", -10},
                                   {"MERCHANT_PAYABLE", -77},
                                   {"COMMISSION", -7},
                                   {"VAT", -16}}));
  EXPECT_EQ(money_.Documents(base::v1::DOCUMENT_KIND_SALES_INVOICE).at(0).amount().amount_minor(), 100);
  ASSERT_THAT(money_.desk.All<Refund>(), SizeIs(1));
  EXPECT_EQ(money_.desk.All<Refund>()[0].reason(), base::v1::REFUND_REASON_OVER_PAYMENT);
  money_.SettleAll();
  EXPECT_THAT(money_.Hanging(), IsEmpty());
}

TEST_F(OverPaid, PAY_06_WhatComesInAfterDeliveryGoesBackAtOnce) {
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  money_.SettleAll();
  ASSERT_THAT(money_.Pay(7, "ref-2"), IsOk());
  EXPECT_EQ(money_.Hanging(), (Books{{"REFUNDS_PAYABLE", -7}}));
  money_.SettleAll();
  EXPECT_EQ(money_.books(),
            (Books{{"CLEARING", 100}, {"MERCHANT_PAYABLE", -77}, {"COMMISSION", -7}, {"VAT", -16}}));
}

TEST_F(OverPaid, PAY_06_ACancelledOrderGivesTheCreditBackBesideThePrice) {
  ASSERT_THAT(money_.React(money_.Cancelled()), IsOk());
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 110}, {"REFUNDS_PAYABLE", -110}}));
  money_.SettleAll();
  EXPECT_THAT(money_.books(), IsEmpty());
}

TEST(Payments, PAY_06_OfAnOrderPaidTwiceOneIsGivenBackAndTheSaleStands) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
  ASSERT_THAT(money.Pay(100, "ref-2"), IsOk());
  EXPECT_EQ(money.books(),
            (Books{{"CLEARING", 200}, {"CUSTOMER_PREPAYMENT", -100}, {"CUSTOMER_CREDIT", -100}}));
  ASSERT_THAT(money.Give(base::v1::REFUND_REASON_OVER_PAYMENT), IsOk());
  money.SettleAll();
  EXPECT_EQ(money.books(), (Books{{"CLEARING", 100}, {"CUSTOMER_PREPAYMENT", -100}}));
  EXPECT_EQ(money.Due(), 0);
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  EXPECT_EQ(money.books(),
            (Books{{"CLEARING", 100}, {"MERCHANT_PAYABLE", -77}, {"COMMISSION", -7}, {"VAT", -16}}));
}

TEST(Payments, ORD_01_AnOrderIsPaidWhenItsWholeAmountIsHeld) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(50, "ref-1"), IsOk());
  EXPECT_FALSE(money.desk.last_events().back().payment_recorded().order_paid());
  EXPECT_EQ(money.desk.last_events().back().payment_recorded().due().amount_minor(), 50);
  ASSERT_THAT(money.Pay(49, "ref-2"), IsOk());
  EXPECT_FALSE(money.desk.last_events().back().payment_recorded().order_paid());
  ASSERT_THAT(money.Pay(1, "ref-3"), IsOk());
  EXPECT_TRUE(money.desk.last_events().back().payment_recorded().order_paid());
}

TEST(Payments, ORD_01_WhatIsPaidOnASurchargePaysNoOrder) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(50, "ref-1"), IsOk());
  const Surcharge surcharge = money.Proposed(20);
  ASSERT_THAT(money.Pay(70, "ref-2", surcharge.surcharge_id()), IsOk());
  EXPECT_EQ(money.Due(), 50);
  for (const Event& event : money.desk.Events(&Event::has_payment_recorded)) {
    EXPECT_FALSE(event.payment_recorded().order_paid());
  }
}

TEST(Payments, PAY_05_MoneyToStaffIsRecordedAsRefusedAndRaisesAnIncident) {
  MoneyDesk money;
  const auto payment = money.Pay(100, "card-1", "", Payment::DESTINATION_STAFF);
  ASSERT_THAT(payment, IsOk());
  EXPECT_EQ(payment->outcome(), Payment::OUTCOME_REFUSED);
  EXPECT_EQ(payment->rule_id(), "PAY-05");
  EXPECT_THAT(money.books(), IsEmpty());
  EXPECT_EQ(money.Due(), 100);
  EXPECT_THAT(money.desk.Events(&Event::has_compliance_incident_raised), SizeIs(1));
  // The same money, put right, counts.
  EXPECT_THAT(money.Pay(100, "card-1"), IsOk());
  EXPECT_EQ(money.Due(), 0);
}

TEST(Payments, PAY_08_NothingAndForeignCurrenciesAreNoPayment) {
  MoneyDesk money;
  EXPECT_THAT(money.Pay(0, "ref-1"), NamesField("amount.amount_minor"));
  payments::v1::RecordPaymentRequest request;
  request.set_order_id("o-1");
  request.mutable_amount()->set_amount_minor(5);
  request.mutable_amount()->set_currency("CZK");
  EXPECT_THAT(money.desk.Decide(rules::RecordPayment, request, money.order), NamesField("amount.currency"));
}

TEST(Payments, SYS_04_APaymentDecidedOnAnotherVersionIsAborted) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(10, "ref-1"), IsOk());
  money.desk.Expecting(7);
  EXPECT_THAT(money.Pay(10, "ref-2"), StatusIs(absl::StatusCode::kAborted));
  money.desk.Expecting(1);
  EXPECT_THAT(money.Pay(10, "ref-2"), IsOk());
}

TEST(Payments, SYS_08_EveryEventNamesItsOrderAndPolicy) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  ASSERT_THAT(money.Follow(AClaim("claim-1", {{"l-1", 1}})), IsOk());
  money.SettleAll();
  ASSERT_FALSE(money.desk.events().empty());
  for (const Event& event : money.desk.events()) {
    EXPECT_EQ(event.order_id(), "o-1");
    EXPECT_EQ(event.merchant_id(), "m-1");
    EXPECT_EQ(event.customer_id(), "c-1001");
    EXPECT_EQ(event.policy().marketplace(), "flowwow");
    EXPECT_GE(event.policy().version(), 1);
    EXPECT_FALSE(event.actor().actor_id().empty());
  }
}

}  // namespace
}  // namespace makegood::testing
