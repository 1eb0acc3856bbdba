// Stock from a file: what is read, and what is wrong with it (AVL-01, SYS-07).
#include "tools/makegoodctl/command_line/stock_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "tests/support/files.h"
#include "tests/support/status_matchers.h"

namespace makegood::ctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::SizeIs;

class StockFileTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::vector<StockRow>> Read(const std::string& text) {
    const std::string path = absl::StrCat(folder_.path(), "/stock.csv");
    std::ofstream(path) << text;
    return ReadStock(path);
  }

  const testing::ScratchFolder folder_;
};

TEST_F(StockFileTest, AVL_01_AFileHasFiguresAndThresholdsWhereThereAreAny) {
  const auto rows = Read("stock,sku,low,zero\n5,KETTLE,,\n-3,\"MUG, blue\",10,2\n,PAN,4,\n");
  ASSERT_THAT(rows, IsOk());
  ASSERT_THAT(*rows, SizeIs(3));
  EXPECT_EQ((*rows)[0].item.sku(), "KETTLE");
  EXPECT_EQ((*rows)[0].item.stock(), 5);
  EXPECT_FALSE((*rows)[0].item.has_low_threshold());
  EXPECT_EQ((*rows)[1].item.sku(), "MUG, blue");
  EXPECT_EQ((*rows)[1].item.stock(), -3);
  EXPECT_EQ((*rows)[1].item.low_threshold(), 10);
  EXPECT_EQ((*rows)[1].item.zero_threshold(), 2);
  EXPECT_FALSE((*rows)[2].item.has_stock()) << "an empty cell says nothing";
  EXPECT_EQ((*rows)[2].line, 4);
}

TEST_F(StockFileTest, SYS_07_WhatDoesNotParseIsNamedByLineAndColumn) {
  const auto wrong = Read("sku,stock\nKETTLE,five\n,3\nMUG,1\nMUG,2\nPAN,1.5\n");
  EXPECT_THAT(FieldViolationsOf(wrong.status()),
              ElementsAre(FieldViolation{"line 2, stock", "is no whole number"},
                          FieldViolation{"line 3, sku", "is missing"},
                          FieldViolation{"line 5, sku", "is in line 4, too"},
                          FieldViolation{"line 6, stock", "is no whole number"}));
  EXPECT_THAT(std::string(Read("product,count\nA,1\n").status().message()), HasSubstr("sku"));
  std::string many = "sku,stock\n";
  for (int i = 0; i < 50; ++i) absl::StrAppend(&many, "P-", i, ",x\n");
  EXPECT_THAT(FieldViolationsOf(Read(many).status()), SizeIs(21)) << "of many the first, and how many more";
}

}  // namespace
}  // namespace makegood::ctl
