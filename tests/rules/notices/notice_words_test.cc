// The texts of every language: complete, agreeing with each other, and true to the language's own way
// of writing amounts, dates and numbers (NTF-01).
#include "common/rules/notices/notice_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "common/rules/notices/notice_table.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/texts/event_arguments.h"
#include "common/rules/texts/message_pattern.h"
#include "common/rules/texts/texts.h"
#include "common/rules/times.h"
#include "tests/rules/notices/notice_samples.h"
#include "tests/support/rules_support.h"
#include "tests/support/status_matchers.h"

namespace makegood {
namespace {

using base::v1::NoticeText;
using notifications::v1::Notice;
using rules::NoticeRule;
using rules::NoticeWords;
using rules::PlaceholdersOf;
using rules::Texts;
using ::testing::AllOf;
using ::testing::AnyOf;
using testing::At;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FillAll;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::SampleFor;
using testing::ShippedPolicies;
using testing::StatusIs;

const rules::Policy& PolicyOf(const std::string& marketplace) {
  return **ShippedPolicies().Current(marketplace);
}

class NoticeWordsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<Texts> shipped = Texts::Shipped();
    ASSERT_THAT(shipped, IsOk());
    texts_ = *std::move(shipped);
  }

  // What `rule` says in `language` about its sample event.
  NoticeWords Say(const NoticeRule& rule, const std::string& language,
                  const std::string& marketplace = "default") {
    return Say(rule, SampleFor(rule), language, marketplace);
  }
  NoticeWords Say(const NoticeRule& rule, const events::v1::Event& event, const std::string& language,
                  const std::string& marketplace = "default") {
    Notice notice;
    notice.set_order_id("o-77");
    notice.set_case_id(event.case_id().empty() ? "clm-5" : event.case_id());
    notice.set_template_name(std::string(rule.template_name));
    notice.set_language(language);
    for (auto& [name, argument] : rules::ArgumentsOf(event)) (*notice.mutable_arguments())[name] = argument;
    (*notice.mutable_arguments())["evidence_days"].set_count(5);
    (*notice.mutable_arguments())["collect_hours"].set_count(24);
    const absl::StatusOr<NoticeWords> words = rules::Render(texts_, notice, PolicyOf(marketplace));
    EXPECT_THAT(words, IsOk()) << rule.template_name << " in " << language;
    return words.value_or(NoticeWords());
  }
  NoticeWords Say(absl::string_view template_name, const events::v1::Event& event,
                  const std::string& language, const std::string& marketplace = "default") {
    for (const NoticeRule& rule : rules::NoticeRules()) {
      if (rule.template_name == template_name) return Say(rule, event, language, marketplace);
    }
    ADD_FAILURE() << "no such template: " << template_name;
    return {};
  }

  Texts texts_;
};

TEST_F(NoticeWordsTest, NTF_01_EveryTemplateIsThereInEveryLanguageAndNoOther) {
  EXPECT_THAT(texts_.Languages(), ElementsAre("cs", "en", "sl", "tr", "zh"));
  std::set<std::string> templates;
  for (const NoticeRule& rule : rules::NoticeRules()) {
    EXPECT_TRUE(templates.insert(std::string(rule.template_name)).second) << rule.template_name << " twice";
  }
  for (const std::string& language : texts_.Languages()) {
    const std::vector<std::string> there = texts_.NoticesIn(language);
    EXPECT_EQ(std::set<std::string>(there.begin(), there.end()), templates) << language;
  }
}

TEST_F(NoticeWordsTest, NTF_01_WhatGoesByEmailHasASubjectAndTheRestHasNone) {
  for (const std::string& language : texts_.Languages()) {
    for (const NoticeRule& rule : rules::NoticeRules()) {
      const NoticeText* const text = texts_.FindNotice(language, rule.template_name);
      ASSERT_NE(text, nullptr) << language << " " << rule.template_name;
      EXPECT_EQ(text->subject().empty(), rule.by == rules::By::kChat)
          << language << " " << rule.template_name;
      EXPECT_FALSE(text->text().empty()) << language << " " << rule.template_name;
    }
  }
}

TEST_F(NoticeWordsTest, NTF_01_LanguagesAskForTheSameArguments) {
  for (const NoticeRule& rule : rules::NoticeRules()) {
    const NoticeText& english = *texts_.FindNotice("en", rule.template_name);
    for (const std::string& language : texts_.Languages()) {
      const NoticeText& text = *texts_.FindNotice(language, rule.template_name);
      EXPECT_EQ(*PlaceholdersOf(text.text()), *PlaceholdersOf(english.text()))
          << language << " " << rule.template_name;
      EXPECT_EQ(*PlaceholdersOf(text.subject()), *PlaceholdersOf(english.subject()))
          << language << " " << rule.template_name;
    }
  }
}

TEST_F(NoticeWordsTest, NTF_01_EveryTextIsFilledFromTheEventThatCausesIt) {
  for (const NoticeRule& rule : rules::NoticeRules()) {
    std::set<std::string> said;
    for (const std::string& language : texts_.Languages()) {
      const NoticeWords words = Say(rule, language);
      EXPECT_THAT(words.text, Not(HasSubstr("{"))) << language;
      EXPECT_THAT(words.letter, HasSubstr(words.text));
      EXPECT_THAT(words.text, HasSubstr(rule.template_name == "reship_requested" ? "clm-5" : "o-77"));
      EXPECT_TRUE(said.insert(words.text).second) << language << " repeats another language";
    }
  }
}

TEST_F(NoticeWordsTest, SYS_13_ARefusedCallIsToldWithItsRuleAndTheCommandOfItsKindOfCase) {
  events::v1::Event event;
  event.mutable_call_refused()->set_call(base::v1::CALL_KIND_GRANT_REFUND);
  event.mutable_call_refused()->set_reason("more than is left");
  for (const std::string& language : texts_.Languages()) {
    event.mutable_call_refused()->set_rule_id("RFD-02");
    event.set_case_id("clm-03-5");
    EXPECT_THAT(Say("call_refused", event, language).text,
                AllOf(HasSubstr("RFD-02"), HasSubstr("makegoodctl claims retry-calls clm-03-5"),
                      Not(HasSubstr("withdrawals"))))
        << language;
    event.set_case_id("wdr-03-5");
    EXPECT_THAT(Say("call_refused", event, language).text,
                AllOf(HasSubstr("makegoodctl withdrawals retry-calls wdr-03-5"), Not(HasSubstr("claims"))))
        << language;
    event.mutable_call_refused()->clear_rule_id();
    EXPECT_THAT(Say("call_refused", event, language).text,
                AllOf(HasSubstr("more than is left"), Not(HasSubstr("none")), Not(HasSubstr("RFD"))))
        << language;
  }
}

TEST_F(NoticeWordsTest, NTF_01_AmountsAreWrittenTheReadersWay) {
  events::v1::Event event;
  event.mutable_refund_settled()->mutable_amount()->set_amount_minor(123456);
  event.mutable_refund_settled()->mutable_amount()->set_currency("CZK");
  EXPECT_THAT(Say("refund_settled", event, "cs").text, HasSubstr("1\u00a0234,56\u00a0Kč"));
  EXPECT_THAT(Say("refund_settled", event, "en").text, HasSubstr("CZK\u00a01,234.56"));
  event.mutable_refund_settled()->mutable_amount()->set_currency("CNY");
  EXPECT_THAT(Say("refund_settled", event, "zh").text, HasSubstr("¥1,234.56"));
  event.mutable_refund_settled()->mutable_amount()->set_currency("JPY");
  EXPECT_THAT(Say("refund_settled", event, "en").text, HasSubstr("¥123,456 "));
  event.mutable_refund_settled()->mutable_amount()->set_currency("KWD");
  EXPECT_THAT(Say("refund_settled", event, "en").text, HasSubstr("KWD\u00a0123.456"));
}

// Worked example 6: the window of a claim of 25 September, told in China's time.
TEST_F(NoticeWordsTest, CLM_03_TheWindowIsToldInThePolicysTimeZoneAndEndsWithItsLastDay) {
  events::v1::Event event;
  events::v1::ClaimSubmitted& submitted = *event.mutable_claim_submitted();
  *submitted.mutable_window_open_time() = rules::ToTimestamp(At("2026-10-15T00:00+08:00"));
  *submitted.mutable_window_due_time() = rules::ToTimestamp(At("2026-11-13T00:00+08:00"));
  EXPECT_THAT(Say("claim_submitted", event, "zh", "tmall").text, HasSubstr("2026年10月15日至2026年11月12日"));
  EXPECT_THAT(Say("claim_submitted", event, "en", "tmall").text,
              HasSubstr("between October 15, 2026 and November 12, 2026"));
}

TEST_F(NoticeWordsTest, NTF_01_AMomentNamesItsTimeZone) {
  events::v1::Event event;
  *event.mutable_order_delivered()->mutable_delivered_time() =
      rules::ToTimestamp(At("2026-09-04T10:30+02:00"));
  EXPECT_THAT(Say("order_delivered", event, "cs", "mall").text, HasSubstr("4. září 2026"));
  EXPECT_THAT(Say("order_delivered", event, "cs", "mall").text, HasSubstr("10:30 SELČ"));
}

TEST_F(NoticeWordsTest, NTF_01_CountsTakeTheLanguagesOwnPlurals) {
  const auto missing = [](int lines) {
    events::v1::Event event;
    event.mutable_claim_opened()->set_kind(base::v1::CLAIM_KIND_MISSING);
    event.mutable_claim_opened()->set_line_count(lines);
    return event;
  };
  const auto say = [&](int lines, const std::string& language) {
    return Say("claim_opened_evidence", missing(lines), language).text;
  };
  EXPECT_THAT(say(1, "cs"), HasSubstr("jedna položka vaší objednávky o-77 chybí."));
  EXPECT_THAT(say(3, "cs"), HasSubstr("3 položky vaší objednávky o-77 chybějí."));
  EXPECT_THAT(say(5, "cs"), HasSubstr("5 položek vaší objednávky o-77 chybí."));
  EXPECT_THAT(say(1, "sl"), HasSubstr("1 postavka iz vašega naročila o-77 manjka."));
  EXPECT_THAT(say(2, "sl"), HasSubstr("2 postavki iz vašega naročila o-77 manjkata."));
  EXPECT_THAT(say(4, "sl"), HasSubstr("4 postavke iz vašega naročila o-77 manjkajo."));
  EXPECT_THAT(say(5, "sl"), HasSubstr("5 postavk iz vašega naročila o-77 manjka."));
  EXPECT_THAT(say(1, "en"), HasSubstr("an item of your order o-77 is missing."));
  EXPECT_THAT(say(2, "en"), HasSubstr("2 items of your order o-77 are missing."));
  EXPECT_THAT(say(2, "tr"), HasSubstr("2 kalem ürün eksik"));
  EXPECT_THAT(say(2, "zh"), HasSubstr("2 项商品缺少"));
}

TEST_F(NoticeWordsTest, NTF_01_WhatTheEventLeavesOpenIsLeftOut) {
  events::v1::Event event;
  event.mutable_order_shipped();
  EXPECT_THAT(Say("order_shipped", event, "en").text, HasSubstr("handed to the carrier. If anything"));
  event.mutable_order_shipped()->set_carrier("PPL");
  event.mutable_order_shipped()->set_tracking_number("T 42");
  EXPECT_THAT(Say("order_shipped", event, "en").text,
              HasSubstr("handed to PPL. You can follow the parcel under the number T 42. If"));
}

// Whatever an order was cancelled for is told in words of its own, with who decided it.
TEST_F(NoticeWordsTest, AVL_04_AVL_06_AVL_08_ACancelledOrderIsToldWhatWasWrongWithIt) {
  for (const std::string& language : texts_.Languages()) {
    std::set<std::string> subjects;
    std::set<std::string> texts;
    for (const base::v1::IncidentKind trouble :
         {base::v1::INCIDENT_KIND_UNSPECIFIED, base::v1::INCIDENT_KIND_SHORT_PICK,
          base::v1::INCIDENT_KIND_OVERSIZE, base::v1::INCIDENT_KIND_OVERDUE,
          base::v1::INCIDENT_KIND_SUPPLIER_SILENT}) {
      for (const base::v1::Initiator initiator :
           {base::v1::INITIATOR_CUSTOMER, base::v1::INITIATOR_MERCHANT}) {
        events::v1::Event event;
        event.mutable_order_cancelled()->set_reason(base::v1::CANCEL_REASON_UNAVAILABLE);
        event.mutable_order_cancelled()->set_trouble(trouble);
        event.mutable_order_cancelled()->set_initiator(initiator);
        const NoticeWords words = Say("order_cancelled_unavailable", event, language);
        subjects.insert(words.subject);
        EXPECT_TRUE(texts.insert(words.text).second) << words.text;
      }
    }
    EXPECT_EQ(subjects.size(), 5U) << language;
  }
}

TEST_F(NoticeWordsTest, ORD_06_AReturnedOrderIsToldEachCause) {
  for (const std::string& language : texts_.Languages()) {
    std::set<std::string> texts;
    for (int cause = 0; cause < base::v1::ReturnCause_ARRAYSIZE; ++cause) {
      events::v1::Event event;
      event.mutable_order_returned()->set_cause(static_cast<base::v1::ReturnCause>(cause));
      const std::string text = Say("order_returned", event, language).text;
      EXPECT_TRUE(texts.insert(text).second) << text;
      EXPECT_THAT(text, Not(AnyOf(HasSubstr("  "), HasSubstr(". ."))));
    }
  }
}

// What only a time has found is not said to be out of stock (AVL-07), what is fetched not to be sent
// (AVL-03), what was too large not to have been found (AVL-06), what is not paid for not to be on its way
// back (DLV-03), and who is not asked not to be asked (ORD-07).
TEST_F(NoticeWordsTest, AVL_03_AVL_06_AVL_07_DLV_03_ORD_07_WhatDiffersIsToldApart) {
  events::v1::Event late;
  FillAll(*late.mutable_incident_opened());
  late.mutable_incident_opened()->set_kind(base::v1::INCIDENT_KIND_NO_STOCK);
  events::v1::Event unanswered;
  unanswered.mutable_incident_overdue()->set_kind(base::v1::INCIDENT_KIND_NO_STOCK);
  events::v1::Event chosen;
  FillAll(*chosen.mutable_incident_option_chosen());
  chosen.mutable_incident_option_chosen()->set_option(base::v1::INCIDENT_OPTION_ALTERNATIVE_PRODUCT);
  events::v1::Event found;
  found.mutable_incident_closed()->set_outcome(base::v1::INCIDENT_OUTCOME_RECTIFIED);
  events::v1::Event back;
  back.mutable_courier_called_back()->set_cause(base::v1::INCIDENT_KIND_NOBODY_THERE);
  for (const std::string& language : texts_.Languages()) {
    const auto apart = [&](absl::string_view template_name, events::v1::Event event, auto change) {
      const std::string before = Say(template_name, event, language).text;
      change(event);
      EXPECT_NE(Say(template_name, event, language).text, before) << language << " " << template_name;
    };
    using E = events::v1::Event&;
    for (const base::v1::IncidentKind kind :
         {base::v1::INCIDENT_KIND_RECIPIENT_ELSEWHERE, base::v1::INCIDENT_KIND_NOBODY_THERE,
          base::v1::INCIDENT_KIND_REFUSED, base::v1::INCIDENT_KIND_WRONG_ADDRESS}) {
      events::v1::Event returning = late;
      returning.mutable_incident_opened()->set_kind(kind);
      apart("incident_opened", returning, [](E event) { event.mutable_incident_opened()->set_again(false); });
    }
    apart("incident_opened_operations", late,
          [](E event) { event.mutable_incident_opened()->set_source(base::v1::INCIDENT_SOURCE_TIMER); });
    apart("incident_overdue_operations", unanswered,
          [](E event) { event.mutable_incident_overdue()->set_source(base::v1::INCIDENT_SOURCE_TIMER); });
    apart("incident_chosen_merchant", chosen,
          [](E event) { event.mutable_incident_option_chosen()->set_alternative_in_store(false); });
    apart("incident_rectified", found,
          [](E event) { event.mutable_incident_closed()->set_kind(base::v1::INCIDENT_KIND_OVERSIZE); });
    apart("delivery_called_back", back,
          [](E event) { event.mutable_courier_called_back()->set_asked(true); });
  }
}

// A notice that was kept before its event told as much is sent all the same.
TEST_F(NoticeWordsTest, NTF_05_ANoticeOfBeforeIsFilledAsFarAsItsEventWent) {
  Notice notice;
  notice.set_order_id("o-77");
  notice.set_template_name("order_cancelled_unavailable");
  notice.set_language("en");
  const absl::StatusOr<NoticeWords> words = rules::Render(texts_, notice, PolicyOf("default"));
  ASSERT_THAT(words, IsOk());
  EXPECT_THAT(words->text, HasSubstr("none of the goods of your order o-77 are available any more"));
  EXPECT_THAT(words->subject, HasSubstr("the goods are not available"));
}

TEST_F(NoticeWordsTest, SYS_07_AnArgumentIsNeverReadAsAPattern) {
  events::v1::Event event;
  event.mutable_order_shipped()->set_carrier("{order_id} '{' # \r\nBcc: x");
  const NoticeWords words = Say("order_shipped", event, "en");
  EXPECT_THAT(words.text, HasSubstr("{order_id} '{' # \r\nBcc: x"));
  EXPECT_THAT(words.subject, Not(HasSubstr("\n")));
}

TEST_F(NoticeWordsTest, SYS_07_ATextThatCannotBeReadIsRefusedWithItsPlace) {
  Texts texts;
  absl::Status status = texts.AddLanguage("language: \"xx\"\nnotices { subjekt: \"x\" }");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(status.message()), HasSubstr("line 2"));
  status = texts.AddLanguage("language: \"xx\" notices { template_name: \"a\" text: \"{open\" }");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(status.message()), HasSubstr("a.text"));
  EXPECT_THAT(texts.AddLanguage("notices {}"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(
      texts.AddLanguage("language: \"xx\" notices { template_name: \"a\" } notices { template_name: \"a\" }"),
      StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(texts.AddLanguage("language: \"xx\" timeline { name: \"a\" } timeline { name: \"a\" }"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  status = texts.AddLanguage("language: \"xx\" timeline { name: \"a\" text: \"{open\" }");
  EXPECT_THAT(std::string(status.message()), HasSubstr("timeline a"));
  EXPECT_TRUE(texts.Languages().empty());
}

TEST_F(NoticeWordsTest, NTF_01_ATextThatWantsMoreThanTheNoticeHoldsIsAnError) {
  Notice notice;
  notice.set_template_name("refund_settled");
  notice.set_language("en");
  EXPECT_THAT(rules::Render(texts_, notice, PolicyOf("default")), StatusIs(absl::StatusCode::kInternal));
  notice.set_template_name("unheard_of");
  EXPECT_THAT(rules::Render(texts_, notice, PolicyOf("default")), StatusIs(absl::StatusCode::kInternal));
}

}  // namespace
}  // namespace makegood
