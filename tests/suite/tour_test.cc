// The tour, with the programs as people run them.
#include <gtest/gtest.h>

#include "tests/suite/standalone.h"

namespace makegood {
namespace {

using testing::Process;
using testing::Program;
using testing::SourceFile;

TEST(TourTest, EveryPromiseIsKept) {
  testing::Standalone suite;
  ASSERT_NO_FATAL_FAILURE(suite.Start({"--test_clock=2026-09-01T08:00:00+02:00"}));
  Process tour({Program("tools/makegoodctl/makegoodctl"), "tour", "--server", suite.address(), "--metrics",
                suite.metrics_address(), SourceFile("tools/tour")},
               "");
  EXPECT_EQ(tour.Wait(absl::Minutes(4)), 0);
  EXPECT_EQ(suite.Stop(), 0);
}

}  // namespace
}  // namespace makegood
