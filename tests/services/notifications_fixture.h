// The notifications service as its tests meet it: real stores, real event feeds, real gRPC, a real SMTP
// server. What stands beside it is the orders service's contract, answered from two maps.
#pragma once

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/base/clock.h"
#include "common/flow/flow.h"
#include "common/rpc/channels.h"
#include "common/rpc/rpc.h"
#include "common/rpc/server.h"
#include "common/rules/notices/notice_rules.h"
#include "common/rules/times.h"
#include "makegood/notifications/v1/notifications_service.grpc.pb.h"
#include "makegood/orders/v1/contacts_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "services/notifications/notifications_app.h"
#include "tests/support/eventually.h"
#include "tests/support/rules_support.h"
#include "tests/support/scratch.h"
#include "tests/support/smtp_server.h"
#include "tests/support/status_matchers.h"

namespace makegood::testing {

using events::v1::Event;
using notifications::v1::ChatMessage;
using notifications::v1::Notice;
using notifications::v1::NotificationsService;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// What the orders service knows, for those who ask it.
class OrdersDesk final : public orders::v1::OrdersService::CallbackService,
                         public orders::v1::ContactsService::CallbackService {
 public:
  void Add(const std::string& order_id, const std::string& email, const std::string& language) {
    absl::MutexLock lock(&mutex_);
    orders::v1::Order& order = orders_[order_id];
    order.set_order_id(order_id);
    order.set_merchant_id("m-1");
    order.set_customer_id("c-1001");
    order.set_customer_contact_id("contact-" + order_id);
    order.set_language(language);
    order.mutable_policy()->set_marketplace("mall");
    order.mutable_policy()->set_version(testing::ShippedVersion("mall"));
    emails_["contact-" + order_id] = email;
  }
  void SetDown(bool down) { down_ = down; }

  grpc::ServerUnaryReactor* GetOrder(grpc::CallbackServerContext* context,
                                     const orders::v1::GetOrderRequest* request,
                                     orders::v1::Order* reply) override {
    absl::MutexLock lock(&mutex_);
    const auto found = orders_.find(request->order_id());
    if (found != orders_.end()) *reply = found->second;
    return Answer(context, found != orders_.end());
  }
  grpc::ServerUnaryReactor* GetContact(grpc::CallbackServerContext* context,
                                       const orders::v1::GetContactRequest* request,
                                       orders::v1::Contact* reply) override {
    absl::MutexLock lock(&mutex_);
    const auto found = emails_.find(request->contact_id());
    if (found != emails_.end()) reply->mutable_details()->set_email(found->second);
    return Answer(context, found != emails_.end());
  }

 private:
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, bool found) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(down_   ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "down")
                    : found ? grpc::Status::OK
                            : grpc::Status(grpc::StatusCode::NOT_FOUND, "none"));
    return reactor;
  }

  absl::Mutex mutex_;
  std::map<std::string, orders::v1::Order> orders_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> emails_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> down_ = false;
};

class NotificationsTest : public ::testing::Test {
 protected:
  NotificationsTest() : clock_(At("2026-09-01T10:00+02:00")), smtp_(scratch_.Path("smtp")) {
    for (const char* service : {"orders", "claims", "payments", "notifications"}) {
      stores_[service] = scratch_.Open(service, clock_);
    }
    std::map<std::string, store::Store*> sources;
    for (const auto& [name, store] : stores_) sources.emplace(name, store.get());
    feed_ = flow::MakeEventService(sources, ShippedPolicies());
    world_ = std::make_unique<rpc::Server>(rpc::ServerOptions());
    orders::v1::OrdersService::CallbackService& orders = orders_desk_;
    orders::v1::ContactsService::CallbackService& contacts = orders_desk_;
    world_->AddService<orders::v1::OrdersService>(orders);
    world_->AddService<orders::v1::ContactsService>(contacts);
    world_->AddService<events::v1::EventService>(*feed_);
    world_->OnDrain([this] { feed_->EndStreams(); });
    EXPECT_THAT(world_->Start(), IsOk());
    StartService();
    orders_desk_.Add("o-77", "c-1001@example.com", "cs");
  }

  ~NotificationsTest() override {
    server_->Drain();
    app_.reset();
    world_->Drain();
  }

  void StartService() {
    const std::shared_ptr<grpc::Channel> channel = world_->InProcessChannel();
    flow::TaskRunnerOptions tasks;
    tasks.first_backoff = absl::Milliseconds(5);
    tasks.max_backoff = absl::Milliseconds(20);
    tasks.poll = absl::Milliseconds(10);
    const services::AppContext context{rpc::Environment{*stores_["notifications"], ShippedPolicies(), clock_},
                                       rpc::Peers{channel, channel, channel, channel}, scratch_.path(),
                                       tasks};
    notifications::SmtpOptions smtp;
    smtp.url = smtp_.url();
    app_ = std::make_unique<notifications::NotificationsApp>(context, *rules::Texts::Shipped(),
                                                             notifications::MakeSmtpMailer(smtp));
    server_ = std::make_unique<rpc::Server>(rpc::ServerOptions());
    app_->AddServices(*server_);
    server_->OnDrain([this] { app_->EndStreams(); });
    EXPECT_THAT(server_->Start(), IsOk());
    app_->Start();
    stub_ = NotificationsService::NewStub(server_->InProcessChannel());
  }

  // Makes `source` announce an event about an order; returns it as announced.
  Event Announce(const std::string& source, Event event, const std::string& marketplace = "mall",
                 const std::string& order_id = "o-77") {
    event.mutable_policy()->set_marketplace(marketplace);
    event.mutable_policy()->set_version(testing::ShippedVersion(marketplace));
    event.set_order_id(order_id);
    event.set_merchant_id("m-1");
    event.set_customer_id("c-1001");
    store::Work work;
    work.routing_key = order_id;
    work.context = ContextOf("announce-" + std::to_string(++announced_));
    work.decide = [&event](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      tx.Emit(event);
      return tx.events().back().SerializeAsString();
    };
    Event emitted;
    emitted.ParseFromString(SubmitNow(*stores_[source], std::move(work)));
    return emitted;
  }

  Event OrderComesIn(const std::string& language = "cs", const std::string& marketplace = "mall",
                     bool imported = false) {
    Event created;
    created.mutable_order_created()->set_language(language);
    created.mutable_order_created()->set_customer_contact_id("contact-o-77");
    created.set_imported(imported);
    return Announce("orders", created, marketplace);
  }

  Event CancelOrder() {
    Event event;
    event.mutable_order_cancelled()->set_reason(base::v1::CANCEL_REASON_UNAVAILABLE);
    event.mutable_order_cancelled()->set_initiator(base::v1::INITIATOR_MERCHANT);
    return Announce("orders", event);
  }

  rules::TransactionContext ContextOf(const std::string& seed) const {
    rules::TransactionContext context;
    context.actor = testing::Service();
    context.policies = &ShippedPolicies();
    context.seed = seed;
    return context;
  }

  static std::string SubmitNow(store::Store& store, store::Work work) {
    absl::Notification done;
    std::string reply;
    store.Submit(std::move(work), [&](absl::StatusOr<std::string> answer) {
      EXPECT_THAT(answer, IsOk());
      if (answer.ok()) reply = *answer;
      done.Notify();
    });
    done.WaitForNotification();
    return reply;
  }

  // True when everything announced is applied and nothing is under way.
  bool Settled() {
    return Eventually([&] {
      for (const flow::Subscriber* subscriber : app_->subscribers()) {
        if (!subscriber->HasApplied(*stores_[subscriber->source()]->Heads())) return false;
      }
      return app_->tasks()->Idle();
    });
  }

  template <typename Request, typename Reply>
  absl::StatusOr<Reply> Call(grpc::Status (NotificationsService::Stub::*method)(grpc::ClientContext*,
                                                                                const Request&, Reply*),
                             const Request& request, const base::v1::Actor& actor) {
    grpc::ClientContext context;
    rpc::Prepare(context, actor, kPatience);
    Reply reply;
    RETURN_IF_ERROR(rpc::FromGrpc((stub_.get()->*method)(&context, request, &reply)));
    return reply;
  }

  std::vector<Notice> Notices(Notice::State state = Notice::STATE_UNSPECIFIED) {
    notifications::v1::ListNoticesRequest request;
    if (state != Notice::STATE_UNSPECIFIED) request.add_states(state);
    const auto page = Call(&NotificationsService::Stub::ListNotices, request, Operations());
    EXPECT_THAT(page, IsOk());
    return page.ok() ? std::vector<Notice>(page->notices().begin(), page->notices().end())
                     : std::vector<Notice>();
  }

  std::vector<Notice> Emails(Notice::State state) {
    std::vector<Notice> emails;
    for (const Notice& notice : Notices(state)) {
      if (notice.channel() == base::v1::CHANNEL_EMAIL) emails.push_back(notice);
    }
    return emails;
  }

  absl::StatusOr<ChatMessage> Post(const base::v1::Actor& actor, const std::string& text,
                                   const std::string& request_id, bool validate_only = false) {
    notifications::v1::PostMessageRequest request;
    request.mutable_command()->set_request_id(request_id);
    request.mutable_command()->set_validate_only(validate_only);
    request.set_order_id("o-77");
    request.set_text(text);
    return Call(&NotificationsService::Stub::PostMessage, request, actor);
  }

  absl::StatusOr<std::vector<std::string>> Thread(const base::v1::Actor& actor,
                                                  const std::string& resume_token = "") {
    notifications::v1::ListMessagesRequest request;
    request.set_order_id("o-77");
    request.set_resume_token(resume_token);
    ASSIGN_OR_RETURN(const notifications::v1::ListMessagesResponse page,
                     Call(&NotificationsService::Stub::ListMessages, request, actor));
    std::vector<std::string> texts;
    for (const ChatMessage& message : page.messages()) texts.push_back(message.text());
    return texts;
  }

  // What the notifications service announced.
  std::vector<Event> Announced() {
    std::vector<Event> events;
    store::Store& store = *stores_["notifications"];
    absl::Notification done;
    store.Read([&](absl::StatusOr<store::Reader*> reader) {
      for (uint32_t part = 0; part < store.parts(); ++part) {
        const auto stored = (*reader)->Events(part, 0, 1000);
        EXPECT_THAT(stored, IsOk());
        if (!stored.ok()) continue;
        for (const store::StoredEvent& event : *stored) events.emplace_back().ParseFromString(event.data);
      }
      done.Notify();
    });
    done.WaitForNotification();
    return events;
  }

  Scratch scratch_;
  TestClock clock_;
  SmtpServer smtp_;
  OrdersDesk orders_desk_;
  std::map<std::string, std::unique_ptr<store::Store>> stores_;
  std::unique_ptr<flow::EventFeed> feed_;
  std::unique_ptr<rpc::Server> world_;
  std::unique_ptr<notifications::NotificationsApp> app_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<NotificationsService::Stub> stub_;
  int announced_ = 0;
};

}  // namespace makegood::testing
