// The rule book: what common/rules and its domains say of their rules in README.md, as part of the program.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/embedded_file.h"

namespace makegood::ctl {

// The README.md of common/rules and of each of its domains.
const std::vector<EmbeddedFile>& RuleBookFiles();

struct BookedRule {
  std::string rule_id;               // "CLM-04"
  std::vector<std::string> sayings;  // what it says; then "From: …", "Refused by: …", a line each

  std::string Text() const;
  std::string FirstSentence() const;
  // What its list says under that name ("From", "Not built"), each time it does, or nothing.
  std::string ItemOf(absl::string_view name) const;
  // "not built", "partly", or nothing where all of it is built.
  std::string HowFarBuilt() const;
};

// The entries of one README.md: "### CLM-04", what the rule says, and a list. Lines that are broken are
// joined.
std::vector<BookedRule> ParseRules(absl::string_view markdown);

// All there are, by ID.
const std::vector<BookedRule>& RuleBook();
std::vector<std::string> RuleIds();

// Those of a chapter, "CLM", by ID; none where there is no such chapter.
std::vector<BookedRule> RulesOfChapter(absl::string_view chapter);

// "CLM-04" for "clm_04" as it is typed.
std::string RuleIdTyped(absl::string_view typed);

// The rule of that ID, or nullptr.
const BookedRule* RuleOfId(absl::string_view rule_id);

}  // namespace makegood::ctl
