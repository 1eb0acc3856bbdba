// Addresses as the orders service serves them (DLV-01, DLV-02, SYS-05, SYS-09).
#include "makegood/orders/v1/addresses_service.grpc.pb.h"
#include "makegood/orders/v1/work_service.grpc.pb.h"
#include "tests/services/orders_fixture.h"

namespace makegood::testing {
namespace {

using orders::v1::AddressesService;
using orders::v1::ChangeAddressRequest;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AddressesTest : public OrdersTest {
 protected:
  NewOrder Gift() {
    NewOrder order = SomeOrder("o-1");
    order.set_marketplace("flowwow");
    order.set_currency("TRY");
    order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
    order.mutable_lines(0)->mutable_unit_price()->set_currency("TRY");
    order.mutable_delivery_fee()->set_currency("TRY");
    order.mutable_delivery_fee()->set_amount_minor(12'000);
    order.set_zone(base::v1::ADDRESS_ZONE_CITY);
    order.mutable_recipient()->set_name("Recipient");
    return order;
  }

  absl::StatusOr<Order> Change(const Actor& actor, const std::string& city, base::v1::AddressZone zone,
                               absl::string_view request_id = "") {
    auto request = About<ChangeAddressRequest>("o-1");
    if (!city.empty()) request.mutable_details()->set_city(city);
    request.set_zone(zone);
    return Call(actor, &AddressesService::Stub::ChangeAddress, request, request_id);
  }

  std::vector<std::string> OpenWork(const Actor& actor) {
    orders::v1::ListWorkRequest request;
    const auto page = Call(actor, &orders::v1::WorkService::Stub::ListWork, request);
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> kinds;
    if (!page.ok()) return kinds;
    for (const auto& work : page->work()) kinds.push_back(base::v1::WorkKind_Name(work.item().kind()));
    return kinds;
  }
};

TEST_F(AddressesTest, DLV_01_PAY_02_SYS_02_AFartherAddressIsAskedForOnceAndDecidedByItsSurcharge) {
  ASSERT_THAT(Create(Gift()), IsOk());
  const auto asked = Change(Customer(), "Izmir", base::v1::ADDRESS_ZONE_NATIONAL, "change-1");
  ASSERT_THAT(asked, IsOk());
  const std::string change = asked->address_change().change_id();
  const auto again = Change(Customer(), "Izmir", base::v1::ADDRESS_ZONE_NATIONAL, "change-1");
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->address_change().change_id(), change) << "a repetition is one change (SYS-02)";
  EXPECT_THAT(Change(Customer(), "Bursa", base::v1::ADDRESS_ZONE_CITY), RefusedBy("DLV-01"));
  EXPECT_THAT(Call(Employee(), &OrdersService::Stub::HandOver, About<HandOverRequest>("o-1")),
              RefusedBy("ORD-12"));
  Event paid;
  paid.set_order_id("o-1");
  paid.mutable_surcharge_moved()->set_state(base::v1::SURCHARGE_STATE_PAID);
  paid.mutable_surcharge_moved()->set_kind(base::v1::SURCHARGE_KIND_FARTHER_ADDRESS);
  *paid.mutable_surcharge_moved()->mutable_amount() = asked->address_change().difference();
  paid.mutable_surcharge_moved()->set_cause_id(change);
  service_.Happens("payments", paid);
  service_.Settle();
  EXPECT_EQ(Get().address().zone(), base::v1::ADDRESS_ZONE_NATIONAL);
  EXPECT_THAT(Get().holds(), IsEmpty());
  for (const auto& entry : Timeline(Operations())) {
    EXPECT_THAT(entry.text(), ::testing::Not(::testing::HasSubstr("Izmir"))) << "SYS-09";
  }
}

TEST_F(AddressesTest, DLV_02_SYS_05_AnAddressNobodyConfirmsIsTheStoresAfterItsTime) {
  NewOrder order = Gift();
  order.set_address_to_be_confirmed(true);
  ASSERT_THAT(Create(order), IsOk());
  service_.Settle();
  EXPECT_THAT(OpenWork(Customer()), ElementsAre("WORK_KIND_CONFIRM_ADDRESS"));
  service_.MoveTo(At("2026-09-03T10:00+02:00"));
  EXPECT_THAT(OpenWork(Customer()), IsEmpty());
  EXPECT_THAT(OpenWork(Manager()), ElementsAre("WORK_KIND_CONFIRM_ADDRESS"));
  const Actor recipient = MakeActor(base::v1::ROLE_RECIPIENT, Get().recipient_contact_id());
  EXPECT_THAT(Change(recipient, "", base::v1::ADDRESS_ZONE_CITY), RefusedBy("DLV-02")) << "to where?";
  ASSERT_THAT(Change(recipient, "Istanbul", base::v1::ADDRESS_ZONE_CITY), IsOk()) << "better late than never";
  service_.Settle();
  EXPECT_THAT(Get().holds(), IsEmpty());
  EXPECT_THAT(OpenWork(Manager()), IsEmpty());
}

}  // namespace
}  // namespace makegood::testing
