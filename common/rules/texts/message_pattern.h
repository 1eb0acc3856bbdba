// A text with places to fill, in a reader's language (NTF-01): ICU MessageFormat. Pure: the same pattern and
// arguments give the same words.
#pragma once

#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "makegood/base/v1/texts.pb.h"

namespace makegood::rules {

// How a reader is written to: amounts and dates as their language writes them, times in their time zone.
struct Locale {
  std::string language;   // e.g. "cs"
  std::string time_zone;  // the policy's, e.g. "Europe/Prague"
};

// What a text is filled with, by name.
using TextArguments = std::map<std::string, base::v1::TextArgument>;

// The names of the arguments a pattern asks for, those inside plurals and selects included.
// INVALID_ARGUMENT if it is no ICU MessageFormat pattern.
absl::StatusOr<std::set<std::string>> PlaceholdersOf(absl::string_view pattern);
// Those of them that decide between words (select).
absl::StatusOr<std::set<std::string>> SelectorsOf(absl::string_view pattern);

// The pattern in words. INTERNAL if it wants what the arguments do not hold, or there is no such time zone.
absl::StatusOr<std::string> Fill(absl::string_view pattern, const TextArguments& arguments,
                                 const Locale& locale);

}  // namespace makegood::rules
