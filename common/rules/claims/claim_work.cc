// What claims and withdrawals wait for people to do (WRK-01).
#include "common/rules/claims/claim_records.h"
#include "common/rules/messages.h"

namespace makegood::rules {
namespace {

using base::v1::WorkItem;
using claims::v1::Claim;
using claims::v1::Withdrawal;

WorkItem ItemOf(base::v1::WorkKind kind, base::v1::WorkTurn turn, const std::string& case_id,
                const base::v1::Money& amount) {
  WorkItem item = MakeWorkItem(kind, turn, case_id);
  item.set_case_id(case_id);
  *item.mutable_amount() = amount;
  return item;
}

// What was refused is due at once (SYS-13).
template <typename Case>
void AddRetry(const Case& asked, const std::string& case_id, const base::v1::Money& amount,
              std::vector<WorkItem>& waiting) {
  if (asked.refused_calls().empty()) return;
  WorkItem item = ItemOf(base::v1::WORK_KIND_RETRY_CALLS, base::v1::WORK_TURN_OPERATIONS, case_id, amount);
  *item.mutable_due_time() = asked.refused_calls(0).refuse_time();
  waiting.push_back(std::move(item));
}

WorkItem OfClaim(base::v1::WorkKind kind, base::v1::WorkTurn turn, const Claim& claim) {
  return ItemOf(kind, turn, claim.claim_id(), claim.gross());
}

// Until when an outcome that was approved must be reached (CLM-04).
WorkItem ForOutcome(base::v1::WorkKind kind, base::v1::WorkTurn turn, const Claim& claim) {
  WorkItem item = OfClaim(kind, turn, claim);
  if (claim.has_resolution_due_time()) *item.mutable_due_time() = claim.resolution_due_time();
  item.set_due_provisional(claim.resolution_due_provisional());
  return item;
}

// What is to be sent is due at the promised speed, where that is earlier (CLM-10).
WorkItem ForSending(const Claim& claim) {
  WorkItem item = ForOutcome(base::v1::WORK_KIND_SEND_AGAIN, base::v1::WORK_TURN_MERCHANT, claim);
  if (!claim.has_resolution_due_time() || SendDueTime(claim) < ToTime(claim.resolution_due_time())) {
    *item.mutable_due_time() = ToTimestamp(SendDueTime(claim));
    item.set_due_provisional(false);
  }
  return item;
}

}  // namespace

std::vector<WorkItem> RecordTraits<Claim>::Waiting(const Claim& claim) {
  std::vector<WorkItem> waiting;
  switch (claim.state()) {
    case Claim::STATE_AWAITING_EVIDENCE:
      waiting.push_back(OfClaim(base::v1::WORK_KIND_SUBMIT_EVIDENCE, base::v1::WORK_TURN_CUSTOMER, claim));
      *waiting.back().mutable_due_time() = claim.evidence_due_time();
      break;
    case Claim::STATE_VERIFYING:
      waiting.push_back(OfClaim(base::v1::WORK_KIND_DECIDE_CLAIM, base::v1::WORK_TURN_OPERATIONS, claim));
      *waiting.back().mutable_due_time() = claim.window_due_time();
      waiting.back().set_due_provisional(claim.window_due_provisional());
      break;
    case Claim::STATE_APPROVED:
      waiting.push_back(
          ForOutcome(base::v1::WORK_KIND_CHOOSE_RESOLUTION, base::v1::WORK_TURN_CUSTOMER, claim));
      break;
    case Claim::STATE_RESOLVING:
      // Refunds are payments' turn, and a withdrawal waits itself.
      if (IsToBeSent(claim)) waiting.push_back(ForSending(claim));
      break;
    default:
      break;
  }
  if (AwaitsCollection(claim)) {
    waiting.push_back(OfClaim(base::v1::WORK_KIND_COLLECT_WRONG_ITEM, base::v1::WORK_TURN_MERCHANT, claim));
    *waiting.back().mutable_due_time() = claim.collect_due_time();
  }
  if (claim.awaits_document()) {
    waiting.push_back(
        ForOutcome(base::v1::WORK_KIND_CREATE_RETURN_DOCUMENT, base::v1::WORK_TURN_OPERATIONS, claim));
  }
  AddRetry(claim, claim.claim_id(), claim.gross(), waiting);
  return waiting;
}

std::vector<WorkItem> RecordTraits<Withdrawal>::Waiting(const Withdrawal& withdrawal) {
  std::vector<WorkItem> waiting;
  const auto add = [&](base::v1::WorkKind kind, base::v1::WorkTurn turn) {
    waiting.push_back(ItemOf(kind, turn, withdrawal.withdrawal_id(), withdrawal.goods()));
    *waiting.back().mutable_due_time() = withdrawal.refund_due_time();
  };
  if (withdrawal.state() == Withdrawal::STATE_OPEN) {
    add(base::v1::WORK_KIND_RETURN_GOODS, base::v1::WORK_TURN_CUSTOMER);
  }
  if (withdrawal.awaits_document()) {
    add(base::v1::WORK_KIND_CREATE_RETURN_DOCUMENT, base::v1::WORK_TURN_OPERATIONS);
  }
  AddRetry(withdrawal, withdrawal.withdrawal_id(), withdrawal.goods(), waiting);
  return waiting;
}

}  // namespace makegood::rules
