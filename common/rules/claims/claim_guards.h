// Whether a claim may take a step now (CLM-03 to CLM-08, CLM-13). One set of guards: a command
// begins by asking its own, and a claim's available actions are all of them, asked (ORD-09).
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/scope.h"
#include "makegood/base/v1/resource.pb.h"
#include "makegood/claims/v1/claims.pb.h"
#include "makegood/orders/v1/orders.pb.h"

namespace makegood::rules {

// What a guard looks at. Refers to what its maker keeps alive.
struct ClaimCase {
  const claims::v1::Claim& claim;
  const Policy& policy;  // the one the claim is pinned to
  const WorkingDays& days;
  const base::v1::Actor& actor;
  absl::Time now;
};

// A step: the method that takes it, and its guard without further input.
struct ClaimAction {
  const Method& (*method)();
  absl::Status (*guard)(const ClaimCase& asked);
};

extern const ClaimAction kUploadEvidence;
extern const ClaimAction kSubmitEvidence;
extern const ClaimAction kApproveClaim;
extern const ClaimAction kRejectClaim;
extern const ClaimAction kAppealClaim;
extern const ClaimAction kRetractClaim;
extern const ClaimAction kChooseResolution;
extern const ClaimAction kReportOutOfStock;
extern const ClaimAction kRecordReship;
extern const ClaimAction kCreateReturnDocument;
extern const ClaimAction kRetryClaimCalls;

// Role and reach (ROL-06, 07, 08, 02), without the guard.
absl::Status CheckClaimAccess(const Method& method, const claims::v1::Claim& claim,
                              const base::v1::Actor& actor);

// How an incomplete delivery is made good.
enum class Remedy {
  kNone,            // not delivered: no claim, the order's own rules hold
  kSendAgain,       // by the merchant, at its own expense (CLM-05)
  kReturnDocument,  // Operations' paper: refund, and a credit note asked for (CLM-06, CLM-07)
};

// CLM-05, CLM-06, CLM-07: the table.
Remedy RemedyForIncompleteDelivery(bool wants_goods, bool in_stock, orders::v1::Order::State state);

// Whether `resolution` can make the claim good now. Refused: CLM-04, CLM-05, CLM-08.
absl::Status CheckResolution(const ClaimCase& asked, base::v1::ResolutionKind resolution);

// CLM-13: the chosen outcome has begun to move money or goods.
bool MoneyOrGoodsMove(const claims::v1::Claim& claim, const Policy& policy);

// Fills what is not part of the record: available_actions and offered_resolutions. NOT_FOUND if the
// policy the claim is pinned to is unknown.
absl::Status AddActions(claims::v1::Claim& claim, const base::v1::Actor& actor, absl::Time now,
                        const PolicyBook& policies);

}  // namespace makegood::rules
