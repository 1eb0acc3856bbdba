// Load by a lean HTTP/2 client: one thread, nghttp2, so many connections with so many streams each.
// The same shape and the same library as h2load, which sends every request with one and the same body:
// for commands that would measure the reading of one kept reply. Here each request has a body of its
// own, and each answer's gRPC status and message are checked.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "tools/bench/calls.h"
#include "tools/bench/tally.h"

namespace makegood::bench {

// Keeps `connections` × `streams` calls under way to 127.0.0.1:`port` until `limits`. Returns the
// report (see tally.h), or UNAVAILABLE where a connection fails.
absl::StatusOr<std::string> RunH2Load(Plan& plan, int port, int connections, int streams,
                                      const Limits& limits);

}  // namespace makegood::bench
