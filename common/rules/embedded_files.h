// The policies and calendars that ship inside the program, so that it needs no folder beside it.
#pragma once

#include <vector>

#include "absl/strings/string_view.h"

namespace makegood::rules {

struct EmbeddedFile {
  absl::string_view name;  // without folder, e.g. "mall.textproto"
  absl::string_view content;
};

// Every file of policies/ and calendars/, calendars first. Made by embed.cmake when the program is built.
const std::vector<EmbeddedFile>& EmbeddedFiles();

}  // namespace makegood::rules
