// Requests from options, values from text and back, violations by option.
#include "tools/makegoodctl/command_line/request_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "makegood/claims/v1/claims_service.pb.h"
#include "makegood/events/v1/event_service.pb.h"
#include "makegood/orders/v1/orders_service.pb.h"
#include "makegood/payments/v1/payments_service.pb.h"
#include "tests/support/files.h"
#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/command_line/values.h"

namespace makegood::ctl {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// A file of the folder that holds `text`.
std::string Write(const testing::ScratchFolder& folder, const std::string& name, const std::string& text) {
  const std::string path = folder.Path(name);
  testing::WriteFile(path, text);
  return path;
}

// A form, filled in by words.
template <typename Request>
class Filled {
 public:
  explicit Filled(std::vector<std::string> words, const std::vector<std::string>& positionals = {})
      : form_(*Request::descriptor(), positionals, {}, app_) {
    std::reverse(words.begin(), words.end());
    app_.parse(words);
    auto filled = form_.Fill();
    status_ = filled.status();
    if (filled.ok()) request_ = static_cast<const Request&>(**filled);
  }
  const Request* operator->() const { return &request_; }
  const absl::Status& status() const { return status_; }
  const RequestForm& form() const { return form_; }
  const Request& request() const { return request_; }

 private:
  CLI::App app_;
  RequestForm form_;
  absl::Status status_;
  Request request_;
};

using OpenClaim = Filled<claims::v1::OpenClaimRequest>;
using CreateOrder = Filled<orders::v1::CreateOrderRequest>;
using CancelOrder = Filled<orders::v1::CancelOrderRequest>;
using RecordPayment = Filled<payments::v1::RecordPaymentRequest>;

TEST(RequestFormTest, AListIsNarrowedByItsFiltersAlone) {
  using ListClaims = Filled<claims::v1::ListClaimsRequest>;
  const ListClaims list(
      {"--state", "verifying", "--overdue-only", "--most-urgent-first", "--page-size", "5"});
  EXPECT_THAT(list.form().narrowed_by(), UnorderedElementsAre("--state", "--overdue-only"));
  const ListClaims of_order({"M-1"}, {"order_id"});
  EXPECT_THAT(of_order.form().narrowed_by(), IsEmpty());
}

TEST(RequestFormTest, FieldsAreOptionsAndListsAreRepeated) {
  const OpenClaim claim({"M-1", "--kind", "wrong", "--unit", "line_id=1,quantity=2", "--unit",
                         R"({"line_id":"2","quantity":1})"},
                        {"order_id"});
  ASSERT_TRUE(claim.status().ok()) << claim.status();
  EXPECT_EQ(claim->order_id(), "M-1");
  EXPECT_EQ(claim->kind(), base::v1::CLAIM_KIND_WRONG);
  ASSERT_EQ(claim->units_size(), 2);
  EXPECT_EQ(claim->units(0).quantity(), 2);
  EXPECT_EQ(claim->units(1).line_id(), "2");
}

TEST(RequestFormTest, RequiredMessagesLoseTheirNameOptionalOnesKeepIt) {
  const CreateOrder order({"--order-id", "M-1", "--recipient-city", "Brno", "--customer-address-line",
                           "Dock 1", "--customer-address-line", "Door 2"});
  ASSERT_TRUE(order.status().ok()) << order.status();
  EXPECT_EQ(order->order().order_id(), "M-1");
  EXPECT_EQ(order->order().recipient().city(), "Brno");
  EXPECT_EQ(order->order().customer().address_lines_size(), 2);
}

TEST(RequestFormTest, SYS_02_EveryCommandHasARequestIdOfItsOwn) {
  const OpenClaim one({});
  const OpenClaim other({});
  EXPECT_NE(one->command().request_id(), other->command().request_id());
  EXPECT_EQ(OpenClaim({"--request-id", "mine"})->command().request_id(), "mine");
}

TEST(RequestFormTest, SYS_03_SYS_04_DryRunAndVersionAreTheCommandsHeader) {
  const OpenClaim plain({});
  EXPECT_FALSE(plain->command().validate_only());
  EXPECT_FALSE(plain->command().has_expected_version());
  const OpenClaim careful({"--dry-run", "--expected-version", "7"});
  EXPECT_TRUE(careful->command().validate_only());
  EXPECT_EQ(careful->command().expected_version(), 7);
}

TEST(RequestFormTest, JsonStandsUnderTheOptions) {
  const testing::ScratchFolder folder;
  const std::string path = Write(folder, "claim.json", R"({"order_id":"M-1","kind":"CLAIM_KIND_WRONG",
      "units":[{"line_id":"1","quantity":2}]})");
  const OpenClaim claim({"--from", path, "--kind", "missing"});
  ASSERT_TRUE(claim.status().ok()) << claim.status();
  EXPECT_EQ(claim->order_id(), "M-1");
  EXPECT_EQ(claim->kind(), base::v1::CLAIM_KIND_MISSING);
  EXPECT_EQ(claim->units_size(), 1);
  EXPECT_FALSE(claim->command().request_id().empty());

  const OpenClaim broken({"--from", Write(folder, "broken.json", "{\"order\":1}")});
  EXPECT_TRUE(absl::IsInvalidArgument(broken.status()));
  EXPECT_EQ(OpenClaim({"--from", folder.Path("none")}).status().code(), absl::StatusCode::kNotFound);
}

TEST(RequestFormTest, SYS_07_WrongValuesAreToldAllAtOnceByTheirOptions) {
  const OpenClaim claim({"--kind", "lost", "--unit", "line=1"});
  const std::vector<FieldViolation> violations = FieldViolationsOf(claim.status());
  ASSERT_EQ(violations.size(), 2U);
  EXPECT_EQ(violations[0].field, "--kind");
  EXPECT_THAT(violations[0].problem, HasSubstr("one of missing, wrong, damaged"));
  EXPECT_EQ(violations[1].field, "--unit");
  EXPECT_THAT(violations[1].problem, HasSubstr("one of line_id, quantity"));
}

TEST(RequestFormTest, SYS_07_AKeyIsGivenOnceAndAnEventSourceIsOneThereIs) {
  const OpenClaim claim({"--unit", "line_id=1,quantity=1,line_id=2"});
  ASSERT_EQ(FieldViolationsOf(claim.status()).size(), 1U);
  EXPECT_EQ(FieldViolationsOf(claim.status())[0].problem, "line_id is given twice");
  const Filled<events::v1::ListStuckRequest> stuck({"bogus"}, {"source"});
  ASSERT_EQ(FieldViolationsOf(stuck.status()).size(), 1U);
  EXPECT_THAT(FieldViolationsOf(stuck.status())[0].problem,
              HasSubstr("one of orders, claims, payments, notifications"));
}

TEST(RequestFormTest, SYS_07_WhatTheContractWantsIsToldByOption) {
  const CancelOrder order({"--reason", "unpaid"});
  const std::vector<FieldViolation> violations = FieldViolationsOf(RequestForm::Check(order.request()));
  ASSERT_EQ(violations.size(), 2U);
  EXPECT_EQ(order.form().Spell(violations[0]).field, "--order-id");
  EXPECT_EQ(order.form().Spell(violations[1]).field, "--initiator");
  EXPECT_EQ(order.form().Spell(violations[1]).problem,
            "is missing, want one of customer, merchant, marketplace");
}

TEST(RequestFormTest, SYS_07_NoRequestGoesWithoutWhatItsContractRequires) {
  int required = 0;
  for (const std::string& method : AllMethods()) {
    const auto* const found = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(method);
    ASSERT_NE(found, nullptr) << method;
    const google::protobuf::Descriptor& type = *found->input_type();
    const std::unique_ptr<google::protobuf::Message> empty(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
    std::vector<std::string> missed;
    for (const FieldViolation& violation : FieldViolationsOf(RequestForm::Check(*empty))) {
      missed.push_back(violation.field);
    }
    for (int i = 0; i < type.field_count(); ++i) {
      const google::protobuf::FieldDescriptor& field = *type.field(i);
      if (!absl::StrContains(field.DebugString(), "google.api.field_behavior) = REQUIRED")) continue;
      const google::protobuf::OneofDescriptor* const choice = field.real_containing_oneof();
      EXPECT_THAT(missed, Contains(choice == nullptr ? field.name() : choice->name())) << type.full_name();
      ++required;
    }
  }
  EXPECT_GT(required, 100);
}

TEST(RequestFormTest, ViolationsNameOptionElementAndField) {
  const CreateOrder order({});
  EXPECT_EQ(order.form().Spell({"order.lines[2].sku", "is empty"}).field, "--line no. 3, sku");
  EXPECT_EQ(order.form().Spell({"order.customer.email", "is wrong"}).field, "--customer-email");
  EXPECT_EQ(order.form().Spell({"order.lines", "is empty"}).field, "--line");
  EXPECT_EQ(order.form().Spell({"command.request_id", "is too long"}).field, "--request-id");
  EXPECT_EQ(order.form().Spell({"command.validate_only", "is odd"}).field, "--dry-run");
  const RecordPayment payment({});
  EXPECT_EQ(payment.form().Spell({"amount.currency", "is empty"}).field, "--amount, currency");
}

TEST(ValuesTest, PAY_08_MoneyIsReadInTheCurrencysOwnDecimals) {
  EXPECT_EQ(RecordPayment({"--amount", "12.50 CZK"})->amount().amount_minor(), 1250);
  EXPECT_EQ(RecordPayment({"--amount", "12 jpy"})->amount().amount_minor(), 12);
  EXPECT_EQ(RecordPayment({"--amount", "1.250 KWD"})->amount().amount_minor(), 1250);
  for (const char* right : {"CZK 12.50", "12.50CZK", "czk12.5"}) {
    EXPECT_EQ(RecordPayment({"--amount", right})->amount().amount_minor(), 1250) << right;
  }
  for (const char* wrong :
       {"12.5 JPY", "12", "12 QQQ", "1,5 EUR", "-1 EUR", "EUR", "EUR 12 EUR", "1 2 EUR", "1.2.3 EUR"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(RecordPayment({absl::StrCat("--amount=", wrong)}).status())) << wrong;
  }
}

TEST(ValuesTest, TimesAreReadAsTheyAreWritten) {
  const absl::Time time = absl::FromCivil(absl::CivilSecond(2026, 10, 15, 2, 0, 0), absl::UTCTimeZone());
  for (const char* text : {"2026-10-15T02:00:00Z", "2026-10-15T10:00:00+08:00", "2026-10-15T10:00+08:00",
                           "2026-10-15 10:00 +08:00"}) {
    const auto read = ReadTime(text);
    ASSERT_TRUE(read.ok()) << text;
    EXPECT_EQ(*read, time) << text;
  }
}

TEST(ValuesTest, TimesMayBeSaidAsPeopleSayThem) {
  const absl::TimeZone shanghai = absl::FixedTimeZone(8 * 3600);
  const absl::Time now = absl::FromCivil(absl::CivilSecond(2026, 10, 15, 10, 0, 0), shanghai);
  const Moment moment{[now] { return now; }, shanghai};
  const auto read = [&moment](const char* text) {
    const auto time = ReadTime(text, moment);
    return time.ok() ? absl::FormatTime("%Y-%m-%d %H:%M:%S", *time, moment.zone) : "";
  };
  EXPECT_EQ(read("now"), "2026-10-15 10:00:00");
  EXPECT_EQ(read("+2d"), "2026-10-17 10:00:00");
  EXPECT_EQ(read("-3h"), "2026-10-15 07:00:00");
  EXPECT_EQ(read("-1w1d30m"), "2026-10-07 09:30:00");
  EXPECT_EQ(read("2026-11-28"), "2026-11-28 00:00:00") << "the day's beginning, where the reader is";
  EXPECT_EQ(read("2026-11-28T09:30"), "2026-11-28 09:30:00");
  EXPECT_EQ(read("2026-11-28 09:30:15"), "2026-11-28 09:30:15");
  EXPECT_EQ(read("2026-11-28T01:30Z"), "2026-11-28 09:30:00") << "a zone that is named wins";
  for (const char* wrong : {"", "+", "+d", "2d", "+2", "+2y", "+999999999d", "tomorrow", "2026-13-01"}) {
    EXPECT_EQ(read(wrong), "") << wrong;
  }
}

TEST(ValuesTest, TheClockIsAskedOnlyForTimesThatAreToldFromIt) {
  int asked = 0;
  const Moment moment{[&asked] { return ++asked, absl::UnixEpoch(); }, absl::UTCTimeZone()};
  EXPECT_TRUE(ReadTime("2026-11-28", moment).ok());
  EXPECT_EQ(asked, 0);
  EXPECT_TRUE(ReadTime("+1s", moment).ok());
  EXPECT_EQ(asked, 1);
}

TEST(ValuesTest, WhatIsPrintedAsAStateIsTakenAsOne) {
  using ListClaims = Filled<claims::v1::ListClaimsRequest>;
  for (const char* state :
       {"verifying", "VERIFYING", "STATE_VERIFYING", "CLAIM_STATE_VERIFYING", "claim-state-verifying"}) {
    const ListClaims list({"--state", state});
    ASSERT_EQ(list->states_size(), 1) << state;
    EXPECT_EQ(list->states(0), claims::v1::Claim::STATE_VERIFYING) << state;
  }
  EXPECT_FALSE(ListClaims({"--state", "STATE_UNSPECIFIED"}).status().ok());
  EXPECT_EQ(OpenClaim({"--kind", "CLAIM_KIND_WRONG"})->kind(), base::v1::CLAIM_KIND_WRONG);
}

TEST(RequestFormTest, SeveralStatesAreGivenOneByOneOrWithCommas) {
  using ListClaims = Filled<claims::v1::ListClaimsRequest>;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--state", "verifying", "--state", "awaiting_evidence", "--state",
                                 "approved"},
        {"--state", "VERIFYING, awaiting-evidence,STATE_APPROVED"},
        {"--state=verifying,awaiting_evidence", "--state", "approved"}}) {
    const ListClaims list(words);
    ASSERT_TRUE(list.status().ok()) << list.status();
    EXPECT_THAT(list->states(), ::testing::ElementsAre(claims::v1::Claim::STATE_VERIFYING,
                                                       claims::v1::Claim::STATE_AWAITING_EVIDENCE,
                                                       claims::v1::Claim::STATE_APPROVED));
  }
  for (const char* wrong : {"verifying,", ",", "verifying,lost"}) {
    const std::vector<FieldViolation> violations = FieldViolationsOf(ListClaims({"--state", wrong}).status());
    ASSERT_FALSE(violations.empty()) << wrong;
    EXPECT_EQ(violations[0].field, "--state");
    EXPECT_THAT(violations[0].problem, HasSubstr("is not one of awaiting_evidence, verifying"));
  }
}

TEST(RequestFormTest, AListIsAskedForByWhatIsDueAndByUrgency) {
  using ListClaims = Filled<claims::v1::ListClaimsRequest>;
  const ListClaims list({"--overdue-only", "--most-urgent-first", "--due-before", "2026-10-15T02:00:00Z"});
  ASSERT_TRUE(list.status().ok()) << list.status();
  EXPECT_TRUE(list->overdue_only());
  EXPECT_TRUE(list->most_urgent_first());
  EXPECT_EQ(list->due_before().seconds(), 1'792'029'600);
  EXPECT_FALSE(list.form().told_from_now());
  for (const char* time : {"+2d", "-3h", "now"}) {
    const ListClaims soon({absl::StrCat("--due-before=", time)});
    ASSERT_TRUE(soon.status().ok()) << soon.status();
    EXPECT_TRUE(soon.form().told_from_now()) << time << " is another time for the next page";
  }
}

TEST(ValuesTest, ValuesAreWrittenForPeopleAndForScripts) {
  claims::v1::Claim claim;
  claim.set_state(claims::v1::Claim::STATE_AWAITING_EVIDENCE);
  claim.mutable_gross()->set_amount_minor(19900);
  claim.mutable_gross()->set_currency("CNY");
  claim.mutable_submit_time()->set_seconds(1'760'493'600);  // 2025-10-15T02:00:00Z
  const auto write = [&claim](const char* field, const ValueStyle& style) {
    return WriteValue(claim, *claim.GetDescriptor()->FindFieldByName(field), 0, style);
  };
  const ValueStyle people{absl::FixedTimeZone(8 * 3600), false};
  const ValueStyle scripts{absl::FixedTimeZone(8 * 3600), true};
  EXPECT_EQ(write("state", people), "awaiting_evidence");
  EXPECT_EQ(write("gross", people), "199.00 CNY");
  EXPECT_EQ(write("submit_time", people), "2025-10-15 10:00 +08:00");
  EXPECT_EQ(write("submit_time", scripts), "2025-10-15T02:00:00Z");
  EXPECT_EQ(write("appeal_until_time", people), "");
}

}  // namespace
}  // namespace makegood::ctl
