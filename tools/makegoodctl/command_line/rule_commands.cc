#include "tools/makegoodctl/command_line/rule_commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/base/status.h"
#include "tools/makegoodctl/command_line/json_object.h"
#include "tools/makegoodctl/command_line/rule_book.h"
#include "tools/makegoodctl/command_line/session.h"
#include "tools/makegoodctl/terminal/nearest.h"
#include "tools/makegoodctl/terminal/table.h"

namespace makegood::ctl {
namespace {

constexpr size_t kWidth = 100;  // where no narrower terminal reads
constexpr size_t kIndent = 2;
constexpr size_t kMostMeant = 3;

// For people each saying begins a line of its own, in the words of the commands that it speaks of.
void PrintEntry(const Session& session, const BookedRule& rule) {
  const Terminal& terminal = session.terminal();
  const size_t width = terminal.width == 0 ? kWidth : std::min(terminal.width, kWidth);
  std::puts(Paint(rule.rule_id, Colour::kTitle, terminal.colour_out).c_str());
  const std::string indent(kIndent, ' ');
  for (const std::string& saying : rule.sayings) {
    for (const std::string& line : Wrap(InCommands(saying), width - kIndent)) {
      std::puts(absl::StrCat(indent, line).c_str());
    }
  }
}

void PrintRule(const Session& session, const std::string& rule_id, const std::string& text) {
  if (session.output() == Output::kJson) {
    std::puts(JsonObject().AddText("rule_id", rule_id).AddText("text", text).Json().c_str());
  } else {
    std::puts(absl::StrCat(rule_id, "\t", text).c_str());
  }
}

// Each item of the entry under its own name.
void PrintAsJson(const BookedRule& rule) {
  JsonObject object;
  object.AddText("rule_id", rule.rule_id).AddText("text", rule.sayings.empty() ? "" : rule.sayings.front());
  for (const char* name : {"From", "Refused by", "Happens by", "Decided", "Partly built", "Not built"}) {
    const std::string item = rule.ItemOf(name);
    if (item.empty()) continue;
    object.AddText(absl::StrReplaceAll(absl::AsciiStrToLower(name), {{" ", "_"}}), item);
  }
  std::puts(object.Json().c_str());
}

int ListRules(const Session& session, const std::vector<BookedRule>& rules) {
  Table table(std::vector<std::string>{"rule", "missing", "what it says"});
  table.WrapLast();
  for (const BookedRule& rule : rules) {
    if (session.output() == Output::kTable) {
      table.Add({rule.rule_id, rule.HowFarBuilt(), rule.FirstSentence()});
    } else {
      const std::string how_far = rule.HowFarBuilt();
      PrintRule(session, rule.rule_id,
                absl::StrCat(rule.FirstSentence(), how_far.empty() ? "" : " (", how_far,
                             how_far.empty() ? "" : ")"));
    }
  }
  if (session.output() == Output::kTable) table.Print();
  return kDone;
}

absl::Status NoSuchRule(const std::string& rule_id) {
  const std::vector<std::string> meant = NearestFew(rule_id, RuleIds(), kMostMeant);
  return InvalidFields(
      {{"rule", absl::StrCat("there is no rule ", rule_id,
                             meant.empty() ? "; without a rule all are listed"
                                           : absl::StrCat(", is it ", absl::StrJoin(meant, ", "), "?"))}});
}

Action MakeRules(const Command&, CLI::App& app) {
  auto typed = std::make_shared<std::string>();
  app.add_option("rule", *typed, "Its ID, or a chapter's (CLM); without one, all are listed")
      ->type_name("RULE");
  return [typed](Session& session) {
    if (typed->empty()) return ListRules(session, RuleBook());
    const std::string rule_id = RuleIdTyped(*typed);
    const std::vector<BookedRule> chapter = RulesOfChapter(rule_id);
    if (!chapter.empty()) return ListRules(session, chapter);
    const BookedRule* const rule = RuleOfId(rule_id);
    if (rule == nullptr) return session.Fail(NoSuchRule(rule_id));
    if (session.output() == Output::kTable) {
      PrintEntry(session, *rule);
    } else if (session.output() == Output::kJson) {
      PrintAsJson(*rule);
    } else {
      PrintRule(session, rule->rule_id, rule->Text());
    }
    return static_cast<int>(kDone);
  };
}

}  // namespace

void AddRules(std::vector<Command>& all) {
  all.push_back({"rules",
                 "",
                 "",
                 "Tell what a rule says, or list all or a chapter's",
                 {},
                 "",
                 {"rules CLM-04", "rules clm_04 --output json", "rules CLM", "rules"},
                 "--output json prints an object a rule: rule_id, text; of one rule also from, refused_by, "
                 "happens_by, decided, partly_built and not_built, of several their first sentence.",
                 MakeRules});
}

}  // namespace makegood::ctl
