// The texts that ship inside the program.
#pragma once

#include <vector>

#include "common/base/embedded_file.h"

namespace makegood::rules {

// Every file of texts/: what notices say, one file a language.
const std::vector<EmbeddedFile>& EmbeddedNoticeTexts();

}  // namespace makegood::rules
