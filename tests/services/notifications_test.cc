// The notifications service whole: real stores, real event feeds, real gRPC, a real SMTP server. What
// stands beside it is the orders service's contract, answered from two maps.
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
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/flow/flow.h"
#include "common/rpc/channels.h"
#include "common/rpc/rpc.h"
#include "common/rpc/server.h"
#include "common/rules/notice_rules.h"
#include "common/rules/times.h"
#include "makegood/notifications/v1/notifications_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "services/notifications/notifications_app.h"
#include "tests/support/rules_support.h"
#include "tests/support/scratch.h"
#include "tests/support/smtp_server.h"
#include "tests/support/status_matchers.h"

namespace makegood {
namespace {

using events::v1::Event;
using notifications::v1::ChatMessage;
using notifications::v1::Notice;
using notifications::v1::NotificationsService;
using testing::At;
using testing::Customer;
using testing::DeniedBy;
using ::testing::ElementsAre;
using testing::Employee;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using testing::Operations;
using testing::ReceivedEmail;
using testing::RefusedBy;
using testing::Scratch;
using testing::ShippedPolicies;
using ::testing::SizeIs;
using testing::SmtpServer;
using testing::StatusIs;

constexpr absl::Duration kPatience = absl::Seconds(20);

// Waits, by the wall clock, until `is` holds.
template <typename Is>
bool Eventually(const Is& is) {
  const absl::Time limit = absl::Now() + kPatience;
  while (!is()) {
    if (absl::Now() > limit) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

// What the orders service knows, for those who ask it.
class OrdersDesk final : public orders::v1::OrdersService::CallbackService {
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
    order.mutable_policy()->set_version(1);
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
  NotificationsTest() : clock_(At("2026-09-01T10:00+02:00")), smtp_(scratch_.path() / "smtp") {
    for (const char* service : {"orders", "claims", "payments", "notifications"}) {
      stores_[service] = scratch_.Open(service, clock_);
    }
    std::map<std::string, store::Store*> sources;
    for (const auto& [name, store] : stores_) sources.emplace(name, store.get());
    feed_ = flow::MakeEventService(sources, ShippedPolicies());
    world_ = std::make_unique<rpc::Server>(rpc::ServerOptions());
    world_->AddService<orders::v1::OrdersService>(orders_desk_);
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
    const services::AppContext context{rpc::Edge{*stores_["notifications"], ShippedPolicies(), clock_},
                                       rpc::Peers{channel, channel, channel, channel}, scratch_.path(),
                                       tasks};
    notifications::SmtpOptions smtp;
    smtp.url = smtp_.url();
    app_ = std::make_unique<notifications::NotificationsApp>(context, *rules::NoticeTexts::Shipped(),
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
    event.mutable_policy()->set_version(1);
    event.set_order_id(order_id);
    event.set_merchant_id("m-1");
    event.set_customer_id("c-1001");
    store::Work work;
    work.routing_key = order_id;
    work.context = ContextOf("announce-" + std::to_string(++announced_));
    work.decide = [&event](rules::Unit& unit) -> absl::StatusOr<std::string> {
      unit.Emit(event);
      return unit.events().back().SerializeAsString();
    };
    Event emitted;
    emitted.ParseFromString(SubmitNow(*stores_[source], std::move(work)));
    return emitted;
  }

  Event OrderComesIn(const std::string& language = "cs", const std::string& marketplace = "mall",
                     bool imported = false) {
    Event created;
    created.mutable_order_created()->set_language(language);
    created.set_imported(imported);
    return Announce("orders", created, marketplace);
  }

  Event CancelOrder() {
    Event event;
    event.mutable_order_cancelled()->set_reason(base::v1::CANCEL_REASON_UNAVAILABLE);
    event.mutable_order_cancelled()->set_initiator(base::v1::INITIATOR_MERCHANT);
    return Announce("orders", event);
  }

  rules::UnitContext ContextOf(const std::string& seed) const {
    rules::UnitContext context;
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
    request.set_state(state);
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

TEST_F(NotificationsTest, AVL_04_AnAllUnavailableCancellationIsOneEmailInTheCustomersLanguage) {
  OrderComesIn("cs");
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  ASSERT_TRUE(Settled());
  ASSERT_THAT(smtp_.Received(), SizeIs(1));
  ReceivedEmail email = smtp_.Received()[0];
  const Notice notice = Emails(Notice::STATE_SENT)[0];
  EXPECT_EQ(email.headers["Envelope-To"], "c-1001@example.com");
  EXPECT_EQ(email.headers["To"], "c-1001@example.com");
  EXPECT_EQ(email.headers["Envelope-From"], "orders@mall.example.com");
  EXPECT_THAT(email.headers["From"], HasSubstr("MALL / Mimovrste"));
  EXPECT_EQ(email.headers["Defects"], "0");
  EXPECT_EQ(email.headers["Subject"], "Vaše objednávka o-77 byla zrušena: zboží není dostupné");
  EXPECT_EQ(email.headers["Content-Language"], "cs");
  EXPECT_EQ(email.headers["Message-ID"], "<" + notice.notice_id() + "@mall.example.com>");
  EXPECT_EQ(notice.message_id(), email.headers["Message-ID"]);
  EXPECT_THAT(email.body, HasSubstr("žádné zboží z vaší objednávky o-77 už není dostupné"));
  EXPECT_THAT(email.body, HasSubstr("Dobrý den,\n\n"));
}

TEST_F(NotificationsTest, NTF_05_ChineseArrivesAsItWasWritten) {
  OrderComesIn("zh", "tmall");
  Event submitted;
  events::v1::ClaimSubmitted& window = *submitted.mutable_claim_submitted();
  *window.mutable_window_open_time() = rules::ToTimestamp(At("2026-10-15T00:00+08:00"));
  *window.mutable_window_due_time() = rules::ToTimestamp(At("2026-11-13T00:00+08:00"));
  submitted.set_case_id("clm-1");
  Announce("claims", submitted, "tmall");
  ASSERT_TRUE(Eventually([&] { return smtp_.Received().size() == 1; }));
  ReceivedEmail email = smtp_.Received()[0];
  EXPECT_EQ(email.headers["Subject"], "售后申请 clm-1 的凭证已收到");
  EXPECT_THAT(email.body, HasSubstr("2026年10月15日至2026年11月12日"));
  EXPECT_EQ(email.headers["Defects"], "0");
}

TEST_F(NotificationsTest, NTF_04_OneMessagePerCaseTemplateAndEventHoweverOftenItIsSeen) {
  OrderComesIn();
  const Event event = CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  // Seen again, as when cursors were set back and what was applied is forgotten.
  const absl::StatusOr<rules::NoticeTexts> texts = rules::NoticeTexts::Shipped();
  for (int again = 0; again < 3; ++again) {
    store::Work work;
    work.routing_key = "o-77";
    work.context = ContextOf("again-" + std::to_string(again));
    work.decide = [&](rules::Unit& unit) -> absl::StatusOr<std::string> {
      RETURN_IF_ERROR(rules::ReactToEvent(*texts, event, unit));
      return std::string();
    };
    SubmitNow(*stores_["notifications"], std::move(work));
  }
  ASSERT_TRUE(Settled());
  EXPECT_THAT(smtp_.Received(), SizeIs(1));
  EXPECT_THAT(Notices(), SizeIs(2));  // one by chat, one by e-mail
  EXPECT_THAT(*Thread(Customer()), SizeIs(1));
}

TEST_F(NotificationsTest, ORD_04_TheInvoiceIsSentOnce) {
  OrderComesIn();
  Event invoice;
  invoice.mutable_document_issued()->set_kind(events::v1::DocumentIssued::KIND_SALES_INVOICE);
  invoice.mutable_document_issued()->set_document_id("doc-03-1");
  invoice.mutable_document_issued()->mutable_amount()->set_amount_minor(123450);
  invoice.mutable_document_issued()->mutable_amount()->set_currency("CZK");
  Announce("payments", invoice);
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  ASSERT_TRUE(Settled());
  ASSERT_THAT(smtp_.Received(), SizeIs(1));
  EXPECT_EQ(smtp_.Received()[0].headers["Subject"], "Faktura doc-03-1 k vaší objednávce o-77");
  EXPECT_THAT(smtp_.Received()[0].body, HasSubstr("1\u00a0234,50\u00a0Kč"));
}

TEST_F(NotificationsTest, NTF_04_AfterTryLaterTheSameMessageIdGoesAgain) {
  smtp_.Treat({"451", "451", "ok"});
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  std::vector<ReceivedEmail> received = smtp_.Received();
  ASSERT_THAT(received, SizeIs(3));
  EXPECT_EQ(received[0].treatment, "451");
  EXPECT_EQ(received[2].treatment, "ok");
  EXPECT_EQ(received[0].headers, received[2].headers);
  EXPECT_EQ(received[0].body, received[2].body);
}

TEST_F(NotificationsTest, NTF_04_ALostAnswerMayRepeatTheEmailWithTheSameMessageId) {
  smtp_.Treat({"drop", "ok"});
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  std::vector<ReceivedEmail> received = smtp_.Received();
  ASSERT_THAT(received, SizeIs(2));
  EXPECT_EQ(received[0].headers["Message-ID"], received[1].headers["Message-ID"]);
}

TEST_F(NotificationsTest, NTF_05_WhatTheServerRefusesIsFailedVisibleAndCanBeTriedAgain) {
  smtp_.Treat({"550"});
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Notices(Notice::STATE_FAILED).size() == 1; }));
  EXPECT_THAT(smtp_.Received(), IsEmpty());
  const Notice failed = Notices(Notice::STATE_FAILED)[0];
  EXPECT_EQ(failed.failure(), Notice::FAILURE_REFUSED);
  EXPECT_TRUE(failed.available_actions(0).allowed());
  int announced = 0;
  for (const Event& event : Announced()) announced += event.has_notice_failed();
  EXPECT_EQ(announced, 1);

  notifications::v1::RetryNoticeRequest retry;
  retry.mutable_command()->set_request_id("retry-1");
  retry.set_notice_id(failed.notice_id());
  ASSERT_THAT(Call(&NotificationsService::Stub::RetryNotice, retry, Operations()), IsOk());
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  EXPECT_THAT(smtp_.Received(), SizeIs(1));
  // SYS-02: the same command again is answered from its kept reply; another one is refused.
  EXPECT_THAT(Call(&NotificationsService::Stub::RetryNotice, retry, Operations()), IsOk());
  retry.mutable_command()->set_request_id("retry-2");
  EXPECT_THAT(Call(&NotificationsService::Stub::RetryNotice, retry, Operations()), RefusedBy("NTF-05"));
}

TEST_F(NotificationsTest, NTF_05_ACustomerWithoutAnAddressIsAVisibleFailure) {
  orders_desk_.Add("o-77", "", "cs");
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Notices(Notice::STATE_FAILED).size() == 1; }));
  EXPECT_EQ(Notices(Notice::STATE_FAILED)[0].failure(), Notice::FAILURE_NO_ADDRESS);
}

TEST_F(NotificationsTest, SYS_07_AnAddressCannotAddAHeaderOrARecipient) {
  orders_desk_.Add("o-77", "c@example.com>\r\nRCPT TO:<x@example.org", "cs");
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Notices(Notice::STATE_FAILED).size() == 1; }));
  EXPECT_THAT(smtp_.Received(), IsEmpty());
}

TEST_F(NotificationsTest, SYS_06_WhileTheOwnerIsDownTheEmailWaits) {
  orders_desk_.SetDown(true);
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Notices().size() == 2; }));
  absl::SleepFor(absl::Milliseconds(100));
  EXPECT_THAT(Emails(Notice::STATE_PENDING), SizeIs(1));
  orders_desk_.SetDown(false);
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  EXPECT_THAT(smtp_.Received(), SizeIs(1));
}

TEST_F(NotificationsTest, NTF_05_WhatCannotBeSentInADayIsFailedAsUnreachable) {
  orders_desk_.SetDown(true);
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_PENDING).size() == 1; }));
  clock_.Advance(notifications::kEmailTime);
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_FAILED).size() == 1; }));
  EXPECT_EQ(Emails(Notice::STATE_FAILED)[0].failure(), Notice::FAILURE_UNREACHABLE);
}

TEST_F(NotificationsTest, NTF_01_AnEmailLaterThanThePolicysTimeIsAMissedFirstNotice) {
  orders_desk_.SetDown(true);
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_PENDING).size() == 1; }));
  clock_.Advance(absl::Hours(2) + absl::Seconds(1));
  orders_desk_.SetDown(false);
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  std::map<base::v1::Channel, base::v1::SlaOutcome> outcomes;
  for (const Event& event : Announced()) {
    if (event.has_notice_sent()) outcomes[event.notice_sent().channel()] = event.notice_sent().first_notice();
  }
  EXPECT_EQ(outcomes[base::v1::CHANNEL_CHAT], base::v1::SLA_OUTCOME_MET);
  EXPECT_EQ(outcomes[base::v1::CHANNEL_EMAIL], base::v1::SLA_OUTCOME_MISSED);
}

TEST_F(NotificationsTest, ORD_13_ImportedHistoryCausesNoMessage) {
  OrderComesIn("cs", "mall", /*imported=*/true);
  Event delivered;
  *delivered.mutable_order_delivered()->mutable_delivered_time() = rules::ToTimestamp(clock_.Now());
  delivered.set_imported(true);
  Announce("orders", delivered);
  ASSERT_TRUE(Settled());
  EXPECT_THAT(Notices(), IsEmpty());
  EXPECT_THAT(smtp_.Received(), IsEmpty());
  EXPECT_THAT(*Thread(Customer()), IsEmpty());
}

TEST_F(NotificationsTest, SYS_09_NeitherEventsNorRecordsHoldTheAddress) {
  OrderComesIn();
  CancelOrder();
  ASSERT_TRUE(Eventually([&] { return Emails(Notice::STATE_SENT).size() == 1; }));
  for (const Event& event : Announced()) EXPECT_THAT(event.SerializeAsString(), Not(HasSubstr("c-1001@")));
  for (const Notice& notice : Notices()) EXPECT_THAT(notice.SerializeAsString(), Not(HasSubstr("c-1001@")));
}

TEST_F(NotificationsTest, NTF_05_PeopleWriteAndReadTheThread) {
  ASSERT_THAT(Post(Customer(), "Dobrý den", "p-1"), IsOk());
  ASSERT_THAT(Post(Employee(), "hello", "p-2"), IsOk());
  EXPECT_THAT(*Thread(Operations()), ElementsAre("Dobrý den", "hello"));
  EXPECT_THAT(*Thread(Customer(), "1"), ElementsAre("hello"));
  EXPECT_THAT(Thread(Customer(), "nonsense"), testing::NamesField("resume_token"));
}

TEST_F(NotificationsTest, SYS_02_AMessageSentTwiceStandsOnce) {
  const absl::StatusOr<ChatMessage> first = Post(Customer(), "hello", "p-1");
  const absl::StatusOr<ChatMessage> second = Post(Customer(), "hello", "p-1");
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->message_id(), second->message_id());
  EXPECT_THAT(Post(Customer(), "other words", "p-1"), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(*Thread(Customer()), ElementsAre("hello"));
}

TEST_F(NotificationsTest, SYS_03_AMessageThatIsOnlyValidatedIsNotWritten) {
  const absl::StatusOr<ChatMessage> preview = Post(Customer(), "hello", "p-1", /*validate_only=*/true);
  ASSERT_THAT(preview, IsOk());
  EXPECT_EQ(preview->index(), 1);
  EXPECT_THAT(Thread(Customer()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(NotificationsTest, ROL_11_OnlyThoseOfTheOrderWriteAndRead) {
  ASSERT_THAT(Post(Customer(), "hello", "p-1"), IsOk());
  EXPECT_THAT(Post(Customer("c-1002"), "hello", "p-1"), DeniedBy("ROL-11"));
  EXPECT_THAT(Thread(Customer("c-1002")), DeniedBy("ROL-11"));
  EXPECT_THAT(Thread(Employee("m-2")), DeniedBy("ROL-11"));
  EXPECT_THAT(Thread(testing::Courier()), StatusIs(absl::StatusCode::kPermissionDenied));
  notifications::v1::ListNoticesRequest list;
  EXPECT_THAT(Call(&NotificationsService::Stub::ListNotices, list, Customer()),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(NotificationsTest, SYS_07_AMessageWithoutWordsIsRefusedByField) {
  EXPECT_THAT(Post(Customer(), "", "p-1"), testing::NamesField("text"));
}

TEST_F(NotificationsTest, SYS_06_WithoutItsOwnerAnOrdersThreadTakesNoMessage) {
  orders_desk_.SetDown(true);
  EXPECT_THAT(Post(Customer(), "hello", "p-1"), StatusIs(absl::StatusCode::kUnavailable));
  orders_desk_.SetDown(false);
  EXPECT_THAT(Post(Customer(), "hello", "p-1"), IsOk());
}

TEST_F(NotificationsTest, ROL_11_TheMerchantsNoticesAreNotShownToTheCustomer) {
  OrderComesIn();
  Event requested;
  requested.mutable_credit_note_requested()->set_return_number("4712345678");
  requested.mutable_credit_note_requested()->mutable_amount()->set_amount_minor(2700);
  requested.mutable_credit_note_requested()->mutable_amount()->set_currency("EUR");
  *requested.mutable_credit_note_requested()->mutable_due_time() = rules::ToTimestamp(clock_.Now());
  Announce("payments", requested);
  ASSERT_TRUE(Settled());
  ASSERT_THAT(*Thread(Employee()), SizeIs(1));
  EXPECT_THAT((*Thread(Employee()))[0], HasSubstr("4712345678"));
  EXPECT_THAT(*Thread(Customer()), IsEmpty());
}

TEST_F(NotificationsTest, NTF_05_AThreadIsStreamedFromItsTokenAsItIsWritten) {
  ASSERT_THAT(Post(Customer(), "first", "p-1"), IsOk());
  ASSERT_THAT(Post(Customer(), "second", "p-2"), IsOk());
  grpc::ClientContext context;
  rpc::Prepare(context, Employee(), kPatience);
  notifications::v1::StreamMessagesRequest request;
  request.set_order_id("o-77");
  request.set_resume_token("1");
  const auto stream = stub_->StreamMessages(&context, request);
  ChatMessage message;
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.text(), "second");
  for (int i = 3; i < 10; ++i) {
    const std::string number = std::to_string(i);
    ASSERT_THAT(Post(Customer(), number, "p-" + number), IsOk());
    ASSERT_TRUE(stream->Read(&message));
    EXPECT_EQ(message.text(), number);
    EXPECT_EQ(message.resume_token(), number);
  }
  context.TryCancel();
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(NotificationsTest, NTF_05_AStreamEndsWithTheServersDrain) {
  ASSERT_THAT(Post(Customer(), "first", "p-1"), IsOk());
  grpc::ClientContext context;
  rpc::Prepare(context, Customer(), kPatience);
  notifications::v1::StreamMessagesRequest request;
  request.set_order_id("o-77");
  const auto stream = stub_->StreamMessages(&context, request);
  ChatMessage message;
  ASSERT_TRUE(stream->Read(&message));
  std::thread drain([&] { server_->Drain(); });
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  drain.join();
}

TEST_F(NotificationsTest, ROL_11_AStreamOfAnothersThreadIsDenied) {
  ASSERT_THAT(Post(Customer(), "first", "p-1"), IsOk());
  grpc::ClientContext context;
  rpc::Prepare(context, Customer("c-1002"), kPatience);
  notifications::v1::StreamMessagesRequest request;
  request.set_order_id("o-77");
  const auto stream = stub_->StreamMessages(&context, request);
  ChatMessage message;
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_THAT(rpc::FromGrpc(stream->Finish()), DeniedBy("ROL-11"));
}

}  // namespace
}  // namespace makegood
