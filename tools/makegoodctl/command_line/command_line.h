// The command line as a whole: nouns, verbs, options, help, completion.
#pragma once

#include <CLI/CLI.hpp>
#include <set>
#include <string>
#include <vector>

#include "tools/makegoodctl/command_line/commands.h"
#include "tools/makegoodctl/command_line/session.h"

namespace makegood::ctl {

class CommandLine {
 public:
  CommandLine();

  // Parses the words behind the program's name and does what they say; the exit code.
  int Run(const std::vector<std::string>& words);

  // Parses only. INVALID_ARGUMENT with what is wrong; a call for help is OK.
  absl::Status Parse(const std::vector<std::string>& words);

  // What the last of `words` may go on as, the others before it: nouns, verbs, options, choices.
  std::vector<std::string> Complete(const std::vector<std::string>& words) const;

  // The ids at the server that the last of `words` may go on as; none where it does not tell within a moment.
  std::vector<std::string> CompleteIds(const std::vector<std::string>& words);

  CLI::App& app() { return app_; }

 private:
  int Obey(const std::vector<std::string>& words);
  void AddGlobalOptions();
  void AddCommand(const Command& command);
  void AddCompletion();
  void AddHelpAndVersion();
  int TellHelp(const Session& session, const std::vector<std::string>& words) const;
  absl::Status FillInWho(const std::set<std::string>& given);

  Settings settings_;
  CLI::App app_;
  Action action_;             // of the command parsed
  std::string command_path_;  // and its words
};

// The script that makes `shell` (bash, zsh or fish) complete makegoodctl's words.
std::string CompletionScript(const std::string& shell);

}  // namespace makegood::ctl
