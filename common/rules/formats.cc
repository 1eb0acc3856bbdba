#include "common/rules/formats.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "common/base/money.h"

namespace makegood::rules {
namespace {

using base::v1::Format;

constexpr size_t kMaxId = 128;
constexpr size_t kMaxEmail = 254;      // RFC 5321
constexpr size_t kMaxEmailLocal = 64;  // RFC 5321
constexpr size_t kMaxLabel = 63;       // RFC 1035
constexpr size_t kMaxPhone = 32;
constexpr int kMinPhoneDigits = 3;
constexpr int kMaxPhoneDigits = 15;  // E.164

// ISO 3166-1 alpha-2, officially assigned.
constexpr absl::string_view kCountries =
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCV"
    "CWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIM"
    "INIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMW"
    "MXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSS"
    "STSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";

bool IsId(absl::string_view text) {
  return text.size() <= kMaxId && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == ':' || c == '-';
         });
}

bool IsCountry(absl::string_view text) {
  if (text.size() != 2) return false;
  for (size_t i = 0; i < kCountries.size(); i += 2) {
    if (kCountries.substr(i, 2) == text) return true;
  }
  return false;
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

bool IsEmail(absl::string_view text) {
  const size_t at = text.find('@');
  return at != absl::string_view::npos && text.size() <= kMaxEmail && IsLocalPart(text.substr(0, at)) &&
         IsDomain(text.substr(at + 1));
}

bool IsPhone(absl::string_view text) {
  if (text.size() > kMaxPhone) return false;
  int digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (absl::ascii_isdigit(c)) {
      ++digits;
    } else if (c != ' ' && c != '-' && !(c == '+' && i == 0)) {
      return false;
    }
  }
  return digits >= kMinPhoneDigits && digits <= kMaxPhoneDigits;
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

absl::string_view FormatProblem(Format format, absl::string_view text) {
  switch (format) {
    case Format::FORMAT_ID:
      return IsId(text) ? "" : "is no id, want 1 to 128 of A-Z a-z 0-9 . _ : -";
    case Format::FORMAT_CURRENCY:
      return CurrencyDecimals(text).has_value() ? "" : "is no known ISO 4217 currency";
    case Format::FORMAT_COUNTRY:
      return IsCountry(text) ? "" : "is no ISO 3166-1 alpha-2 country";
    case Format::FORMAT_LANGUAGE:
      return IsLanguage(text) ? "" : "is none of cs, en, sl, tr, zh";
    case Format::FORMAT_EMAIL:
      return IsEmail(text) ? "" : "is no e-mail address";
    case Format::FORMAT_PHONE:
      return IsPhone(text) ? "" : "is no phone number, want an optional +, 3 to 15 digits, spaces, hyphens";
    default:
      return HoldsControlCharacter(text) ? "holds a control character" : "";
  }
}

}  // namespace makegood::rules
