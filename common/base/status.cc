#include "common/base/status.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <typeinfo>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace makegood {
namespace {

constexpr absl::string_view kRulePayload = "makegood/rule";
constexpr absl::string_view kRecordPayload = "makegood/record";
constexpr absl::string_view kFieldsPayload = "makegood/fields";
// Fields and problems are one line each, so a tab and a new line keep them apart.
constexpr char kBetween = '\t';

}  // namespace

absl::Status WithRule(absl::Status status, absl::string_view rule_id) {
  status.SetPayload(kRulePayload, absl::Cord(rule_id));
  return status;
}

absl::Status Refusal(absl::string_view rule_id, absl::string_view message) {
  return WithRule(absl::FailedPreconditionError(absl::StrCat(rule_id, ": ", message)), rule_id);
}

absl::Status Denied(absl::string_view rule_id, absl::string_view message) {
  return WithRule(absl::PermissionDeniedError(absl::StrCat(rule_id, ": ", message)), rule_id);
}

absl::Status InvalidFields(const std::vector<FieldViolation>& violations) {
  absl::Status status = absl::InvalidArgumentError(
      absl::StrJoin(violations, "; ", [](std::string* out, const FieldViolation& violation) {
        absl::StrAppend(out, violation.field, ": ", violation.problem);
      }));
  status.SetPayload(
      kFieldsPayload,
      absl::Cord(absl::StrJoin(violations, "\n", [](std::string* out, const FieldViolation& violation) {
        absl::StrAppend(out, violation.field, std::string(1, kBetween), violation.problem);
      })));
  return status;
}

absl::Status WithRecord(absl::Status status, const RecordVersion& record) {
  status.SetPayload(kRecordPayload,
                    absl::Cord(absl::StrJoin({record.type, record.id, absl::StrCat(record.version)},
                                             std::string(1, kBetween))));
  return status;
}

absl::Status Stale(const RecordVersion& current, int64_t expected) {
  const std::string text = absl::StrCat(current.type, " ", current.id, " is at version ", current.version,
                                        ", expected ", expected);
  return WithRecord(WithRule(absl::AbortedError(text), "SYS-04"), current);
}

absl::Status Exists(const RecordVersion& current) {
  const std::string text = absl::StrCat(current.type, " ", current.id, " exists");
  return WithRecord(WithRule(absl::AlreadyExistsError(text), "SYS-11"), current);
}

absl::Status NotFound(absl::string_view kind, absl::string_view id) {
  return absl::NotFoundError(absl::StrCat(kind, " ", id, " does not exist"));
}

absl::Status NotHereYet(absl::string_view what) {
  return WithRule(absl::UnavailableError(
                      absl::StrCat("SYS-13: the latest news of ", what, " are not here yet; try again")),
                  "SYS-13");
}

Failure FailureOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kOutOfRange:
      return Failure::kRefusal;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return Failure::kFault;
    default:
      return Failure::kOfTheWay;
  }
}

absl::Status AnswerFor(absl::Status answer, absl::string_view owner) {
  if (answer.ok() || FailureOf(answer) != Failure::kOfTheWay) return answer;
  return WithRule(
      absl::UnavailableError(absl::StrCat("SYS-06: the ", owner, " service does not answer; try again")),
      "SYS-06");
}

absl::Status CaughtException() {
  const std::type_info* const type = abi::__cxa_current_exception_type();
  if (type == nullptr) return absl::InternalError("something was thrown");
  int failed = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(type->name(), nullptr, nullptr, &failed), &std::free);
  return absl::InternalError(absl::StrCat("an exception of type ", failed == 0 ? name.get() : type->name()));
}

std::string RuleOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kRulePayload);
  return payload.has_value() ? std::string(*payload) : std::string();
}

std::optional<RecordVersion> RecordOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kRecordPayload);
  if (!payload.has_value()) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(std::string(*payload), kBetween);
  RecordVersion record;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[2], &record.version)) return std::nullopt;
  record.type = parts[0];
  record.id = parts[1];
  return record;
}

std::vector<FieldViolation> FieldViolationsOf(const absl::Status& status) {
  std::vector<FieldViolation> violations;
  const auto payload = status.GetPayload(kFieldsPayload);
  if (!payload.has_value()) return violations;
  const std::string text(*payload);
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(kBetween, 1));
    violations.push_back({std::string(parts.first), std::string(parts.second)});
  }
  return violations;
}

}  // namespace makegood
