// Where orders go: changed, and paid for where they go farther (DLV-01).
#include "tests/rules/orders/address_fixture.h"

namespace makegood::rules {
namespace {

using testing::Auditor;
using ::testing::ElementsAre;
using testing::Employee;
using ::testing::IsEmpty;
using testing::MakeActor;
using ::testing::SizeIs;

TEST_F(AddressTest, DLV_01_AnAddressForTheSameFeeIsChangedAtOnceByThoseWhoMay) {
  Create(Gift());
  EXPECT_EQ(Now().address().zone(), base::v1::ADDRESS_ZONE_CITY);
  EXPECT_EQ(Now().address().fee().amount_minor(), kFee);
  const std::string contact = Now().recipient_contact_id();
  EXPECT_THAT(desk_.As(Customer("c-2")).Decide(ChangeAddress, To("Izmir")), DeniedBy("DLV-01"));
  EXPECT_THAT(desk_.As(Auditor()).Decide(ChangeAddress, To("Izmir")), DeniedBy("DLV-01"));
  EXPECT_THAT(desk_.As(MakeActor(base::v1::ROLE_RECIPIENT, "con-other")).Decide(ChangeAddress, To("Izmir")),
              DeniedBy("DLV-01"));
  EXPECT_THAT(desk_.As(Employee("m-2")).Decide(ChangeAddress, To("Izmir")), DeniedBy("DLV-01"));
  for (const auto& actor : {Customer(), Recipient(), Employee(), Operations(), Service()}) {
    ASSERT_THAT(desk_.As(actor).Decide(ChangeAddress, To(absl::StrCat("of ", actor.actor_id()))), IsOk());
    EXPECT_EQ(City(), absl::StrCat("of ", actor.actor_id()));
    ASSERT_THAT(desk_.last_events(), SizeIs(1));
    EXPECT_FALSE(desk_.last_events().back().address_changed().confirmed());
    EXPECT_FALSE(desk_.last_events().back().address_changed().has_fee_given_back());
  }
  EXPECT_EQ(Now().recipient_contact_id(), contact) << "who stays the recipient keeps their id (ROL-11)";
  EXPECT_EQ(desk_.Find<Contact>(contact)->details().phone(), "+902125550011");
  EXPECT_THAT(desk_.Decide(ChangeAddress, To("")), RefusedBy("DLV-01")) << "nothing is changed";
  EXPECT_THAT(desk_.All<Contact>(), SizeIs(2)) << "nobody's details are kept twice";
}

TEST_F(AddressTest, SYS_09_SomebodyElseTakesTheRecipientsPlaceAndTheirDetailsGo) {
  Create(Gift());
  const std::string before = Now().recipient_contact_id();
  auto request = To("Izmir");
  request.mutable_details()->set_name("Somebody Else");
  ASSERT_THAT(desk_.As(Customer()).Decide(ChangeAddress, request), IsOk());
  EXPECT_NE(Now().recipient_contact_id(), before);
  EXPECT_TRUE(desk_.Find<Contact>(before)->has_erase_time());
  EXPECT_EQ(desk_.Find<Contact>(before)->details().phone(), "");
  EXPECT_EQ(desk_.Find<Contact>(Now().recipient_contact_id())->details().phone(), "")
      << "the other's phone is not theirs";
  for (const Event& event : desk_.events()) EXPECT_THAT(event.SerializeAsString(), Not(HasSubstr("Izmir")));
}

TEST_F(AddressTest, SYS_09_TheBuyersOwnDetailsAreNotTheAddresss) {
  orders::v1::NewOrder order = Gift();
  order.clear_recipient();
  order.mutable_customer()->set_name("Buyer");
  order.mutable_customer()->set_city("Istanbul");
  Create(order);
  ASSERT_THAT(desk_.As(Customer()).Decide(ChangeAddress, To("Izmir")), IsOk());
  EXPECT_EQ(City(), "Izmir");
  EXPECT_EQ(desk_.Find<Contact>(Now().customer_contact_id())->details().city(), "Istanbul");
}

TEST_F(AddressTest, DLV_01_AParcelThatHasLeftGoesWhereItGoesUnlessItComesBack) {
  Create(Gift());
  auto handover = About<HandOverRequest>("o-1");
  handover.set_courier_id("courier-1");
  ASSERT_THAT(desk_.As(Employee()).Decide(HandOver, handover), IsOk());
  EXPECT_THAT(desk_.As(Operations()).Decide(ChangeAddress, To("Izmir")), RefusedBy("DLV-01"));
  Order order = Now();
  const auto seen = [&](Order::Whereabouts where) {
    return desk_.As(Service()).Decide([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(Order now, tx.Get<Order>("o-1"));
      now.set_whereabouts(where);
      tx.Put(now);
      return absl::OkStatus();
    });
  };
  ASSERT_THAT(seen(Order::WHEREABOUTS_WITH_COURIER), IsOk());
  EXPECT_THAT(desk_.As(Operations()).Decide(ChangeAddress, To("Izmir")), RefusedBy("DLV-01"));
  for (const auto where : {Order::WHEREABOUTS_RETURNING, Order::WHEREABOUTS_AT_STORE}) {
    ASSERT_THAT(seen(where), IsOk());
    EXPECT_THAT(desk_.As(Operations()).Decide(ChangeAddress, To(Order::Whereabouts_Name(where))), IsOk());
  }
  ASSERT_THAT(desk_.As(Manager()).Decide(MarkReturned, Return()), IsOk());
  EXPECT_THAT(desk_.As(Operations()).Decide(ChangeAddress, To("Izmir")), RefusedBy("DLV-01"));
}

TEST_F(AddressTest, DLV_01_TheFeeIsNamedByTheStoreAndElseByTheZone) {
  Create(Gift());
  EXPECT_THAT(desk_.As(Customer()).Decide(ChangeAddress, For(To("Izmir"), 0)), DeniedBy("DLV-01"));
  EXPECT_THAT(desk_.As(Recipient()).Decide(ChangeAddress, For(To("Izmir"), 0)), DeniedBy("DLV-01"));
  auto euros = To("Izmir");
  euros.mutable_delivery_fee()->set_currency("EUR");
  EXPECT_THAT(desk_.As(Employee()).Decide(ChangeAddress, euros), NamesField("delivery_fee.currency"));
  auto preview = desk_.As(Customer()).Preview(ChangeAddress, To("Izmir", base::v1::ADDRESS_ZONE_NATIONAL));
  ASSERT_THAT(preview, IsOk());
  EXPECT_EQ(preview->address_change().difference().amount_minor(), 15'000);
  preview = desk_.As(Customer()).Preview(ChangeAddress, To("Izmir", base::v1::ADDRESS_ZONE_CITY));
  ASSERT_THAT(preview, IsOk());
  EXPECT_FALSE(preview->has_address_change()) << "within a zone what was charged stays";
  EXPECT_FALSE(Now().has_address_change()) << "a preview changes nothing";
  EXPECT_THAT(Holds(), IsEmpty());
}

TEST_F(AddressTest, DLV_01_CustomerAndRecipientNameNoZoneThatGivesMoneyBack) {
  orders::v1::NewOrder order = Gift();
  order.set_zone(base::v1::ADDRESS_ZONE_NATIONAL);
  *order.mutable_delivery_fee() = Lira(27'000);
  Create(order);
  for (const auto& actor : {Customer(), Recipient()}) {
    EXPECT_THAT(desk_.As(actor).Decide(ChangeAddress, To("", base::v1::ADDRESS_ZONE_CITY)),
                DeniedBy("DLV-01"));
    EXPECT_THAT(desk_.Decide(ChangeAddress, To("Kadikoy", base::v1::ADDRESS_ZONE_CITY)), DeniedBy("DLV-01"));
    EXPECT_THAT(desk_.Decide(ChangeAddress, To("", base::v1::ADDRESS_ZONE_INTERNATIONAL)), DeniedBy("DLV-01"))
        << "how far the one is that stays they do not say either";
  }
  ASSERT_THAT(desk_.As(Employee()).Decide(ChangeAddress, To("", base::v1::ADDRESS_ZONE_CITY)), IsOk());
  EXPECT_EQ(desk_.last_events().back().address_changed().fee_given_back().amount_minor(), 15'000);
  CheckTotal();
}

TEST_F(AddressTest, DLV_01_AFartherZoneThatCostsOthersLessGivesTheCustomerNothingBack) {
  orders::v1::NewOrder order = Gift();
  *order.mutable_delivery_fee() = Lira(30'000);
  Create(order);
  const auto farther = To("Izmir", base::v1::ADDRESS_ZONE_NATIONAL);
  auto preview = desk_.As(Customer()).Preview(ChangeAddress, farther);
  ASSERT_THAT(preview, IsOk());
  EXPECT_EQ(preview->delivery_fee().amount_minor(), 30'000);
  preview = desk_.As(Employee()).Preview(ChangeAddress, farther);
  ASSERT_THAT(preview, IsOk());
  EXPECT_EQ(preview->delivery_fee().amount_minor(), 27'000);
}

TEST_F(AddressTest, DLV_01_RFD_04_WhatDeliveryCostsLessGoesBackOfTheOrdersOwnFee) {
  Create(Gift());
  const int64_t total = Now().total().amount_minor();
  ASSERT_THAT(desk_.As(Employee()).Decide(ChangeAddress, For(To("Kadikoy"), 9'000)), IsOk());
  const auto& fact = desk_.last_events().back().address_changed();
  EXPECT_EQ(fact.fee_given_back().amount_minor(), 3'000);
  EXPECT_EQ(fact.fee().amount_minor(), 9'000);
  EXPECT_EQ(fact.total().amount_minor(), total - 3'000);
  EXPECT_GT(desk_.last_events().back().order_version(), 0) << "what gives money back is told last";
  EXPECT_EQ(Now().delivery_fee().amount_minor(), 9'000);
  CheckTotal();
}

TEST_F(AddressTest, DLV_01_PAY_02_AFartherAddressWaitsAndTheOrderIsHeldFromItsCommitOn) {
  Create(Gift());
  ASSERT_THAT(desk_.As(Customer()).Decide(ChangeAddress, To("Izmir", base::v1::ADDRESS_ZONE_NATIONAL)),
              IsOk());
  const orders::v1::AddressChange change = Now().address_change();
  EXPECT_EQ(change.difference().amount_minor(), 15'000);
  EXPECT_EQ(desk_.last_events().back().address_change_asked().difference().amount_minor(), 15'000);
  EXPECT_EQ(desk_.last_events().back().case_id(), change.change_id());
  EXPECT_EQ(City(), "Istanbul") << "the old address until it is paid for";
  EXPECT_THAT(Holds(), ElementsAre(change.change_id()));
  EXPECT_THAT(Waiting(), IsEmpty()) << "its surcharge is the work";
  EXPECT_THAT(desk_.As(Employee()).Decide(HandOver, About<HandOverRequest>("o-1")), RefusedBy("ORD-12"));
  auto release = About<ReleaseHoldRequest>("o-1");
  release.set_hold(base::v1::HOLD_NAME_ADDRESS_UNCONFIRMED);
  release.set_reference_id(change.change_id());
  EXPECT_THAT(desk_.As(Operations()).Decide(ReleaseHold, release), DeniedBy("ORD-12"));
  EXPECT_THAT(desk_.As(Customer()).Decide(ChangeAddress, To("Bursa")), RefusedBy("DLV-01"))
      << "one change at a time";
  UpdateContactRequest round;
  round.set_contact_id(change.contact_id());
  round.mutable_details()->set_city("Van");
  EXPECT_THAT(desk_.As(Customer()).Decide(UpdateContact, round), RefusedBy("DLV-01"));

  ASSERT_THAT(Moved(base::v1::SURCHARGE_STATE_APPROVED, change.change_id()), IsOk());
  EXPECT_TRUE(Now().has_address_change());
  ASSERT_THAT(Moved(base::v1::SURCHARGE_STATE_PAID, "address-other", 0), IsOk());
  EXPECT_TRUE(Now().has_address_change()) << "paid for something else";
  ASSERT_THAT(Moved(base::v1::SURCHARGE_STATE_PAID, change.change_id()), IsOk());
  EXPECT_FALSE(Now().has_address_change());
  EXPECT_EQ(City(), "Izmir");
  EXPECT_EQ(Now().address().zone(), base::v1::ADDRESS_ZONE_NATIONAL);
  EXPECT_EQ(Now().address().fee().amount_minor(), 27'000);
  EXPECT_EQ(Now().delivery_fee().amount_minor(), kFee) << "the rest is the surcharge's";
  CheckTotal();
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_TRUE(desk_.Find<Contact>(change.contact_id())->has_erase_time())
      << "its details are the recipient's";
  EXPECT_THAT(desk_.As(Employee()).Decide(HandOver, About<HandOverRequest>("o-1")), IsOk());
}

TEST_F(AddressTest, DLV_01_ADifferenceIsAgainstAllThatWasChargedAndWhatWasPaidLastGoesBackFirst) {
  Create(Gift());
  const auto change = [&](int64_t fee) {
    return desk_.As(Employee()).Decide(ChangeAddress, For(To(absl::StrCat("for ", fee)), fee)).status();
  };
  const auto pay = [&] {
    const auto waiting = Now().address_change();
    return Moved(base::v1::SURCHARGE_STATE_PAID, waiting.change_id(), waiting.difference().amount_minor());
  };
  const auto last = [&] { return desk_.last_events().back().address_changed(); };
  ASSERT_THAT(change(20'000), IsOk());
  EXPECT_EQ(Now().address_change().difference().amount_minor(), 8'000);
  ASSERT_THAT(Moved(base::v1::SURCHARGE_STATE_DECLINED, Now().address_change().change_id()), IsOk());
  EXPECT_EQ(Now().address().fee().amount_minor(), kFee) << "not paid for, not charged";
  ASSERT_THAT(change(20'000), IsOk());
  ASSERT_THAT(pay(), IsOk());
  ASSERT_THAT(change(27'000), IsOk());
  EXPECT_EQ(Now().address_change().difference().amount_minor(), 7'000) << "the rest of it";
  ASSERT_THAT(pay(), IsOk());
  EXPECT_EQ(Now().address().fee().amount_minor(), 27'000);

  ASSERT_THAT(change(14'000), IsOk());
  EXPECT_EQ(last().surcharges_given_back().amount_minor(), 13'000);
  EXPECT_FALSE(last().has_fee_given_back()) << "the order's own is charged as ever";
  ASSERT_THAT(change(5'000), IsOk());
  EXPECT_EQ(last().surcharges_given_back().amount_minor(), 2'000);
  EXPECT_EQ(last().fee_given_back().amount_minor(), 7'000);
  EXPECT_EQ(Now().delivery_fee().amount_minor(), 5'000);
  CheckTotal();
  ASSERT_THAT(change(27'000), IsOk());
  EXPECT_EQ(Now().address_change().difference().amount_minor(), 22'000) << "all of it is charged again";
  ASSERT_THAT(pay(), IsOk());
  ASSERT_THAT(change(0), IsOk());
  EXPECT_EQ(last().surcharges_given_back().amount_minor(), 22'000);
  EXPECT_EQ(last().fee_given_back().amount_minor(), 5'000);
  EXPECT_EQ(Now().address().fee().amount_minor(), 0);
  CheckTotal();
}

TEST_F(AddressTest, DLV_01_WhatWasPaidForAFartherAddressByHandWasChargedToo) {
  Create(Gift());
  ASSERT_THAT(Moved(base::v1::SURCHARGE_STATE_PAID, "", 10'000), IsOk());
  EXPECT_EQ(Now().address().fee().amount_minor(), 22'000);
  ASSERT_THAT(desk_.As(Customer()).Decide(ChangeAddress, To("Izmir", base::v1::ADDRESS_ZONE_NATIONAL)),
              IsOk());
  EXPECT_EQ(Now().address_change().difference().amount_minor(), 5'000);
  // Before that is paid the store has 1,000 more for the old one: it was not for this.
  ASSERT_THAT(Moved(base::v1::SURCHARGE_STATE_PAID, "", 1'000), IsOk());
  ASSERT_THAT(Moved(base::v1::SURCHARGE_STATE_PAID, Now().address_change().change_id(), 5'000), IsOk());
  EXPECT_EQ(desk_.last_events().back().address_changed().surcharges_given_back().amount_minor(), 1'000);
  EXPECT_EQ(Now().address().fee().amount_minor(), 27'000);
}

TEST_F(AddressTest, PAY_02_OneThatIsNotPaidForLeavesTheOldTerms) {
  for (const auto state : {base::v1::SURCHARGE_STATE_DECLINED, base::v1::SURCHARGE_STATE_VOIDED,
                           base::v1::SURCHARGE_STATE_EXPIRED}) {
    desk_ = testing::Desk(At("2026-09-01T10:00+02:00"));
    Create(Gift());
    ASSERT_THAT(desk_.As(Customer()).Decide(ChangeAddress, To("Izmir", base::v1::ADDRESS_ZONE_NATIONAL)),
                IsOk());
    const orders::v1::AddressChange change = Now().address_change();
    ASSERT_THAT(Moved(state, change.change_id()), IsOk());
    EXPECT_FALSE(desk_.last_events().back().address_change_dropped().still_held());
    EXPECT_EQ(City(), "Istanbul");
    EXPECT_EQ(Now().address().zone(), base::v1::ADDRESS_ZONE_CITY);
    EXPECT_EQ(Now().address().fee().amount_minor(), kFee);
    EXPECT_THAT(Holds(), IsEmpty());
    EXPECT_TRUE(desk_.Find<Contact>(change.contact_id())->has_erase_time());
    EXPECT_THAT(desk_.As(Customer()).Decide(ChangeAddress, To("Bursa")), IsOk());
  }
}

TEST_F(AddressTest, PAY_02_WhatIsPaidForAnOrderThatIsOverChangesNoAddress) {
  Create(Gift());
  ASSERT_THAT(desk_.As(Customer()).Decide(ChangeAddress, To("Izmir", base::v1::ADDRESS_ZONE_NATIONAL)),
              IsOk());
  const orders::v1::AddressChange change = Now().address_change();
  ASSERT_THAT(desk_.As(Manager()).Decide(CancelOrder, CancelFor(base::v1::INITIATOR_CUSTOMER,
                                                                base::v1::CANCEL_REASON_CUSTOMER_REQUEST)),
              IsOk());
  ASSERT_THAT(Moved(base::v1::SURCHARGE_STATE_PAID, change.change_id()), IsOk());
  EXPECT_FALSE(Now().has_address_change());
  EXPECT_EQ(City(), "Istanbul");
  EXPECT_TRUE(desk_.Find<Contact>(change.contact_id())->has_erase_time());
  EXPECT_FALSE(desk_.last_events().back().address_change_dropped().still_held());
  EXPECT_GT(desk_.last_events().back().order_version(), 0);
}

TEST_F(AddressTest, PAY_04_WhereNothingIsChargedForAFartherAddressNoneIsAskedFor) {
  orders::v1::NewOrder order = SomeOrder();
  order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
  Create(order);
  auto request = To("Brno", base::v1::ADDRESS_ZONE_NATIONAL);
  ASSERT_THAT(desk_.As(Employee()).Decide(ChangeAddress, request), IsOk());
  request.mutable_delivery_fee()->set_currency("EUR");
  request.mutable_delivery_fee()->set_amount_minor(100);
  EXPECT_THAT(desk_.As(Employee()).Decide(ChangeAddress, request), RefusedBy("PAY-04"));
}

}  // namespace
}  // namespace makegood::rules
