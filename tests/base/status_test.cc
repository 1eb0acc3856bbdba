#include "common/base/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
namespace makegood {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

absl::Status PassOn(const absl::Status& status, bool& went_on) {
  RETURN_IF_ERROR(status);
  went_on = true;
  return absl::OkStatus();
}

absl::StatusOr<int> Twice(const absl::StatusOr<int>& number) {
  ASSIGN_OR_RETURN(const int value, number);
  return 2 * value;
}

absl::StatusOr<std::unique_ptr<int>> Moved(absl::StatusOr<std::unique_ptr<int>> number) {
  ASSIGN_OR_RETURN(std::unique_ptr<int> first, std::move(number));
  ASSIGN_OR_RETURN(std::unique_ptr<int> second, absl::StatusOr<std::unique_ptr<int>>(std::move(first)));
  return second;
}

TEST(Status, ReturnIfErrorReturnsTheErrorAsItIs) {
  bool went_on = false;
  const absl::Status refusal = Refusal("ORD-03", "it is shipped");
  EXPECT_EQ(PassOn(refusal, went_on), refusal);
  EXPECT_FALSE(went_on);
  EXPECT_TRUE(PassOn(absl::OkStatus(), went_on).ok());
  EXPECT_TRUE(went_on);
}

TEST(Status, ReturnIfErrorEvaluatesItsArgumentOnce) {
  int count = 0;
  const auto run = [&]() -> absl::Status {
    RETURN_IF_ERROR((++count, absl::OkStatus()));
    return absl::OkStatus();
  };
  EXPECT_TRUE(run().ok());
  EXPECT_EQ(count, 1);
}

TEST(Status, AssignOrReturnAssignsTheValueOrReturnsTheError) {
  EXPECT_EQ(*Twice(21), 42);
  EXPECT_EQ(Twice(absl::NotFoundError("no number")).status(), absl::NotFoundError("no number"));
}

TEST(Status, AssignOrReturnMovesWhatCannotBeCopied) {
  const auto moved = Moved(std::make_unique<int>(7));
  ASSERT_TRUE(moved.ok());
  EXPECT_EQ(**moved, 7);
}

TEST(Status, SYS_07_ARefusalCarriesItsRule) {
  const absl::Status status = Refusal("CLM-03", "the window is closed");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(RuleOf(status), "CLM-03");
  EXPECT_EQ(status.message(), "CLM-03: the window is closed");
  EXPECT_THAT(FieldViolationsOf(status), IsEmpty());
}

TEST(Status, ROL_ADenialCarriesItsRule) {
  const absl::Status status = Denied("ROL-05", "a courier may not cancel");
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(RuleOf(status), "ROL-05");
}

TEST(Status, SYS_07_InvalidFieldsNameEveryFieldAndItsProblem) {
  const std::vector<FieldViolation> violations = {
      {"order.lines[1].quantity", "is 0, want 1 or more"}, {"order_id", "is empty"}, {"note", ""}};
  const absl::Status status = InvalidFields(violations);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FieldViolationsOf(status), violations);
  EXPECT_THAT(std::string(status.message()), HasSubstr("order.lines[1].quantity: is 0, want 1 or more"));
  EXPECT_EQ(RuleOf(status), "");
}

TEST(Status, SYS_09_OfAnExceptionOnlyItsTypeIsTold) {
  const auto told = [](auto&& throw_it) {
    try {
      throw_it();
    } catch (...) {
      return CaughtException();
    }
    return absl::OkStatus();
  };
  const absl::Status status = told([] { throw std::runtime_error("of jana@example.com"); });
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(status.message(), "an exception of type std::runtime_error");
  EXPECT_EQ(told([] { throw 7; }).message(), "an exception of type int");
}

TEST(Status, SYS_04_StaleKnowledgeNamesTheRecordAsItIs) {
  const absl::Status status = Stale({"claim", "clm-1", 7}, 6);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(status.message(), "claim clm-1 is at version 7, expected 6");
  EXPECT_EQ(RuleOf(status), "SYS-04");
  EXPECT_EQ(RecordOf(status), (RecordVersion{"claim", "clm-1", 7}));
  EXPECT_EQ(RecordOf(Refusal("CLM-03", "no")), std::nullopt);
}

TEST(Status, SYS_11_WhatExistsIsNamed) {
  const absl::Status status = Exists({"order", "o-1", 3});
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(status.message(), "order o-1 exists");
  EXPECT_EQ(RecordOf(status), (RecordVersion{"order", "o-1", 3}));
}

TEST(Status, NotFoundNamesKindAndId) {
  const absl::Status status = NotFound("claim", "clm-1");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "claim clm-1 does not exist");
}

TEST(Status, SYS_06_WhoeverAskedUsDoesNotTakeOurWayForTheirs) {
  for (const absl::Status& way :
       {absl::UnavailableError("connection refused"), absl::DeadlineExceededError("")}) {
    const absl::Status told = AnswerFor(way, "orders");
    EXPECT_EQ(told.code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(RuleOf(told), "SYS-06");
    EXPECT_THAT(std::string(told.message()), HasSubstr("orders"));
  }
  for (const absl::Status& answer : {absl::OkStatus(), NotFound("order", "o-1"), Refusal("ORD-03", "no")}) {
    EXPECT_EQ(AnswerFor(answer, "orders"), answer);
  }
}

TEST(Status, OtherStatusesCarryNeitherRuleNorFields) {
  for (const absl::Status& status : {absl::OkStatus(), absl::UnavailableError("down")}) {
    EXPECT_EQ(RuleOf(status), "");
    EXPECT_THAT(FieldViolationsOf(status), IsEmpty());
  }
}

}  // namespace
}  // namespace makegood
