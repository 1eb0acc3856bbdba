// The notifications service with all that it does by itself: follows orders, claims and payments,
// and hands e-mails over.
#pragma once

#include <memory>
#include <vector>

#include "common/rules/notices/notice_words.h"
#include "services/host/app.h"
#include "services/notifications/email_task.h"
#include "services/notifications/mailer.h"
#include "services/notifications/notifications_kind.h"
#include "services/notifications/notifications_service.h"

namespace makegood::notifications {

class NotificationsApp final : public services::App {
 public:
  NotificationsApp(const services::AppContext& context, rules::Texts texts, std::unique_ptr<Mailer> mailer);
  ~NotificationsApp() override { mailer_->Stop(); }

  void AddServices(rpc::Server& server) override;
  void Start() override;
  void EndStreams() override { service_.EndStreams(); }
  std::vector<const flow::Subscriber*> subscribers() const override;
  flow::TaskRunner* tasks() override { return tasks_.get(); }

 private:
  // SYS-09: a task that goes through a thread, piece by piece, beginning with the order's e-mails.
  absl::StatusOr<flow::Decision> EraseWords(const rules::Task& task);
  absl::Status EraseEmails(const std::string& order_id);

  const services::AppContext context_;
  const rules::Texts texts_;
  const std::unique_ptr<Mailer> mailer_;
  const std::unique_ptr<orders::v1::OrdersService::StubInterface> orders_;
  const std::unique_ptr<orders::v1::ContactsService::StubInterface> contacts_;
  NotificationsService service_;
  EmailTask email_task_;
  std::vector<std::unique_ptr<flow::Subscriber>> subscribers_;
  std::unique_ptr<flow::TaskRunner> tasks_;  // last: its handlers use all of the above
};

}  // namespace makegood::notifications
