#include "common/rules/texts/texts.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/texts/embedded_texts.h"
#include "common/rules/texts/message_pattern.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace makegood::rules {
namespace {

using base::v1::NoticeText;
using base::v1::TimelineText;

absl::Status CheckPattern(absl::string_view where, absl::string_view pattern) {
  if (!PlaceholdersOf(pattern).ok()) {
    return absl::InvalidArgumentError(absl::StrCat(where, " is no message pattern"));
  }
  return absl::OkStatus();
}

// Remembers the first error instead of printing it.
class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty()) text_ = absl::StrCat("line ", line + 1, " column ", column + 1, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// The names of a map from names.
template <typename Map>
std::vector<std::string> NamesOf(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

// What a map holds under a name, or null.
template <typename Map>
const typename Map::mapped_type* FindIn(const Map& map, absl::string_view name) {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

absl::StatusOr<Texts> Texts::Shipped() {
  Texts texts;
  for (const EmbeddedFile& file : EmbeddedTexts()) {
    if (absl::Status added = texts.AddLanguage(file.content); !added.ok()) {
      return absl::Status(added.code(), absl::StrCat(file.name, ": ", added.message()));
    }
  }
  return texts;
}

absl::Status Texts::AddLanguage(absl::string_view textproto) {
  base::v1::Texts read;
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  if (!parser.ParseFromString(std::string(textproto), &read)) return absl::InvalidArgumentError(error.text());
  if (read.language().empty()) return absl::InvalidArgumentError("language is missing");

  RETURN_IF_ERROR(CheckPattern("greeting", read.greeting()));
  RETURN_IF_ERROR(CheckPattern("closing", read.closing()));
  Language language;
  for (const NoticeText& text : read.notices()) {
    RETURN_IF_ERROR(CheckPattern(absl::StrCat(text.template_name(), ".subject"), text.subject()));
    RETURN_IF_ERROR(CheckPattern(absl::StrCat(text.template_name(), ".text"), text.text()));
    if (!language.notices.emplace(text.template_name(), text).second) {
      return absl::InvalidArgumentError(absl::StrCat(text.template_name(), " is there twice"));
    }
  }
  for (const TimelineText& text : read.timeline()) {
    RETURN_IF_ERROR(CheckPattern(absl::StrCat("timeline ", text.name()), text.text()));
    if (!language.timeline.emplace(text.name(), text.text()).second) {
      return absl::InvalidArgumentError(absl::StrCat("timeline ", text.name(), " is there twice"));
    }
  }
  language.frame.greeting = read.greeting();
  language.frame.closing = read.closing();
  languages_.insert_or_assign(read.language(), std::move(language));
  return absl::OkStatus();
}

std::vector<std::string> Texts::Languages() const { return NamesOf(languages_); }

std::vector<std::string> Texts::NoticesIn(absl::string_view language) const {
  const Language* const texts = FindIn(languages_, language);
  return texts == nullptr ? std::vector<std::string>() : NamesOf(texts->notices);
}

std::vector<std::string> Texts::TimelineIn(absl::string_view language) const {
  const Language* const texts = FindIn(languages_, language);
  return texts == nullptr ? std::vector<std::string>() : NamesOf(texts->timeline);
}

const LetterFrame* Texts::FindFrame(absl::string_view language) const {
  const Language* const texts = FindIn(languages_, language);
  return texts == nullptr ? nullptr : &texts->frame;
}

const NoticeText* Texts::FindNotice(absl::string_view language, absl::string_view template_name) const {
  const Language* const texts = FindIn(languages_, language);
  return texts == nullptr ? nullptr : FindIn(texts->notices, template_name);
}

const std::string* Texts::FindTimeline(absl::string_view language, absl::string_view name) const {
  const Language* const texts = FindIn(languages_, language);
  return texts == nullptr ? nullptr : FindIn(texts->timeline, name);
}

const absl::StatusOr<Texts>& ShippedTexts() {
  static const auto* const texts = new absl::StatusOr<Texts>(Texts::Shipped());
  return *texts;
}

}  // namespace makegood::rules
