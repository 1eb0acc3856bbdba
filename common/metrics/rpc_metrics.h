// What the RPC layer counts, under the names that go-grpc-middleware gave them.
#pragma once

#include <grpcpp/support/client_interceptor.h>
#include <grpcpp/support/server_interceptor.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>
#include <vector>

namespace makegood::metrics {

// grpc_server_{started_total, handled_total{grpc_code}, handling_seconds} and grpc_client_* alike,
// with labels grpc_type, grpc_service, grpc_method. Every method of the known services, health and
// reflection included, is there with every code at 0 from the start; calls of any other method
// count as `other`, so that callers cannot make series. Thread-safe. `registry` outlives it; it
// outlives servers and channels that use its interceptors.
class RpcMetrics {
 public:
  // Full names of generated services that this program serves, and calls; those that are not part of it are
  // left out.
  RpcMetrics(prometheus::Registry& registry, const std::vector<std::string>& services,
             const std::vector<std::string>& called);
  ~RpcMetrics();

  // For rpc::ServerOptions::interceptors.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> ServerInterceptor();

  // For rpc::MakeChannel and rpc::Server::InProcessChannel.
  std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface> ClientInterceptor();

 private:
  class Side;
  std::unique_ptr<Side> server_;
  std::unique_ptr<Side> client_;
};

}  // namespace makegood::metrics
