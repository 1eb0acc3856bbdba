// Policies and calendars that change while a claim runs.
#pragma once

#include <optional>
#include <string>

#include "tests/rules/claims/claim_fixture.h"

namespace makegood::testing {

class ChangingBookTest : public ClaimRulesTest {
 protected:
  // A claim at a marketplace that verifies, submitted at `time` by the shipped calendars, on a desk of its
  // own.
  Claim Submitted(absl::Time time) {
    auto book = rules::PolicyBook::Shipped();
    EXPECT_THAT(book, IsOk());
    book_ = *std::move(book);
    book_desk_.emplace(time, book_);
    order_ = DeliveredOrder("tmall", "CNY", time - absl::Hours(24));
    book_desk_->As(Customer());
    const auto claim = book_desk_->Decide(rules::OpenClaim, OpenRequest({{"l-1", 1}}), order_);
    EXPECT_THAT(claim, IsOk());
    EXPECT_THAT(book_desk_->Decide(rules::AddEvidence, claim->claim_id(), Picture("one")), IsOk());
    return *book_desk_->Decide(rules::SubmitEvidence, About<claims::v1::SubmitEvidenceRequest>(*claim));
  }

  // On 14 December 2026: the 30th working day is 26 January 2027, which the calendar does not know for
  // certain.
  Claim SubmittedInDecember() { return Submitted(At("2026-12-14T10:00+08:00")); }

  Claim AfterTimer(const Claim& claim) {
    const std::string timer = TaskOf(rules::kDecisionDue, claim);
    book_desk_->MoveTo(book_desk_->tasks().at(timer).due);
    EXPECT_THAT(book_desk_->As(Service()).Decide(rules::MarkOverdue, claim.claim_id()), IsOk());
    return *book_desk_->Find<Claim>(claim.claim_id());
  }

  rules::PolicyBook book_;
  std::optional<Desk> book_desk_;
};

}  // namespace makegood::testing
