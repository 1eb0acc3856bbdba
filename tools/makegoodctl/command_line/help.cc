#include "tools/makegoodctl/command_line/help.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/terminal/terminal.h"

namespace makegood::ctl {

const char kProgramFooter[] =
    "Times:\n"
    "  2026-10-15T10:00:00+08:00, 2026-10-15 (its beginning), now, or from now\n"
    "  +2d, -3h, -1d12h (w, d, h, m, s). Without a zone in your own, which TZ names,\n"
    "  or with --utc in UTC. Where the server has a test clock, now is what it shows.\n"
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

namespace {

constexpr size_t kHelpWidth = 100;  // where help does not go to a narrower terminal
constexpr size_t kHelpIndent = 8;
constexpr size_t kNameWidth = 30;  // of nouns and verbs, before what they are about

size_t HelpWidth() {
  const size_t width = LookAtTerminal().width;
  return width == 0 ? kHelpWidth : std::min(width, kHelpWidth);
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

}  // namespace

std::string FooterOf(const std::vector<std::string>& examples, const std::string& prints) {
  std::string text = "Example:";
  for (const std::string& example : examples) absl::StrAppend(&text, "\n  makegoodctl ", example);
  absl::StrAppend(&text, "\n");
  if (!prints.empty()) absl::StrAppend(&text, "\n", absl::StrJoin(Wrap(prints, HelpWidth()), "\n"));
  return absl::StrCat(text, "\nWho calls, where to and how it is shown: makegoodctl --help");
}

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

std::string PathOf(const CLI::App& app) {
  if (app.get_parent() == nullptr) return "";
  const std::string above = PathOf(*app.get_parent());
  return absl::StrCat(above, above.empty() ? "" : " ", app.get_name());
}

std::string SummaryOfNoun(const std::string& path) {
  for (const Noun& noun : Nouns()) {
    if (noun.path == path) return noun.summary;
  }
  return "";
}

std::shared_ptr<CLI::Formatter> MakeHelpFormatter() { return std::make_shared<HelpFormatter>(); }

}  // namespace makegood::ctl
