// Where words of the command line lead, whether or not they parse: for completion and for what is told of
// mistakes.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace makegood::ctl {

struct Walk {
  const CLI::App* app = nullptr;         // the deepest command they name
  const CLI::Option* pending = nullptr;  // the option that waits for its value, if the last word is one
  std::vector<std::string> positionals;  // behind the command
  std::string unknown_option;            // the first that the command does not have
};

Walk WalkTo(const CLI::App& root, const std::vector<std::string>& words);

const CLI::App* SubcommandOf(const CLI::App& app, const std::string& word);

// The option of the command, or of those above it, by its name.
const CLI::Option* OptionOf(const CLI::App* app, const std::string& name);
std::vector<std::string> OptionNames(const CLI::App* app);

// The choices of an option that has a closed list of them.
std::vector<std::string> ChoicesOf(const CLI::Option& option);

// What could stand as the `index`-th word that is no option; nullptr where none could.
const CLI::Option* PositionalAt(const CLI::App& app, size_t index);

// What CLI11 found wrong, in our words; where a command is missing or unknown, which ones there are.
std::string Explain(const Walk& walk, const CLI::ParseError& error);

// The same for a word that is no command of `app`.
std::string NoSuchCommand(const CLI::App& app, const std::string& word);

}  // namespace makegood::ctl
