#include "common/rules/notices/notice_texts.h"

#include <unicode/calendar.h>
#include <unicode/datefmt.h>
#include <unicode/messagepattern.h>
#include <unicode/msgfmt.h>
#include <unicode/numberformatter.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/money.h"
#include "common/base/status.h"
#include "common/rules/notices/embedded_texts.h"
#include "common/rules/times.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace makegood::rules {
namespace {

using notifications::v1::Notice;
using notifications::v1::NoticeArgument;
using notifications::v1::NoticeText;

icu::UnicodeString FromUtf8(absl::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

std::string ToUtf8(const icu::UnicodeString& text) {
  std::string utf8;
  text.toUTF8String(utf8);
  return utf8;
}

absl::Status IcuError(absl::string_view doing, UErrorCode code) {
  return absl::InternalError(absl::StrCat(doing, ": ", u_errorName(code)));
}

// Where a text is read: the language's way of writing in the policy's time zone.
struct Place {
  icu::Locale locale;
  const icu::TimeZone& icu_zone;
  absl::TimeZone zone;
};

absl::StatusOr<icu::UnicodeString> WriteMoney(const base::v1::Money& money, const Place& place) {
  const int decimals = CurrencyDecimals(money.currency()).value_or(2);
  std::string exact = FormatMoney(money.amount_minor(), money.currency());
  exact.resize(exact.find(' '));  // "27.00" of "27.00 CZK"
  UErrorCode code = U_ZERO_ERROR;
  const icu::UnicodeString written = icu::number::NumberFormatter::withLocale(place.locale)
                                         .unit(icu::CurrencyUnit(icu::StringPiece(money.currency()), code))
                                         .precision(icu::number::Precision::fixedFraction(decimals))
                                         .formatDecimal(icu::StringPiece(exact), code)
                                         .toString(code);
  if (U_FAILURE(code)) return IcuError("an amount cannot be written", code);
  return written;
}

absl::StatusOr<icu::UnicodeString> WriteTime(absl::Time time, const char* skeleton, const Place& place) {
  UErrorCode code = U_ZERO_ERROR;
  const std::unique_ptr<icu::DateFormat> format(
      icu::DateFormat::createInstanceForSkeleton(icu::UnicodeString(skeleton), place.locale, code));
  if (U_FAILURE(code)) return IcuError("a time cannot be written", code);
  format->setTimeZone(place.icu_zone);
  icu::UnicodeString written;
  format->format(static_cast<UDate>(absl::ToUnixMillis(time)), written);
  return written;
}

constexpr char kDay[] = "yMMMMd";
constexpr char kMoment[] = "yMMMMdjmz";

bool IsMidnight(absl::Time time, absl::TimeZone zone) {
  return absl::FromCivil(absl::ToCivilDay(time, zone), zone) == time;
}

absl::StatusOr<icu::Formattable> Write(const NoticeArgument& argument, const Place& place) {
  icu::UnicodeString written;
  switch (argument.value_case()) {
    case NoticeArgument::kText:
      written = FromUtf8(argument.text());
      break;
    case NoticeArgument::kMoney: {
      ASSIGN_OR_RETURN(written, WriteMoney(argument.money(), place));
      break;
    }
    case NoticeArgument::kTime: {
      const absl::Time time = ToTime(argument.time());
      ASSIGN_OR_RETURN(written, WriteTime(time, IsMidnight(time, place.zone) ? kDay : kMoment, place));
      break;
    }
    case NoticeArgument::kUntil: {
      // "Until the end of 12 November" is midnight of the 13th.
      const absl::Time until = ToTime(argument.until());
      if (IsMidnight(until, place.zone)) {
        ASSIGN_OR_RETURN(written, WriteTime(until - absl::Seconds(1), kDay, place));
      } else {
        ASSIGN_OR_RETURN(written, WriteTime(until, kMoment, place));
      }
      break;
    }
    case NoticeArgument::kCount:
      return icu::Formattable(static_cast<int64_t>(argument.count()));
    case NoticeArgument::VALUE_NOT_SET:
      return absl::InternalError("an argument of a notice is empty");
  }
  return icu::Formattable(written);
}

// The arguments side by side, as ICU takes them.
struct Arguments {
  std::vector<icu::UnicodeString> names;
  std::vector<icu::Formattable> values;

  void Add(absl::string_view name, const icu::Formattable& value) {
    names.push_back(FromUtf8(name));
    values.push_back(value);
  }
};

absl::StatusOr<std::string> Fill(absl::string_view pattern, const Arguments& arguments, const Place& place) {
  ASSIGN_OR_RETURN(const std::set<std::string> wanted, PlaceholdersOf(pattern));
  std::set<std::string> held;
  for (const icu::UnicodeString& name : arguments.names) held.insert(ToUtf8(name));
  for (const std::string& name : wanted) {
    if (held.count(name) == 0) return absl::InternalError(absl::StrCat("a text wants ", name));
  }
  UErrorCode code = U_ZERO_ERROR;
  // Made anew each time: a MessageFormat is not safe to share between threads.
  const icu::MessageFormat format(FromUtf8(pattern), place.locale, code);
  icu::UnicodeString filled;
  format.format(arguments.names.data(), arguments.values.data(), static_cast<int32_t>(arguments.names.size()),
                filled, code);
  if (U_FAILURE(code)) return IcuError("a text cannot be filled", code);
  return ToUtf8(filled);
}

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

}  // namespace

absl::StatusOr<std::set<std::string>> PlaceholdersOf(absl::string_view pattern) {
  UErrorCode code = U_ZERO_ERROR;
  UParseError where;
  const icu::MessagePattern parsed(FromUtf8(pattern), &where, code);
  if (U_FAILURE(code)) return absl::InvalidArgumentError(absl::StrCat("at ", where.offset));
  std::set<std::string> names;
  for (int32_t i = 0; i < parsed.countParts(); ++i) {
    const icu::MessagePattern::Part& part = parsed.getPart(i);
    if (part.getType() == UMSGPAT_PART_TYPE_ARG_NAME) names.insert(ToUtf8(parsed.getSubstring(part)));
  }
  return names;
}

absl::StatusOr<NoticeTexts> NoticeTexts::Shipped() {
  NoticeTexts texts;
  for (const EmbeddedFile& file : EmbeddedNoticeTexts()) {
    if (absl::Status added = texts.AddLanguage(file.content); !added.ok()) {
      return absl::Status(added.code(), absl::StrCat(file.name, ": ", added.message()));
    }
  }
  return texts;
}

absl::Status NoticeTexts::AddLanguage(absl::string_view textproto) {
  notifications::v1::NoticeTexts read;
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  if (!parser.ParseFromString(std::string(textproto), &read)) return absl::InvalidArgumentError(error.text());
  if (read.language().empty()) return absl::InvalidArgumentError("language is missing");

  RETURN_IF_ERROR(CheckPattern("greeting", read.greeting()));
  RETURN_IF_ERROR(CheckPattern("closing", read.closing()));
  Language language;
  for (const NoticeText& text : read.texts()) {
    RETURN_IF_ERROR(CheckPattern(absl::StrCat(text.template_name(), ".subject"), text.subject()));
    RETURN_IF_ERROR(CheckPattern(absl::StrCat(text.template_name(), ".text"), text.text()));
    if (!language.texts.emplace(text.template_name(), text).second) {
      return absl::InvalidArgumentError(absl::StrCat(text.template_name(), " is there twice"));
    }
  }
  read.clear_texts();
  language.frame = std::move(read);
  std::string name = language.frame.language();
  languages_.insert_or_assign(std::move(name), std::move(language));
  return absl::OkStatus();
}

absl::StatusOr<NoticeWords> NoticeTexts::Render(const Notice& notice, const Policy& policy) const {
  const NoticeText* const text = Find(notice.language(), notice.template_name());
  if (text == nullptr) {
    return absl::InternalError(
        absl::StrCat("no text ", notice.template_name(), " in language ", notice.language()));
  }
  const std::unique_ptr<icu::TimeZone> icu_zone(
      icu::TimeZone::createTimeZone(icu::UnicodeString(policy.time_zone().c_str())));
  Place place{icu::Locale(notice.language().c_str()), *icu_zone, absl::UTCTimeZone()};
  if (!absl::LoadTimeZone(policy.time_zone(), &place.zone)) {
    return absl::InternalError(absl::StrCat("no time zone ", policy.time_zone()));
  }

  Arguments arguments;
  arguments.Add("order_id", FromUtf8(notice.order_id()));
  arguments.Add("case_id", FromUtf8(notice.case_id()));
  // Which kind of case it is: what its id begins with.
  arguments.Add("case_kind",
                FromUtf8(absl::string_view(notice.case_id()).substr(0, notice.case_id().find('-'))));
  arguments.Add("marketplace", FromUtf8(policy.display_name()));
  for (const auto& [name, argument] : notice.arguments()) {
    ASSIGN_OR_RETURN(const icu::Formattable written, Write(argument, place));
    arguments.Add(name, written);
  }

  const notifications::v1::NoticeTexts& frame = languages_.find(notice.language())->second.frame;
  NoticeWords words;
  ASSIGN_OR_RETURN(words.subject, Fill(text->subject(), arguments, place));
  ASSIGN_OR_RETURN(words.text, Fill(text->text(), arguments, place));
  ASSIGN_OR_RETURN(const std::string greeting, Fill(frame.greeting(), arguments, place));
  ASSIGN_OR_RETURN(const std::string closing, Fill(frame.closing(), arguments, place));
  for (char& byte : words.subject) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(byte))) byte = ' ';
  }
  words.letter = absl::StrCat(greeting, "\n\n", words.text, "\n\n", closing, "\n");
  return words;
}

std::vector<std::string> NoticeTexts::Languages() const {
  std::vector<std::string> names;
  for (const auto& [name, language] : languages_) names.push_back(name);
  return names;
}

std::vector<std::string> NoticeTexts::TemplatesIn(absl::string_view language) const {
  std::vector<std::string> names;
  const auto found = languages_.find(language);
  if (found == languages_.end()) return names;
  for (const auto& [name, text] : found->second.texts) names.push_back(name);
  return names;
}

const NoticeText* NoticeTexts::Find(absl::string_view language, absl::string_view template_name) const {
  const auto found = languages_.find(language);
  if (found == languages_.end()) return nullptr;
  const auto text = found->second.texts.find(template_name);
  return text == found->second.texts.end() ? nullptr : &text->second;
}

}  // namespace makegood::rules
