// What the sources of common/rpc share; for nobody else.
#pragma once

#include <grpcpp/support/status.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/status.h"
#include "google/protobuf/message.h"

namespace makegood::rpc::internal {

// True for peers on this machine alone, as gRPC names them: what they say of themselves is
// believed in the clear.
bool IsLocal(absl::string_view peer);

// ToGrpc without the log.
grpc::Status OnTheWire(const absl::Status& status);

// The message's bytes, the same for the same content.
std::string BytesOf(const google::protobuf::Message& message);

}  // namespace makegood::rpc::internal
