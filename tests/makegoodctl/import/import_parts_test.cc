// What an import is made of: orders out of rows, the rejects file, the progress file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/files.h"
#include "tests/support/status_matchers.h"
#include "tools/makegoodctl/import/import_progress.h"
#include "tools/makegoodctl/import/import_rejects.h"
#include "tools/makegoodctl/import/import_rows.h"
#include "tools/makegoodctl/import/import_scattered.h"

namespace makegood::ctl {
namespace {

using connectors::v1::Connector;
using connectors::v1::ImportProgress;
using connectors::v1::Reject;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::ReadFile;
using testing::ScratchFolder;
using ::testing::StartsWith;
using testing::WriteFile;

Connector WithLines() {
  Connector connector;
  connector.mutable_columns()->set_order_id("id");
  connector.mutable_columns()->set_sku("sku");
  return connector;
}

Connector WithoutLines() {
  Connector connector;
  connector.mutable_columns()->set_order_id("id");
  return connector;
}

std::unique_ptr<CsvFile> Open(const std::string& path, char separator = ',',
                              const std::string& encoding = "UTF-8") {
  auto file = CsvFile::Open(path, separator, encoding);
  EXPECT_THAT(file, IsOk());
  return file.ok() ? *std::move(file) : nullptr;
}

std::vector<OrderRows> Orders(const std::string& content, const Connector& connector) {
  const testing::ScratchFile scratch(content);
  const auto file = Open(scratch.path());
  OrderReader reader(*file, connector);
  std::vector<OrderRows> orders;
  OrderRows order;
  while (*reader.Next(order)) orders.push_back(order);
  EXPECT_EQ(reader.offset(), static_cast<int64_t>(content.size()));
  return orders;
}

// "id/rows", with "!" where they cannot be used.
std::vector<std::string> Shape(const std::vector<OrderRows>& orders) {
  std::vector<std::string> shape;
  for (const OrderRows& order : orders) {
    shape.push_back(absl::StrCat(order.order_id, "/", order.rows.size(),
                                 order.problem.problem.empty() ? "" : "!", order.continues ? "+" : ""));
  }
  return shape;
}

TEST(OrderRows, RowsThatFollowEachOtherAreOneOrder) {
  const std::string content = "id,sku\na,1\na,2\nb,1\na,3\n";
  EXPECT_THAT(Shape(Orders(content, WithLines())), ElementsAre("a/2", "b/1", "a/1"));
  EXPECT_THAT(Shape(Orders(content, WithoutLines())), ElementsAre("a/1", "a/1", "b/1", "a/1"));
}

TEST(OrderRows, AnOrderWithABrokenRowCannotBeUsedAtAll) {
  EXPECT_THAT(Shape(Orders("id,sku\na,1\nb,1\nb,\"2\nb,3\nc,1\n", WithLines())),
              ElementsAre("a/1", "b/3!", "c/1"));
  EXPECT_THAT(Shape(Orders("id,sku\nb,1\nb,\"2\nb,3\n", WithoutLines())), ElementsAre("b/1", "b/1!", "b/1"));
}

TEST(OrderRows, ARowWhoseOrderCannotBeToldSpoilsItsNeighboursWhereItMayBeALineOfTheirs) {
  const auto orders = Orders("id,sku\na,1\nb,1\n\"x\"y,2\nc,1\nd,1\n", WithLines());
  EXPECT_THAT(Shape(orders), ElementsAre("a/1", "b/1!", "/1!", "c/1!", "d/1"));
  EXPECT_THAT(orders[1].problem.problem, HasSubstr("line 4 beside it cannot be read"));
  EXPECT_THAT(Shape(Orders("id,sku\nb,1\n,2\nc,1\n", WithLines())), ElementsAre("b/1!", "/1!", "c/1!"));
  EXPECT_THAT(Shape(Orders("id,sku\nb,1\n\"x\"y,2\nc,1\n", WithoutLines())),
              ElementsAre("b/1", "/1!", "c/1"));
}

TEST(OrderRows, ARowOfSeparatorsAloneIsNobodysLine) {
  EXPECT_THAT(Shape(Orders("id,sku\na,1\n,\na,2\n , \"\"\n,,,,\nb,1\n", WithLines())),
              ElementsAre("a/2", "b/1"));
}

TEST(OrderRows, AnOrderOfTooManyRowsComesInPiecesThatCannotBeUsed) {
  std::string content = "id,sku\na,1\n";
  for (int i = 0; i < 1100; ++i) absl::StrAppend(&content, "b,", i, "\n");
  absl::StrAppend(&content, "c,1\n");
  EXPECT_THAT(Shape(Orders(content, WithLines())), ElementsAre("a/1", "b/500!", "b/500!+", "b/100!+", "c/1"));
}

ScatteredOrders Scattered(const std::string& content, size_t at_a_time = ScatteredOrders::kAtATime) {
  const testing::ScratchFile scratch(content);
  const auto file = Open(scratch.path());
  ScatteredOrders scattered;
  EXPECT_THAT(scattered.FindIn(
                  *file, WithLines(), [](int64_t) {}, at_a_time),
              IsOk());
  return scattered;
}

TEST(ScatteredOrders, SYS_07_AnOrderWhoseRowsStandApartIsKnownBeforehand) {
  ScatteredOrders scattered = Scattered("id,sku\na,1\na,2\nb,1\nc,1\n,\nc,2\nb,2\nd,1\nb,3\n");
  ASSERT_NE(scattered.Find("b"), nullptr);
  EXPECT_EQ(scattered.Find("b")->again, 8);
  for (const char* together : {"a", "c", "d", "e", ""})
    EXPECT_EQ(scattered.Find(together), nullptr) << together;
  std::string long_order = "id,sku\n";
  for (int i = 0; i < 1100; ++i) absl::StrAppend(&long_order, "b,", i, "\n");
  EXPECT_EQ(Scattered(long_order).Find("b"), nullptr) << "it comes in pieces that follow each other";
}

// However few orders fit at a time: those, and all of those, that come again after another one.
RC_GTEST_PROP(ScatteredOrdersProperties, TheyAreWhatACountOfRunsSays,
              (const std::vector<uint8_t>& numbers, uint8_t at_a_time)) {
  std::string content = "id,sku\n";
  std::map<std::string, int> runs;
  std::string last;
  for (const uint8_t number : numbers) {
    const std::string id = absl::StrCat("o", number % 40);
    absl::StrAppend(&content, id, ",1\n");
    if (std::exchange(last, id) != id) ++runs[id];
  }
  ScatteredOrders scattered = Scattered(content, at_a_time % 12 + 1);
  for (const auto& [id, count] : runs) RC_ASSERT((scattered.Find(id) != nullptr) == (count > 1));
}

TEST(SeenOrders, TheFirstLineOfAnOrderIsKnown) {
  SeenOrders seen;
  EXPECT_FALSE(seen.Find("a", "content", 2).has_value());
  EXPECT_FALSE(seen.Find("b", "content", 3).has_value());
  const auto first = seen.Find("a", "other", 9);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->line, 2);
  EXPECT_EQ(first->content, SeenOrders::Digest("content"));
}

class RejectsTest : public ::testing::Test {
 protected:
  // Rejects every row of `content`, and returns what the rejects file is then.
  std::string RejectAll(const std::string& content, char separator = ',',
                        const std::string& encoding = "UTF-8") {
    WriteFile(path_, content);
    const auto file = Open(path_, separator, encoding);
    RejectsFile rejects(rejects_path_, *file);
    EXPECT_THAT(rejects.Begin(), IsOk());
    Reject why;
    why.set_field("sku");
    why.set_rule_id("ORD-02");
    why.set_reason("too late, \"they\" say");
    CsvRow row;
    while (*file->Next(row)) EXPECT_THAT(rejects.Add(row, why), IsOk());
    EXPECT_THAT(rejects.Sync(), IsOk());
    EXPECT_EQ(rejects.bytes(), static_cast<int64_t>(ReadFile(rejects_path_).size()));
    return ReadFile(rejects_path_);
  }

  const ScratchFolder folder_;
  const std::string path_ = folder_.Path("orders.csv");
  const std::string rejects_path_ = folder_.Path("orders.csv.rejects.csv");
};

constexpr char kAdded[] = ",makegood_line,makegood_field,makegood_rule,makegood_reason";
constexpr char kWhy[] = ",sku,ORD-02,\"too late, \"\"they\"\" say\"";

TEST_F(RejectsTest, RowsAreGivenBackToTheByteWithTheReasonBeside) {
  EXPECT_EQ(RejectAll("id, sku\r\n 1 ,\"a\"\r\n\r\n2,\"x\n"),
            absl::StrCat("id, sku", kAdded, "\r\n 1 ,\"a\",2", kWhy, "\r\n2,\"x,4", kWhy, "\n"));
}

TEST_F(RejectsTest, ALastRowWithoutALineEndGetsOne) {
  EXPECT_EQ(RejectAll("id\n1"), absl::StrCat("id", kAdded, "\n1,2", kWhy, "\n"));
}

TEST_F(RejectsTest, AShortRowIsFilledUpSoThatTheReasonStandsUnderItsTitle) {
  EXPECT_THAT(RejectAll("a,b,c\n1\n"), ::testing::HasSubstr("\n1,,,2,"));
  EXPECT_THAT(RejectAll("a,b,c\n1,2,3,4\n"), ::testing::HasSubstr("\n1,2,3,4,2,")) << "nothing is cut off";
  EXPECT_THAT(RejectAll("a,b,c\n1,\"2\n"), ::testing::HasSubstr("\n1,\"2,2,"))
      << "where it ends is not known";
}

TEST_F(RejectsTest, ARejectedRejectIsNotToldTwice) {
  const std::string once = RejectAll("id,sku\n1,a\n2,\n");
  EXPECT_EQ(RejectAll(once), absl::StrCat("id,sku", kAdded, "\n1,a,2", kWhy, "\n2,,3", kWhy, "\n"));
  // Wherever a spreadsheet moved those columns to.
  EXPECT_EQ(
      RejectAll("makegood_rule,id,makegood_line,sku,makegood_field,makegood_reason\nORD-01,1,7,a,x,y\n"),
      absl::StrCat("id,sku", kAdded, "\n1,a,2", kWhy, "\n"));
}

TEST_F(RejectsTest, TheFormIsTheInputsOwn) {
  EXPECT_THAT(
      RejectAll("id;jm\xE9no\n1;\xE8\n", ';', "windows-1250"),
      StartsWith("id;jm\xE9no;makegood_line;makegood_field;makegood_rule;makegood_reason\n1;\xE8;2;sku;"));
  EXPECT_THAT(RejectAll("\xEF\xBB\xBFid\n1\n"), StartsWith("\xEF\xBB\xBFid,makegood_line"));
  using std::string_literals::operator""s;
  const std::string wide = RejectAll(
      "\xFF\xFEi\0d\0\n\0"
      "1\0\n\0"s);
  EXPECT_THAT(wide, StartsWith("\xFF\xFEi\0d\0,\0m\0"s));
  WriteFile(path_, wide);
  const auto file = Open(path_);
  CsvRow row;
  ASSERT_TRUE(*file->Next(row));
  EXPECT_EQ(file->header().Value(row, "makegood_reason"), "too late, \"they\" say");
}

TEST_F(RejectsTest, WithoutARowThereIsNoFileAndAnOldOneGoes) {
  EXPECT_NE(RejectAll("id\n1\n"), "");
  EXPECT_EQ(RejectAll("id\n"), "");
  EXPECT_FALSE(std::filesystem::exists(rejects_path_));
}

TEST_F(RejectsTest, AnotherFileIsNotOverwritten) {
  WriteFile(path_, "id\n1\n");
  const auto file = Open(path_);
  RejectsFile onto_itself(path_, *file);
  EXPECT_THAT(std::string(onto_itself.Check().message()), HasSubstr("no rejects file"));
  EXPECT_FALSE(onto_itself.Begin().ok());
  RejectsFile folder(folder_.path(), *file);
  EXPECT_THAT(std::string(folder.Check().message()), HasSubstr("is a folder"));
  RejectsFile nowhere(folder_.Path("nowhere/x"), *file);
  EXPECT_THAT(std::string(nowhere.Check().message()), HasSubstr("No such file"));
  RejectsFile device("/dev/null", *file);
  EXPECT_THAT(device.Begin(), IsOk());
  EXPECT_FALSE(device.regular());
  CsvRow row;
  ASSERT_TRUE(*file->Next(row));
  EXPECT_THAT(device.Add(row, Reject()), IsOk());
  EXPECT_THAT(device.Sync(), IsOk());
}

// SYS-07: what somebody mended is not overwritten by the next import.
TEST_F(RejectsTest, RowsThatAreNotTheInputsArePutAside) {
  for (const std::string content : {"id,sku\n1,a\n2,\"b\n3,c", "id,sku\r\n1,a\r\n2\r\n"}) {
    const std::string rejects = RejectAll(content);
    const auto again = [&] {
      const auto file = Open(path_);
      return *RejectsFile(rejects_path_, *file).Begin();
    };
    EXPECT_EQ(again(), "") << "nothing was lost";
    EXPECT_FALSE(std::filesystem::exists(rejects_path_));

    const std::string mended = absl::StrReplaceAll(rejects, {{"1,a,", "1,x,"}});
    ASSERT_NE(mended, rejects);
    WriteFile(rejects_path_, mended);
    EXPECT_EQ(again(), rejects_path_ + ".1");
    EXPECT_EQ(ReadFile(rejects_path_ + ".1"), mended);
    WriteFile(rejects_path_, rejects + "4,d,9,,,\n");
    EXPECT_EQ(again(), rejects_path_ + ".2") << "a row more";
    std::filesystem::remove(rejects_path_ + ".1");
    std::filesystem::remove(rejects_path_ + ".2");
    // What is beside the row's own values is nobody's.
    WriteFile(rejects_path_, absl::StrReplaceAll(rejects, {{"ORD-02", "x"}}));
    EXPECT_EQ(again(), "");
  }
}

TEST_F(RejectsTest, RowsThatWereChangedMeanwhileAreNotGoneOnWith) {
  const std::string all = RejectAll("id,sku\n1,a\n2,b\n");
  const auto file = Open(path_);
  WriteFile(rejects_path_, absl::StrReplaceAll(all, {{"1,a", "1,x"}}));
  RejectsFile rejects(rejects_path_, *file);
  EXPECT_THAT(std::string(rejects.GoOn(static_cast<int64_t>(all.size())).message()), HasSubstr("--restart"));
}

TEST_F(RejectsTest, WhatWasWrittenAfterTheLastNoteIsTakenBack) {
  const std::string all = RejectAll("id\n1\n2\n");
  const auto file = Open(path_);
  CsvRow first;
  CsvRow second;
  ASSERT_TRUE(*file->Next(first));
  ASSERT_TRUE(*file->Next(second));
  Reject why;
  {
    RejectsFile rejects(rejects_path_, *file);
    ASSERT_THAT(rejects.GoOn(static_cast<int64_t>(all.find("\n2,") + 1)), IsOk());
    ASSERT_THAT(rejects.Add(second, why), IsOk());
  }
  EXPECT_THAT(ReadFile(rejects_path_), HasSubstr("\n1,2,sku"));
  EXPECT_THAT(ReadFile(rejects_path_), ::testing::EndsWith("\n2,3,,,\n"));
  RejectsFile longer(rejects_path_, *file);
  EXPECT_THAT(std::string(longer.GoOn(1'000'000).message()), HasSubstr("--restart"));
}

TEST(ImportProgressFile, WhatIsSavedIsLoaded) {
  const ScratchFolder folder;
  const std::string path = folder.Path("orders.csv.progress");
  EXPECT_FALSE(LoadProgress(path).has_value());
  ImportProgress progress;
  progress.set_offset(1234);
  progress.set_epoch("e");
  (*progress.mutable_report()->mutable_by_status())["wysłane"].set_accepted(3);
  ASSERT_THAT(SaveProgress(path, progress), IsOk());
  progress.set_line(7);
  ASSERT_THAT(SaveProgress(path, progress), IsOk());
  const auto loaded = LoadProgress(path);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->line(), 7);
  EXPECT_EQ(loaded->report().by_status().at("wysłane").accepted(), 3);
  EXPECT_TRUE(IsSameImport(*loaded, progress));
  progress.set_epoch("another database");
  EXPECT_FALSE(IsSameImport(*loaded, progress));
  RemoveProgress(path);
  EXPECT_FALSE(std::filesystem::exists(path));
  WriteFile(path, "no { such file");
  EXPECT_FALSE(LoadProgress(path).has_value());
  EXPECT_FALSE(SaveProgress(folder.Path("nowhere/x.progress"), progress).ok());
}

// Whatever the bytes: every row comes in one order, usable or not, and as a reject it is given back whole.
RC_GTEST_PROP(ImportProperties, EveryRowIsAnOrdersOrRejected,
              (const std::vector<uint8_t>& noise, bool lines)) {
  std::string content = "id,sku\n";
  for (const uint8_t byte : noise) {
    constexpr absl::string_view kRich = "\"\",,\n\r\nab xa\n\"";
    content += byte < 220 ? kRich[byte % kRich.size()] : static_cast<char>(byte);
  }
  const ScratchFolder folder;
  WriteFile(folder.Path("in.csv"), content);
  const Connector connector = lines ? WithLines() : WithoutLines();
  std::vector<std::string> rows;
  {
    const auto file = Open(folder.Path("in.csv"));
    CsvRow row;
    while (*file->Next(row)) rows.push_back(row.bytes);
  }
  const auto file = Open(folder.Path("in.csv"));
  OrderReader reader(*file, connector);
  RejectsFile rejects(folder.Path("out.csv"), *file);
  OrderRows order;
  size_t next = 0;
  while (*reader.Next(order)) {
    RC_ASSERT(!order.rows.empty());
    for (const CsvRow& row : order.rows) {
      RC_ASSERT(next < rows.size());
      RC_ASSERT(row.bytes == rows[next]);
      ++next;
      RC_ASSERT(rejects.Add(row, Reject()).ok());
    }
  }
  RC_ASSERT(next == rows.size());
  RC_ASSERT(rejects.Sync().ok());
  const std::string out = ReadFile(folder.Path("out.csv"));
  size_t at = 0;
  for (const std::string& row : rows) {
    at = out.find(row, at);
    RC_ASSERT(at != std::string::npos);
    at += row.size();
  }
}

}  // namespace
}  // namespace makegood::ctl
