// A file that ships inside the program, so that it needs no folder beside it. makegood_embed (in the
// top CMakeLists.txt) writes the function that returns them when the program is built.
#pragma once

#include "absl/strings/string_view.h"

namespace makegood {

struct EmbeddedFile {
  absl::string_view name;  // without folder, e.g. "mall.textproto"
  absl::string_view content;
};

}  // namespace makegood
