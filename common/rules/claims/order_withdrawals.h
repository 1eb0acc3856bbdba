// The withdrawals of one order together: the delivery fee, and goods that were paid as a surcharge, go back
// with the whole order, in one step or in several (CLM-08).
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/claims/claim_records.h"
#include "common/rules/transaction.h"

namespace makegood::rules {

// The order's withdrawals, those that claims led to included.
absl::StatusOr<std::vector<claims::v1::Withdrawal>> WithdrawalsOf(absl::string_view order_id,
                                                                  Transaction& tx);

// All goods of `complete` are back. Where those of all other steps are, what goes back with the whole order
// is paid: by `complete`, which the caller keeps and asks for, or by the step that is of the whole order.
absl::Status NoteOrderReturned(claims::v1::Withdrawal& complete, Transaction& tx);

// Goods of `closed` never come back: it is not the whole order that is withdrawn after all, and no other step
// that waits for it brings the fee.
absl::Status NoteOrderNotReturned(const claims::v1::Withdrawal& closed, Transaction& tx);

}  // namespace makegood::rules
