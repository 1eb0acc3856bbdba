// A desk with an order at it, and what is done with claims on it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/rules/claims/claim_guards.h"
#include "common/rules/claims/claim_rules.h"
#include "common/rules/claims/claim_tasks.h"
#include "common/rules/claims/refused_calls.h"
#include "makegood/payments/v1/payments_service.pb.h"
#include "tests/support/claims_support.h"
#include "tests/support/rules_support.h"

namespace makegood::testing {

using claims::v1::Claim;
using events::v1::Event;
using rules::Remedy;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

inline constexpr absl::string_view kDelivered = "2026-09-20T12:00+02:00";

class ClaimRulesTest : public ::testing::Test {
 protected:
  ClaimRulesTest() : desk_(At("2026-09-21T10:00+02:00")) {}

  absl::StatusOr<Claim> Open(const Units& units, base::v1::ClaimKind kind = base::v1::CLAIM_KIND_MISSING) {
    return desk_.As(Customer()).Decide(rules::OpenClaim, OpenRequest(units, kind), order_);
  }

  Claim Opened(const Units& units = {{"l-1", 1}}) {
    const absl::StatusOr<Claim> claim = Open(units);
    EXPECT_THAT(claim, IsOk());
    return claim.value_or(Claim());
  }

  // A claim at a marketplace that verifies, with one picture, submitted.
  Claim Submitted() {
    order_ = tmall_;
    const Claim claim = Opened();
    EXPECT_THAT(desk_.Decide(rules::AddEvidence, claim.claim_id(), Picture("one")), IsOk());
    const auto submitted =
        desk_.Decide(rules::SubmitEvidence, About<claims::v1::SubmitEvidenceRequest>(claim));
    EXPECT_THAT(submitted, IsOk());
    return submitted.value_or(Claim());
  }

  absl::StatusOr<Claim> Approve(const Claim& claim) {
    return desk_.As(Operations()).Decide(rules::ApproveClaim, About<claims::v1::ApproveClaimRequest>(claim));
  }
  absl::StatusOr<Claim> Reject(const Claim& claim) {
    return desk_.As(Operations()).Decide(rules::RejectClaim, RejectRequest(claim));
  }
  absl::StatusOr<Claim> Appeal(const Claim& claim) {
    return desk_.As(Customer()).Decide(rules::AppealClaim, About<claims::v1::AppealClaimRequest>(claim));
  }
  absl::StatusOr<Claim> Retract(const Claim& claim) {
    return desk_.As(Customer()).Decide(rules::RetractClaim, About<claims::v1::RetractClaimRequest>(claim));
  }
  absl::StatusOr<Claim> Choose(const Claim& claim, base::v1::ResolutionKind resolution) {
    return desk_.As(Customer()).Decide(rules::ChooseResolution, ChooseRequest(claim, resolution));
  }

  Claim Now(const Claim& claim) { return *desk_.Find<Claim>(claim.claim_id()); }

  std::string TaskOf(absl::string_view kind, const Claim& claim) {
    return absl::StrCat(kind, ":", claim.claim_id());
  }

  // The last call to payments for the claim's money.
  rules::Task CallOf(const Claim& claim) {
    std::optional<rules::Task> last;
    for (const rules::Task& task : desk_.Tasks(rules::kGrantRefundTask)) {
      if (rules::CaseOfTask(task.id) == claim.claim_id()) last = task;
    }
    EXPECT_TRUE(last.has_value());
    return last.value_or(rules::Task());
  }

  Desk desk_;
  const orders::v1::Order mall_ = DeliveredOrder("mall", "EUR", At(kDelivered));
  const orders::v1::Order tmall_ = DeliveredOrder("tmall", "CNY", At(kDelivered));
  orders::v1::Order order_ = mall_;
};

}  // namespace makegood::testing
