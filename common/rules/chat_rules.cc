#include "common/rules/chat_rules.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rules/scope.h"

namespace makegood::rules {
namespace {

// Puts the message at the end of the thread.
void Append(ThreadHead& head, ChatMessage& message, Unit& unit) {
  head.set_count(head.count() + 1);
  message.set_message_id(MakeId("msg", unit.part(), absl::StrCat(head.order_id(), "/", head.count())));
  message.set_order_id(head.order_id());
  message.set_merchant_id(head.merchant_id());
  message.set_customer_id(head.customer_id());
  message.set_index(head.count());
  message.set_resume_token(absl::StrCat(head.count()));
  *message.mutable_author() = unit.actor();
  unit.Put(head);
  unit.Put(message);
}

// The thread of an order whose OrderCreated event has not come yet is begun by its first message.
ThreadHead HeadOf(const orders::v1::Order& order) {
  ThreadHead head;
  head.set_order_id(order.order_id());
  head.set_merchant_id(order.merchant_id());
  head.set_customer_id(order.customer_id());
  head.set_language(order.language());
  return head;
}

absl::Status CheckReply(const notifications::v1::PostMessageRequest& request, const base::v1::Actor& actor,
                        Unit& unit) {
  if (request.reply_to_message_id().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<ChatMessage> answered,
                   unit.Find<ChatMessage>(request.reply_to_message_id()));
  if (!answered.has_value() || answered->order_id() != request.order_id() || !MaySee(actor, *answered)) {
    return NotFound("message", request.reply_to_message_id());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ChatMessage> PostMessage(const notifications::v1::PostMessageRequest& request,
                                        const orders::v1::Order& order, Unit& unit) {
  RETURN_IF_ERROR(CheckScope(unit.actor(), order.merchant_id(), order.customer_id(), "ROL-11"));
  ASSIGN_OR_RETURN(std::optional<ThreadHead> head, unit.Find<ThreadHead>(order.order_id()));
  if (!head.has_value()) head = HeadOf(order);
  RETURN_IF_ERROR(unit.CheckVersion({"thread", order.order_id(), head->count()}));
  RETURN_IF_ERROR(CheckReply(request, unit.actor(), unit));

  ChatMessage message;
  message.set_text(request.text());
  message.set_reply_to_message_id(request.reply_to_message_id());
  Append(*head, message, unit);

  events::v1::Event event;
  *event.mutable_policy() = order.policy();
  event.set_order_id(order.order_id());
  event.set_merchant_id(order.merchant_id());
  event.set_customer_id(order.customer_id());
  event.mutable_chat_posted()->set_message_id(message.message_id());
  unit.Emit(std::move(event));
  message.clear_text();
  return message;
}

absl::Status PostNotice(const Notice& notice, std::string text, ThreadHead head, Unit& unit) {
  ChatMessage message;
  message.set_notice_id(notice.notice_id());
  message.set_recipient(notice.recipient());
  message.set_text(std::move(text));
  Append(head, message, unit);
  return absl::OkStatus();
}

bool MaySee(const base::v1::Actor& actor, const ChatMessage& message) {
  return actor.role() != base::v1::ROLE_CUSTOMER || message.recipient() != Notice::RECIPIENT_MERCHANT;
}

}  // namespace makegood::rules
