#include "common/rules/policy/policy_book.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/rules/policy/embedded_files.h"
#include "re2/re2.h"
#include "tests/support/files.h"
#include "tests/support/rules_support.h"
#include "tests/support/status_matchers.h"

namespace makegood::rules {
namespace {

using ::makegood::testing::IsOk;
using ::makegood::testing::NamesField;
using ::makegood::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

PolicyBook ShippedBook() {
  absl::StatusOr<PolicyBook> book = PolicyBook::Shipped();
  EXPECT_THAT(book, IsOk());
  return *std::move(book);
}

std::string ShippedText(absl::string_view name) {
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    if (file.name == name) return std::string(file.content);
  }
  ADD_FAILURE() << name << " is not shipped";
  return "";
}

Policy ShippedPolicy(absl::string_view marketplace) {
  absl::StatusOr<Policy> policy = ParsePolicy(ShippedText(absl::StrCat(marketplace, ".textproto")));
  EXPECT_THAT(policy, IsOk());
  return *std::move(policy);
}

std::string Print(const Policy& policy) {
  std::string text;
  EXPECT_TRUE(google::protobuf::TextFormat::PrintToString(policy, &text));
  return text;
}

// What is said of a shipped policy after `change`.
absl::Status Changed(absl::string_view marketplace, const std::function<void(Policy&)>& change) {
  Policy policy = ShippedPolicy(marketplace);
  change(policy);
  return ParsePolicy(Print(policy)).status();
}

absl::Time InstantOf(absl::string_view text) {
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) << text;
  return time;
}

// ---- POL-01

TEST(PolicyBook, POL_01_FourPoliciesShip) {
  const PolicyBook book = ShippedBook();
  std::vector<std::string> marketplaces;
  for (const Policy* policy : book.AllCurrent()) {
    marketplaces.push_back(policy->marketplace());
    EXPECT_THAT(CheckPolicy(*policy), ElementsAre()) << policy->marketplace();
  }
  EXPECT_THAT(marketplaces, ElementsAre("default", "flowwow", "mall", "tmall"));
}

TEST(PolicyBook, POL_01_TheyHoldTheSourcesFigures) {
  const PolicyBook book = ShippedBook();
  const Policy& mall = **book.Current("mall");
  EXPECT_EQ(mall.orders().commission_basis_points(), 1000);
  EXPECT_THAT(mall.claims().forbidden_reship_carriers(), ElementsAre("MALL Delivery"));
  EXPECT_FALSE(mall.claims().has_verification());
  EXPECT_EQ(mall.claims().withdraw_within_days(), 14);
  EXPECT_EQ(mall.claims().withdrawal_refund_within_days(), 14);
  EXPECT_EQ(mall.credit_notes().due_within_days(), 14);
  EXPECT_TRUE(RE2::FullMatch("4712345678", mall.credit_notes().return_number_pattern()));
  EXPECT_FALSE(RE2::FullMatch("471234567", mall.credit_notes().return_number_pattern()));
  EXPECT_FALSE(RE2::FullMatch("4612345678", mall.credit_notes().return_number_pattern()));
  EXPECT_EQ(mall.targets().cancel_rate_limit_basis_points(), 150);
  EXPECT_THAT(mall.surcharges().kinds(), ElementsAre());

  const Policy& flowwow = **book.Current("flowwow");
  EXPECT_EQ(flowwow.surcharges().kinds_size(), 5);
  EXPECT_EQ(flowwow.currencies(0), "TRY");

  const Policy& tmall = **book.Current("tmall");
  EXPECT_EQ(tmall.claims().verification().opens_working_day(), 10);
  EXPECT_EQ(tmall.claims().verification().due_working_day(), 30);
  EXPECT_EQ(tmall.claims().resolve_within_working_days(), 15);
  EXPECT_THAT(tmall.claims().refund_target_hours(), ElementsAre(48, 72));
  EXPECT_GT(tmall.targets().resolution_hours(), 72);

  const Policy& any = **book.Current("default");
  EXPECT_EQ(any.targets().resolution_hours(), 72);
  EXPECT_EQ(any.targets().completion_rate_basis_points(), 9500);
  EXPECT_EQ(any.notices().first_notice_within_minutes(), 120);
}

TEST(ParsePolicy, POL_01_AnUnknownFieldIsRefusedAtItsLine) {
  const std::string version = absl::StrCat("version: ", testing::ShippedVersion("mall"));
  const std::string text = absl::StrReplaceAll(ShippedText("mall.textproto"), {{version, "verison: 9"}});
  const absl::Status status = ParsePolicy(text).status();
  EXPECT_THAT(status, NamesField("line 7, column 8"));
  EXPECT_THAT(status.message(), HasSubstr("verison"));
}

TEST(ParsePolicy, POL_01_EveryWrongFieldIsNamedAtOnce) {
  const absl::Status status = Changed("tmall", [](Policy& policy) {
    policy.set_version(0);
    policy.add_currencies("XXQ");
    policy.add_languages("de");
    policy.set_operations_email("nobody");
    policy.mutable_claims()->mutable_verification()->set_max_file_bytes(0);
    policy.mutable_orders()->set_commission_basis_points(10001);
    policy.clear_targets();
  });
  EXPECT_THAT(status, NamesField("version"));
  EXPECT_THAT(status, NamesField("currencies[1]"));
  EXPECT_THAT(status, NamesField("languages[2]"));
  EXPECT_THAT(status, NamesField("operations_email"));
  EXPECT_THAT(status, NamesField("claims.verification.max_file_bytes"));
  EXPECT_THAT(status, NamesField("orders.commission_basis_points"));
  EXPECT_THAT(status, NamesField("targets"));
}

struct CrossCheck {
  const char* marketplace;
  const char* field;
  void (*change)(Policy&);
};

TEST(ParsePolicy, POL_01_APolicyMayNotContradictItself) {
  const CrossCheck checks[] = {
      {"mall", "marketplace", [](Policy& p) { p.set_marketplace("Mall"); }},
      {"mall", "time_zone", [](Policy& p) { p.set_time_zone("Europe/Atlantis"); }},
      {"mall", "time_zone", [](Policy& p) { p.set_time_zone("/etc/localtime"); }},
      {"mall", "time_zone", [](Policy& p) { p.set_time_zone("localtime"); }},
      {"mall", "time_zone", [](Policy& p) { p.set_time_zone("../zoneinfo/UTC"); }},
      {"mall", "currencies", [](Policy& p) { p.add_currencies("EUR"); }},
      {"mall", "languages", [](Policy& p) { p.add_languages("cs"); }},
      {"mall", "orders.payment_methods",
       [](Policy& p) { p.mutable_orders()->add_payment_methods(base::v1::PAYMENT_METHOD_PREPAID); }},
      {"mall", "claims.kinds", [](Policy& p) { p.mutable_claims()->add_kinds(base::v1::CLAIM_KIND_WRONG); }},
      {"mall", "claims.resolutions",
       [](Policy& p) { p.mutable_claims()->add_resolutions(base::v1::RESOLUTION_KIND_RESHIP); }},
      {"mall", "claims.refund_target_hours",
       [](Policy& p) { p.mutable_claims()->add_refund_target_hours(24); }},
      {"mall", "claims.refund_target_hours",
       [](Policy& p) { p.mutable_claims()->add_refund_target_hours(24 * 15 + 1); }},
      {"mall", "claims.forbidden_reship_carriers",
       [](Policy& p) { p.mutable_claims()->add_forbidden_reship_carriers("mall delivery"); }},
      {"mall", "claims.forbidden_reship_carriers",
       [](Policy& p) { p.mutable_claims()->add_forbidden_reship_carriers(""); }},
      {"mall", "claims.withdrawal_refund_within_days",
       [](Policy& p) { p.mutable_claims()->set_withdrawal_refund_within_days(0); }},
      {"mall", "claims.withdraw_within_days",
       [](Policy& p) {
         p.mutable_claims()->set_withdraw_within_days(0);
         p.mutable_claims()->set_withdrawal_refund_within_days(0);
       }},
      {"tmall", "claims.verification.due_working_day",
       [](Policy& p) { p.mutable_claims()->mutable_verification()->set_due_working_day(9); }},
      {"tmall", "claims.verification.max_claim_bytes",
       [](Policy& p) { p.mutable_claims()->mutable_verification()->set_max_claim_bytes(100); }},
      {"tmall", "claims.verification.max_claim_bytes",
       [](Policy& p) { p.mutable_claims()->mutable_verification()->set_max_claim_bytes(int64_t{1} << 50); }},
      {"tmall", "claims.verification.evidence_types",
       [](Policy& p) { p.mutable_claims()->mutable_verification()->add_evidence_types("jpeg"); }},
      {"tmall", "claims.verification.evidence_types",
       [](Policy& p) { p.mutable_claims()->mutable_verification()->add_evidence_types("image/gif"); }},
      {"tmall", "claims.verification.evidence_types",
       [](Policy& p) { p.mutable_claims()->mutable_verification()->add_evidence_types("image/png"); }},
      {"mall", "credit_notes.return_number_pattern",
       [](Policy& p) { p.mutable_credit_notes()->set_return_number_pattern("47[0-9"); }},
      {"mall", "surcharges.issuers",
       [](Policy& p) { p.mutable_surcharges()->add_issuers(base::v1::ROLE_OPERATIONS); }},
      {"mall", "surcharges.expires_after_days",
       [](Policy& p) { p.mutable_surcharges()->set_expires_after_days(1); }},
      {"flowwow", "surcharges.issuers", [](Policy& p) { p.mutable_surcharges()->clear_issuers(); }},
      {"flowwow", "surcharges.issuers",
       [](Policy& p) { p.mutable_surcharges()->add_issuers(base::v1::ROLE_COURIER); }},
      {"flowwow", "surcharges.issuers",
       [](Policy& p) { p.mutable_surcharges()->add_issuers(base::v1::ROLE_OPERATIONS); }},
      {"flowwow", "surcharges.kinds",
       [](Policy& p) { p.mutable_surcharges()->add_kinds(base::v1::SURCHARGE_KIND_PACKAGING); }},
      {"flowwow", "surcharges.expires_after_days",
       [](Policy& p) { p.mutable_surcharges()->set_expires_after_days(0); }},
      {"flowwow", "deliveries.longest_wait_minutes",
       [](Policy& p) { p.mutable_deliveries()->set_longest_wait_minutes(14); }},
      {"flowwow", "deliveries.takers",
       [](Policy& p) { p.mutable_deliveries()->add_takers(base::v1::TAKER_RECIPIENT); }},
      {"flowwow", "deliveries.deviating_takers", [](Policy& p) { p.mutable_deliveries()->clear_takers(); }},
      {"flowwow", "deliveries.interception_zones",
       [](Policy& p) { p.mutable_deliveries()->add_interception_zones(base::v1::ADDRESS_ZONE_CITY); }},
      {"mall", "claims.resend_within",
       [](Policy& p) { p.mutable_claims()->add_resend_within()->set_zone(base::v1::ADDRESS_ZONE_CITY); }},
      {"flowwow", "deliveries.zone_fees",
       [](Policy& p) { *p.mutable_deliveries()->add_zone_fees() = p.deliveries().zone_fees(0); }},
      {"flowwow", "deliveries.zone_fees",
       [](Policy& p) { p.mutable_deliveries()->mutable_zone_fees(0)->mutable_fee()->set_currency("EUR"); }},
      {"mall", "deliveries.zone_fees",
       [](Policy& p) {
         base::v1::ZoneFee& of_zone = *p.mutable_deliveries()->add_zone_fees();
         of_zone.set_zone(base::v1::ADDRESS_ZONE_CITY);
         of_zone.mutable_fee()->set_currency(p.currencies(0));
       }},
      {"mall", "notices.customer_channels",
       [](Policy& p) { p.mutable_notices()->add_customer_channels(base::v1::CHANNEL_CHAT); }},
  };
  for (const CrossCheck& check : checks) {
    const absl::Status status = Changed(check.marketplace, check.change);
    EXPECT_THAT(status, NamesField(check.field));
    EXPECT_EQ(FieldViolationsOf(status).size(), 1) << status;
  }
}

TEST(ParsePolicy, POL_01_WhatIsPrintedIsReadBack) {
  for (const char* marketplace : {"default", "flowwow", "mall", "tmall"}) {
    EXPECT_THAT(Changed(marketplace, [](Policy&) {}), IsOk()) << marketplace;
  }
}

TEST(ParsePolicy, POL_01_WhatIsNoPolicyIsRefused) {
  EXPECT_THAT(ParsePolicy(""), NamesField("marketplace"));
  EXPECT_THAT(ParsePolicy("{"), NamesField("line 1, column 1"));
  EXPECT_THAT(ParsePolicy(std::string(1 << 20, '#')), StatusIs(absl::StatusCode::kInvalidArgument));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "claims {";
  EXPECT_THAT(ParsePolicy(deep), StatusIs(absl::StatusCode::kInvalidArgument));
}

RC_GTEST_PROP(ParsePolicyProperty, POL_01_AnyBytesAreParsedOrRefused, (const std::string& bytes)) {
  const absl::Status status = ParsePolicy(bytes).status();
  RC_ASSERT(status.code() == absl::StatusCode::kInvalidArgument);
}

// Near misses reach deeper than noise: a real policy with pieces cut, doubled and replaced.
RC_GTEST_PROP(ParsePolicyProperty, POL_01_AnyDamagedPolicyIsParsedOrRefused, ()) {
  static const std::string* const kPolicy = new std::string(Print(ShippedPolicy("tmall")));
  std::string text = *kPolicy;
  const int edits = *rc::gen::inRange(1, 6);
  for (int i = 0; i < edits; ++i) {
    const size_t at = *rc::gen::inRange<size_t>(0, text.size());
    const size_t length = *rc::gen::inRange<size_t>(0, 30);
    text.replace(
        at, length,
        *rc::gen::oneOf(rc::gen::arbitrary<std::string>(),
                        rc::gen::element<std::string>("-9223372036854775808", "\"\\377\"", "{", "}", "[",
                                                      "nan", "\"(?P<\"", "99999999999999999999")));
  }
  const absl::StatusOr<Policy> policy = ParsePolicy(text);
  if (policy.ok()) {
    RC_ASSERT(CheckPolicy(*policy).empty());
  } else {
    RC_ASSERT(policy.status().code() == absl::StatusCode::kInvalidArgument);
  }
}

TEST(PolicyBook, POL_01_AnOperatorAddsOneFromAFolder) {
  const testing::ScratchFolder folder;
  Policy policy = ShippedPolicy("mall");
  policy.set_marketplace("elsewhere");
  policy.set_calendar("XX");
  testing::WriteFile(folder.Path("a-policy.textproto"), Print(policy));
  testing::WriteFile(folder.Path("XX.ics"),
                     "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260609\nEND:VEVENT\n"
                     "END:VCALENDAR\n");
  testing::WriteFile(folder.Path("notes.txt"), "not ours");
  PolicyBook book = ShippedBook();
  ASSERT_THAT(book.AddFolder(folder.path()), IsOk());
  const Policy& added = **book.Current("elsewhere");
  EXPECT_EQ(book.AllCurrent().size(), 5);
  EXPECT_EQ(book.DaysOf(added).StartOfWorkingDay(InstantOf("2026-06-08T12:00:00+02:00"), 1).time,
            InstantOf("2026-06-10T00:00:00+02:00"));
}

TEST(PolicyBook, POL_01_AFolderWithAWrongFileNamesIt) {
  PolicyBook book = ShippedBook();
  EXPECT_THAT(book.AddFolder("/nonexistent"), StatusIs(absl::StatusCode::kInvalidArgument));
  const testing::ScratchFolder calendar;
  testing::WriteFile(calendar.Path("XX.ics"), "no calendar");
  EXPECT_THAT(std::string(book.AddFolder(calendar.path()).message()), HasSubstr("XX.ics"));
  const testing::ScratchFolder policy;
  testing::WriteFile(policy.Path("mine.textproto"), "marketplace: \"mine\"");
  const absl::Status status = book.AddFolder(policy.path());
  EXPECT_THAT(std::string(status.message()), HasSubstr("mine.textproto"));
  EXPECT_THAT(status, NamesField("version"));
  const testing::ScratchFolder large;
  testing::WriteFile(large.Path("XX.ics"), std::string((1 << 20) + 1, ' '));
  EXPECT_THAT(std::string(book.AddFolder(large.path()).message()), HasSubstr("larger than 1 MiB"));
}

// ---- POL-02

TEST(PolicyBook, POL_02_ACaseKeepsItsVersionWhenALaterOneComes) {
  PolicyBook book = ShippedBook();
  const Policy* first = *book.Current("mall");
  const PolicyRef pinned = RefTo(*first);
  Policy second = *first;
  second.set_version(first->version() + 1);
  second.mutable_credit_notes()->set_due_within_days(21);
  ASSERT_THAT(book.AddPolicy(second), IsOk());

  EXPECT_EQ((*book.Current("mall"))->version(), second.version());
  EXPECT_EQ(*book.At(pinned), first);  // the pointer still stands
  EXPECT_EQ((*book.At(pinned))->credit_notes().due_within_days(), 14);
  EXPECT_EQ(book.AllCurrent().size(), 4);
}

TEST(PolicyBook, POL_02_AVersionNeverChanges) {
  PolicyBook book = ShippedBook();
  Policy policy = **book.Current("mall");
  EXPECT_THAT(book.AddPolicy(policy), IsOk());
  policy.mutable_credit_notes()->set_due_within_days(21);
  EXPECT_THAT(book.AddPolicy(policy), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ((*book.Current("mall"))->credit_notes().due_within_days(), 14);
}

TEST(PolicyBook, POL_02_APolicyNamesAKnownCalendarAndZone) {
  PolicyBook book = ShippedBook();
  Policy policy = **book.Current("mall");
  const int32_t version = policy.version();
  policy.set_version(version + 1);
  policy.set_calendar("XX");
  policy.set_time_zone("Europe/Atlantis");
  const absl::Status status = book.AddPolicy(policy);
  EXPECT_THAT(status, NamesField("calendar"));
  EXPECT_THAT(status, NamesField("time_zone"));
  EXPECT_EQ((*book.Current("mall"))->version(), version);
}

TEST(PolicyBook, POL_02_WhatIsNotThereIsSaid) {
  const PolicyBook book = ShippedBook();
  const absl::Status status = book.Current("elsewhere").status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(std::string(status.message()), HasSubstr("default, flowwow, mall, tmall"));
  EXPECT_THAT(book.Current(""), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(book.Current("zzz"), StatusIs(absl::StatusCode::kNotFound));
  PolicyRef ref = RefTo(**book.Current("mall"));
  ref.set_version(7);
  EXPECT_THAT(book.At(ref), StatusIs(absl::StatusCode::kNotFound));
}

TEST(PolicyBook, CAL_01_EachPolicyCountsInItsOwnZoneAndCalendar) {
  const PolicyBook book = ShippedBook();
  const WorkingDays& tmall = book.DaysOf(**book.Current("tmall"));
  EXPECT_EQ(tmall.StartOfWorkingDay(InstantOf("2026-09-25T10:00:00+08:00"), 10).time,
            InstantOf("2026-10-15T00:00:00+08:00"));
  EXPECT_EQ(tmall.EndOfWorkingDay(InstantOf("2026-09-25T10:00:00+08:00"), 30).time,
            InstantOf("2026-11-13T00:00:00+08:00"));
  const WorkingDays& flowwow = book.DaysOf(**book.Current("flowwow"));
  EXPECT_EQ(flowwow.StartOfWorkingDay(InstantOf("2026-10-28T10:00:00+03:00"), 1).time,
            InstantOf("2026-10-30T00:00:00+03:00"));
}

TEST(PolicyBook, CAL_03_AnExtendedCalendarCountsForThePoliciesThereAre) {
  PolicyBook book = ShippedBook();
  const WorkingDays& days = book.DaysOf(**book.Current("tmall"));
  const absl::Time start = InstantOf("2026-12-31T10:00:00+08:00");
  EXPECT_EQ(days.StartOfWorkingDay(start, 1), (Deadline{InstantOf("2027-01-04T00:00:00+08:00"), true}));
  ASSERT_THAT(book.AddCalendar("CN",
                               "BEGIN:VCALENDAR\nX-MAKEGOOD-KNOWN-UNTIL:20271231\nBEGIN:VEVENT\n"
                               "DTSTART;VALUE=DATE:20270101\nDTEND;VALUE=DATE:20270105\nEND:VEVENT\n"
                               "END:VCALENDAR\n"),
              IsOk());
  EXPECT_EQ(days.StartOfWorkingDay(start, 1), (Deadline{InstantOf("2027-01-05T00:00:00+08:00"), false}));
  // A calendar that cannot be read changes nothing.
  EXPECT_THAT(book.AddCalendar("CN", "none"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(days.StartOfWorkingDay(start, 1), (Deadline{InstantOf("2027-01-05T00:00:00+08:00"), false}));
}

}  // namespace
}  // namespace makegood::rules
