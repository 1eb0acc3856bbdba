// Three desks, one a service, on one clock, and what goes between them: the events of each are heard by the
// others later, in their order and at times twice, and calls are made later, to whoever decides them.
#pragma once

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/rules/claims/claim_rules.h"
#include "common/rules/claims/claim_tasks.h"
#include "common/rules/claims/refused_calls.h"
#include "common/rules/claims/withdrawal_rules.h"
#include "common/rules/deliveries/delivery_rules.h"
#include "common/rules/incidents/alternative.h"
#include "common/rules/incidents/closing_rules.h"
#include "common/rules/incidents/incident_rules.h"
#include "common/rules/incidents/incident_steps.h"
#include "common/rules/incidents/supplier_tasks.h"
#include "common/rules/orders/address_rules.h"
#include "common/rules/orders/order_rules.h"
#include "common/rules/payments/credit_note_due.h"
#include "common/rules/work/work_rules.h"
#include "tests/rules/payments/money_desk.h"
#include "tests/rules/together/together_script.h"

namespace makegood::testing {

using claims::v1::Claim;
using claims::v1::Withdrawal;
using rules::Incident;

class TogetherWorld {
 public:
  explicit TogetherWorld(const Marketplace& at)
      : orders(At("2026-09-01T10:00+02:00"), *at.policies, "orders"),
        claims(orders.now(), *at.policies, "claims"),
        payments(orders.now(), *at.policies, "payments"),
        policies(*at.policies) {}
  TogetherWorld(const TogetherWorld&) = delete;
  TogetherWorld& operator=(const TogetherWorld&) = delete;

  // ---- The clock, and the timers that it passes (SYS-05).

  absl::Time now() const { return orders.now(); }

  void Advance(absl::Duration by) {
    for (Desk* const desk : {&orders, &claims, &payments}) desk->Advance(by);
  }

  void RunTimers() {
    RunTimers(orders, {{rules::kShipmentOverdue, rules::MarkShipmentOverdue},
                       {rules::kShipmentNoStock, rules::MarkNoStock},
                       {rules::kChoiceDue, rules::EndChoice},
                       {rules::kAddressDue, rules::EndAddressWait},
                       {rules::kCourierWait, rules::EndWait},
                       {rules::kRestockDue, rules::EndRestock},
                       {rules::kSupplierDue, rules::EndSupplierTerm}});
    RunTimers(claims, {{rules::kEvidenceDue, rules::CloseEvidence},
                       {rules::kDecisionDue, rules::MarkOverdue},
                       {rules::kAppealEnds, rules::CloseRejection},
                       {rules::kResolutionDue, rules::MarkResolutionOverdue},
                       {rules::kWithdrawalDue, rules::MarkWithdrawalOverdue}});
    RunTimers(payments, {{rules::kSurchargeExpiry, rules::ExpireSurcharge},
                         {rules::kCreditNoteDue, rules::MarkCreditNoteOverdue}});
  }

  // ---- Events. Each who follows has a place of its own in each feed.

  // Of one of the feeds the next event, if there is one.
  bool Hear(size_t which, bool twice) {
    Feed& feed = feeds_[which % std::size(feeds_)];
    if (feed.heard == feed.source->events().size()) return false;
    const Event event = feed.source->events()[feed.heard++];
    const absl::Status heard = feed.at->As(Service()).Hear(feed.react, event);
    if (!heard.ok()) RC_LOG() << heard.ToString() << "\n";
    RC_ASSERT(heard.ok());
    if (!twice) return true;
    RC_ASSERT(feed.at->Hear(feed.react, event).ok());
    RC_ASSERT(feed.at->last_events().empty());
    return true;
  }

  void HearAll() {
    for (bool any = true; any;) {
      any = false;
      for (size_t which = 0; which < std::size(feeds_); ++which) {
        while (Hear(which, false)) any = true;
      }
    }
  }

  bool AllIsHeard() const {
    return std::all_of(std::begin(feeds_), std::end(feeds_),
                       [](const Feed& feed) { return feed.heard == feed.source->events().size(); });
  }

  // ---- Calls between services (SYS-13).

  struct Call {
    Desk* from;
    rules::Task task;
  };

  std::vector<Call> Calls() {
    std::vector<Call> calls;
    for (const rules::Task& task : claims.Tasks(rules::kGrantRefundTask)) calls.push_back({&claims, task});
    for (const absl::string_view kind : {rules::kPlaceHoldTask, rules::kReleaseHoldTask}) {
      for (const rules::Task& task : payments.Tasks(kind)) calls.push_back({&payments, task});
    }
    return calls;
  }

  // Who is called decides; the answer may be lost on its way back, and the same is asked again (SYS-02).
  void Make(const Call& call, bool answer_lost) {
    if (call.task.kind == rules::kGrantRefundTask) return AskForRefund(call.task, answer_lost);
    if (call.task.kind == rules::kPlaceHoldTask) return AskForHold(call.task, answer_lost);
    const auto request = Read<orders::v1::ReleaseHoldRequest>(call.task);
    const absl::Status answer = Answer(
        call.task.id, [&] { return orders.As(Service()).Decide(rules::ReleaseHold, request).status(); });
    RC_ASSERT(answer.ok());
    if (!answer_lost) RC_ASSERT(payments.Complete(call.task.id, NothingFollows).ok());
  }

  // ---- What is read of the owners before a decision.

  orders::v1::Order order() const { return *orders.Find<orders::v1::Order>("o-1"); }
  Account account() const { return payments.Find<Account>("o-1").value_or(Account()); }

  // Money has not heard yet how far the order has come.
  bool MoneyIsBehind() const { return account().order_version() < order().version(); }

  Desk orders;
  Desk claims;
  Desk payments;
  const rules::PolicyBook& policies;

 private:
  using Reaction = absl::Status (*)(const Event& event, rules::Transaction& tx);
  using Timer = absl::Status (*)(absl::string_view id, rules::Transaction& tx);

  struct Feed {
    Desk* source;
    Desk* at;
    Reaction react;
    size_t heard = 0;
  };

  static absl::Status HearPayment(const Event& event, rules::Transaction& tx) {
    RETURN_IF_ERROR(rules::ReactToPayment(event, tx));
    RETURN_IF_ERROR(rules::FollowPayment(event, tx));
    return rules::FollowWork(event, tx);
  }

  static absl::Status HearOwn(const Event& event, rules::Transaction& tx) {
    RETURN_IF_ERROR(rules::FollowOrder(event, tx));
    RETURN_IF_ERROR(rules::FollowDelivery(event, tx));
    return rules::FollowWork(event, tx);
  }

  static absl::Status HearClaims(const Event& event, rules::Transaction& tx) {
    RETURN_IF_ERROR(rules::FollowCase(event, tx));
    return rules::FollowWork(event, tx);
  }

  static absl::Status NothingFollows(rules::Transaction&) { return absl::OkStatus(); }

  static void RunTimers(Desk& desk, const std::map<absl::string_view, Timer>& timers) {
    desk.As(Service());
    for (const auto& [kind, timer] : timers) {
      for (const rules::Task& task : desk.Tasks(kind)) {
        if (task.due <= desk.now()) RC_ASSERT(desk.Complete(task.id, timer, task.payload).ok());
      }
    }
  }

  template <typename Request>
  static Request Read(const rules::Task& task) {
    Request request;
    RC_ASSERT(request.ParseFromString(task.payload));
    return request;
  }

  // Only what was committed is kept, and answered again; a refusal is decided again.
  template <typename Decide>
  absl::Status Answer(const std::string& request_id, const Decide& decide) {
    if (accepted_.contains(request_id)) return absl::OkStatus();
    const absl::Status answer = decide();
    if (answer.ok()) accepted_.insert(request_id);
    return answer;
  }

  void AskForRefund(const rules::Task& task, bool answer_lost) {
    const auto request = Read<payments::v1::GrantRefundRequest>(task);
    RC_ASSERT(request.command().request_id() == task.id);
    const absl::Status answer = Answer(task.id, [&] {
      return payments.As(Service())
          .Decide(rules::GrantRefund, request, rules::RefundFacts{order(), FactsOf(request)})
          .status();
    });
    if (absl::IsUnavailable(answer)) RC_ASSERT(MoneyIsBehind());
    if (answer_lost || absl::IsUnavailable(answer)) return;
    if (answer.ok()) return RC_ASSERT(claims.Complete(task.id, NothingFollows).ok());
    RC_LOG() << "refused: " << answer.ToString() << "\n";
    RC_ASSERT(!RuleOf(answer).empty());
    RC_ASSERT(
        claims.As(Service())
            .Complete(task.id, rules::NoteRefusedCall, base::v1::CALL_KIND_GRANT_REFUND, task.id, answer)
            .ok());
  }

  std::optional<CaseFacts> FactsOf(const payments::v1::GrantRefundRequest& request) const {
    if (request.reason() == base::v1::REFUND_REASON_CLAIM) {
      return rules::FactsOf(*claims.Find<Claim>(request.case_id()));
    }
    return rules::FactsOf(*claims.Find<Withdrawal>(request.case_id()));
  }

  void AskForHold(const rules::Task& task, bool answer_lost) {
    const auto request = Read<orders::v1::PlaceHoldRequest>(task);
    const absl::Status answer =
        Answer(task.id, [&] { return orders.As(Service()).Decide(rules::PlaceHold, request).status(); });
    if (answer_lost) return;
    payments.As(Service());
    const absl::Status told =
        answer.ok() ? payments.Complete(task.id, rules::HoldConfirmed, request.reference_id())
                    : payments.Complete(task.id, rules::HoldRefused, request.reference_id(), answer);
    RC_ASSERT(told.ok());
  }

  Feed feeds_[6] = {{&orders, &payments, rules::ReactToOrder},
                    {&payments, &orders, HearPayment},
                    {&payments, &claims, rules::OnPaymentEvent},
                    {&orders, &claims, rules::OnOrderEvent},
                    {&orders, &orders, HearOwn},
                    {&claims, &orders, HearClaims}};
  std::set<std::string> accepted_;
};

}  // namespace makegood::testing
