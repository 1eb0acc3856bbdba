// Delivery that costs less than was charged, or more, by another address (DLV-01, RFD-04, PAY-01).
#include <gmock/gmock.h>

#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LowerFee : public ::testing::Test {
 protected:
  static Event Changed(MoneyDesk& money, int64_t back, const std::string& change_id = "address-1") {
    money.order.mutable_delivery_fee()->set_amount_minor(money.order.delivery_fee().amount_minor() - back);
    money.order.mutable_total()->set_amount_minor(money.order.total().amount_minor() - back);
    Event event = money.OrderEvent();
    event.set_case_id(change_id);
    *event.mutable_address_changed()->mutable_fee_given_back() = money.Money(back);
    *event.mutable_address_changed()->mutable_total() = money.order.total();
    return event;
  }

  static Event Asked(MoneyDesk& money, int64_t difference) {
    Event event = money.OrderEvent();
    event.set_case_id("address-1");
    *event.mutable_address_change_asked()->mutable_difference() = money.Money(difference);
    return event;
  }

  static Event ReturnedFor(MoneyDesk& money, base::v1::ReturnCause cause) {
    Event event = money.Returned();
    event.mutable_order_returned()->set_cause(cause);
    return event;
  }

  static std::vector<int64_t> Granted(const MoneyDesk& money) {
    std::vector<int64_t> amounts;
    for (const RefundGrant& grant : money.desk.All<RefundGrant>())
      amounts.push_back(grant.amount().amount_minor());
    std::sort(amounts.begin(), amounts.end());
    return amounts;
  }
};

TEST_F(LowerFee, DLV_01_RFD_04_TheShareGoesBackOnceAndTheRestWithACancellation) {
  MoneyDesk money;
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
  const Event changed = Changed(money, 4);
  ASSERT_THAT(money.React(changed), IsOk());
  ASSERT_THAT(money.React(changed), IsOk());
  EXPECT_THAT(money.desk.last_events(), IsEmpty()) << "heard twice";
  ASSERT_THAT(money.desk.All<RefundGrant>(), SizeIs(1));
  const RefundGrant grant = money.desk.All<RefundGrant>()[0];
  EXPECT_EQ(grant.amount().amount_minor(), 4);
  EXPECT_EQ(grant.reason(), base::v1::REFUND_REASON_DELIVERY_FEE);
  EXPECT_EQ(grant.items(0).item_id(), "address-1");
  EXPECT_EQ(rules::KeptOrder(money.account()).gross, 96);
  EXPECT_EQ(rules::OrderTotal(money.account()), 100) << "as it was ordered";
  ASSERT_THAT(money.React(money.Cancelled()), IsOk());
  EXPECT_THAT(Granted(money), ElementsAre(4, 96));
  money.SettleAll();
  EXPECT_THAT(money.Hanging(), IsEmpty());
}

TEST_F(LowerFee, RFD_04_NeverMoreThanTheFeeAndWhatByHandWentBackBeforeIsNotGivenAgain) {
  MoneyDesk money;
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
  ASSERT_THAT(money.React(Changed(money, 4)), IsOk());
  ASSERT_THAT(money.React(Changed(money, 6, "address-2")), IsOk());
  EXPECT_THAT(Granted(money), ElementsAre(4, 6));
  EXPECT_THAT(money.GiveFee(), RefusedBy("RFD-04")) << "nothing is left of it";
  ASSERT_THAT(money.React(Changed(money, 1, "address-3")), IsOk());
  EXPECT_THAT(Granted(money), ElementsAre(4, 6));
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  EXPECT_EQ(money.Documents(base::v1::DOCUMENT_KIND_SALES_INVOICE)[0].amount().amount_minor(), 90);
}

TEST_F(LowerFee, RFD_04_TheRestOfTheFeeGoesBackWithAWholeWithdrawal) {
  MoneyDesk money({.marketplace = "mall"});
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
  ASSERT_THAT(money.React(Changed(money, 4)), IsOk());
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  ASSERT_THAT(money.Follow(InFull(AWithdrawal("wdr-1", {{"l-1", 9}}, true))), IsOk());
  EXPECT_THAT(Granted(money), ElementsAre(4, 96));
}

TEST_F(LowerFee, DLV_01_OfCashOnDeliveryLessIsDue) {
  MoneyDesk money(CashOf());
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.React(Changed(money, 4)), IsOk());
  EXPECT_EQ(money.Due(), 96);
  EXPECT_THAT(money.desk.All<RefundGrant>(), IsEmpty());
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  ASSERT_THAT(money.Pay(96, "cash-1"), IsOk());
  EXPECT_THAT(money.Hanging(), IsEmpty());
}

TEST_F(LowerFee, ORD_01_WhereNothingIsDueAnyMoreThatIsTold) {
  MoneyDesk money;
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.Pay(96, "ref-1"), IsOk());
  EXPECT_THAT(money.desk.Events(&Event::has_nothing_due), IsEmpty());
  ASSERT_THAT(money.React(Changed(money, 4)), IsOk());
  EXPECT_THAT(money.desk.Events(&Event::has_nothing_due), SizeIs(1));
}

TEST_F(LowerFee, SYS_13_AnAccountThatBeganWithTheOrderOfLaterIsGivenTheFeeItCameWith) {
  MoneyDesk money;
  const Event created = money.Created();
  const Event changed = Changed(money, 4);
  ASSERT_THAT(money.Pay(96, "ref-1"), IsOk()) << "before either event has arrived";
  ASSERT_THAT(money.React(created), IsOk());
  EXPECT_EQ(money.Due(), 4);
  ASSERT_THAT(money.React(changed), IsOk());
  EXPECT_EQ(money.Due(), 0);
  EXPECT_THAT(money.desk.All<RefundGrant>(), IsEmpty()) << "nothing was paid beyond it";
}

TEST_F(LowerFee, PAY_01_AFartherAddressIsChargedForByItselfAndOnce) {
  MoneyDesk money({.currency = "TRY"});
  ASSERT_THAT(money.React(money.Created()), IsOk());
  const Event asked = Asked(money, 15'000);
  ASSERT_THAT(money.React(asked), IsOk());
  ASSERT_THAT(money.React(asked), IsOk());
  Event again = asked;
  again.clear_order_version();
  ASSERT_THAT(money.React(again), IsOk());
  ASSERT_THAT(money.desk.All<Surcharge>(), SizeIs(1)) << "one a cause";
  const Surcharge surcharge = money.desk.All<Surcharge>()[0];
  EXPECT_TRUE(surcharge.automatic());
  EXPECT_EQ(surcharge.cause_id(), "address-1");
  EXPECT_EQ(surcharge.kind(), base::v1::SURCHARGE_KIND_FARTHER_ADDRESS);
  EXPECT_FALSE(surcharge.visible()) << "not before the hold is confirmed (PAY-02)";
  ASSERT_THAT(money.Hold(surcharge.surcharge_id()), IsOk());
  const auto approved = money.Approve(surcharge.surcharge_id());
  ASSERT_THAT(approved, IsOk());
  EXPECT_EQ(approved->state(), base::v1::SURCHARGE_STATE_ISSUED) << "its approval issues it";
  ASSERT_THAT(money.Pay(15'000, "ref-2", surcharge.surcharge_id()), IsOk());
  const auto moved = money.desk.Events(&Event::has_surcharge_moved);
  EXPECT_EQ(moved.back().surcharge_moved().state(), base::v1::SURCHARGE_STATE_PAID);
  for (const Event& event : moved) EXPECT_EQ(event.surcharge_moved().cause_id(), "address-1");
}

TEST_F(LowerFee, DLV_06_RFD_04_TheFeeOfWhatWasRefusedStaysWhateverThePolicyGives) {
  const rules::PolicyBook gives = PoliciesWith("flowwow", [](rules::Policy& policy) {
    policy.mutable_refunds()->set_return_gives_delivery_fee(true);
  });
  const auto back = [&](base::v1::ReturnCause cause) {
    MoneyDesk money({.policies = &gives});
    EXPECT_THAT(money.React(money.Created()), IsOk());
    EXPECT_THAT(money.Pay(100, "ref-1"), IsOk());
    EXPECT_THAT(money.React(ReturnedFor(money, cause)), IsOk());
    return Granted(money);
  };
  EXPECT_THAT(back(base::v1::RETURN_CAUSE_REFUSED), ElementsAre(90));
  EXPECT_THAT(back(base::v1::RETURN_CAUSE_UNDELIVERED), ElementsAre(90)) << "as it was offered (DLV-03)";
  EXPECT_THAT(back(base::v1::RETURN_CAUSE_UNCOLLECTED), ElementsAre(100));
  EXPECT_THAT(back(base::v1::RETURN_CAUSE_INTERCEPTED), ElementsAre(100)) << "as the policy says (DLV-08)";
}

// Worked example 8: a gift of 1,000 TRY, 120 for its delivery.
TEST_F(LowerFee, DLV_06_RFD_04_ARefusedGiftIsRefundedLessItsDelivery) {
  MoneyDesk money({.currency = "TRY", .lines = {{"gift", 1, 100'000}}, .delivery_fee_minor = 12'000});
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.Pay(112'000, "ref-1"), IsOk());
  ASSERT_THAT(money.React(ReturnedFor(money, base::v1::RETURN_CAUSE_REFUSED)), IsOk());
  EXPECT_THAT(Granted(money), ElementsAre(100'000));
  money.SettleAll();
  EXPECT_THAT(money.Hanging(), IsEmpty());
}

}  // namespace
}  // namespace makegood::testing
