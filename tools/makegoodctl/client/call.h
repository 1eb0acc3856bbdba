// One call of any unary method, by its descriptor.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "tools/makegoodctl/client/client.h"
#include "tools/makegoodctl/terminal/terminal.h"

namespace makegood::ctl {

// Calls `method` as `actor`, within `timeout` in all. What is ambiguous is sent again, the same to the
// letter, at most kMaxAttempts times: a command's request_id makes it count once. Tells `progress` how it
// goes.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> CallMethod(
    Client& client, const base::v1::Actor& actor, const google::protobuf::MethodDescriptor& method,
    const google::protobuf::Message& request, absl::Duration timeout, Progress& progress);

}  // namespace makegood::ctl
