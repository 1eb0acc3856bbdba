// Tables and texts on a terminal.
#include "tools/makegoodctl/terminal/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "makegood/claims/v1/claims.pb.h"
#include "makegood/notifications/v1/notifications.pb.h"
#include "makegood/orders/v1/orders.pb.h"
#include "tools/makegoodctl/command_line/view.h"

namespace makegood::ctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

TEST(TableTest, ColumnsAreAsWideAsTheyNeedToBe) {
  Table table({"order", "state"});
  table.Add({"M-1", "open"});
  table.Add({"M-1002", ""});
  EXPECT_THAT(table.Lines(0, false), ElementsAre("order   state", "M-1     open", "M-1002"));
}

TEST(TableTest, TheWidestColumnsAreCutUntilAllFitAndTheFirstOneLast) {
  Table table({"claim", "text", "state"});
  table.Add({"clm-0a-00112233445566778899", std::string(200, 'x'), "awaiting_evidence"});
  for (const size_t width : {40U, 60U, 80U, 120U}) {
    for (const std::string& line : table.Lines(width, false)) EXPECT_LE(DisplayWidth(line), width) << line;
  }
  EXPECT_THAT(table.Lines(80, false)[1], HasSubstr("clm-0a-00112233445566778899"));
  EXPECT_THAT(table.Lines(80, false)[1], HasSubstr("…"));
  EXPECT_THAT(table.Lines(0, false)[1], HasSubstr(std::string(200, 'x'))) << "a program gets everything";
}

TEST(TableTest, AFirstColumnLongerThanAnIdOfOursIsCutLikeOthers) {
  Table table({"order", "state"});
  table.Add({std::string(90, 'o'), "awaiting_evidence"});
  EXPECT_THAT(table.Lines(80, false)[1], HasSubstr("…  awaiting_evidence"));
  table.KeepFirst(90);
  EXPECT_THAT(table.Lines(100, false)[1], HasSubstr("oo  awai"));
}

TEST(TableTest, ColoursTakeNoRoom) {
  Table table({"order", "state", "total"});
  table.AddCells({{"M-1"}, {"open", Colour::kBusy}, {"1.00 EUR"}});
  EXPECT_EQ(table.Lines(0, false)[1], "M-1    open   1.00 EUR");
  EXPECT_EQ(table.Lines(0, true)[1], "M-1    \033[33mopen\033[0m   1.00 EUR");
}

TEST(TableTest, TheLastColumnMayGoOnInTheNextLine) {
  Table table(size_t{2});
  table.WrapLast();
  table.Add({"reason", "one two three four five six seven"});
  EXPECT_THAT(table.Lines(20, false),
              ElementsAre("reason  one two", "        three four", "        five six", "        seven"));
}

TEST(TerminalTest, WideCharactersCountTwiceAndAreNotHalved) {
  EXPECT_EQ(DisplayWidth("Žluťoučký"), 9U);
  EXPECT_EQ(DisplayWidth("订单"), 4U);
  EXPECT_EQ(Cut("订单已发货", 6), "订单…");
  EXPECT_EQ(Cut("订单", 4), "订单");
  EXPECT_EQ(Cut("abcdef", 4), "abc…");
}

TEST(TerminalTest, NothingThatSteersATerminalIsShown) {
  EXPECT_EQ(OneLine("red \033[31m\nnext\tone"), "red  [31m next one");
}

TEST(ViewTest, ARowShowsTheDeclaredColumns) {
  claims::v1::Claim claim;
  claim.set_claim_id("clm-1");
  claim.set_order_id("M-1");
  claim.set_state(claims::v1::Claim::STATE_REJECTED);
  const std::vector<Table::Cell> row = RowOf(claim, ColumnsOf(*claim.GetDescriptor()), {});
  ASSERT_EQ(row.size(), 6U);
  EXPECT_EQ(row[0].text, "clm-1");
  EXPECT_EQ(row[3].text, "rejected");
  EXPECT_EQ(row[3].colour, Colour::kBad);
}

TEST(ViewTest, EveryDeclaredColumnIsAField) {
  for (const google::protobuf::Descriptor* type :
       {orders::v1::Order::descriptor(), orders::v1::OrderLine::descriptor(), claims::v1::Claim::descriptor(),
        notifications::v1::Notice::descriptor(), notifications::v1::ChatMessage::descriptor()}) {
    for (const Column& column : ColumnsOf(*type)) {
      EXPECT_NE(type->FindFieldByName(column.path), nullptr) << type->name() << "." << column.path;
    }
  }
}

TEST(ViewTest, FactsNameEverythingThatIsSet) {
  orders::v1::Order order;
  order.set_order_id("M-1");
  order.add_holds()->set_name(base::v1::HOLD_NAME_STOCK_SHORTAGE);
  order.mutable_cancellation()->set_reason(base::v1::CANCEL_REASON_UNPAID);
  EXPECT_THAT(FactsOf(order, {}),
              ElementsAre(Pair("order_id", "M-1"), Pair("holds[0].name", "stock_shortage"),
                          Pair("cancellation.reason", "unpaid")));
}

}  // namespace
}  // namespace makegood::ctl
