// What happened to an order, in words: for its customer, and for Operations and auditors (ORD-10).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/rules/texts/message_pattern.h"
#include "makegood/events/v1/events.pb.h"

namespace makegood::rules {

// The language in which Operations and auditors read what customers are told.
inline constexpr char kStaffLanguage[] = "en";

// One row: an event of this kind is told to its customer by `text` (rules/texts), where `when` holds for it.
struct TimelineRule {
  events::v1::Event::PayloadCase kind;
  absl::string_view text;
  bool (*when)(const events::v1::Event&);  // null: always
};

// Every row there is; one for a kind at most.
absl::Span<const TimelineRule> TimelineRules();

// What happened, in words fit for a customer and in that language, in English where there is none such; empty
// for what is none of a customer's business (ledger, compliance, agreements between merchant and
// marketplace). An amount that an event of before leaves open is an ellipsis.
absl::StatusOr<std::string> CustomerWords(const events::v1::Event& event, const Locale& locale);

// What happened, for Operations and auditors, in English: in the customer's words where there are any, else
// in words of its own. No event is without.
std::string StaffWords(const events::v1::Event& event);

}  // namespace makegood::rules
