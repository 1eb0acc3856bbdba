// Notices: what people are told of what happened, once (NTF-01, NTF-04, NTF-05).
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/actions.h"
#include "common/rules/notices/notice_records.h"
#include "common/rules/notices/notice_words.h"
#include "common/rules/transaction.h"
#include "makegood/events/v1/events.pb.h"
#include "makegood/notifications/v1/notifications_service.pb.h"

namespace makegood::rules {

// The kinds of task that hand an e-mail over, to Operations and to others; the payload of both is a
// notifications.v1.SendEmail.
inline constexpr char kSendEmailTask[] = "send_email";
inline constexpr char kSendOperationsEmailTask[] = "send_operations_email";

// What an event causes (a flow::Reaction once `texts` is bound): the notices of its rows in
// notice_table.h. A chat notice is SENT in this commit; an e-mail is PENDING, with a task to hand it
// over. A notice's id is derived from case, template, event, recipient and channel, so that an event
// seen again adds nothing (NTF-04). Imported history causes no message (ORD-13).
// UNAVAILABLE until the order itself is known here: its OrderCreated event is on the way.
absl::Status ReactToEvent(const Texts& texts, const events::v1::Event& event, Transaction& tx);

// The e-mail was handed over: PENDING → SENT, announced with whether it was in time (NTF-01).
// Nothing changes if it was before.
absl::Status MarkSent(absl::string_view notice_id, absl::string_view message_id, Transaction& tx);

// It cannot be: PENDING → FAILED, announced and visible (NTF-05). Nothing changes if it is not PENDING.
absl::Status MarkFailed(absl::string_view notice_id, Notice::Failure failure, Transaction& tx);

// FAILED → PENDING, to be handed over again (NTF-05).
absl::StatusOr<Notice> RetryNotice(const notifications::v1::RetryNoticeRequest& request, Transaction& tx);

// Fills available_actions for the caller (ORD-09).
void FillActions(Notice& notice, const base::v1::Actor& actor, absl::Time now, const PolicyBook& policies);

}  // namespace makegood::rules
