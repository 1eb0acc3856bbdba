// Matchers for absl::Status and absl::StatusOr, which Abseil 20220623 lacks, and for our refusals.
//
//   EXPECT_THAT(CancelOrder(...), IsOk());
//   EXPECT_THAT(CancelOrder(...), RefusedBy("ORD-03"));
//   EXPECT_THAT(CancelOrder(...), StatusIs(absl::StatusCode::kNotFound));
//   EXPECT_THAT(CancelOrder(...), IsOkAndHolds(Property(&Order::version, 2)));
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/status.h"

namespace makegood::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }

template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).ok();
}

MATCHER_P(StatusIs, code, "has the code " + absl::StatusCodeToString(code)) {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).code() == code;
}

// A business refusal under that rule: FAILED_PRECONDITION.
MATCHER_P(RefusedBy, rule_id, std::string("is refused by ") + rule_id) {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).code() == absl::StatusCode::kFailedPrecondition &&
         RuleOf(StatusOf(arg)) == std::string(rule_id);
}

// PERMISSION_DENIED under that rule.
MATCHER_P(DeniedBy, rule_id, std::string("is denied by ") + rule_id) {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).code() == absl::StatusCode::kPermissionDenied &&
         RuleOf(StatusOf(arg)) == std::string(rule_id);
}

// INVALID_ARGUMENT that names `field`, e.g. "order.lines[1].line_id", among its violations.
MATCHER_P(NamesField, field, std::string("is INVALID_ARGUMENT and names ") + field) {
  *result_listener << StatusOf(arg);
  const std::vector<FieldViolation> violations = FieldViolationsOf(StatusOf(arg));
  return StatusOf(arg).code() == absl::StatusCode::kInvalidArgument &&
         std::any_of(violations.begin(), violations.end(),
                     [this](const FieldViolation& violation) { return violation.field == field; });
}

MATCHER_P(IsOkAndHolds, inner, "is OK and its value fits") {
  if (!arg.ok()) {
    *result_listener << arg.status();
    return false;
  }
  return ::testing::ExplainMatchResult(inner, *arg, result_listener);
}

}  // namespace makegood::testing
