// Where orders go: asked for, and looked at (DLV-02, DLV-09).
#include "tests/rules/orders/address_fixture.h"

namespace makegood::rules {
namespace {

using orders::v1::DeliveryAddress;
using ::testing::ElementsAre;
using testing::Employee;
using ::testing::IsEmpty;
using ::testing::SizeIs;

orders::v1::NewOrder Unconfirmed(orders::v1::NewOrder order) {
  order.set_address_to_be_confirmed(true);
  order.clear_zone();
  return order;
}

TEST_F(AddressTest, DLV_02_TheRecipientIsAskedAndTheOrderIsHeldUntilTheyAnswer) {
  Create(Unconfirmed(Gift()));
  const auto asked = desk_.Events(&Event::has_address_asked);
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_TRUE(asked[0].address_asked().to_be_confirmed());
  EXPECT_EQ(asked[0].address_asked().contact_id(), Now().recipient_contact_id());
  EXPECT_EQ(ToTime(asked[0].address_asked().due_time()), At("2026-09-02T10:00+02:00"));
  EXPECT_EQ(State(), DeliveryAddress::STATE_TO_BE_CONFIRMED);
  EXPECT_THAT(Holds(), ElementsAre("address"));
  EXPECT_THAT(Waiting(), ElementsAre("customer confirm_address by 2026-09-02T08:00+00:00"));
  EXPECT_THAT(desk_.As(Manager()).Decide(HandOver, About<HandOverRequest>("o-1")), RefusedBy("ORD-12"));
  auto release = About<ReleaseHoldRequest>("o-1");
  release.set_hold(base::v1::HOLD_NAME_ADDRESS_UNCONFIRMED);
  release.set_reference_id("address");
  EXPECT_THAT(desk_.Decide(ReleaseHold, release), DeniedBy("ORD-12")) << "by the answer alone";
  EXPECT_THAT(desk_.Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_ADDRESS_UNCONFIRMED, "address")),
              NamesField("reference_id"));
  ASSERT_THAT(desk_.As(Recipient()).Decide(ChangeAddress, To("")), IsOk());
  EXPECT_TRUE(desk_.last_events().back().address_changed().confirmed());
  EXPECT_EQ(State(), DeliveryAddress::STATE_CONFIRMED);
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_THAT(Waiting(), IsEmpty());
  EXPECT_THAT(desk_.Tasks(kAddressDue), IsEmpty());
}

TEST_F(AddressTest, DLV_02_SYS_05_OneThatIsNotAnsweredIsTheStoresOnce) {
  Create(Unconfirmed(Gift()));
  const auto timers = desk_.Tasks(kAddressDue);
  ASSERT_THAT(timers, SizeIs(1));
  desk_.MoveTo(timers[0].due);
  ASSERT_THAT(desk_.As(Service()).Complete(timers[0].id, EndAddressWait, timers[0].payload), IsOk());
  EXPECT_THAT(desk_.Events(&Event::has_address_unanswered), SizeIs(1));
  EXPECT_THAT(Waiting(), ElementsAre("merchant confirm_address"));
  EXPECT_THAT(Holds(), ElementsAre("address"));
  ASSERT_THAT(desk_.Decide(EndAddressWait, "o-1"), IsOk());
  EXPECT_THAT(desk_.last_events(), IsEmpty());
  ASSERT_THAT(desk_.As(Employee()).Decide(ChangeAddress, To("Istanbul", base::v1::ADDRESS_ZONE_CITY)),
              IsOk());
  EXPECT_THAT(Holds(), IsEmpty());
}

TEST_F(AddressTest, DLV_02_PAY_02_AnAnswerThatCostsMoreStaysHeldUntilPaidAndIsAskedForAgainWhereDeclined) {
  Create(Unconfirmed(Gift()));
  ASSERT_THAT(desk_.As(Recipient()).Decide(ChangeAddress, To("Izmir", base::v1::ADDRESS_ZONE_NATIONAL)),
              IsOk());
  std::string change = Now().address_change().change_id();
  EXPECT_THAT(Holds(), ElementsAre("address", change));
  EXPECT_THAT(desk_.Tasks(kAddressDue), IsEmpty()) << "they have answered";
  ASSERT_THAT(Moved(base::v1::SURCHARGE_STATE_DECLINED, change), IsOk());
  EXPECT_TRUE(desk_.last_events().back().address_change_dropped().still_held());
  EXPECT_THAT(Holds(), ElementsAre("address")) << "without a deliverable address it stays held";
  EXPECT_THAT(Waiting(), ElementsAre("merchant confirm_address"));
  ASSERT_THAT(desk_.As(Employee()).Decide(ChangeAddress, To("Izmir", base::v1::ADDRESS_ZONE_NATIONAL)),
              IsOk());
  change = Now().address_change().change_id();
  ASSERT_THAT(Moved(base::v1::SURCHARGE_STATE_PAID, change), IsOk());
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_EQ(State(), DeliveryAddress::STATE_CONFIRMED);
  EXPECT_THAT(Waiting(), IsEmpty());
}

// ---- Abroad (DLV-09).

TEST_F(AddressTest, DLV_09_AnAddressAbroadIsHeldUntilOperationsHaveLookedAtIt) {
  orders::v1::NewOrder order = Gift();
  order.set_zone(base::v1::ADDRESS_ZONE_INTERNATIONAL);
  Create(order);
  EXPECT_EQ(State(), DeliveryAddress::STATE_UNVERIFIED);
  EXPECT_FALSE(desk_.Events(&Event::has_address_asked)[0].address_asked().to_be_confirmed());
  EXPECT_THAT(Holds(), ElementsAre("address"));
  EXPECT_THAT(Waiting(), ElementsAre("operations confirm_address"));
  EXPECT_THAT(desk_.Tasks(kAddressDue), IsEmpty());
  for (const auto& actor : {Customer(), Recipient(), Employee()}) {
    EXPECT_THAT(desk_.As(actor).Decide(ChangeAddress, To("")), DeniedBy("DLV-09"));
  }
  ASSERT_THAT(desk_.As(Operations()).Decide(ChangeAddress, To("")), IsOk());
  EXPECT_THAT(Holds(), IsEmpty());
  ASSERT_THAT(desk_.As(Customer()).Decide(ChangeAddress, To("Wien")), IsOk());
  EXPECT_EQ(State(), DeliveryAddress::STATE_UNVERIFIED) << "another one abroad nobody has looked at";
  EXPECT_THAT(Holds(), ElementsAre("address"));
  ASSERT_THAT(
      desk_.As(Customer()).Decide(ChangeAddress, For(To("Ankara", base::v1::ADDRESS_ZONE_NATIONAL), 0)),
      DeniedBy("DLV-01"));
  ASSERT_THAT(desk_.As(Manager()).Decide(ChangeAddress, To("Graz")), IsOk()) << "a manager's word is enough";
  EXPECT_EQ(State(), DeliveryAddress::STATE_CONFIRMED);
}

TEST_F(AddressTest, DLV_09_TheHoldOfAnAddressAbroadIsNotLiftedByCallingItHome) {
  orders::v1::NewOrder order = Gift();
  order.set_zone(base::v1::ADDRESS_ZONE_INTERNATIONAL);
  order.mutable_recipient()->set_country("US");
  Create(order);
  const auto in_country = To("", base::v1::ADDRESS_ZONE_NATIONAL);
  const auto another_there = To("Boston", base::v1::ADDRESS_ZONE_NATIONAL);
  for (const auto& actor : {Customer(), Recipient()}) {
    EXPECT_THAT(desk_.As(actor).Decide(ChangeAddress, in_country), DeniedBy("DLV-01"));
    EXPECT_THAT(desk_.Decide(ChangeAddress, another_there), DeniedBy("DLV-01"));
  }
  EXPECT_THAT(desk_.As(Employee()).Decide(ChangeAddress, in_country), DeniedBy("DLV-09"));
  EXPECT_THAT(desk_.Decide(ChangeAddress, another_there), DeniedBy("DLV-09"));
  EXPECT_THAT(Holds(), ElementsAre("address"));
  auto home = To("Ankara");
  home.mutable_details()->set_country("TR");
  ASSERT_THAT(desk_.As(Customer()).Decide(ChangeAddress, home), IsOk());
  EXPECT_EQ(Now().address().zone(), base::v1::ADDRESS_ZONE_INTERNATIONAL) << "until somebody says otherwise";
  EXPECT_EQ(State(), DeliveryAddress::STATE_UNVERIFIED);
  ASSERT_THAT(desk_.As(Operations()).Decide(ChangeAddress, For(in_country, kFee)), IsOk());
  EXPECT_EQ(Now().address().zone(), base::v1::ADDRESS_ZONE_NATIONAL);
  EXPECT_THAT(Holds(), IsEmpty());
}

TEST_F(AddressTest, DLV_09_AnEmployeeBringsItHomeWithAnAddress) {
  orders::v1::NewOrder order = Gift();
  order.set_zone(base::v1::ADDRESS_ZONE_INTERNATIONAL);
  order.mutable_recipient()->set_country("US");
  Create(order);
  auto home = To("Ankara", base::v1::ADDRESS_ZONE_NATIONAL);
  home.mutable_details()->set_country("TR");
  *home.mutable_delivery_fee() = Lira(kFee);
  ASSERT_THAT(desk_.As(Employee()).Decide(ChangeAddress, home), IsOk());
  EXPECT_EQ(Now().address().zone(), base::v1::ADDRESS_ZONE_NATIONAL);
  EXPECT_THAT(Holds(), IsEmpty());
}

TEST_F(AddressTest, DLV_09_AnotherCountryIsAbroadWhoeverSendsItAndWhateverTheyCallIt) {
  for (const auto zone : {base::v1::ADDRESS_ZONE_UNSPECIFIED, base::v1::ADDRESS_ZONE_CITY,
                          base::v1::ADDRESS_ZONE_INTERNATIONAL}) {
    for (const bool to_be_confirmed : {false, true}) {
      desk_ = testing::Desk(At("2026-09-01T10:00+02:00"));
      orders::v1::NewOrder order = Gift();
      order.set_address_to_be_confirmed(to_be_confirmed);
      order.mutable_recipient()->set_country("TR");
      Create(order);
      auto abroad = To("Berlin", zone);
      abroad.mutable_details()->set_country("DE");
      for (const auto& actor : {Customer(), Recipient(), Employee()}) {
        const auto preview = desk_.As(actor).Preview(ChangeAddress, abroad);
        ASSERT_THAT(preview, IsOk());
        EXPECT_EQ(preview->address().zone(), base::v1::ADDRESS_ZONE_INTERNATIONAL);
        EXPECT_EQ(preview->address().state(), DeliveryAddress::STATE_UNVERIFIED);
        EXPECT_THAT(preview->holds(), SizeIs(1));
      }
      ASSERT_THAT(desk_.As(Manager()).Decide(ChangeAddress, abroad), IsOk());
      EXPECT_EQ(Now().address().zone(), base::v1::ADDRESS_ZONE_INTERNATIONAL);
      EXPECT_THAT(Holds(), IsEmpty()) << "they have looked at it";
    }
  }
}

TEST_F(AddressTest, DLV_09_TheCountryStaysWhereNoneIsToldAndWhereNoneIsKnownTheZoneIsTold) {
  Create(Gift());
  auto first = To("Istanbul");
  first.mutable_details()->set_country("TR");
  EXPECT_THAT(desk_.As(Recipient()).Decide(ChangeAddress, first), RefusedBy("DLV-09"));
  first.set_zone(base::v1::ADDRESS_ZONE_CITY);
  ASSERT_THAT(desk_.Decide(ChangeAddress, first), IsOk());
  EXPECT_EQ(Now().address().zone(), base::v1::ADDRESS_ZONE_CITY);
  ASSERT_THAT(desk_.As(Customer()).Decide(ChangeAddress, To("Munich")), IsOk());
  auto abroad = To("Munich");
  abroad.mutable_details()->set_country("DE");
  ASSERT_THAT(desk_.Decide(ChangeAddress, abroad), IsOk());
  EXPECT_EQ(State(), DeliveryAddress::STATE_UNVERIFIED);
}

TEST_F(AddressTest, DLV_09_OneThatWasLookedAtBeforeIsNotHeldAndCancelsPlainly) {
  orders::v1::NewOrder order = Gift();
  order.set_zone(base::v1::ADDRESS_ZONE_INTERNATIONAL);
  order.set_address_verified(true);
  Create(order);
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_THAT(desk_.As(Customer())
                  .Decide(CancelOrder,
                          CancelFor(base::v1::INITIATOR_CUSTOMER, base::v1::CANCEL_REASON_CUSTOMER_REQUEST)),
              IsOk());
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(AddressTest, ORD_13_DLV_02_ImportedHistoryIsHeldButNobodyIsWrittenTo) {
  orders::v1::ImportOrderRequest request;
  *request.mutable_order() = Unconfirmed(Gift());
  *request.mutable_placed_time() = ToTimestamp(At("2026-08-01T10:00+02:00"));
  ASSERT_THAT(desk_.As(Operations()).Decide(ImportOrder, request), IsOk());
  EXPECT_THAT(Holds(), ElementsAre("address"));
  EXPECT_TRUE(desk_.Events(&Event::has_address_asked)[0].imported());
  EXPECT_THAT(desk_.Tasks(kAddressDue), IsEmpty());
  EXPECT_THAT(Waiting(), ElementsAre("merchant confirm_address"));
}

TEST_F(AddressTest, ORD_13_DLV_02_WhatHadLeftByThenHadAnAddress) {
  orders::v1::ImportOrderRequest request;
  *request.mutable_order() = Unconfirmed(Gift());
  *request.mutable_placed_time() = ToTimestamp(At("2026-08-01T10:00+02:00"));
  orders::v1::PastStep& shipped = *request.add_steps();
  shipped.set_state(Order::STATE_SHIPPED);
  *shipped.mutable_time() = ToTimestamp(At("2026-08-02T10:00+02:00"));
  ASSERT_THAT(desk_.As(Operations()).Decide(ImportOrder, request), IsOk());
  EXPECT_EQ(State(), DeliveryAddress::STATE_CONFIRMED);
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_THAT(desk_.Events(&Event::has_address_asked), IsEmpty());
}

TEST_F(AddressTest, ORD_09_WhatIsOfferedPassesItsPreview) {
  Create(Gift());
  const auto told = desk_.As(Customer()).Preview(ChangeAddress, To("Izmir"));
  ASSERT_THAT(told, IsOk());
  const auto& actions = told->available_actions();
  const auto change = std::find_if(actions.begin(), actions.end(),
                                   [](const auto& one) { return one.action() == "ChangeAddress"; });
  ASSERT_NE(change, actions.end());
  EXPECT_TRUE(change->allowed());
}

}  // namespace
}  // namespace makegood::rules
