// Imports of large files: memory does not grow with them, whatever they hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/suite/person.h"
#include "tests/suite/standalone.h"
#include "tests/support/files.h"

namespace makegood {
namespace {

using ::testing::HasSubstr;
using testing::Ran;
using testing::Running;
using testing::Standalone;

constexpr int64_t kMebibyte = int64_t{1} << 20;
constexpr char kHeader[] =
    "order_id,note,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
    "order_delivered_carrier_date,order_delivered_customer_date\n";

std::string Row(int64_t number, const std::string& note) {
  return absl::StrCat("G-", number, ",", note, ",c-1,shipped,4/1/2023 10:00,4/1/2023 11:00,5/1/2023 9:00,\n");
}

class ImportMemoryTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(suite_.Start()); }

  Ran Import() {
    // The sanitizer would keep what is freed.
    return Running({testing::Program("tools/makegoodctl/makegoodctl"), "--server", suite_.address(), "orders",
                    "import", "--connector", "olist", path_},
                   0, {"ASAN_OPTIONS=quarantine_size_mb=1:thread_local_quarantine_size_kb=64"})
        .Finish(absl::Minutes(3));
  }

  // What an import of so many MiB needs: wide rows, among them one that is too long and a broken one.
  int64_t PeakOfWideRows(int64_t mebibytes) {
    const std::string wide(128 * 1024, 'w');
    {
      std::ofstream file(path_, std::ios::binary);
      file << kHeader;
      for (int64_t number = 0; number < mebibytes * 8; ++number) file << Row(number, wide);
      file << Row(90'000'001, std::string(static_cast<size_t>(3 * kMebibyte), 'w'))
           << Row(90'000'002, "\"" + wide) << Row(90'000'003, "");
    }
    const Ran ran = Import();
    EXPECT_EQ(ran.code, 3) << ran.error;
    EXPECT_THAT(ran.output, HasSubstr("longer than 1 MiB"));
    EXPECT_THAT(ran.output, HasSubstr(absl::StrCat("total    ", mebibytes * 8 + 1, " "))) << ran.output;
    return ran.peak_bytes;
  }

  // A file of 64 MiB without any line end behind `beginning`.
  void WriteEndless(const std::string& beginning) const {
    const std::string much(static_cast<size_t>(kMebibyte), 'x');
    std::ofstream file(path_, std::ios::binary);
    file << beginning;
    for (int i = 0; i < 64; ++i) file << much;
  }

  const testing::ScratchFolder folder_;
  const std::string path_ = folder_.Path("orders.csv");
  Standalone suite_;
};

TEST_F(ImportMemoryTest, SYS_07_MemoryDoesNotGrowWithTheFile) {
  const int64_t small = PeakOfWideRows(16);
  const int64_t large = PeakOfWideRows(64);
  std::printf("16 MiB: %lld MiB, 64 MiB: %lld MiB\n", static_cast<long long>(small / kMebibyte),
              static_cast<long long>(large / kMebibyte));
  EXPECT_GT(small, 0);
  const int64_t most = small + 24 * kMebibyte;
  EXPECT_LT(large, most);

  WriteEndless(absl::StrCat(kHeader, Row(1, ""), "G-2,\""));
  const Ran quote = Import();
  EXPECT_EQ(quote.code, 3) << quote.error;
  EXPECT_THAT(quote.output, HasSubstr("note: a quote opens here and is not closed within 1 MiB"));
  EXPECT_LT(quote.peak_bytes, most);
  EXPECT_EQ(static_cast<int64_t>(std::filesystem::file_size(path_ + ".rejects.csv")) / kMebibyte, 64);

  WriteEndless("order_id,");
  const Ran line = Import();
  EXPECT_EQ(line.code, 1) << line.output;
  EXPECT_THAT(line.error, HasSubstr("line 1, the header, value 2: the row is longer than 1 MiB"));
  EXPECT_LT(line.peak_bytes, most);
  EXPECT_EQ(suite_.Stop(), 0);
}

}  // namespace
}  // namespace makegood
