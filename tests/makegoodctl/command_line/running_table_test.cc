// Rows that come one at a time, as the watching commands show them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tools/makegoodctl/command_line/follow.h"

namespace makegood::ctl {
namespace {

using ::testing::ElementsAre;

Terminal OfWidth(size_t width) {
  Terminal terminal;
  terminal.width = width;
  return terminal;
}

TEST(RunningTableTest, WhatDoesNotFitStandsInTheNextLine) {
  const Terminal terminal = OfWidth(40);
  RunningTable table(terminal, {4, 10});
  EXPECT_THAT(table.Lines({{"time"}, {"orders"}, {"state_changed"}, {"M-1"}}),
              ElementsAre("time  orders      state_changed  M-1"));
  EXPECT_THAT(table.Lines({{"time"}, {"claims"}, {"opened"}, {"M-1"}, {"clm-1"}}),
              ElementsAre("time  claims      opened         M-1", "    clm-1"));
  EXPECT_THAT(table.Lines({{"time"}, {"claims"}, {"opened"}, {std::string(30, 'o')}, {""}, {"service"}}),
              ElementsAre("time  claims      opened", "    " + std::string(30, 'o'), "    service"));
}

TEST(RunningTableTest, NoLineIsWiderThanTheTerminalOrEndsInBlanks) {
  const Terminal terminal = OfWidth(30);
  RunningTable table(terminal);
  for (const size_t length : {3U, 40U, 12U}) {
    for (const std::string& line : table.Lines({{"t"}, {std::string(length, 'x')}, {""}, {"end"}, {""}})) {
      EXPECT_LE(DisplayWidth(line), 30U) << line;
      EXPECT_NE(line.back(), ' ') << line;
    }
  }
}

TEST(RunningTableTest, AProgramGetsOneLineARow) {
  const Terminal terminal = OfWidth(0);
  RunningTable table(terminal);
  EXPECT_THAT(table.Lines({{std::string(100, 'x')}, {std::string(100, 'y')}}),
              ElementsAre(std::string(100, 'x') + "  " + std::string(100, 'y')));
}

}  // namespace
}  // namespace makegood::ctl
