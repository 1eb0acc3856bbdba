#include "common/rules/fields/formats.h"

#include <idn2.h>
#include <unicode/uregion.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/money.h"
#include "common/rules/fields/phone.h"

namespace makegood::rules {
namespace {

using base::v1::Format;

constexpr size_t kMaxId = 128;
constexpr size_t kMaxEmail = 254;      // RFC 5321
constexpr size_t kMaxEmailLocal = 64;  // RFC 5321
constexpr size_t kMaxLabel = 63;       // RFC 1035

bool IsId(absl::string_view text) {
  return text.size() <= kMaxId && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == ':' || c == '-';
         });
}

// As ICU knows them: ISO 3166-1, and what carriers use beside it, such as XK. Another name for a country,
// such as UK, is none.
bool IsCountry(absl::string_view text) {
  if (text.size() != 2 || !std::all_of(text.begin(), text.end(), absl::ascii_isupper)) return false;
  UErrorCode error = U_ZERO_ERROR;
  const URegion* const region = uregion_getRegionFromCode(std::string(text).c_str(), &error);
  return U_SUCCESS(error) && uregion_getType(region) == URGN_TERRITORY &&
         uregion_getRegionCode(region) == text;
}

bool IsLanguage(absl::string_view text) {
  constexpr std::array<absl::string_view, 5> kLanguages = {"cs", "en", "sl", "tr", "zh"};
  return std::find(kLanguages.begin(), kLanguages.end(), text) != kLanguages.end();
}

// The part before the @: RFC 5322's atoms between single dots.
bool IsLocalPart(absl::string_view text) {
  if (text.empty() || text.size() > kMaxEmailLocal || text.front() == '.' || text.back() == '.') return false;
  constexpr absl::string_view kMarks = "!#$%&'*+-/=?^_`{|}~.";
  for (size_t i = 0; i < text.size(); ++i) {
    if (!absl::ascii_isalnum(text[i]) && kMarks.find(text[i]) == absl::string_view::npos) return false;
    if (text[i] == '.' && text[i - 1] == '.') return false;
  }
  return true;
}

bool IsLabel(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxLabel && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isalnum(c) || c == '-'; });
}

bool IsDomain(absl::string_view text) {
  if (text.find('.') == absl::string_view::npos) return false;
  for (const absl::string_view label : absl::StrSplit(text, '.')) {
    if (!IsLabel(label)) return false;
  }
  return true;
}

// A domain of any script in ASCII: IDNA 2008, with the mappings of UTS 46 that people's keyboards need.
std::optional<std::string> AsciiDomain(absl::string_view text) {
  std::string domain(text);
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isascii(c); });
  if (!plain) {
    char* ascii = nullptr;
    if (idn2_to_ascii_8z(domain.c_str(), &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) != IDN2_OK)
      return std::nullopt;
    domain = ascii;
    idn2_free(ascii);
  }
  if (!IsDomain(domain)) return std::nullopt;
  return domain;
}

// Control characters: C0 and DEL, and C1, which in UTF-8 is C2 80 to C2 9F. A carriage return is one
// too, unless it belongs to a new line.
bool HoldsControlCharacter(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    const unsigned char next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    if (c == 0x7F || (c == 0xC2 && next >= 0x80 && next <= 0x9F)) return true;
    if (c >= 0x20 || c == '\n' || c == '\t') continue;
    if (c != '\r' || next != '\n') return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> AsciiEmail(absl::string_view address) {
  const size_t at = address.find('@');
  if (at == absl::string_view::npos || !IsLocalPart(address.substr(0, at))) return std::nullopt;
  const std::optional<std::string> domain = AsciiDomain(address.substr(at + 1));
  if (!domain.has_value() || at + 1 + domain->size() > kMaxEmail) return std::nullopt;
  return absl::StrCat(address.substr(0, at + 1), *domain);
}

absl::string_view FormatProblem(Format format, absl::string_view text) {
  switch (format) {
    case Format::FORMAT_ID:
      return IsId(text) ? "" : "is no id, want 1 to 128 of A-Z a-z 0-9 . _ : -";
    case Format::FORMAT_CURRENCY:
      return CurrencyDecimals(text).has_value() ? "" : "is no known ISO 4217 currency";
    case Format::FORMAT_COUNTRY:
      return IsCountry(text) ? "" : "is no country in two capitals";
    case Format::FORMAT_LANGUAGE:
      return IsLanguage(text) ? "" : "is none of cs, en, sl, tr, zh";
    case Format::FORMAT_EMAIL:
      return AsciiEmail(text).has_value() ? "" : "is no e-mail address";
    case Format::FORMAT_PHONE:
      return IsPhone(text) ? "" : "is no phone number";
    default:
      return HoldsControlCharacter(text) ? "holds a control character" : "";
  }
}

}  // namespace makegood::rules
