// The policies and calendars that ship inside the program.
#pragma once

#include <vector>

#include "common/base/embedded_file.h"

namespace makegood::rules {

// Every file of policies/ and calendars/, calendars first.
const std::vector<EmbeddedFile>& EmbeddedFiles();

}  // namespace makegood::rules
