// Configuration: Abseil flags, each also from the environment.
#pragma once

#include "absl/status/status.h"

namespace makegood {

// Reads every flag of the program from its environment variable, if that is set (--data_dir from
// MAKEGOOD_DATA_DIR), then from the command line, which wins. INVALID_ARGUMENT, in a sentence, for
// a value that a flag does not take from the environment or for a word that is no flag; Abseil
// itself ends the program for a wrong value on the command line, and for --help.
absl::Status ParseFlags(int argc, char** argv);

}  // namespace makegood
