// The tour, with the programs as people run them, and what the README goes on with.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

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
  Process tour({Program("tools/makegoodctl/makegoodctl"), "tour", "--server", suite.address(), "--metrics",
                suite.metrics_address(), SourceFile("tools/tour")},
               "");
  EXPECT_EQ(tour.Wait(absl::Minutes(4)), 0);
  ExpectThatTheReadmeIsRight(suite);
  EXPECT_EQ(suite.Stop(), 0);
}

}  // namespace
}  // namespace makegood
