// What payments must know of a claim or withdrawal to give its money back (RFD-09): as its owner tells it,
// which is asked before the decision.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/rules/payments/sold_items.h"
#include "makegood/claims/v1/claims.pb.h"

namespace makegood::rules {

// Everything grows only, but for `over` and `whole_order`: whatever is asked late says as much or more.
struct CaseFacts {
  std::string case_id;
  std::string order_id;
  base::v1::RefundReason reason = base::v1::REFUND_REASON_UNSPECIFIED;
  bool asks = false;               // it has come to where money goes back
  std::vector<Piece> granted;      // the units it is over
  std::vector<Piece> ready;        // of them, those that wait for no goods
  bool whole_order = false;        // the fee and goods that were paid as a surcharge go back with it (CLM-08)
  bool whole_order_ready = false;  // these two wait for no goods either
  bool over = false;               // no more goods come: what is not ready is given up
  std::string return_number;       // of its return document, where there is one (RFD-05)
  absl::Time approve_time;         // from when its refunds are measured (CLM-04)
};

CaseFacts FactsOf(const claims::v1::Claim& claim);
CaseFacts FactsOf(const claims::v1::Withdrawal& withdrawal);

}  // namespace makegood::rules
