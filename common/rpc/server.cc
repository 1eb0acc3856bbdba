#include "common/rpc/server.h"

#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <mutex>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/rpc/received.h"
#include "common/rules/scope.h"
#include "google/protobuf/descriptor.h"
#include "grpc/health/v1/health.pb.h"
#include "makegood/base/v1/access.pb.h"

namespace makegood::rpc {
namespace {

int Milliseconds(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

// gRPC's own lines would stand between ours as plain text.
void LogForGrpc(gpr_log_func_args* line) {
  const LogLevel level = line->severity == GPR_LOG_SEVERITY_ERROR  ? LogLevel::kError
                         : line->severity == GPR_LOG_SEVERITY_INFO ? LogLevel::kInfo
                                                                   : LogLevel::kDebug;
  Log(level, line->message, {{"of", "gRPC"}, {"file", absl::StrCat(line->file, ":", line->line)}});
}

// gRPC's log and its switches for health and reflection are process-wide; set once. Reflection describes what
// is linked in, which gRPC's own code for health checks is not.
void SetUpGrpc() {
  static std::once_flag once;
  std::call_once(once, [] {
    gpr_set_log_function(LogForGrpc);
    grpc::health::v1::HealthCheckRequest::descriptor();
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

absl::Status CheckAccessOption(const google::protobuf::MethodDescriptor& method) {
  if (method.options().GetExtension(base::v1::access).roles().empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("method ", method.full_name(),
                     " has no (makegood.base.v1.access) option: nobody could say who may call it"));
  }
  const google::protobuf::MethodDescriptor* found = rules::MethodOf(*method.input_type());
  if (found != &method) {
    return absl::FailedPreconditionError(absl::StrCat(
        "method ", method.full_name(), " has no request of its own in its file: its access option",
        " could not be found by the request"));
  }
  return absl::OkStatus();
}

// Counts the calls under way, but for health and reflection: those may last as long as their callers, who
// lose nothing with them. And those of a connection that are given up.
class CountedCall final : public grpc::experimental::Interceptor {
 public:
  class Factory final : public grpc::experimental::ServerInterceptorFactoryInterface {
   public:
    Factory(std::shared_ptr<std::atomic<int>> count, std::shared_ptr<Resets> resets)
        : count_(std::move(count)), resets_(std::move(resets)) {}
    grpc::experimental::Interceptor* CreateServerInterceptor(
        grpc::experimental::ServerRpcInfo* info) override {
      // Reflection is served synchronously: it cannot be asked whether it was given up.
      if (absl::StartsWith(info->method(), "/grpc.reflection.")) return nullptr;
      std::shared_ptr<std::atomic<int>> count;
      if (!absl::StartsWith(info->method(), "/grpc.")) count = count_;
      return new CountedCall(std::move(count), resets_, *info->server_context());
    }

   private:
    const std::shared_ptr<std::atomic<int>> count_;
    const std::shared_ptr<Resets> resets_;
  };

  CountedCall(std::shared_ptr<std::atomic<int>> count, std::shared_ptr<Resets> resets,
              grpc::ServerContextBase& context)
      : count_(std::move(count)), resets_(std::move(resets)), context_(context) {
    if (count_ != nullptr) ++*count_;
  }
  ~CountedCall() override {
    if (count_ != nullptr) --*count_;
  }

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    using grpc::experimental::InterceptionHookPoints;
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_CLOSE) &&
        context_.IsCancelled()) {
      NoteReset();
    }
    methods->Proceed();
  }

 private:
  // Callers in this process have no connection of their own.
  void NoteReset() const {
    const std::string peer = context_.peer();
    if (absl::StartsWith(peer, "ipv")) resets_->Note(peer, absl::Now());
  }

  const std::shared_ptr<std::atomic<int>> count_;  // null where it does not count
  const std::shared_ptr<Resets> resets_;
  grpc::ServerContextBase& context_;
};

// While it lives, closes the connections of a server that is shutting down as soon as no call is under way.
// gRPC itself waits until the clients close them, and one that has nothing to ask looks at its connection
// every few seconds.
class IdleConnectionsCloser {
 public:
  IdleConnectionsCloser(grpc_server* server, const std::atomic<int>& calls_under_way)
      : thread_([this, server, &calls_under_way] {
          int quiet = 0;  // looks in a row; a call counts a moment after it has come in
          while (!over_.WaitForNotificationWithTimeout(absl::Milliseconds(50))) {
            quiet = calls_under_way == 0 ? quiet + 1 : 0;
            if (quiet > 1) grpc_server_cancel_all_calls(server);
          }
        }) {}
  ~IdleConnectionsCloser() {
    over_.Notify();
    thread_.join();
  }

 private:
  absl::Notification over_;
  std::thread thread_;
};

sigset_t EndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

absl::Status CheckAccessOptions(absl::string_view name) {
  const google::protobuf::ServiceDescriptor* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(std::string(name));
  if (service == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("service ", name, " has no descriptor in this program"));
  }
  for (int i = 0; i < service->method_count(); ++i) RETURN_IF_ERROR(CheckAccessOption(*service->method(i)));
  return absl::OkStatus();
}

Server::Server(ServerOptions options)
    : options_(std::move(options)), unknown_methods_(std::make_unique<grpc::CallbackGenericService>()) {}

Server::~Server() { Drain(); }

void Server::Add(const char* name, grpc::Service& service) { services_.emplace_back(name, &service); }

absl::Status Server::Start() {
  for (const auto& [name, service] : services_) RETURN_IF_ERROR(CheckAccessOptions(name));
  RETURN_IF_ERROR(Listen());
  grpc::ServerBuilder& builder = *builder_;
  Limit(builder);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options_.keepalive));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(options_.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(options_.max_connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             Milliseconds(options_.max_connection_age_grace));
  // Only reflection is served by the synchronous threads.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
  std::vector<std::string> names;
  for (const auto& [name, service] : services_) names.push_back(name);
  options_.interceptors.insert(options_.interceptors.begin(), ReceivedMessages(names));
  options_.interceptors.push_back(std::make_unique<CountedCall::Factory>(calls_under_way_, resets_));
  builder.experimental().SetInterceptorCreators(std::move(options_.interceptors));
  builder.RegisterCallbackGenericService(unknown_methods_.get());
  for (const auto& [name, service] : services_) builder.RegisterService(service);
  server_ = builder.BuildAndStart();
  builder_.reset();
  if (server_ == nullptr) return absl::UnavailableError("gRPC's server does not start");
  SetServing(true);
  door_->Open();
  return absl::OkStatus();
}

void Server::Limit(grpc::ServerBuilder& builder) const {
  builder.SetResourceQuota(grpc::ResourceQuota("makegood").Resize(options_.memory_bytes));
  builder.SetMaxReceiveMessageSize(options_.max_message_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options_.max_streams_per_connection);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(options_.idle));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(options_.handshake));
}

absl::Status Server::Listen() {
  if (door_ != nullptr) return absl::OkStatus();
  SetUpGrpc();
  builder_ = std::make_unique<grpc::ServerBuilder>();
  const int descriptors = RaiseDescriptorLimit();
  const int kept = std::min(options_.kept_descriptors, descriptors / 2);
  door_ = std::make_shared<Door>(
      builder_->experimental().AddExternalConnectionAcceptor(
          grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
          grpc::InsecureServerCredentials()),
      std::min(descriptors - kept, options_.kept_descriptors + options_.max_connections));
  ASSIGN_OR_RETURN(port_, door_->Listen(options_.address));
  if (!options_.inner_address.empty()) RETURN_IF_ERROR(door_->Listen(options_.inner_address).status());
  resets_ = std::make_shared<Resets>(options_.max_resets,
                                     [door = door_](const std::string& peer) { door->Disconnect(peer); });
  return absl::OkStatus();
}

std::shared_ptr<grpc::Channel> Server::InProcessChannel(ClientInterceptors interceptors) {
  return server_->experimental().InProcessChannelWithInterceptors(grpc::ChannelArguments(),
                                                                  std::move(interceptors));
}

void Server::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  health->SetServingStatus("", serving);
  for (const auto& [name, service] : services_) health->SetServingStatus(name, serving);
}

void Server::Drain() {
  if (server_ == nullptr) return;
  SetServing(false);
  for (const auto& callback : on_drain_) callback();
  door_->Close();
  {
    const IdleConnectionsCloser closer(server_->c_server(), *calls_under_way_);
    server_->Shutdown(absl::ToChronoTime(absl::Now() + options_.drain_deadline));
  }
  server_->Wait();
  server_.reset();
}

void HoldSignals() {
  const sigset_t signals = EndingSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int WaitForSignal() {
  const sigset_t signals = EndingSignals();
  int which = 0;
  while (sigwait(&signals, &which) != 0) {
  }
  return which;
}

}  // namespace makegood::rpc
