// How notices, chat messages and threads are kept. Routing key of all three: the order id.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "makegood/notifications/v1/notifications.pb.h"
#include "makegood/notifications/v1/records.pb.h"

namespace makegood::rules {

using notifications::v1::ChatMessage;
using notifications::v1::Notice;
using notifications::v1::ThreadHead;

template <>
struct RecordTraits<Notice> {
  static constexpr absl::string_view kKind = "notice";
  static std::string Id(const Notice& notice) { return notice.notice_id(); }
  static RecordColumns Columns(const Notice& notice) {
    return {notice.order_id(),
            notice.merchant_id(),
            notice.customer_id(),
            Notice::State_Name(notice.state()),
            ToTime(notice.create_time()),
            notice.state() == Notice::STATE_SENT ? "" : notice.policy().marketplace(),
            notice.has_due_time() ? ToTime(notice.due_time()) : absl::InfiniteFuture()};
  }
};

// Listed in the order of the thread.
template <>
struct RecordTraits<ChatMessage> {
  static constexpr absl::string_view kKind = "chat";
  static std::string Id(const ChatMessage& message) { return message.message_id(); }
  static RecordColumns Columns(const ChatMessage& message) {
    return {message.order_id(), "", "", "", PlaceOfIndex(message.index())};
  }
};

template <>
struct RecordTraits<ThreadHead> {
  static constexpr absl::string_view kKind = "thread";
  static std::string Id(const ThreadHead& head) { return head.order_id(); }
  static RecordColumns Columns(const ThreadHead& head) {
    return RecordColumns::ByKeyAlone(ToTime(head.create_time()));
  }
};

}  // namespace makegood::rules
