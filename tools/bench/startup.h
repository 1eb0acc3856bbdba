// How long a server takes from exec until it says SERVING.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace makegood::bench {

// Starts `command` (to which --port_file=`port_file` is added), asks it until it is SERVING, ends it by
// SIGTERM and waits for its end. Its log goes to `log`. Returns how long it took to serve.
absl::StatusOr<absl::Duration> MeasureStart(std::vector<std::string> command, const std::string& port_file,
                                            const std::string& log);

}  // namespace makegood::bench
