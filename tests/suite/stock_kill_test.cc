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
#include "tests/support/eventually.h"

namespace makegood {
namespace {

using orders::v1::Order;
using stores::v1::Offer;
using OrdersStub = orders::v1::OrdersService::Stub;
using StoresStub = stores::v1::StoresService::Stub;
using IncidentsStub = incidents::v1::IncidentsService::Stub;

constexpr int kKills = 8;
constexpr int kTraders = 4;
constexpr int64_t kStock = 40;
constexpr const char* kSkus[] = {"LAST-A", "LAST-B"};

// Sends the same again until it is answered; what a rule says to it is an answer.
template <typename Stub, typename Request, typename Reply>
absl::Status Answered(ctl::Client& client, Stub& stub,
                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                      const Request& request, const std::atomic<bool>& stop,
                      const base::v1::Actor& actor = testing::System()) {
  absl::Status status = absl::UnavailableError("not asked");
  while (!stop) {
    status = client.Call(actor, stub, method, request).status();
    if (status.ok() || !ctl::IsAmbiguous(status)) break;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return status;
}

absl::StatusOr<Offer> OfferOf(ctl::Client& client, const std::string& sku) {
  stores::v1::GetOfferRequest request;
  request.set_merchant_id("m-1");
  request.set_sku(sku);
  return client.Call(testing::Operations(), *client.stores, &StoresStub::GetOffer, request);
}

stores::v1::SetStockRequest FigureOf(const std::string& sku, int64_t stock) {
  stores::v1::SetStockRequest set;
  set.mutable_command()->set_request_id(absl::StrCat("set-", sku));
  set.set_merchant_id("m-1");
  set.set_marketplace("mall");
  set.add_items()->set_sku(sku);
  set.mutable_items(0)->set_stock(stock);
  return set;
}

orders::v1::CreateOrderRequest CashOrder(const std::string& id, const std::string& sku, int32_t quantity) {
  orders::v1::CreateOrderRequest request = testing::NewPaidOrder(id);
  request.mutable_order()->set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
  request.mutable_order()->mutable_lines(0)->set_sku(sku);
  request.mutable_order()->mutable_lines(0)->set_quantity(quantity);
  return request;
}

incidents::v1::RecordPickRequest PickOf(const orders::v1::NewOrder& order, int32_t quantity) {
  incidents::v1::RecordPickRequest pick;
  pick.mutable_command()->set_request_id(absl::StrCat("pick-", order.order_id()));
  pick.set_order_id(order.order_id());
  pick.add_units()->set_line_id(order.lines(0).line_id());
  pick.mutable_units(0)->set_quantity(quantity);
  return pick;
}

// AVL-02: of a product of which there are ten an order wants three, two are found, and the third is credited
// at once. True where all of it was answered.
bool SettleAtOnce(ctl::Client& client, const std::string& id, const std::string& sku,
                  const std::atomic<bool>& stop) {
  const orders::v1::CreateOrderRequest order = CashOrder(id, sku, 3);
  if (!Answered(client, *client.stores, &StoresStub::SetStock, FigureOf(sku, 10), stop).ok() ||
      !Answered(client, *client.orders, &OrdersStub::CreateOrder, order, stop).ok() ||
      !Answered(client, *client.incidents, &IncidentsStub::RecordPick, PickOf(order.order(), 2), stop).ok()) {
    return false;
  }
  incidents::v1::ListIncidentsRequest list;
  list.set_order_id(id);
  const auto found =
      client.Call(testing::Operations(), *client.incidents, &IncidentsStub::ListIncidents, list);
  if (!found.ok() || found->incidents().empty()) return false;
  incidents::v1::ChooseOptionRequest credit;
  credit.mutable_command()->set_request_id(absl::StrCat("credit-", id));
  credit.set_incident_id(found->incidents(0).incident_id());
  credit.set_option(base::v1::INCIDENT_OPTION_CREDIT_MISSING);
  return Answered(client, *client.incidents, &IncidentsStub::ChooseOption, credit, stop, testing::Customer())
      .ok();
}

// What one client does.
struct Trader {
  std::vector<std::string> orders;           // of the last units
  std::vector<std::string> settled_at_once;  // the products of those that were
  // How many of each, for who looks on.
  std::atomic<size_t> ordered = 0;
  std::atomic<size_t> settled = 0;
};

void Trade(ctl::Client& client, int number, const std::atomic<bool>& stop, Trader& trader) {
  std::mt19937 random(testing::Seed() + static_cast<unsigned>(number));
  for (int i = 0; !stop; ++i) {
    const std::string id = absl::StrCat("S-", number, "-", i);
    const std::string own = absl::StrCat("OWN-", id);
    if (random() % 3 == 0) {
      if (SettleAtOnce(client, id, own, stop)) trader.settled_at_once.push_back(own);
      trader.settled = trader.settled_at_once.size();
      continue;
    }
    const orders::v1::CreateOrderRequest request =
        CashOrder(id, kSkus[random() % 2], static_cast<int32_t>(1 + random() % 3));
    trader.orders.push_back(id);  // also one whose answer is lost
    trader.ordered = trader.orders.size();
    if (!Answered(client, *client.orders, &OrdersStub::CreateOrder, request, stop).ok()) continue;
    const auto what = random() % 4;
    if (what == 0) {
      const auto pick = PickOf(request.order(), request.order().lines(0).quantity());
      Answered(client, *client.incidents, &IncidentsStub::RecordPick, pick, stop).IgnoreError();
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

std::map<std::string, Count> CountOrders(ctl::Client& client, const std::vector<Trader>& traders) {
  std::map<std::string, Count> counts;
  for (const Trader& trader : traders) {
    for (const std::string& id : trader.orders) {
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

// What is not there is not on offer any more.
bool AreGone(ctl::Client& client, const std::vector<Trader>& traders) {
  return std::all_of(traders.begin(), traders.end(), [&](const Trader& trader) {
    return std::all_of(
        trader.settled_at_once.begin(), trader.settled_at_once.end(), [&](const std::string& sku) {
          const auto offer = OfferOf(client, sku);
          return offer.ok() && offer->stock() == 0 && offer->reserved() == 0 && offer->owed() == 0;
        });
  });
}

// Enough of both, however slow the machine.
bool IsCrowd(const std::vector<Trader>& traders) {
  size_t ordered = 0;
  size_t settled = 0;
  for (const Trader& trader : traders) {
    ordered += trader.ordered;
    settled += trader.settled;
  }
  return ordered > 10 && settled > 5;
}

TEST(StockKillTest, SYS_01_AVL_01_AVL_02_AVL_03_StockIsWhatTheOrdersComeToHoweverOftenTheSuiteIsKilled) {
  testing::Standalone suite;
  ASSERT_NO_FATAL_FAILURE(suite.Start());
  ctl::Client client(suite.address());
  std::atomic<bool> stop = false;
  for (const char* const sku : kSkus) {
    ASSERT_TRUE(Answered(client, *client.stores, &StoresStub::SetStock, FigureOf(sku, kStock), stop).ok());
  }
  std::vector<Trader> traders(kTraders);
  std::vector<std::thread> clients;
  for (int i = 0; i < kTraders; ++i) {
    clients.emplace_back([&, i] { Trade(client, i, stop, traders[static_cast<size_t>(i)]); });
  }
  std::mt19937 random(testing::Seed());
  for (int round = 0; round < kKills; ++round) {
    absl::SleepFor(absl::Milliseconds(std::uniform_int_distribution<int>(200, 900)(random)));
    suite.Kill();
    suite.Start();
  }
  EXPECT_TRUE(testing::Eventually([&] { return IsCrowd(traders); }));
  stop = true;
  for (std::thread& one : clients) one.join();
  // The connection has its own back-off after the last kill.
  ASSERT_TRUE(client.WaitUntilReady(absl::Seconds(60)).ok());

  std::map<std::string, Count> counts;
  const absl::Time until = absl::Now() + absl::Seconds(60);
  do {
    absl::SleepFor(absl::Milliseconds(200));
    counts = CountOrders(client, traders);
  } while (!(Agree(client, counts) && AreGone(client, traders)) && absl::Now() < until);
  EXPECT_TRUE(AreGone(client, traders));
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
