#include "common/rules/claims/refused_calls.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/rules/claims/claim_records.h"
#include "common/rules/claims/claim_steps.h"
#include "common/rules/claims/claim_tasks.h"
#include "common/rules/claims/withdrawal_rules.h"
#include "common/rules/messages.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using base::v1::CallKind;
using claims::v1::Claim;
using claims::v1::RefusedCall;
using claims::v1::Withdrawal;
using events::v1::Event;

// One answer to each call: the last.
template <typename Case>
RefusedCall& CallOf(Case& asked, CallKind call) {
  for (RefusedCall& refused : *asked.mutable_refused_calls()) {
    if (refused.call() == call) return refused;
  }
  RefusedCall& refused = *asked.add_refused_calls();
  refused.set_call(call);
  return refused;
}

template <typename Case>
void Note(Case asked, Event event, CallKind call, const absl::Status& refusal, Transaction& tx) {
  RefusedCall& refused = CallOf(asked, call);
  const std::string rule = RuleOf(refusal);
  absl::string_view reason = refusal.message();
  absl::ConsumePrefix(&reason, absl::StrCat(rule, ": "));
  refused.set_rule_id(rule);
  refused.set_reason(std::string(reason));
  *refused.mutable_refuse_time() = ToTimestamp(tx.now());
  tx.Put(asked);
  events::v1::CallRefused& told = *event.mutable_call_refused();
  told.set_call(call);
  told.set_rule_id(refused.rule_id());
  told.set_reason(refused.reason());
  tx.Emit(std::move(event));
}

// A case that has ended asks for nothing any more, but for the credit note under a return document that came
// after its money.
bool AsksStill(const Claim& claim) {
  return IsOpen(claim) || (claim.state() == Claim::STATE_RESOLVED && !claim.return_number().empty() &&
                           claim.resolution() == base::v1::RESOLUTION_KIND_REFUND);
}

bool AsksStill(const Withdrawal& withdrawal) {
  return IsOpen(withdrawal) || (withdrawal.state() == Withdrawal::STATE_SETTLED &&
                                !withdrawal.return_number().empty() && !withdrawal.corrected());
}

template <typename Case>
void AskAgain(Case& asked, const Event& header, Transaction& tx) {
  const auto tell = [&](CallKind call) {
    Event event = header;
    event.mutable_call_retried()->set_call(call);
    tx.Emit(std::move(event));
  };
  for (const RefusedCall& refused : asked.refused_calls()) tell(refused.call());
  if (asked.refused_calls().empty()) tell(base::v1::CALL_KIND_GRANT_REFUND);
  asked.clear_refused_calls();
  CallGrantRefund(asked, tx);
}

absl::Status AskedForSomething(bool asks) {
  return asks ? absl::OkStatus() : Refusal("SYS-13", "there is nothing that it asks for");
}

}  // namespace

absl::Status NoteRefusedCall(CallKind call, absl::string_view task_id, const absl::Status& refusal,
                             Transaction& tx) {
  const absl::string_view case_id = CaseOfTask(task_id);
  ASSIGN_OR_RETURN(const std::optional<Claim> claim, tx.Find<Claim>(case_id));
  if (claim.has_value() && AsksStill(*claim)) Note(*claim, EventAbout(*claim, case_id), call, refusal, tx);
  ASSIGN_OR_RETURN(const std::optional<Withdrawal> withdrawal, tx.Find<Withdrawal>(case_id));
  if (withdrawal.has_value() && AsksStill(*withdrawal)) {
    Note(*withdrawal, EventAbout(*withdrawal, case_id), call, refusal, tx);
  }
  return claim.has_value() || withdrawal.has_value() ? absl::OkStatus() : NotFound("case", case_id);
}

absl::Status MayRetryClaimCalls(const Claim& claim) {
  return AskedForSomething(!claim.refused_calls().empty() || (claim.refund_asked() && AsksStill(claim)));
}

absl::Status MayRetryWithdrawalCalls(const Withdrawal& withdrawal) {
  return AskedForSomething(!withdrawal.refused_calls().empty() || AsksStill(withdrawal));
}

absl::StatusOr<Claim> RetryClaimCalls(const claims::v1::RetryClaimCallsRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, BeginStep(kRetryClaimCalls, request.claim_id(), tx));
  AskAgain(loaded.claim, EventAbout(loaded.claim, loaded.claim.claim_id()), tx);
  return EndStep(std::move(loaded.claim), tx);
}

absl::StatusOr<Withdrawal> RetryWithdrawalCalls(const claims::v1::RetryWithdrawalCallsRequest& request,
                                                Transaction& tx) {
  ASSIGN_OR_RETURN(Withdrawal withdrawal, Begin(kRetryWithdrawalCalls, request.withdrawal_id(), tx));
  AskAgain(withdrawal, EventAbout(withdrawal, withdrawal.withdrawal_id()), tx);
  tx.Put(withdrawal);
  FillActions(withdrawal, tx.actor(), tx.now(), tx.policies());
  return withdrawal;
}

}  // namespace makegood::rules
