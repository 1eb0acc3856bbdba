// The claims service as its tests meet it: a real store, a real server, evidence on disk. Orders and
// payments are servers of the tests' own: one tells fixed orders and owns return numbers as the orders
// service does, the other grants and settles refunds and feeds its events from a store of its own.
#pragma once

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <stdlib.h>

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
#include "common/base/ids.h"
#include "common/rpc/channels.h"
#include "common/rpc/server.h"
#include "common/rules/scope.h"
#include "makegood/events/v1/event_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "makegood/payments/v1/payments_service.grpc.pb.h"
#include "services/claims/claims_app.h"
#include "services/orders/return_numbers_service.h"
#include "tests/support/claims_support.h"
#include "tests/support/eventually.h"
#include "tests/support/mood.h"
#include "tests/support/rules_support.h"
#include "tests/support/sample_files.h"
#include "tests/support/scratch.h"

namespace makegood::services {

using claims::v1::Claim;
using claims::v1::Withdrawal;
using events::v1::Event;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using orders::v1::Order;
using testing::At;
using testing::Customer;
using testing::DeniedBy;
using ::testing::ElementsAre;
using testing::Employee;
using testing::Eventually;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::kPatience;
using testing::LongFilm;
using testing::Operations;
using testing::RefusedBy;
using testing::SampleFile;
using ::testing::SizeIs;
using testing::StatusIs;
using testing::Units;

// Tells fixed orders. Thread-safe.
class FixedOrders final : public orders::v1::OrdersService::CallbackService {
 public:
  void Set(const Order& order) {
    absl::MutexLock lock(&mutex_);
    orders_[order.order_id()] = order;
  }
  void SetDown(bool down) { down_ = down; }

  ServerUnaryReactor* GetOrder(CallbackServerContext* context, const orders::v1::GetOrderRequest* request,
                               Order* reply) override {
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    absl::MutexLock lock(&mutex_);
    const auto order = orders_.find(request->order_id());
    absl::Status status = down_                    ? absl::UnavailableError("down")
                          : order == orders_.end() ? NotFound("order", request->order_id())
                                                   : absl::OkStatus();
    if (status.ok()) *reply = order->second;
    reactor->Finish(rpc::ToGrpc(status));
    return reactor;
  }

 private:
  std::atomic<bool> down_ = false;
  absl::Mutex mutex_;
  std::map<std::string, Order> orders_ ABSL_GUARDED_BY(mutex_);
};

// The orders service's own, where it is not away.
class OwnedNumbers final : public ReturnNumbersService {
 public:
  using ReturnNumbersService::ReturnNumbersService;

  void SetDown(bool down) { down_ = down; }

  ServerUnaryReactor* BindReturnNumber(CallbackServerContext* context,
                                       const orders::v1::BindReturnNumberRequest* request,
                                       orders::v1::ReturnNumber* reply) override {
    if (!down_) return ReturnNumbersService::BindReturnNumber(context, request, reply);
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(rpc::ToGrpc(absl::UnavailableError("down")));
    return reactor;
  }

 private:
  std::atomic<bool> down_ = false;
};

// Grants what it is asked for, and tells of it by events, durable in its own store. Thread-safe.
class WillingPayments final : public payments::v1::PaymentsService::CallbackService {
 public:
  explicit WillingPayments(const rpc::Environment& environment) : environment_(environment) {}

  void SetDown(bool down) { down_ = down; }
  testing::Mood& mood() { return mood_; }

  ServerUnaryReactor* GrantRefund(CallbackServerContext* context,
                                  const payments::v1::GrantRefundRequest* request,
                                  payments::v1::RefundGrant* reply) override {
    if (ServerUnaryReactor* const away = Obstructed(context)) return away;
    absl::MutexLock lock(&mutex_);
    ++asked_[request->case_id()];
    return rpc::Command(environment_, context, request, reply, request->order_id(), Grant);
  }

  // Nothing more comes of a case's grant.
  void Settle(const std::string& order_id, const std::string& case_id, const std::string& grant_id,
              base::v1::RefundReason reason) {
    store::Work work;
    work.routing_key = order_id;
    work.context.actor = rules::ServiceActor("claims");
    work.context.policies = &environment_.policies;
    work.context.seed = absl::StrCat("settle-", case_id);
    work.decide = [=](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      Event event;
      event.set_order_id(order_id);
      event.set_case_id(case_id);
      event.mutable_refund_grant_closed()->set_grant_id(grant_id);
      event.mutable_refund_grant_closed()->set_reason(reason);
      tx.Emit(std::move(event));
      return std::string();
    };
    absl::Notification done;
    environment_.store.Submit(std::move(work), [&done](const absl::StatusOr<std::string>& reply) {
      EXPECT_THAT(reply, IsOk());
      done.Notify();
    });
    done.WaitForNotification();
  }

  // How often it was asked for the money of each case.
  std::map<std::string, int> asked() const {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }

 private:
  static absl::StatusOr<payments::v1::RefundGrant> Grant(const payments::v1::GrantRefundRequest& request,
                                                         rules::Transaction& tx) {
    payments::v1::RefundGrant grant;
    grant.set_grant_id(MakeId("grt", tx.part(), request.case_id()));  // one a case (RFD-09)
    Event event;
    event.set_order_id(request.order_id());
    event.set_case_id(request.case_id());
    event.mutable_refund_granted()->set_grant_id(grant.grant_id());
    event.mutable_refund_granted()->set_reason(request.reason());
    tx.Emit(std::move(event));
    return grant;
  }

  // The answer where something is in the way.
  ServerUnaryReactor* Obstructed(CallbackServerContext* context) {
    const testing::Obstacle obstacle = mood_.Next();
    if (obstacle.slow > absl::ZeroDuration()) absl::SleepFor(obstacle.slow);
    const absl::Status answer = down_ ? absl::UnavailableError("down") : obstacle.answer;
    if (answer.ok()) return nullptr;
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(rpc::ToGrpc(answer));
    return reactor;
  }

  const rpc::Environment environment_;
  std::atomic<bool> down_ = false;
  testing::Mood mood_;
  mutable absl::Mutex mutex_;
  std::map<std::string, int> asked_ ABSL_GUARDED_BY(mutex_);
};

class ClaimsServiceTest : public ::testing::Test {
 protected:
  using Stub = claims::v1::ClaimsService::Stub;

  void SetUp() override {
    payments_store_ = Open("payments");
    orders_store_ = Open("orders");
    store_ = Open("claims");
    owner_.emplace(rpc::Environment{*orders_store_, policies(), clock_, nullptr});
    claims_of_numbers_ = claims::v1::ClaimsService::NewStub(rpc::MakeChannel(claims_address_));
    binder_.emplace(*owner_, *claims_of_numbers_);
    numbers_ = std::make_unique<OwnedNumbers>(*owner_, *binder_);
    payments_ =
        std::make_unique<WillingPayments>(rpc::Environment{*payments_store_, policies(), clock_, nullptr});
    StartOthers();
    StartClaims();
  }

  void TearDown() override {
    stub_.reset();
    server_->Drain();
    server_.reset();
    app_.reset();
    feed_->EndStreams();
    others_->Drain();
    others_.reset();
    feed_.reset();
    payments_.reset();
    numbers_.reset();
    binder_.reset();
    claims_of_numbers_.reset();
    store_.reset();
    orders_store_.reset();
    payments_store_.reset();
  }

  std::unique_ptr<store::Store> Open(const std::string& service) {
    return scratch_.Open(service, clock_, {}, kDefaultParts);
  }

  void StartOthers() {
    feed_ = flow::MakeEventService({{"payments", payments_store_.get()}}, policies());
    others_ = std::make_unique<rpc::Server>(rpc::ServerOptions());
    others_->AddService<orders::v1::OrdersService>(orders_);
    others_->AddService<orders::v1::ReturnNumbersService>(*numbers_);
    others_->AddService<payments::v1::PaymentsService>(*payments_);
    others_->AddService<events::v1::EventService>(*feed_);
    ASSERT_THAT(others_->Start(), IsOk());
  }

  void StartClaims() {
    rpc::ClientInterceptors interceptors;
    interceptors.push_back(std::make_unique<testing::LostAnswers>(to_lose_, "/GrantRefund"));
    interceptors.push_back(std::make_unique<testing::LostAnswers>(numbers_to_lose_, "/BindReturnNumber"));
    const auto others =
        rpc::MakeChannel(absl::StrCat("127.0.0.1:", others_->port()), std::move(interceptors));
    flow::TaskRunnerOptions tasks;
    tasks.poll = absl::Milliseconds(20);
    tasks.max_backoff = tasks.max_pause = absl::Milliseconds(200);
    app_ = ClaimsKind().make(
        {{*store_, policies(), clock_, nullptr}, {others, others, others, others}, scratch_.path(), tasks});
    rpc::ServerOptions options;
    options.inner_address = claims_address_;
    server_ = std::make_unique<rpc::Server>(std::move(options));
    app_->AddServices(*server_);
    ASSERT_THAT(server_->Start(), IsOk());
    app_->Start();
    stub_ = claims::v1::ClaimsService::NewStub(rpc::MakeChannel(absl::StrCat("127.0.0.1:", server_->port())));
  }

  const rules::PolicyBook& policies() const { return *policies_; }

  // The process ends and begins anew, with these policies and calendars, on the same files.
  void RestartWith(const rules::PolicyBook& policies) {
    stub_.reset();
    server_->Drain();
    server_.reset();
    app_.reset();
    policies_ = &policies;
    StartClaims();
  }

  Order Delivered(absl::string_view marketplace, absl::string_view order_id = "o-1") {
    const Order order =
        testing::DeliveredOrder(marketplace, marketplace == "tmall" ? "CNY" : "EUR", clock_.Now(), order_id);
    orders_.Set(order);
    return order;
  }

  // Calls a method as `actor`, once.
  template <typename Request, typename Reply>
  absl::StatusOr<Reply> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                             const base::v1::Actor& actor, const Request& request) {
    grpc::ClientContext context;
    rpc::Prepare(context, actor, kPatience);
    Reply reply;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &reply);
    if (!status.ok()) return rpc::FromGrpc(status);
    return reply;
  }

  // The same for a command, with a request id of its own.
  template <typename Request, typename Reply>
  absl::StatusOr<Reply> Do(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                           const base::v1::Actor& actor, Request request) {
    request.mutable_command()->set_request_id(NextId());
    return Call(method, actor, request);
  }

  std::string NextId() { return absl::StrCat("r-", ++requests_); }

  absl::StatusOr<Claim> OpenClaim(const Units& units, absl::string_view order_id = "o-1") {
    return Do(&Stub::OpenClaim, Customer(),
              testing::OpenRequest(units, base::v1::CLAIM_KIND_DAMAGED, order_id));
  }

  Claim Opened(const Units& units = {{"l-1", 1}}) {
    const absl::StatusOr<Claim> claim = OpenClaim(units);
    EXPECT_THAT(claim, IsOk());
    return claim.value_or(Claim());
  }

  claims::v1::EvidenceHeader Header(const Claim& claim, const std::string& content) {
    claims::v1::EvidenceHeader header;
    header.mutable_command()->set_request_id(NextId());
    header.set_claim_id(claim.claim_id());
    header.set_size_bytes(static_cast<int64_t>(content.size()));
    return header;
  }

  // Sends the header and `content` in pieces; `sent` counts the bytes the server still took.
  absl::StatusOr<Claim> Upload(const claims::v1::EvidenceHeader& header, const std::string& content,
                               const base::v1::Actor& actor = Customer(), size_t* sent = nullptr) {
    grpc::ClientContext context;
    rpc::Prepare(context, actor, kPatience);
    Claim reply;
    const auto writer = stub_->UploadEvidence(&context, &reply);
    claims::v1::UploadEvidenceRequest request;
    *request.mutable_header() = header;
    bool open = writer->Write(request);
    constexpr size_t kPiece = 100'000;
    for (size_t at = 0; open && at < content.size(); at += kPiece) {
      request.set_chunk(content.substr(at, kPiece));
      open = writer->Write(request);
      if (open && sent != nullptr) *sent += request.chunk().size();
    }
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    if (!status.ok()) return rpc::FromGrpc(status);
    return reply;
  }

  absl::StatusOr<Claim> Upload(const Claim& claim, const std::string& content) {
    return Upload(Header(claim, content), content);
  }

  absl::StatusOr<std::string> Download(const Claim& claim, const std::string& evidence_id,
                                       const base::v1::Actor& actor = Customer()) {
    grpc::ClientContext context;
    rpc::Prepare(context, actor, kPatience);
    claims::v1::DownloadEvidenceRequest request;
    request.set_claim_id(claim.claim_id());
    request.set_evidence_id(evidence_id);
    const auto reader = stub_->DownloadEvidence(&context, request);
    std::string all;
    claims::v1::DownloadEvidenceResponse piece;
    while (reader->Read(&piece)) {
      EXPECT_LE(piece.chunk().size(), 256u << 10);
      all += piece.chunk();
    }
    const grpc::Status status = reader->Finish();
    if (!status.ok()) return rpc::FromGrpc(status);
    return all;
  }

  Claim Submitted() {
    const Claim claim = Opened();
    EXPECT_THAT(Upload(claim, SampleFile("parcel.jpg")), IsOk());
    const auto submitted =
        Do(&Stub::SubmitEvidence, Customer(), testing::About<claims::v1::SubmitEvidenceRequest>(claim));
    EXPECT_THAT(submitted, IsOk());
    return submitted.value_or(Claim());
  }

  Claim Get(const Claim& claim) {
    claims::v1::GetClaimRequest request;
    request.set_claim_id(claim.claim_id());
    const auto got = Call(&Stub::GetClaim, Operations(), request);
    EXPECT_THAT(got, IsOk());
    return got.value_or(Claim());
  }

  bool Reaches(const Claim& claim, Claim::State state) {
    return Eventually([&] { return Get(claim).state() == state; });
  }

  Withdrawal GetWithdrawal(const std::string& id) {
    claims::v1::GetWithdrawalRequest request;
    request.set_withdrawal_id(id);
    const auto got = Call(&Stub::GetWithdrawal, Operations(), request);
    EXPECT_THAT(got, IsOk());
    return got.value_or(Withdrawal());
  }

  // Every event of the claims service so far, of all parts.
  std::vector<Event> Events(bool (Event::*is)() const) {
    std::vector<Event> found;
    absl::Notification read;
    store_->Read([&](absl::StatusOr<store::Reader*> reader) {
      EXPECT_THAT(reader, IsOk());
      for (uint32_t part = 0; reader.ok() && part < store_->parts(); ++part) {
        const auto events = (*reader)->Events(part, 0, 1000);
        EXPECT_THAT(events, IsOk());
        for (const store::StoredEvent& stored : events.value_or(std::vector<store::StoredEvent>())) {
          Event event;
          EXPECT_TRUE(event.ParseFromString(stored.data));
          if ((event.*is)()) found.push_back(std::move(event));
        }
      }
      read.Notify();
    });
    read.WaitForNotification();
    return found;
  }

  std::vector<std::string> Files() const {
    std::vector<std::string> files;
    const std::string evidence = scratch_.Path("evidence");
    if (!std::filesystem::exists(evidence)) return files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(evidence)) {
      if (entry.is_regular_file()) files.push_back(entry.path().filename().string());
    }
    return files;
  }

  TestClock clock_{At("2026-09-25T10:00+08:00")};
  const rules::PolicyBook* policies_ = &testing::ShippedPolicies();
  const testing::Scratch scratch_;
  // Answers of payments, and of orders about return numbers, that get lost.
  const std::shared_ptr<std::atomic<int>> to_lose_ = std::make_shared<std::atomic<int>>(0);
  const std::shared_ptr<std::atomic<int>> numbers_to_lose_ = std::make_shared<std::atomic<int>>(0);
  FixedOrders orders_;
  std::unique_ptr<store::Store> payments_store_;
  std::unique_ptr<store::Store> orders_store_;
  std::unique_ptr<store::Store> store_;
  // How the owner of return numbers reaches the claims service.
  const std::string claims_address_ = absl::StrCat("unix-abstract:makegood-claims-of-", scratch_.path());
  std::unique_ptr<Stub> claims_of_numbers_;
  std::optional<rpc::Environment> owner_;
  std::optional<NumberBinder> binder_;
  std::unique_ptr<OwnedNumbers> numbers_;
  std::unique_ptr<WillingPayments> payments_;
  std::unique_ptr<flow::EventFeed> feed_;
  std::unique_ptr<rpc::Server> others_;
  std::unique_ptr<App> app_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<Stub> stub_;
  std::atomic<int> requests_ = 0;
};

}  // namespace makegood::services
