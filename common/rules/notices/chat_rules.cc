#include "common/rules/notices/chat_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rules/erasure_tasks.h"
#include "common/rules/messages.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

// How many messages are looked at in one commit.
constexpr int64_t kErasedAtATime = 500;

std::string MessageId(absl::string_view order_id, int64_t index, const Transaction& tx) {
  return MakeId("msg", tx.part(), absl::StrCat(order_id, "/", index));
}

void ScheduleErasing(const std::string& order_id, int64_t next_index, Transaction& tx) {
  notifications::v1::EraseWords thread;
  thread.set_order_id(order_id);
  thread.set_next_index(next_index);
  tx.Schedule({absl::StrCat(kEraseWords, ":", order_id), kEraseWords, tx.now(), thread.SerializeAsString()});
}

// Puts the message at the end of the thread.
void Append(ThreadHead& head, ChatMessage& message, Transaction& tx) {
  head.set_count(head.count() + 1);
  message.set_message_id(MessageId(head.order_id(), head.count(), tx));
  message.set_order_id(head.order_id());
  message.set_merchant_id(head.merchant_id());
  message.set_customer_id(head.customer_id());
  message.set_index(head.count());
  message.set_resume_token(absl::StrCat(head.count()));
  *message.mutable_author() = tx.actor();
  tx.Put(head);
  tx.Put(message);
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
                        Transaction& tx) {
  if (request.reply_to_message_id().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<ChatMessage> answered,
                   tx.Find<ChatMessage>(request.reply_to_message_id()));
  if (!answered.has_value() || answered->order_id() != request.order_id() || !MaySee(actor, *answered)) {
    return NotFound("message", request.reply_to_message_id());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ChatMessage> PostMessage(const notifications::v1::PostMessageRequest& request,
                                        const orders::v1::Order& order, Transaction& tx) {
  RETURN_IF_ERROR(CheckScope(tx.actor(), order.merchant_id(), order.customer_id(), "ROL-11"));
  ASSIGN_OR_RETURN(std::optional<ThreadHead> head, tx.Find<ThreadHead>(order.order_id()));
  if (!head.has_value()) head = HeadOf(order);
  if (head->has_erase_time()) return Refusal("SYS-09", "what was written about the order was erased");
  RETURN_IF_ERROR(tx.CheckVersion({"thread", order.order_id(), head->count()}));
  RETURN_IF_ERROR(CheckReply(request, tx.actor(), tx));

  ChatMessage message;
  message.set_text(request.text());
  message.set_reply_to_message_id(request.reply_to_message_id());
  Append(*head, message, tx);

  events::v1::Event event = EventAbout(order);
  event.mutable_chat_posted()->set_message_id(message.message_id());
  tx.Emit(std::move(event));
  message.clear_text();
  return message;
}

absl::Status PostNotice(const Notice& notice, std::string text, ThreadHead head, Transaction& tx) {
  ChatMessage message;
  message.set_notice_id(notice.notice_id());
  message.set_recipient(notice.recipient());
  message.set_text(std::move(text));
  Append(head, message, tx);
  return absl::OkStatus();
}

absl::StatusOr<notifications::v1::EraseThreadResponse> EraseThread(
    const notifications::v1::EraseThreadRequest& request, Transaction& tx) {
  notifications::v1::EraseThreadResponse response;
  ASSIGN_OR_RETURN(std::optional<ThreadHead> head, tx.Find<ThreadHead>(request.order_id()));
  if (!head.has_value()) return response;
  *head->mutable_erase_time() = ToTimestamp(tx.now());
  tx.Put(*head);
  ScheduleErasing(request.order_id(), 1, tx);
  response.set_message_count(head->count());
  return response;
}

absl::Status EraseWords(const notifications::v1::EraseWords& thread, Transaction& tx) {
  ASSIGN_OR_RETURN(const ThreadHead head, tx.Get<ThreadHead>(thread.order_id()));
  const int64_t end = std::min(head.count() + 1, thread.next_index() + kErasedAtATime);
  for (int64_t index = thread.next_index(); index < end; ++index) {
    ASSIGN_OR_RETURN(ChatMessage message, tx.Get<ChatMessage>(MessageId(head.order_id(), index, tx)));
    if (!message.notice_id().empty() || message.has_erase_time()) continue;
    message.clear_text();
    *message.mutable_erase_time() = ToTimestamp(tx.now());
    tx.Put(message);
  }
  if (end <= head.count()) {
    ScheduleErasing(head.order_id(), end, tx);
  } else {
    ScheduleScrub(tx);
  }
  return absl::OkStatus();
}

bool MaySee(const base::v1::Actor& actor, const ChatMessage& message) {
  return actor.role() != base::v1::ROLE_CUSTOMER || message.recipient() != Notice::RECIPIENT_MERCHANT;
}

}  // namespace makegood::rules
