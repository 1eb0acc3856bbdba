// Load by gRPC's own C++ client, callback API: what a C++ program sees.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "tools/bench/calls.h"
#include "tools/bench/tally.h"

namespace makegood::bench {

// Keeps `in_flight` calls under way to `address` until `limits`; every answer is checked. Connections
// are shared by at most 32 calls. Returns the report (see tally.h), or UNAVAILABLE where nobody answers.
absl::StatusOr<std::string> RunGrpcLoad(Plan& plan, const std::string& address, int in_flight,
                                        const Limits& limits);

}  // namespace makegood::bench
