// What customers are told of an order in every language: complete, agreeing with each other, and telling the
// same cases apart (ORD-10, NTF-01).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rules/orders/timeline_words.h"
#include "common/rules/texts/texts.h"
#include "tests/support/status_matchers.h"

namespace makegood::rules {
namespace {

using events::v1::Event;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

const Texts& Shipped() { return *ShippedTexts(); }

std::string Say(const Event& event, const std::string& language) {
  const absl::StatusOr<std::string> words = CustomerWords(event, {language, "Europe/Prague"});
  EXPECT_THAT(words, IsOk()) << language;
  return words.value_or("");
}

base::v1::Money Money(int64_t minor, const std::string& currency) {
  base::v1::Money money;
  money.set_amount_minor(minor);
  money.set_currency(currency);
  return money;
}

Message& PayloadOf(Event& event) {
  const Reflection& reflection = *event.GetReflection();
  const auto* const payload = Event::descriptor()->FindOneofByName("payload");
  return *reflection.MutableMessage(&event, reflection.GetOneofFieldDescriptor(event, payload));
}

// The event with each of `values` in a field of its payload, by `set` of its reflection.
template <typename Values, typename Set>
std::vector<Event> WithEach(const Values& values, const FieldDescriptor& field, const Event& event, Set set) {
  std::vector<Event> all;
  for (const auto& value : values) {
    all.push_back(event);
    Message& payload = PayloadOf(all.back());
    (payload.GetReflection()->*set)(&payload, &field, value);
  }
  return all;
}

// With every value that a text may tell apart in a field it asks for, or that may decide whether it is told.
std::vector<Event> WithEveryValueOf(const FieldDescriptor& field, const std::set<std::string>& asked,
                                    const Event& event) {
  if (field.is_repeated()) return {event};
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    return WithEach(std::vector<int>{0, 1}, field, event, &Reflection::SetBool);
  }
  if (field.message_type() == base::v1::Money::descriptor()) {
    std::vector<Event> all = {event, event};
    int64_t minor = 0;  // nothing, and what is known by its figures
    for (Event& one : all) {
      Message& payload = PayloadOf(one);
      payload.GetReflection()->MutableMessage(&payload, &field)->CopyFrom(Money(minor, "EUR"));
      minor = 10'000 - 100 * field.number();
    }
    return all;
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    std::vector<int> values;
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      values.push_back(field.enum_type()->value(i)->number());
    }
    return WithEach(values, field, event, &Reflection::SetEnumValue);
  }
  if (asked.count(field.name()) == 0) return {event};
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return WithEach(std::vector<std::string>{"", "T-42"}, field, event, &Reflection::SetString);
    case FieldDescriptor::CPPTYPE_INT32:
      return WithEach(std::vector<int>{0, 1, 2}, field, event, &Reflection::SetInt32);
    default:
      ADD_FAILURE() << field.full_name() << " is of a type that no case is made of";
      return {event};
  }
}

// `event` with every value of each field of its payload that `counts`.
template <typename Counts>
std::vector<Event> WithEveryValue(const Event& event, const std::set<std::string>& asked, Counts counts) {
  const google::protobuf::Descriptor& payload =
      *Event::descriptor()->FindFieldByNumber(event.payload_case())->message_type();
  std::vector<Event> cases = {event};
  for (int i = 0; i < payload.field_count(); ++i) {
    if (!counts(*payload.field(i))) continue;
    std::vector<Event> more;
    for (const Event& one : cases) {
      for (Event& with : WithEveryValueOf(*payload.field(i), asked, one)) {
        more.push_back(std::move(with));
      }
    }
    cases = std::move(more);
  }
  return cases;
}

// Every event of a kind that is told, with every value that its texts may tell apart. What no text asks for
// (an amount may stand in another: RFD-10) can only decide whether it is told: of all its values, which come
// to hundreds of thousands, one of each answer does.
std::vector<Event> EveryCaseOf(const TimelineRule& rule) {
  const FieldDescriptor& kind = *Event::descriptor()->FindFieldByNumber(rule.kind);
  const std::set<std::string> asked = *PlaceholdersOf(*Shipped().FindTimeline("en", rule.text));
  const auto worded = [&](const FieldDescriptor& field) {
    return asked.count(field.name()) > 0 || field.message_type() == base::v1::Money::descriptor();
  };
  Event event;
  event.GetReflection()->MutableMessage(&event, &kind);
  std::vector<Event> worded_cases = WithEveryValue(event, asked, worded);
  if (rule.when == nullptr) return worded_cases;
  std::vector<Event> cases;
  for (const Event& one : worded_cases) {
    const std::vector<Event> alike = WithEveryValue(one, asked, std::not_fn(worded));
    const auto told = std::find_if(alike.begin(), alike.end(), rule.when);
    const auto untold = std::find_if_not(alike.begin(), alike.end(), rule.when);
    if (told != alike.end()) cases.push_back(*told);
    if (untold != alike.end()) cases.push_back(*untold);
  }
  return cases;
}

TEST(TimelineTexts, NTF_01_EveryTextIsThereInEveryLanguageAndNoOther) {
  EXPECT_THAT(Shipped().Languages(), ElementsAre("cs", "en", "sl", "tr", "zh"));
  std::set<std::string> names;
  std::set<int> kinds;
  for (const TimelineRule& rule : TimelineRules()) {
    EXPECT_TRUE(names.insert(std::string(rule.text)).second) << rule.text << " twice";
    EXPECT_TRUE(kinds.insert(rule.kind).second) << rule.text << " is of a kind that has a row";
  }
  for (const std::string& language : Shipped().Languages()) {
    const std::vector<std::string> there = Shipped().TimelineIn(language);
    EXPECT_EQ(std::set<std::string>(there.begin(), there.end()), names) << language;
  }
}

TEST(TimelineTexts, NTF_01_LanguagesAskForTheSameArguments) {
  for (const TimelineRule& rule : TimelineRules()) {
    for (const std::string& language : Shipped().Languages()) {
      const std::string* const text = Shipped().FindTimeline(language, rule.text);
      const std::string* const english = Shipped().FindTimeline("en", rule.text);
      ASSERT_TRUE(text != nullptr && english != nullptr) << language << " " << rule.text;
      EXPECT_EQ(*PlaceholdersOf(*text), *PlaceholdersOf(*english)) << language << " " << rule.text;
    }
  }
}

// A case that one language has words of its own for has them in each.
TEST(TimelineTexts, NTF_01_LanguagesTellTheSameCasesApart) {
  for (const TimelineRule& rule : TimelineRules()) {
    const std::vector<Event> cases = EveryCaseOf(rule);
    for (const std::string& language : Shipped().Languages()) {
      std::map<std::string, std::string> theirs;
      std::map<std::string, std::string> english;
      for (const Event& event : cases) {
        const std::string said = Say(event, language);
        const std::string in_english = Say(event, "en");
        ASSERT_EQ(theirs.emplace(in_english, said).first->second, said) << language << " " << in_english;
        ASSERT_EQ(english.emplace(said, in_english).first->second, in_english) << language << " " << said;
      }
    }
  }
}

TEST(TimelineTexts, ORD_10_EveryCaseIsAFullSentenceInItsOwnLanguage) {
  for (const TimelineRule& rule : TimelineRules()) {
    int told = 0;
    for (const Event& event : EveryCaseOf(rule)) {
      if (Say(event, "en").empty()) continue;
      ++told;
      std::set<std::string> said;
      for (const std::string& language : Shipped().Languages()) {
        const std::string words = Say(event, language);
        ASSERT_THAT(
            words, Not(::testing::AnyOf(HasSubstr("{"), HasSubstr("none"), HasSubstr("  "), HasSubstr("…"))));
        ASSERT_TRUE(words.ends_with('.') || words.ends_with("。")) << words;
        ASSERT_TRUE(said.insert(words).second) << language << " repeats another language: " << words;
      }
    }
    EXPECT_GT(told, 0) << rule.text << " is never told";
  }
}

TEST(TimelineTexts, NTF_01_AmountsAreWrittenTheReadersWay) {
  Event event;
  *event.mutable_refund_settled()->mutable_amount() = Money(123456, "CZK");
  EXPECT_EQ(Say(event, "cs"), "Odeslali jsme vám zpět 1\u00a0234,56\u00a0Kč.");
  EXPECT_EQ(Say(event, "en"), "Your refund of CZK\u00a01,234.56 was paid.");
  *event.mutable_refund_settled()->mutable_amount() = Money(123456, "CNY");
  EXPECT_EQ(Say(event, "zh"), "我们已向您退款 ¥1,234.56。");
}

TEST(TimelineTexts, ORD_10_ALanguageThereIsNotIsEnglishAndAnAmountThereIsNotAnEllipsis) {
  Event event;
  event.mutable_order_delivered();
  EXPECT_EQ(Say(event, "xx"), "Your order was delivered.");
  EXPECT_EQ(Say(event, ""), "Your order was delivered.");
  event.mutable_refund_settled();
  EXPECT_EQ(Say(event, "cs"), "Odeslali jsme vám zpět ….");
}

TEST(TimelineTexts, SYS_07_WhatSomebodyWroteIsNeverReadAsAPattern) {
  Event event;
  event.mutable_order_shipped()->set_tracking_number("{total} '{' #");
  EXPECT_EQ(Say(event, "en"), "Your parcel is with the carrier, tracking number {total} '{' #.");
}

}  // namespace
}  // namespace makegood::rules
