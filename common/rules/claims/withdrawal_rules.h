// The statutory withdrawal from a purchase (CLM-08). The order stays DELIVERED. The refund is
// granted at once, so that the money is set aside (RFD-02), and moves when the goods are back.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rules/actions.h"
#include "common/rules/claims/claim_records.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/transaction.h"
#include "makegood/claims/v1/claims_service.pb.h"
#include "makegood/orders/v1/orders.pb.h"

namespace makegood::rules {

extern const Action<claims::v1::Withdrawal> kRetryWithdrawalCalls;

// ROL-08. Refused: CLM-08 (no such right, too late, not delivered, nothing paid), CLM-01 (units
// claimed or withdrawn before). `order` is what its owner says it is now.
absl::StatusOr<claims::v1::Withdrawal> WithdrawPurchase(const claims::v1::WithdrawPurchaseRequest& request,
                                                        const orders::v1::Order& order, Transaction& tx);

// The withdrawal an approved claim leads to, of the claim's units, which stay taken by the claim.
// Fills the claim's withdrawal_id; the caller has checked the term and stores the claim.
absl::Status WithdrawForClaim(claims::v1::Claim& claim, Transaction& tx);

// OPEN → GOODS_RETURNED. Refused: CLM-08.
absl::StatusOr<claims::v1::Withdrawal> RecordGoodsReturned(
    const claims::v1::RecordGoodsReturnedRequest& request, Transaction& tx);

// Its grant is known; a withdrawal whose goods were back before that goes on now.
absl::Status NoteWithdrawalGrant(const claims::v1::Withdrawal& withdrawal, absl::string_view grant_id,
                                 Transaction& tx);

// GOODS_RETURNED → SETTLED at `time`, and the claim behind it, if any, is made good.
absl::Status SettleWithdrawal(const claims::v1::Withdrawal& withdrawal, absl::Time time, Transaction& tx);

// Fills available_actions (ORD-09), and hides what the caller may not see.
void FillActions(claims::v1::Withdrawal& withdrawal, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies);

}  // namespace makegood::rules
