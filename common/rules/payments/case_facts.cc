#include "common/rules/payments/case_facts.h"

#include "common/rules/times.h"

namespace makegood::rules {
using claims::v1::Claim;
using claims::v1::Withdrawal;

CaseFacts FactsOf(const Claim& claim) {
  CaseFacts facts;
  facts.case_id = claim.claim_id();
  facts.order_id = claim.order_id();
  facts.reason = base::v1::REFUND_REASON_CLAIM;
  facts.asks = claim.refund_asked();
  facts.granted = LinePieces(claim.units());
  facts.ready = facts.granted;
  facts.return_number = claim.return_number();
  facts.approve_time = ToTime(claim.decision_time());
  return facts;
}

CaseFacts FactsOf(const Withdrawal& withdrawal) {
  CaseFacts facts;
  facts.case_id = withdrawal.withdrawal_id();
  facts.order_id = withdrawal.order_id();
  facts.reason = base::v1::REFUND_REASON_WITHDRAWAL;
  facts.asks = true;
  facts.granted = LinePieces(withdrawal.units());
  facts.ready = LinePieces(withdrawal.returned_units());
  facts.whole_order = withdrawal.whole_order();
  facts.whole_order_ready = withdrawal.whole_order_returned();
  facts.over = withdrawal.has_close_time();
  facts.return_number = withdrawal.return_number();
  facts.approve_time = ToTime(withdrawal.create_time());
  return facts;
}

}  // namespace makegood::rules
