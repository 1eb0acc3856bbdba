// The tour, with the programs as people run them, and what the README goes on with.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/suite/standalone.h"
#include "tests/support/files.h"

namespace makegood {
namespace {

using testing::Process;
using testing::Program;
using testing::SourceFile;

// Types a line into a shell and returns its exit code, or -1 if it goes on after `patience`.
int Type(const std::string& line, const testing::Standalone& suite, const testing::ScratchFolder& folder,
         absl::Duration patience) {
  const std::string programs = std::filesystem::path(Program("tools/makegoodctl/makegoodctl")).parent_path();
  const std::string script = absl::StrCat("cd ", folder.path(), " && export HOME=$PWD PATH=", programs,
                                          ":$PATH MAKEGOOD_SERVER=", suite.address(), " && exec ", line);
  return Process({"/bin/sh", "-c", script}, folder.Path("log")).Wait(patience);
}

// The README's commands do as it says, on what the tour has left.
void ExpectThatTheReadmeIsRight(const testing::Standalone& suite) {
  std::ifstream readme(SourceFile("README.md"));
  int typed = 0;
  for (std::string line; std::getline(readme, line);) {
    if (!absl::StartsWith(line, "makegoodctl ")) continue;
    ++typed;
    const testing::ScratchFolder folder;
    const bool goes_on = absl::StrContains(line, " watch ");
    EXPECT_EQ(Type(line, suite, folder, goes_on ? absl::Seconds(3) : absl::Minutes(1)), goes_on ? -1 : 0)
        << line << "\n"
        << testing::ReadFile(folder.Path("log"));
  }
  EXPECT_GT(typed, 2);
}

TEST(TourTest, EveryPromiseIsKept) {
  testing::Standalone suite;
  ASSERT_NO_FATAL_FAILURE(suite.Start({"--test_clock=2026-09-01T08:00:00+02:00"}));
  Process tour({Program("tools/tour/makegood-tour"), "--server", suite.address(), "--metrics",
                suite.metrics_address(), SourceFile("tools/tour/season")},
               "");
  EXPECT_EQ(tour.Wait(absl::Minutes(4)), 0);
  ExpectThatTheReadmeIsRight(suite);
  EXPECT_EQ(suite.Stop(), 0);
}

// What the tour says and how many orders there are after it, on a server started with `flags` and, where
// `in_use`, an order of somebody's.
struct Refusal {
  int code = 0;
  std::string log;
  std::string orders;
};

Refusal TryTheTour(const std::vector<std::string>& flags, bool in_use) {
  testing::Standalone suite;
  suite.Start(flags);
  const testing::ScratchFolder folder;
  if (in_use) {
    EXPECT_EQ(Type("makegoodctl orders create O-1 --marketplace mall --merchant-id m-1 --customer-id c-1 "
                   "--payment-method cash_on_delivery --currency CZK "
                   "--line line_id=1,sku=LAMP,quantity=1",
                   suite, folder, absl::Minutes(1)),
              0)
        << testing::ReadFile(folder.Path("log"));
  }
  Refusal refusal;
  refusal.code = Process({Program("tools/tour/makegood-tour"), "--server", suite.address(),
                          SourceFile("tools/tour/season")},
                         folder.Path("tour"))
                     .Wait(absl::Minutes(1));
  refusal.log = testing::ReadFile(folder.Path("tour"));
  std::filesystem::remove(folder.Path("log"));
  EXPECT_EQ(Type("makegoodctl orders list -o text", suite, folder, absl::Minutes(1)), 0);
  refusal.orders = testing::ReadFile(folder.Path("log"));
  EXPECT_EQ(suite.Stop(), 0);
  return refusal;
}

TEST(TourTest, IsNotPlayedWhereTheClockCannotBeMoved) {
  const Refusal refusal = TryTheTour({}, false);
  EXPECT_EQ(refusal.code, 1);
  EXPECT_TRUE(absl::StrContains(refusal.log, "--test_clock")) << refusal.log;
  EXPECT_EQ(refusal.orders, "");
}

TEST(TourTest, IsNotPlayedOnAServerThatIsInUse) {
  const Refusal refusal = TryTheTour({"--test_clock=2026-09-01T08:00:00+02:00"}, true);
  EXPECT_EQ(refusal.code, 1);
  EXPECT_TRUE(absl::StrContains(refusal.log, "it has orders already")) << refusal.log;
  EXPECT_TRUE(absl::StartsWith(refusal.orders, "O-1\t")) << refusal.orders;
}

}  // namespace
}  // namespace makegood
