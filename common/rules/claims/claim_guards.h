// Whether a claim may take a step now (CLM-03 to CLM-08, CLM-13; see actions.h).
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/actions.h"
#include "common/rules/policy/policy_book.h"
#include "makegood/base/v1/resource.pb.h"
#include "makegood/claims/v1/claims.pb.h"
#include "makegood/orders/v1/orders.pb.h"

namespace makegood::rules {

extern const Action<claims::v1::Claim> kUploadEvidence;
extern const Action<claims::v1::Claim> kSubmitEvidence;
extern const Action<claims::v1::Claim> kApproveClaim;
extern const Action<claims::v1::Claim> kRejectClaim;
extern const Action<claims::v1::Claim> kAppealClaim;
extern const Action<claims::v1::Claim> kRetractClaim;
extern const Action<claims::v1::Claim> kChooseResolution;
extern const Action<claims::v1::Claim> kReportOutOfStock;
extern const Action<claims::v1::Claim> kRecordReship;
extern const Action<claims::v1::Claim> kRecordCollection;
extern const Action<claims::v1::Claim> kCreateReturnDocument;
extern const Action<claims::v1::Claim> kRetryClaimCalls;

// How an incomplete delivery is made good.
enum class Remedy {
  kNone,            // not delivered: no claim, the order's own rules hold
  kSendAgain,       // by the merchant, at its own expense (CLM-05)
  kReturnDocument,  // Operations' paper: refund, and a credit note asked for (CLM-06, CLM-07)
};

// CLM-05, CLM-06, CLM-07: the table.
Remedy RemedyForIncompleteDelivery(bool wants_goods, bool in_stock, orders::v1::Order::State state);

// Whether `resolution` can make the claim good now. Refused: CLM-04, CLM-05, CLM-08.
absl::Status CheckResolution(const Asked<claims::v1::Claim>& asked, const Policy& policy,
                             base::v1::ResolutionKind resolution);

// CLM-06, RFD-05: Operations owe a refund here a return document: the refund of a claim that is not verified
// waits for it, that of a verified one does not, but the merchant's credit note does.
bool RefundTakesDocument(const Policy& policy);

// CLM-13: the chosen outcome has begun to move money or goods.
bool MoneyOrGoodsMove(const claims::v1::Claim& claim);

// Fills what is not part of the record: available_actions and offered_resolutions. NOT_FOUND if the
// policy the claim is pinned to is unknown.
absl::Status FillActions(claims::v1::Claim& claim, const base::v1::Actor& actor, absl::Time now,
                         const PolicyBook& policies);

}  // namespace makegood::rules
