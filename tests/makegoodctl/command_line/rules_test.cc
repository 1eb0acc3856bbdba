// The rule book in the terminal: what a rule says, which there are, and that refusals lead to it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "makegood/base/v1/access.pb.h"
#include "re2/re2.h"
#include "tools/makegoodctl/command_line/command_line.h"
#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/command_line/rule_book.h"

namespace makegood::ctl {
namespace {

using ::testing::AllOf;
using ::testing::ContainerEq;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

struct RuleAnswer {
  int code = 0;
  std::string output;
  std::string error;
};

RuleAnswer AskRules(const std::vector<std::string>& words) {
  std::cout.clear();  // another test wrote to a full disk
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const int code = CommandLine().Run(words);
  return {code, ::testing::internal::GetCapturedStdout(), ::testing::internal::GetCapturedStderr()};
}

// What a person is told of a status.
std::string ToldOf(const absl::Status& status, const std::string& output = "table") {
  Settings settings;
  settings.output = output;
  ::testing::internal::CaptureStderr();
  Session(settings, "claims approve", {"claims", "approve"}).Fail(status);
  return ::testing::internal::GetCapturedStderr();
}

const std::set<std::string>& MethodNames() {
  static const auto* const names = [] {
    auto* const all = new std::set<std::string>;
    for (const std::string& method : AllMethods()) all->insert(method.substr(method.rfind('.') + 1));
    return all;
  }();
  return *names;
}

// The words that are names of methods, or written like those of several words.
std::set<std::string> MethodsIn(absl::string_view text) {
  static const RE2 kMethod("\\b([A-Z][a-z]+((?:[A-Z][a-z]+)*))\\b");
  std::set<std::string> methods;
  re2::StringPiece rest(text.data(), text.size());
  std::string word;
  std::string further;
  while (RE2::FindAndConsume(&rest, kMethod, &word, &further)) {
    if (!further.empty() || MethodNames().contains(word)) methods.insert(word);
  }
  return methods;
}

TEST(RuleBookTest, AnEntryIsWhatTheRuleSaysAndAListOfWhatElse) {
  const std::vector<BookedRule> rules = ParseRules(
      "# A domain\n\nWords before it.\n\n## A chapter\n\n### CLM-98\nIt says one thing. And\nanother.\n"
      "- From: `a.b`,\n  `a.c`.\n- Decided: so.\n- Decided: and so.\n\n## Another\n\nNot of a rule.\n\n### "
      "CLM-99\nOne.\n");
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].rule_id, "CLM-98");
  EXPECT_THAT(rules[0].sayings, ElementsAre("It says one thing. And another.", "From: `a.b`, `a.c`.",
                                            "Decided: so.", "Decided: and so."));
  EXPECT_EQ(rules[0].ItemOf("Decided"), "so. and so.");
  EXPECT_EQ(rules[0].FirstSentence(), "It says one thing.");
  EXPECT_EQ(rules[1].Text(), "One.");
}

TEST(RuleBookTest, EveryRuleHasAnIdAndASentence) {
  std::string before;
  for (const BookedRule& rule : RuleBook()) {
    EXPECT_THAT(rule.rule_id, MatchesRegex("[A-Z][A-Z][A-Z]-[0-9][0-9]"));
    EXPECT_LT(before, rule.rule_id) << "sorted, and each once";
    before = rule.rule_id;
    EXPECT_THAT(rule.FirstSentence(), EndsWith(".")) << rule.rule_id;
    EXPECT_THAT(rule.Text(), AllOf(Not(HasSubstr("##")), Not(HasSubstr("  ")))) << rule.rule_id;
  }
  EXPECT_GT(RuleBook().size(), 100U);
}

TEST(RuleBookTest, WhatAnEntryListsHasOneOfTheNamesOfItems) {
  for (const BookedRule& rule : RuleBook()) {
    for (size_t i = 1; i < rule.sayings.size(); ++i) {
      EXPECT_THAT(rule.sayings[i],
                  MatchesRegex("(From|Refused by|Happens by|Decided|Partly built|Not built)[:.] .*"))
          << rule.rule_id;
    }
  }
}

TEST(RuleBookTest, EveryMethodThatARuleRefusesIsThere) {
  std::set<std::string> there = MethodNames();
  there.insert("FastCentrik");  // no method, and written like one
  for (const BookedRule& rule : RuleBook()) {
    EXPECT_THAT(MethodsIn(rule.ItemOf("Refused by")), ::testing::IsSubsetOf(there)) << rule.rule_id;
  }
}

// But for reads, which ROL-11 tells of at once.
TEST(RuleBookTest, EveryRoleRefusesWhatTheContractsSayIsUnderIt) {
  std::map<std::string, std::set<std::string>> stated;
  for (const std::string& full_name : AllMethods()) {
    const size_t dot = full_name.rfind('.');
    const auto& method = MethodNamed(full_name.substr(0, dot), full_name.substr(dot + 1));
    stated[method.options().GetExtension(base::v1::access).rule_id()].insert(method.name());
  }
  for (const BookedRule& rule : RulesOfChapter("ROL")) {
    if (rule.rule_id == "ROL-11") continue;
    EXPECT_THAT(MethodsIn(rule.ItemOf("Refused by")), ContainerEq(stated[rule.rule_id])) << rule.rule_id;
  }
}

TEST(RulesCommandTest, CLM_04_IsTold) {
  const RuleAnswer told = AskRules({"rules", "CLM-04"});
  EXPECT_EQ(told.code, kDone);
  EXPECT_THAT(told.output, StartsWith("CLM-04\n  "));
  EXPECT_THAT(told.output, AllOf(HasSubstr("claims.resolve_within_working_days"), HasSubstr("\n  From: "),
                                 HasSubstr("claims choose"), Not(HasSubstr("ChooseResolution"))));
  EXPECT_EQ(told.error, "");
}

TEST(RulesCommandTest, SmallLettersAndUnderscoresWillDo) {
  for (const char* typed : {"clm-04", "CLM_04", "clm_04"}) {
    EXPECT_THAT(AskRules({"rules", typed}).output, StartsWith("CLM-04\n")) << typed;
  }
}

TEST(RulesCommandTest, ScriptsGetOneObjectOrOneLine) {
  const BookedRule* const rule = RuleOfId("CLM-04");
  ASSERT_NE(rule, nullptr);
  const RuleAnswer json = AskRules({"rules", "CLM-04", "--output", "json"});
  EXPECT_THAT(json.output, AllOf(StartsWith(R"({"rule_id":"CLM-04","text":")"), EndsWith("\"}\n"),
                                 HasSubstr(R"(","from":"`claims.resolve_within_working_days`)"),
                                 HasSubstr("ChooseResolution"), Not(HasSubstr("From: "))));
  EXPECT_THAT(AskRules({"rules", "NTF-02", "-o", "json"}).output, HasSubstr(R"(","not_built":"Missing: )"));
  EXPECT_EQ(AskRules({"rules", "CLM-04", "-o", "text"}).output, absl::StrCat("CLM-04\t", rule->Text(), "\n"));
}

TEST(RulesCommandTest, WithoutARuleAllAreListedWithTheirFirstSentence) {
  const RuleAnswer table = AskRules({"rules"});
  EXPECT_EQ(table.code, kDone);
  EXPECT_THAT(table.output, AllOf(StartsWith("rule"), HasSubstr("\nCLM-04  "), HasSubstr("\nSYS-13  ")));
  const std::vector<std::string> lines = absl::StrSplit(AskRules({"rules", "-o", "text"}).output, '\n');
  EXPECT_EQ(lines.size(), RuleBook().size() + 1);
  EXPECT_THAT(lines, Contains(absl::StrCat("CLM-04\t", RuleOfId("CLM-04")->FirstSentence())));
  EXPECT_THAT(AskRules({"rules", "-o", "json"}).output, HasSubstr("\n{\"rule_id\":\"CLM-04\",\"text\":\""));
}

TEST(RulesCommandTest, AChapterIsListedByItsName) {
  const std::vector<std::string> lines =
      absl::StrSplit(AskRules({"rules", "cal", "-o", "text"}).output, '\n');
  EXPECT_THAT(lines, ElementsAre(StartsWith("CAL-01\t"), StartsWith("CAL-02\t"), StartsWith("CAL-03\t"), ""));
  EXPECT_THAT(AskRules({"rules", "CLM"}).output, AllOf(HasSubstr("\nCLM-04  "), Not(HasSubstr("\nCAL-01"))));
  EXPECT_EQ(AskRules({"rules", "CL"}).code, kWrongUsage);
}

TEST(RulesCommandTest, ARuleThatThereIsNotIsWrongUsageAndTheNearestAreTold) {
  const RuleAnswer misspelt = AskRules({"rules", "cml-04"});
  EXPECT_EQ(misspelt.code, kWrongUsage);
  EXPECT_THAT(misspelt.error, AllOf(HasSubstr("there is no rule CML-04, is it CLM-04"),
                                    HasSubstr("makegoodctl rules --help")));
  EXPECT_THAT(AskRules({"rules", "CLM-99"}).error, HasSubstr("CLM-09"));
  const RuleAnswer far = AskRules({"rules", "what-is-this"});
  EXPECT_EQ(far.code, kWrongUsage);
  EXPECT_THAT(far.error, AllOf(HasSubstr("there is no rule"), Not(HasSubstr("is it"))));
  EXPECT_EQ(AskRules({"rules", "CLM-04", "CLM-05"}).code, kWrongUsage);
}

TEST(RulesCommandTest, IdsAreCompleted) {
  const CommandLine line;
  EXPECT_THAT(line.Complete({"rul"}), ElementsAre("rules"));
  EXPECT_THAT(line.Complete({"rules", "FMJ"}), ElementsAre("FMJ-01"));
  EXPECT_THAT(line.Complete({"rules", "FMJ-01", ""}), IsEmpty());
}

TEST(RulesCommandTest, ARefusalLeadsToItsRuleOnce) {
  const std::string hint = "  What the rule says: makegoodctl rules CLM-13\n";
  const std::string refused = ToldOf(Refusal("CLM-13", "claim is lapsed"));
  EXPECT_THAT(refused, AllOf(StartsWith("makegoodctl: refused: CLM-13: claim is lapsed\n"), EndsWith(hint)));
  EXPECT_EQ(refused.find(hint), refused.rfind(hint));
  EXPECT_THAT(ToldOf(Denied("ROL-07", "not for the role customer")), HasSubstr("makegoodctl rules ROL-07\n"));
  EXPECT_THAT(ToldOf(Refusal("CLM-13", "claim is lapsed"), "json"),
              HasSubstr(R"("What the rule says: makegoodctl rules CLM-13")"));
}

TEST(RulesCommandTest, WhatNoRuleRefusesAndARuleNotKnownHereLeadNowhere) {
  const std::string hint = "makegoodctl rules";
  EXPECT_THAT(ToldOf(absl::FailedPreconditionError("no")), Not(HasSubstr(hint)));
  EXPECT_THAT(ToldOf(Refusal("CLM-77", "of a later server")), Not(HasSubstr(hint)));
  EXPECT_THAT(ToldOf(NotHereYet("order o-1")), Not(HasSubstr(hint))) << "it is to be tried again";
}

}  // namespace
}  // namespace makegood::ctl
