// Imports with the program as people run it, against a real server: real orders, files of other shops,
// and imports that are cut off.
#include "tools/makegoodctl/import/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/suite/imports.h"
#include "tests/suite/lossy_proxy.h"
#include "tests/suite/seed.h"
#include "tests/suite/standalone.h"
#include "tests/suite/stories.h"
#include "tests/support/eventually.h"
#include "tests/support/files.h"
#include "tools/makegoodctl/csv/csv_file.h"

namespace makegood {
namespace {

using connectors::v1::ImportReport;
using ::testing::HasSubstr;
using testing::ImportOf;
using testing::Process;
using testing::Program;
using testing::ReadFile;
using testing::RunImport;
using testing::ScratchFolder;
using testing::SourceFile;
using testing::Standalone;
using testing::WriteFile;
using OrdersStub = orders::v1::OrdersService::Stub;
using ScorecardStub = orders::v1::ScorecardService::Stub;

// The rows of a file without quotes, by column; counted here without any code of the product.
std::vector<std::map<std::string, std::string>> PlainRows(const std::string& path) {
  std::vector<std::map<std::string, std::string>> rows;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> names = absl::StrSplit(line, ',');
  while (std::getline(file, line)) {
    const std::vector<std::string> values = absl::StrSplit(line, ',');
    std::map<std::string, std::string> row;
    for (size_t i = 0; i < names.size() && i < values.size(); ++i) row[names[i]] = values[i];
    rows.push_back(row);
  }
  return rows;
}

orders::v1::Figure FigureOf(const orders::v1::Scorecard& card, const std::string& rule_id) {
  for (const orders::v1::Figure& figure : card.figures()) {
    if (figure.rule_id() == rule_id) return figure;
  }
  ADD_FAILURE() << rule_id << " is not on the scorecard";
  return {};
}

// Sums a figure over the years of the file.
struct Sum {
  int64_t numerator = 0;
  int64_t denominator = 0;
};
Sum SumOfYears(ctl::Client& client, const std::string& rule_id) {
  Sum sum;
  for (const char* year : {"2016", "2017", "2018"}) {
    orders::v1::GetScorecardRequest request;
    request.set_marketplace("default");
    request.set_merchant_id("olist");
    request.set_first_day(absl::StrCat(year, "-01-01"));
    request.set_last_day(absl::StrCat(year, "-12-31"));
    const auto card =
        client.Call(testing::Operations(), *client.scorecards, &ScorecardStub::GetScorecard, request);
    EXPECT_TRUE(card.ok()) << card.status();
    if (!card.ok()) continue;
    const orders::v1::Figure figure = FigureOf(*card, rule_id);
    sum.numerator += figure.numerator();
    sum.denominator += figure.denominator();
    if (figure.denominator() > 0) {
      const double rate =
          1e4 * static_cast<double>(figure.numerator()) / static_cast<double>(figure.denominator());
      EXPECT_NEAR(static_cast<double>(figure.value_basis_points()), rate, 0.5) << rule_id << " " << year;
    }
  }
  return sum;
}

// KPI_01, KPI_05, KPI_07: the figures after the import are a plain count over the accepted rows.
TEST(ImportTest, ORD_13_KPI_01_KPI_05_KPI_07_TheScorecardOfRealOrdersIsAPlainCount) {
  const std::string data = SourceFile("../shared/data/olist_orders_2000.csv");
  if (!std::filesystem::exists(data)) GTEST_SKIP() << "skipped: " << data << " is not there";
  const ScratchFolder folder;
  const std::string path = folder.Path("orders.csv");
  WriteFile(path, ReadFile(data));
  Standalone suite;
  ASSERT_NO_FATAL_FAILURE(suite.Start());
  EXPECT_EQ(RunImport(suite, {"--connector", "olist", path}, folder.Path("log")), 3) << "some are rejected";
  EXPECT_FALSE(std::filesystem::exists(path + ".progress"));

  std::set<std::string> rejected;
  for (auto& row : PlainRows(path + ".rejects.csv")) {
    rejected.insert(row["order_id"]);
    EXPECT_NE(row["makegood_rule"], "") << row["makegood_reason"];
    EXPECT_NE(row["makegood_field"], "") << row["makegood_reason"];
  }
  int64_t opened = 0;
  int64_t delivered = 0;
  int64_t cancelled = 0;
  int64_t never_open = 0;  // in no figure
  std::map<std::string, int64_t> by_status;
  for (auto& row : PlainRows(path)) {
    ++by_status[row["order_status"]];
    if (rejected.contains(row["order_id"])) continue;
    const bool was_open = !row["order_approved_at"].empty();
    if (was_open) ++opened;
    if (row["order_status"] == "delivered") ++delivered;
    if (row["order_status"] != "canceled" && row["order_status"] != "unavailable") continue;
    ++(was_open ? cancelled : never_open);
  }
  EXPECT_GT(delivered, 1900);
  EXPECT_GT(cancelled, 0);
  EXPECT_GT(never_open, 0);

  ctl::Client client(suite.address());
  const Sum completion = SumOfYears(client, "KPI-01");
  EXPECT_EQ(completion.numerator, delivered);
  EXPECT_EQ(completion.denominator, delivered + cancelled) << "none was returned";
  const Sum cancel_rate = SumOfYears(client, "KPI-05");
  EXPECT_EQ(cancel_rate.numerator, cancelled) << "the policy counts all of them";
  EXPECT_EQ(cancel_rate.denominator, opened);

  // A second import changes nothing, and rejects the same.
  const std::string rejects = ReadFile(path + ".rejects.csv");
  const auto again = ctl::ImportOrders(client, testing::Operations(), ImportOf(suite, "olist", path));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(ReadFile(path + ".rejects.csv"), rejects);
  EXPECT_EQ(static_cast<size_t>(again->rejected()), rejected.size());
  for (const auto& [status, count] : by_status) {
    const connectors::v1::ImportCount& imported = again->by_status().at(status);
    EXPECT_EQ(imported.accepted() + imported.rejected(), count) << status;
  }
  EXPECT_EQ(SumOfYears(client, "KPI-01").numerator, delivered);
  EXPECT_EQ(suite.Stop(), 0);
}

// Made-up history: most of it well-formed, some of it against a rule, some of it not even a row.
std::string MadeUpHistory(int orders) {
  std::string csv =
      "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
      "order_delivered_carrier_date,order_delivered_customer_date\n";
  for (int i = 0; i < orders; ++i) {
    const int day = 1 + i % 28;
    const std::string handover =
        i % 37 == 0 ? absl::StrCat("3/", day, "/2023 9:00") : absl::StrCat("5/", day, "/2023 9:00");
    const std::string open_quote = i % 101 == 50 ? "\"" : "";
    absl::StrAppend(&csv, "K-", i % 211 == 210 ? i - 1 : i, ",", open_quote, "c-", i % 50, ",shipped,4/", day,
                    "/2023 10:00,4/", i % 53 == 0 ? 31 : day, "/2023 11:00,", handover, ",\n");
  }
  return csv;
}

int64_t CountOrders(ctl::Client& client, orders::v1::Order::State state) {
  orders::v1::ListOrdersRequest request;
  request.add_states(state);
  request.set_page_size(1000);
  int64_t count = 0;
  do {
    const auto page = client.Call(testing::Operations(), *client.orders, &OrdersStub::ListOrders, request);
    if (!page.ok()) return -1;
    count += page->orders_size();
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return count;
}

// SYS_01, SYS_02: an import that is killed again and again ends as one that was not.
TEST(ImportTest, SYS_01_SYS_02_AnImportThatIsCutOffGoesOnWhereItStopped) {
  const ScratchFolder folder;
  const std::string csv = MadeUpHistory(2000);
  WriteFile(folder.Path("whole.csv"), csv);
  WriteFile(folder.Path("cut.csv"), csv);
  ImportReport whole;
  int64_t shipped = 0;
  {
    Standalone suite;
    ASSERT_NO_FATAL_FAILURE(suite.Start());
    ctl::Client client(suite.address());
    const auto report =
        ctl::ImportOrders(client, testing::Operations(), ImportOf(suite, "olist", folder.Path("whole.csv")));
    ASSERT_TRUE(report.ok()) << report.status();
    whole = *report;
    shipped = CountOrders(client, orders::v1::Order::STATE_SHIPPED);
    EXPECT_EQ(shipped, whole.accepted() - whole.repeated());
  }
  EXPECT_GT(whole.rejected(), 50);

  Standalone suite;
  ASSERT_NO_FATAL_FAILURE(suite.Start());
  // However fast the machine, the line keeps it busy for seconds: all rounds together take one or two.
  const testing::LossyProxy line(suite.port(), {.mark = "", .bytes_per_second = 100'000});
  std::mt19937 random(testing::Seed());
  const std::string cut = folder.Path("cut.csv");
  for (int round = 0; round < 4; ++round) {
    const std::string noted = ReadFile(cut + ".progress");
    Process import({Program("tools/makegoodctl/makegoodctl"), "--server", line.address(), "orders", "import",
                    "--connector", "olist", cut},
                   folder.Path("log"));
    // At any moment, or soon after the import has noted how far it is.
    const bool after_note = round % 2 == 1;
    for (int wait = 0; after_note && wait < 6000 && ReadFile(cut + ".progress") == noted; ++wait) {
      absl::SleepFor(absl::Milliseconds(10));
    }
    const int life_ms = std::uniform_int_distribution<int>(0, after_note ? 50 : 300)(random);
    ASSERT_EQ(import.Wait(absl::Milliseconds(life_ms)), -1) << ReadFile(folder.Path("log"));
    std::printf("killed %d ms after %s\n", life_ms, after_note ? "a note" : "its start");
    if (round == 1) {
      suite.Kill();
      ASSERT_NO_FATAL_FAILURE(suite.Start());
    }
  }
  ctl::Client client(suite.address());
  ctl::ImportOptions options = ImportOf(suite, "olist", cut);
  options.server = line.address();  // an import goes on with the server that it was begun with
  const auto last = ctl::ImportOrders(client, testing::Operations(), options);
  ASSERT_TRUE(last.ok()) << last.status();
  std::printf("the last run went on at line %lld\n", static_cast<long long>(last->resumed_at_line()));
  EXPECT_GT(last->resumed_at_line(), 0);
  EXPECT_EQ(last->orders(), whole.orders());
  EXPECT_EQ(last->accepted(), whole.accepted());
  EXPECT_EQ(last->repeated(), whole.repeated());
  EXPECT_EQ(last->rejected(), whole.rejected());
  EXPECT_EQ(ReadFile(cut + ".rejects.csv"), ReadFile(folder.Path("whole.csv.rejects.csv")));
  EXPECT_EQ(CountOrders(client, orders::v1::Order::STATE_SHIPPED), shipped);
  EXPECT_FALSE(std::filesystem::exists(cut + ".progress"));
  EXPECT_EQ(suite.Stop(), 0);
}

TEST(ImportTest, SYS_06_AServerThatIsDownIsTriedForAWhileAndThenTheImportCanGoOn) {
  const ScratchFolder folder;
  const std::string path = folder.Path("orders.csv");
  WriteFile(path, MadeUpHistory(600));
  Standalone suite;
  ASSERT_NO_FATAL_FAILURE(suite.Start());
  ctl::Client client(suite.address());
  ctl::ImportOptions options = ImportOf(suite, "olist", path);
  options.patience = absl::Seconds(2);
  options.window = 8;
  int64_t told = 0;
  options.on_verdict = [&](const ctl::ImportVerdict&) {
    if (++told == 100) suite.Kill();
  };
  const auto cut = ctl::ImportOrders(client, testing::Operations(), options);
  EXPECT_TRUE(absl::IsUnavailable(cut.status())) << cut.status();
  EXPECT_EQ(ctl::ImportExitCode(cut), 5);
  EXPECT_THAT(std::string(cut.status().message()), HasSubstr("goes on at line"));
  EXPECT_TRUE(std::filesystem::exists(path + ".progress"));

  ASSERT_NO_FATAL_FAILURE(suite.Start());
  options.patience = absl::Seconds(60);
  const auto rest = ctl::ImportOrders(client, testing::Operations(), options);
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_GE(rest->resumed_at_line(), 100);
  EXPECT_EQ(rest->orders(), 600);
  EXPECT_EQ(told, 600) << "each order was answered once";
  EXPECT_EQ(ctl::ImportExitCode(rest), 3);
  EXPECT_EQ(suite.Stop(), 0);
}

TEST(ImportTest, SYS_06_AServerThatHangsEndsTheImportInTimeAndTheImportCanGoOn) {
  const ScratchFolder folder;
  const std::string path = folder.Path("orders.csv");
  WriteFile(path, MadeUpHistory(300));
  Standalone suite;
  ASSERT_NO_FATAL_FAILURE(suite.Start());
  ctl::Client client(suite.address());
  ctl::ImportOptions options = ImportOf(suite, "olist", path);
  options.patience = absl::Seconds(3);
  options.window = 8;
  absl::Time frozen;
  int64_t told = 0;
  options.on_verdict = [&](const ctl::ImportVerdict&) {
    if (++told != 100) return;
    suite.Freeze();
    frozen = absl::Now();
  };
  const auto cut = ctl::ImportOrders(client, testing::Operations(), options);
  EXPECT_LT(absl::Now() - frozen, absl::Seconds(20));
  EXPECT_EQ(ctl::ImportExitCode(cut), 5) << cut.status();
  EXPECT_THAT(std::string(cut.status().message()), HasSubstr("goes on at line"));
  suite.Thaw();
  options.patience = absl::Seconds(60);
  const auto rest = ctl::ImportOrders(client, testing::Operations(), options);
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_GE(rest->resumed_at_line(), 100);
  EXPECT_EQ(rest->orders(), 300);
  EXPECT_EQ(suite.Stop(), 0);
}

// Rows like a shop's, with anything among them.
std::string Noise(std::mt19937& random, int row_number) {
  std::string csv = MadeUpHistory(0);
  const auto up_to = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  for (int i = 0; i < 60; ++i) {
    std::string row =
        absl::StrCat("N-", row_number + i, ",c-1,shipped,4/1/2023 10:00,4/1/2023 11:00,5/1/2023 9:00,");
    for (int changes = up_to(3); changes > 0; --changes) {
      constexpr char kRich[] = "\"\",;\n\r\0\xFF x1";
      row[static_cast<size_t>(up_to(static_cast<int>(row.size()) - 1))] = kRich[up_to(sizeof(kRich) - 2)];
    }
    absl::StrAppend(&csv, row, "\n");
  }
  return csv;
}

// Nothing is lost in silence, whatever the file holds.
TEST(ImportTest, SYS_07_EveryRowOfAnyFileIsAcceptedOrInTheRejects) {
  const ScratchFolder folder;
  Standalone suite;
  ASSERT_NO_FATAL_FAILURE(suite.Start());
  ctl::Client client(suite.address());
  std::mt19937 random(testing::Seed());
  int64_t accepted = 0;
  for (int file = 0; file < 20; ++file) {
    const std::string path = folder.Path(absl::StrCat(file, ".csv"));
    WriteFile(path, Noise(random, 1000 * file));
    std::set<int64_t> accepted_lines;
    ctl::ImportOptions options = ImportOf(suite, "olist", path);
    options.on_verdict = [&](const ctl::ImportVerdict& verdict) {
      if (verdict.accepted) accepted_lines.insert(verdict.about.line());
    };
    const auto report = ctl::ImportOrders(client, testing::Operations(), options);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->accepted() + report->rejected(), report->orders());
    accepted += report->accepted();
    const std::string rejects = ReadFile(path + ".rejects.csv");
    const auto csv = ctl::CsvFile::Open(path, ',', "UTF-8");
    ASSERT_TRUE(csv.ok()) << csv.status();
    ctl::CsvRow row;
    while (*(*csv)->Next(row)) {
      if (accepted_lines.contains(row.line)) continue;
      // A row that is too short is filled up.
      const bool whole = !row.ends.empty() && row.ends.back() == row.bytes.size();
      const size_t columns = (*csv)->header().size();
      const std::string missing(whole ? columns - std::min(row.ends.size(), columns) : 0, ',');
      EXPECT_THAT(rejects, HasSubstr(absl::StrCat(row.bytes, missing, ",", row.line, ","))) << path;
    }
  }
  EXPECT_GT(accepted, 0);
  EXPECT_EQ(suite.Stop(), 0);
}

TEST(ImportTest, SYS_01_AnotherDatabaseIsNotTakenForTheSame) {
  const ScratchFolder folder;
  const std::string path = folder.Path("orders.csv");
  WriteFile(path, MadeUpHistory(300));
  ctl::ImportOptions options;
  {
    Standalone suite;
    ASSERT_NO_FATAL_FAILURE(suite.Start());
    ctl::Client client(suite.address());
    options = ImportOf(suite, "olist", path);
    options.patience = absl::Seconds(1);
    options.window = 8;
    int64_t told = 0;
    options.on_verdict = [&](const ctl::ImportVerdict&) {
      if (++told == 100) suite.Kill();
    };
    EXPECT_EQ(ctl::ImportExitCode(ctl::ImportOrders(client, testing::Operations(), options)), 5);
  }
  Standalone another;
  ASSERT_NO_FATAL_FAILURE(another.Start());
  ctl::Client client(another.address());
  options.on_verdict = nullptr;
  options.patience = testing::kPatience;  // this one answers, at its own pace
  const auto report = ctl::ImportOrders(client, testing::Operations(), options);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->resumed_at_line(), 0) << "what the first one took is not in this one";
  EXPECT_EQ(CountOrders(client, orders::v1::Order::STATE_SHIPPED), report->accepted() - report->repeated());
  EXPECT_EQ(another.Stop(), 0);
}

}  // namespace
}  // namespace makegood
