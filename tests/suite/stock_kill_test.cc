// SYS-01, AVL-01, AVL-03: orders come, are picked and called off for the last units of two products while the
// suite is killed at random. In the end stock is what a plain count of the orders says, and never was more
// promised.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/suite/seed.h"
#include "tests/suite/standalone.h"
#include "tests/suite/stories.h"

namespace makegood {
namespace {

using orders::v1::Order;
using stores::v1::Offer;
using OrdersStub = orders::v1::OrdersService::Stub;
using StoresStub = stores::v1::StoresService::Stub;

constexpr int kKills = 8;
constexpr int kTraders = 4;
constexpr int64_t kStock = 40;
constexpr const char* kSkus[] = {"LAST-A", "LAST-B"};

// Sends the same again until it is answered; what a rule says to it is an answer.
template <typename Stub, typename Request, typename Reply>
absl::Status Answered(ctl::Client& client, Stub& stub,
                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                      const Request& request, const std::atomic<bool>& stop) {
  absl::Status status = absl::UnavailableError("not asked");
  while (!stop) {
    status = client.Call(testing::System(), stub, method, request).status();
    if (status.ok() || !ctl::IsAmbiguous(status)) break;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return status;
}

absl::StatusOr<Offer> OfferOf(ctl::Client& client, const char* sku) {
  stores::v1::GetOfferRequest request;
  request.set_merchant_id("m-1");
  request.set_sku(sku);
  return client.Call(testing::Operations(), *client.stores, &StoresStub::GetOffer, request);
}

void Trade(ctl::Client& client, int number, const std::atomic<bool>& stop, std::vector<std::string>& orders) {
  std::mt19937 random(testing::Seed() + static_cast<unsigned>(number));
  for (int i = 0; !stop; ++i) {
    const std::string id = absl::StrCat("S-", number, "-", i);
    orders::v1::CreateOrderRequest request = testing::NewPaidOrder(id);
    request.mutable_order()->set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
    request.mutable_order()->mutable_lines(0)->set_sku(kSkus[random() % 2]);
    request.mutable_order()->mutable_lines(0)->set_quantity(static_cast<int32_t>(1 + random() % 3));
    orders.push_back(id);  // also one whose answer is lost
    if (!Answered(client, *client.orders, &OrdersStub::CreateOrder, request, stop).ok()) continue;
    const auto what = random() % 4;
    if (what == 0) {
      incidents::v1::RecordPickRequest pick;
      pick.mutable_command()->set_request_id(absl::StrCat("pick-", id));
      pick.set_order_id(id);
      pick.add_units()->set_line_id(request.order().lines(0).line_id());
      pick.mutable_units(0)->set_quantity(request.order().lines(0).quantity());
      Answered(client, *client.incidents, &incidents::v1::IncidentsService::Stub::RecordPick, pick, stop)
          .IgnoreError();
    }
    // Most are called off, so that there is always something to have.
    if (what != 3) {
      orders::v1::CancelOrderRequest cancel;
      cancel.mutable_command()->set_request_id(absl::StrCat("cancel-", id));
      cancel.set_order_id(id);
      cancel.mutable_cancellation()->set_initiator(base::v1::INITIATOR_CUSTOMER);
      cancel.mutable_cancellation()->set_reason(base::v1::CANCEL_REASON_CUSTOMER_REQUEST);
      Answered(client, *client.orders, &OrdersStub::CancelOrder, cancel, stop).IgnoreError();
    }
  }
}

// What the orders themselves say of one product.
struct Count {
  int64_t picked = 0;
  int64_t wanted = 0;
  int held = 0;
};

std::map<std::string, Count> CountOrders(ctl::Client& client,
                                         const std::vector<std::vector<std::string>>& orders) {
  std::map<std::string, Count> counts;
  for (const auto& of_client : orders) {
    for (const std::string& id : of_client) {
      orders::v1::GetOrderRequest request;
      request.set_order_id(id);
      const auto order = client.Call(testing::Operations(), *client.orders, &OrdersStub::GetOrder, request);
      if (absl::IsNotFound(order.status())) continue;
      EXPECT_TRUE(order.ok()) << order.status();
      if (!order.ok() || order->state() == Order::STATE_CANCELLED) continue;
      Count& count = counts[order->lines(0).sku()];
      count.picked += order->lines(0).picked();
      count.wanted += order->lines(0).quantity();
      count.held += !order->holds().empty();
    }
  }
  return counts;
}

// The figures are what the orders come to.
bool Agree(ctl::Client& client, const std::map<std::string, Count>& counts) {
  return std::all_of(std::begin(kSkus), std::end(kSkus), [&](const char* const sku) {
    const auto offer = OfferOf(client, sku);
    const Count count = counts.count(sku) > 0 ? counts.at(sku) : Count();
    return offer.ok() && offer->reserved() + offer->owed() == count.wanted - count.picked &&
           (offer->owed() > 0) == (count.held > 0);
  });
}

TEST(StockKillTest, SYS_01_AVL_01_AVL_03_StockIsWhatTheOrdersComeToHoweverOftenTheSuiteIsKilled) {
  testing::Standalone suite;
  ASSERT_NO_FATAL_FAILURE(suite.Start());
  ctl::Client client(suite.address());
  std::atomic<bool> stop = false;
  for (const char* const sku : kSkus) {
    stores::v1::SetStockRequest set;
    set.mutable_command()->set_request_id(absl::StrCat("set-", sku));
    set.set_merchant_id("m-1");
    set.set_marketplace("mall");
    set.add_items()->set_sku(sku);
    set.mutable_items(0)->set_stock(kStock);
    ASSERT_TRUE(Answered(client, *client.stores, &StoresStub::SetStock, set, stop).ok());
  }
  std::vector<std::vector<std::string>> orders(kTraders);
  std::vector<std::thread> clients;
  for (int i = 0; i < kTraders; ++i) {
    clients.emplace_back([&, i] { Trade(client, i, stop, orders[static_cast<size_t>(i)]); });
  }
  std::mt19937 random(testing::Seed());
  for (int round = 0; round < kKills; ++round) {
    absl::SleepFor(absl::Milliseconds(std::uniform_int_distribution<int>(200, 900)(random)));
    suite.Kill();
    suite.Start();
  }
  absl::SleepFor(absl::Seconds(1));
  stop = true;
  for (std::thread& one : clients) one.join();
  // The connection has its own back-off after the last kill.
  ASSERT_TRUE(client.WaitUntilReady(absl::Seconds(60)).ok());

  std::map<std::string, Count> counts;
  const absl::Time until = absl::Now() + absl::Seconds(60);
  do {
    absl::SleepFor(absl::Milliseconds(200));
    counts = CountOrders(client, orders);
  } while (!Agree(client, counts) && absl::Now() < until);
  size_t all = 0;
  for (const auto& of_client : orders) all += of_client.size();
  EXPECT_GT(all, 10U) << "there was a crowd";
  for (const char* const sku : kSkus) {
    const auto offer = OfferOf(client, sku);
    ASSERT_TRUE(offer.ok()) << offer.status();
    const Count& count = counts[sku];
    EXPECT_EQ(offer->reserved() + offer->owed(), count.wanted - count.picked) << sku;
    EXPECT_EQ(offer->owed() > 0, count.held > 0) << sku;
    // A pick may have found more than the figure knew of: never less.
    EXPECT_LE(offer->stock(), kStock) << sku;
    EXPECT_GE(offer->stock(), std::max<int64_t>(0, kStock - count.picked)) << sku;
    EXPECT_EQ(offer->available(), std::max<int64_t>(0, offer->stock() - offer->reserved() - offer->owed()))
        << sku;
  }
  const auto stuck =
      client.Call(testing::Operations(), *client.events, &events::v1::EventService::Stub::ListStuck, [] {
        events::v1::ListStuckRequest request;
        request.set_source("orders");
        return request;
      }());
  ASSERT_TRUE(stuck.ok()) << stuck.status();
  EXPECT_TRUE(stuck->stuck().empty());
}

}  // namespace
}  // namespace makegood
