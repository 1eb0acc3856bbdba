// Which events are told to whom, by which text and way (NTF-01, NTF-05, NTF-06). One row a text.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "makegood/base/v1/policy.pb.h"
#include "makegood/events/v1/events.pb.h"
#include "makegood/notifications/v1/notifications.pb.h"

namespace makegood::rules {

// By which ways a text goes.
enum class By {
  kCustomerChannels,  // every channel the policy uses for customers
  kChat,              // the order's thread only: word that needs no letter of its own
  kEmail,             // a letter, whatever the policy's channels: invoices, and Operations
};

// One row: when `when` holds for an event, `recipient` is told `template_name`.
struct NoticeRule {
  absl::string_view template_name;
  notifications::v1::Notice::Recipient recipient;
  By by;
  bool first_notice;  // the first word of a problem, due in the policy's time (NTF-01)
  bool (*when)(const events::v1::Event&);
  // Where only under some policies.
  bool (*under)(const base::v1::Policy&) = nullptr;
};

// Every row there is.
absl::Span<const NoticeRule> NoticeRules();

// The rows an event calls for.
std::vector<const NoticeRule*> NoticeRulesFor(const events::v1::Event& event);

// The channels of a row under a policy, none twice; none where the row is not for that policy.
std::vector<base::v1::Channel> ChannelsOf(const NoticeRule& rule, const base::v1::Policy& policy);

}  // namespace makegood::rules
