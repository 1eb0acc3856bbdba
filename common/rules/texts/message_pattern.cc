#include "common/rules/texts/message_pattern.h"

#include <unicode/datefmt.h>
#include <unicode/messagepattern.h>
#include <unicode/msgfmt.h>
#include <unicode/numberformatter.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/money.h"
#include "common/base/status.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using base::v1::TextArgument;

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

// Formats take longer to make than to use, and one is not safe to share: each thread keeps its own, by all
// that they depend on. There are few of languages, zones and currencies; were there more, they begin anew.
constexpr size_t kMostKept = 64;
template <typename Format, typename Make>
absl::StatusOr<const Format*> Kept(const std::string& key, const Make& make) {
  thread_local std::map<std::string, Format> kept;
  if (const auto found = kept.find(key); found != kept.end()) return &found->second;
  ASSIGN_OR_RETURN(Format made, make());
  if (kept.size() >= kMostKept) kept.clear();
  return &kept.emplace(key, std::move(made)).first->second;
}

absl::StatusOr<icu::UnicodeString> WriteMoney(const base::v1::Money& money, const std::string& language) {
  using Format = icu::number::LocalizedNumberFormatter;
  const int decimals = CurrencyDecimals(money.currency()).value_or(2);
  std::string exact = FormatMoney(money.amount_minor(), money.currency());
  exact.resize(exact.find(' '));  // "27.00" of "27.00 CZK"
  const auto make = [&]() -> absl::StatusOr<Format> {
    UErrorCode code = U_ZERO_ERROR;
    Format made = icu::number::NumberFormatter::withLocale(icu::Locale(language.c_str()))
                      .unit(icu::CurrencyUnit(icu::StringPiece(money.currency()), code))
                      .precision(icu::number::Precision::fixedFraction(decimals));
    if (U_FAILURE(code)) return IcuError("no format of an amount", code);
    return made;
  };
  ASSIGN_OR_RETURN(const Format* const format,
                   Kept<Format>(absl::StrCat(language, " ", money.currency()), make));
  UErrorCode code = U_ZERO_ERROR;
  const icu::UnicodeString written = format->formatDecimal(icu::StringPiece(exact), code).toString(code);
  if (U_FAILURE(code)) return IcuError("an amount cannot be written", code);
  return written;
}

constexpr char kDay[] = "yMMMMd";
constexpr char kMoment[] = "yMMMMdjmz";

absl::StatusOr<icu::UnicodeString> WriteTime(absl::Time time, const char* skeleton, const Locale& locale) {
  using Format = std::unique_ptr<icu::DateFormat>;
  const auto make = [&]() -> absl::StatusOr<Format> {
    UErrorCode code = U_ZERO_ERROR;
    Format made(icu::DateFormat::createInstanceForSkeleton(icu::UnicodeString(skeleton),
                                                           icu::Locale(locale.language.c_str()), code));
    if (U_FAILURE(code)) return IcuError("a time cannot be written", code);
    made->adoptTimeZone(icu::TimeZone::createTimeZone(icu::UnicodeString(locale.time_zone.c_str())));
    return made;
  };
  ASSIGN_OR_RETURN(const Format* const format,
                   Kept<Format>(absl::StrCat(locale.language, " ", locale.time_zone, " ", skeleton), make));
  icu::UnicodeString written;
  (*format)->format(static_cast<UDate>(absl::ToUnixMillis(time)), written);
  return written;
}

absl::StatusOr<bool> IsMidnight(absl::Time time, const Locale& locale) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(locale.time_zone, &zone)) {
    return absl::InternalError(absl::StrCat("no time zone ", locale.time_zone));
  }
  return absl::FromCivil(absl::ToCivilDay(time, zone), zone) == time;
}

absl::StatusOr<icu::UnicodeString> WriteMoment(absl::Time time, const Locale& locale) {
  ASSIGN_OR_RETURN(const bool midnight, IsMidnight(time, locale));
  return WriteTime(time, midnight ? kDay : kMoment, locale);
}

// "Until the end of 12 November" is midnight of the 13th.
absl::StatusOr<icu::UnicodeString> WriteEnd(absl::Time until, const Locale& locale) {
  ASSIGN_OR_RETURN(const bool midnight, IsMidnight(until, locale));
  return midnight ? WriteTime(until - absl::Seconds(1), kDay, locale) : WriteTime(until, kMoment, locale);
}

absl::StatusOr<icu::Formattable> Write(const TextArgument& argument, const Locale& locale) {
  icu::UnicodeString written;
  switch (argument.value_case()) {
    case TextArgument::kText:
      written = FromUtf8(argument.text());
      break;
    case TextArgument::kMoney: {
      ASSIGN_OR_RETURN(written, WriteMoney(argument.money(), locale.language));
      break;
    }
    case TextArgument::kTime: {
      ASSIGN_OR_RETURN(written, WriteMoment(ToTime(argument.time()), locale));
      break;
    }
    case TextArgument::kUntil: {
      ASSIGN_OR_RETURN(written, WriteEnd(ToTime(argument.until()), locale));
      break;
    }
    case TextArgument::kCount:
      return icu::Formattable(static_cast<int64_t>(argument.count()));
    case TextArgument::VALUE_NOT_SET:
      return absl::InternalError("an argument of a text is empty");
  }
  return icu::Formattable(written);
}

// The names of arguments of such types.
template <typename Wanted>
absl::StatusOr<std::set<std::string>> NamesIn(absl::string_view pattern, const Wanted& wanted) {
  UErrorCode code = U_ZERO_ERROR;
  UParseError where;
  const icu::MessagePattern parsed(FromUtf8(pattern), &where, code);
  if (U_FAILURE(code)) return absl::InvalidArgumentError(absl::StrCat("at ", where.offset));
  std::set<std::string> names;
  for (int32_t i = 1; i < parsed.countParts(); ++i) {
    // An argument's name stands right behind its begin, which has its type.
    const icu::MessagePattern::Part& part = parsed.getPart(i);
    if (part.getType() == UMSGPAT_PART_TYPE_ARG_NAME && wanted(parsed.getPart(i - 1).getArgType())) {
      names.insert(ToUtf8(parsed.getSubstring(part)));
    }
  }
  return names;
}

}  // namespace

absl::StatusOr<std::set<std::string>> PlaceholdersOf(absl::string_view pattern) {
  return NamesIn(pattern, [](UMessagePatternArgType) { return true; });
}

absl::StatusOr<std::set<std::string>> SelectorsOf(absl::string_view pattern) {
  const auto selects = [](UMessagePatternArgType type) { return type == UMSGPAT_ARG_TYPE_SELECT; };
  return NamesIn(pattern, selects);
}

absl::StatusOr<std::string> Fill(absl::string_view pattern, const TextArguments& arguments,
                                 const Locale& locale) {
  ASSIGN_OR_RETURN(const std::set<std::string> wanted, PlaceholdersOf(pattern));
  // Side by side, as ICU takes them.
  std::vector<icu::UnicodeString> names;
  std::vector<icu::Formattable> values;
  for (const std::string& name : wanted) {
    const auto held = arguments.find(name);
    if (held == arguments.end()) return absl::InternalError(absl::StrCat("a text wants ", name));
    ASSIGN_OR_RETURN(icu::Formattable value, Write(held->second, locale));
    names.push_back(FromUtf8(name));
    values.push_back(std::move(value));
  }
  UErrorCode code = U_ZERO_ERROR;
  // Made anew each time: a MessageFormat is not safe to share between threads.
  const icu::MessageFormat format(FromUtf8(pattern), icu::Locale(locale.language.c_str()), code);
  icu::UnicodeString filled;
  format.format(names.data(), values.data(), static_cast<int32_t>(names.size()), filled, code);
  if (U_FAILURE(code)) return IcuError("a text cannot be filled", code);
  return ToUtf8(filled);
}

}  // namespace makegood::rules
