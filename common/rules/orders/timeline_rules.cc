#include "common/rules/orders/timeline_rules.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rules/orders/timeline_words.h"
#include "common/rules/scope.h"

namespace makegood::rules {
namespace {

constexpr size_t kCheckDigits = 12;

bool SeesEverything(const base::v1::Actor& actor) {
  return actor.role() == base::v1::ROLE_OPERATIONS || actor.role() == base::v1::ROLE_AUDITOR ||
         IsOwnService(actor);
}

}  // namespace

absl::Status AppendToTimeline(absl::string_view source, const events::v1::Event& event, Transaction& tx) {
  if (event.order_id().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::optional<TimelineHead> found, tx.Find<TimelineHead>(event.order_id()));
  TimelineHead head = std::move(found).value_or(TimelineHead());
  head.set_order_id(event.order_id());
  head.set_count(head.count() + 1);
  TimelineEntry entry;
  entry.set_order_id(event.order_id());
  entry.set_index(head.count());
  entry.set_source(std::string(source));
  *entry.mutable_time() = event.time();
  *entry.mutable_event() = event;
  tx.Put(head);
  tx.Put(entry);
  return absl::OkStatus();
}

std::string ResumeToken(absl::string_view order_id, int64_t index) {
  const std::string check = Sha256Hex(absl::StrCat("timeline/", order_id, "/", index));
  return absl::StrCat(absl::Hex(index), ".", absl::string_view(check).substr(0, kCheckDigits));
}

absl::StatusOr<int64_t> IndexOf(absl::string_view order_id, absl::string_view resume_token) {
  if (resume_token.empty()) return 0;
  int64_t index = 0;
  if (absl::SimpleHexAtoi(resume_token.substr(0, resume_token.find('.')), &index) && index > 0 &&
      ResumeToken(order_id, index) == resume_token) {
    return index;
  }
  return InvalidFields({{"resume_token", "is not of this order's timeline"}});
}

Locale LocaleOf(const base::v1::Actor& actor, const Order& order, const Policy& policy) {
  if (SeesEverything(actor)) return {kStaffLanguage, policy.time_zone()};
  const bool theirs = actor.role() == base::v1::ROLE_CUSTOMER || actor.role() == base::v1::ROLE_RECIPIENT;
  return {theirs ? order.language() : policy.languages(0), policy.time_zone()};
}

absl::StatusOr<bool> ShowTo(const base::v1::Actor& actor, const Locale& locale, TimelineEntry& entry) {
  entry.set_resume_token(ResumeToken(entry.order_id(), entry.index()));
  if (SeesEverything(actor)) {
    if (std::string words = StaffWords(entry.event()); !words.empty()) entry.set_text(std::move(words));
    return true;
  }
  ASSIGN_OR_RETURN(std::string words, CustomerWords(entry.event(), locale));
  if (!words.empty()) entry.set_text(std::move(words));
  entry.clear_event();
  return !entry.text().empty();
}

}  // namespace makegood::rules
