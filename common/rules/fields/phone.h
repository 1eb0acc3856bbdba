// Phone numbers as people write them, and as they are kept.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace makegood::rules {

// True if `text` can be a phone number, written for the world (with +) or for some country. Thread-safe.
bool IsPhone(absl::string_view text);

// What is kept of such a number (see ContactDetails.phone). `country` is where it is dialled, or empty.
std::string KeptPhone(absl::string_view text, absl::string_view country);

}  // namespace makegood::rules
