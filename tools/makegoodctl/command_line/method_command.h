// Commands that are one call of one method: fill the form, call, show the reply.
#pragma once

#include "tools/makegoodctl/command_line/commands.h"
#include "tools/makegoodctl/command_line/session.h"

namespace makegood::ctl {

// Adds the options of the command's request to `app`; what is returned makes the call.
Action MakeMethodCommand(const Command& command, CLI::App& app);

// Whoever may read their own only, and does not say whose, means their own (ROL-11).
void FillInOwn(const base::v1::Actor& actor, google::protobuf::Message& request);

}  // namespace makegood::ctl
