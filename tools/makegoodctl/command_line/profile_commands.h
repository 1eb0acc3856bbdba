// profile set, list, use, show, delete; whoami.
#pragma once

#include "tools/makegoodctl/command_line/commands.h"

namespace makegood::ctl {

void AddProfiles(std::vector<Command>& all);

}  // namespace makegood::ctl
