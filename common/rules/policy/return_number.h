// The number of a return, which the merchant's credit note must carry (RFD-05, ORD-05).
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "makegood/base/v1/policy.pb.h"

namespace makegood::rules {

// Refused under RFD-05 unless `number` matches the policy's pattern in full.
absl::Status CheckReturnNumber(const base::v1::Policy& policy, absl::string_view number);

}  // namespace makegood::rules
