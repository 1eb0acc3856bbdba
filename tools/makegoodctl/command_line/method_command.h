// Commands that are one call of one method: fill the form, call, show the reply.
#pragma once

#include "tools/makegoodctl/command_line/commands.h"
#include "tools/makegoodctl/command_line/session.h"

namespace makegood::ctl {

// Adds the options of the command's request to `app`; what is returned makes the call.
Action MakeMethodCommand(const Command& command, CLI::App& app);

}  // namespace makegood::ctl
