#include "common/rules/notices/notice_rules.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/enum_word.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rules/messages.h"
#include "common/rules/notices/chat_rules.h"
#include "common/rules/notices/notice_table.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/scope.h"
#include "common/rules/texts/event_arguments.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using events::v1::Event;

// The order is known from here on, imported ones too: what happens to them later is told.
absl::Status OpenThread(const Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::optional<ThreadHead> known, tx.Find<ThreadHead>(event.order_id()));
  ThreadHead head = known.value_or(ThreadHead());
  if (!head.language().empty()) return absl::OkStatus();
  head.set_order_id(event.order_id());
  head.set_merchant_id(event.merchant_id());
  head.set_customer_id(event.customer_id());
  head.set_language(event.order_created().language());
  head.set_customer_contact_id(event.order_created().customer_contact_id());
  tx.Put(head);
  return absl::OkStatus();
}

// Customers, and who receives what they ordered, are written to in the order's language, the others in the
// policy's first.
std::string LanguageOf(const NoticeRule& rule, const ThreadHead& head, const Policy& policy) {
  const auto& languages = policy.languages();
  const bool told =
      rule.recipient == Notice::RECIPIENT_CUSTOMER || rule.recipient == Notice::RECIPIENT_RECIPIENT;
  const bool theirs =
      told && std::find(languages.begin(), languages.end(), head.language()) != languages.end();
  return theirs ? head.language() : policy.languages(0);
}

std::string NoticeId(const Event& event, const NoticeRule& rule, base::v1::Channel channel,
                     const Transaction& tx) {
  return MakeId("ntc", tx.part(),
                absl::StrJoin({event.case_id(), std::string(rule.template_name), event.event_id(),
                               Notice::Recipient_Name(rule.recipient), base::v1::Channel_Name(channel)},
                              "/"));
}

Notice NewNotice(const Event& event, const NoticeRule& rule, base::v1::Channel channel,
                 const ThreadHead& head, const Policy& policy) {
  Notice notice;
  *notice.mutable_policy() = event.policy();
  notice.set_order_id(event.order_id());
  notice.set_merchant_id(event.merchant_id());
  notice.set_customer_id(event.customer_id());
  notice.set_case_id(event.case_id());
  notice.set_event_id(event.event_id());
  notice.set_template_name(std::string(rule.template_name));
  for (auto& [name, argument] : ArgumentsOf(event)) (*notice.mutable_arguments())[name] = argument;
  if (event.has_claim_opened()) {
    (*notice.mutable_arguments())["evidence_days"].set_count(
        policy.claims().verification().evidence_within_days());
  }
  if (event.has_claim_approved()) {
    (*notice.mutable_arguments())["collect_hours"].set_count(policy.claims().collect_wrong_within_hours());
  }
  if (event.has_incident_opened() && !event.incident_opened().has_alternative_price()) {
    (*notice.mutable_arguments())["alternative_price"].set_text("none");  // there is no alternative
  }
  notice.set_recipient(rule.recipient);
  notice.set_channel(channel);
  notice.set_language(LanguageOf(rule, head, policy));
  notice.set_state(Notice::STATE_PENDING);
  *notice.mutable_caused_time() = event.time();
  if (rule.first_notice) {
    *notice.mutable_due_time() =
        ToTimestamp(ToTime(event.time()) + absl::Minutes(policy.notices().first_notice_within_minutes()));
  }
  return notice;
}

// NTF-01. Whether a first notice was out in time.
base::v1::SlaOutcome InTime(const Notice& notice) {
  if (!notice.has_due_time()) return base::v1::SLA_OUTCOME_UNSPECIFIED;
  return ToTime(notice.sent_time()) <= ToTime(notice.due_time()) ? base::v1::SLA_OUTCOME_MET
                                                                 : base::v1::SLA_OUTCOME_MISSED;
}

void Sent(Notice& notice, Transaction& tx) {
  notice.set_state(Notice::STATE_SENT);
  *notice.mutable_sent_time() = ToTimestamp(tx.now());
  tx.Put(notice);
  Event event = EventAbout(notice, notice.case_id());
  events::v1::NoticeSent& sent = *event.mutable_notice_sent();
  sent.set_notice_id(notice.notice_id());
  sent.set_template_name(notice.template_name());
  sent.set_channel(notice.channel());
  *sent.mutable_caused_time() = notice.caused_time();
  sent.set_first_notice(InTime(notice));
  tx.Emit(std::move(event));
}

// Whose address it goes to: the recipient's is named by the event.
std::string ContactOf(const Notice& notice, const ThreadHead& head) {
  if (notice.recipient() != Notice::RECIPIENT_RECIPIENT) return head.customer_contact_id();
  const auto named = notice.arguments().find("contact_id");
  return named == notice.arguments().end() ? "" : named->second.text();
}

// One task a notice, however often it is asked for.
void HandOver(const Notice& notice, const ThreadHead& head, Transaction& tx) {
  notifications::v1::SendEmail payload;
  payload.set_notice_id(notice.notice_id());
  payload.set_contact_id(ContactOf(notice, head));
  const char* const kind =
      notice.recipient() == Notice::RECIPIENT_OPERATIONS ? kSendOperationsEmailTask : kSendEmailTask;
  tx.Schedule(
      Task{absl::StrCat("send-email:", notice.notice_id()), kind, tx.now(), payload.SerializeAsString()});
}

absl::Status Tell(const Texts& texts, const NoticeRule& rule, base::v1::Channel channel, const Event& event,
                  const Policy& policy, Transaction& tx) {
  const std::string notice_id = NoticeId(event, rule, channel, tx);
  ASSIGN_OR_RETURN(const std::optional<Notice> told, tx.Find<Notice>(notice_id));
  if (told.has_value()) return absl::OkStatus();  // NTF-04
  ASSIGN_OR_RETURN(const ThreadHead head, tx.Get<ThreadHead>(event.order_id()));

  Notice notice = NewNotice(event, rule, channel, head, policy);
  notice.set_notice_id(notice_id);
  if (channel == base::v1::CHANNEL_EMAIL) {
    tx.Put(notice);
    HandOver(notice, head, tx);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(NoticeWords words, Render(texts, notice, policy));
  RETURN_IF_ERROR(PostNotice(notice, std::move(words.text), head, tx));
  Sent(notice, tx);
  return absl::OkStatus();
}

absl::Status HasFailed(const Notice& notice) {
  if (notice.state() == Notice::STATE_FAILED) return absl::OkStatus();
  return Refusal("NTF-05", absl::StrCat("the notice has not failed, it is ", EnumWord(notice.state())));
}

const Action<Notice> kRetryNotice{MethodOf<notifications::v1::RetryNoticeRequest>,
                                  ByRecord<HasFailed>::Guard};

}  // namespace

absl::Status ReactToEvent(const Texts& texts, const Event& event, Transaction& tx) {
  if (event.has_order_created()) return OpenThread(event, tx);
  if (event.imported()) return absl::OkStatus();  // ORD-13
  const std::vector<const NoticeRule*> rules = NoticeRulesFor(event);
  if (rules.empty()) return absl::OkStatus();

  ASSIGN_OR_RETURN(const std::optional<ThreadHead> head, tx.Find<ThreadHead>(event.order_id()));
  if (!head.has_value()) return NotHereYet(absl::StrCat("order ", event.order_id()));
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(event.policy()));
  for (const NoticeRule* const rule : rules) {
    for (const base::v1::Channel channel : ChannelsOf(*rule, *policy)) {
      RETURN_IF_ERROR(Tell(texts, *rule, channel, event, *policy, tx));
    }
  }
  return absl::OkStatus();
}

absl::Status MarkSent(absl::string_view notice_id, absl::string_view message_id, Transaction& tx) {
  ASSIGN_OR_RETURN(Notice notice, tx.Get<Notice>(notice_id));
  if (notice.state() == Notice::STATE_SENT) return absl::OkStatus();
  notice.clear_failure();
  notice.set_message_id(std::string(message_id));
  Sent(notice, tx);
  return absl::OkStatus();
}

absl::Status MarkFailed(absl::string_view notice_id, Notice::Failure failure, Transaction& tx) {
  ASSIGN_OR_RETURN(Notice notice, tx.Get<Notice>(notice_id));
  if (notice.state() != Notice::STATE_PENDING) return absl::OkStatus();
  notice.set_state(Notice::STATE_FAILED);
  notice.set_failure(failure);
  tx.Put(notice);
  Event event = EventAbout(notice, notice.case_id());
  event.mutable_notice_failed()->set_notice_id(notice.notice_id());
  event.mutable_notice_failed()->set_template_name(notice.template_name());
  event.mutable_notice_failed()->set_channel(notice.channel());
  tx.Emit(std::move(event));
  return absl::OkStatus();
}

absl::StatusOr<Notice> RetryNotice(const notifications::v1::RetryNoticeRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Notice notice, Begin(kRetryNotice, request.notice_id(), tx));
  ASSIGN_OR_RETURN(const ThreadHead head, tx.Get<ThreadHead>(notice.order_id()));
  notice.set_state(Notice::STATE_PENDING);
  notice.clear_failure();
  *notice.mutable_retry_time() = ToTimestamp(tx.now());
  tx.Put(notice);
  HandOver(notice, head, tx);
  FillActions(notice, tx.actor(), tx.now(), tx.policies());
  return notice;
}

void FillActions(Notice& notice, const base::v1::Actor& actor, absl::Time now, const PolicyBook& policies) {
  static constexpr const Action<Notice>* kActions[] = {&kRetryNotice};
  TellActions(kActions, notice, actor, now, policies);
}

}  // namespace makegood::rules
