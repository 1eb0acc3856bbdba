// Erasing the evidence of an order's claims (SYS-09).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rules/transaction.h"
#include "makegood/claims/v1/claims_service.pb.h"

namespace makegood::rules {

// `claim_ids` are all claims of the order. Refused: SYS-09 while one of them is open. Files that no claim of
// this part refers to any more get a task that removes them.
absl::StatusOr<claims::v1::EraseEvidenceResponse> EraseEvidence(
    const claims::v1::EraseEvidenceRequest& request, const std::vector<std::string>& claim_ids,
    Transaction& tx);

}  // namespace makegood::rules
