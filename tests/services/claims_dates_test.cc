// Dates in working days when a calendar is extended: settled as the service starts (CAL-03).
#include <set>
#include <string>

#include "common/flow/date_settler.h"
#include "common/rules/claims/claim_rules.h"
#include "tests/services/claims_fixture.h"

namespace makegood::services {
namespace {

class ClaimsDatesTest : public ClaimsServiceTest {
 protected:
  void SetUp() override {
    ClaimsServiceTest::SetUp();
    clock_.MoveTo(At("2026-12-14T10:00+08:00"));
    for (int i = 1; i <= 4; ++i) {
      Delivered("tmall", absl::StrCat("o-", i));
      claims_.push_back(SubmittedFor(absl::StrCat("o-", i)));
    }
    auto extended = rules::PolicyBook::Shipped();
    ASSERT_THAT(extended, IsOk());
    extended_ = *std::move(extended);
    ASSERT_THAT(extended_.AddCalendar("CN", testing::Announced("HOLIDAY", "20270125")), IsOk());
  }

  Claim SubmittedFor(const std::string& order_id) {
    const auto claim = OpenClaim({{"l-1", 1}}, order_id);
    EXPECT_THAT(claim, IsOk());
    EXPECT_THAT(Upload(*claim, SampleFile("parcel.jpg")), IsOk());
    const auto submitted =
        Do(&Stub::SubmitEvidence, Customer(), testing::About<claims::v1::SubmitEvidenceRequest>(*claim));
    EXPECT_THAT(submitted, IsOk());
    return submitted.value_or(Claim());
  }

  // Goes through what `policies` settles, by `settle`, until it was called for `cases`; for how many then.
  size_t CasesOf(const rules::PolicyBook& policies, size_t cases, const flow::SettleCase& settle) {
    absl::Mutex mutex;
    std::set<std::string> called;
    const auto count = [&] {
      absl::MutexLock lock(&mutex);
      return called.size();
    };
    const flow::DateSettler settler(*store_, policies, rules::ServiceActor("claims"),
                                    [&](absl::string_view case_id, rules::Transaction& tx) {
                                      absl::MutexLock lock(&mutex);
                                      called.emplace(case_id);
                                      return settle(case_id, tx);
                                    });
    EXPECT_TRUE(Eventually([&] { return count() >= cases; }));
    absl::SleepFor(absl::Milliseconds(100));  // for more, which there should not be
    return count();
  }

  std::vector<Claim> claims_;
  rules::PolicyBook extended_;
};

TEST_F(ClaimsDatesTest, CAL_03_AnExtendedCalendarSettlesOpenClaimsAsTheServiceStarts) {
  ASSERT_THAT(
      Do(&Stub::RetractClaim, Customer(), testing::About<claims::v1::RetractClaimRequest>(claims_[3])),
      IsOk());
  EXPECT_TRUE(Get(claims_[0]).window_due_provisional());
  RestartWith(extended_);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Eventually([&] { return !Get(claims_[i]).window_due_provisional(); }));
    EXPECT_EQ(rules::ToTime(Get(claims_[i]).window_due_time()), At("2027-01-28T00:00+08:00"));
  }
  EXPECT_EQ(Get(claims_[3]).state(), Claim::STATE_RETRACTED);
  EXPECT_THAT(Events(&Event::has_claim_window_settled), SizeIs(3));
}

TEST_F(ClaimsDatesTest, CAL_03_WithoutNewsOfACalendarNoClaimIsRead) {
  EXPECT_EQ(CasesOf(policies(), 0, rules::SettleClaimDates), 0u);
  EXPECT_EQ(CasesOf(extended_, 4, rules::SettleClaimDates), 4u);
  EXPECT_EQ(CasesOf(extended_, 0, rules::SettleClaimDates), 0u);
  EXPECT_THAT(Events(&Event::has_claim_window_settled), SizeIs(4));
}

TEST_F(ClaimsDatesTest, CAL_03_WhatWasCutOffOrRefusedIsGoneOnWith) {
  const auto fails = [&](absl::Status status) {
    return [this, status](absl::string_view case_id, rules::Transaction& tx) {
      return case_id == claims_[1].claim_id() ? status : rules::SettleClaimDates(case_id, tx);
    };
  };
  // The process ends while one waits for the store.
  CasesOf(extended_, 4, fails(absl::UnavailableError("not now")));
  EXPECT_THAT(Events(&Event::has_claim_window_settled), SizeIs(3));
  EXPECT_EQ(CasesOf(extended_, 1, fails(absl::DataLossError("broken"))), 1u);
  EXPECT_EQ(CasesOf(extended_, 1, rules::SettleClaimDates), 1u);
  EXPECT_THAT(Events(&Event::has_claim_window_settled), SizeIs(4));
}

}  // namespace
}  // namespace makegood::services
