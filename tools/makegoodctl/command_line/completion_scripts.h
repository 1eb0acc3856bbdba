// The scripts that make shells complete makegoodctl's words, as part of the program.
#pragma once

#include <vector>

#include "common/base/embedded_file.h"

namespace makegood::ctl {

// "completion.bash", "completion.zsh" and "completion.fish".
const std::vector<EmbeddedFile>& CompletionScripts();

}  // namespace makegood::ctl
