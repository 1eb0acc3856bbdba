#include "tools/makegoodctl/csv/csv_encoding.h"

#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace makegood::ctl {
namespace {

// What rows and values are told apart by, whatever the separator, and the separators.
constexpr absl::string_view kRowMarks = "\n\r\t \"";
constexpr absl::string_view kMarks = "\n\r\t \",;|";

bool IsPlain(absl::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<signed char>(c) > 0; });
}

// Whether the marks are one byte each, the same as in ASCII.
bool HasAsciiMarks(UConverter* converter) {
  UErrorCode error = U_ZERO_ERROR;
  icu::UnicodeString text(kMarks.data(), static_cast<int32_t>(kMarks.size()), converter, error);
  return U_SUCCESS(error) != 0 &&
         text == icu::UnicodeString(kMarks.data(), static_cast<int32_t>(kMarks.size()), US_INV);
}

// Encodings without state: of a byte a character, or of some.
bool IsStateless(UConverterType type) {
  switch (type) {
    case UCNV_SBCS:
    case UCNV_DBCS:
    case UCNV_MBCS:
    case UCNV_LATIN_1:
    case UCNV_UTF8:
    case UCNV_US_ASCII:
      return true;
    default:
      return false;
  }
}

}  // namespace

void Encoding::Close::operator()(UConverter* converter) const { ucnv_close(converter); }

absl::StatusOr<Encoding> Encoding::Named(absl::string_view name) {
  Encoding encoding;
  encoding.name_ = std::string(name);
  if (absl::EqualsIgnoreCase(name, "UTF-16")) encoding.name_ = "UTF-16LE";
  UErrorCode error = U_ZERO_ERROR;
  encoding.converter_.reset(ucnv_open(encoding.name_.c_str(), &error));
  if (U_FAILURE(error) != 0 || name.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("encoding ", name, " is not known; e.g. UTF-8, windows-1250, ISO-8859-9, UTF-16LE"));
  }
  UConverter* const converter = encoding.converter_.get();
  const UConverterType type = ucnv_getType(converter);
  if (type == UCNV_UTF16_LittleEndian || type == UCNV_UTF16_BigEndian) {
    encoding.unit_ = 2;
    encoding.big_endian_ = type == UCNV_UTF16_BigEndian;
  }
  ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
  const auto is_half = [&](char mark) { return encoding.IsHalfOfACharacter(mark); };
  const bool apart = encoding.unit_ == 2 || (IsStateless(type) && HasAsciiMarks(converter) &&
                                             std::none_of(kRowMarks.begin(), kRowMarks.end(), is_half));
  if (apart) return encoding;
  return absl::InvalidArgumentError(
      absl::StrCat("encoding ", name, " writes commas and line ends in a way that is not read here"));
}

// Whether the byte can follow another one and be a character with it. No encoding has a mark behind the
// second byte of a character that it does not have as the second of another.
bool Encoding::IsHalfOfACharacter(char mark) {
  if (unit_ != 1) return false;
  for (int lead = 0x80; lead <= 0xFF; ++lead) {
    const char bytes[] = {static_cast<char>(lead), mark};
    const char* source = bytes;
    UChar text[4];
    UChar* target = text;
    UErrorCode error = U_ZERO_ERROR;
    ucnv_resetToUnicode(converter_.get());
    ucnv_toUnicode(converter_.get(), &target, std::end(text), &source, std::end(bytes), nullptr, 1, &error);
    if (U_SUCCESS(error) != 0 && target > text && target[-1] != static_cast<UChar>(mark)) return true;
  }
  return false;
}

absl::Status Encoding::CheckSeparator(char separator) {
  if (!IsHalfOfACharacter(separator)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("\"", std::string(1, separator),
                                                 "\" can be half of a character of ", name_,
                                                 ": use another separator, or UTF-8"));
}

absl::StatusOr<std::string> Encoding::Decode(absl::string_view bytes) {
  if (unit_ == 1 && IsPlain(bytes)) return std::string(bytes);
  UConverter* const converter = converter_.get();
  ucnv_resetToUnicode(converter);
  std::u16string text(bytes.size() + 1, u'\0');
  const char* source = bytes.data();
  UChar* target = text.data();
  UErrorCode error = U_ZERO_ERROR;
  ucnv_toUnicode(converter, &target, target + text.size(), &source, bytes.data() + bytes.size(), nullptr, 1,
                 &error);
  if (U_FAILURE(error) != 0) {
    // The converter stands behind the bytes it could not read.
    char wrong[8];
    int8_t count = sizeof(wrong);
    UErrorCode ignored = U_ZERO_ERROR;
    ucnv_getInvalidChars(converter, wrong, &count, &ignored);
    const auto at = static_cast<size_t>(source - bytes.data()) - static_cast<size_t>(count) + 1;
    return absl::InvalidArgumentError(absl::StrCat("byte ", at, " is no character of ", name_));
  }
  text.resize(static_cast<size_t>(target - text.data()));
  if (const size_t nul = text.find(u'\0'); nul != std::u16string::npos) {
    return absl::InvalidArgumentError(absl::StrCat("character ", nul + 1, " is NUL"));
  }
  std::string utf8;
  icu::UnicodeString(false, text.data(), static_cast<int32_t>(text.size())).toUTF8String(utf8);
  return utf8;
}

std::string Encoding::Encode(absl::string_view text) {
  const icu::UnicodeString unicode =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  UErrorCode error = U_ZERO_ERROR;
  std::string bytes(static_cast<size_t>(UCNV_GET_MAX_BYTES_FOR_STRING(unicode.length(),
                                                                      ucnv_getMaxCharSize(converter_.get()))),
                    '\0');
  ucnv_resetFromUnicode(converter_.get());
  const int32_t size = ucnv_fromUChars(converter_.get(), bytes.data(), static_cast<int32_t>(bytes.size()),
                                       unicode.getBuffer(), unicode.length(), &error);
  bytes.resize(static_cast<size_t>(std::max(size, 0)));
  return bytes;
}

ByteOrderMark ByteOrderMarkOf(absl::string_view bytes) {
  using std::string_literals::operator""s;
  if (absl::StartsWith(bytes, "\xFF\xFE\0\0"s) || absl::StartsWith(bytes, "\0\0\xFE\xFF"s)) {
    return {"UTF-32", 4};
  }
  if (absl::StartsWith(bytes, "\xEF\xBB\xBF")) return {"UTF-8", 3};
  if (absl::StartsWith(bytes, "\xFF\xFE")) return {"UTF-16LE", 2};
  if (absl::StartsWith(bytes, "\xFE\xFF")) return {"UTF-16BE", 2};
  return {};
}

}  // namespace makegood::ctl
