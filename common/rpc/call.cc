// Call: what the log says of one call.
#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/rpc/internal.h"
#include "common/rpc/rpc.h"
#include "common/rules/scope.h"
#include "google/protobuf/descriptor.h"

namespace makegood::rpc {
namespace {

bool IsLowerHex(absl::string_view text, size_t length) {
  if (text.size() != length || text.find_first_not_of('0') == absl::string_view::npos) return false;
  return text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

// The trace id of a W3C traceparent ("00-<32 hex>-<16 hex>-<2 hex>"), or a new one.
std::string TraceId(const grpc::ServerContextBase& context) {
  const auto found = context.client_metadata().find("traceparent");
  if (found != context.client_metadata().end()) {
    const std::vector<absl::string_view> fields =
        absl::StrSplit(absl::string_view(found->second.data(), found->second.size()), '-');
    if (fields.size() >= 4 && fields[0].size() == 2 && IsLowerHex(fields[1], 32) &&
        IsLowerHex(fields[2], 16)) {
      return std::string(fields[1]);
    }
  }
  absl::BitGen random;
  return absl::StrFormat("%016x%016x", absl::Uniform<uint64_t>(random), absl::Uniform<uint64_t>(random));
}

}  // namespace

Call::Call(const grpc::ServerContextBase& context, const google::protobuf::Descriptor& request_descriptor)
    : context_(&context), request_descriptor_(&request_descriptor), start_(absl::Now()) {}

grpc::Status Call::Close(const absl::Status& status) const {
  const bool failed = !status.ok() && FailureOf(status) == Failure::kFault;
  const LogLevel level = failed ? LogLevel::kError : LogLevel::kDebug;
  if (Logs(level)) {
    const google::protobuf::MethodDescriptor* method = rules::MethodOf(*request_descriptor_);
    Log(level, "call",
        {{"trace_id", TraceId(*context_)},
         {"method", method == nullptr ? std::string() : method->full_name()},
         {"code", absl::StatusCodeToString(status.code())},
         {"rule", RuleOf(status)},
         {"error", std::string(status.message())},
         {"milliseconds", absl::StrFormat("%.3f", absl::ToDoubleMilliseconds(absl::Now() - start_))}});
  }
  return internal::OnTheWire(status);
}

}  // namespace makegood::rpc
