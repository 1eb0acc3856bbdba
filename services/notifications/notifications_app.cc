#include "services/notifications/notifications_app.h"

#include <cstdlib>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/rules/erasure_tasks.h"
#include "common/rules/notices/chat_rules.h"
#include "common/rules/notices/notice_records.h"
#include "common/rules/notices/notice_rules.h"
#include "common/rules/scope.h"

namespace makegood::notifications {

// Where the mail server is; empty for none.
struct SmtpUrl {
  std::string url;
};

bool AbslParseFlag(absl::string_view text, SmtpUrl* flag, std::string* error) {
  const bool known = absl::StartsWith(text, "smtp://") || absl::StartsWith(text, "smtps://");
  if (!text.empty() && !known) {
    *error = "want smtp://host[:port] or smtps://host[:port]";
    return false;
  }
  flag->url = std::string(text);
  return true;
}

std::string AbslUnparseFlag(const SmtpUrl& flag) { return flag.url; }

}  // namespace makegood::notifications

ABSL_FLAG(
    makegood::notifications::SmtpUrl, smtp_url, {},
    "Mail server: smtp://host[:port], with STARTTLS where it is offered, or smtps://host[:port]. Empty: "
    "e-mails are written as .eml files into the folder outbox of the service's data.");
ABSL_FLAG(std::string, smtp_user, "",
          "User at the mail server; empty for none. Needs an encrypted connection.");
ABSL_FLAG(std::string, smtp_password, "", "Password of that user; better given by the environment.");
ABSL_FLAG(std::string, smtp_ca_file, "",
          "PEM file of those trusted to sign the mail server's certificate. Empty: whom the system trusts.");

namespace makegood::notifications {
namespace {

constexpr char kOrders[] = "orders";
constexpr char kClaims[] = "claims";
constexpr char kPayments[] = "payments";

std::unique_ptr<Mailer> MailerByFlags(const std::string& data_dir) {
  SmtpOptions smtp;
  smtp.url = absl::GetFlag(FLAGS_smtp_url).url;
  if (smtp.url.empty()) return MakeOutbox(absl::StrCat(data_dir, "/outbox"));
  smtp.user = absl::GetFlag(FLAGS_smtp_user);
  smtp.password = absl::GetFlag(FLAGS_smtp_password);
  smtp.ca_file = absl::GetFlag(FLAGS_smtp_ca_file);
  return MakeSmtpMailer(std::move(smtp));
}

// The texts are part of the program: one that has bad ones must not run.
rules::Texts ShippedTexts() {
  absl::StatusOr<rules::Texts> texts = rules::Texts::Shipped();
  if (texts.ok()) return *std::move(texts);
  Log(LogLevel::kError, "texts cannot be read", {{"error", std::string(texts.status().message())}});
  std::abort();
}

}  // namespace

NotificationsApp::NotificationsApp(const services::AppContext& context, rules::Texts texts,
                                   std::unique_ptr<Mailer> mailer)
    : context_(context),
      texts_(std::move(texts)),
      mailer_(std::move(mailer)),
      orders_(orders::v1::OrdersService::NewStub(context.peers.orders)),
      contacts_(orders::v1::ContactsService::NewStub(context.peers.orders)),
      service_(context.environment, *orders_),
      email_task_(context.environment, texts_, *mailer_, *orders_, *contacts_) {}

void NotificationsApp::AddServices(rpc::Server& server) {
  server.AddService<v1::NotificationsService>(service_);
}

void NotificationsApp::Start() {
  const flow::Reaction react = [this](const events::v1::Event& event, rules::Transaction& tx) {
    return rules::ReactToEvent(texts_, event, tx);
  };
  flow::TaskKinds kinds;
  const flow::TaskHandler send = [this](const rules::Task& task, absl::Time deadline) {
    return email_task_.Run(task, deadline);
  };
  // Customers' addresses are the orders service's to tell: where that hangs, Operations are written to all
  // the same.
  kinds[rules::kSendEmailTask] = flow::Blocking("mail", send);
  kinds[rules::kSendOperationsEmailTask] = flow::Blocking("mail to Operations", send);
  kinds[rules::kEraseWords] =
      flow::Blocking("erasing", [this](const rules::Task& task, absl::Time) { return EraseWords(task); });
  kinds[rules::kScrubStore] = flow::ScrubStore(context_.environment.store);
  const std::pair<const char*, std::shared_ptr<grpc::Channel>> sources[] = {
      {kOrders, context_.peers.orders},
      {kClaims, context_.peers.claims},
      {kPayments, context_.peers.payments}};
  for (const auto& [source, channel] : sources) {
    kinds[flow::ReapplyKind(source)] = flow::ReapplyParkedEvent(react);
    subscribers_.push_back(std::make_unique<flow::Subscriber>(
        source, events::v1::EventService::NewStub(channel), context_.environment.store,
        context_.environment.policies, rules::ServiceActor("notifications"), react));
  }
  tasks_ = std::make_unique<flow::TaskRunner>(
      context_.environment.store, context_.environment.clock, context_.environment.policies,
      rules::ServiceActor("notifications"), std::move(kinds), context_.tasks);
}

absl::StatusOr<flow::Decision> NotificationsApp::EraseWords(const rules::Task& task) {
  v1::EraseWords thread;
  if (!thread.ParseFromString(task.payload)) return absl::InvalidArgumentError("the payload cannot be read");
  if (thread.next_index() == 1) RETURN_IF_ERROR(EraseEmails(thread.order_id()));
  return flow::Decision([thread](rules::Transaction& tx) { return rules::EraseWords(thread, tx); });
}

absl::Status NotificationsApp::EraseEmails(const std::string& order_id) {
  store::ListQuery query;
  query.kind = std::string(rules::RecordTraits<v1::Notice>::kKind);
  query.order_id = order_id;
  return store::ForEachPage(context_.environment.store, std::move(query),
                            [this](const store::RecordPage& page) -> absl::Status {
                              for (const rules::StoredRecord& notice : page.records) {
                                RETURN_IF_ERROR(mailer_->Erase(notice.key.id));
                              }
                              return absl::OkStatus();
                            });
}

std::vector<const flow::Subscriber*> NotificationsApp::subscribers() const {
  std::vector<const flow::Subscriber*> all;
  for (const auto& subscriber : subscribers_) all.push_back(subscriber.get());
  return all;
}

namespace {

std::unique_ptr<services::App> MakeByFlags(const services::AppContext& context) {
  return std::make_unique<NotificationsApp>(context, ShippedTexts(), MailerByFlags(context.data_dir));
}

}  // namespace
}  // namespace makegood::notifications

namespace makegood::services {

AppKind NotificationsKind() {
  AppKind kind;
  kind.name = "notifications";
  kind.grpc_services = {notifications::v1::NotificationsService::service_full_name()};
  kind.follows = {notifications::kOrders, notifications::kClaims, notifications::kPayments};
  kind.gauges = {{"makegood_first_notices_overdue",
                  "First notices of a problem that are not out though they should be by now.",
                  metrics::OpenGauge::Figure::kOverdue,
                  std::string(rules::RecordTraits<notifications::v1::Notice>::kKind)}};
  kind.make = notifications::MakeByFlags;
  return kind;
}

}  // namespace makegood::services
