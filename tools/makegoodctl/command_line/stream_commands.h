// Commands that stream: evidence up and down, and what happens as it happens.
#pragma once

#include "tools/makegoodctl/command_line/commands.h"

namespace makegood::ctl {

Action MakeEvidenceUpload(const Command& command, CLI::App& app);
Action MakeEvidenceDownload(const Command& command, CLI::App& app);
Action MakeOrdersWatch(const Command& command, CLI::App& app);
Action MakeChatWatch(const Command& command, CLI::App& app);
Action MakeWorkWatch(const Command& command, CLI::App& app);
Action MakeEventsWatch(const Command& command, CLI::App& app);

}  // namespace makegood::ctl
