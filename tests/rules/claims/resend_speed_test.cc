// How fast goods are sent again, by the zone of the address (CLM-10), and a wrong item that is fetched
// (CLM-09).
#include "tests/rules/claims/claim_fixture.h"
#include "tests/support/work_support.h"

namespace makegood::testing {
namespace {

using claims::v1::Withdrawal;
using rules::ToTime;

class ResendSpeed : public ClaimRulesTest {
 protected:
  // Approved, and its goods chosen to be sent again, at 10:00 of 21 September in Prague.
  Claim ToBeSent(base::v1::AddressZone zone, base::v1::ClaimKind kind = base::v1::CLAIM_KIND_MISSING) {
    order_.mutable_address()->set_zone(zone);
    const auto claim = Open({{"l-1", 1}}, kind);
    EXPECT_THAT(claim, IsOk());
    EXPECT_THAT(Choose(*claim, base::v1::RESOLUTION_KIND_RESHIP), IsOk());
    return Now(*claim);
  }

  absl::StatusOr<Claim> Send(const Claim& claim) {
    auto request = About<claims::v1::RecordReshipRequest>(claim);
    request.set_carrier("PPL");
    return desk_.As(Employee()).Decide(rules::RecordReship, request);
  }

  absl::StatusOr<Claim> Collect(const Claim& claim, const base::v1::Actor& actor = Employee()) {
    return desk_.As(actor).Decide(rules::RecordCollection, About<claims::v1::RecordCollectionRequest>(claim));
  }

  std::vector<std::string> Waiting(const Claim& claim) {
    EXPECT_EQ(WorkTold(desk_.events()), (WorkOn<Claim, Withdrawal>(desk_)));
    return InShort(rules::RecordTraits<Claim>::Waiting(Now(claim)));
  }

  base::v1::SlaOutcome Told() const {
    return desk_.Events(&Event::has_goods_reshipped).back().goods_reshipped().speed();
  }
};

TEST_F(ResendSpeed, CLM_10_InACityTheSameDayByItsLocalEnd) {
  const Claim claim = ToBeSent(base::v1::ADDRESS_ZONE_CITY);
  EXPECT_EQ(claim.zone(), base::v1::ADDRESS_ZONE_CITY);
  EXPECT_EQ(ToTime(claim.resend_due_time()), At("2026-09-22T00:00+02:00"));
  EXPECT_THAT(Waiting(claim), ElementsAre("merchant send_again by 2026-09-21T22:00+00:00"));
  EXPECT_EQ(rules::DueTime(claim), At("2026-09-22T00:00+02:00"));
  desk_.MoveTo(At("2026-09-21T23:59+02:00"));
  const auto sent = Send(claim);
  ASSERT_THAT(sent, IsOk());
  EXPECT_EQ(sent->resend_speed(), base::v1::SLA_OUTCOME_MET);
  EXPECT_EQ(Told(), base::v1::SLA_OUTCOME_MET);
}

TEST_F(ResendSpeed, CLM_10_InTheCountryWithinTwoDays) {
  const Claim claim = ToBeSent(base::v1::ADDRESS_ZONE_NATIONAL);
  EXPECT_EQ(ToTime(claim.resend_due_time()), At("2026-09-23T10:00+02:00"));
  desk_.MoveTo(At("2026-09-23T10:01+02:00"));
  ASSERT_THAT(Send(claim), IsOk());
  EXPECT_EQ(Now(claim).resend_speed(), base::v1::SLA_OUTCOME_MISSED);
  EXPECT_EQ(Told(), base::v1::SLA_OUTCOME_MISSED);
}

TEST_F(ResendSpeed, CLM_10_NothingIsPromisedWhereThePolicyOrTheAddressSaysNothing) {
  const Claim abroad = ToBeSent(base::v1::ADDRESS_ZONE_INTERNATIONAL);
  EXPECT_FALSE(abroad.has_resend_due_time());
  EXPECT_THAT(Waiting(abroad), ElementsAre(::testing::StartsWith("merchant send_again by 2026-10-1")));
  ASSERT_THAT(Send(abroad), IsOk());
  EXPECT_EQ(Told(), base::v1::SLA_OUTCOME_UNSPECIFIED);
  order_ = tmall_;
  order_.mutable_address()->set_zone(base::v1::ADDRESS_ZONE_CITY);
  EXPECT_FALSE(Opened({{"l-2", 1}}).has_resend_due_time());
}

TEST_F(ResendSpeed, CLM_10_WhatCannotBeSentIsNotLate) {
  const Claim claim = ToBeSent(base::v1::ADDRESS_ZONE_CITY);
  ASSERT_THAT(
      desk_.As(Employee()).Decide(rules::ReportOutOfStock, About<claims::v1::ReportOutOfStockRequest>(claim)),
      IsOk());
  EXPECT_FALSE(Now(claim).has_resend_due_time());
}

TEST_F(ResendSpeed, CLM_09_AWrongItemIsFetchedWithinADayOfTheApproval) {
  const Claim claim = ToBeSent(base::v1::ADDRESS_ZONE_CITY, base::v1::CLAIM_KIND_WRONG);
  EXPECT_EQ(ToTime(claim.collect_due_time()), At("2026-09-22T10:00+02:00"));
  EXPECT_THAT(Waiting(claim), ElementsAre("merchant send_again by 2026-09-21T22:00+00:00",
                                          "merchant collect_wrong_item by 2026-09-22T08:00+00:00"));
  EXPECT_THAT(Collect(claim, Customer()), DeniedBy("ROL-02"));
  EXPECT_THAT(Collect(claim, Employee("m-2")), DeniedBy("ROL-02"));
  ASSERT_THAT(Send(claim), IsOk());
  EXPECT_EQ(Now(claim).state(), Claim::STATE_RESOLVED) << "its end does not wait for the pick-up";
  EXPECT_THAT(Waiting(claim), ElementsAre("merchant collect_wrong_item by 2026-09-22T08:00+00:00"));
  const auto collected = Collect(claim);
  ASSERT_THAT(collected, IsOk());
  EXPECT_EQ(collected->collect_outcome(), base::v1::SLA_OUTCOME_MET);
  EXPECT_EQ(desk_.last_events().back().wrong_item_collected().outcome(), base::v1::SLA_OUTCOME_MET);
  EXPECT_THAT(Waiting(claim), IsEmpty());
  EXPECT_THAT(Collect(claim), RefusedBy("CLM-09")) << "once";
}

TEST_F(ResendSpeed, CLM_09_FetchedLateIsMissed) {
  const Claim claim = ToBeSent(base::v1::ADDRESS_ZONE_CITY, base::v1::CLAIM_KIND_WRONG);
  desk_.MoveTo(At("2026-09-22T10:01+02:00"));
  ASSERT_THAT(Collect(claim, Operations()), IsOk());
  EXPECT_EQ(Now(claim).collect_outcome(), base::v1::SLA_OUTCOME_MISSED);
}

TEST_F(ResendSpeed, CLM_09_NothingIsFetchedOfAClaimThatIsRetractedOrOfAnotherKind) {
  EXPECT_THAT(Collect(Opened({{"l-2", 1}})), RefusedBy("CLM-09")) << "it is missing";
  const auto claim = Open({{"l-1", 1}}, base::v1::CLAIM_KIND_WRONG);
  ASSERT_THAT(claim, IsOk());
  ASSERT_THAT(Retract(*claim), IsOk());
  EXPECT_THAT(rules::RecordTraits<Claim>::Waiting(Now(*claim)), IsEmpty());
  EXPECT_THAT(Collect(*claim), RefusedBy("CLM-09"));
}

TEST_F(ResendSpeed, CLM_09_CLM_08_WhatTheCustomerSendsBackIsNotFetched) {
  const auto claim = Open({{"l-1", 1}}, base::v1::CLAIM_KIND_WRONG);
  ASSERT_THAT(claim, IsOk());
  ASSERT_THAT(Choose(*claim, base::v1::RESOLUTION_KIND_WITHDRAWAL), IsOk());
  EXPECT_THAT(Collect(*claim), RefusedBy("CLM-09"));
}

TEST_F(ResendSpeed, CLM_09_WhereThePolicySaysNothingItStaysWithTheCustomer) {
  order_ = tmall_;
  auto claim = Open({{"l-1", 1}}, base::v1::CLAIM_KIND_WRONG);
  ASSERT_THAT(claim, IsOk());
  ASSERT_THAT(desk_.Decide(rules::AddEvidence, claim->claim_id(), Picture("one")), IsOk());
  ASSERT_THAT(desk_.Decide(rules::SubmitEvidence, About<claims::v1::SubmitEvidenceRequest>(*claim)), IsOk());
  ASSERT_THAT(Approve(*claim), IsOk());
  EXPECT_FALSE(Now(*claim).has_collect_due_time());
  EXPECT_THAT(Collect(*claim), RefusedBy("CLM-09"));
}

}  // namespace
}  // namespace makegood::testing
