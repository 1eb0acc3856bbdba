// Status helpers: the two macros Abseil 20220623 lacks, and our kinds of refusal.
//
// An absl::Status is what every layer below the wire speaks; common/rpc turns it into a
// grpc::Status with google.rpc details in one place. Beside code and message a status here may
// carry the ID of the rule that refused and the fields that were wrong. No personal data in
// messages (SYS-09): name ids and fields, never contents.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#define MG_CONCAT_INNER(a, b) a##b
#define MG_CONCAT(a, b) MG_CONCAT_INNER(a, b)

// Returns from the enclosing function if `expression`, an absl::Status, is not OK.
#define RETURN_IF_ERROR(expression)                               \
  do {                                                            \
    if (absl::Status mg_status = (expression); !mg_status.ok()) { \
      return mg_status;                                           \
    }                                                             \
  } while (false)

// Assigns the value of `expression`, an absl::StatusOr, to `target`, or returns its status.
#define ASSIGN_OR_RETURN(target, expression) \
  MG_ASSIGN_OR_RETURN_IMPL(MG_CONCAT(mg_status_or_, __LINE__), target, expression)
#define MG_ASSIGN_OR_RETURN_IMPL(status_or, target, expression) \
  auto status_or = (expression);                                \
  if (!status_or.ok()) {                                        \
    return std::move(status_or).status();                       \
  }                                                             \
  target = *std::move(status_or)

namespace makegood {

// A field of a request and what is wrong with it, e.g. {"lines[2].quantity", "is 0, want 1 or more"}.
struct FieldViolation {
  std::string field;    // path from the request, dots and indices
  std::string problem;  // one line

  bool operator==(const FieldViolation&) const = default;
};

// FAILED_PRECONDITION: the rule `rule_id` (an ID of the rule book, e.g. "ORD-03") says no.
absl::Status Refusal(absl::string_view rule_id, absl::string_view message);

// PERMISSION_DENIED under a ROL rule or PAY-03.
absl::Status Denied(absl::string_view rule_id, absl::string_view message);

// The same status carrying `rule_id`; for one that comes from another server.
absl::Status WithRule(absl::Status status, absl::string_view rule_id);

// INVALID_ARGUMENT naming every violated field. `violations` must not be empty.
absl::Status InvalidFields(const std::vector<FieldViolation>& violations);

// A record, and the version it is at.
struct RecordVersion {
  std::string type;  // its kind, e.g. "claim"
  std::string id;
  int64_t version = 0;

  bool operator==(const RecordVersion&) const = default;
};

// ABORTED under SYS-04: "claim c-1 is at version 2, expected 1". Carries the record as it is now.
absl::Status Stale(const RecordVersion& current, int64_t expected);

// ALREADY_EXISTS under SYS-11: "order o-1 exists". Carries the record.
absl::Status Exists(const RecordVersion& current);

// NOT_FOUND: "claim c-1 does not exist".
absl::Status NotFound(absl::string_view kind, absl::string_view id);

// INTERNAL naming the type of the exception that is being handled; only in a catch clause. None of its words
// goes on: they may quote what was read (SYS-09).
absl::Status CaughtException();

// What `run` returns (an absl::Status or StatusOr), or CaughtException where it throws: no exception
// leaves a callback or a thread.
template <typename Run>
auto Contained(Run&& run) -> decltype(run()) {
  try {
    return std::forward<Run>(run)();
  } catch (...) {
    return CaughtException();
  }
}

// UNAVAILABLE under SYS-13, with a hint to try again: the decision rests on news of another service, of
// `what`, that are on their way here.
absl::Status NotHereYet(absl::string_view what);

// What a failure means to whoever asked, the same for events and tasks.
enum class Failure {
  kOfTheWay,  // not decided: somebody is away, late, full, of an earlier version or at odds. Trying again
              // helps
  kRefusal,   // an answer: trying again as it is changes nothing
  kFault,     // a mistake of ours, or broken data
};
// `status` is not OK.
Failure FailureOf(const absl::Status& status);

// The answer of another service, `owner`, as ours to whoever asked us, who is not to take our way for theirs:
// where it gave none, UNAVAILABLE under SYS-06.
absl::Status AnswerFor(absl::Status answer, absl::string_view owner);

// The rule a status carries, or "".
std::string RuleOf(const absl::Status& status);

// The record a status is about, as it is now, or nothing.
std::optional<RecordVersion> RecordOf(const absl::Status& status);

// The same status carrying `record`; for one that comes from another server.
absl::Status WithRecord(absl::Status status, const RecordVersion& record);

// The violations a status carries; empty where there are none.
std::vector<FieldViolation> FieldViolationsOf(const absl::Status& status);

}  // namespace makegood
