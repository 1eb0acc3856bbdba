// The number of a return, which the merchant's credit note must carry (RFD-05, ORD-05).
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "makegood/base/v1/policy.pb.h"

namespace makegood::rules {

// Refused under RFD-05 unless `number` matches the policy's pattern in full.
absl::Status CheckReturnNumber(const base::v1::Policy& policy, absl::string_view number);

// A number is bound to its order before the paper is decided, maybe by another service, which may never come
// to it. A paper is decided within an hour of the last binding: ABORTED later, the whole is tried again.
absl::Status CheckStillBound(absl::Time bound, absl::Time now);
// So, once a day is over, a number without a paper will never have one: another order may have it. Between
// the two lies what the clocks of two services may differ by.
bool MayBeBoundAnew(absl::Time bound, absl::Time now);

}  // namespace makegood::rules
