// SYS-13 over four processes: what a claim asks payments for comes to pass once, whoever is away, late, slow
// or killed meanwhile, within seconds of the return.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/suite/four_processes.h"
#include "tests/suite/stories.h"

namespace makegood {
namespace {

using claims::v1::Claim;
using events::v1::Event;
using testing::Customer;
using testing::Employee;
using testing::Operations;
using ClaimsStub = claims::v1::ClaimsService::Stub;
using OrdersStub = orders::v1::OrdersService::Stub;
using PaymentsStub = payments::v1::PaymentsService::Stub;

// From the return of whoever was away until all has followed; what waits asks every two seconds.
constexpr absl::Duration kSoon = absl::Seconds(20);

class CallsOfClaims : public testing::FourProcesses {
 protected:
  void SetUp() override {
    FourProcesses::SetUp();
    for (const char* name : testing::kServices) {
      clients_.emplace(name, std::make_unique<ctl::Client>(Address(name)));
    }
  }

  ctl::Client& At(const std::string& service) { return *clients_.at(service); }

  // Repeats a command, the same to the letter, until it is acknowledged.
  template <typename Stub, typename Request, typename Reply>
  Reply Do(const base::v1::Actor& actor, Stub& stub,
           grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*), Request request,
           const std::string& request_id) {
    request.mutable_command()->set_request_id(request_id);
    const absl::Time end = absl::Now() + absl::Seconds(60);
    while (true) {
      const absl::StatusOr<Reply> reply = At("orders").Call(actor, stub, method, request);
      if (reply.ok()) return *reply;
      if (!ctl::IsAmbiguous(reply.status()) || absl::Now() > end) {
        ADD_FAILURE() << request_id << ": " << reply.status();
        return {};
      }
      absl::SleepFor(absl::Milliseconds(50));
    }
  }

  // An order that was paid and delivered.
  void Deliver(const std::string& id) {
    OrdersStub& orders = *At("orders").orders;
    Do(testing::System(), orders, &OrdersStub::CreateOrder, testing::NewPaidOrder(id),
       absl::StrCat("create-", id));
    Do(testing::System(), *At("payments").payments, &PaymentsStub::RecordPayment, testing::PaymentOf(id),
       absl::StrCat("pay-", id));
    ASSERT_TRUE(testing::WaitForEvent(At("orders"), id, Event::kOrderOpened)) << id;
    orders::v1::HandOverRequest hand_over;
    hand_over.set_order_id(id);
    const auto shipped = Do(Employee(), orders, &OrdersStub::HandOver, hand_over, absl::StrCat("ship-", id));
    orders::v1::RecordDeliveryRequest delivery;
    delivery.set_order_id(id);
    *delivery.mutable_delivered_time() = shipped.handover_time();
    Do(Employee(), orders, &OrdersStub::RecordDelivery, delivery, absl::StrCat("deliver-", id));
  }

  // A claim on all of it, taken to its return document: payments is asked for the refund and the credit note.
  std::string Claimed(const std::string& order_id) {
    ClaimsStub& claims = *At("claims").claims;
    claims::v1::OpenClaimRequest open;
    open.set_order_id(order_id);
    open.set_kind(base::v1::CLAIM_KIND_DAMAGED);
    open.add_units()->set_line_id("1");
    open.mutable_units(0)->set_quantity(1);
    const Claim claim = Do(Customer(), claims, &ClaimsStub::OpenClaim, open, absl::StrCat("open-", order_id));
    claims::v1::ChooseResolutionRequest choose;
    choose.set_claim_id(claim.claim_id());
    choose.set_resolution(base::v1::RESOLUTION_KIND_REFUND);
    Do(Customer(), claims, &ClaimsStub::ChooseResolution, choose, absl::StrCat("choose-", order_id));
    claims::v1::CreateReturnDocumentRequest document;
    document.set_claim_id(claim.claim_id());
    // Each order's own: 47 and eight digits.
    document.set_return_number(absl::StrCat("47", absl::Dec(10'000'000 + ++documents_)));
    Do(Operations(), claims, &ClaimsStub::CreateReturnDocument, document,
       absl::StrCat("document-", order_id));
    return claim.claim_id();
  }

  bool HasGrant(const std::string& claim_id) {
    claims::v1::GetClaimRequest get;
    get.set_claim_id(claim_id);
    const auto claim = At("claims").Call(Operations(), *At("claims").claims, &ClaimsStub::GetClaim, get);
    return claim.ok() && !claim->grant_id().empty();
  }

  // Every claim has one refund of its own, nothing is refused, nothing is stuck.
  void ExpectAllFollowed(int count, const std::vector<std::string>& claims) {
    const absl::Time end = absl::Now() + kSoon;
    for (const std::string& claim : claims) {
      while (!HasGrant(claim) && absl::Now() < end) absl::SleepFor(absl::Milliseconds(50));
      ASSERT_TRUE(HasGrant(claim)) << claim;
    }
    for (int i = 0; i < count; ++i) {
      const std::string id = OrderId(i);
      ASSERT_TRUE(testing::WaitForEvent(At("orders"), id, Event::kCreditNoteRequested)) << id;
      ASSERT_TRUE(testing::WaitForEvent(At("orders"), id, Event::kRefundStarted)) << id;
      EXPECT_EQ(testing::CountEvents(At("orders"), id, Event::kRefundGranted), 1) << id;
      EXPECT_EQ(testing::CountEvents(At("orders"), id, Event::kRefundStarted), 1) << id;
      EXPECT_EQ(testing::CountEvents(At("orders"), id, Event::kCallRefused), 0) << id;
    }
    for (const char* name : testing::kServices) {
      events::v1::ListStuckRequest list;
      list.set_source(name);
      const auto stuck =
          At(name).Call(Operations(), *At(name).events, &events::v1::EventService::Stub::ListStuck, list);
      ASSERT_TRUE(stuck.ok()) << stuck.status();
      EXPECT_EQ(stuck->stuck_size(), 0) << name << ": " << stuck->ShortDebugString();
    }
  }

  static std::string OrderId(int i) { return absl::StrCat("C-", i); }

  std::map<std::string, std::unique_ptr<ctl::Client>> clients_;
  int documents_ = 0;
};

TEST_F(CallsOfClaims, SYS_13_AHundredRefundsOutlastPaymentsThatIsStoppedLateFrozenAndKilledTenTimes) {
  constexpr int kClaims = 100;
  for (int i = 0; i < kClaims; ++i) ASSERT_NO_FATAL_FAILURE(Deliver(OrderId(i)));
  Kill("payments");
  std::vector<std::string> claims;
  for (int i = 0; i < kClaims; ++i) claims.push_back(Claimed(OrderId(i)));
  absl::SleepFor(absl::Seconds(1));
  ASSERT_NO_FATAL_FAILURE(Start("payments"));
  for (int i = 0; i < 10; ++i) {
    absl::SleepFor(absl::Milliseconds(30 * i));
    Kill("payments");
    ASSERT_NO_FATAL_FAILURE(Start("payments"));
  }
  processes_["payments"].Freeze();
  absl::SleepFor(absl::Seconds(1));
  processes_["payments"].Thaw();
  ExpectAllFollowed(kClaims, claims);
}

// Another process may be at work on its port and its data's tasks.
TEST_F(CallsOfClaims, SYS_05_AServiceWhosePortIsTakenRunsNoTask) {
  ASSERT_NO_FATAL_FAILURE(Deliver(OrderId(0)));
  Kill("payments");
  Claimed(OrderId(0));
  Kill("claims");
  ASSERT_NO_FATAL_FAILURE(Start("payments"));
  const testing::TakenPort taken(ports_["claims"]);
  EXPECT_EQ(testing::Process(Command("claims"), data_.Path("claims.log")).Wait(absl::Seconds(60)), 1);
  payments::v1::ListRefundsRequest list;
  list.set_order_id(OrderId(0));
  const auto refunds =
      At("payments").Call(Operations(), *At("payments").payments, &PaymentsStub::ListRefunds, list);
  ASSERT_TRUE(refunds.ok()) << refunds.status();
  EXPECT_EQ(refunds->refunds_size(), 0);
}

class WithOneKilled : public CallsOfClaims, public ::testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Each, WithOneKilled, ::testing::Values("orders", "claims", "notifications"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(WithOneKilled, SYS_13_EveryFollowUpHappensOnce) {
  constexpr int kClaims = 15;
  const std::string name = GetParam();
  for (int i = 0; i < kClaims; ++i) ASSERT_NO_FATAL_FAILURE(Deliver(OrderId(i)));
  std::vector<std::string> claims;
  for (int i = 0; i < kClaims; ++i) {
    if (i % 3 == 1) {
      Kill(name);
      ASSERT_NO_FATAL_FAILURE(Start(name));
    }
    claims.push_back(Claimed(OrderId(i)));
  }
  Kill(name);
  ASSERT_NO_FATAL_FAILURE(Start(name));
  ExpectAllFollowed(kClaims, claims);
}

}  // namespace
}  // namespace makegood
