// The texts that ship inside the program.
#pragma once

#include <vector>

#include "common/base/embedded_file.h"

namespace makegood::rules {

// Every file of languages/: what people are told, one file a language.
const std::vector<EmbeddedFile>& EmbeddedTexts();

}  // namespace makegood::rules
