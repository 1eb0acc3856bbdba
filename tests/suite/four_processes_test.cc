// Whole stories over the four services as four processes.
#include "tests/suite/four_processes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/suite/stories.h"

namespace makegood {
namespace {

using claims::v1::Claim;
using events::v1::Event;
using testing::Customer;
using testing::Employee;
using testing::FourProcesses;
using testing::kServices;
using ClaimsStub = claims::v1::ClaimsService::Stub;
using OrdersStub = orders::v1::OrdersService::Stub;
using PaymentsStub = payments::v1::PaymentsService::Stub;

void Deliver(ctl::Client& orders, const std::string& order_id) {
  orders::v1::HandOverRequest hand_over;
  hand_over.mutable_command()->set_request_id("hand-over");
  hand_over.set_order_id(order_id);
  const auto shipped = orders.Call(Employee(), *orders.orders, &OrdersStub::HandOver, hand_over);
  ASSERT_TRUE(shipped.ok()) << shipped.status();
  orders::v1::RecordDeliveryRequest delivery;
  delivery.mutable_command()->set_request_id("delivery");
  delivery.set_order_id(order_id);
  *delivery.mutable_delivered_time() = shipped->handover_time();
  const auto delivered = orders.Call(Employee(), *orders.orders, &OrdersStub::RecordDelivery, delivery);
  ASSERT_TRUE(delivered.ok()) << delivered.status();
}

// The order's refund, once there is one.
payments::v1::Refund WaitForRefund(ctl::Client& payments, const std::string& order_id) {
  payments::v1::ListRefundsRequest request;
  request.set_order_id(order_id);
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  while (absl::Now() < deadline) {
    const auto page =
        payments.Call(testing::Operations(), *payments.payments, &PaymentsStub::ListRefunds, request);
    if (page.ok() && page->refunds_size() > 0) return page->refunds(0);
    absl::SleepFor(absl::Milliseconds(50));
  }
  ADD_FAILURE() << order_id << " has no refund";
  return {};
}

// SYS-06: a whole story over four processes, with payments down while the order is called off.
TEST_F(FourProcesses, SYS_06_AServiceThatIsDownDelaysFollowUpWorkAndLosesNone) {
  ctl::Client orders(Address("orders"));
  ctl::Client payments(Address("payments"));
  ASSERT_TRUE(
      orders.Call(testing::System(), *orders.orders, &OrdersStub::CreateOrder, testing::NewPaidOrder("S-1"))
          .ok());
  const auto paid = payments.Call(testing::System(), *payments.payments, &PaymentsStub::RecordPayment,
                                  testing::PaymentOf("S-1"));
  ASSERT_TRUE(paid.ok()) << paid.status();
  ASSERT_TRUE(testing::WaitForEvent(orders, "S-1", Event::kOrderOpened));

  Kill("payments");
  orders::v1::CancelOrderRequest cancel;
  cancel.mutable_command()->set_request_id("cancel");
  cancel.set_order_id("S-1");
  cancel.mutable_cancellation()->set_initiator(base::v1::INITIATOR_CUSTOMER);
  cancel.mutable_cancellation()->set_reason(base::v1::CANCEL_REASON_CUSTOMER_REQUEST);
  const auto cancelled = orders.Call(Customer(), *orders.orders, &OrdersStub::CancelOrder, cancel);
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  ASSERT_NO_FATAL_FAILURE(Start("payments"));

  const payments::v1::Refund refund = WaitForRefund(payments, "S-1");
  EXPECT_EQ(refund.amount().amount_minor(), testing::kPrice);
  EXPECT_TRUE(testing::WaitForEvent(orders, "S-1", Event::kNoticeSent)) << "the customer is told";
  for (const char* name : kServices) EXPECT_EQ(processes_[name].Stop(), 0) << name;
}

// Which port it is, and what to do; nothing is made for a start that comes to nothing.
TEST(StartTest, APortThatIsTakenIsToldByItsFlagAndLeavesNothingBehind) {
  const testing::TakenPort taken(0);
  const std::string busy = absl::StrCat("127.0.0.1:", taken.port());
  for (const std::string flag : {"address", "metrics_address"}) {
    const testing::ScratchFolder folder;
    const std::string other = flag == "address" ? "metrics_address" : "address";
    testing::Process process(
        {testing::Program("services/orders/makegood-orders"), absl::StrCat("--", flag, "=", busy),
         absl::StrCat("--", other, "=127.0.0.1:0"), absl::StrCat("--data_dir=", folder.Path("data"))},
        folder.Path("log"));
    EXPECT_EQ(process.Wait(absl::Seconds(60)), 1) << flag;
    EXPECT_THAT(testing::ReadFile(folder.Path("log")),
                ::testing::HasSubstr(absl::StrCat("--", flag, ": cannot listen on ", busy,
                                                  ": Address already in use; end whoever listens there")));
    EXPECT_FALSE(std::filesystem::exists(folder.Path("data"))) << flag;
  }
}

// Clients that are connected and ask nothing, and peers that are gone, do not hold a stop; gRPC and the page
// of metrics by themselves would take four to six seconds a process.
TEST_F(FourProcesses, TheyStopSoonWhoeverIsConnected) {
  std::vector<std::unique_ptr<ctl::Client>> clients;
  for (const char* name : kServices) {
    ctl::Client& client = *clients.emplace_back(std::make_unique<ctl::Client>(Address(name)));
    events::v1::ListStuckRequest request;
    request.set_source(name);
    const auto stuck = client.Call(testing::Operations(), *client.events,
                                   &events::v1::EventService::Stub::ListStuck, request);
    ASSERT_TRUE(stuck.ok()) << stuck.status();
  }
  const absl::Time start = absl::Now();
  for (const char* name : kServices) EXPECT_EQ(processes_[name].Stop(), 0) << name;
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
}

TEST_F(FourProcesses, CLM_01_AClaimAsksTheOrdersServiceWhatWasDelivered) {
  ctl::Client orders(Address("orders"));
  ctl::Client payments(Address("payments"));
  ctl::Client claims(Address("claims"));
  ASSERT_TRUE(
      orders.Call(testing::System(), *orders.orders, &OrdersStub::CreateOrder, testing::NewPaidOrder("S-2"))
          .ok());
  ASSERT_TRUE(payments
                  .Call(testing::System(), *payments.payments, &PaymentsStub::RecordPayment,
                        testing::PaymentOf("S-2"))
                  .ok());
  ASSERT_TRUE(testing::WaitForEvent(orders, "S-2", Event::kOrderOpened));

  claims::v1::OpenClaimRequest open;
  open.mutable_command()->set_request_id("claim-too-soon");
  open.set_order_id("S-2");
  open.set_kind(base::v1::CLAIM_KIND_DAMAGED);
  claims::v1::ClaimedUnits& units = *open.add_units();
  units.set_line_id("1");
  units.set_quantity(1);
  const auto too_soon = claims.Call(Customer(), *claims.claims, &ClaimsStub::OpenClaim, open);
  EXPECT_EQ(RuleOf(too_soon.status()), "CLM-01") << too_soon.status();

  ASSERT_NO_FATAL_FAILURE(Deliver(orders, "S-2"));
  open.mutable_command()->set_request_id("claim");
  const auto claim = claims.Call(Customer(), *claims.claims, &ClaimsStub::OpenClaim, open);
  ASSERT_TRUE(claim.ok()) << claim.status();
  EXPECT_TRUE(testing::WaitForEvent(orders, "S-2", Event::kClaimOpened));
}

}  // namespace
}  // namespace makegood
