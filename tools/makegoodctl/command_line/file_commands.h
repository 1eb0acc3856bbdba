// Commands about files: a marketplace's history, a shop's statuses.
#pragma once

#include "tools/makegoodctl/command_line/commands.h"

namespace makegood::ctl {

Action MakeOrdersImport(const Command& command, CLI::App& app);
Action MakeShopExport(const Command& command, CLI::App& app);
Action MakeShopImport(const Command& command, CLI::App& app);
Action MakeShopDrift(const Command& command, CLI::App& app);

}  // namespace makegood::ctl
