#include "common/base/places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "tests/support/status_matchers.h"

namespace makegood {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

constexpr PlaceLimits kLimits{.all = 6, .per_caller = 2, .per_store = 3, .kept = 2};

Caller Customer(const std::string& id) { return {"customer " + id, "", false}; }
Caller Employee(const std::string& id) { return {"store_employee " + id, "s-1", false}; }
Caller Service(const std::string& id) { return {"service " + id, "", true}; }

auto Full(const std::string& text) {
  return ::testing::AllOf(StatusIs(absl::StatusCode::kResourceExhausted),
                          ::testing::Property(&absl::Status::message, HasSubstr(text)));
}

class PlacesTest : public ::testing::Test {
 protected:
  absl::Status Take(const Caller& caller) {
    absl::StatusOr<Places::Place> place = places_.Take(caller);
    if (place.ok()) held_.push_back(*std::move(place));
    return place.status();
  }

  Places places_{"open streams", kLimits};
  std::vector<Places::Place> held_;
};

TEST_F(PlacesTest, SYS_12_OneCallerCannotTakeWhatOthersNeed) {
  ASSERT_THAT(Take(Customer("c-1")), IsOk());
  ASSERT_THAT(Take(Customer("c-1")), IsOk());
  EXPECT_THAT(Take(Customer("c-1")),
              Full("customer c-1 has taken 2 of 2 open streams: the limit for one caller"));
  EXPECT_THAT(Take(Customer("c-2")), IsOk());
  EXPECT_EQ(places_.taken(), 3u);
  EXPECT_EQ(places_.refused(), 1u);
}

TEST_F(PlacesTest, SYS_12_ThePeopleOfAStoreHaveALimitTogether) {
  for (const char* id : {"e-1", "e-2", "e-3"}) ASSERT_THAT(Take(Employee(id)), IsOk());
  EXPECT_THAT(Take(Employee("e-4")), Full("store s-1 has taken 3 of 3 open streams"));
  EXPECT_THAT(Take(Customer("c-1")), IsOk());
}

TEST_F(PlacesTest, SYS_12_PlacesAreKeptForTheServices) {
  for (const char* id : {"c-1", "c-2", "c-3", "c-4"}) ASSERT_THAT(Take(Customer(id)), IsOk());
  EXPECT_THAT(Take(Customer("c-5")), Full("2 of them are kept for the services themselves"));
  ASSERT_THAT(Take(Service("orders")), IsOk());
  ASSERT_THAT(Take(Service("claims")), IsOk());
  EXPECT_THAT(Take(Service("payments")), Full("the limit for all"));
}

TEST_F(PlacesTest, SYS_12_APlaceThatIsGivenBackIsFreeAgain) {
  for (int i = 0; i < 3; ++i) {
    held_.clear();
    EXPECT_EQ(places_.taken(), 0u);
    ASSERT_THAT(Take(Customer("c-1")), IsOk());
    ASSERT_THAT(Take(Customer("c-1")), IsOk());
  }
  for (int i = 0; i < 2; ++i) {
    held_.clear();
    for (const char* id : {"e-1", "e-2", "e-3"}) ASSERT_THAT(Take(Employee(id)), IsOk());
  }
  std::optional<Places> gone(std::in_place, "open streams", kLimits);
  absl::StatusOr<Places::Place> outlives = gone->Take(Customer("c-1"));
  gone.reset();
  EXPECT_THAT(outlives.status(), IsOk());
}

TEST_F(PlacesTest, SYS_12_WhatCannotBeRefusedCountsAgainstWhatComes) {
  held_.push_back(places_.TakeAnyway(Customer("c-1"), 5));
  EXPECT_EQ(places_.taken(), 5u);
  EXPECT_THAT(Take(Customer("c-1")), Full("has taken 5 of 2"));
  EXPECT_THAT(Take(Customer("c-2")), Full("all callers together"));
}

}  // namespace
}  // namespace makegood
