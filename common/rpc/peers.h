// Where the four services are, as one of them sees the others.
#pragma once

#include <grpcpp/channel.h>

#include <memory>

namespace makegood::rpc {

// A channel to each service, the caller's own included: a service follows its own events by the
// same stub as everyone else's. Connections all of them; to a service of this process by its inner address.
// Never null.
struct Peers {
  std::shared_ptr<grpc::Channel> orders;
  std::shared_ptr<grpc::Channel> claims;
  std::shared_ptr<grpc::Channel> payments;
  std::shared_ptr<grpc::Channel> notifications;
};

}  // namespace makegood::rpc
