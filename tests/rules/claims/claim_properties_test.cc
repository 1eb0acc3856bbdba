// What holds of claims under any sequence of commands, timers and news from payments.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/rules/claims/claim_guards.h"
#include "common/rules/claims/claim_rules.h"
#include "common/rules/claims/claim_tasks.h"
#include "common/rules/claims/withdrawal_rules.h"
#include "tests/support/claims_support.h"
#include "tests/support/rules_support.h"
#include "tests/support/work_support.h"

namespace makegood::testing {
namespace {

using claims::v1::Claim;
using claims::v1::Withdrawal;

// One random step: which, by whom, on which claim, and how much time passes before it.
struct Step {
  int command;
  int actor;
  int target;
  int choice;
  int hours;
};

constexpr int kCommands = 16;

// An order, its claims, and everyone who acts on them.
class World {
 public:
  explicit World(absl::string_view marketplace)
      : desk_(At("2026-09-21T10:00+02:00")),
        order_(DeliveredOrder(marketplace, marketplace == "tmall" ? "CNY" : "EUR",
                              At("2026-09-20T12:00+02:00"))) {}

  void Take(const Step& step) {
    desk_.Advance(absl::Hours(step.hours));
    desk_.As(Actors().at(step.actor % Actors().size()));
    if (step.command == 0) {
      Judge(desk_.Decide(rules::OpenClaim, OpenRequest(UnitsOf(step)), order_));
    } else if (step.command == 1) {
      claims::v1::WithdrawPurchaseRequest request;
      AddUnits(UnitsOf(step), request);
      Judge(desk_.Decide(rules::WithdrawPurchase, SentBy(ActorNow(), request), order_));
    } else if (step.command == 2) {
      RunTimers();
    } else if (step.command == 3) {
      TellOfRefunds(step.choice);
    } else {
      OnClaim(step);
    }
    CheckUnits();
    CheckFinalStates();
    // WRK-01: what waits for people is what events have told, each in its commit.
    RC_ASSERT(WorkTold(desk_.events()) == (WorkOn<Claim, Withdrawal>(desk_)));
  }

 private:
  static const std::vector<base::v1::Actor>& Actors() {
    static const std::vector<base::v1::Actor> actors = {Customer(),      Operations(),   Employee(),
                                                        Customer("c-2"), Manager("m-2"), Service(),
                                                        Auditor(),       Courier()};
    return actors;
  }

  static Units UnitsOf(const Step& step) {
    return {{step.choice % 4 == 0 ? "l-2" : "l-1", 1 + step.target % 3}};
  }

  void OnClaim(const Step& step) {
    const std::vector<Claim> claims = desk_.All<Claim>();
    if (claims.empty()) return;
    const Claim claim = claims[step.target % claims.size()];
    using namespace claims::v1;  // NOLINT(build/namespaces): every request of the service
    switch (step.command) {
      case 4:
        return Agree(
            "UploadEvidence", claim,
            desk_.Decide(rules::AddEvidence, claim.claim_id(), Picture(absl::StrCat("file ", step.choice))));
      case 5:
        return Agree("SubmitEvidence", claim,
                     desk_.Decide(rules::SubmitEvidence, About<SubmitEvidenceRequest>(claim)));
      case 6:
        return Agree("ApproveClaim", claim,
                     desk_.Decide(rules::ApproveClaim, About<ApproveClaimRequest>(claim)));
      case 7:
        return Agree("RejectClaim", claim, desk_.Decide(rules::RejectClaim, RejectRequest(claim)));
      case 8:
        return Agree("AppealClaim", claim,
                     desk_.Decide(rules::AppealClaim, SentBy(ActorNow(), About<AppealClaimRequest>(claim))));
      case 9:
        return Agree(
            "RetractClaim", claim,
            desk_.Decide(rules::RetractClaim, SentBy(ActorNow(), About<RetractClaimRequest>(claim))));
      case 10:
      case 11:
        return Choose(claim, step.choice);
      case 12:
        return Agree("ReportOutOfStock", claim,
                     desk_.Decide(rules::ReportOutOfStock, About<ReportOutOfStockRequest>(claim)));
      case 13:
        return Agree("RecordReship", claim, desk_.Decide(rules::RecordReship, ReshipRequest(claim)));
      case 14:
        return Agree("CreateReturnDocument", claim,
                     desk_.Decide(rules::CreateReturnDocument, ReturnRequest(claim)));
      default:
        if (claim.withdrawal_id().empty()) return;
        RecordGoodsReturnedRequest request;
        request.set_withdrawal_id(claim.withdrawal_id());
        Judge(desk_.Decide(rules::RecordGoodsReturned, request));
    }
  }

  // ORD-09: what the claim says of the action, before it was taken, is what the command says.
  void Agree(absl::string_view action, const Claim& before, const absl::StatusOr<Claim>& result) {
    Judge(result);
    Claim asked = before;
    RC_ASSERT(rules::FillActions(asked, ActorNow(), desk_.now(), ShippedPolicies()).ok());
    const auto found = std::find_if(asked.available_actions().begin(), asked.available_actions().end(),
                                    [action](const auto& one) { return one.action() == action; });
    RC_ASSERT(found != asked.available_actions().end());
    RC_ASSERT(found->allowed() == result.ok());
    if (!result.ok()) RC_ASSERT(found->rule_id() == RuleOf(result.status()));
  }

  // Of the outcomes exactly the offered ones can be chosen by who may choose.
  void Choose(const Claim& claim, int choice) {
    const auto kind = static_cast<base::v1::ResolutionKind>(1 + choice % 4);
    const auto result = desk_.Decide(rules::ChooseResolution, SentBy(ActorNow(), ChooseRequest(claim, kind)));
    Judge(result);
    Claim asked = claim;
    RC_ASSERT(rules::FillActions(asked, ActorNow(), desk_.now(), ShippedPolicies()).ok());
    const auto& offered = asked.offered_resolutions();
    const bool allowed =
        rules::CheckReached(rules::kChooseResolution,
                            rules::Asked<Claim>{claim, ActorNow(), desk_.now(), ShippedPolicies()})
            .ok() &&
        std::find(offered.begin(), offered.end(), kind) != offered.end();
    RC_ASSERT(allowed == result.ok());
  }

  const base::v1::Actor& ActorNow() const { return desk_.actor(); }

  // SYS-07: every refusal names its rule.
  template <typename M>
  void Judge(const absl::StatusOr<M>& result) {
    if (result.ok()) return;
    const absl::StatusCode code = result.status().code();
    RC_ASSERT(code == absl::StatusCode::kFailedPrecondition || code == absl::StatusCode::kPermissionDenied);
    RC_ASSERT(!RuleOf(result.status()).empty());
  }

  void RunTimers() {
    using Timer = absl::Status (*)(absl::string_view, rules::Transaction&);
    static const std::map<absl::string_view, Timer> timers = {
        {rules::kEvidenceDue, rules::CloseEvidence},
        {rules::kDecisionDue, rules::MarkOverdue},
        {rules::kAppealEnds, rules::CloseRejection},
        {rules::kResolutionDue, rules::MarkResolutionOverdue}};
    desk_.As(Service());
    for (const auto& [kind, timer] : timers) {
      for (const rules::Task& task : desk_.Tasks(kind)) {
        if (task.due <= desk_.now()) RC_ASSERT(desk_.Complete(task.id, timer, task.payload).ok());
      }
    }
  }

  // Payments grants what was asked for, and settles it or not yet.
  void TellOfRefunds(int choice) {
    desk_.As(Service());
    for (const rules::Task& task : desk_.Tasks(rules::kGrantRefundTask)) {
      const std::string id = task.payload.empty() ? "" : std::string(rules::CaseOfTask(task.id));
      const auto reason = desk_.Find<Claim>(id).has_value() ? base::v1::REFUND_REASON_CLAIM
                                                            : base::v1::REFUND_REASON_WITHDRAWAL;
      RC_ASSERT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(id, reason, "grant-" + id)).ok());
      if (choice % 2 == 0) continue;
      RC_ASSERT(
          desk_.Decide(rules::OnPaymentEvent, GrantClosedEvent(id, reason, desk_.now(), "grant-" + id)).ok());
    }
  }

  // CLM-01: never more units claimed and withdrawn than were ordered, and each by a case that is alive.
  void CheckUnits() {
    const auto units = desk_.Find<claims::v1::OrderUnits>("o-1");
    if (!units.has_value()) return;
    std::map<std::string, int> taken;
    for (const auto& by_case : units->taken()) {
      for (const auto& named : by_case.units()) taken[named.line_id()] += named.quantity();
      const auto claim = desk_.Find<Claim>(by_case.case_id());
      if (!claim.has_value()) continue;
      RC_ASSERT(claim->state() != Claim::STATE_RETRACTED && claim->state() != Claim::STATE_LAPSED);
    }
    RC_ASSERT(taken["l-1"] <= 3);
    RC_ASSERT(taken["l-2"] <= 1);
  }

  // CLM-06: the record says by itself that a document is due, and then one is taken.
  void CheckDocumentDue(Claim claim) {
    const bool awaits = claim.awaits_document();
    RC_ASSERT(rules::FillActions(claim, Operations(), desk_.now(), ShippedPolicies()).ok());
    const auto& actions = claim.available_actions();
    const auto document = std::find_if(actions.begin(), actions.end(), [](const auto& action) {
      return action.action() == "CreateReturnDocument";
    });
    RC_ASSERT(document != actions.end());
    RC_ASSERT(document->allowed() == awaits);
  }

  // CLM-13: what is final stays.
  void CheckFinalStates() {
    for (const Claim& claim : desk_.All<Claim>()) {
      CheckDocumentDue(claim);
      const auto before = final_.find(claim.claim_id());
      if (before != final_.end()) RC_ASSERT(before->second == claim.state());
      const bool closed = claim.state() == Claim::STATE_REJECTED &&
                          (claim.appealed() || desk_.now() >= rules::ToTime(claim.appeal_until_time()));
      if (closed || claim.state() == Claim::STATE_RESOLVED || claim.state() == Claim::STATE_RETRACTED ||
          claim.state() == Claim::STATE_LAPSED) {
        final_[claim.claim_id()] = claim.state();
      }
    }
    for (const Withdrawal& withdrawal : desk_.All<Withdrawal>()) {
      if (withdrawal.state() == Withdrawal::STATE_SETTLED) settled_.insert(withdrawal.withdrawal_id());
      RC_ASSERT(settled_.contains(withdrawal.withdrawal_id()) ==
                (withdrawal.state() == Withdrawal::STATE_SETTLED));
    }
  }

  Desk desk_;
  orders::v1::Order order_;
  std::map<std::string, Claim::State> final_;
  std::set<std::string> settled_;
};

rc::Gen<Step> AStep() {
  return rc::gen::build<Step>(
      rc::gen::set(&Step::command, rc::gen::inRange(0, kCommands)),
      // Those who may act come up more often than those who may not.
      rc::gen::set(&Step::actor, rc::gen::weightedElement<int>(
                                     {{6, 0}, {6, 1}, {3, 2}, {1, 3}, {1, 4}, {1, 5}, {1, 6}, {1, 7}})),
      rc::gen::set(&Step::target, rc::gen::inRange(0, 12)),
      rc::gen::set(&Step::choice, rc::gen::inRange(0, 12)),
      rc::gen::set(&Step::hours, rc::gen::weightedElement<int>({{20, 0}, {4, 5}, {2, 30}, {1, 400}})));
}

RC_GTEST_PROP(ClaimProperties, CLM_01_CLM_13_ORD_09_SYS_07_UnderAnySequence, ()) {
  const auto marketplace = *rc::gen::element<std::string>("mall", "tmall", "flowwow", "default");
  const auto steps = *rc::gen::resize(150, rc::gen::container<std::vector<Step>>(AStep()));
  World world(marketplace);
  for (const Step& step : steps) world.Take(step);
}

}  // namespace
}  // namespace makegood::testing
