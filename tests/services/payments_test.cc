// The payments service end to end: a real store and a real server, orders told by a server of the
// test's own that serves fixed orders and their events.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
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
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/flow/flow.h"
#include "common/rpc/channels.h"
#include "common/rpc/server.h"
#include "common/rules/times.h"
#include "common/store/store.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "makegood/payments/v1/payments_service.grpc.pb.h"
#include "services/payments/payments_app.h"
#include "tests/support/rules_support.h"

namespace makegood::services {
namespace {

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
using testing::IsOk;
using testing::Manager;
using testing::Operations;
using testing::RefusedBy;
using testing::StatusIs;

constexpr absl::Duration kPatience = absl::Seconds(30);

// True once `holds` is, within the patience of a test.
bool Eventually(const std::function<bool()>& holds) {
  const absl::Time until = absl::Now() + kPatience;
  while (absl::Now() < until) {
    if (holds()) return true;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return holds();
}

// Tells fixed orders, and takes holds for those that have not left. Thread-safe.
class FixedOrders final : public orders::v1::OrdersService::CallbackService {
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
    return Answer(context, request->order_id(), reply, [&](Order&) {
      ++holds_asked_;
      if (hold_answer_.ok()) holds_.insert(request->reference_id());
      return hold_answer_;
    });
  }

  grpc::ServerUnaryReactor* ReleaseHold(grpc::CallbackServerContext* context,
                                        const orders::v1::ReleaseHoldRequest* request,
                                        Order* reply) override {
    return Answer(context, request->order_id(), reply, [&](Order&) {
      holds_.erase(request->reference_id());
      return absl::OkStatus();
    });
  }

 private:
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
  mutable absl::Mutex mutex_;
  std::map<std::string, Order> orders_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> holds_ ABSL_GUARDED_BY(mutex_);
  absl::Status hold_answer_ ABSL_GUARDED_BY(mutex_);
  int holds_asked_ ABSL_GUARDED_BY(mutex_) = 0;
};

class PaymentsServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "makegood-payments-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
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
    std::filesystem::remove_all(folder_);
  }

  std::unique_ptr<store::Store> Open(const std::string& service) {
    store::StoreOptions options;
    options.path = absl::StrCat(folder_, "/", service, ".db");
    options.service = service;
    auto opened = store::OpenSqliteStore(options, clock_);
    EXPECT_THAT(opened, IsOk());
    return opened.ok() ? *std::move(opened) : nullptr;
  }

  void StartOrders() {
    feed_ = flow::MakeEventService({{"orders", orders_store_.get()}}, policies());
    orders_server_ = std::make_unique<rpc::Server>(rpc::ServerOptions());
    orders_server_->AddService<orders::v1::OrdersService>(orders_);
    orders_server_->AddService<events::v1::EventService>(*feed_);
    ASSERT_THAT(orders_server_->Start(), IsOk());
  }

  void StartPayments() {
    const auto orders = rpc::MakeChannel(absl::StrCat("127.0.0.1:", orders_server_->port()));
    flow::TaskRunnerOptions tasks;
    tasks.poll = absl::Milliseconds(20);
    app_ = PaymentsKind().make(
        {{*store_, policies(), clock_, nullptr}, {orders, orders, orders, orders}, folder_, tasks});
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
    return event;
  }

  static events::v1::Event Delivered(const Order& order) {
    events::v1::Event event = EventAbout(order);
    *event.mutable_order_delivered()->mutable_total() = order.total();
    *event.mutable_order_delivered()->mutable_vat() = Money(1'667);
    *event.mutable_order_delivered()->mutable_commission() = Money(833);
    return event;
  }

  // Appends an event of the orders service, durable when it returns.
  void Announce(const events::v1::Event& event) {
    store::Work work;
    work.routing_key = event.order_id();
    work.context.actor = Operations();
    work.context.policies = &policies();
    work.context.seed = absl::StrCat("announcement-", ++announcements_);
    work.decide = [event](rules::Unit& unit) -> absl::StatusOr<std::string> {
      unit.Emit(event);
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

  absl::StatusOr<RefundGrant> Give(const Order& order, int64_t goods_minor) {
    auto request = WithId<payments::v1::GrantRefundRequest>();
    request.set_order_id(order.order_id());
    request.set_reason(base::v1::REFUND_REASON_CLAIM);
    request.set_goods_minor(goods_minor);
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
  std::string folder_;
  std::unique_ptr<store::Store> orders_store_;
  std::unique_ptr<store::Store> store_;
  FixedOrders orders_;
  std::unique_ptr<flow::EventFeed> feed_;
  std::unique_ptr<rpc::Server> orders_server_;
  std::unique_ptr<App> app_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<payments::v1::PaymentsService::Stub> stub_;
  std::atomic<int> requests_ = 0;
  int announcements_ = 0;
};

TEST_F(PaymentsServiceTest, RFD_02_ParallelGrantsStopExactlyAtTheCap) {
  const Order order = MakeOrder("o-1");
  ASSERT_THAT(Pay(order, 10'000, "ref-1"), IsOk());
  constexpr int kCallers = 32;
  constexpr int64_t kEach = 400;  // 22 of them fit into goods of 90.00
  std::atomic<int> granted = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      const absl::StatusOr<RefundGrant> grant = Give(order, kEach);
      if (grant.ok()) ++granted;
      if (RuleOf(grant.status()) == "RFD-02") ++refused;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(granted, 22);
  EXPECT_EQ(refused, 10);
  const auto account = GetAccount(order);
  ASSERT_THAT(account, IsOk());
  EXPECT_EQ(account->pending_minor(), 22 * kEach);
  EXPECT_TRUE(CheckedLedger().broken_entry_ids().empty());
}

TEST_F(PaymentsServiceTest, RFD_03_ASettleThatTimedOutAndIsRetriedRefundsOnce) {
  const Order order = MakeOrder("o-1");
  ASSERT_THAT(Pay(order, 10'000, "ref-1"), IsOk());
  const auto grant = Give(order, 2'500);
  ASSERT_THAT(grant, IsOk());
  auto request = WithId<payments::v1::SettleRefundRequest>("settle-1");
  request.set_refund_id(grant->refund_id());
  request.set_provider_reference("bank-1");
  const auto settle = [&](absl::Duration timeout) {
    return Call(&payments::v1::PaymentsService::Stub::SettleRefund, Operations(), request, timeout);
  };
  for (const int micros : {1, 300, 1'000, 3'000}) settle(absl::Microseconds(micros)).IgnoreError();
  const auto first = settle(kPatience);
  ASSERT_THAT(first, IsOk());
  const auto again = settle(kPatience);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  const auto account = GetAccount(order);
  ASSERT_THAT(account, IsOk());
  EXPECT_EQ(account->refunded_minor(), 2'500);
  EXPECT_EQ(account->pending_minor(), 0);
  EXPECT_EQ(CheckedLedger().entries(), 3);  // paid in, granted, paid out
}

TEST_F(PaymentsServiceTest, SYS_02_TheSameRequestIdWithOtherContentIsRefused) {
  const Order order = MakeOrder("o-1");
  auto request = WithId<payments::v1::RecordPaymentRequest>("pay-1");
  request.set_order_id("o-1");
  *request.mutable_amount() = Money(100);
  request.set_reference("ref-1");
  request.set_destination(Payment::DESTINATION_STORE_ACCOUNT);
  const auto pay = [&] {
    return Call(&payments::v1::PaymentsService::Stub::RecordPayment, Operations(), request);
  };
  const auto first = pay();
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(pay()->payment_id(), first->payment_id());
  request.mutable_amount()->set_amount_minor(101);
  EXPECT_THAT(pay(), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(PaymentsServiceTest, SYS_03_ValidateOnlyDecidesAndChangesNothing) {
  const Order order = MakeOrder("o-1");
  auto request = WithId<payments::v1::RecordPaymentRequest>();
  request.mutable_command()->set_validate_only(true);
  request.set_order_id("o-1");
  *request.mutable_amount() = Money(100);
  request.set_reference("ref-1");
  request.set_destination(Payment::DESTINATION_STAFF);
  const auto preview = Call(&payments::v1::PaymentsService::Stub::RecordPayment, Operations(), request);
  ASSERT_THAT(preview, IsOk());
  EXPECT_EQ(preview->outcome(), Payment::OUTCOME_REFUSED);
  EXPECT_THAT(GetAccount(order), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PaymentsServiceTest, SYS_07_BadInputNamesEveryField) {
  auto request = WithId<payments::v1::RecordPaymentRequest>();
  const auto answer = Call(&payments::v1::PaymentsService::Stub::RecordPayment, Operations(), request);
  for (const char* field : {"order_id", "amount", "reference", "destination"}) {
    EXPECT_THAT(answer, testing::NamesField(field));
  }
}

TEST_F(PaymentsServiceTest, SYS_06_OrdersDownIsUnavailableAndNothingIsDone) {
  const Order order = MakeOrder("o-1");
  orders_.SetDown(true);
  EXPECT_THAT(Pay(order, 100, "ref-1"), StatusIs(absl::StatusCode::kUnavailable));
  orders_.SetDown(false);
  EXPECT_THAT(Pay(order, 100, "ref-1"), IsOk());
  EXPECT_EQ(GetAccount(order)->captured_minor(), 100);
}

// Worked example 2: one invoice, one settlement claim.
TEST_F(PaymentsServiceTest, ORD_04_ADeliveryToldAgainMakesNoSecondInvoice) {
  const Order order = MakeOrder("o-1");
  Announce(Created(order));
  Announce(Delivered(order));
  Announce(Delivered(order));
  Announce(Created(MakeOrder("o-2")));
  ASSERT_TRUE(Eventually([&] {
    const auto account = GetAccount(order);
    return account.ok() && account->delivered();
  })) << WhatIsStuck();
  const flow::Subscriber& orders_events = *app_->subscribers().front();
  ASSERT_TRUE(Eventually([&] { return orders_events.HasApplied(*orders_store_->Heads()); }));
  payments::v1::ListDocumentsRequest request;
  request.set_order_id("o-1");
  const auto to_operations = Call(&payments::v1::PaymentsService::Stub::ListDocuments, Operations(), request);
  ASSERT_THAT(to_operations, IsOk());
  EXPECT_EQ(to_operations->documents_size(), 2);
  const auto to_customer = Call(&payments::v1::PaymentsService::Stub::ListDocuments, Customer(), request);
  ASSERT_THAT(to_customer, IsOk());
  ASSERT_EQ(to_customer->documents_size(), 1);
  EXPECT_EQ(to_customer->documents(0).kind(), events::v1::DocumentIssued::KIND_SALES_INVOICE);
  payments::v1::ListLedgerEntriesRequest entries;
  entries.set_order_id("o-1");
  const auto ledger = Call(&payments::v1::PaymentsService::Stub::ListLedgerEntries, Manager(), entries);
  ASSERT_THAT(ledger, IsOk());
  EXPECT_EQ(ledger->entries_size(), 1);
  EXPECT_EQ(ledger->balances_size(), 4);  // owed by the customer, to merchant, marketplace and tax office
}

// Worked example 7, over the wire.
TEST_F(PaymentsServiceTest, PAY_02_ASurchargeIsShownWhenTheHoldStandsAndFreesTheOrderWhenPaid) {
  const Order order = MakeOrder("o-1");
  const auto proposed = Propose(order);
  ASSERT_THAT(proposed, IsOk());
  const std::string id = proposed->surcharge_id();
  ASSERT_TRUE(Eventually([&] { return GetSurcharge(id, Customer()).ok(); }));
  EXPECT_EQ(orders_.holds(), 1u);
  auto issue = WithId<payments::v1::IssueSurchargeRequest>();
  issue.set_surcharge_id(id);
  EXPECT_THAT(Call(&payments::v1::PaymentsService::Stub::IssueSurcharge, Manager(), issue),
              RefusedBy("PAY-01"));
  auto approve = WithId<payments::v1::ApproveSurchargeRequest>();
  approve.set_surcharge_id(id);
  ASSERT_THAT(Call(&payments::v1::PaymentsService::Stub::ApproveSurcharge, Customer(), approve), IsOk());
  EXPECT_THAT(Call(&payments::v1::PaymentsService::Stub::IssueSurcharge, testing::Courier(), issue),
              DeniedBy("PAY-03"));
  ASSERT_THAT(Call(&payments::v1::PaymentsService::Stub::IssueSurcharge, Manager(), issue), IsOk());
  const auto to_staff = Pay(order, 15'000, "card-1", id, Payment::DESTINATION_STAFF);
  ASSERT_THAT(to_staff, IsOk());
  EXPECT_EQ(to_staff->outcome(), Payment::OUTCOME_REFUSED);
  EXPECT_EQ(orders_.holds(), 1u);
  ASSERT_THAT(Pay(order, 15'000, "ref-1", id), IsOk());
  EXPECT_EQ(GetSurcharge(id)->state(), base::v1::SURCHARGE_STATE_PAID);
  EXPECT_TRUE(Eventually([&] { return orders_.holds() == 0; }));
  EXPECT_TRUE(CheckedLedger().broken_entry_ids().empty());
}

TEST_F(PaymentsServiceTest, PAY_02_AnOrderThatLeftMeanwhileVoidsTheSurcharge) {
  const Order order = MakeOrder("o-1");
  orders_.SetHoldAnswer(Refusal("ORD-12", "the order has left"));
  const auto proposed = Propose(order);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_TRUE(Eventually(
      [&] { return GetSurcharge(proposed->surcharge_id())->state() == base::v1::SURCHARGE_STATE_VOIDED; }));
  EXPECT_THAT(GetSurcharge(proposed->surcharge_id(), Customer()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PaymentsServiceTest, SYS_06_AHoldIsAskedForUntilTheOrdersServiceAnswers) {
  const Order order = MakeOrder("o-1");
  orders_.SetHoldAnswer(absl::UnavailableError("down"));
  const auto proposed = Propose(order);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_TRUE(Eventually([&] { return orders_.holds_asked() >= 2; }));
  EXPECT_FALSE(GetSurcharge(proposed->surcharge_id())->visible());
  orders_.SetHoldAnswer(absl::OkStatus());
  EXPECT_TRUE(Eventually([&] { return GetSurcharge(proposed->surcharge_id())->visible(); }));
}

TEST_F(PaymentsServiceTest, SYS_05_AnUnpaidSurchargeExpiresOnceWhenItsTimeHasCome) {
  const Order order = MakeOrder("o-1");
  const auto proposed = Propose(order);
  ASSERT_THAT(proposed, IsOk());
  const std::string id = proposed->surcharge_id();
  ASSERT_TRUE(Eventually([&] { return GetSurcharge(id)->visible(); }));
  clock_.MoveTo(rules::ToTime(proposed->expire_time()));
  app_->tasks()->Wake();
  EXPECT_TRUE(Eventually([&] { return GetSurcharge(id)->state() == base::v1::SURCHARGE_STATE_EXPIRED; }));
  EXPECT_TRUE(Eventually([&] { return orders_.holds() == 0; }));
}

TEST_F(PaymentsServiceTest, ROL_11_EverybodyReadsTheirOwn) {
  const Order order = MakeOrder("o-1");
  ASSERT_THAT(Pay(order, 10'000, "ref-1"), IsOk());
  ASSERT_THAT(Give(order, 100), IsOk());
  EXPECT_THAT(GetAccount(order, Customer()), IsOk());
  EXPECT_THAT(GetAccount(order, Customer("c-2")), DeniedBy("ROL-11"));
  EXPECT_THAT(GetAccount(order, Employee("m-2")), DeniedBy("ROL-11"));
  const auto list = [&](const base::v1::Actor& actor, const payments::v1::ListRefundsRequest& request) {
    return Call(&payments::v1::PaymentsService::Stub::ListRefunds, actor, request);
  };
  payments::v1::ListRefundsRequest all;
  all.set_state(Refund::STATE_PENDING);
  EXPECT_EQ(list(Operations(), all)->refunds_size(), 1);
  EXPECT_EQ(list(Customer(), all)->refunds_size(), 1);
  EXPECT_EQ(list(Customer("c-2"), all)->refunds_size(), 0);
  EXPECT_EQ(list(Employee("m-2"), all)->refunds_size(), 0);
  payments::v1::ListRefundsRequest others;
  others.set_customer_id("c-1001");
  EXPECT_THAT(list(Customer("c-2"), others), DeniedBy("ROL-11"));
}

TEST_F(PaymentsServiceTest, ROL_01_CouriersAndStoresRecordNoPayments) {
  const Order order = MakeOrder("o-1");
  auto request = WithId<payments::v1::RecordPaymentRequest>();
  request.set_order_id("o-1");
  *request.mutable_amount() = Money(100);
  request.set_reference("ref-1");
  request.set_destination(Payment::DESTINATION_STORE_ACCOUNT);
  for (const base::v1::Actor& actor : {testing::Courier(), Manager(), Customer()}) {
    EXPECT_THAT(Call(&payments::v1::PaymentsService::Stub::RecordPayment, actor, request),
                DeniedBy("ROL-01"));
  }
}

}  // namespace
}  // namespace makegood::services
