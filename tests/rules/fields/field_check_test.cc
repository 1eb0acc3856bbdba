#include "common/rules/fields/field_check.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "makegood/base/v1/command.pb.h"
#include "makegood/base/v1/field.pb.h"
#include "makegood/base/v1/money.pb.h"
#include "makegood/base/v1/policy.pb.h"

namespace makegood {

// How a failed expectation shows one.
void PrintTo(const FieldViolation& violation, std::ostream* out) {
  *out << violation.field << ": " << violation.problem;
}

namespace rules {
namespace {

using ::google::protobuf::Message;
using ::google::protobuf::TextFormat;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A contract with one field for each thing that can be asked of one.
constexpr char kContract[] = R"(
  name: "probe.proto" package: "probe" syntax: "proto3"
  dependency: "google/api/field_behavior.proto"
  dependency: "makegood/base/v1/field.proto"
  dependency: "makegood/base/v1/money.proto"
  dependency: "google/protobuf/timestamp.proto"
  enum_type {
    name: "Colour"
    value { name: "COLOUR_UNSPECIFIED" number: 0 }
    value { name: "COLOUR_RED" number: 1 }
  }
  message_type {
    name: "Probe"
    field { name: "text" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "short_text" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL
            options { [makegood.base.v1.field] { max_length: 3 } } }
    field { name: "needed" number: 3 type: TYPE_STRING label: LABEL_OPTIONAL
            options { [google.api.field_behavior]: REQUIRED } }
    field { name: "id" number: 4 type: TYPE_STRING label: LABEL_OPTIONAL
            options { [makegood.base.v1.field] { format: FORMAT_ID } } }
    field { name: "currency" number: 5 type: TYPE_STRING label: LABEL_OPTIONAL
            options { [makegood.base.v1.field] { format: FORMAT_CURRENCY } } }
    field { name: "country" number: 6 type: TYPE_STRING label: LABEL_OPTIONAL
            options { [makegood.base.v1.field] { format: FORMAT_COUNTRY } } }
    field { name: "language" number: 7 type: TYPE_STRING label: LABEL_OPTIONAL
            options { [makegood.base.v1.field] { format: FORMAT_LANGUAGE } } }
    field { name: "email" number: 8 type: TYPE_STRING label: LABEL_OPTIONAL
            options { [makegood.base.v1.field] { format: FORMAT_EMAIL } } }
    field { name: "phone" number: 9 type: TYPE_STRING label: LABEL_OPTIONAL
            options { [makegood.base.v1.field] { format: FORMAT_PHONE } } }
    field { name: "whole" number: 10 type: TYPE_INT32 label: LABEL_OPTIONAL
            options { [makegood.base.v1.field] { min: -2 max: 5 } } }
    field { name: "count" number: 11 type: TYPE_UINT64 label: LABEL_OPTIONAL
            options { [makegood.base.v1.field] { max: 9223372036854775807 } } }
    field { name: "maybe" number: 12 type: TYPE_INT64 label: LABEL_OPTIONAL proto3_optional: true oneof_index: 1
            options { [makegood.base.v1.field] { min: 1 } } }
    field { name: "ratio" number: 13 type: TYPE_DOUBLE label: LABEL_OPTIONAL
            options { [makegood.base.v1.field] { max: 1 } } }
    field { name: "colour" number: 14 type: TYPE_ENUM type_name: ".probe.Colour" label: LABEL_OPTIONAL }
    field { name: "colours" number: 15 type: TYPE_ENUM type_name: ".probe.Colour" label: LABEL_REPEATED }
    field { name: "ids" number: 16 type: TYPE_STRING label: LABEL_REPEATED
            options { [makegood.base.v1.field] { format: FORMAT_ID max_items: 2 } } }
    field { name: "numbers" number: 17 type: TYPE_INT32 label: LABEL_REPEATED
            options { [makegood.base.v1.field] { min: 1 } } }
    field { name: "time" number: 18 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp"
            label: LABEL_OPTIONAL }
    field { name: "prices" number: 19 type: TYPE_MESSAGE type_name: ".makegood.base.v1.Money"
            label: LABEL_REPEATED }
    field { name: "inner" number: 20 type: TYPE_MESSAGE type_name: ".probe.Inner" label: LABEL_OPTIONAL }
    field { name: "labels" number: 21 type: TYPE_MESSAGE type_name: ".probe.Probe.LabelsEntry"
            label: LABEL_REPEATED }
    field { name: "left" number: 22 type: TYPE_MESSAGE type_name: ".probe.Inner" label: LABEL_OPTIONAL
            oneof_index: 0 }
    field { name: "right" number: 23 type: TYPE_BYTES label: LABEL_OPTIONAL oneof_index: 0
            options { [makegood.base.v1.field] { max_length: 4 } } }
    oneof_decl { name: "side" }
    oneof_decl { name: "_maybe" }
    nested_type {
      name: "LabelsEntry" options { map_entry: true }
      field { name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
      field { name: "value" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
    }
  }
  message_type {
    name: "Inner"
    field { name: "deeper" number: 1 type: TYPE_MESSAGE type_name: ".probe.Inner" label: LABEL_OPTIONAL }
    field { name: "word" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL
            options { [makegood.base.v1.field] { max_length: 2 } } }
  }
  message_type {
    name: "Demands"
    field { name: "word" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL
            options { [google.api.field_behavior]: REQUIRED } }
    field { name: "number" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL
            options { [google.api.field_behavior]: REQUIRED } }
    field { name: "amount" number: 3 type: TYPE_INT32 label: LABEL_OPTIONAL
            options { [google.api.field_behavior]: REQUIRED [makegood.base.v1.field] { min: 1 } } }
    field { name: "colour" number: 4 type: TYPE_ENUM type_name: ".probe.Colour" label: LABEL_OPTIONAL
            options { [google.api.field_behavior]: REQUIRED } }
    field { name: "inner" number: 5 type: TYPE_MESSAGE type_name: ".probe.Inner" label: LABEL_OPTIONAL
            options { [google.api.field_behavior]: REQUIRED } }
    field { name: "words" number: 6 type: TYPE_STRING label: LABEL_REPEATED
            options { [google.api.field_behavior]: REQUIRED } }
    field { name: "sure" number: 7 type: TYPE_BOOL label: LABEL_OPTIONAL
            options { [google.api.field_behavior]: REQUIRED } }
    field { name: "left" number: 8 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0
            options { [google.api.field_behavior]: REQUIRED } }
    field { name: "right" number: 9 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0
            options { [google.api.field_behavior]: REQUIRED } }
    oneof_decl { name: "side" }
  }
)";

class FieldCheck : public ::testing::Test {
 protected:
  FieldCheck() : pool_(google::protobuf::DescriptorPool::generated_pool()), factory_(&pool_) {
    // The pool below knows a contract once its code is linked.
    base::v1::Money::descriptor();
    google::protobuf::Timestamp::descriptor();
    factory_.SetDelegateToGeneratedFactory(true);
    google::protobuf::FileDescriptorProto contract;
    EXPECT_TRUE(TextFormat::ParseFromString(kContract, &contract));
    file_ = pool_.BuildFile(contract);
    EXPECT_NE(file_, nullptr);
  }

  std::unique_ptr<Message> New(const std::string& type) {
    return std::unique_ptr<Message>(factory_.GetPrototype(file_->FindMessageTypeByName(type))->New());
  }

  // What is wrong with a Probe that holds `fields`, and all it must have.
  std::vector<FieldViolation> Check(const std::string& fields) {
    const std::unique_ptr<Message> probe = New("Probe");
    EXPECT_TRUE(TextFormat::ParseFromString("needed: 'x' " + fields, probe.get())) << fields;
    return CheckFields(*probe);
  }

  // True if `text` is accepted in the field.
  bool Takes(const std::string& field, const std::string& text) {
    const std::unique_ptr<Message> probe = New("Probe");
    probe->GetReflection()->SetString(probe.get(), probe->GetDescriptor()->FindFieldByName("needed"), "x");
    probe->GetReflection()->SetString(probe.get(), probe->GetDescriptor()->FindFieldByName(field), text);
    return CheckFields(*probe).empty();
  }

  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  const google::protobuf::FileDescriptor* file_ = nullptr;
};

TEST_F(FieldCheck, SYS_07_EveryRequiredFieldThatIsMissingIsNamed) {
  EXPECT_THAT(
      CheckFields(*New("Demands")),
      ElementsAre(FieldViolation{"word", "is empty"}, FieldViolation{"number", "is 0, want another number"},
                  FieldViolation{"amount", "is 0, want 1 or more"},
                  FieldViolation{"colour", "is unspecified"}, FieldViolation{"inner", "is missing"},
                  FieldViolation{"words", "is empty, want at least one"},
                  FieldViolation{"sure", "is not true"},
                  FieldViolation{"side", "is missing, want one of left, right"}));
  const std::unique_ptr<Message> full = New("Demands");
  ASSERT_TRUE(TextFormat::ParseFromString(
      "word: 'x' number: -1 amount: 1 colour: COLOUR_RED inner {} words: 'x' sure: true left: 'x'",
      full.get()));
  EXPECT_THAT(CheckFields(*full), IsEmpty());
  ASSERT_TRUE(TextFormat::ParseFromString(
      "word: 'x' number: 1 amount: 1 colour: COLOUR_RED inner {} words: 'x' words: '' sure: true right: ''",
      full.get()));
  EXPECT_THAT(CheckFields(*full),
              ElementsAre(FieldViolation{"words[1]", "is empty"}, FieldViolation{"right", "is empty"}));
}

TEST_F(FieldCheck, SYS_07_NothingIsAskedOfWhatIsAbsent) {
  EXPECT_THAT(Check(""), IsEmpty());
  EXPECT_THAT(CheckFields(*New("Inner")), IsEmpty());
}

TEST_F(FieldCheck, SYS_07_TextsAreBoundedInCharactersNotBytes) {
  EXPECT_TRUE(Takes("text", std::string(1000, 'x')));
  EXPECT_FALSE(Takes("text", std::string(1001, 'x')));
  EXPECT_TRUE(Takes("short_text", "čšž"));
  EXPECT_TRUE(Takes("short_text", "退款单"));
  EXPECT_THAT(Check("short_text: 'čšžý'"),
              ElementsAre(FieldViolation{"short_text", "has 4 characters, want 3 or fewer"}));
}

TEST_F(FieldCheck, SYS_07_TextsHoldNoControlCharacters) {
  EXPECT_TRUE(Takes("text", "one\ntwo\r\n\tthree"));
  EXPECT_TRUE(Takes("text", "İstanbul’da ₺150 – 退款 😀"));
  for (const std::string& text : {std::string("a\0b", 3), std::string("\x1b[31m"), std::string("a\rb"),
                                  std::string("a\r"), std::string("\x7f"), std::string("\xc2\x85")}) {
    EXPECT_FALSE(Takes("text", text)) << ::testing::PrintToString(text);
  }
}

TEST_F(FieldCheck, SYS_07_Formats) {
  struct Case {
    const char* field;
    std::vector<std::string> good;
    std::vector<std::string> bad;
  };
  const std::string label(63, 'a');
  const Case cases[] = {
      {"id",
       {"c-1001", "ord-0a-0123456789abcdef0123", "a.b_c:d", "4712345678", std::string(128, 'x')},
       {"a b", "a/b", "é", "a\n", "#1", std::string(129, 'x')}},
      {"currency", {"CZK", "EUR", "JPY", "KWD"}, {"czk", "EURO", "ZZZ", "€", "C"}},
      {"country",
       {"CZ", "SI", "TR", "CN", "BR", "AD", "ZW", "XK", "IC"},
       {"cz", "CZE", "XX", "ZZ", "UK", "EU", "SU", "DA", "Z", "41", "1A", "č"}},
      {"language", {"cs", "en", "sl", "tr", "zh"}, {"de", "EN", "en-GB", "c"}},
      {"email",
       {"a@example.com", "a.b+c@sub.example.org", "x_1@a-b.example", "o'n@example.com",
        absl::StrCat("a@", label, ".example"), "jana@dům.example", "a@BÜCHER.example", "zhang@例子。测试",
        "a@xn--bcher-kva.example"},
       {"a",
        "a@",
        "@example.com",
        "a@example",
        "a@@example.com",
        "a b@example.com",
        "A <a@example.com>",
        ".a@example.com",
        "a.@example.com",
        "a..b@example.com",
        "a@-x.com",
        "a@x-.com",
        "a@x..com",
        "a@.com",
        "a@example.com\r\nBcc: b@example.com",
        "a@exa_mple.com",
        "é@example.com",
        "a@dům",
        "a@-dům.example",
        "a@d mů.example",
        "a@dům\n.example",
        "a@\u2603\u0301\u202E.example",
        absl::StrCat(std::string(65, 'a'), "@example.com"),
        absl::StrCat("a@", label, "a.example"),
        absl::StrCat("a@", label, ".", label, ".", label, ".", label)}},
      {"phone",
       {"+420 777 123 456", "0555-123-45-67", "112", "+862112345678", "0 (212) 555 00 11", "(02) 12.34.56",
        "+420\u00A0777\u00A0123\u00A0456", "+386/41/123-456", "＋８６ １３８ ００１３ ８０００",
        "00420 777 123 456", "555 00 11 ext. 5", "123;ext=4", "1-800-FLOWERS", "Tel. 777 123 456"},
       {"12", "+", "420+123", "call me", "+4207771234567890", "+999 777 123 456", "1234\n5", "777\t123456",
        "123456789012345678901", "()-()", "no 1 at all"}},
  };
  for (const Case& c : cases) {
    EXPECT_TRUE(Takes(c.field, "")) << c.field;
    for (const std::string& text : c.good) EXPECT_TRUE(Takes(c.field, text)) << c.field << " " << text;
    for (const std::string& text : c.bad) EXPECT_FALSE(Takes(c.field, text)) << c.field << " " << text;
  }
}

TEST_F(FieldCheck, SYS_07_NumbersKeepTheirBounds) {
  EXPECT_THAT(Check("whole: -2 count: 9223372036854775807 maybe: 1 ratio: 1"), IsEmpty());
  EXPECT_THAT(Check("whole: -3"), ElementsAre(FieldViolation{"whole", "is -3, want -2 or more"}));
  EXPECT_THAT(Check("whole: 6"), ElementsAre(FieldViolation{"whole", "is 6, want 5 or less"}));
  EXPECT_THAT(
      Check("count: 18446744073709551615"),
      ElementsAre(FieldViolation{"count", "is 18446744073709551615, want 9223372036854775807 or less"}));
  // An optional number is only judged where it is present.
  EXPECT_THAT(Check("maybe: 0"), ElementsAre(FieldViolation{"maybe", "is 0, want 1 or more"}));
  EXPECT_THAT(Check("ratio: nan"), ElementsAre(FieldViolation{"ratio", "is no finite number"}));
  EXPECT_THAT(Check("ratio: inf"), ElementsAre(FieldViolation{"ratio", "is no finite number"}));
  EXPECT_THAT(Check("ratio: 1.5"), ElementsAre(FieldViolation{"ratio", "is 1.5, want 1 or less"}));
}

TEST_F(FieldCheck, SYS_07_EnumsHoldKnownValuesOnly) {
  EXPECT_THAT(Check("colour: COLOUR_RED colours: COLOUR_RED"), IsEmpty());
  EXPECT_THAT(Check("colour: 99"), ElementsAre(FieldViolation{"colour", "is 99, which is no known value"}));
  EXPECT_THAT(Check("colours: [1, 0, -7]"),
              ElementsAre(FieldViolation{"colours[1]", "is unspecified"},
                          FieldViolation{"colours[2]", "is -7, which is no known value"}));
}

TEST_F(FieldCheck, SYS_07_ListsAreBoundedAndEachElementIsChecked) {
  EXPECT_THAT(Check("ids: ['a', 'b'] numbers: [1, 2]"), IsEmpty());
  EXPECT_THAT(Check("ids: ['a', '']"), ElementsAre(FieldViolation{"ids[1]", "is empty"}));
  EXPECT_THAT(Check("ids: ['a', 'b', '?']"),
              ElementsAre(FieldViolation{"ids", "has 3 elements, want 2 or fewer"}));
  EXPECT_THAT(Check("numbers: [1, 0]"), ElementsAre(FieldViolation{"numbers[1]", "is 0, want 1 or more"}));
  std::string many;
  for (int i = 0; i < 500; ++i) absl::StrAppend(&many, "numbers: 1 ");
  EXPECT_THAT(Check(many), IsEmpty());
  EXPECT_THAT(Check(many + "numbers: 1"),
              ElementsAre(FieldViolation{"numbers", "has 501 elements, want 500 or fewer"}));
}

TEST_F(FieldCheck, SYS_07_TimesAreOfTheYears1To9999) {
  EXPECT_THAT(Check("time {}"), IsEmpty());
  EXPECT_THAT(Check("time { seconds: -62135596800 }"), IsEmpty());
  EXPECT_THAT(Check("time { seconds: 253402300799 nanos: 999999999 }"), IsEmpty());
  EXPECT_THAT(Check("time { seconds: -62135596801 }"),
              ElementsAre(FieldViolation{"time", "is not within the years 1 to 9999"}));
  EXPECT_THAT(Check("time { seconds: 253402300800 }"),
              ElementsAre(FieldViolation{"time", "is not within the years 1 to 9999"}));
  EXPECT_THAT(Check("time { nanos: -1 }"),
              ElementsAre(FieldViolation{"time", "has -1 nanos, want 0 to 999999999"}));
  EXPECT_THAT(Check("time { nanos: 1000000000 }"),
              ElementsAre(FieldViolation{"time", "has 1000000000 nanos, want 0 to 999999999"}));
}

TEST_F(FieldCheck, SYS_07_MessagesAreFollowedAndThePathIsSpelledOut) {
  EXPECT_THAT(Check("inner { deeper { deeper { word: 'abc' } } }"),
              ElementsAre(FieldViolation{"inner.deeper.deeper.word", "has 3 characters, want 2 or fewer"}));
  EXPECT_THAT(Check("prices { currency: 'CZK' } prices { amount_minor: -1 }"),
              ElementsAre(FieldViolation{"prices[1].amount_minor", "is -1, want 0 or more"},
                          FieldViolation{"prices[1].currency", "is empty"}));
  EXPECT_THAT(Check("labels { key: 'k' value: 'a\\001' }"),
              ElementsAre(FieldViolation{"labels[0].value", "holds a control character"}));
}

TEST_F(FieldCheck, SYS_07_OfAOneofTheChosenMemberIsChecked) {
  EXPECT_THAT(Check("left { word: 'abc' }"),
              ElementsAre(FieldViolation{"left.word", "has 3 characters, want 2 or fewer"}));
  EXPECT_THAT(Check("right: '\\000\\377ab'"), IsEmpty());  // bytes are not text
  EXPECT_THAT(Check("right: '12345'"), ElementsAre(FieldViolation{"right", "has 5 bytes, want 4 or fewer"}));
}

TEST_F(FieldCheck, SYS_07_AHundredViolationsAreEnough) {
  std::string many;
  for (int i = 0; i < 400; ++i) absl::StrAppend(&many, "numbers: 0 prices {} ");
  EXPECT_EQ(Check(many).size(), 100);
}

TEST_F(FieldCheck, SYS_09_ProblemsNeverQuoteText) {
  const std::string secret = "Secret\x01Person";
  for (const char* field :
       {"text", "short_text", "id", "currency", "country", "language", "email", "phone"}) {
    const std::unique_ptr<Message> probe = New("Probe");
    probe->GetReflection()->SetString(probe.get(), probe->GetDescriptor()->FindFieldByName("needed"), "x");
    probe->GetReflection()->SetString(probe.get(), probe->GetDescriptor()->FindFieldByName(field), secret);
    const std::vector<FieldViolation> found = CheckFields(*probe);
    ASSERT_EQ(found.size(), 1) << field;
    EXPECT_EQ(found[0].field, field);
    EXPECT_FALSE(absl::StrContains(found[0].problem, "Secret")) << found[0].problem;
    EXPECT_FALSE(absl::StrContains(found[0].problem, "Person")) << found[0].problem;
  }
}

TEST(FieldCheckOfContracts, SYS_07_CommandsAndMoney) {
  base::v1::Command command;
  EXPECT_THAT(CheckFields(command), ElementsAre(FieldViolation{"request_id", "is empty"}));
  command.set_request_id("r-1");
  command.set_expected_version(0);
  EXPECT_THAT(CheckFields(command), ElementsAre(FieldViolation{"expected_version", "is 0, want 1 or more"}));
  command.set_expected_version(1);
  EXPECT_THAT(CheckFields(command), IsEmpty());

  base::v1::Money money;
  money.set_amount_minor(1'000'000'000'001);
  money.set_currency("CZK");
  EXPECT_THAT(CheckFields(money),
              ElementsAre(FieldViolation{"amount_minor", "is 1000000000001, want 1000000000000 or less"}));
}

// Whatever the wire brings, the check ends, and names only fields that are there.
RC_GTEST_PROP(FieldCheckProperty, SYS_07_AnyMessageThatParsesIsChecked, (const std::string& bytes)) {
  base::v1::Policy policy;
  const google::protobuf::LogSilencer silencer;  // of what it says about invalid UTF-8
  if (!policy.ParsePartialFromString(bytes)) policy.Clear();
  const std::vector<FieldViolation> found = CheckFields(policy);
  RC_ASSERT(found.size() <= size_t{100});
  for (const FieldViolation& violation : found) {
    RC_ASSERT(!violation.problem.empty());
    const std::string first = violation.field.substr(0, violation.field.find_first_of(".["));
    RC_ASSERT(base::v1::Policy::descriptor()->FindFieldByName(first) != nullptr);
  }
}

}  // namespace
}  // namespace rules
}  // namespace makegood
