// A change of the address from the customer's word to the ledger: orders and payments, each by the other's
// events and calls (DLV-01, DLV-02, PAY-01, PAY-02).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/together/together_finish.h"
#include "tests/rules/together/together_hands.h"
#include "tests/rules/together/together_invariants.h"

namespace makegood::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class AddressFlow : public ::testing::Test {
 protected:
  // A bouquet for 1,000 TRY, and 120 for its delivery in the city.
  void Order(base::v1::PaymentMethod method, bool to_be_confirmed = false) {
    orders::v1::NewOrder order = SomeOrder();
    order.set_marketplace("flowwow");
    order.set_currency("TRY");
    order.set_payment_method(method);
    *order.mutable_lines(0)->mutable_unit_price() = Lira(100'000);
    *order.mutable_delivery_fee() = Lira(12'000);
    order.set_zone(to_be_confirmed ? base::v1::ADDRESS_ZONE_UNSPECIFIED : base::v1::ADDRESS_ZONE_CITY);
    order.set_address_to_be_confirmed(to_be_confirmed);
    order.mutable_recipient()->set_name("Recipient");
    ASSERT_THAT(world_.orders.As(Service()).Decide(rules::CreateOrder, CreateRequest(order)), IsOk());
    if (method == base::v1::PAYMENT_METHOD_PREPAID) {
      ASSERT_THAT(hands_.Pay(world_.order(), 112'000, "ref-order"), IsOk());
    }
    Settle();
  }

  static base::v1::Money Lira(int64_t amount_minor) {
    base::v1::Money money;
    money.set_amount_minor(amount_minor);
    money.set_currency("TRY");
    return money;
  }

  absl::Status Change(const base::v1::Actor& actor, base::v1::AddressZone zone,
                      std::optional<int64_t> fee = {}) {
    orders::v1::ChangeAddressRequest request;
    request.set_order_id("o-1");
    request.mutable_details()->set_city("Elsewhere");
    request.set_zone(zone);
    if (fee.has_value()) *request.mutable_delivery_fee() = Lira(*fee);
    return world_.orders.As(actor).Decide(rules::ChangeAddress, request).status();
  }

  // Everything is heard and called.
  void Settle() {
    for (bool any = true; any;) {
      world_.HearAll();
      const auto calls = world_.Calls();
      any = !calls.empty();
      for (const TogetherWorld::Call& call : calls) world_.Make(call, false);
    }
    world_.HearAll();
    invariants_.Check(world_);
    TogetherInvariants::CheckWorkTold(world_);
  }

  Surcharge TheSurcharge() {
    const auto all = world_.payments.All<Surcharge>();
    EXPECT_THAT(all, SizeIs(1));
    return all.empty() ? Surcharge() : all[0];
  }

  absl::Status Approve(const Surcharge& surcharge) {
    payments::v1::ApproveSurchargeRequest request;
    request.set_surcharge_id(surcharge.surcharge_id());
    return world_.payments.As(Customer()).Decide(rules::ApproveSurcharge, request).status();
  }

  absl::Status Decline(const Surcharge& surcharge) {
    payments::v1::DeclineSurchargeRequest request;
    request.set_surcharge_id(surcharge.surcharge_id());
    return world_.payments.As(Customer()).Decide(rules::DeclineSurcharge, request).status();
  }

  absl::Status HandOver() {
    return world_.orders.As(Employee())
        .Decide(rules::HandOver, About<orders::v1::HandOverRequest>("o-1"))
        .status();
  }

  void Deliver() {
    ASSERT_THAT(HandOver(), IsOk());
    ASSERT_THAT(world_.orders.Decide(rules::RecordDelivery, DeliveredAt(world_.now())), IsOk());
    Settle();
  }

  int64_t Granted() {
    int64_t sum = 0;
    for (const RefundGrant& grant : world_.payments.All<RefundGrant>()) sum += grant.amount().amount_minor();
    return sum;
  }

  int64_t GrantedFor(const std::string& case_id) {
    int64_t sum = 0;
    for (const RefundGrant& grant : world_.payments.All<RefundGrant>()) {
      if (grant.case_id() == case_id) sum += grant.amount().amount_minor();
    }
    return sum;
  }

  std::string City() {
    return world_.orders.Find<rules::Contact>(world_.order().recipient_contact_id())->details().city();
  }

  TogetherWorld world_{Marketplaces()[1]};
  TogetherHands hands_{world_};
  TogetherInvariants invariants_;
};

// Worked example 7, by itself: 150 TRY for a farther address.
TEST_F(AddressFlow, DLV_01_PAY_01_PAY_02_AFartherAddressIsHeldFromAskingToPaying) {
  Order(base::v1::PAYMENT_METHOD_PREPAID);
  ASSERT_THAT(Change(Customer(), base::v1::ADDRESS_ZONE_NATIONAL), IsOk());
  EXPECT_THAT(HandOver(), RefusedBy("ORD-12")) << "before payments have heard of it";
  Settle();
  EXPECT_THAT(world_.order().holds(), SizeIs(2)) << "the order's own, and the surcharge's";
  const Surcharge surcharge = TheSurcharge();
  EXPECT_TRUE(surcharge.visible());
  EXPECT_EQ(surcharge.amount().amount_minor(), 15'000);
  EXPECT_EQ(surcharge.cause_id(), world_.order().address_change().change_id());
  ASSERT_THAT(Approve(surcharge), IsOk());
  Settle();
  EXPECT_EQ(TheSurcharge().state(), base::v1::SURCHARGE_STATE_ISSUED) << "automatic: its approval issues it";
  EXPECT_THAT(HandOver(), RefusedBy("ORD-12"));
  ASSERT_THAT(hands_.Pay(world_.order(), 15'000, "ref-surcharge", surcharge.surcharge_id()), IsOk());
  EXPECT_THAT(HandOver(), RefusedBy("ORD-12")) << "until it is heard that it is paid";
  Settle();
  EXPECT_EQ(City(), "Elsewhere");
  EXPECT_EQ(world_.order().address().fee().amount_minor(), 27'000);
  EXPECT_THAT(world_.order().holds(), IsEmpty());
  Deliver();
  EXPECT_EQ(-rules::BalanceOf(world_.account(), Posting::LEDGER_ACCOUNT_SURCHARGE_PREPAYMENT), 0);
  EXPECT_EQ(Granted(), 0);
  EXPECT_FALSE(rules::SomethingHangs(world_.account()));
}

TEST_F(AddressFlow, DLV_01_PAY_02_DeclinedItGoesOutOnItsOldTerms) {
  Order(base::v1::PAYMENT_METHOD_PREPAID);
  const std::string before = City();
  ASSERT_THAT(Change(Customer(), base::v1::ADDRESS_ZONE_NATIONAL), IsOk());
  Settle();
  ASSERT_THAT(Decline(TheSurcharge()), IsOk());
  Settle();
  EXPECT_FALSE(world_.order().has_address_change());
  EXPECT_EQ(City(), before);
  EXPECT_EQ(world_.order().address().zone(), base::v1::ADDRESS_ZONE_CITY);
  EXPECT_THAT(world_.order().holds(), IsEmpty());
  Deliver();
  EXPECT_EQ(Granted(), 0);
  EXPECT_FALSE(rules::SomethingHangs(world_.account()));
}

TEST_F(AddressFlow, DLV_02_PAY_02_WithoutAnAddressTheOrderStaysHeldAfterADecline) {
  Order(base::v1::PAYMENT_METHOD_PREPAID, true);
  ASSERT_THAT(Change(Employee(), base::v1::ADDRESS_ZONE_NATIONAL), IsOk());
  Settle();
  ASSERT_THAT(Decline(TheSurcharge()), IsOk());
  Settle();
  EXPECT_THAT(HandOver(), RefusedBy("ORD-12"));
  ASSERT_THAT(Change(Employee(), base::v1::ADDRESS_ZONE_CITY, 12'000), IsOk());
  Settle();
  EXPECT_THAT(HandOver(), IsOk());
}

TEST_F(AddressFlow, DLV_01_RFD_04_ALowerFeeGoesBackAndTheLedgerIsRight) {
  Order(base::v1::PAYMENT_METHOD_PREPAID);
  ASSERT_THAT(Change(Employee(), base::v1::ADDRESS_ZONE_CITY, 9'000), IsOk());
  Settle();
  EXPECT_EQ(Granted(), 3'000);
  Deliver();
  EXPECT_EQ(rules::KeptOrder(world_.account()).gross, world_.order().total().amount_minor());
  EXPECT_FALSE(rules::SomethingHangs(world_.account()));
}

TEST_F(AddressFlow, DLV_01_RFD_08_AllThatWasChargedGoesBackTheSurchargeByItsOwnCase) {
  Order(base::v1::PAYMENT_METHOD_PREPAID);
  ASSERT_THAT(Change(Customer(), base::v1::ADDRESS_ZONE_NATIONAL), IsOk());
  Settle();
  const Surcharge surcharge = TheSurcharge();
  ASSERT_THAT(hands_.Pay(world_.order(), 15'000, "ref-surcharge", surcharge.surcharge_id()), IsOk());
  Settle();
  ASSERT_THAT(Change(Employee(), base::v1::ADDRESS_ZONE_CITY, 0), IsOk());
  Settle();
  EXPECT_EQ(Granted(), 27'000);
  EXPECT_EQ(GrantedFor(surcharge.surcharge_id()), 15'000);
  EXPECT_EQ(world_.order().address().fee().amount_minor(), 0);
  Deliver();
  EXPECT_EQ(rules::KeptOrder(world_.account()).gross, world_.order().total().amount_minor());
  EXPECT_FALSE(rules::SomethingHangs(world_.account()));
}

TEST_F(AddressFlow, DLV_01_RFD_08_DearerCheaperAndDearerAgainIsChargedAsItIsInTheEnd) {
  Order(base::v1::PAYMENT_METHOD_PREPAID);
  ASSERT_THAT(Change(Customer(), base::v1::ADDRESS_ZONE_NATIONAL), IsOk());
  Settle();
  const Surcharge first = TheSurcharge();
  ASSERT_THAT(hands_.Pay(world_.order(), 15'000, "ref-1", first.surcharge_id()), IsOk());
  Settle();
  ASSERT_THAT(Change(Employee(), base::v1::ADDRESS_ZONE_CITY, 20'000), IsOk());
  Settle();
  EXPECT_EQ(GrantedFor(first.surcharge_id()), 7'000) << "a part of it";
  ASSERT_THAT(Change(Employee(), base::v1::ADDRESS_ZONE_CITY, 10'000), IsOk());
  Settle();
  EXPECT_EQ(GrantedFor(first.surcharge_id()), 15'000) << "all of it";
  EXPECT_EQ(Granted(), 17'000) << "and 20 of the order's own";
  ASSERT_THAT(Change(Customer(), base::v1::ADDRESS_ZONE_NATIONAL), IsOk());
  Settle();
  const auto open = world_.account().open_surcharge_ids();
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(world_.payments.Find<Surcharge>(open[0])->amount().amount_minor(), 17'000);
  ASSERT_THAT(hands_.Pay(world_.order(), 17'000, "ref-2", open[0]), IsOk());
  Settle();
  EXPECT_EQ(world_.order().address().fee().amount_minor(), 27'000);
  Deliver();
  EXPECT_EQ(Granted(), 17'000) << "127 and 17 were paid more, and 17 went back";
  EXPECT_EQ(rules::KeptOrder(world_.account()).gross + rules::KeptSurcharges(world_.account()).gross,
            127'000);
  EXPECT_FALSE(rules::SomethingHangs(world_.account()));
}

TEST_F(AddressFlow, DLV_01_OfCashOnDeliveryTheCourierCollectsLess) {
  Order(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
  ASSERT_THAT(Change(Employee(), base::v1::ADDRESS_ZONE_CITY, 9'000), IsOk());
  Settle();
  EXPECT_EQ(rules::DueMinor(world_.account()), 109'000);
  Deliver();
  ASSERT_THAT(hands_.Pay(world_.order(), 109'000, "cash"), IsOk());
  Settle();
  EXPECT_EQ(Granted(), 0);
  EXPECT_FALSE(rules::SomethingHangs(world_.account()));
}

TEST_F(AddressFlow, PAY_06_WhatWasPaidForAChangeGoesBackWithTheOrder) {
  Order(base::v1::PAYMENT_METHOD_PREPAID);
  ASSERT_THAT(Change(Customer(), base::v1::ADDRESS_ZONE_NATIONAL), IsOk());
  Settle();
  // Paid, and called off before that was heard.
  ASSERT_THAT(hands_.Pay(world_.order(), 15'000, "ref-surcharge", TheSurcharge().surcharge_id()), IsOk());
  ASSERT_THAT(world_.orders.As(Operations())
                  .Decide(rules::CancelOrder,
                          CancelFor(base::v1::INITIATOR_CUSTOMER, base::v1::CANCEL_REASON_CUSTOMER_REQUEST)),
              IsOk());
  Settle();
  EXPECT_FALSE(world_.order().has_address_change());
  EXPECT_EQ(Granted(), 127'000);
  EXPECT_FALSE(rules::SomethingHangs(world_.account()));
}

}  // namespace
}  // namespace makegood::testing
