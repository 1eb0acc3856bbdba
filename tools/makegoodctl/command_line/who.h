// Who calls whom, and where that was said: by an option, in the environment, in a profile, nowhere.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/makegoodctl/command_line/profiles.h"
#include "tools/makegoodctl/command_line/session.h"

namespace makegood::ctl {

// One thing to be said, and the ways to say it.
struct WhoOption {
  const char* name;  // of the option, without its dashes
  const char* variable;
  std::string Settings::*value;
  std::string Profile::*in_profile;
};
const std::vector<WhoOption>& WhoOptions();

// Takes --as and the options above from words that need not parse; the names of those that are among them.
std::set<std::string> TakeWho(const std::vector<std::string>& words, Settings& settings);

// Fills in what no option has said (`given` are their names): a profile named by --as says who calls as a
// whole, then the environment, then the profile of MAKEGOOD_PROFILE or the one in use; else it stays as
// usual. Notes in settings.from where each came from. INVALID_ARGUMENT if a profile that is named is not
// there, or the file cannot be read.
absl::Status FillInWho(const std::set<std::string>& given, const std::string& profiles_path,
                       Settings& settings);

}  // namespace makegood::ctl
