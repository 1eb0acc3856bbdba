// The statutory withdrawal from a purchase (CLM-08). The order stays DELIVERED. The units are set aside at
// once, and what comes back of them is paid back.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/actions.h"
#include "common/rules/claims/claim_records.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/transaction.h"
#include "makegood/claims/v1/claims_service.pb.h"
#include "makegood/orders/v1/orders.pb.h"

namespace makegood::rules {

extern const Action<claims::v1::Withdrawal> kRetryWithdrawalCalls;

// ROL-08. Refused: CLM-08 (no such right, too late, not delivered, nothing paid or left), CLM-01 (units
// claimed or withdrawn before). `order` is what its owner says it is now.
absl::StatusOr<claims::v1::Withdrawal> WithdrawPurchase(const claims::v1::WithdrawPurchaseRequest& request,
                                                        const orders::v1::Order& order, Transaction& tx);

// The withdrawal an approved claim leads to, of the claim's units.
// Fills the claim's withdrawal_id; the caller has checked the term and stores the claim.
absl::Status WithdrawForClaim(claims::v1::Claim& claim, Transaction& tx);

// What came back is paid back; all of it: OPEN → GOODS_RETURNED. Refused: CLM-08.
absl::StatusOr<claims::v1::Withdrawal> RecordGoodsReturned(
    const claims::v1::RecordGoodsReturnedRequest& request, Transaction& tx);

// No more comes back: OPEN → GOODS_RETURNED, or CLOSED where nothing did. Refused: CLM-08.
absl::StatusOr<claims::v1::Withdrawal> CloseWithdrawal(const claims::v1::CloseWithdrawalRequest& request,
                                                       Transaction& tx);

// RFD-05: the paper of the return. Refused: CLM-08, RFD-05.
absl::StatusOr<claims::v1::Withdrawal> CreateWithdrawalDocument(
    const claims::v1::CreateWithdrawalDocumentRequest& request, Transaction& tx);

// ---- What follows by itself.

// Its grant is known.
void NoteWithdrawalGrant(const claims::v1::Withdrawal& withdrawal, absl::string_view grant_id,
                         Transaction& tx);

// Nothing more comes of its grant at `time`: once no goods are waited for it is SETTLED, and the claim behind
// it, if any, made good.
absl::Status NotePaidBack(const claims::v1::Withdrawal& withdrawal, absl::Time time, Transaction& tx);

// The term has passed without a refund: told once, to whoever can do something about it.
absl::Status MarkWithdrawalOverdue(absl::string_view withdrawal_id, Transaction& tx);

// ORD-05: the delivery was a mistake, so that nothing can come back, and what the merchant owes is asked for
// under the correction's number.
absl::Status EndByCorrection(claims::v1::Withdrawal withdrawal, Transaction& tx);

// Fills available_actions (ORD-09), and hides what the caller may not see.
void FillActions(claims::v1::Withdrawal& withdrawal, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies);

}  // namespace makegood::rules
