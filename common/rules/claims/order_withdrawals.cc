#include "common/rules/claims/order_withdrawals.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/base/status.h"
#include "common/rules/claims/claim_tasks.h"
#include "common/rules/claims/order_units.h"

namespace makegood::rules {
namespace {

using claims::v1::Claim;
using claims::v1::Withdrawal;

absl::StatusOr<std::vector<Withdrawal>> OthersThan(const Withdrawal& known, Transaction& tx) {
  ASSIGN_OR_RETURN(std::vector<Withdrawal> all, WithdrawalsOf(known.order_id(), tx));
  all.erase(
      std::remove_if(all.begin(), all.end(),
                     [&](const Withdrawal& one) { return one.withdrawal_id() == known.withdrawal_id(); }),
      all.end());
  return all;
}

// Of the whole order, and its goods alone are not enough.
bool WaitsForOthers(const Withdrawal& withdrawal) {
  return IsOpen(withdrawal) && withdrawal.whole_order() && !withdrawal.whole_order_returned();
}

}  // namespace

absl::StatusOr<std::vector<Withdrawal>> WithdrawalsOf(absl::string_view order_id, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::vector<std::string> cases, CasesOf(order_id, tx));
  std::vector<Withdrawal> withdrawals;
  for (const std::string& case_id : cases) {
    ASSIGN_OR_RETURN(const std::optional<Claim> claim, tx.Find<Claim>(case_id));
    const std::string& id = claim.has_value() ? claim->withdrawal_id() : case_id;
    if (id.empty()) continue;
    ASSIGN_OR_RETURN(Withdrawal withdrawal, tx.Get<Withdrawal>(id));
    withdrawals.push_back(std::move(withdrawal));
  }
  return withdrawals;
}

absl::Status NoteOrderReturned(Withdrawal& complete, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::vector<Withdrawal> others, OthersThan(complete, tx));
  for (const Withdrawal& other : others) {
    if (other.state() == Withdrawal::STATE_OPEN) return absl::OkStatus();
  }
  if (complete.whole_order()) complete.set_whole_order_returned(true);
  for (Withdrawal other : others) {
    if (!WaitsForOthers(other)) continue;
    other.set_whole_order_returned(true);
    CallGrantRefund(other, tx);
    tx.Put(other);
  }
  return absl::OkStatus();
}

absl::Status NoteOrderNotReturned(const Withdrawal& closed, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::vector<Withdrawal> others, OthersThan(closed, tx));
  for (Withdrawal other : others) {
    if (!WaitsForOthers(other)) continue;
    other.set_whole_order(false);
    other.mutable_delivery_fee()->set_amount_minor(0);
    CallGrantRefund(other, tx);
    tx.Put(other);
  }
  return absl::OkStatus();
}

}  // namespace makegood::rules
