#include "common/rpc/received.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/status.h"
#include "common/rpc/rpc.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace makegood::rpc {
namespace {

using google::protobuf::MethodDescriptor;
using grpc::experimental::InterceptionHookPoints;

class Received final : public grpc::experimental::Interceptor {
 public:
  explicit Received(const MethodDescriptor& method) : method_(method) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE)) {
      // Handlers of generated services receive generated messages.
      auto* message = static_cast<google::protobuf::Message*>(methods->GetRecvMessage());
      if (message != nullptr) message->DiscardUnknownFields();
      // A stream of requests has no message at its end, too.
      unreadable_ = message == nullptr && !method_.client_streaming();
    }
    if (unreadable_ && methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      methods->ModifySendStatus(ToGrpc(InvalidFields(
          {{"request", absl::StrCat("cannot be read: it is no ", method_.input_type()->full_name(),
                                    ", or a text in it is not UTF-8")}})));
    }
    methods->Proceed();
  }

 private:
  const MethodDescriptor& method_;
  bool unreadable_ = false;
};

class Factory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(const std::vector<std::string>& services) {
    for (const std::string& name : services) {
      const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
      for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
        methods_.emplace(absl::StrCat("/", name, "/", service->method(i)->name()), service->method(i));
      }
    }
  }

  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override {
    const auto found = methods_.find(absl::string_view(info->method()));
    return found == methods_.end() ? nullptr : new Received(*found->second);
  }

 private:
  absl::flat_hash_map<std::string, const MethodDescriptor*> methods_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> ReceivedMessages(
    const std::vector<std::string>& services) {
  return std::make_unique<Factory>(services);
}

}  // namespace makegood::rpc
