// The tour, and an import of real orders, with the programs as people run them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

#include "tests/suite/standalone.h"
#include "tests/suite/stories.h"
#include "tools/makegoodctl/connector.h"
#include "tools/makegoodctl/csv.h"
#include "tools/makegoodctl/import.h"

namespace makegood {
namespace {

using testing::Process;
using testing::Program;
using testing::SourceFile;

TEST(TourTest, EveryPromiseIsKept) {
  testing::Standalone suite;
  ASSERT_NO_FATAL_FAILURE(suite.Start({"--test_clock=2026-09-01T08:00:00+02:00"}));
  Process tour({Program("tools/makegoodctl/makegoodctl"), "tour", "--server", suite.address(), "--metrics",
                suite.metrics_address(), SourceFile("tools/tour")},
               "");
  EXPECT_EQ(tour.Wait(absl::Minutes(4)), 0);
  EXPECT_EQ(suite.Stop(), 0);
}

// How many rows of a CSV file have each value in `column`.
std::map<std::string, int64_t> CountBy(const std::string& path, const std::string& column) {
  std::ifstream file(path);
  std::map<std::string, int64_t> counts;
  std::optional<ctl::CsvHeader> header;
  const absl::Status read = ctl::ReadCsv(file, [&](const ctl::CsvRow& row) -> absl::Status {
    if (header.has_value()) {
      ++counts[std::string(header->Value(row, column))];
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(header, ctl::CsvHeader::From(row));
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
  return counts;
}

TEST(ImportTest, ORD_13_RealOrdersAreImportedAndEachRejectionNamesItsRule) {
  const std::string path = SourceFile("../shared/data/olist_orders_2000.csv");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "skipped: " << path << " is not there";
  testing::Standalone suite;
  ASSERT_NO_FATAL_FAILURE(suite.Start());
  ctl::Client client(suite.address());
  const auto connector = ctl::LoadConnector("olist");
  ASSERT_TRUE(connector.ok()) << connector.status();
  const auto report = ctl::ImportOrders(client, testing::Operations(), *connector, path);
  ASSERT_TRUE(report.ok()) << report.status();
  ctl::PrintReport(*report);
  for (const auto& [status, count] : CountBy(path, "order_status")) {
    const ctl::ImportCount& imported = report->by_status.at(status);
    EXPECT_EQ(imported.accepted + imported.rejected, count) << status;
  }
  EXPECT_GT(report->Total().accepted, 1900);
  for (const auto& [line, reject] : report->rejects) EXPECT_NE(reject.rule_id, "") << reject.reason;

  const auto again = ctl::ImportOrders(client, testing::Operations(), *connector, path);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->Total().accepted, report->Total().accepted);
  EXPECT_EQ(again->rejects.size(), report->rejects.size());
  EXPECT_EQ(suite.Stop(), 0);
}

}  // namespace
}  // namespace makegood
