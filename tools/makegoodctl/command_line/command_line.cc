#include "tools/makegoodctl/command_line/command_line.h"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "makegood/base/v1/access.pb.h"
#include "tools/makegoodctl/command_line/completion_scripts.h"
#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/command_line/method_command.h"
#include "tools/makegoodctl/import/connector.h"
#include "tools/makegoodctl/terminal/nearest.h"

namespace makegood::ctl {
namespace {

constexpr size_t kHelpWidth = 100;  // where help does not go to a narrower terminal
constexpr size_t kHelpIndent = 8;
constexpr size_t kNameWidth = 30;  // of nouns and verbs, before what they are about

constexpr char kFooter[] =
    "Times:\n"
    "  2026-10-15T10:00:00+08:00; without a zone, and days (2026-10-15: its beginning), in your own,\n"
    "  which TZ names, or with --utc in UTC; now; from now: +2d, -3h, -1d12h (w, d, h, m, s). Where the\n"
    "  server has a test clock, now is what that shows.\n"
    "\n"
    "Exit codes:\n"
    "  0  done\n"
    "  1  failed\n"
    "  2  wrong usage, or a field that is not as it must be\n"
    "  3  done in part: some rows or files were refused\n"
    "  4  refused by a rule or a role, or because the record has moved on\n"
    "  5  the server does not answer, or the outcome is unknown: safe to repeat\n"
    "\n"
    "Example:\n"
    "  makegoodctl orders list --state shipping\n"
    "  makegoodctl claims approve --help";

size_t HelpWidth() {
  const size_t width = LookAtTerminal().width;
  return width == 0 ? kHelpWidth : std::min(width, kHelpWidth);
}

// What stands below a command's options: examples, and what comes out of it.
std::string FooterOf(const std::vector<std::string>& examples, const std::string& prints) {
  std::string text = "Example:";
  for (const std::string& example : examples) absl::StrAppend(&text, "\n  makegoodctl ", example);
  absl::StrAppend(&text, "\n");
  if (!prints.empty()) absl::StrAppend(&text, "\n", absl::StrJoin(Wrap(prints, HelpWidth()), "\n"));
  return absl::StrCat(text, "\nWho calls, where to and how it is shown: makegoodctl --help");
}

// What --output json makes of a command's answer.
std::string PrintsOf(const Command& command) {
  if (!command.prints.empty() || command.method.empty()) return command.prints;
  const google::protobuf::MethodDescriptor& method = MethodNamed(command.service, command.method);
  const google::protobuf::Descriptor& reply = *method.output_type();
  if (command.rows.empty()) {
    return absl::StrCat("--output json prints a ", reply.full_name(),
                        method.server_streaming() ? " a line." : ".");
  }
  const std::string& row = reply.FindFieldByName(command.rows)->message_type()->full_name();
  return absl::StrCat("--output json prints a ", row, " a line.");
}

// The words that name a command: "claims approve".
std::string PathOf(const CLI::App& app) {
  if (app.get_parent() == nullptr) return "";
  const std::string above = PathOf(*app.get_parent());
  return absl::StrCat(above, above.empty() ? "" : " ", app.get_name());
}

// What the contract says of a command's method; empty for nouns and for commands without one.
std::string ContractOf(const CLI::App& app) {
  const std::string path = PathOf(app);
  for (const Command& command : Commands()) {
    if (command.path == path && !command.method.empty()) {
      return InCommands(CommentOf(MethodNamed(command.service, command.method)));
    }
  }
  return "";
}

std::string SummaryOfNoun(const std::string& path) {
  for (const Noun& noun : Nouns()) {
    if (noun.path == path) return noun.summary;
  }
  return "";
}

// Options with their explanation below, broken between words: contracts explain at length.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    std::string text = absl::StrCat("  ", make_option_name(option, is_positional), make_option_opts(option));
    // A long list of choices goes on in the next lines.
    if (text.size() > HelpWidth() && absl::StrContains(text, '{')) absl::StrReplaceAll({{",", ", "}}, &text);
    text = absl::StrCat("  ", absl::StrJoin(Wrap(text, HelpWidth() - kHelpIndent), "\n        "), "\n");
    const std::string indent(kHelpIndent, ' ');
    for (const std::string& line : Wrap(make_option_desc(option), HelpWidth() - kHelpIndent)) {
      if (!line.empty()) absl::StrAppend(&text, indent, line, "\n");
    }
    return text;
  }

  std::string make_subcommand(const CLI::App* sub) const override {
    const std::string indent(kNameWidth, ' ');
    const std::string name = absl::StrCat("  ", sub->get_name());
    const std::string between(kNameWidth - std::min(kNameWidth - 1, name.size()), ' ');
    const std::vector<std::string> lines = Wrap(sub->get_description(), HelpWidth() - kNameWidth);
    return absl::StrCat(name, between, absl::StrJoin(lines, absl::StrCat("\n", indent)), "\n");
  }

  std::string make_option_opts(const CLI::Option* option) const override {
    std::string type = option->get_type_name();
    std::string text = type.empty() ? "" : absl::StrCat(" ", type);
    if (!option->get_default_str().empty()) absl::StrAppend(&text, " = ", option->get_default_str());
    if (!option->get_envname().empty()) absl::StrAppend(&text, " ($", option->get_envname(), ")");
    return text;
  }

  std::string make_description(const CLI::App* app) const override {
    std::string text = absl::StrCat(app->get_description(), "\n");
    for (const std::string& line : Wrap(ContractOf(*app), HelpWidth())) absl::StrAppend(&text, line, "\n");
    return text;
  }
};

// The choices of an option that has a closed list of them.
std::vector<std::string> ChoicesOf(const CLI::Option& option) {
  if (option.check_name("--connector")) return ShippedConnectorNames();
  std::string type = option.get_type_name();
  if (!absl::StartsWith(type, "{")) return {};
  return absl::StrSplit(type.substr(1, type.size() - 2), ',');
}

const CLI::App* SubcommandOf(const CLI::App& app, const std::string& word) {
  for (const CLI::App* sub : app.get_subcommands(nullptr)) {
    if (sub->get_name() == word) return sub;
  }
  return nullptr;
}

// The option of the command, or of those above it, by its name.
const CLI::Option* OptionOf(const CLI::App* app, const std::string& name) {
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      if (option->check_name(name)) return option;
    }
  }
  return nullptr;
}

std::vector<std::string> OptionNames(const CLI::App* app) {
  std::vector<std::string> names;
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        const std::string word = absl::StrCat("--", name);
        // --help stands at each of them.
        if (std::find(names.begin(), names.end(), word) == names.end()) names.push_back(word);
      }
    }
  }
  return names;
}

// What could stand as the `index`-th word that is no option.
std::vector<std::string> PositionalChoices(const CLI::App& app, size_t index) {
  std::vector<const CLI::Option*> positionals;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) positionals.push_back(option);
  }
  if (positionals.empty()) return {};
  const CLI::Option& last = *positionals.back();
  if (index < positionals.size()) return ChoicesOf(*positionals[index]);
  return last.get_items_expected_max() > 1 ? ChoicesOf(last) : std::vector<std::string>{};
}

// Where some words lead, whether or not they parse.
struct Walk {
  const CLI::App* app = nullptr;         // the deepest command they name
  const CLI::Option* pending = nullptr;  // the option that waits for its value, if the last word is one
  std::vector<std::string> positionals;  // behind the command
  std::string unknown_option;            // the first that the command does not have
};

// "-3h" is a time, and "-" standard input.
bool IsOption(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && word != "--" &&
         !absl::ascii_isdigit(static_cast<unsigned char>(word[1]));
}

Walk WalkTo(const CLI::App& root, const std::vector<std::string>& words) {
  Walk walk;
  walk.app = &root;
  for (const std::string& word : words) {
    if (word == "=") continue;  // bash takes --output=json for three words
    const CLI::App* const sub = SubcommandOf(*walk.app, word);
    if (walk.pending != nullptr) {
      walk.pending = nullptr;
    } else if (IsOption(word)) {
      const CLI::Option* const option = OptionOf(walk.app, word.substr(0, word.find('=')));
      const bool waits = option != nullptr && option->get_items_expected_max() > 0;
      if (waits && !absl::StrContains(word, '=')) walk.pending = option;
      if (option == nullptr && walk.unknown_option.empty()) walk.unknown_option = word;
    } else if (sub != nullptr && walk.positionals.empty()) {
      walk.app = sub;
    } else {
      walk.positionals.push_back(word);
    }
  }
  return walk;
}

// ", is it --state?", or nothing.
std::string Meant(const std::string& word, const std::vector<std::string>& names) {
  const std::optional<std::string> nearest = Nearest(word, names);
  return nearest.has_value() ? absl::StrCat(", is it ", *nearest, "?") : "";
}

// What CLI11 says of an option: that it is there too often, or without its value.
std::string InOurWords(const Walk& walk, const CLI::ParseError& error) {
  std::string text = absl::StrReplaceAll(error.what(), {{"\n", " "}});
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) == nullptr) return text;
  const std::string name = text.substr(0, text.find(':'));
  if (absl::StrContains(text, "At Most")) return absl::StrCat(name, " is given twice");
  const CLI::Option* const option = OptionOf(walk.app, name);
  return option == nullptr ? text : absl::StrCat(name, " wants a value: ", option->get_type_name());
}

// What CLI11 found wrong; where a command is missing or unknown, which ones there are.
std::string Explain(const Walk& walk, const CLI::ParseError& error) {
  if (!walk.unknown_option.empty()) {
    return absl::StrCat("there is no option ", walk.unknown_option,
                        Meant(walk.unknown_option, OptionNames(walk.app)));
  }
  std::vector<std::string> names;
  for (const CLI::App* sub : walk.app->get_subcommands(nullptr)) names.push_back(sub->get_name());
  const bool too_many = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  if (names.empty() && too_many && !walk.positionals.empty()) {
    return absl::StrCat("there is a word too many: ", walk.positionals.back());
  }
  if (names.empty()) return InOurWords(walk, error);
  const std::string known = absl::StrJoin(names, ", ");
  if (walk.positionals.empty()) return absl::StrCat("a command is missing, want one of ", known);
  const std::string meant = Meant(walk.positionals[0], names);
  return absl::StrCat("there is no command \"", walk.positionals[0], "\"", meant, meant.empty() ? "." : "",
                      " There are ", known);
}

}  // namespace

CommandLine::CommandLine() : app_("Makegood from a terminal: orders gone wrong, made good.", "makegoodctl") {
  app_.formatter(std::make_shared<HelpFormatter>());
  app_.require_subcommand(1);
  app_.fallthrough();  // --server and its like may also stand behind the command
  AddGlobalOptions();
  for (const Command& command : Commands()) AddCommand(command);
  AddCompletion();
  app_.footer(kFooter);
}

void CommandLine::AddGlobalOptions() {
  const std::string who = "Who calls";
  const std::string how = "How it is shown";
  app_.add_option("--server", settings_.server, "Where the suite listens")
      ->envname("MAKEGOOD_SERVER")
      ->type_name("HOST:PORT")
      ->capture_default_str()
      ->group(who);
  app_.add_option("--role", settings_.role, "What you may do")
      ->envname("MAKEGOOD_ROLE")
      ->type_name(absl::StrCat("{", absl::StrJoin(EnumWords(*base::v1::Role_descriptor()), ","), "}"))
      ->capture_default_str()
      ->group(who);
  app_.add_option("--actor", settings_.actor, "Your own id")
      ->envname("MAKEGOOD_ACTOR")
      ->type_name("ID")
      ->capture_default_str()
      ->group(who);
  app_.add_option("--store", settings_.store, "Your store, where your role has one")
      ->envname("MAKEGOOD_STORE")
      ->type_name("ID")
      ->group(who);
  app_.add_option("--timeout", settings_.timeout_seconds,
                  "Seconds to wait for a server that does not answer, retries included")
      ->type_name("SECONDS")
      ->check([](const std::string& text) {
        double seconds = 0;
        return absl::SimpleAtod(text, &seconds) && seconds > 0
                   ? ""
                   : absl::StrCat("\"", text, "\" is not a number of seconds above 0");
      })
      ->capture_default_str()
      ->group(who);
  app_.add_option("-o,--output", settings_.output,
                  "Tables for people; json: one object, of lists and streams one a line; text: values with "
                  "tabs between them and no titles. JSON has every field, zeros too; numbers of 64 bits are "
                  "strings in it, times are in UTC. Errors follow json too, on standard error")
      ->check([](const std::string& word) {
        const bool known = word == "table" || word == "json" || word == "text";
        return known ? "" : absl::StrCat("\"", word, "\" is not one of table, json, text");
      })
      ->type_name("{table,json,text}")
      ->capture_default_str()
      ->group(how);
  for (CLI::Option* option : app_.get_options()) {
    if (!option->get_lnames().empty() && option->get_items_expected_max() > 0) option->take_last();
  }
  app_.set_version_flag("--version", "Makegood " MAKEGOOD_VERSION, "Print the version and end")->group(how);
  app_.add_flag("--utc", settings_.utc,
                "Times in tables in UTC, and those you give without a zone; otherwise in your own zone")
      ->group(how);
}

void CommandLine::AddCommand(const Command& command) {
  CLI::App* app = &app_;
  std::vector<std::string> so_far;
  for (const std::string& word : std::vector<std::string>(absl::StrSplit(command.path, ' '))) {
    so_far.push_back(word);
    const std::string path = absl::StrJoin(so_far, " ");
    CLI::App* next = const_cast<CLI::App*>(SubcommandOf(*app, word));
    if (next == nullptr) {
      next = app->add_subcommand(word, path == command.path ? command.summary : SummaryOfNoun(path));
      // Without one it would have its parent's.
      next->footer(path == command.path ? FooterOf(command.examples, PrintsOf(command)) : "");
      if (path != command.path) next->require_subcommand(1);
    }
    app = next;
  }
  app->require_subcommand(0);
  Action action = command.make != nullptr ? command.make(command, *app) : MakeMethodCommand(command, *app);
  app->callback([this, &command, action = std::move(action)] {
    action_ = action;
    command_path_ = command.path;
  });
}

void CommandLine::AddCompletion() {
  const std::string summary = "Print the script that makes a shell complete makegoodctl's words";
  CLI::App* const app = app_.add_subcommand("completion", summary);
  app->require_subcommand(0);
  app->footer(FooterOf(
      {"completion bash > /etc/bash_completion.d/makegoodctl", "completion zsh > ~/.zfunc/_makegoodctl"},
      ""));
  auto shell = std::make_shared<std::string>();
  app->add_option("shell", *shell, "Whose")
      ->required()
      ->type_name("{bash,zsh}")
      ->check([](const std::string& word) {
        return word == "bash" || word == "zsh" ? "" : absl::StrCat("\"", word, "\" is not one of bash, zsh");
      });
  app->callback([this, shell] {
    command_path_ = "completion";
    action_ = [shell](Session&) {
      std::fputs(CompletionScript(*shell).c_str(), stdout);
      return kDone;
    };
  });
}

absl::Status CommandLine::Parse(const std::vector<std::string>& words) {
  std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 wants them
  try {
    app_.parse(reversed);
  } catch (const CLI::Success&) {
    return absl::OkStatus();
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(absl::StrReplaceAll(error.what(), {{"\n", " "}}));
  }
  return absl::OkStatus();
}

int CommandLine::Run(const std::vector<std::string>& words) {
  const int code = Obey(words);
  const absl::Status written = FlushOutput();
  if (written.ok() || absl::IsCancelled(written)) return code;
  const int failed = Session(settings_, command_path_, words).Fail(written);
  return code == kDone || code == kDoneInPart ? failed : code;
}

int CommandLine::Obey(const std::vector<std::string>& words) {
  try {
    app_.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::Success& asked) {
    return app_.exit(asked);
  } catch (const CLI::ParseError& error) {
    // The words before the error say how errors are to be told.
    for (size_t i = 0; i < words.size(); ++i) {
      const bool next =
          (words[i] == "--output" || words[i] == "-o") && i + 1 < words.size() && words[i + 1] == "json";
      if (next || words[i] == "--output=json" || words[i] == "-ojson") settings_.output = "json";
    }
    if (words.empty()) std::fputs(app_.help().c_str(), stderr);
    const Walk walk = WalkTo(app_, words);
    return Session(settings_, PathOf(*walk.app), words)
        .Fail(absl::InvalidArgumentError(Explain(walk, error)));
  }
  Session session(settings_, command_path_, words);
  return action_(session);
}

std::vector<std::string> CommandLine::Complete(const std::vector<std::string>& words) const {
  const size_t known = words.empty() ? 0 : words.size() - 1;
  const Walk walk = WalkTo(app_, {words.begin(), words.begin() + static_cast<ptrdiff_t>(known)});
  const std::string begun = words.empty() || words.back() == "=" ? "" : words.back();
  const size_t equals = begun.find('=');
  std::vector<std::string> candidates;
  if (walk.pending != nullptr) {
    candidates = ChoicesOf(*walk.pending);
  } else if (absl::StartsWith(begun, "--") && equals != std::string::npos) {
    // One word for zsh, three for bash.
    const CLI::Option* const option = OptionOf(walk.app, begun.substr(0, equals));
    candidates = option == nullptr ? candidates : ChoicesOf(*option);
    for (std::string& candidate : candidates) candidate.insert(0, begun, 0, equals + 1);
  } else if (absl::StartsWith(begun, "-")) {
    candidates = OptionNames(walk.app);
  } else if (!walk.app->get_subcommands(nullptr).empty()) {
    for (const CLI::App* sub : walk.app->get_subcommands(nullptr)) candidates.push_back(sub->get_name());
  } else {
    candidates = PositionalChoices(*walk.app, walk.positionals.size());
  }
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(),
                                  [&begun](const std::string& one) { return !absl::StartsWith(one, begun); }),
                   candidates.end());
  return candidates;
}

std::string CompletionScript(const std::string& shell) {
  for (const EmbeddedFile& script : CompletionScripts()) {
    if (script.name == absl::StrCat("completion.", shell)) return std::string(script.content);
  }
  return "";
}

}  // namespace makegood::ctl
