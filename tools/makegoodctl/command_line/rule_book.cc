#include "tools/makegoodctl/command_line/rule_book.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace makegood::ctl {
namespace {

constexpr absl::string_view kEntry = "### ";
constexpr absl::string_view kItem = "- ";

void AddLine(absl::string_view line, BookedRule& rule) {
  const bool item = absl::ConsumePrefix(&line, kItem);
  const absl::string_view text = absl::StripAsciiWhitespace(line);
  if (text.empty()) return;
  if (item || rule.sayings.empty()) {
    rule.sayings.emplace_back(text);
  } else {
    absl::StrAppend(&rule.sayings.back(), " ", text);
  }
}

}  // namespace

std::string BookedRule::Text() const { return absl::StrJoin(sayings, " "); }

std::string BookedRule::HowFarBuilt() const {
  if (!ItemOf("Not built").empty()) return "not built";
  return ItemOf("Partly built").empty() ? "" : "partly";
}

std::string BookedRule::ItemOf(absl::string_view name) const {
  std::vector<absl::string_view> found;
  for (absl::string_view saying : sayings) {
    if (!absl::ConsumePrefix(&saying, name)) continue;
    if (absl::ConsumePrefix(&saying, ": ") || absl::ConsumePrefix(&saying, ". ")) found.push_back(saying);
  }
  return absl::StrJoin(found, " ");
}

std::string BookedRule::FirstSentence() const {
  const std::string text = sayings.empty() ? "" : sayings.front();
  const size_t end = text.find(". ");
  return end == std::string::npos ? text : text.substr(0, end + 1);
}

std::vector<BookedRule> ParseRules(absl::string_view markdown) {
  std::vector<BookedRule> rules;
  bool inside = false;
  for (absl::string_view line : absl::StrSplit(markdown, '\n')) {
    if (absl::ConsumePrefix(&line, kEntry)) {
      rules.push_back({std::string(absl::StripAsciiWhitespace(line)), {}});
      inside = true;
    } else if (absl::StartsWith(line, "#")) {
      inside = false;  // a chapter begins
    } else if (inside) {
      AddLine(line, rules.back());
    }
  }
  return rules;
}

const std::vector<BookedRule>& RuleBook() {
  static const auto* const book = [] {
    auto* const all = new std::vector<BookedRule>;
    for (const EmbeddedFile& file : RuleBookFiles()) {
      for (BookedRule& rule : ParseRules(file.content)) all->push_back(std::move(rule));
    }
    std::sort(all->begin(), all->end(),
              [](const BookedRule& a, const BookedRule& b) { return a.rule_id < b.rule_id; });
    return all;
  }();
  return *book;
}

std::vector<std::string> RuleIds() {
  std::vector<std::string> ids;
  for (const BookedRule& rule : RuleBook()) ids.push_back(rule.rule_id);
  return ids;
}

std::vector<BookedRule> RulesOfChapter(absl::string_view chapter) {
  std::vector<BookedRule> rules;
  for (const BookedRule& rule : RuleBook()) {
    if (absl::StartsWith(rule.rule_id, absl::StrCat(chapter, "-"))) rules.push_back(rule);
  }
  return rules;
}

std::string RuleIdTyped(absl::string_view typed) {
  return absl::StrReplaceAll(absl::AsciiStrToUpper(absl::StripAsciiWhitespace(typed)), {{"_", "-"}});
}

const BookedRule* RuleOfId(absl::string_view rule_id) {
  for (const BookedRule& rule : RuleBook()) {
    if (rule.rule_id == rule_id) return &rule;
  }
  return nullptr;
}

}  // namespace makegood::ctl
