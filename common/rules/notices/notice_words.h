// A notice in its reader's language (NTF-01). Pure: the same notice gives the same words.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/texts/texts.h"
#include "makegood/notifications/v1/notifications.pb.h"

namespace makegood::rules {

// A notice in words.
struct NoticeWords {
  std::string subject;  // one line, without control characters; empty where it is no e-mail
  std::string text;     // the message alone, as a chat shows it
  std::string letter;   // greeting, message and closing, as an e-mail shows it
};

// The notice in its language: times in the policy's time zone, amounts and dates as that language
// writes them. INTERNAL if there is no such text, or it wants what the notice does not hold.
absl::StatusOr<NoticeWords> Render(const Texts& texts, const notifications::v1::Notice& notice,
                                   const Policy& policy);

}  // namespace makegood::rules
