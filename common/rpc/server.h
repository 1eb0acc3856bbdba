// Server: start, health, reflection, drain.
//
//   rpc::HoldSignals();                       // first thing in main
//   rpc::Server server(std::move(options));
//   server.AddService<claims::v1::ClaimsService>(claims_service);
//   server.OnDrain([&] { events_service->EndStreams(); });
//   RETURN_IF_ERROR(server.Start());
//   rpc::WaitForSignal();
//   server.Drain();
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/client_interceptor.h>
#include <grpcpp/support/server_interceptor.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/door.h"
#include "common/rpc/resets.h"

namespace makegood::rpc {

using ServerInterceptors =
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>;
using ClientInterceptors =
    std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>>;

struct ServerOptions {
  std::string address = "127.0.0.1:0";  // port 0: one the kernel chooses, told by port()
  // A second address, for callers within the process, that is known before the port is; empty for none.
  std::string inner_address = {};
  int max_message_bytes = 4 << 20;  // a larger one is RESOURCE_EXHAUSTED
  int max_streams_per_connection = 256;
  int max_connections = 4'000;  // more are turned away at once
  // So many descriptors are left for databases, files and other services, or half of them where that is less.
  int kept_descriptors = 256;
  absl::Duration idle = absl::Minutes(5);        // connections without a call are closed
  absl::Duration handshake = absl::Seconds(20);  // so long a new one may say nothing
  size_t memory_bytes = 512 << 20;               // for what gRPC buffers; then streams are refused
  int max_resets = 1'000;  // calls that a connection gives up in a second; then it is ended
  absl::Duration keepalive = absl::Seconds(60);          // a ping on a quiet connection, and
  absl::Duration keepalive_timeout = absl::Seconds(20);  // how long its answer may take
  // Connections are closed at this age, so that clients find new servers; calls under way have
  // the grace to end.
  absl::Duration max_connection_age = absl::Minutes(30);
  absl::Duration max_connection_age_grace = absl::Minutes(5);
  absl::Duration drain_deadline = absl::Seconds(10);  // then calls under way are cancelled
  ServerInterceptors interceptors;
};

// Owned by main; the services outlive it. Start once. Destruction drains.
class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Before Start. `Generated` is the class protoc made, e.g. claims::v1::ClaimsService.
  template <typename Generated>
  void AddService(grpc::Service& service) {
    Add(Generated::service_full_name(), service);
  }

  // Before Start. Called when the server begins to drain: ends what would not end by itself, as
  // streams that live as long as their callers.
  void OnDrain(std::function<void()> callback) { on_drain_.push_back(std::move(callback)); }

  // Takes the port, so that nothing is begun by a process whose port is another's; callers wait in the
  // system's queue until Start. UNAVAILABLE if the address cannot be bound.
  absl::Status Listen();

  // Listens unless it does already, and serves. FAILED_PRECONDITION if a method lacks its access option
  // (nobody could say who may call it) or shares its request with another method.
  absl::Status Start();

  // The port, once listening.
  int port() const { return port_; }

  // Connections that were turned away because there were too many, and that were ended because they gave up
  // calls in a stream. Once listening.
  uint64_t turned_away() const { return door_->turned_away(); }
  uint64_t disconnected() const { return resets_->disconnected(); }

  // A channel to this server that uses no network; such callers count as local. Once started; must
  // not be used after the server is gone.
  std::shared_ptr<grpc::Channel> InProcessChannel(ClientInterceptors interceptors = {});

  // What health checks are told, for the server ("") and each service. SERVING once started.
  void SetServing(bool serving);

  // NOT_SERVING, then no new calls, then waits for those under way until the drain deadline; connections
  // that carry none are closed, whether or not their clients look at them. Idempotent; not thread-safe.
  void Drain();

 private:
  void Add(const char* name, grpc::Service& service);
  void Limit(grpc::ServerBuilder& builder) const;

  ServerOptions options_;
  std::vector<std::pair<std::string, grpc::Service*>> services_;
  std::vector<std::function<void()>> on_drain_;
  std::unique_ptr<grpc::CallbackGenericService> unknown_methods_;
  // Calls of services added; a call may outlast the server by a moment.
  const std::shared_ptr<std::atomic<int>> calls_under_way_ = std::make_shared<std::atomic<int>>(0);
  std::unique_ptr<grpc::ServerBuilder> builder_;  // between Listen and Start
  std::shared_ptr<Door> door_;
  std::shared_ptr<Resets> resets_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

// Checks that every method of the generated service `name` says who may call it; see Start.
absl::Status CheckAccessOptions(absl::string_view name);

// Keeps SIGTERM and SIGINT from ending the process: for this thread and all it starts from now on.
void HoldSignals();

// Waits for SIGTERM or SIGINT, after HoldSignals. Returns which.
int WaitForSignal();

}  // namespace makegood::rpc
