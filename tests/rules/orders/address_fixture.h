// Orders that go to somebody in a city, and what payments tell of a farther way.
#pragma once

#include <string>
#include <vector>

#include "common/rules/orders/address_rules.h"
#include "tests/rules/orders/order_fixture.h"
#include "tests/support/work_support.h"

namespace makegood::rules {

class AddressTest : public OrderRulesTest {
 protected:
  static constexpr int64_t kFee = 12'000;

  // At flowwow, to a recipient in the city for 120 TRY.
  static orders::v1::NewOrder Gift() {
    orders::v1::NewOrder order = SomeOrder();
    order.set_marketplace("flowwow");
    order.set_currency("TRY");
    order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
    order.mutable_lines(0)->mutable_unit_price()->set_currency("TRY");
    *order.mutable_delivery_fee() = Lira(kFee);
    order.set_zone(base::v1::ADDRESS_ZONE_CITY);
    order.mutable_recipient()->set_name("Recipient");
    order.mutable_recipient()->set_phone("+902125550011");
    order.mutable_recipient()->set_city("Istanbul");
    return order;
  }

  static base::v1::Money Lira(int64_t amount_minor) {
    base::v1::Money money;
    money.set_amount_minor(amount_minor);
    money.set_currency("TRY");
    return money;
  }

  void Create(const orders::v1::NewOrder& order) {
    ASSERT_THAT(desk_.As(Service()).Decide(CreateOrder, CreateRequest(order)), IsOk());
  }

  base::v1::Actor Recipient() const {
    return testing::MakeActor(base::v1::ROLE_RECIPIENT, Now().recipient_contact_id());
  }

  static orders::v1::ChangeAddressRequest To(
      const std::string& city, base::v1::AddressZone zone = base::v1::ADDRESS_ZONE_UNSPECIFIED) {
    auto request = About<orders::v1::ChangeAddressRequest>("o-1");
    if (!city.empty()) request.mutable_details()->set_city(city);
    request.set_zone(zone);
    return request;
  }

  static orders::v1::ChangeAddressRequest For(orders::v1::ChangeAddressRequest request, int64_t fee_minor) {
    *request.mutable_delivery_fee() = Lira(fee_minor);
    return request;
  }

  // What payments tell of the surcharge that the waiting change is the cause of.
  absl::Status Moved(base::v1::SurchargeState state, const std::string& change_id, int64_t amount = 15'000) {
    Event event;
    event.set_order_id("o-1");
    event.mutable_surcharge_moved()->set_state(state);
    event.mutable_surcharge_moved()->set_kind(base::v1::SURCHARGE_KIND_FARTHER_ADDRESS);
    *event.mutable_surcharge_moved()->mutable_amount() = Lira(amount);
    event.mutable_surcharge_moved()->set_cause_id(change_id);
    return desk_.As(Service()).Decide(ReactToPayment, event);
  }

  std::vector<std::string> Holds() const {
    std::vector<std::string> references;
    const Order order = Now();
    for (const auto& hold : order.holds()) references.push_back(hold.reference_id());
    return references;
  }

  std::vector<std::string> Waiting() {
    EXPECT_EQ(testing::WorkTold(desk_.events()), testing::WorkOn<Order>(desk_));
    return testing::InShort(RecordTraits<Order>::Waiting(Now()));
  }

  std::string City() const { return desk_.Find<Contact>(Now().recipient_contact_id())->details().city(); }

  orders::v1::DeliveryAddress::State State() const { return Now().address().state(); }

  // No commit changes what an order costs without its parts (PrestaShop's lesson).
  void CheckTotal() const {
    const Order order = Now();
    int64_t sum = order.delivery_fee().amount_minor();
    for (const auto& line : order.lines())
      sum += line.unit_price_minor() * (line.quantity() - line.taken_off());
    EXPECT_EQ(order.total().amount_minor(), sum);
  }
};

}  // namespace makegood::rules
