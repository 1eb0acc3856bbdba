#include "tools/makegoodctl/command_line/moment.h"

#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace makegood::ctl {
namespace {

constexpr int64_t kMost = 100'000;  // of any unit; more is a slip of the finger

std::optional<absl::Duration> UnitOf(char letter) {
  switch (letter) {
    case 'w':
      return absl::Hours(7 * 24);
    case 'd':
      return absl::Hours(24);
    case 'h':
      return absl::Hours(1);
    case 'm':
      return absl::Minutes(1);
    case 's':
      return absl::Seconds(1);
    default:
      return std::nullopt;
  }
}

// "1d12h"
std::optional<absl::Duration> ReadSpan(absl::string_view text) {
  if (text.empty()) return std::nullopt;
  absl::Duration span;
  while (!text.empty()) {
    size_t digits = 0;
    while (digits < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digits]))) ++digits;
    int64_t number = 0;
    if (digits == text.size() || !absl::SimpleAtoi(text.substr(0, digits), &number) || number > kMost) {
      return std::nullopt;
    }
    const std::optional<absl::Duration> unit = UnitOf(text[digits]);
    if (!unit.has_value()) return std::nullopt;
    span += number * *unit;
    text.remove_prefix(digits + 1);
  }
  return span;
}

}  // namespace

bool IsToldFromNow(absl::string_view text) {
  return absl::AsciiStrToLower(text) == "now" ||
         (!text.empty() && (text.front() == '+' || text.front() == '-'));
}

absl::StatusOr<absl::Time> ReadTime(absl::string_view text, const Moment& moment) {
  if (absl::AsciiStrToLower(text) == "now") return moment.now();
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    const std::optional<absl::Duration> span = ReadSpan(text.substr(1));
    if (span.has_value()) return text.front() == '+' ? moment.now() + *span : moment.now() - *span;
  }
  absl::Time time;
  for (const char* format :
       {"%Y-%m-%dT%H:%M:%E*S%Ez", "%Y-%m-%dT%H:%M%Ez", "%Y-%m-%d %H:%M:%E*S %Ez", "%Y-%m-%d %H:%M %Ez",
        "%Y-%m-%dT%H:%M:%E*S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%E*S", "%Y-%m-%d %H:%M", "%Y-%m-%d"}) {
    if (absl::ParseTime(format, text, moment.zone, &time, nullptr)) return time;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", text, "\" is not a time like 2026-10-15T10:00:00+08:00, 2026-10-15, now, +2d or -3h"));
}

}  // namespace makegood::ctl
