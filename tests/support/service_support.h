// One service as it runs: its app on a real SQLite store in a folder of its own, a real server, real
// stubs, and the domain's clock in the test's hand. The other three services are stores without an
// app: a test lets them tell of what happened by putting events into them, which the service under
// test follows through the real feed.
//
//   ServiceUnderTest service("orders", OrdersKind(), At("2026-09-01T10:00+02:00"));
//   auto stub = orders::v1::OrdersService::NewStub(service.channel());
//   service.Happens("payments", PaymentRecorded(...));
//   service.Settle();
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/flow/flow.h"
#include "common/rpc/channels.h"
#include "common/rpc/rpc.h"
#include "common/rpc/server.h"
#include "common/rules/policy/policy_book.h"
#include "common/store/store.h"
#include "makegood/events/v1/events.pb.h"
#include "services/host/app.h"
#include "services/host/stored_policies.h"
#include "tests/support/rules_support.h"
#include "tests/support/scratch.h"

namespace makegood::testing {

class ServiceUnderTest {
 public:
  ServiceUnderTest(std::string name, services::AppKind kind, absl::Time now)
      : name_(std::move(name)), kind_(std::move(kind)), clock_(now) {
    Start();
  }

  ~ServiceUnderTest() { Stop(); }

  ServiceUnderTest(const ServiceUnderTest&) = delete;
  ServiceUnderTest& operator=(const ServiceUnderTest&) = delete;

  // Ends the process's part of it and begins anew on the same files. Channels are new after it.
  void Restart() {
    Stop();
    Start();
  }

  std::shared_ptr<grpc::Channel> channel() { return server_->InProcessChannel(); }
  TestClock& clock() { return clock_; }
  store::Store& store(const std::string& service) { return *stores_.at(service); }
  store::Store& store() { return store(name_); }

  // Something happens in another service: its store announces `event`.
  void Happens(const std::string& source, const events::v1::Event& event) {
    store::Work work;
    work.routing_key = event.order_id();
    work.context.actor = MakeActor(base::v1::ROLE_SERVICE, source);
    work.context.policies = &policies_;
    work.context.request_id = work.context.seed = absl::StrCat("happening-", ++happenings_);
    work.decide = [event](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      tx.Emit(event);
      return std::string();
    };
    absl::Notification done;
    store(source).Submit(std::move(work), [&done](absl::StatusOr<std::string> reply) {
      EXPECT_TRUE(reply.ok()) << reply.status();
      done.Notify();
    });
    done.WaitForNotification();
  }

  // Waits until every event of every source is applied and no due task is left; fails after 20 s.
  void Settle() {
    const absl::Time until = absl::Now() + absl::Seconds(20);
    app_->tasks()->Wake();
    while (!IsSettled()) {
      if (absl::Now() > until) {
        ADD_FAILURE() << "the service does not settle";
        return;
      }
      absl::SleepFor(absl::Milliseconds(5));
    }
  }

  // Moves the domain's clock and lets what is due happen.
  void MoveTo(absl::Time time) {
    clock_.MoveTo(time);
    Settle();
  }

  // Calls one method of a stub in the name of `actor`, within 10 s of the wall clock:
  //   service.Call(Operations(), *stub, &OrdersService::Stub::CreateOrder, request)
  template <typename Stub, typename Request, typename Reply>
  static absl::StatusOr<Reply> Call(const base::v1::Actor& actor, Stub& stub,
                                    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                                 Reply*),
                                    const Request& request) {
    grpc::ClientContext context;
    rpc::Prepare(context, actor, absl::Seconds(10));
    Reply reply;
    const grpc::Status status = (stub.*method)(&context, request, &reply);
    if (!status.ok()) return rpc::FromGrpc(status);
    return reply;
  }

  // Events parked and tasks given up so far.
  std::vector<store::StuckItem> Stuck() {
    auto stuck = store().ListStuck(100);
    EXPECT_TRUE(stuck.ok()) << stuck.status();
    return stuck.ok() ? *std::move(stuck) : std::vector<store::StuckItem>();
  }

 private:
  void Start() {
    static std::atomic<int> servers = 0;
    auto shipped = rules::PolicyBook::Shipped();
    ASSERT_TRUE(shipped.ok()) << shipped.status();
    policies_ = *std::move(shipped);
    std::map<std::string, store::Store*> sources;
    for (const char* service : {"orders", "claims", "payments", "notifications"}) {
      stores_[service] = scratch_.Open(service, clock_, {}, kDefaultParts);
      ASSERT_NE(stores_[service], nullptr);
      sources[service] = stores_[service].get();
    }
    feed_ = flow::MakeEventService(sources, policies_);
    rpc::ServerOptions options;
    options.inner_address = absl::StrCat("unix-abstract:makegood-test-", getpid(), "-", ++servers);
    const auto channel = rpc::MakeChannel(options.inner_address);
    app_ =
        kind_.make({{store(), policies_, clock_}, {channel, channel, channel, channel}, scratch_.path(), {}});
    const absl::Status kept = services::KeepPolicies(store(), policies_);
    ASSERT_TRUE(kept.ok()) << kept;
    server_ = std::make_unique<rpc::Server>(std::move(options));
    app_->AddServices(*server_);
    server_->AddService<events::v1::EventService>(*feed_);
    server_->OnDrain([this] { app_->EndStreams(); });
    server_->OnDrain([this] { feed_->EndStreams(); });
    app_->Start();
    const absl::Status started = server_->Start();
    ASSERT_TRUE(started.ok()) << started;
  }

  void Stop() {
    if (server_ != nullptr) server_->Drain();
    app_.reset();
    server_.reset();
    feed_.reset();
    stores_.clear();
  }

  bool IsSettled() {
    std::map<std::string, std::map<uint32_t, uint64_t>> before;
    for (const auto& [name, store] : stores_) before[name] = HeadsOf(*store);
    for (const flow::Subscriber* subscriber : app_->subscribers()) {
      if (!subscriber->HasApplied(before.at(subscriber->source()))) return false;
    }
    if (!app_->tasks()->Idle()) return false;
    // What came of it may be events again.
    for (const auto& [name, store] : stores_) {
      if (HeadsOf(*store) != before.at(name)) return false;
    }
    return true;
  }

  static std::map<uint32_t, uint64_t> HeadsOf(store::Store& store) {
    auto heads = store.Heads();
    EXPECT_TRUE(heads.ok()) << heads.status();
    return heads.ok() ? *std::move(heads) : std::map<uint32_t, uint64_t>();
  }

  const std::string name_;
  const services::AppKind kind_;
  TestClock clock_;
  const Scratch scratch_;
  int happenings_ = 0;
  rules::PolicyBook policies_;
  std::map<std::string, std::unique_ptr<store::Store>> stores_;
  std::unique_ptr<flow::EventFeed> feed_;
  std::unique_ptr<services::App> app_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace makegood::testing
