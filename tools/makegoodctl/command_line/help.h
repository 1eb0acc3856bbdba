// What --help says: options with what the contract says of them, and what stands below.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "tools/makegoodctl/command_line/commands.h"

namespace makegood::ctl {

// What stands below the whole program's help: exit codes, times, examples.
extern const char kProgramFooter[];

// What stands below a command's options: examples, and what comes out of it.
std::string FooterOf(const std::vector<std::string>& examples, const std::string& prints);

// What --output json makes of a command's answer.
std::string PrintsOf(const Command& command);

// The words that name a command: "claims approve".
std::string PathOf(const CLI::App& app);

std::string SummaryOfNoun(const std::string& path);

std::shared_ptr<CLI::Formatter> MakeHelpFormatter();

}  // namespace makegood::ctl
