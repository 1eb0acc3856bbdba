// The one set of texts that people are told something in (NTF-01): what notices say, and what an order's
// timeline tells its customer. Texts are data (languages/*.textproto), one file a language.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "makegood/base/v1/texts.pb.h"

namespace makegood::rules {

// How an e-mail begins and ends: patterns.
struct LetterFrame {
  std::string greeting;
  std::string closing;
};

// The texts of every language this process knows. Immutable once filled, so shared by all threads.
class Texts {
 public:
  // Those that ship inside the program.
  static absl::StatusOr<Texts> Shipped();

  // Adds a language from protobuf text format. INVALID_ARGUMENT names the line that is no textproto, or
  // the text whose pattern ICU refuses. Any bytes are safe to pass.
  absl::Status AddLanguage(absl::string_view textproto);

  std::vector<std::string> Languages() const;
  std::vector<std::string> NoticesIn(absl::string_view language) const;
  std::vector<std::string> TimelineIn(absl::string_view language) const;

  // Each null where there is none. A timeline's text is its pattern.
  const LetterFrame* FindFrame(absl::string_view language) const;
  const base::v1::NoticeText* FindNotice(absl::string_view language, absl::string_view template_name) const;
  const std::string* FindTimeline(absl::string_view language, absl::string_view name) const;

 private:
  struct Language {
    LetterFrame frame;
    std::map<std::string, base::v1::NoticeText, std::less<>> notices;
    std::map<std::string, std::string, std::less<>> timeline;
  };
  std::map<std::string, Language, std::less<>> languages_;
};

// Texts::Shipped, read once.
const absl::StatusOr<Texts>& ShippedTexts();

}  // namespace makegood::rules
