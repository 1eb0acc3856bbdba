// Rows in the bytes of a file, whatever it holds.
#include "tools/makegoodctl/csv/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/support/files.h"
#include "tests/support/status_matchers.h"
#include "tools/makegoodctl/csv/csv_encoding.h"
#include "tools/makegoodctl/csv/csv_file.h"

namespace makegood::ctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::ScratchFile;

struct Rows {
  std::vector<CsvRow> rows;
  absl::Status status;

  std::vector<std::string> Fields(size_t row) const { return rows.at(row).fields; }
};

Rows Read(const std::string& content, char separator = ',', const std::string& encoding = "UTF-8") {
  const ScratchFile file(content);
  Rows result;
  const auto csv = CsvFile::Open(file.path(), separator, encoding);
  if (!csv.ok()) {
    result.status = csv.status();
    return result;
  }
  CsvRow row;
  while (true) {
    const absl::StatusOr<bool> more = (*csv)->Next(row);
    if (!more.ok()) result.status = more.status();
    if (!more.ok() || !*more) return result;
    result.rows.push_back(row);
  }
}

// What a row was, line end included.
std::string Whole(const CsvRow& row) { return row.bytes + row.line_end; }

TEST(Csv, ValuesAreReadInEveryFormOfQuotingAndLineEnd) {
  const Rows read = Read("a,b\r\n1,\"x, \"\"y\"\"\"\n\n2,\"two\r\nlines\"\r 3 , \"q\" \n4,");
  ASSERT_EQ(read.rows.size(), 4u) << read.status;
  EXPECT_THAT(read.Fields(0), ElementsAre("1", "x, \"y\""));
  EXPECT_EQ(read.rows[0].line, 2);
  EXPECT_THAT(read.Fields(1), ElementsAre("2", "two\r\nlines"));
  EXPECT_EQ(read.rows[1].line, 4) << "an empty line is no row";
  EXPECT_THAT(read.Fields(2), ElementsAre("3", "q"));
  EXPECT_EQ(read.rows[2].line, 6) << "a lone CR ends a line, CR LF one and not two";
  EXPECT_THAT(read.Fields(3), ElementsAre("4", ""));
  EXPECT_EQ(read.rows[3].line_end, "");
}

TEST(Csv, OtherSeparatorsLeaveCommasAlone) {
  EXPECT_THAT(Read("a;b\n1,5;2\n", ';').Fields(0), ElementsAre("1,5", "2"));
  EXPECT_THAT(Read("a\tb\n1\t \n", '\t').Fields(0), ElementsAre("1", ""));
}

TEST(Csv, AByteOrderMarkTellsTheEncoding) {
  EXPECT_THAT(Read("\xEF\xBB\xBF"
                   "a,b\n1,\xC4\x8D\n",
                   ',', "windows-1250")
                  .Fields(0),
              ElementsAre("1", "č"));
  using std::string_literals::operator""s;
  const Rows little = Read("\xFF\xFE"s +
                           "a\0,\0b\0\r\0\n\0"
                           "1\0,\0\x0D\x01\n\0"s);
  ASSERT_EQ(little.rows.size(), 1u) << little.status;
  EXPECT_THAT(little.Fields(0), ElementsAre("1", "č"));
  const Rows big = Read("\xFE\xFF"s +
                        "\0a\0,\0b\0\r\0"
                        "1\0,\x01\x0D"s);
  ASSERT_EQ(big.rows.size(), 1u) << big.status;
  EXPECT_THAT(big.Fields(0), ElementsAre("1", "č"));
  EXPECT_THAT(std::string(Read("\xFF\xFE\0\0a\0\0\0"s).status.message()), HasSubstr("UTF-32"));
}

TEST(Csv, OtherEncodingsAreDecodedAndTheirBytesKept) {
  const Rows czech = Read("id,name\n1,\xE8\x9A\n", ',', "windows-1250");
  EXPECT_THAT(czech.Fields(0), ElementsAre("1", "čš"));
  EXPECT_EQ(czech.rows[0].bytes, "1,\xE8\x9A");
  EXPECT_THAT(Read("id,name\n1,\xFD\xF0\n", ',', "ISO-8859-9").Fields(0), ElementsAre("1", "ığ"));
  EXPECT_THAT(Read("id,name\n1,\x83\x5C\x83\x5C\n", ',', "Shift_JIS").Fields(0), ElementsAre("1", "ソソ"));
}

TEST(Csv, SYS_07_ASeparatorIsNotFoundInHalfACharacter) {
  EXPECT_THAT(Read("id;name;x\n1;\x83\x7C;\x83\x5C\n", ';', "Shift_JIS").Fields(0),
              ElementsAre("1", "ポ", "ソ"));
  EXPECT_THAT(std::string(Read("id|name\n1|\x83\x7C\n", '|', "Shift_JIS").status.message()),
              HasSubstr("can be half of a character of Shift_JIS"));
  EXPECT_THAT(Read("id|name\n1|\xE3\x83\x9D\n", '|').Fields(0), ElementsAre("1", "ポ"));
}

TEST(Csv, ARowWithoutAnyValueIsAnEmptyLine) {
  const Rows read = Read("a,b\n,\n1,2\n\"\", \n,,,,\n3,\n,");
  ASSERT_EQ(read.rows.size(), 2u) << read.status;
  EXPECT_THAT(read.Fields(0), ElementsAre("1", "2"));
  EXPECT_EQ(read.rows[0].line, 3);
  EXPECT_THAT(read.Fields(1), ElementsAre("3", ""));
  EXPECT_EQ(read.rows[1].line, 6);
}

TEST(Csv, APipeIsReadAgainFromACopy) {
  const std::string content = absl::StrCat("a,b\n1,", std::string(300'000, 'x'), "\n");
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::thread writer([&] {
    EXPECT_EQ(write(ends[1], content.data(), content.size()), static_cast<ssize_t>(content.size()));
    close(ends[1]);
  });
  const auto file =
      CsvFile::Open(absl::StrCat("/proc/self/fd/", ends[0]), ',', "UTF-8", CsvFile::Read::kAgain);
  writer.join();
  close(ends[0]);
  ASSERT_THAT(file, IsOk());
  EXPECT_FALSE((*file)->regular());
  for (int time = 0; time < 2; ++time) {
    const auto again = (*file)->OpenAgain();
    ASSERT_THAT(again, IsOk());
    CsvRow row;
    ASSERT_TRUE(*(*again)->Next(row));
    EXPECT_EQ(row.fields[1].size(), 300'000u);
    EXPECT_FALSE(*(*again)->Next(row));
  }
}

TEST(Csv, EncodingsThatHideCommasAreRefusedByName) {
  for (const char* name : {"no-such", "", "UTF-32", "UTF-7", "ibm-037", "ISO-2022-JP", "SCSU"}) {
    EXPECT_FALSE(Encoding::Named(name).ok()) << name;
  }
  for (const char* name : {"UTF-8", "utf8", "windows-1250", "ISO-8859-9", "GB18030", "UTF-16", "UTF-16BE"}) {
    EXPECT_TRUE(Encoding::Named(name).ok()) << name;
  }
}

TEST(Csv, BytesThatAreNoCharacterCostTheirRowAndAreNamed) {
  const Rows read = Read("id,name\n1,ab\xFFz\n2,ok\n3,\xC4\n");
  ASSERT_EQ(read.rows.size(), 3u);
  EXPECT_FALSE(read.rows[0].usable());
  EXPECT_EQ(read.rows[0].line, 2);
  EXPECT_EQ(read.rows[0].problem.field, "name");
  EXPECT_THAT(read.rows[0].problem.problem, HasSubstr("byte 3 is no character of UTF-8"));
  EXPECT_THAT(read.rows[0].fields, ElementsAre("1")) << "what came before is sure";
  EXPECT_TRUE(read.rows[1].usable());
  EXPECT_THAT(read.rows[2].problem.problem, HasSubstr("byte 1"));
  using std::string_literals::operator""s;
  EXPECT_THAT(Read("id,name\n1,a\0b\n"s).rows[0].problem.problem, HasSubstr("NUL"));
}

TEST(Csv, AnHeaderOfNulsAsksForTheEncoding) {
  using std::string_literals::operator""s;
  const absl::Status status = Read("a\0,\0b\0\n\0"s).status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("--encoding"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("line 1"));
}

TEST(Csv, BrokenQuotingCostsItsLineAndNamesTheColumn) {
  const Rows read = Read("id,name,city\n1,a\"b,x\n2,\"a\"b,x\n3,a,b\n4,\"open,x\n5,\"a\",b\n6,a,b\n");
  ASSERT_EQ(read.rows.size(), 6u);
  for (const size_t broken : {0, 1, 3}) {
    EXPECT_EQ(read.rows[broken].problem.field, "name") << broken;
    EXPECT_EQ(read.rows[broken].line, static_cast<int64_t>(broken) + 2);
    EXPECT_EQ(read.rows[broken].fields.size(), 1u) << "what came before is sure";
  }
  EXPECT_EQ(Whole(read.rows[3]), "4,\"open,x\n") << "the line where the quote opened, and no other";
  EXPECT_TRUE(read.rows[4].usable());
  EXPECT_EQ(read.rows[4].line, 6);
  EXPECT_TRUE(read.rows[5].usable());
}

TEST(Csv, AQuoteThatIsNeverClosedCostsOneLineOfAnyFile) {
  std::string content = "id,name\n1,ok\n2,\"open\n";
  for (int i = 3; i < 100'000; ++i) absl::StrAppend(&content, i, ",a name without a quote\n");
  const Rows read = Read(content);
  ASSERT_EQ(read.rows.size(), 99'999u);
  EXPECT_EQ(read.rows[1].line, 3);
  EXPECT_THAT(read.rows[1].problem.problem, HasSubstr("not closed within 1 MiB"));
  for (size_t i = 2; i < read.rows.size(); ++i) ASSERT_TRUE(read.rows[i].usable()) << i;
  EXPECT_THAT(Read("id,name\n1,\"open\n2,x").rows[0].problem.problem, HasSubstr("never closed"));
  EXPECT_THAT(Read("id,name\n1,\"open").rows[0].problem.problem, HasSubstr("never closed"));
}

TEST(Csv, ARowThatIsTooLongComesInPieces) {
  const std::string row = absl::StrCat("1,", std::string(3 * kMaxRowBytes, 'x'));
  const Rows read = Read(absl::StrCat("id,name\n", row, "\n2,ok\n"));
  std::string whole;
  for (const CsvRow& piece : read.rows) {
    EXPECT_LE(piece.bytes.size(), kMaxRowBytes);
    if (piece.usable()) break;
    EXPECT_EQ(piece.piece, !whole.empty());
    whole += Whole(piece);
  }
  EXPECT_EQ(whole, row + "\n");
  EXPECT_TRUE(read.rows.back().usable());
  EXPECT_EQ(read.rows.back().line, 3);
}

TEST(Csv, AQuoteWithoutAnyLineEndBehindItComesInPiecesThatAllSayWhy) {
  const Rows read = Read(absl::StrCat("id,name\n1,ok\n2,\"", std::string(3 * kMaxRowBytes, 'x')));
  ASSERT_GT(read.rows.size(), 3u);
  EXPECT_TRUE(read.rows[0].usable());
  for (size_t i = 1; i < read.rows.size(); ++i) {
    EXPECT_THAT(read.rows[i].problem.problem, HasSubstr("not closed within 1 MiB")) << i;
    EXPECT_EQ(read.rows[i].problem.field, "name") << i;
    EXPECT_EQ(read.rows[i].line, 3) << i;
  }
}

TEST(Csv, TooManyAndTooFewValuesAreCounted) {
  const Rows read = Read("a,b,c\n1,2\n1,2,3,4\n1\n");
  EXPECT_EQ(read.rows[0].problem.problem, "the row has 2 values, the header has 3");
  EXPECT_EQ(read.rows[1].problem.problem, "the row has 4 values, the header has 3");
  EXPECT_EQ(read.rows[2].problem.problem, "the row has 1 value, the header has 3");
}

TEST(Csv, WhatIsNoSuchFileIsSaidInWords) {
  EXPECT_THAT(std::string(Read("").status.message()), HasSubstr("is empty"));
  EXPECT_THAT(std::string(Read("\n\r\n").status.message()), HasSubstr("is empty"));
  EXPECT_THAT(std::string(Read("a,b,a,b\n").status.message()), HasSubstr("stand twice in the header: a, b"));
  EXPECT_THAT(std::string(Read("a,\"b\n").status.message()), HasSubstr("line 1, the header, value 2"));
  EXPECT_TRUE(absl::IsNotFound(CsvFile::Open("/nowhere/orders.csv", ',', "UTF-8").status()));
  EXPECT_THAT(std::string(CsvFile::Open("/tmp", ',', "UTF-8").status().message()), HasSubstr("is a folder"));
  const Rows header_only = Read("a,b\n");
  EXPECT_THAT(header_only.status, IsOk());
  EXPECT_TRUE(header_only.rows.empty());
}

TEST(Csv, MissingColumnsAreNamedAllAtOnceWithTheNearest) {
  const auto header = CsvHeader::From({"orderid", "Status", "x"});
  ASSERT_THAT(header, IsOk());
  const std::string message(header->Require({"order_id", "status", "delivered", "x", ""}).message());
  EXPECT_EQ(message,
            "the file lacks these columns: order_id (is it orderid?), status (is it Status?), delivered; "
            "it has: orderid, Status, x");
  const auto one = CsvHeader::From({"order_id;status"});
  ASSERT_THAT(one, IsOk());
  EXPECT_THAT(std::string(one->Require({"order_id"}).message()), HasSubstr("separator is another one"));
  EXPECT_THAT(header->Require({"x", "orderid"}), IsOk()) << "in whatever order, with whatever others";
}

// The rows, put together, are the file without its empty lines, whatever it holds: all that says anything.
RC_GTEST_PROP(CsvProperties, EveryByteBelongsToARow, (const std::vector<uint8_t>& noise)) {
  // Noise that is rich in what matters.
  std::string content = "a,b\n";
  for (const uint8_t byte : noise) {
    constexpr absl::string_view kRich = "\"\",,\n\r\n\" x\"\"";
    content += byte < 200 ? kRich[byte % kRich.size()] : static_cast<char>(byte);
  }
  const Rows read = Read(content);
  RC_ASSERT(read.status.ok());
  std::string whole;
  int64_t line = 1;
  for (const CsvRow& row : read.rows) {
    RC_ASSERT(row.line > line);
    RC_ASSERT((!row.usable() || row.fields.size() == 2));
    line = row.line;
    whole += row.bytes;
  }
  std::string rest = content.substr(4);
  const auto says_nothing = [](char c) { return absl::StrContains("\n\r,\" \t", c); };
  std::erase_if(rest, says_nothing);
  std::erase_if(whole, says_nothing);
  RC_ASSERT(whole == rest);
}

// What is written is read back.
RC_GTEST_PROP(CsvProperties, ValuesSurviveBeingWritten, (const std::vector<std::string>& values)) {
  std::vector<std::string> fields = {"id"};
  for (std::string value : values) {
    std::erase_if(value, [](char c) { return static_cast<signed char>(c) <= 0; });
    fields.push_back(value);
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < fields.size(); ++i) names.push_back(absl::StrCat("c", i));
  const char separator = values.size() % 2 == 0 ? ';' : ',';
  const Rows read =
      Read(absl::StrCat(CsvLine(names, separator), "\n", CsvLine(fields, separator)), separator);
  RC_ASSERT(read.rows.size() == 1u);
  RC_ASSERT(read.rows[0].fields == fields);
}

}  // namespace
}  // namespace makegood::ctl
