#include "services/notifications/email_task.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rpc/channels.h"
#include "common/rules/notices/notice_rules.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"

namespace makegood::notifications {
namespace {

using Contacts = orders::v1::ContactsService::StubInterface;
using Orders = orders::v1::OrdersService::StubInterface;
using rules::Notice;

// Orders is not the other end of this lane: e-mails that need nothing of it do not wait for it long.
absl::Time OfOrders(absl::Time deadline) { return std::min(deadline, absl::Now() + absl::Seconds(3)); }

flow::Decision Failed(std::string notice_id, Notice::Failure failure) {
  return [notice_id = std::move(notice_id), failure](rules::Transaction& tx) {
    return rules::MarkFailed(notice_id, failure, tx);
  };
}

flow::Decision Sent(std::string notice_id, std::string message_id) {
  return [notice_id = std::move(notice_id), message_id = std::move(message_id)](rules::Transaction& tx) {
    return rules::MarkSent(notice_id, message_id, tx);
  };
}

}  // namespace

absl::StatusOr<flow::Decision> EmailTask::Run(const rules::Task& task, absl::Time deadline) {
  v1::SendEmail payload;
  if (!payload.ParseFromString(task.payload)) return absl::InvalidArgumentError("the payload cannot be read");
  ASSIGN_OR_RETURN(const Notice notice, Read<Notice>(payload.notice_id()));
  if (notice.state() != Notice::STATE_PENDING) return flow::NothingToDecide;
  absl::StatusOr<flow::Decision> outcome = HandOver(notice, payload.contact_id(), deadline);
  // SYS-09: whether it was erased is asked afterwards. Before that mark the outbox was not looked through
  // yet.
  ASSIGN_OR_RETURN(const rules::ThreadHead head, Read<rules::ThreadHead>(notice.order_id()));
  if (head.has_erase_time()) RETURN_IF_ERROR(mailer_.Erase(notice.notice_id()));
  return outcome;
}

absl::StatusOr<flow::Decision> EmailTask::HandOver(const Notice& notice, const std::string& contact_id,
                                                   absl::Time deadline) {
  const std::string& notice_id = notice.notice_id();
  ASSIGN_OR_RETURN(const rules::Policy* const policy, environment_.policies.At(notice.policy()));
  const absl::StatusOr<std::string> address = AddressOf(notice, contact_id, *policy, deadline);
  if (absl::IsNotFound(address.status())) return Failed(notice_id, Notice::FAILURE_NO_ADDRESS);
  absl::Status handed_over = address.status();
  std::string message_id;
  if (address.ok()) {
    const absl::StatusOr<Email> email = Write(notice, *policy, *address);
    if (absl::IsInvalidArgument(email.status())) return Failed(notice_id, Notice::FAILURE_NO_ADDRESS);
    if (!email.ok()) return email.status();
    message_id = email->message_id;
    handed_over = mailer_.Send(*email, deadline);
  }
  if (handed_over.ok()) return Sent(notice_id, message_id);
  if (absl::IsFailedPrecondition(handed_over)) return Failed(notice_id, Notice::FAILURE_REFUSED);
  if (OutOfTime(notice)) return Failed(notice_id, Notice::FAILURE_UNREACHABLE);
  return handed_over;
}

template <typename M>
absl::StatusOr<M> EmailTask::Read(const std::string& id) const {
  M found;
  RETURN_IF_ERROR(store::ReadNow(environment_.store, [&](store::Reader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(found, rpc::GetRecord<M>(reader, PartOf(id, environment_.store.parts()), id));
    return absl::OkStatus();
  }));
  return found;
}

absl::StatusOr<std::string> EmailTask::AddressOf(const Notice& notice, const std::string& contact_id,
                                                 const rules::Policy& policy, absl::Time deadline) const {
  if (notice.recipient() == Notice::RECIPIENT_OPERATIONS) return policy.operations_email();
  if (notice.recipient() == Notice::RECIPIENT_MERCHANT) {
    return absl::NotFoundError("no address is known for merchants");
  }
  if (!contact_id.empty()) return AddressIn(contact_id, deadline);
  if (notice.recipient() == Notice::RECIPIENT_RECIPIENT) {
    return absl::NotFoundError("nobody is named as the recipient");
  }
  // The order became known here before its event named the contact.
  ASSIGN_OR_RETURN(const std::string buyers, ContactOf(notice.order_id(), deadline));
  return AddressIn(buyers, deadline);
}

// Calls and waits, as a CallTask never does: the whole task is Blocking, on a thread of its lane, for what
// waits for the mail server, and keeps neither the address nor what it has asked for.
absl::StatusOr<std::string> EmailTask::ContactOf(const std::string& order_id, absl::Time deadline) const {
  orders::v1::GetOrderRequest about;
  about.set_order_id(order_id);
  const auto order = rpc::CallNow(orders_, &Orders::GetOrder, about, rules::ServiceActor("notifications"),
                                  OfOrders(deadline));
  RETURN_IF_ERROR(AnswerFor(order.status(), "orders"));
  return order->customer_contact_id();
}

absl::StatusOr<std::string> EmailTask::AddressIn(const std::string& contact_id, absl::Time deadline) const {
  orders::v1::GetContactRequest whose;
  whose.set_contact_id(contact_id);
  const auto contact = rpc::CallNow(contacts_, &Contacts::GetContact, whose,
                                    rules::ServiceActor("notifications"), OfOrders(deadline));
  RETURN_IF_ERROR(AnswerFor(contact.status(), "orders"));
  if (contact->details().email().empty()) return absl::NotFoundError("the contact has no e-mail address");
  return contact->details().email();
}

absl::StatusOr<Email> EmailTask::Write(const Notice& notice, const rules::Policy& policy,
                                       const std::string& address) const {
  ASSIGN_OR_RETURN(rules::NoticeWords words, rules::Render(texts_, notice, policy));
  EmailDraft draft;
  draft.id = notice.notice_id();
  draft.from = policy.notices().sender_email();
  draft.sender_name = policy.display_name();
  draft.to = address;
  draft.subject = std::move(words.subject);
  draft.body = std::move(words.letter);
  draft.language = notice.language();
  draft.time = rules::ToTime(notice.create_time());
  return Compose(draft);
}

bool EmailTask::OutOfTime(const Notice& notice) const {
  const absl::Time since =
      rules::ToTime(notice.has_retry_time() ? notice.retry_time() : notice.create_time());
  return environment_.clock.Now() >= since + kEmailTime;
}

}  // namespace makegood::notifications
