// Dates of a claim that count working days, and a calendar that is extended while it runs (CAL-03).
#include "common/rules/claims/claim_records.h"
#include "common/rules/policy/working_dates.h"
#include "tests/rules/claims/changing_book.h"

namespace makegood::testing {
namespace {

using base::v1::ProvisionalCase;

class ClaimDatesTest : public ChangingBookTest {
 protected:
  // The calendar is extended, and the claim found by it.
  void Extend(absl::string_view category, absl::string_view day, absl::string_view known_until = "20271231") {
    ASSERT_THAT(book_.AddCalendar("CN", Announced(category, day, known_until)), IsOk());
  }

  Claim Settled(const Claim& claim) {
    EXPECT_THAT(book_desk_->As(Service()).Decide(rules::SettleClaimDates, claim.claim_id()), IsOk());
    return *book_desk_->Find<Claim>(claim.claim_id());
  }

  Claim Approved(const Claim& claim) {
    const auto approved = book_desk_->As(Operations())
                              .Decide(rules::ApproveClaim, About<claims::v1::ApproveClaimRequest>(claim));
    EXPECT_THAT(approved, IsOk());
    return approved.value_or(Claim());
  }

  // Until when the calendar knew, by which the claim is found; empty where it is not among those.
  std::string FoundBy(const Claim& claim) const {
    const auto known = book_desk_->Find<ProvisionalCase>(claim.claim_id());
    if (!known.has_value()) return "";
    const auto columns = rules::RecordTraits<ProvisionalCase>::Columns(*known);
    EXPECT_EQ(columns.open_at.empty(), known->calendar_known_until().empty());
    EXPECT_EQ(columns.group, "CN");
    return known->calendar_known_until();
  }

  absl::Time Timer(absl::string_view kind, const Claim& claim) {
    return book_desk_->tasks().at(TaskOf(kind, claim)).due;
  }
};

TEST_F(ClaimDatesTest, CAL_03_ATimerThatComesFirstSettlesTheWindow) {
  Claim claim = SubmittedInDecember();
  EXPECT_TRUE(claim.window_due_provisional());
  EXPECT_EQ(rules::ToTime(claim.window_due_time()), At("2027-01-27T00:00+08:00"));
  ASSERT_THAT(book_.AddCalendar("CN", Announced("HOLIDAY", "20270125")), IsOk());
  claim = AfterTimer(claim);
  EXPECT_FALSE(claim.overdue());
  EXPECT_FALSE(claim.window_due_provisional());
  EXPECT_EQ(rules::ToTime(claim.window_due_time()), At("2027-01-28T00:00+08:00"));
  EXPECT_TRUE(AfterTimer(claim).overdue());
}

TEST_F(ClaimDatesTest, CAL_03_AnAnnouncedDateNeverMovesEarlier) {
  Claim claim = SubmittedInDecember();
  ASSERT_THAT(book_.AddCalendar("CN", Announced("WORKDAY", "20270116")), IsOk());
  claim = AfterTimer(claim);
  EXPECT_TRUE(claim.overdue());
  EXPECT_EQ(rules::ToTime(claim.window_due_time()), At("2027-01-27T00:00+08:00"));
}

TEST_F(ClaimDatesTest, CAL_03_EachDateIsMarkedByItself) {
  // The 10th working day is 28 December, the 30th is in January.
  const Claim claim = SubmittedInDecember();
  EXPECT_EQ(rules::ToTime(claim.window_open_time()), At("2026-12-28T00:00+08:00"));
  EXPECT_FALSE(claim.window_open_provisional());
  EXPECT_TRUE(claim.window_due_provisional());
  EXPECT_FALSE(claim.resolution_due_provisional());
  EXPECT_EQ(claim.calendar_known_until(), "2026-12-31");
  EXPECT_EQ(FoundBy(claim), "2026-12-31");
  const Claim late = Submitted(At("2026-12-25T10:00+08:00"));
  EXPECT_TRUE(late.window_open_provisional());
  EXPECT_TRUE(late.window_due_provisional());
}

TEST_F(ClaimDatesTest, CAL_03_WhatTheCalendarKnowsIsNotAmongTheProvisional) {
  const Claim claim = Submitted(At("2026-09-14T10:00+08:00"));
  EXPECT_FALSE(claim.window_due_provisional());
  EXPECT_EQ(claim.calendar_known_until(), "");
  EXPECT_THAT(book_desk_->All<ProvisionalCase>(), IsEmpty());
}

TEST_F(ClaimDatesTest, CAL_03_AnExtendedCalendarSettlesBothEndsAtOnce) {
  const Claim claim = Submitted(At("2026-12-25T10:00+08:00"));
  EXPECT_EQ(rules::ToTime(claim.window_open_time()), At("2027-01-11T00:00+08:00"));
  Extend("HOLIDAY", "20270104");
  const Claim settled = Settled(claim);
  EXPECT_EQ(book_desk_->now(), At("2026-12-25T10:00+08:00")) << "long before the old dates";
  EXPECT_EQ(rules::ToTime(settled.window_open_time()), At("2027-01-12T00:00+08:00"));
  EXPECT_EQ(rules::ToTime(settled.window_due_time()),
            rules::ToTime(claim.window_due_time()) + absl::Hours(24));
  EXPECT_FALSE(settled.window_open_provisional());
  EXPECT_FALSE(settled.window_due_provisional());
  EXPECT_EQ(settled.calendar_known_until(), "");
  EXPECT_EQ(FoundBy(claim), "");
  EXPECT_EQ(Timer(rules::kDecisionDue, claim), rules::ToTime(settled.window_due_time()));

  ASSERT_THAT(book_desk_->last_events(), SizeIs(1));
  const events::v1::ClaimWindowSettled& fact = book_desk_->last_events()[0].claim_window_settled();
  EXPECT_EQ(rules::ToTime(fact.window_open_time()), rules::ToTime(settled.window_open_time()));
  EXPECT_EQ(rules::ToTime(fact.window_due_time()), rules::ToTime(settled.window_due_time()));
  EXPECT_TRUE(fact.moved());
  EXPECT_TRUE(fact.announced());
  EXPECT_FALSE(fact.provisional());

  EXPECT_EQ(Settled(claim).version(), settled.version()) << "once is enough";
  EXPECT_THAT(book_desk_->last_events(), IsEmpty());
}

TEST_F(ClaimDatesTest, CAL_03_WhatDoesNotMoveIsSaidToBeCertain) {
  const Claim claim = SubmittedInDecember();
  Extend("HOLIDAY", "20270701");
  const Claim settled = Settled(claim);
  EXPECT_EQ(rules::ToTime(settled.window_due_time()), rules::ToTime(claim.window_due_time()));
  EXPECT_FALSE(settled.window_due_provisional());
  ASSERT_THAT(book_desk_->last_events(), SizeIs(1));
  EXPECT_FALSE(book_desk_->last_events()[0].claim_window_settled().moved());
}

TEST_F(ClaimDatesTest, CAL_03_ADateNeverMovesEarlierAndIsCertainAllTheSame) {
  const Claim claim = SubmittedInDecember();
  Extend("WORKDAY", "20270116");
  const Claim settled = Settled(claim);
  EXPECT_EQ(rules::ToTime(settled.window_due_time()), At("2027-01-27T00:00+08:00"));
  EXPECT_FALSE(settled.window_due_provisional());
}

TEST_F(ClaimDatesTest, CAL_03_WhatIsStillProvisionalIsFoundAgain) {
  const Claim claim = SubmittedInDecember();
  Extend("HOLIDAY", "20270104", "20270110");
  const Claim moved = Settled(claim);
  EXPECT_TRUE(moved.window_due_provisional());
  EXPECT_EQ(rules::ToTime(moved.window_due_time()), At("2027-01-28T00:00+08:00"));
  EXPECT_EQ(FoundBy(claim), "2027-01-10");
  Extend("HOLIDAY", "20270104");
  EXPECT_FALSE(Settled(claim).window_due_provisional());
  EXPECT_EQ(FoundBy(claim), "");
}

TEST_F(ClaimDatesTest, CAL_03_CLM_04_TheLimitAfterApprovalIsSettledToo) {
  const Claim claim = Submitted(At("2026-12-14T10:00+08:00"));
  book_desk_->MoveTo(At("2026-12-30T10:00+08:00"));
  const Claim approved = Approved(claim);
  EXPECT_TRUE(approved.resolution_due_provisional());
  EXPECT_EQ(FoundBy(claim), "2026-12-31");
  const absl::Time before = rules::ToTime(approved.resolution_due_time());
  Extend("HOLIDAY", "20270104");
  const Claim settled = Settled(claim);
  EXPECT_EQ(rules::ToTime(settled.resolution_due_time()), before + absl::Hours(24));
  EXPECT_FALSE(settled.resolution_due_provisional());
  EXPECT_EQ(Timer(rules::kResolutionDue, claim), before + absl::Hours(24));
  ASSERT_THAT(book_desk_->last_events(), SizeIs(1));
  EXPECT_TRUE(book_desk_->last_events()[0].resolution_due_settled().moved());
  EXPECT_EQ(rules::ToTime(settled.window_due_time()), rules::ToTime(claim.window_due_time()))
      << "the window is over";
}

TEST_F(ClaimDatesTest, CAL_03_AClaimThatHasEndedIsNotFoundAnyMore) {
  const Claim claim = SubmittedInDecember();
  ASSERT_THAT(
      book_desk_->As(Customer()).Decide(rules::RetractClaim, About<claims::v1::RetractClaimRequest>(claim)),
      IsOk());
  EXPECT_EQ(FoundBy(claim), "");
  Extend("HOLIDAY", "20270104");
  Settled(claim);
  EXPECT_THAT(book_desk_->last_events(), IsEmpty());
}

// Between the start of the process and the claim's turn.
TEST_F(ClaimDatesTest, CAL_03_AVerdictIsHeldAgainstTheSettledWindow) {
  const Claim claim = SubmittedInDecember();
  Extend("HOLIDAY", "20270104");
  book_desk_->MoveTo(At("2027-01-27T10:00+08:00"));
  const Claim approved = Approved(claim);
  EXPECT_FALSE(approved.overdue()) << "due by the 28th now";
  EXPECT_THAT(book_desk_->Events(&events::v1::Event::has_claim_window_settled), SizeIs(1));
}

TEST_F(ClaimDatesTest, CAL_03_AnyStepSettlesOnItsWay) {
  const Claim claim = SubmittedInDecember();
  Extend("HOLIDAY", "20270104");
  ASSERT_THAT(book_desk_->As(Customer()).Decide(rules::AddEvidence, claim.claim_id(), Picture("two")),
              IsOk());
  EXPECT_FALSE(book_desk_->Find<Claim>(claim.claim_id())->window_due_provisional());
  EXPECT_EQ(FoundBy(claim), "");
}

TEST_F(ClaimDatesTest, CAL_03_AnAppealsDatesWereNotToldAndDoNotMoveForTheCustomer) {
  const Claim claim = SubmittedInDecember();
  ASSERT_THAT(book_desk_->As(Operations()).Decide(rules::RejectClaim, RejectRequest(claim)), IsOk());
  ASSERT_THAT(
      book_desk_->As(Customer()).Decide(rules::AppealClaim, About<claims::v1::AppealClaimRequest>(claim)),
      IsOk());
  Extend("HOLIDAY", "20270104");
  Settled(claim);
  ASSERT_THAT(book_desk_->last_events(), SizeIs(1));
  EXPECT_TRUE(book_desk_->last_events()[0].claim_window_settled().moved());
  EXPECT_FALSE(book_desk_->last_events()[0].claim_window_settled().announced());
}

}  // namespace
}  // namespace makegood::testing
