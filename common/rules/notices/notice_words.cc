#include "common/rules/notices/notice_words.h"

#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/status.h"
#include "common/rules/texts/message_pattern.h"

namespace makegood::rules {
namespace {

using notifications::v1::Notice;

// The notice's own, and what every text may name.
TextArguments NoticeArguments(const Notice& notice, const Policy& policy) {
  TextArguments arguments(notice.arguments().begin(), notice.arguments().end());
  const absl::string_view case_id = notice.case_id();
  const auto name = [&](const char* argument, absl::string_view text) {
    arguments[argument].set_text(std::string(text));
  };
  name("order_id", notice.order_id());
  name("case_id", case_id);
  // Which kind of case it is: what its id begins with.
  name("case_kind", case_id.substr(0, case_id.find('-')));
  name("marketplace", policy.display_name());
  return arguments;
}

}  // namespace

absl::StatusOr<NoticeWords> Render(const Texts& texts, const Notice& notice, const Policy& policy) {
  const base::v1::NoticeText* const text = texts.FindNotice(notice.language(), notice.template_name());
  const LetterFrame* const frame = texts.FindFrame(notice.language());
  if (text == nullptr || frame == nullptr) {
    return absl::InternalError(
        absl::StrCat("no text ", notice.template_name(), " in language ", notice.language()));
  }
  TextArguments arguments = NoticeArguments(notice, policy);
  // A notice of before lacks what its event tells by now.
  for (const std::string& pattern : {text->subject(), text->text()}) {
    ASSIGN_OR_RETURN(const std::set<std::string> selectors, SelectorsOf(pattern));
    for (const std::string& name : selectors) {
      if (arguments.count(name) == 0) arguments[name].set_text("none");
    }
  }
  const Locale locale{notice.language(), policy.time_zone()};
  NoticeWords words;
  ASSIGN_OR_RETURN(words.subject, Fill(text->subject(), arguments, locale));
  ASSIGN_OR_RETURN(words.text, Fill(text->text(), arguments, locale));
  ASSIGN_OR_RETURN(const std::string greeting, Fill(frame->greeting, arguments, locale));
  ASSIGN_OR_RETURN(const std::string closing, Fill(frame->closing, arguments, locale));
  for (char& byte : words.subject) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(byte))) byte = ' ';
  }
  words.letter = absl::StrCat(greeting, "\n\n", words.text, "\n\n", closing, "\n");
  return words;
}

}  // namespace makegood::rules
