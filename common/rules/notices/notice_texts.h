// What notices say, in the reader's language (NTF-01). Texts are data (texts/*.textproto), patterns are
// ICU MessageFormat. Pure: the same notice gives the same words.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/policy/policy_book.h"
#include "makegood/notifications/v1/notifications.pb.h"
#include "makegood/notifications/v1/texts.pb.h"

namespace makegood::rules {

// A notice in words.
struct NoticeWords {
  std::string subject;  // one line, without control characters; empty where it is no e-mail
  std::string text;     // the message alone, as a chat shows it
  std::string letter;   // greeting, message and closing, as an e-mail shows it
};

// The texts of every language this process knows. Immutable once filled, so shared by all threads.
class NoticeTexts {
 public:
  // Those that ship inside the program.
  static absl::StatusOr<NoticeTexts> Shipped();

  // Adds a language from protobuf text format. INVALID_ARGUMENT names the line that is no textproto, or
  // the template whose pattern ICU refuses. Any bytes are safe to pass.
  absl::Status AddLanguage(absl::string_view textproto);

  // The notice in its language: times in the policy's time zone, amounts and dates as that language
  // writes them. INTERNAL if there is no such text, or it wants what the notice does not hold.
  absl::StatusOr<NoticeWords> Render(const notifications::v1::Notice& notice, const Policy& policy) const;

  std::vector<std::string> Languages() const;
  std::vector<std::string> TemplatesIn(absl::string_view language) const;
  // The text, or null.
  const notifications::v1::NoticeText* Find(absl::string_view language,
                                            absl::string_view template_name) const;

 private:
  struct Language {
    notifications::v1::NoticeTexts frame;  // without its texts
    std::map<std::string, notifications::v1::NoticeText, std::less<>> texts;
  };
  std::map<std::string, Language, std::less<>> languages_;
};

// The names of the arguments a pattern asks for, those inside plurals and selects included.
// INVALID_ARGUMENT if it is no ICU MessageFormat pattern.
absl::StatusOr<std::set<std::string>> PlaceholdersOf(absl::string_view pattern);

}  // namespace makegood::rules
