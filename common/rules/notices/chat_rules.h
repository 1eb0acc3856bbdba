// The order's thread (NTF-05): what people write, and the notices that go by chat.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/notices/notice_records.h"
#include "common/rules/transaction.h"
#include "makegood/notifications/v1/notifications_service.pb.h"
#include "makegood/orders/v1/orders.pb.h"

namespace makegood::rules {

// Writes into the thread of `order`, as the orders service just told it (ROL-11). The reply leaves
// the text out. Refused: SYS-09, once the thread was erased.
absl::StatusOr<ChatMessage> PostMessage(const notifications::v1::PostMessageRequest& request,
                                        const orders::v1::Order& order, Transaction& tx);

// Writes a notice into its order's thread in `head`'s order.
absl::Status PostNotice(const Notice& notice, std::string text, ThreadHead head, Transaction& tx);

// SYS-09: what people wrote in the order's thread is to be erased; a task follows. Nothing where there is no
// thread.
absl::StatusOr<notifications::v1::EraseThreadResponse> EraseThread(
    const notifications::v1::EraseThreadRequest& request, Transaction& tx);

// The next piece of it: texts of people go, notices stay. A task follows until the end of the thread.
absl::Status EraseWords(const notifications::v1::EraseWords& thread, Transaction& tx);

// Whether this caller is shown this message of a thread it may read: what is for the merchant is
// shown to all but customers.
bool MaySee(const base::v1::Actor& actor, const ChatMessage& message);

}  // namespace makegood::rules
