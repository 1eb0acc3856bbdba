#include "common/rules/payments/case_facts.h"

#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using claims::v1::Claim;
using claims::v1::Withdrawal;

template <typename Units>
std::vector<Piece> PiecesOf(const Units& units) {
  std::vector<Piece> pieces;
  for (const claims::v1::ClaimedUnits& of_line : units) {
    pieces.push_back({SoldItem::KIND_LINE, of_line.line_id(), of_line.quantity()});
  }
  return pieces;
}

}  // namespace

CaseFacts FactsOf(const Claim& claim) {
  CaseFacts facts;
  facts.case_id = claim.claim_id();
  facts.order_id = claim.order_id();
  facts.reason = base::v1::REFUND_REASON_CLAIM;
  facts.asks = claim.refund_asked();
  facts.granted = PiecesOf(claim.units());
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
  facts.granted = PiecesOf(withdrawal.units());
  facts.ready = PiecesOf(withdrawal.returned_units());
  facts.over = withdrawal.has_close_time();
  if (withdrawal.delivery_fee().amount_minor() > 0) {
    const Piece fee{SoldItem::KIND_DELIVERY_FEE, "", 1};
    facts.granted.push_back(fee);
    if (withdrawal.has_goods_returned_time()) facts.ready.push_back(fee);
  }
  facts.return_number = withdrawal.return_number();
  facts.approve_time = ToTime(withdrawal.create_time());
  return facts;
}

}  // namespace makegood::rules
