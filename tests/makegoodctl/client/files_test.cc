// Files that people name, and what is said of those that cannot be used.
#include "tools/makegoodctl/client/files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <thread>

#include "tests/support/files.h"
#include "tools/makegoodctl/client/client.h"
#include "tools/tour/tour.h"

namespace makegood::ctl {
namespace {

using ::testing::HasSubstr;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(ReadFileTest, SaysWhyAFileCannotBeRead) {
  const testing::ScratchFolder folder;
  const absl::Status none = ReadFile(folder.Path("none")).status();
  EXPECT_TRUE(absl::IsNotFound(none));
  EXPECT_THAT(Message(none), HasSubstr("No such file"));
  const absl::Status is_folder = ReadFile(folder.path()).status();
  EXPECT_TRUE(absl::IsInvalidArgument(is_folder));
  EXPECT_THAT(Message(is_folder), HasSubstr(folder.path() + " cannot be read: Is a directory"));
}

TEST(ReadFileTest, WhatHasNoEndIsReadUpToALimit) {
  EXPECT_THAT(Message(ReadFile("/dev/zero", 100'000).status()), HasSubstr("longer than 100000 bytes"));
  const testing::ScratchFolder folder;
  testing::WriteFile(folder.Path("file"), "12345");
  EXPECT_EQ(*ReadFile(folder.Path("file"), 5), "12345");
  EXPECT_FALSE(ReadFile(folder.Path("file"), 4).ok());
}

TEST(WriteFileTest, ReplacesAFileOnlyAndLeavesNothingBeside) {
  const testing::ScratchFolder folder;
  const std::string file = folder.Path("file");
  ASSERT_TRUE(WriteFile(file, "one").ok());
  ASSERT_TRUE(WriteFile(file, "two").ok());
  EXPECT_EQ(testing::ReadFile(file), "two");
  EXPECT_TRUE(absl::IsInvalidArgument(WriteFile(folder.path(), "x")));
  EXPECT_THAT(Message(WriteFile(folder.Path("none/file"), "x")), HasSubstr("No such file"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(WriteFileTest, ALinkIsFollowedEvenToNothing) {
  const testing::ScratchFolder folder;
  std::filesystem::create_symlink("real", folder.Path("link"));
  for (const char* text : {"one", "two"}) {
    ASSERT_TRUE(WriteFile(folder.Path("link"), text).ok());
    EXPECT_TRUE(std::filesystem::is_symlink(folder.Path("link")));
    EXPECT_EQ(testing::ReadFile(folder.Path("real")), text);
  }
}

TEST(WriteFileTest, DevicesAndPipesAreWrittenInto) {
  const testing::ScratchFolder folder;
  const std::string pipe = folder.Path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::string read;
  std::thread reader([&] { read = *ReadFile(pipe); });
  EXPECT_TRUE(WriteFile(pipe, "photo").ok());
  reader.join();
  EXPECT_EQ(read, "photo");
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  // By a link, so that a mistake here replaces no device.
  std::filesystem::create_symlink("/dev/full", folder.Path("full"));
  EXPECT_THAT(Message(WriteFile(folder.Path("full"), "x")), HasSubstr("No space left on device"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(CheckTourTest, TheFolderIsLookedAtBeforeAnythingElse) {
  Client nobody("127.0.0.1:1");
  const absl::Status missing = CheckTour(nobody, "/nonexistent");
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_THAT(Message(missing), HasSubstr("/nonexistent/orders.csv"));
}

}  // namespace
}  // namespace makegood::ctl
