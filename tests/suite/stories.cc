#include "tests/suite/stories.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace makegood::testing {

base::v1::Actor System() { return ctl::MakeActor(base::v1::ROLE_SERVICE, "marketplace"); }
base::v1::Actor Employee() { return ctl::MakeActor(base::v1::ROLE_STORE_EMPLOYEE, "employee-1", "m-1"); }
base::v1::Actor Customer() { return ctl::MakeActor(base::v1::ROLE_CUSTOMER, "c-1001"); }
base::v1::Actor Operations() { return ctl::MakeActor(base::v1::ROLE_OPERATIONS, "operations-1"); }

orders::v1::CreateOrderRequest NewPaidOrder(const std::string& order_id) {
  orders::v1::CreateOrderRequest request;
  request.mutable_command()->set_request_id(absl::StrCat("create-", order_id));
  orders::v1::NewOrder& order = *request.mutable_order();
  order.set_order_id(order_id);
  order.set_marketplace("default");
  order.set_merchant_id("m-1");
  order.set_customer_id("c-1001");
  order.set_payment_method(base::v1::PAYMENT_METHOD_PREPAID);
  order.set_currency("EUR");
  order.mutable_customer()->set_email("c-1001@example.com");
  orders::v1::NewOrderLine& line = *order.add_lines();
  line.set_line_id("1");
  line.set_sku("BOOK");
  line.set_quantity(1);
  line.mutable_unit_price()->set_amount_minor(kPrice);
  line.mutable_unit_price()->set_currency("EUR");
  return request;
}

payments::v1::RecordPaymentRequest PaymentOf(const std::string& order_id) {
  payments::v1::RecordPaymentRequest request;
  request.mutable_command()->set_request_id(absl::StrCat("pay-", order_id));
  request.set_order_id(order_id);
  request.mutable_amount()->set_amount_minor(kPrice);
  request.mutable_amount()->set_currency("EUR");
  request.set_reference(absl::StrCat("card-", order_id));
  request.set_destination(payments::v1::Payment::DESTINATION_STORE_ACCOUNT);
  return request;
}

int CountEvents(ctl::Client& client, const std::string& order_id, events::v1::Event::PayloadCase kind) {
  orders::v1::ListTimelineRequest request;
  request.set_order_id(order_id);
  request.set_page_size(1000);
  const auto page =
      client.Call(Operations(), *client.timelines, &orders::v1::TimelineService::Stub::ListTimeline, request);
  if (!page.ok()) return -1;
  return static_cast<int>(
      std::count_if(page->entries().begin(), page->entries().end(),
                    [kind](const auto& entry) { return entry.event().payload_case() == kind; }));
}

bool WaitForEvent(ctl::Client& client, const std::string& order_id, events::v1::Event::PayloadCase kind,
                  absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (absl::Now() < deadline) {
    if (CountEvents(client, order_id, kind) > 0) return true;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return false;
}

}  // namespace makegood::testing
