// Posts: what a decision tells another part of its own service, in its commit. It is applied there once, and
// in the order in which it was posted from this part, in a commit of its own, by the decision for its kind
// (flow::PostTask); that may post an answer the same way.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/rules/transaction.h"
#include "google/protobuf/message_lite.h"

namespace makegood::rules {

// `kind` is the task's; `routing_key` leads to the other part.
absl::Status PostTo(absl::string_view routing_key, absl::string_view kind,
                    const google::protobuf::MessageLite& message, Transaction& tx);

}  // namespace makegood::rules
