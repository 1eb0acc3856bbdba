// The payments service as its tests meet it: a real store and a real server, orders told by a server of the
// tests' own that serves fixed orders and their events.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/base/clock.h"
#include "common/flow/flow.h"
#include "common/rpc/channels.h"
#include "common/rpc/server.h"
#include "common/rules/payments/ledger.h"
#include "common/rules/times.h"
#include "common/store/store.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "makegood/payments/v1/payments_service.grpc.pb.h"
#include "services/host/app.h"
#include "services/payments/payments_kind.h"
#include "tests/support/eventually.h"
#include "tests/support/mood.h"
#include "tests/support/rules_support.h"
#include "tests/support/scratch.h"

namespace makegood::services {

using orders::v1::Order;
using payments::v1::Account;
using payments::v1::Payment;
using payments::v1::Refund;
using payments::v1::RefundGrant;
using payments::v1::Surcharge;
using testing::At;
using testing::Customer;
using testing::DeniedBy;
using testing::Employee;
using testing::Eventually;
using testing::IsOk;
using testing::kPatience;
using testing::Manager;
using testing::Operations;
using testing::RefusedBy;
using testing::StatusIs;

// Tells fixed orders, and takes holds for those that have not left. Thread-safe.
class HoldingOrders final : public orders::v1::OrdersService::CallbackService {
 public:
  void Set(const Order& order) {
    absl::MutexLock lock(&mutex_);
    orders_[order.order_id()] = order;
  }
  // From now on every call is UNAVAILABLE, or none is.
  void SetDown(bool down) { down_ = down; }

  // What PlaceHold says from now on.
  void SetHoldAnswer(const absl::Status& answer) {
    absl::MutexLock lock(&mutex_);
    hold_answer_ = answer;
  }

  // Of the calls about holds.
  testing::Mood& mood() { return mood_; }

  int holds_asked() const {
    absl::MutexLock lock(&mutex_);
    return holds_asked_;
  }

  size_t holds() const {
    absl::MutexLock lock(&mutex_);
    return holds_.size();
  }

  grpc::ServerUnaryReactor* GetOrder(grpc::CallbackServerContext* context,
                                     const orders::v1::GetOrderRequest* request, Order* reply) override {
    return Answer(context, request->order_id(), reply, [](Order&) { return absl::OkStatus(); });
  }

  grpc::ServerUnaryReactor* PlaceHold(grpc::CallbackServerContext* context,
                                      const orders::v1::PlaceHoldRequest* request, Order* reply) override {
    const testing::Obstacle obstacle = Met();
    return Answer(context, request->order_id(), reply, [&](Order&) {
      if (!obstacle.answer.ok()) return obstacle.answer;
      ++holds_asked_;
      if (hold_answer_.ok()) holds_.insert(request->reference_id());
      return hold_answer_;
    });
  }

  grpc::ServerUnaryReactor* ReleaseHold(grpc::CallbackServerContext* context,
                                        const orders::v1::ReleaseHoldRequest* request,
                                        Order* reply) override {
    const testing::Obstacle obstacle = Met();
    return Answer(context, request->order_id(), reply, [&](Order&) {
      if (!obstacle.answer.ok()) return obstacle.answer;
      holds_.erase(request->reference_id());
      return absl::OkStatus();
    });
  }

 private:
  testing::Obstacle Met() {
    testing::Obstacle obstacle = mood_.Next();
    if (obstacle.slow > absl::ZeroDuration()) absl::SleepFor(obstacle.slow);
    return obstacle;
  }

  template <typename Change>
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, const std::string& order_id,
                                   Order* reply, const Change& change) {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    absl::MutexLock lock(&mutex_);
    const auto order = orders_.find(order_id);
    absl::Status status = down_                    ? absl::UnavailableError("down")
                          : order == orders_.end() ? NotFound("order", order_id)
                                                   : change(order->second);
    if (status.ok()) *reply = order->second;
    reactor->Finish(rpc::ToGrpc(status));
    return reactor;
  }

  std::atomic<bool> down_ = false;
  testing::Mood mood_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Order> orders_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> holds_ ABSL_GUARDED_BY(mutex_);
  absl::Status hold_answer_ ABSL_GUARDED_BY(mutex_);
  int holds_asked_ ABSL_GUARDED_BY(mutex_) = 0;
};

class PaymentsServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    orders_store_ = Open("orders");
    store_ = Open("payments");
    StartOrders();
    StartPayments();
  }

  void TearDown() override {
    server_->Drain();
    feed_->EndStreams();
    orders_server_->Drain();
    server_.reset();
    app_.reset();
    orders_server_.reset();
    feed_.reset();
    store_.reset();
    orders_store_.reset();
  }

  std::unique_ptr<store::Store> Open(const std::string& service) {
    return scratch_.Open(service, clock_, {}, kDefaultParts);
  }

  void StartOrders() {
    feed_ = flow::MakeEventService({{"orders", orders_store_.get()}}, policies());
    orders_server_ = std::make_unique<rpc::Server>(rpc::ServerOptions());
    orders_server_->AddService<orders::v1::OrdersService>(orders_);
    orders_server_->AddService<events::v1::EventService>(*feed_);
    ASSERT_THAT(orders_server_->Start(), IsOk());
  }

  void StartPayments() {
    rpc::ClientInterceptors interceptors;
    interceptors.push_back(std::make_unique<testing::LostAnswers>(to_lose_));
    const auto orders =
        rpc::MakeChannel(absl::StrCat("127.0.0.1:", orders_server_->port()), std::move(interceptors));
    flow::TaskRunnerOptions tasks;
    tasks.poll = absl::Milliseconds(20);
    tasks.max_backoff = tasks.max_pause = absl::Milliseconds(200);
    app_ = PaymentsKind().make(
        {{*store_, policies(), clock_, nullptr}, {orders, orders, orders, orders}, scratch_.path(), tasks});
    server_ = std::make_unique<rpc::Server>(rpc::ServerOptions());
    app_->AddServices(*server_);
    app_->Start();
    ASSERT_THAT(server_->Start(), IsOk());
    stub_ =
        payments::v1::PaymentsService::NewStub(rpc::MakeChannel(absl::StrCat("127.0.0.1:", server_->port())));
  }

  static const rules::PolicyBook& policies() { return testing::ShippedPolicies(); }

  // An order of 100.00 TRY at flowwow, 10.00 of them delivery fee, as the orders service tells it.
  Order MakeOrder(const std::string& order_id) {
    Order order;
    order.set_order_id(order_id);
    *order.mutable_create_time() = rules::ToTimestamp(clock_.Now());
    *order.mutable_policy() = rules::RefTo(**policies().Current("flowwow"));
    order.set_merchant_id("m-1");
    order.set_customer_id("c-1001");
    order.set_state(Order::STATE_OPEN);
    orders::v1::OrderLine& line = *order.add_lines();
    line.set_line_id("l-1");
    line.set_quantity(9);
    line.set_unit_price_minor(1'000);
    line.set_vat_basis_points(2'000);
    order.set_payment_method(base::v1::PAYMENT_METHOD_PREPAID);
    *order.mutable_total() = Money(10'000);
    *order.mutable_delivery_fee() = Money(1'000);
    orders_.Set(order);
    return order;
  }

  static base::v1::Money Money(int64_t amount_minor) {
    base::v1::Money money;
    money.set_amount_minor(amount_minor);
    money.set_currency("TRY");
    return money;
  }

  static events::v1::Event EventAbout(const Order& order) {
    events::v1::Event event;
    *event.mutable_policy() = order.policy();
    event.set_order_id(order.order_id());
    event.set_merchant_id(order.merchant_id());
    event.set_customer_id(order.customer_id());
    return event;
  }

  static events::v1::Event Created(const Order& order) {
    events::v1::Event event = EventAbout(order);
    *event.mutable_order_created()->mutable_total() = order.total();
    *event.mutable_order_created()->mutable_delivery_fee() = order.delivery_fee();
    event.mutable_order_created()->set_payment_method(order.payment_method());
    for (const orders::v1::OrderLine& line : order.lines()) {
      events::v1::OrderedLine& ordered = *event.mutable_order_created()->add_lines();
      ordered.set_line_id(line.line_id());
      ordered.set_quantity(line.quantity());
      *ordered.mutable_unit_price() = Money(line.unit_price_minor());
      ordered.set_vat_basis_points(line.vat_basis_points());
    }
    return event;
  }

  static events::v1::Event Delivered(const Order& order) {
    events::v1::Event event = EventAbout(order);
    *event.mutable_order_delivered()->mutable_total() = order.total();
    return event;
  }

  // Appends an event of the orders service, durable when it returns.
  void Announce(const events::v1::Event& event) {
    store::Work work;
    work.routing_key = event.order_id();
    work.context.actor = Operations();
    work.context.policies = &policies();
    work.context.seed = absl::StrCat("announcement-", ++announcements_);
    work.decide = [event](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      tx.Emit(event);
      return std::string();
    };
    absl::Notification done;
    orders_store_->Submit(std::move(work), [&done](const absl::StatusOr<std::string>& reply) {
      EXPECT_THAT(reply, IsOk());
      done.Notify();
    });
    done.WaitForNotification();
  }

  // Calls a method as `actor`.
  template <typename Request, typename Reply>
  absl::StatusOr<Reply> Call(grpc::Status (payments::v1::PaymentsService::Stub::*method)(grpc::ClientContext*,
                                                                                         const Request&,
                                                                                         Reply*),
                             const base::v1::Actor& actor, const Request& request,
                             absl::Duration timeout = kPatience) {
    grpc::ClientContext context;
    rpc::Prepare(context, actor, timeout);
    Reply reply;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &reply);
    if (!status.ok()) return rpc::FromGrpc(status);
    return reply;
  }

  template <typename Request>
  Request WithId(std::optional<std::string> request_id = std::nullopt) {
    Request request;
    request.mutable_command()->set_request_id(request_id.value_or(absl::StrCat("r-", ++requests_)));
    return request;
  }

  absl::StatusOr<Payment> Pay(const Order& order, int64_t amount_minor, const std::string& reference,
                              const std::string& surcharge_id = "",
                              Payment::Destination destination = Payment::DESTINATION_STORE_ACCOUNT) {
    auto request = WithId<payments::v1::RecordPaymentRequest>();
    request.set_order_id(order.order_id());
    request.set_surcharge_id(surcharge_id);
    *request.mutable_amount() = Money(amount_minor);
    request.set_reference(reference);
    request.set_destination(destination);
    return Call(&payments::v1::PaymentsService::Stub::RecordPayment, Operations(), request);
  }

  // Given freely: at flowwow up to a tenth of the order.
  absl::StatusOr<RefundGrant> Give(const Order& order, int64_t amount_minor) {
    auto request = WithId<payments::v1::GrantRefundRequest>();
    request.set_order_id(order.order_id());
    request.set_reason(base::v1::REFUND_REASON_GOODWILL);
    *request.mutable_goodwill() = Money(amount_minor);
    return Call(&payments::v1::PaymentsService::Stub::GrantRefund, Operations(), request);
  }

  absl::StatusOr<Account> GetAccount(const Order& order, const base::v1::Actor& actor = Operations()) {
    payments::v1::GetAccountRequest request;
    request.set_order_id(order.order_id());
    return Call(&payments::v1::PaymentsService::Stub::GetAccount, actor, request);
  }

  absl::StatusOr<Surcharge> Propose(const Order& order) {
    auto request = WithId<payments::v1::ProposeSurchargeRequest>();
    request.set_order_id(order.order_id());
    request.set_kind(base::v1::SURCHARGE_KIND_FARTHER_ADDRESS);
    *request.mutable_amount() = Money(15'000);
    return Call(&payments::v1::PaymentsService::Stub::ProposeSurcharge, Employee(), request);
  }

  absl::StatusOr<Surcharge> GetSurcharge(const std::string& surcharge_id,
                                         const base::v1::Actor& actor = Operations()) {
    payments::v1::GetSurchargeRequest request;
    request.set_surcharge_id(surcharge_id);
    return Call(&payments::v1::PaymentsService::Stub::GetSurcharge, actor, request);
  }

  // For failures: what could not be applied or was given up.
  std::string WhatIsStuck() {
    std::string told = "stuck:";
    const auto stuck = store_->ListStuck(10);
    if (!stuck.ok()) return std::string(stuck.status().message());
    for (const store::StuckItem& item : *stuck) absl::StrAppend(&told, " ", item.kind, ": ", item.error, ";");
    return told;
  }

  payments::v1::CheckLedgerResponse CheckedLedger() {
    const auto checked = Call(&payments::v1::PaymentsService::Stub::CheckLedger, testing::Auditor(),
                              payments::v1::CheckLedgerRequest());
    EXPECT_THAT(checked, IsOk());
    return checked.ok() ? *checked : payments::v1::CheckLedgerResponse();
  }

  TestClock clock_{At("2026-09-01T10:00+03:00")};
  const testing::Scratch scratch_;
  std::unique_ptr<store::Store> orders_store_;
  std::unique_ptr<store::Store> store_;
  // Answers of orders that get lost.
  const std::shared_ptr<std::atomic<int>> to_lose_ = std::make_shared<std::atomic<int>>(0);
  HoldingOrders orders_;
  std::unique_ptr<flow::EventFeed> feed_;
  std::unique_ptr<rpc::Server> orders_server_;
  std::unique_ptr<App> app_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<payments::v1::PaymentsService::Stub> stub_;
  std::atomic<int> requests_ = 0;
  int announcements_ = 0;
};

}  // namespace makegood::services
