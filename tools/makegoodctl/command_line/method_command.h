// Commands that are one call of one method: fill the form, call, show the reply.
#pragma once

#include "tools/makegoodctl/command_line/commands.h"
#include "tools/makegoodctl/command_line/session.h"

namespace makegood::ctl {

// Adds the options of the command's request to `app`; what is returned makes the call.
Action MakeMethodCommand(const Command& command, CLI::App& app);

// Shows one message on standard output as the session wants it: for people, as one line of JSON, or as a
// tab-separated line per value.
void Show(const Session& session, const google::protobuf::Message& message);

// A message as one line of JSON, with the contract's own names.
std::string ToJson(const google::protobuf::Message& message);

// A message as one line of its columns, tabs between them.
std::string ToTextLine(const google::protobuf::Message& message, const ValueStyle& style);

// Says on standard error that a command with --dry-run has changed nothing.
void TellDryRun(const Session& session, const google::protobuf::Message& request);

}  // namespace makegood::ctl
