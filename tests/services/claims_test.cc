// The claims service end to end: a real store, a real server, evidence on disk. Orders and payments are
// servers of the test's own: one tells fixed orders, the other grants and settles refunds and feeds its
// events from a store of its own.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
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
#include "makegood/events/v1/event_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "makegood/payments/v1/payments_service.grpc.pb.h"
#include "services/claims/claims_app.h"
#include "tests/support/claims_support.h"
#include "tests/support/rules_support.h"
#include "tests/support/sample_files.h"

namespace makegood::services {
namespace {

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
using ::testing::IsEmpty;
using testing::IsOk;
using testing::LongFilm;
using testing::Operations;
using testing::RefusedBy;
using testing::SampleFile;
using ::testing::SizeIs;
using testing::StatusIs;
using testing::Units;

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

// Grants what it is asked for, and tells of it by events, durable in its own store. Thread-safe.
class WillingPayments final : public payments::v1::PaymentsService::CallbackService {
 public:
  explicit WillingPayments(const rpc::Edge& edge) : edge_(edge) {}

  void SetDown(bool down) { down_ = down; }

  ServerUnaryReactor* GrantRefund(CallbackServerContext* context,
                                  const payments::v1::GrantRefundRequest* request,
                                  payments::v1::RefundGrant* reply) override {
    if (down_) return Down(context);
    absl::MutexLock lock(&mutex_);
    granted_.insert_or_assign(request->case_id(), *request);
    return rpc::Command(edge_, context, request, reply, request->order_id(), Grant);
  }

  ServerUnaryReactor* ReleaseRefundGrant(CallbackServerContext* context,
                                         const payments::v1::ReleaseRefundGrantRequest* request,
                                         payments::v1::RefundGrant* reply) override {
    if (down_) return Down(context);
    absl::MutexLock lock(&mutex_);
    released_.insert(request->grant_id());
    reply->set_grant_id(request->grant_id());
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  ServerUnaryReactor* RequestCreditNote(CallbackServerContext* context,
                                        const payments::v1::RequestCreditNoteRequest* request,
                                        payments::v1::CreditNote*) override {
    if (down_) return Down(context);
    absl::MutexLock lock(&mutex_);
    notes_.insert_or_assign(request->case_id(), *request);
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  // The money of a case has moved.
  void Settle(const std::string& order_id, const std::string& case_id, const std::string& grant_id,
              base::v1::RefundReason reason) {
    store::Work work;
    work.routing_key = order_id;
    work.context.actor = ClaimsActor();
    work.context.policies = &edge_.policies;
    work.context.seed = absl::StrCat("settle-", case_id);
    work.decide = [=](rules::Unit& unit) -> absl::StatusOr<std::string> {
      Event event;
      event.set_order_id(order_id);
      event.set_case_id(case_id);
      event.mutable_refund_settled()->set_grant_id(grant_id);
      event.mutable_refund_settled()->set_reason(reason);
      unit.Emit(std::move(event));
      return std::string();
    };
    absl::Notification done;
    edge_.store.Submit(std::move(work), [&done](const absl::StatusOr<std::string>& reply) {
      EXPECT_THAT(reply, IsOk());
      done.Notify();
    });
    done.WaitForNotification();
  }

  std::map<std::string, payments::v1::GrantRefundRequest> granted() const {
    absl::MutexLock lock(&mutex_);
    return granted_;
  }
  std::map<std::string, payments::v1::RequestCreditNoteRequest> notes() const {
    absl::MutexLock lock(&mutex_);
    return notes_;
  }
  std::set<std::string> released() const {
    absl::MutexLock lock(&mutex_);
    return released_;
  }

 private:
  static absl::StatusOr<payments::v1::RefundGrant> Grant(const payments::v1::GrantRefundRequest& request,
                                                         rules::Unit& unit) {
    payments::v1::RefundGrant grant;
    grant.set_grant_id(unit.NewId("grt"));
    Event event;
    event.set_order_id(request.order_id());
    event.set_case_id(request.case_id());
    event.mutable_refund_granted()->set_grant_id(grant.grant_id());
    event.mutable_refund_granted()->set_reason(request.reason());
    event.mutable_refund_granted()->set_awaits_goods(request.await_goods());
    unit.Emit(std::move(event));
    return grant;
  }

  static ServerUnaryReactor* Down(CallbackServerContext* context) {
    ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "down"));
    return reactor;
  }

  const rpc::Edge edge_;
  std::atomic<bool> down_ = false;
  mutable absl::Mutex mutex_;
  std::map<std::string, payments::v1::GrantRefundRequest> granted_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, payments::v1::RequestCreditNoteRequest> notes_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> released_ ABSL_GUARDED_BY(mutex_);
};

class ClaimsServiceTest : public ::testing::Test {
 protected:
  using Stub = claims::v1::ClaimsService::Stub;

  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "makegood-claims-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    payments_store_ = Open("payments");
    store_ = Open("claims");
    payments_ = std::make_unique<WillingPayments>(rpc::Edge{*payments_store_, policies(), clock_, nullptr});
    StartOthers();
    StartClaims();
  }

  void TearDown() override {
    server_->Drain();
    server_.reset();
    app_.reset();
    feed_->EndStreams();
    others_->Drain();
    others_.reset();
    feed_.reset();
    payments_.reset();
    store_.reset();
    payments_store_.reset();
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

  void StartOthers() {
    feed_ = flow::MakeEventService({{"payments", payments_store_.get()}}, policies());
    others_ = std::make_unique<rpc::Server>(rpc::ServerOptions());
    others_->AddService<orders::v1::OrdersService>(orders_);
    others_->AddService<payments::v1::PaymentsService>(*payments_);
    others_->AddService<events::v1::EventService>(*feed_);
    ASSERT_THAT(others_->Start(), IsOk());
  }

  void StartClaims() {
    const auto others = rpc::MakeChannel(absl::StrCat("127.0.0.1:", others_->port()));
    flow::TaskRunnerOptions tasks;
    tasks.poll = absl::Milliseconds(20);
    tasks.max_backoff = absl::Milliseconds(200);
    app_ = ClaimsKind().make(
        {{*store_, policies(), clock_, nullptr}, {others, others, others, others}, folder_, tasks});
    server_ = std::make_unique<rpc::Server>(rpc::ServerOptions());
    app_->AddServices(*server_);
    ASSERT_THAT(server_->Start(), IsOk());
    app_->Start();
    stub_ = claims::v1::ClaimsService::NewStub(rpc::MakeChannel(absl::StrCat("127.0.0.1:", server_->port())));
  }

  static const rules::PolicyBook& policies() { return testing::ShippedPolicies(); }

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
    const std::string evidence = folder_ + "/evidence";
    if (!std::filesystem::exists(evidence)) return files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(evidence)) {
      if (entry.is_regular_file()) files.push_back(entry.path().filename().string());
    }
    return files;
  }

  TestClock clock_{At("2026-09-25T10:00+08:00")};
  std::string folder_;
  FixedOrders orders_;
  std::unique_ptr<store::Store> payments_store_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<WillingPayments> payments_;
  std::unique_ptr<flow::EventFeed> feed_;
  std::unique_ptr<rpc::Server> others_;
  std::unique_ptr<App> app_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<Stub> stub_;
  std::atomic<int> requests_ = 0;
};

// ---- Evidence.

TEST_F(ClaimsServiceTest, CLM_02_EvidenceComesBackByteForByte) {
  Delivered("tmall");
  const Claim claim = Opened();
  for (const std::string& content :
       {SampleFile("parcel.jpg"), SampleFile("parcel.png"), LongFilm(3'000'000)}) {
    ASSERT_THAT(Upload(claim, content), IsOk());
    const auto back = Download(claim, Sha256Hex(content));
    ASSERT_THAT(back, IsOk());
    EXPECT_TRUE(*back == content);
  }
  const Claim stored = Get(claim);
  ASSERT_THAT(stored.evidence(), SizeIs(3));
  EXPECT_EQ(stored.evidence(0).content_type(), "image/jpeg");
  EXPECT_EQ(stored.evidence(2).content_type(), "video/mp4");
  EXPECT_EQ(stored.evidence(2).evidence_id(), Sha256Hex(LongFilm(3'000'000)));
  EXPECT_THAT(Files(), SizeIs(3));
  EXPECT_THAT(Events(&Event::has_evidence_added), SizeIs(3));
}

TEST_F(ClaimsServiceTest, CLM_02_TheSameFileTwiceIsOne) {
  Delivered("tmall");
  const Claim claim = Opened();
  const Claim other = Opened();
  const std::string picture = SampleFile("parcel.jpg");
  EXPECT_THAT(Upload(claim, picture), IsOk());
  const auto again = Upload(claim, picture);
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(again->evidence(), SizeIs(1));
  EXPECT_THAT(Upload(other, picture), IsOk());
  EXPECT_THAT(Files(), ElementsAre(Sha256Hex(picture)));
}

TEST_F(ClaimsServiceTest, SYS_02_AnUploadSentAgainIsAnsweredAgain) {
  Delivered("tmall");
  const Claim claim = Opened();
  const std::string picture = SampleFile("parcel.jpg");
  const auto header = Header(claim, picture);
  const auto first = Upload(header, picture);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(Do(&Stub::RetractClaim, Customer(), testing::About<claims::v1::RetractClaimRequest>(claim)),
              IsOk());
  const auto second = Upload(header, picture);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->version(), second->version());
  auto other = header;
  const std::string png = SampleFile("parcel.png");
  other.set_size_bytes(static_cast<int64_t>(png.size()));
  EXPECT_THAT(Upload(other, png), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Files(), ElementsAre(Sha256Hex(picture)));
}

TEST_F(ClaimsServiceTest, CLM_02_WhatIsRefusedLeavesNothingBehind) {
  Delivered("tmall");
  const Claim claim = Opened();
  const std::string picture = SampleFile("parcel.jpg");
  // A text that calls itself a picture: only the content counts, there is no name to believe.
  EXPECT_THAT(Upload(claim, "parcel.jpg\n"), RefusedBy("CLM-02"));
  // Cut off; more than announced; another digest; nothing.
  auto header = Header(claim, picture);
  EXPECT_THAT(Upload(header, picture.substr(0, 500)), RefusedBy("CLM-02"));
  header.set_size_bytes(100);
  EXPECT_THAT(Upload(header, picture), RefusedBy("CLM-02"));
  header = Header(claim, picture);
  header.set_sha256(Sha256Hex("another"));
  EXPECT_THAT(Upload(header, picture), RefusedBy("CLM-02"));
  EXPECT_THAT(Upload(Header(claim, ""), ""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Upload(Header(claim, picture), ""), RefusedBy("CLM-02"));
  // As long as announced, and broken.
  EXPECT_THAT(Upload(claim, picture.substr(0, picture.size() - 2)), RefusedBy("CLM-02"));
  EXPECT_THAT(Files(), IsEmpty());
  EXPECT_THAT(Get(claim).evidence(), IsEmpty());
  EXPECT_THAT(Events(&Event::has_evidence_added), IsEmpty());
}

TEST_F(ClaimsServiceTest, CLM_02_TooLargeIsRefusedBeforeItIsSent) {
  Delivered("tmall");
  const Claim claim = Opened();
  const std::string film = LongFilm(40 << 20);
  size_t sent = 0;
  EXPECT_THAT(Upload(Header(claim, film), film, Customer(), &sent), RefusedBy("CLM-02"));
  EXPECT_LT(sent, film.size());
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(ClaimsServiceTest, CLM_02_AFullClaimTakesNoMoreAndLosesNothing) {
  Delivered("tmall");
  const Claim claim = Opened();
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    ASSERT_THAT(Upload(claim, LongFilm((10 << 20) - 4096, seed)), IsOk());
  }
  EXPECT_THAT(Upload(claim, LongFilm(1 << 20, 6)), RefusedBy("CLM-02"));
  EXPECT_THAT(Files(), SizeIs(5));
}

TEST_F(ClaimsServiceTest, CLM_13_AClaimThatTakesNoEvidenceLeavesNoFile) {
  Delivered("tmall");
  const Claim claim = Opened();
  ASSERT_THAT(Do(&Stub::RetractClaim, Customer(), testing::About<claims::v1::RetractClaimRequest>(claim)),
              IsOk());
  EXPECT_THAT(Upload(claim, SampleFile("parcel.jpg")), RefusedBy("CLM-13"));
  Delivered("mall", "o-2");
  const auto approved = OpenClaim({{"l-1", 1}}, "o-2");
  ASSERT_THAT(approved, IsOk());
  EXPECT_THAT(Upload(*approved, SampleFile("parcel.jpg")), RefusedBy("CLM-13"));
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(ClaimsServiceTest, SYS_03_APreviewOfAnUploadKeepsNothing) {
  Delivered("tmall");
  const Claim claim = Opened();
  const std::string picture = SampleFile("parcel.jpg");
  auto header = Header(claim, picture);
  header.mutable_command()->set_validate_only(true);
  const auto preview = Upload(header, picture);
  ASSERT_THAT(preview, IsOk());
  EXPECT_THAT(preview->evidence(), SizeIs(1));
  EXPECT_THAT(Get(claim).evidence(), IsEmpty());
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(ClaimsServiceTest, ROL_06_ROL_11_EvidenceIsForThoseConcerned) {
  Delivered("tmall");
  const Claim claim = Opened();
  const std::string picture = SampleFile("parcel.jpg");
  const std::string id = Sha256Hex(picture);
  EXPECT_THAT(Upload(Header(claim, picture), picture, Customer("c-2")), DeniedBy("ROL-06"));
  EXPECT_THAT(Upload(Header(claim, picture), picture, testing::Auditor()), DeniedBy("ROL-06"));
  EXPECT_THAT(Upload(Header(claim, picture), picture, Employee()), IsOk());
  EXPECT_THAT(Download(claim, id, Customer("c-2")), DeniedBy("ROL-11"));
  EXPECT_THAT(Download(claim, id, Employee("m-2")), DeniedBy("ROL-11"));
  EXPECT_THAT(Download(claim, id, testing::Courier()), DeniedBy("ROL-11"));
  EXPECT_THAT(Download(claim, id, testing::Auditor()), IsOk());
  EXPECT_THAT(Download(claim, Sha256Hex("another")), StatusIs(absl::StatusCode::kNotFound));
}

// ---- Claims.

TEST_F(ClaimsServiceTest, CLM_01_OfParallelClaimsOnAUnitExactlyOneWins) {
  Delivered("mall");
  constexpr int kCallers = 12;
  std::atomic<int> won = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      const auto claim = OpenClaim({{"l-2", 1}});
      if (claim.ok()) ++won;
      if (RuleOf(claim.status()) == "CLM-01") ++refused;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(refused, kCallers - 1);
}

TEST_F(ClaimsServiceTest, SYS_02_SYS_03_SYS_04_CommandsAreAnsweredAgainPreviewedAndPinned) {
  Delivered("mall");
  auto request = testing::OpenRequest({{"l-1", 1}});
  request.mutable_command()->set_request_id("open-1");
  request.mutable_command()->set_validate_only(true);
  EXPECT_THAT(Call(&Stub::OpenClaim, Customer(), request), IsOk());
  request.mutable_command()->set_validate_only(false);
  request.mutable_command()->set_expected_version(3);  // the order is at 4
  EXPECT_THAT(Call(&Stub::OpenClaim, Customer(), request), StatusIs(absl::StatusCode::kAborted));
  request.mutable_command()->set_expected_version(4);
  const auto first = Call(&Stub::OpenClaim, Customer(), request);
  ASSERT_THAT(first, IsOk());
  orders_.SetDown(true);
  const auto second = Call(&Stub::OpenClaim, Customer(), request);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->claim_id(), second->claim_id());
  request.mutable_units(0)->set_quantity(2);
  EXPECT_THAT(Call(&Stub::OpenClaim, Customer(), request), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(OpenClaim({{"l-1", 1}}), StatusIs(absl::StatusCode::kUnavailable));
  auto choice = testing::ChooseRequest(*first, base::v1::RESOLUTION_KIND_RESHIP);
  choice.mutable_command()->set_expected_version(7);
  EXPECT_THAT(Do(&Stub::ChooseResolution, Customer(), choice), StatusIs(absl::StatusCode::kAborted));
}

TEST_F(ClaimsServiceTest, ROL_11_ListsAreOfTheCallersOwn) {
  Delivered("mall");
  Order other = testing::DeliveredOrder("mall", "EUR", clock_.Now(), "o-2");
  other.set_customer_id("c-2");
  other.set_merchant_id("m-2");
  orders_.Set(other);
  const Claim own = Opened();
  ASSERT_THAT(Do(&Stub::OpenClaim, Customer("c-2"),
                 testing::OpenRequest({{"l-1", 1}}, base::v1::CLAIM_KIND_WRONG, "o-2")),
              IsOk());
  claims::v1::ListClaimsRequest request;
  EXPECT_THAT(Call(&Stub::ListClaims, Operations(), request)->claims(), SizeIs(2));
  const auto listed = Call(&Stub::ListClaims, Customer(), request);
  ASSERT_THAT(listed, IsOk());
  ASSERT_THAT(listed->claims(), SizeIs(1));
  EXPECT_EQ(listed->claims(0).claim_id(), own.claim_id());
  EXPECT_FALSE(listed->claims(0).available_actions().empty());
  EXPECT_THAT(Call(&Stub::ListClaims, Employee("m-2"), request)->claims(), SizeIs(1));
  request.set_customer_id("c-2");
  EXPECT_THAT(Call(&Stub::ListClaims, Customer(), request), DeniedBy("ROL-11"));
  claims::v1::GetClaimRequest get;
  get.set_claim_id(own.claim_id());
  EXPECT_THAT(Call(&Stub::GetClaim, Customer("c-2"), get), DeniedBy("ROL-11"));
}

TEST_F(ClaimsServiceTest, CLM_06_RFD_05_FromTheReturnDocumentToTheMoney) {
  Delivered("mall");
  const Claim claim = Opened();
  ASSERT_THAT(Do(&Stub::ChooseResolution, Customer(),
                 testing::ChooseRequest(claim, base::v1::RESOLUTION_KIND_RESHIP)),
              IsOk());
  ASSERT_THAT(
      Do(&Stub::ReportOutOfStock, Employee(), testing::About<claims::v1::ReportOutOfStockRequest>(claim)),
      IsOk());
  payments_->SetDown(true);  // SYS-06: delayed, not lost
  ASSERT_THAT(Do(&Stub::CreateReturnDocument, Operations(), testing::ReturnRequest(claim)), IsOk());
  EXPECT_THAT(payments_->granted(), IsEmpty());
  payments_->SetDown(false);
  ASSERT_TRUE(Eventually([&] { return payments_->notes().size() == 1 && !Get(claim).grant_id().empty(); }));
  EXPECT_EQ(payments_->granted().at(claim.claim_id()).goods_minor(), 3630);
  const auto note = payments_->notes().at(claim.claim_id());
  EXPECT_EQ(note.return_number(), "4712345678");
  EXPECT_EQ(note.gross().amount_minor() - note.vat().amount_minor() - note.commission().amount_minor(), 2700);
  payments_->Settle("o-1", claim.claim_id(), Get(claim).grant_id(), base::v1::REFUND_REASON_CLAIM);
  EXPECT_TRUE(Reaches(claim, Claim::STATE_RESOLVED));
  EXPECT_THAT(Events(&Event::has_claim_resolved), SizeIs(1));
}

TEST_F(ClaimsServiceTest, CLM_08_AWithdrawalIsPaidBackWhenTheGoodsAreBack) {
  Delivered("mall");
  claims::v1::WithdrawPurchaseRequest request;
  request.set_order_id("o-1");
  const auto opened = Do(&Stub::WithdrawPurchase, Customer(), request);
  ASSERT_THAT(opened, IsOk());
  const std::string id = opened->withdrawal_id();
  EXPECT_THAT(OpenClaim({{"l-1", 1}}), RefusedBy("CLM-01"));
  ASSERT_TRUE(Eventually([&] { return !GetWithdrawal(id).grant_id().empty(); }));
  EXPECT_TRUE(payments_->granted().at(id).await_goods());
  EXPECT_THAT(payments_->released(), IsEmpty());
  claims::v1::RecordGoodsReturnedRequest returned;
  returned.set_withdrawal_id(id);
  ASSERT_THAT(Do(&Stub::RecordGoodsReturned, Employee(), returned), IsOk());
  const std::string grant = GetWithdrawal(id).grant_id();
  ASSERT_TRUE(Eventually([&] { return payments_->released().contains(grant); }));
  payments_->Settle("o-1", id, grant, base::v1::REFUND_REASON_WITHDRAWAL);
  EXPECT_TRUE(Eventually([&] { return GetWithdrawal(id).state() == Withdrawal::STATE_SETTLED; }));
}

TEST_F(ClaimsServiceTest, CLM_03_CLM_04_CAL_01_WorkedExampleSix) {
  Order order = Delivered("tmall");
  order.mutable_lines(0)->set_unit_price_minor(19900);
  orders_.Set(order);
  const Claim a = Submitted();
  const Claim b = Submitted();
  const Claim c = Submitted();
  for (const Claim& claim : {a, b, c}) {
    EXPECT_EQ(rules::ToTime(claim.window_open_time()), At("2026-10-15T00:00+08:00"));
    EXPECT_EQ(rules::ToTime(claim.window_due_time()), At("2026-11-13T00:00+08:00"));
  }
  const auto approve = [this](const Claim& claim) {
    return Do(&Stub::ApproveClaim, Operations(), testing::About<claims::v1::ApproveClaimRequest>(claim));
  };
  clock_.MoveTo(At("2026-10-14T09:00+08:00"));
  const auto early = approve(a);
  ASSERT_THAT(early, IsOk());
  EXPECT_TRUE(early->early());

  clock_.MoveTo(At("2026-10-15T10:00+08:00"));
  const auto approved = approve(b);
  ASSERT_THAT(approved, IsOk());
  EXPECT_FALSE(approved->early());
  ASSERT_THAT(approved->refund_target_times(), SizeIs(2));
  EXPECT_EQ(rules::ToTime(approved->refund_target_times(0)), At("2026-10-17T10:00+08:00"));
  EXPECT_EQ(rules::ToTime(approved->refund_target_times(1)), At("2026-10-18T10:00+08:00"));
  EXPECT_EQ(rules::ToTime(approved->resolution_due_time()), At("2026-11-06T00:00+08:00"));
  ASSERT_THAT(
      Do(&Stub::ChooseResolution, Customer(), testing::ChooseRequest(b, base::v1::RESOLUTION_KIND_REFUND)),
      IsOk());
  ASSERT_TRUE(Eventually([&] { return !Get(b).grant_id().empty(); }));
  EXPECT_EQ(payments_->granted().at(b.claim_id()).goods_minor(), 19900);
  clock_.MoveTo(At("2026-10-17T09:00+08:00"));
  payments_->Settle("o-1", b.claim_id(), Get(b).grant_id(), base::v1::REFUND_REASON_CLAIM);
  EXPECT_TRUE(Reaches(b, Claim::STATE_RESOLVED));

  clock_.MoveTo(At("2026-11-12T23:59+08:00"));
  app_->tasks()->Wake();
  EXPECT_TRUE(Eventually([&] { return app_->tasks()->Idle(); }));
  EXPECT_FALSE(Get(c).overdue());
  clock_.MoveTo(At("2026-11-13T00:00+08:00"));
  app_->tasks()->Wake();
  EXPECT_TRUE(Eventually([&] { return Get(c).overdue(); }));
  EXPECT_EQ(Get(c).state(), Claim::STATE_VERIFYING);
  EXPECT_THAT(Events(&Event::has_claim_overdue), SizeIs(1));
  EXPECT_FALSE(payments_->granted().contains(c.claim_id()));
  // Claim A was approved and its outcome never chosen: past its hard limit, told once.
  EXPECT_TRUE(Eventually([&] { return Get(a).resolution_overdue(); }));
  EXPECT_THAT(Events(&Event::has_resolution_overdue), SizeIs(1));
}

}  // namespace
}  // namespace makegood::services
