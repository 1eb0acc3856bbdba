// The command line against the contracts: every method has its command, every option its words, every
// example is what it says.
#include "tools/makegoodctl/command_line/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/command_line/request_form.h"
#include "tools/makegoodctl/command_line/values.h"

namespace makegood::ctl {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

// The words of a line as a shell takes them; double quotes only, as the examples have them.
std::vector<std::string> Words(const std::string& line) {
  std::vector<std::string> words;
  bool quoted = false;
  bool between = true;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      between = true;
    } else {
      if (between) words.emplace_back();
      between = false;
      words.back() += c;
    }
  }
  return words;
}

// Every app of the tree that is a command of its own.
void ForEachCommand(CLI::App& app, const std::function<void(CLI::App&)>& visit) {
  const std::vector<CLI::App*> subcommands = app.get_subcommands(nullptr);
  if (subcommands.empty()) visit(app);
  for (CLI::App* sub : subcommands) ForEachCommand(*sub, visit);
}

bool ForServicesAlone(const std::string& method) {
  const size_t dot = method.rfind('.');
  const auto& access =
      MethodNamed(method.substr(0, dot), method.substr(dot + 1)).options().GetExtension(base::v1::access);
  return access.roles_size() == 1 && access.roles(0) == base::v1::ROLE_SERVICE;
}

// Not those that the services alone may call.
TEST(CommandLineTest, EveryMethodThatPeopleMayCallHasACommand) {
  std::set<std::string> reached;
  for (const Command& command : Commands())
    reached.insert(absl::StrCat(command.service, ".", command.method));
  const std::vector<std::string> methods = AllMethods();
  EXPECT_GT(methods.size(), 60U);
  for (const std::string& method : methods) {
    EXPECT_TRUE(reached.contains(method) || ForServicesAlone(method)) << method;
  }
}

TEST(CommandLineTest, EveryNounSaysWhatItIsAbout) {
  for (const Command& command : Commands()) {
    const std::vector<std::string> words = absl::StrSplit(command.path, ' ');
    if (words.size() == 1) continue;
    const bool known = std::any_of(Nouns().begin(), Nouns().end(),
                                   [&words](const Noun& noun) { return noun.path == words.front(); });
    EXPECT_TRUE(known) << command.path;
  }
}

TEST(CommandLineTest, EveryHelpHasAnExampleAndExplainsEachOption) {
  CommandLine line;
  int commands = 0;
  ForEachCommand(line.app(), [&commands](CLI::App& app) {
    ++commands;
    EXPECT_THAT(app.help(), HasSubstr("Example:\n  makegoodctl ")) << app.get_name();
    for (const CLI::Option* option : app.get_options()) {
      EXPECT_FALSE(option->get_description().empty()) << app.get_name() << " " << option->get_name();
    }
  });
  EXPECT_EQ(commands, static_cast<int>(Commands().size()) + 3);  // and completion, help, version
}

// The help of "claims approve" and the like.
std::string HelpOf(const std::string& noun, const std::string& verb) {
  CommandLine line;
  std::string help;
  ForEachCommand(line.app(), [&](CLI::App& app) {
    if (app.get_name() == verb && app.get_parent()->get_name() == noun) help = app.help();
  });
  return help;
}

TEST(CommandLineTest, HelpSaysWhatOutputScriptsGet) {
  EXPECT_THAT(HelpOf("claims", "approve"), HasSubstr("--output json prints a makegood.claims.v1.Claim."));
  EXPECT_THAT(HelpOf("claims", "list"), HasSubstr("--output json prints a makegood.claims.v1.Claim a line."));
  EXPECT_THAT(HelpOf("chat", "watch"), HasSubstr("makegood.notifications.v1.ChatMessage a line."));
  EXPECT_THAT(HelpOf("orders", "import"), HasSubstr("makegood.connectors.v1.ImportReport."));
  CommandLine line;
  ForEachCommand(line.app(), [](CLI::App& app) {
    const bool prints =
        app.get_name() != "completion" && app.get_name() != "help" && app.get_name() != "version";
    EXPECT_EQ(absl::StrContains(app.help(), "--output"), prints) << app.get_name();
  });
}

TEST(CommandLineTest, HelpSaysWhatTheContractSays) {
  const std::string help = HelpOf("claims", "approve");
  EXPECT_THAT(help, HasSubstr("Decide for the customer\nVERIFYING → APPROVED; before the window opens"));
  EXPECT_THAT(help, HasSubstr("--dry-run"));
  EXPECT_THAT(help, HasSubstr("Decide and answer in full, but change nothing (SYS-03)"));
}

TEST(CommandLineTest, HelpSpeaksOfCommandsNotOfMethods) {
  EXPECT_EQ(InCommands("waits for ReleaseRefundGrant; see GrantRefunds."),
            "waits for refunds release; see GrantRefunds.");
  CommandLine line;
  ForEachCommand(line.app(), [](CLI::App& app) {
    for (const Command& command : Commands()) {
      if (command.method.empty()) continue;
      EXPECT_FALSE(absl::StrContains(app.help(), absl::StrCat(" ", command.method, " ")))
          << app.get_name() << ": " << command.method;
    }
  });
}

TEST(CommandLineTest, EveryExampleParses) {
  for (const Command& command : Commands()) {
    EXPECT_FALSE(command.examples.empty()) << command.path;
    for (const std::string& example : command.examples) {
      EXPECT_TRUE(absl::StartsWith(example, command.path)) << example;
      CommandLine line;
      const absl::Status parsed = line.Parse(Words(example));
      EXPECT_TRUE(parsed.ok()) << example << ": " << parsed;
    }
  }
}

// The words of an example without the command's own and without who calls.
std::vector<std::string> WordsOfTheForm(const Command& command, const std::string& example) {
  const std::vector<std::string> all = Words(example);
  const size_t path = std::vector<std::string>(absl::StrSplit(command.path, ' ')).size();
  std::vector<std::string> words;
  for (size_t i = path; i < all.size(); ++i) {
    if (all[i] == "--role" || all[i] == "--actor" || all[i] == "--store" || all[i] == "--output") {
      ++i;
    } else {
      words.push_back(all[i]);
    }
  }
  return words;
}

TEST(CommandLineTest, SYS_07_EveryExampleIsARequestThatTheContractAllows) {
  for (const Command& command : Commands()) {
    if (command.make != nullptr) continue;
    for (const std::string& example : command.examples) {
      if (absl::StrContains(example, "--from")) continue;
      CLI::App app;
      const RequestForm form(*MethodNamed(command.service, command.method).input_type(), command.positionals,
                             {}, app);
      std::vector<std::string> words = WordsOfTheForm(command, example);
      std::reverse(words.begin(), words.end());
      app.parse(words);
      const auto request = form.Fill();
      ASSERT_TRUE(request.ok()) << example << ": " << request.status();
      const absl::Status checked = RequestForm::Check(**request);
      EXPECT_TRUE(checked.ok()) << example << ": " << checked;
    }
  }
}

// PAY-08: an amount is typed as it is shown, with its currency.
TEST(CommandLineTest, PAY_08_NothingIsTypedInMinorUnits) {
  for (const Command& command : Commands()) {
    if (command.service.empty()) continue;
    for (const FieldOption& option : OptionsOf(*MethodNamed(command.service, command.method).input_type())) {
      EXPECT_FALSE(absl::EndsWith(option.name, "-minor")) << command.path << " " << option.name;
      EXPECT_THAT(WantedValue(*option.path.back()), Not(HasSubstr("_minor")))
          << command.path << " " << option.name;
    }
  }
}

TEST(CommandLineTest, NoTwoOptionsOfACommandHaveOneName) {
  CommandLine line;
  std::set<std::string> global;
  for (const CLI::Option* option : line.app().get_options()) {
    for (const std::string& name : option->get_lnames()) global.insert(name);
  }
  ForEachCommand(line.app(), [&global](CLI::App& app) {
    std::set<std::string> own;
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        EXPECT_TRUE(own.insert(name).second) << app.get_name() << " has --" << name << " twice";
        // policies show has a policy's version to ask for.
        const bool may = name == "help" || name == "version";
        EXPECT_TRUE(may || global.count(name) == 0) << app.get_name() << " hides --" << name;
      }
    }
  });
}

TEST(CommandLineTest, WrongWordsAreToldAndAWordOfAnotherCommandIsAValueLikeAny) {
  EXPECT_FALSE(CommandLine().Parse({"claims", "aprove", "clm-1"}).ok());
  EXPECT_FALSE(CommandLine().Parse({"claims", "approve", "clm-1", "--forse"}).ok());
  EXPECT_FALSE(CommandLine().Parse({"orders", "list", "--output", "xml"}).ok());
  EXPECT_TRUE(CommandLine().Parse({"chat", "post", "claims", "orders"}).ok());
  EXPECT_TRUE(CommandLine().Parse({"orders", "list", "--output", "json", "--output", "text"}).ok());
  EXPECT_TRUE(CommandLine().Parse({"events", "watch", "claims", "orders", "--once"}).ok());
  EXPECT_TRUE(CommandLine().Parse({"orders", "list", "-o", "json"}).ok());
  EXPECT_TRUE(CommandLine().Parse({"orders", "deliver", "M-1", "-3h"}).ok()) << "a time, not an option";
}

TEST(CompletionTest, FollowsTheTreeOfCommands) {
  const CommandLine line;
  EXPECT_THAT(line.Complete({""}), IsSupersetOf({"orders", "claims", "events", "completion"}));
  EXPECT_THAT(line.Complete({"claims", "app"}), ElementsAre("approve", "appeal"));
  EXPECT_THAT(line.Complete({"claims", "evidence", ""}), ElementsAre("upload", "download", "submit"));
  EXPECT_THAT(line.Complete({"claims", "approve", "--dr"}), ElementsAre("--dry-run"));
  EXPECT_THAT(line.Complete({"claims", "approve", "--ser"}), ElementsAre("--server"));
  EXPECT_THAT(line.Complete({"--server", "claims", "cla"}), ElementsAre("claims"));
  EXPECT_THAT(line.Complete({"claims", "approve", "--he"}), ElementsAre("--help"));
}

TEST(CompletionTest, KnowsTheWordsOfClosedLists) {
  const CommandLine line;
  EXPECT_THAT(line.Complete({"claims", "open", "M-1", ""}), ElementsAre("missing", "wrong", "damaged"));
  EXPECT_THAT(line.Complete({"claims", "list", "--state", "ver"}), ElementsAre("verifying"));
  EXPECT_THAT(line.Complete({"claims", "list", "--state", "lapsed,ver"}), ElementsAre("lapsed,verifying"));
  EXPECT_THAT(line.Complete({"claims", "list", "--output", "=", "js"}), ElementsAre("json"));
  EXPECT_THAT(line.Complete({"claims", "list", "--output=js"}), ElementsAre("--output=json"));
  EXPECT_THAT(line.Complete({"claims", "list", "--nothing=js"}), IsEmpty());
  EXPECT_THAT(line.Complete({"claims", "list", "--order-id", ""}), IsEmpty());
  EXPECT_THAT(line.Complete({"events", "watch", "orders", "pay"}), ElementsAre("payments"));
  EXPECT_THAT(line.Complete({"completion", ""}), ElementsAre("bash", "zsh", "fish"));
  EXPECT_THAT(line.Complete({"events", "stuck", "pay"}), ElementsAre("payments"));
  EXPECT_THAT(line.Complete({"orders", "import", "--connector", "o"}), ElementsAre("olist"));
}

TEST(ExitCodeTest, SaysWhoHasToDoSomething) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), kDone);
  EXPECT_EQ(ExitCodeOf(InvalidFields({{"kind", "is missing"}})), kWrongUsage);
  EXPECT_EQ(ExitCodeOf(Refusal("CLM-13", "claim is LAPSED")), kRefused);
  EXPECT_EQ(ExitCodeOf(Denied("ROL-07", "no")), kRefused);
  EXPECT_EQ(ExitCodeOf(absl::AbortedError("it has moved on")), kRefused);
  EXPECT_EQ(ExitCodeOf(NotFound("claim", "clm-1")), kFailed);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("down")), kUnreachable);
  EXPECT_EQ(ExitCodeOf(absl::DeadlineExceededError("late")), kUnreachable);
}

}  // namespace
}  // namespace makegood::ctl
