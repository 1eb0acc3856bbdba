// makegoodctl tells a store's stock from a file of thousands (AVL-01, ROL-12).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/suite/person.h"
#include "tests/suite/standalone.h"
#include "tests/support/files.h"

namespace makegood {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::Ran;
using testing::Running;
using ::testing::SizeIs;

using Words = std::vector<std::string>;

constexpr int kProducts = 2500;

class StockImportTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(suite_.Start()); }

  Ran Run(const Words& words, int columns = 0) {
    Words command = {testing::Program("tools/makegoodctl/makegoodctl"), "--server", suite_.address()};
    command.insert(command.end(), words.begin(), words.end());
    for (const char* const who : {"--role", "connector", "--actor", "shop-1", "--store", "m-100"}) {
      command.emplace_back(who);
    }
    return Running(command, columns).Finish();
  }

  std::string Write(const std::string& text) {
    std::string path = folder_.Path("stock.csv");
    std::ofstream(path) << text;
    return path;
  }

  testing::Standalone suite_;
  const testing::ScratchFolder folder_;
};

TEST_F(StockImportTest, AVL_01_ROL_12_ThousandsAreSetSeenBeforehandAndConfirmed) {
  std::string csv = "sku,stock,low\n";
  for (int i = 0; i < kProducts; ++i) absl::StrAppend(&csv, "P-", i, ",", i % 50, i == 7 ? ",40\n" : ",\n");
  const std::string file = Write(csv);
  const Ran tried = Run({"stock", "import", file, "--marketplace", "mall", "--dry-run", "--output", "json"});
  EXPECT_EQ(tried.code, 0) << tried.error;
  EXPECT_THAT(tried.Lines(), SizeIs(kProducts));
  EXPECT_EQ(Run({"stock", "show", "P-7", "--merchant-id", "m-100"}).code, 1) << "nothing has changed";

  const Ran set = Run({"stock", "import", file, "--marketplace", "mall", "--output", "text"});
  EXPECT_EQ(set.code, 0) << set.error;
  EXPECT_THAT(set.error, HasSubstr("2500 offers changed, 0 are as they were."));
  const Ran again = Run({"stock", "import", file, "--marketplace", "mall"}, 80);
  EXPECT_EQ(again.code, 0) << again.output;
  EXPECT_THAT(again.output, HasSubstr("0 offers changed, 2500 are as they were."));

  const Ran one = Run({"stock", "show", "P-7", "--merchant-id", "m-100"}, 80);
  EXPECT_THAT(one.output,
              AllOf(HasSubstr("listed"), HasSubstr("low threshold"), HasSubstr("cannot be done now"),
                    HasSubstr("stock delist"),
                    HasSubstr("stock set --merchant-id m-100 --marketplace mall --item sku=P-7")));
  const Ran none = Run({"stock", "list", "--state", "delisted", "--all", "--output", "text"});
  EXPECT_THAT(none.Lines(), SizeIs(kProducts / 50)) << none.error;

  const Ran change = Run({"stock", "set", "--merchant-id", "m-100", "--marketplace", "mall", "--item",
                          "sku=P-7,stock=90", "--dry-run"},
                         80);
  EXPECT_THAT(change.output, AllOf(HasSubstr("P-7"), HasSubstr("7"), HasSubstr("90"))) << change.error;
}

TEST_F(StockImportTest, AVL_01_SYS_07_WhatIsWrongIsToldByLineAndNothingOfItIsSet) {
  const Ran wrong = Run({"stock", "import", Write("sku,stock\nA,1\nB,many\n"), "--marketplace", "mall"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.error, AllOf(HasSubstr("line 3, stock"), HasSubstr("is no whole number")));
  const Ran missing = Run({"stock", "import", Write("sku,stock,low\nA,1,\nB,,4\n"), "--marketplace", "mall"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.error, AllOf(HasSubstr("line 3, stock"), HasSubstr("not known yet")));
  const Ran refused = Run({"stock", "import", Write("sku,stock\nA,1\n"), "--marketplace", "tmall"});
  EXPECT_EQ(refused.code, 4);
  EXPECT_THAT(refused.error, HasSubstr("AVL-01"));
  EXPECT_EQ(Run({"stock", "list", "--output", "text"}).output, "");
}

}  // namespace
}  // namespace makegood
