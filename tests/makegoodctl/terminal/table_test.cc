// Tables and texts on a terminal.
#include "tools/makegoodctl/terminal/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tools/makegoodctl/terminal/nearest.h"

namespace makegood::ctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(TableTest, ColumnsAreAsWideAsTheyNeedToBe) {
  ctl::Table table({"order", "state"});
  table.Add({"M-1", "open"});
  table.Add({"M-1002", ""});
  EXPECT_THAT(table.Lines(0, false), ElementsAre("order   state", "M-1     open", "M-1002"));
}

TEST(TableTest, LongTextsAreCutIfAllFitThen) {
  ctl::Table table({"claim", "text", "state"});
  table.Add({"clm-0a-00112233445566778899", std::string(200, 'x'), "awaiting_evidence"});
  for (const size_t width : {20U, 40U, 60U, 80U, 90U, 120U}) {
    for (const std::string& line : table.Lines(width, false)) EXPECT_LE(DisplayWidth(line), width) << line;
  }
  ASSERT_THAT(table.Lines(90, false), SizeIs(2));
  EXPECT_THAT(table.Lines(90, false)[1], HasSubstr("clm-0a-00112233445566778899  xx"));
  EXPECT_THAT(table.Lines(90, false)[1], HasSubstr("…  awaiting_evidence"));
  EXPECT_THAT(table.Lines(0, false)[1], HasSubstr(std::string(200, 'x'))) << "a program gets everything";
}

TEST(TableTest, IdsTimesStatesAndMoneyAreNeverCutButStandInTheNextLine) {
  ctl::Table table({"order", "customer", "state", "total", "created"});
  const std::vector<std::string> cells = {std::string(32, 'a'), std::string(32, 'c'), "delivered",
                                          "1897.00 BRL", "2026-09-04 16:20 +02:00"};
  table.Add(cells);
  const std::vector<std::string> lines = table.Lines(80, false);
  ASSERT_THAT(lines, SizeIs(4));
  EXPECT_EQ(lines[0], "order                             customer                          state");
  EXPECT_EQ(lines[1], "  total        created");
  EXPECT_EQ(lines[2], cells[0] + "  " + cells[1] + "  delivered");
  EXPECT_EQ(lines[3], "  1897.00 BRL  2026-09-04 16:20 +02:00");
}

TEST(TableTest, AFirstColumnLongerThanTheTerminalIsCutAtItsEnd) {
  ctl::Table table({"order", "state"});
  table.Add({std::string(90, 'o'), "awaiting_evidence"});
  EXPECT_EQ(table.Lines(80, false)[2], std::string(79, 'o') + "…");
  EXPECT_EQ(table.Lines(80, false)[3], "  awaiting_evidence");
}

TEST(TableTest, AFirstColumnThatMustStayWholeGetsALineOfItsOwnWhereThereIsNoRoom) {
  ctl::Table table({"id", "type", "size"});
  table.Add({std::string(40, 'a'), "image/jpeg", "12.3 kB"});
  table.Add({std::string(40, 'b'), "video/mp4", ""});
  EXPECT_THAT(table.Lines(50, false, 2),
              ElementsAre("  id", "    type        size", "  " + std::string(40, 'a'),
                          "    image/jpeg  12.3 kB", "  " + std::string(40, 'b'), "    video/mp4"));
  EXPECT_THAT(table.Lines(80, false), SizeIs(3));
  EXPECT_THAT(table.Lines(0, false), SizeIs(3));
  ctl::Table short_ids({"id", "text"});
  short_ids.Add({"1", std::string(100, 'x')});
  EXPECT_THAT(short_ids.Lines(50, false), SizeIs(2)) << "a long text is cut";
}

TEST(TableTest, ColoursTakeNoRoom) {
  ctl::Table table({"order", "state", "total"});
  table.AddCells({{"M-1"}, {"open", Colour::kBusy}, {"1.00 EUR"}});
  EXPECT_EQ(table.Lines(0, false)[1], "M-1    open   1.00 EUR");
  EXPECT_EQ(table.Lines(0, true)[1], "M-1    \033[33mopen\033[0m   1.00 EUR");
}

TEST(TableTest, TheLastColumnMayGoOnInTheNextLine) {
  ctl::Table table(size_t{2});
  table.WrapLast();
  table.Add({"reason", "one two three four five six seven"});
  EXPECT_THAT(table.Lines(20, false),
              ElementsAre("reason  one two", "        three four", "        five six", "        seven"));
}

TEST(TableTest, AColumnThatMayGoOnGivesWayBeforeOthersAreCut) {
  ctl::Table table({"line", "order", "reason"});
  table.WrapLast();
  const std::string order(32, 'a');
  table.Add({"5", order, "one two three four five six seven eight nine"});
  for (const std::string& line : table.Lines(70, false)) EXPECT_THAT(line, Not(HasSubstr("…"))) << line;
  EXPECT_THAT(table.Lines(70, false)[1], HasSubstr(order + "  one two"));
}

TEST(TableTest, AColumnThatIsEmptyInAllRowsMayBeLeftOut) {
  ctl::Table table({"time", "case", "text"});
  table.LeaveOutWhereEmpty(1);
  table.Add({"10:00", "", "one"});
  EXPECT_THAT(table.Lines(0, false), ElementsAre("time   text", "10:00  one"));
  table.Add({"11:00", "clm-1", "two"});
  EXPECT_THAT(table.Lines(0, false),
              ElementsAre("time   case   text", "10:00         one", "11:00  clm-1  two"));
}

TEST(TableTest, ALastColumnInALineOfItsOwnTakesWhatRoomThereIs) {
  ctl::Table table(std::vector<std::string>{"case", "actor", "text"});
  table.WrapLast();
  table.Add({std::string(30, 'c'), std::string(8, 'a'), "one two three four five"});
  EXPECT_THAT(table.Lines(42, false),
              ElementsAre("case" + std::string(28, ' ') + "actor", "  text",
                          std::string(30, 'c') + "  " + std::string(8, 'a'), "  one two three four five"));
}

TEST(NearestTest, IsOneWordInWhichHalfTheLettersAreRightAtLeast) {
  EXPECT_EQ(Nearest("--stat", {"--store", "--state", "--server"}), "--state");
  EXPECT_EQ(Nearest("Order", {"order_id", "ORDER"}), "ORDER") << "whatever the case";
  EXPECT_EQ(Nearest("ordre", {"orders", "order"}), "order") << "two that are swapped are one";
  EXPECT_EQ(Nearest("ab", {"xyz"}), std::nullopt);
  EXPECT_EQ(Nearest(std::string(100, 'a'), {std::string(100, 'a')}), std::nullopt) << "no word";
}

TEST(NearestTest, AFewAreTheNearestFirst) {
  EXPECT_THAT(NearestFew("CML-04", {"AVL-01", "CLM-14", "CLM-04", "SYS-12"}, 2),
              ElementsAre("CLM-04", "CLM-14"));
  EXPECT_THAT(NearestFew("ab", {"xyz"}, 2), ElementsAre());
}

TEST(NearestTest, WhatWasMeantBeginsSoOrIsNearInTwoThirdsOfItsLetters) {
  EXPECT_EQ(Meant("--overdue", {"--overdue-only", "--overdue-too-long"}), "--overdue-only");
  EXPECT_EQ(Meant("--stat", {"--store", "--state"}), "--state");
  EXPECT_EQ(Meant("lst", {"list", "show"}), "list");
  EXPECT_EQ(Meant("--reason", {"--version"}), std::nullopt);
  EXPECT_EQ(Meant("--to", {"--as"}), std::nullopt);
}

TEST(TerminalTest, WideCharactersCountTwiceAndAreNotHalved) {
  EXPECT_EQ(DisplayWidth("Žluťoučký"), 9U);
  EXPECT_EQ(DisplayWidth("订单"), 4U);
  EXPECT_EQ(Cut("订单已发货", 6), "订单…");
  EXPECT_EQ(Cut("订单", 4), "订单");
  EXPECT_EQ(Cut("abcdef", 4), "abc…");
}

TEST(TerminalTest, ChineseFoldsWhereTheTerminalEnds) {
  EXPECT_THAT(Wrap("您的订单已经发货，请耐心等待。", 10),
              ElementsAre("您的订单已", "经发货，请", "耐心等待。"));
  EXPECT_THAT(Wrap("您的订单已发货。", 14), ElementsAre("您的订单已发", "货。"))
      << "no line begins with a stop";
  EXPECT_THAT(Wrap("order M-1 已发货 on time", 12), ElementsAre("order M-1 已", "发货 on time"));
  EXPECT_THAT(Wrap("见 clm-0a-0011。完", 11), ElementsAre("见", "clm-0a-0011", "。完")) << "nor is one wider";
  EXPECT_THAT(Wrap("clm-0a-00112233445566778899", 10), ElementsAre("clm-0a-00112233445566778899"))
      << "ids stay whole";
}

TEST(TerminalTest, NothingThatSteersATerminalIsShown) {
  EXPECT_EQ(OneLine("red \033[31m\nnext\tone"), "red  [31m next one");
  EXPECT_EQ(OneLine("a\x9b"
                    "b"),
            "a\uFFFDb")
      << "nor what some terminals take for it";
}

}  // namespace
}  // namespace makegood::ctl
