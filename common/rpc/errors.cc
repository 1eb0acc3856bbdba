// ToGrpc and FromGrpc: statuses to the wire and back.
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/rpc/internal.h"
#include "common/rpc/rpc.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace makegood::rpc {
namespace {

constexpr char kDomain[] = "makegood";
// Of the record a status is about, in ErrorInfo's metadata.
constexpr char kType[] = "type";
constexpr char kId[] = "id";
constexpr char kVersion[] = "version";
// Trailers of more than 8 KiB are refused by many clients, and details travel in base64.
constexpr size_t kMaxMessageBytes = 1'000;
constexpr size_t kMaxViolationBytes = 3'500;
constexpr int kRetryDelayNanos = 100'000'000;

std::string Shortened(absl::string_view text) {
  if (text.size() <= kMaxMessageBytes) return std::string(text);
  size_t end = kMaxMessageBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // whole characters
  return absl::StrCat(text.substr(0, end), "...");
}

google::rpc::BadRequest ToBadRequest(const std::vector<FieldViolation>& violations) {
  google::rpc::BadRequest bad_request;
  size_t bytes = 0;
  for (size_t i = 0; i < violations.size(); ++i) {
    bytes += violations[i].field.size() + violations[i].problem.size() + 8;
    auto& violation = *bad_request.add_field_violations();
    if (bytes > kMaxViolationBytes) {
      violation.set_description(absl::StrCat("and ", violations.size() - i, " more"));
      break;
    }
    violation.set_field(violations[i].field);
    violation.set_description(violations[i].problem);
  }
  return bad_request;
}

std::optional<RecordVersion> RecordIn(const google::rpc::ErrorInfo& info) {
  const auto type = info.metadata().find(kType);
  const auto id = info.metadata().find(kId);
  const auto version = info.metadata().find(kVersion);
  const auto end = info.metadata().end();
  RecordVersion record;
  if (type == end || id == end || version == end || !absl::SimpleAtoi(version->second, &record.version)) {
    return std::nullopt;
  }
  record.type = type->second;
  record.id = id->second;
  return record;
}

google::rpc::Status WithDetails(const absl::Status& status) {
  google::rpc::Status rich;
  if (const std::string rule = RuleOf(status); !rule.empty()) {
    google::rpc::ErrorInfo info;
    info.set_reason(rule);
    info.set_domain(kDomain);
    if (const auto record = RecordOf(status); record.has_value()) {
      (*info.mutable_metadata())[kType] = record->type;
      (*info.mutable_metadata())[kId] = record->id;
      (*info.mutable_metadata())[kVersion] = absl::StrCat(record->version);
    }
    rich.add_details()->PackFrom(info);
  }
  if (const auto violations = FieldViolationsOf(status); !violations.empty()) {
    rich.add_details()->PackFrom(ToBadRequest(violations));
  }
  if (status.code() == absl::StatusCode::kResourceExhausted || RuleOf(status) == "SYS-13") {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_nanos(kRetryDelayNanos);
    rich.add_details()->PackFrom(retry);
  }
  return rich;
}

}  // namespace

namespace internal {

grpc::Status OnTheWire(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const auto code = static_cast<grpc::StatusCode>(status.code());
  if (FailureOf(status) == Failure::kFault) return grpc::Status(code, "the server failed; see its log");
  const std::string message = Shortened(status.message());
  google::rpc::Status rich = WithDetails(status);
  if (rich.details().empty()) return grpc::Status(code, message);
  rich.set_code(static_cast<int>(code));
  rich.set_message(message);
  return grpc::Status(code, message, rich.SerializeAsString());
}

}  // namespace internal

grpc::Status ToGrpc(const absl::Status& status) {
  if (!status.ok() && FailureOf(status) == Failure::kFault) {
    Log(LogLevel::kError, "server fault",
        {{"code", absl::StatusCodeToString(status.code())}, {"error", std::string(status.message())}});
  }
  return internal::OnTheWire(status);
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status rich;
  if (status.error_details().empty() || !rich.ParseFromString(status.error_details())) return result;
  std::string rule;
  std::optional<RecordVersion> record;
  std::vector<FieldViolation> violations;
  for (const google::protobuf::Any& detail : rich.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad_request;
    if (detail.UnpackTo(&info) && info.domain() == kDomain) {
      rule = info.reason();
      record = RecordIn(info);
    }
    if (!detail.UnpackTo(&bad_request)) continue;
    for (const auto& violation : bad_request.field_violations()) {
      violations.push_back({violation.field(), violation.description()});
    }
  }
  if (!violations.empty()) result = InvalidFields(violations);
  if (record.has_value()) result = WithRecord(std::move(result), *record);
  return rule.empty() ? result : WithRule(std::move(result), rule);
}

}  // namespace makegood::rpc
