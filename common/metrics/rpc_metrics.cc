#include "common/metrics/rpc_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>

#include <array>
#include <chrono>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace makegood::metrics {
namespace {

using Clock = std::chrono::steady_clock;
using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;

const prometheus::Histogram::BucketBoundaries kBuckets = {.001, .0025, .005, .01, .025, .05, .1,
                                                          .25,  .5,    1,    2.5, 5,    10};

constexpr std::array<const char*, 17> kCodes = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

struct Method {
  std::string type;
  std::string service;
  std::string name;
};

// The series of one method.
struct Series {
  prometheus::Counter* started;
  std::array<prometheus::Counter*, kCodes.size()> handled;
  prometheus::Histogram* seconds;

  void Count(grpc::StatusCode code, Clock::duration took) const {
    const size_t index = static_cast<size_t>(code);
    handled[index < kCodes.size() ? index : size_t{grpc::StatusCode::UNKNOWN}]->Increment();
    seconds->Observe(std::chrono::duration<double>(took).count());
  }
};

const char* TypeOf(bool client_streams, bool server_streams) {
  if (client_streams) return server_streams ? "bidi_stream" : "client_stream";
  return server_streams ? "server_stream" : "unary";
}

std::vector<Method> MethodsOf(const std::vector<std::string>& services) {
  std::vector<Method> methods = {
      {"unary", "grpc.health.v1.Health", "Check"},
      {"server_stream", "grpc.health.v1.Health", "Watch"},
      {"bidi_stream", "grpc.reflection.v1alpha.ServerReflection", "ServerReflectionInfo"}};
  for (const std::string& name : services) {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
      const google::protobuf::MethodDescriptor& method = *service->method(i);
      methods.push_back({TypeOf(method.client_streaming(), method.server_streaming()), name, method.name()});
    }
  }
  return methods;
}

// Counts one call: the code as soon as it is known, or Canceled where it never is.
class Counted final : public grpc::experimental::Interceptor {
 public:
  Counted(const Series& series, InterceptionHookPoints code_known)
      : series_(series), code_known_(code_known), start_(Clock::now()) {
    series_.started->Increment();
  }

  ~Counted() override {
    if (!counted_) series_.Count(grpc::StatusCode::CANCELLED, Clock::now() - start_);
  }

  void Intercept(InterceptorBatchMethods* methods) override {
    if (!counted_ && methods->QueryInterceptionHookPoint(code_known_)) {
      counted_ = true;
      const grpc::StatusCode code = code_known_ == InterceptionHookPoints::POST_RECV_STATUS
                                        ? methods->GetRecvStatus()->error_code()
                                        : methods->GetSendStatus().error_code();
      series_.Count(code, Clock::now() - start_);
    }
    methods->Proceed();
  }

 private:
  const Series& series_;
  const InterceptionHookPoints code_known_;
  const Clock::time_point start_;
  bool counted_ = false;
};

}  // namespace

// All series of the server's or the client's side.
class RpcMetrics::Side {
 public:
  Side(prometheus::Registry& registry, const std::string& side, const std::vector<Method>& methods)
      : started_(prometheus::BuildCounter()
                     .Name(absl::StrCat("grpc_", side, "_started_total"))
                     .Help(absl::StrCat("RPCs started on the ", side, "."))
                     .Register(registry)),
        handled_(prometheus::BuildCounter()
                     .Name(absl::StrCat("grpc_", side, "_handled_total"))
                     .Help(absl::StrCat("RPCs completed on the ", side, ", by code."))
                     .Register(registry)),
        seconds_(prometheus::BuildHistogram()
                     .Name(absl::StrCat("grpc_", side, "_handling_seconds"))
                     .Help(absl::StrCat("Time until RPCs were completed on the ", side, "."))
                     .Register(registry)),
        other_(Make({"unary", "other", "other"})) {
    for (const Method& method : methods) {
      series_.emplace(absl::StrCat("/", method.service, "/", method.name), Make(method));
    }
  }

  const Series& Of(const char* path) const {
    const auto found = series_.find(absl::string_view(path == nullptr ? "" : path));
    return found == series_.end() ? other_ : found->second;
  }

 private:
  Series Make(const Method& method) {
    const prometheus::Labels labels = {
        {"grpc_type", method.type}, {"grpc_service", method.service}, {"grpc_method", method.name}};
    Series series;
    series.started = &started_.Add(labels);
    series.seconds = &seconds_.Add(labels, kBuckets);
    for (size_t code = 0; code < kCodes.size(); ++code) {
      prometheus::Labels with_code = labels;
      with_code.emplace("grpc_code", kCodes[code]);
      series.handled[code] = &handled_.Add(with_code);
    }
    return series;
  }

  prometheus::Family<prometheus::Counter>& started_;
  prometheus::Family<prometheus::Counter>& handled_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  absl::flat_hash_map<std::string, Series> series_;  // fixed once made
  const Series other_;

 public:
  class ForServer final : public grpc::experimental::ServerInterceptorFactoryInterface {
   public:
    explicit ForServer(const Side& side) : side_(side) {}
    grpc::experimental::Interceptor* CreateServerInterceptor(
        grpc::experimental::ServerRpcInfo* info) override {
      return new Counted(side_.Of(info->method()), InterceptionHookPoints::PRE_SEND_STATUS);
    }

   private:
    const Side& side_;
  };

  class ForClient final : public grpc::experimental::ClientInterceptorFactoryInterface {
   public:
    explicit ForClient(const Side& side) : side_(side) {}
    grpc::experimental::Interceptor* CreateClientInterceptor(
        grpc::experimental::ClientRpcInfo* info) override {
      return new Counted(side_.Of(info->method()), InterceptionHookPoints::POST_RECV_STATUS);
    }

   private:
    const Side& side_;
  };
};

RpcMetrics::RpcMetrics(prometheus::Registry& registry, const std::vector<std::string>& services,
                       const std::vector<std::string>& called)
    : server_(std::make_unique<Side>(registry, "server", MethodsOf(services))),
      client_(std::make_unique<Side>(registry, "client", MethodsOf(called))) {}

RpcMetrics::~RpcMetrics() = default;

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> RpcMetrics::ServerInterceptor() {
  return std::make_unique<Side::ForServer>(*server_);
}

std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface> RpcMetrics::ClientInterceptor() {
  return std::make_unique<Side::ForClient>(*client_);
}

}  // namespace makegood::metrics
