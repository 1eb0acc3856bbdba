#include "common/rules/fields/phone.h"

#include <phonenumbers/logger.h>
#include <phonenumbers/phonenumberutil.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace makegood::rules {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

constexpr char kNoCountry[] = "ZZ";
constexpr int kMinPhoneDigits = 3;
constexpr int kMaxPhoneDigits = 20;         // with the digits dialled first, and an extension
constexpr size_t kMaxWorldDigits = 1 + 15;  // E.164, with its +

// Silent: libphonenumber would write what it reads to the standard output (SYS-09).
const PhoneNumberUtil& Numbers() {
  static const PhoneNumberUtil* const numbers = [] {
    PhoneNumberUtil* const instance = PhoneNumberUtil::GetInstance();
    instance->SetLogger(new i18n::phonenumbers::NullLogger);  // which becomes its own
    return instance;
  }();
  return *numbers;
}

// With the + of any script.
bool IsForTheWorld(absl::string_view text) {
  return absl::StrContains(text, "+") || absl::StrContains(text, "＋");
}

std::string World(const PhoneNumber& number) {
  std::string text;
  Numbers().Format(number, PhoneNumberUtil::E164, &text);
  return text;
}

}  // namespace

bool IsPhone(absl::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return absl::ascii_iscntrl(c); })) return false;
  const std::string written(text);
  std::string digits = written;
  Numbers().NormalizeDigitsOnly(&digits);
  if (digits.size() < kMinPhoneDigits || digits.size() > kMaxPhoneDigits) return false;
  PhoneNumber number;
  const auto parsed = Numbers().Parse(written, kNoCountry, &number);
  if (parsed == PhoneNumberUtil::NO_PARSING_ERROR) return World(number).size() <= kMaxWorldDigits;
  // A number for one country, which is not told.
  return parsed == PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR && !IsForTheWorld(text);
}

std::string KeptPhone(absl::string_view text, absl::string_view country) {
  const std::string written(text);
  PhoneNumber number;
  const auto parsed =
      Numbers().Parse(written, country.empty() ? std::string(kNoCountry) : std::string(country), &number);
  if (parsed != PhoneNumberUtil::NO_PARSING_ERROR) return written;
  const bool possible = Numbers().IsPossibleNumberWithReason(number) == PhoneNumberUtil::IS_POSSIBLE;
  if (!possible && !IsForTheWorld(text)) return written;
  return absl::StrCat(World(number), number.has_extension() ? ";ext=" : "", number.extension());
}

}  // namespace makegood::rules
