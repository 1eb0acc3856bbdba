// Received: the door that every message of a caller comes in by.
//
// What is outside the contract is gone before anybody looks at the message: unknown fields, at any depth, are
// neither stored nor replied, logged nor counted (SYS-10). A request that cannot be read, or whose texts are
// not UTF-8, is INVALID_ARGUMENT (SYS-07), where gRPC by itself says UNIMPLEMENTED without a word. In a
// stream of requests such a message ends the stream.
#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <string>
#include <vector>

namespace makegood::rpc {

// For calls of the generated services of these full names; others are left alone. To be the first
// interceptor, so that those after it see the status that leaves.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> ReceivedMessages(
    const std::vector<std::string>& services);

}  // namespace makegood::rpc
