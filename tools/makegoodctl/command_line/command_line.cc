#include "tools/makegoodctl/command_line/command_line.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <memory>
#include <set>
#include <utility>

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
#include "tools/makegoodctl/command_line/help.h"
#include "tools/makegoodctl/command_line/json_object.h"
#include "tools/makegoodctl/command_line/method_command.h"
#include "tools/makegoodctl/command_line/short_ids.h"
#include "tools/makegoodctl/command_line/walk.h"
#include "tools/makegoodctl/command_line/who.h"

namespace makegood::ctl {

CommandLine::CommandLine() : app_("Makegood from a terminal: orders gone wrong, made good.", "makegoodctl") {
  app_.formatter(MakeHelpFormatter());
  app_.require_subcommand(1);
  app_.fallthrough();  // --server and its like may also stand behind the command
  AddGlobalOptions();
  for (const Command& command : Commands()) AddCommand(command);
  AddCompletion();
  AddHelpAndVersion();
  app_.footer(kProgramFooter);
}

void CommandLine::AddGlobalOptions() {
  const std::string who = "Who calls";
  const std::string how = "How it is shown";
  // FillInWho looks into the environment, since a profile may come before it.
  app_.add_option("--server", settings_.server, "Where the suite listens; else $MAKEGOOD_SERVER")
      ->type_name("HOST:PORT")
      ->capture_default_str()
      ->group(who);
  app_.add_option("--role", settings_.role, "What you may do; else $MAKEGOOD_ROLE")
      ->type_name(absl::StrCat("{", absl::StrJoin(EnumWords(*base::v1::Role_descriptor()), ","), "}"))
      ->capture_default_str()
      ->group(who);
  app_.add_option("--actor", settings_.actor, "Your own id; else $MAKEGOOD_ACTOR")
      ->type_name("ID")
      ->capture_default_str()
      ->group(who);
  app_.add_option("--store", settings_.store, "Your store, where your role has one; else $MAKEGOOD_STORE")
      ->type_name("ID")
      ->group(who);
  app_.add_option(
          "--as", settings_.as,
          "Who calls, and where, by a profile's name; else $MAKEGOOD_PROFILE, or the one that `profile "
          "use` says. Options still win; whoami tells what came of it")
      ->type_name("PROFILE")
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
  app_.add_option(
          "-o,--output", settings_.output,
          "Tables for people; json: one object, of lists and streams one a line; text: of lists and "
          "streams the values of a row with tabs between them and no titles, of one record a line for "
          "each field: its name, a tab, its value. Both have zeros too; numbers of 64 bits are "
          "strings in JSON, times are in UTC. Errors follow json too, on standard error")
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
      {"completion bash > /etc/bash_completion.d/makegoodctl", "completion zsh > ~/.zfunc/_makegoodctl",
       "completion fish > ~/.config/fish/completions/makegoodctl.fish"},
      ""));
  auto shell = std::make_shared<std::string>();
  app->add_option("shell", *shell, "Whose")
      ->required()
      ->type_name("{bash,zsh,fish}")
      ->check([](const std::string& word) {
        const bool known = !CompletionScript(word).empty();
        return known ? "" : absl::StrCat("\"", word, "\" is not one of bash, zsh, fish");
      });
  app->callback([this, shell] {
    command_path_ = "completion";
    action_ = [shell](Session&) {
      std::fputs(CompletionScript(*shell).c_str(), stdout);
      return kDone;
    };
  });
}

void CommandLine::AddHelpAndVersion() {
  CLI::App* const help = app_.add_subcommand("help", "Tell what a command does and takes");
  help->require_subcommand(0);
  help->footer(FooterOf({"help claims approve", "help orders"}, ""));
  auto words = std::make_shared<std::vector<std::string>>();
  help->add_option("words", *words, "The command's words; without them, all there are")->type_name("COMMAND");
  help->callback([this, words] {
    command_path_ = "help";
    action_ = [this, words](Session& session) { return TellHelp(session, *words); };
  });
  CLI::App* const version = app_.add_subcommand("version", "Print the version");
  version->require_subcommand(0);
  version->footer(FooterOf({"version"}, ""));
  version->callback([this] {
    command_path_ = "version";
    action_ = [](Session& session) {
      const JsonObject json =
          JsonObject().AddText("name", "makegoodctl").AddText("version", MAKEGOOD_VERSION);
      std::puts(session.output() == Output::kJson ? json.Json().c_str() : "Makegood " MAKEGOOD_VERSION);
      return kDone;
    };
  });
}

int CommandLine::TellHelp(const Session& session, const std::vector<std::string>& words) const {
  const CLI::App* app = &app_;
  for (const std::string& word : words) {
    const CLI::App* const next = SubcommandOf(*app, word);
    if (next == nullptr) {
      return session.Fail(absl::InvalidArgumentError(NoSuchCommand(*app, word)));
    }
    app = next;
  }
  // help() would tell of the command that was parsed, which is help.
  const std::string path = absl::StrCat(app_.get_name(), words.empty() ? "" : " ", PathOf(*app));
  std::fputs(app->get_formatter()->make_help(app, path, CLI::AppFormatMode::Normal).c_str(), stdout);
  return kDone;
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

int CommandLine::Run(const std::vector<std::string>& typed) {
  const std::vector<std::string> words = Parse(typed).ok() ? typed : AmountsAsOneWord(typed);
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
  std::set<std::string> given;
  for (const WhoOption& option : WhoOptions()) {
    if (app_.get_option(absl::StrCat("--", option.name))->count() > 0) given.insert(option.name);
  }
  const absl::Status who = FillInWho(given);
  Session session(settings_, command_path_, words);
  // What is wrong with the profiles must not keep anyone from mending them.
  if (!who.ok() && !absl::StartsWith(command_path_, "profile ")) return session.Fail(who);
  return action_(session);
}

absl::Status CommandLine::FillInWho(const std::set<std::string>& given) {
  return ctl::FillInWho(given, ProfilesPath(), settings_);
}

std::vector<std::string> CommandLine::Complete(const std::vector<std::string>& words) const {
  const size_t known = words.empty() ? 0 : words.size() - 1;
  const Walk walk = WalkTo(app_, {words.begin(), words.begin() + static_cast<ptrdiff_t>(known)});
  const std::string begun = words.empty() || words.back() == "=" ? "" : words.back();
  const size_t equals = begun.find('=');
  std::vector<std::string> candidates;
  if (walk.pending != nullptr) {
    candidates = ChoicesOf(*walk.pending);
    // Of a list there may be several, with commas between them.
    const bool list = walk.pending->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
    const size_t comma = list ? begun.rfind(',') : std::string::npos;
    for (std::string& candidate : candidates) candidate.insert(0, begun, 0, comma + 1);
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
    const CLI::Option* const next = PositionalAt(*walk.app, walk.positionals.size());
    if (next != nullptr) candidates = ChoicesOf(*next);
  }
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(),
                                  [&begun](const std::string& one) { return !absl::StartsWith(one, begun); }),
                   candidates.end());
  return candidates;
}

std::vector<std::string> CommandLine::CompleteIds(const std::vector<std::string>& words) {
  constexpr absl::Duration kMoment = absl::Milliseconds(300);  // longer would be felt
  constexpr int kPages = 1;                                    // the newest
  if (words.empty()) return {};
  const std::vector<std::string> before(words.begin(), std::prev(words.end()));
  const Walk walk = WalkTo(app_, before);
  const CLI::Option* const option =
      walk.pending != nullptr ? walk.pending : PositionalAt(*walk.app, walk.positionals.size());
  if (option == nullptr || option->get_lnames().empty() || absl::StartsWith(words.back(), "-")) return {};
  const Command* const list = ListOf(absl::StrReplaceAll(option->get_lnames().front(), {{"-", "_"}}));
  if (list == nullptr || !FillInWho(TakeWho(before, settings_)).ok()) return {};
  Session session(settings_, "", {});
  const auto actor = session.actor();
  if (!actor.ok()) return {};
  const auto found = IdsThatBegin(session.client(), *actor, *list, words.back(), kPages, kMoment);
  return found.ok() ? found->ids : std::vector<std::string>();
}

std::string CompletionScript(const std::string& shell) {
  for (const EmbeddedFile& script : CompletionScripts()) {
    if (script.name == absl::StrCat("completion.", shell)) return std::string(script.content);
  }
  return "";
}

}  // namespace makegood::ctl
