// How strings must look: the formats of field.proto, and the text that no format narrows.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "makegood/base/v1/field.pb.h"

namespace makegood::rules {

// What is wrong with `text`, which is not empty and valid UTF-8, as `format`; or "". A static string.
absl::string_view FormatProblem(base::v1::Format format, absl::string_view text);

// An e-mail address as mail servers take it, its domain in ASCII; nothing if it is no address.
std::optional<std::string> AsciiEmail(absl::string_view address);

}  // namespace makegood::rules
