// SYS-01, SYS-02, SYS-06: clients hammer commands while the suite is killed at random, twenty times.
// In the end every acknowledged command is there exactly once, with its events and its follow-up in
// the other services.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
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

using events::v1::Event;
using testing::CountEvents;
using testing::NewPaidOrder;
using testing::PaymentOf;
using OrdersStub = orders::v1::OrdersService::Stub;
using PaymentsStub = payments::v1::PaymentsService::Stub;

constexpr int kRounds = 20;
constexpr int kClients = 4;

// What one client was told is done.
struct Acknowledged {
  std::vector<std::string> created;
  std::vector<std::string> paid;
};

// Repeats a call, the same to the letter, until it is acknowledged; false when told to stop first.
template <typename Call>
bool UntilAcknowledged(const std::atomic<bool>& stop, const Call& call) {
  while (!stop) {
    const absl::Status status = call();
    if (status.ok()) return true;
    if (!ctl::IsAmbiguous(status)) {
      ADD_FAILURE() << status;
      return false;
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
  return false;
}

// Creates and pays one order after another.
void Hammer(ctl::Client& client, int number, const std::atomic<bool>& stop, Acknowledged& acknowledged) {
  for (int i = 0; !stop; ++i) {
    const std::string order_id = absl::StrCat("K-", number, "-", i);
    const bool created = UntilAcknowledged(stop, [&] {
      return client.Call(testing::System(), *client.orders, &OrdersStub::CreateOrder, NewPaidOrder(order_id))
          .status();
    });
    if (!created) continue;
    acknowledged.created.push_back(order_id);
    const bool paid = UntilAcknowledged(stop, [&] {
      return client
          .Call(testing::System(), *client.payments, &PaymentsStub::RecordPayment, PaymentOf(order_id))
          .status();
    });
    if (paid) acknowledged.paid.push_back(order_id);
  }
}

void ExpectCreatedOnce(ctl::Client& client, const std::string& order_id) {
  EXPECT_TRUE(testing::WaitForEvent(client, order_id, Event::kOrderCreated)) << order_id << " is lost";
  EXPECT_EQ(CountEvents(client, order_id, Event::kOrderCreated), 1) << order_id;
}

// The payment, and what followed from it in the orders service.
void ExpectPaidOnce(ctl::Client& client, const std::string& order_id) {
  ASSERT_TRUE(testing::WaitForEvent(client, order_id, Event::kOrderOpened)) << order_id;
  ASSERT_TRUE(testing::WaitForEvent(client, order_id, Event::kPaymentRecorded)) << order_id;
  EXPECT_EQ(CountEvents(client, order_id, Event::kOrderOpened), 1) << order_id;
  EXPECT_EQ(CountEvents(client, order_id, Event::kPaymentRecorded), 1) << order_id;
  payments::v1::GetAccountRequest request;
  request.set_order_id(order_id);
  const auto account =
      client.Call(testing::Operations(), *client.payments, &PaymentsStub::GetAccount, request);
  ASSERT_TRUE(account.ok()) << account.status();
  EXPECT_EQ(account->due().amount_minor(), 0) << order_id;
  int64_t captured = 0;
  for (const payments::v1::Posting& balance : account->balances()) {
    if (balance.account() == payments::v1::Posting::LEDGER_ACCOUNT_CLEARING)
      captured = balance.amount_minor();
  }
  EXPECT_EQ(captured, testing::kPrice) << order_id;
}

TEST(KillTest, SYS_01_SYS_02_SYS_06_WhatWasAcknowledgedIsThereExactlyOnce) {
  testing::Standalone suite;
  ASSERT_NO_FATAL_FAILURE(suite.Start());
  ctl::Client client(suite.address());
  std::atomic<bool> stop = false;
  std::vector<Acknowledged> acknowledged(kClients);
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&, i] { Hammer(client, i, stop, acknowledged[static_cast<size_t>(i)]); });
  }
  std::mt19937 random(testing::Seed());
  for (int round = 1; round <= kRounds; ++round) {
    const int life_ms = std::uniform_int_distribution<int>(100, 900)(random);
    absl::SleepFor(absl::Milliseconds(life_ms));
    suite.Kill();
    suite.Start();
    std::printf("round %2d of %d: killed after %3d ms, started again\n", round, kRounds, life_ms);
  }
  absl::SleepFor(absl::Seconds(1));
  stop = true;
  for (std::thread& thread : clients) thread.join();

  size_t created = 0;
  size_t paid = 0;
  for (const Acknowledged& one : acknowledged) {
    for (const std::string& order_id : one.created) ExpectCreatedOnce(client, order_id);
    for (const std::string& order_id : one.paid) ExpectPaidOnce(client, order_id);
    created += one.created.size();
    paid += one.paid.size();
  }
  std::printf("%zu orders and %zu payments acknowledged, each there exactly once\n", created, paid);
  EXPECT_GT(paid, 0u);
  EXPECT_EQ(suite.Stop(), 0);
}

}  // namespace
}  // namespace makegood
