// rules: what a rule says, by its ID. It asks no server.
#pragma once

#include "tools/makegoodctl/command_line/commands.h"

namespace makegood::ctl {

void AddRules(std::vector<Command>& all);

}  // namespace makegood::ctl
