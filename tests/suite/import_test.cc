// Imports with the program as people run it, against a real server: real orders, files of other shops,
// and imports that are cut off.
#include "tools/makegoodctl/import.h"

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
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/makegoodctl/files.h"
#include "tests/suite/standalone.h"
#include "tests/suite/stories.h"
#include "tools/makegoodctl/csv_file.h"
#include "tools/makegoodctl/shop.h"

namespace makegood {
namespace {

using connectors::v1::ImportReport;
using ::testing::HasSubstr;
using testing::Process;
using testing::Program;
using testing::ReadFile;
using testing::ScratchFolder;
using testing::SourceFile;
using testing::Standalone;
using testing::WriteFile;
using OrdersStub = orders::v1::OrdersService::Stub;

ctl::ImportOptions Options(const Standalone& suite, const std::string& connector, const std::string& path) {
  ctl::ImportOptions options;
  options.connector = connector;
  options.path = path;
  options.server = suite.address();
  options.show_progress = false;
  return options;
}

// Runs the program's import and returns its exit code.
int RunImport(const Standalone& suite, const std::vector<std::string>& arguments,
              const std::string& log = "") {
  std::vector<std::string> command = {Program("tools/makegoodctl/makegoodctl"), "--server", suite.address(),
                                      "orders", "import"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Process(command, log).Wait(absl::Minutes(2));
}

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
    const auto card = client.Call(testing::Operations(), *client.orders, &OrdersStub::GetScorecard, request);
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
  std::map<std::string, int64_t> by_status;
  for (auto& row : PlainRows(path)) {
    ++by_status[row["order_status"]];
    if (rejected.contains(row["order_id"])) continue;
    if (!row["order_approved_at"].empty()) ++opened;
    if (row["order_status"] == "delivered") ++delivered;
    if (row["order_status"] == "canceled" || row["order_status"] == "unavailable") ++cancelled;
  }
  EXPECT_GT(delivered, 1900);
  EXPECT_GT(cancelled, 0);

  ctl::Client client(suite.address());
  const Sum completion = SumOfYears(client, "KPI-01");
  EXPECT_EQ(completion.numerator, delivered);
  EXPECT_EQ(completion.denominator, delivered + cancelled) << "none was returned";
  const Sum cancel_rate = SumOfYears(client, "KPI-05");
  EXPECT_EQ(cancel_rate.numerator, cancelled) << "the policy counts all of them";
  EXPECT_EQ(cancel_rate.denominator, opened);

  // A second import changes nothing, and rejects the same.
  const std::string rejects = ReadFile(path + ".rejects.csv");
  const auto again = ctl::ImportOrders(client, testing::Operations(), Options(suite, "olist", path));
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
  request.set_state(state);
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
        ctl::ImportOrders(client, testing::Operations(), Options(suite, "olist", folder.Path("whole.csv")));
    ASSERT_TRUE(report.ok()) << report.status();
    whole = *report;
    shipped = CountOrders(client, orders::v1::Order::STATE_SHIPPED);
    EXPECT_EQ(shipped, whole.accepted() - whole.repeated());
  }
  EXPECT_GT(whole.rejected(), 50);

  Standalone suite;
  ASSERT_NO_FATAL_FAILURE(suite.Start());
  std::mt19937 random(std::random_device{}());
  const std::string cut = folder.Path("cut.csv");
  constexpr int kRounds = 5;
  int killed = 0;
  for (int round = 0; round < kRounds; ++round) {
    Process import({Program("tools/makegoodctl/makegoodctl"), "--server", suite.address(), "orders", "import",
                    "--connector", "olist", cut},
                   folder.Path("log"));
    // At any moment, or soon after the import has noted how far it is.
    const int life_ms = std::uniform_int_distribution<int>(0, 500)(random);
    for (int wait = 0; round % 2 == 1 && wait < 1000 && !std::filesystem::exists(cut + ".progress"); ++wait) {
      absl::SleepFor(absl::Milliseconds(10));
    }
    if (import.Wait(absl::Milliseconds(life_ms)) != -1) break;
    ++killed;
    std::printf("killed after %4d ms\n", life_ms);
    if (round == 1) {
      suite.Kill();
      ASSERT_NO_FATAL_FAILURE(suite.Start());
    }
  }
  ctl::Client client(suite.address());
  const auto last = ctl::ImportOrders(client, testing::Operations(), Options(suite, "olist", cut));
  ASSERT_TRUE(last.ok()) << last.status();
  std::printf("killed %d times; the last run went on at line %lld\n", killed,
              static_cast<long long>(last->resumed_at_line()));
  EXPECT_GT(killed, 1);
  if (killed == kRounds) {
    EXPECT_GT(last->resumed_at_line(), 0);
  } else {
    EXPECT_THAT(ReadFile(folder.Path("log")), HasSubstr("goes on at line"));  // the one that came through
  }
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
  ctl::ImportOptions options = Options(suite, "olist", path);
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
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  int64_t accepted = 0;
  for (int file = 0; file < 20; ++file) {
    const std::string path = folder.Path(absl::StrCat(file, ".csv"));
    WriteFile(path, Noise(random, 1000 * file));
    std::set<int64_t> accepted_lines;
    ctl::ImportOptions options = Options(suite, "olist", path);
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
      EXPECT_THAT(rejects, HasSubstr(absl::StrCat(row.bytes, ",", row.line, ","))) << path;
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
    options = Options(suite, "olist", path);
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
  const auto report = ctl::ImportOrders(client, testing::Operations(), options);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->resumed_at_line(), 0) << "what the first one took is not in this one";
  EXPECT_EQ(CountOrders(client, orders::v1::Order::STATE_SHIPPED), report->accepted() - report->repeated());
  EXPECT_EQ(another.Stop(), 0);
}

// Another shop: other words, other columns, another separator, other characters, and no compiler.
constexpr char kBazarOrders[] = R"(
name: "bazar" mode: MODE_LIVE separator: ";" encoding: "windows-1250" decimal_mark: ","
columns { order_id: "nr" customer_id: "klient" customer_name: "imię" sku: "towar" quantity: "ile" unit_price: "cena" }
defaults { marketplace: "mall" merchant_id: "m-7" currency: "CZK" payment_method: PAYMENT_METHOD_CASH_ON_DELIVERY }
)";
constexpr char kBazarStatuses[] = R"(
name: "bazar-stany" mode: MODE_STATUSES separator: ";" encoding: "windows-1250"
time_format: "%d.%m.%Y %H:%M" date_format: "%d.%m.%Y" time_zone: "Europe/Warsaw"
columns { order_id: "nr" status: "stan" delivered_time: "odebrano" }
statuses { value: "otwarte" reported_as: "pending" }
statuses { value: "w toku" reported_as: "in process" }
statuses { value: "wysłane" reported_as: "settled" }
statuses { value: "anulowane" reported_as: "cancelled" }
statuses { value: "częściowo" reported_as: "partially settled" }
)";

class BazarTest : public ::testing::Test {
 protected:
  void SetUp() override {
    WriteFile(folder_.Path("orders.textproto"), kBazarOrders);
    WriteFile(folder_.Path("statuses.textproto"), kBazarStatuses);
    ASSERT_NO_FATAL_FAILURE(suite_.Start());
  }
  absl::StatusOr<ImportReport> Import(const std::string& connector, const std::string& file) {
    ctl::Client client(suite_.address());
    const base::v1::Actor actor = connector == "statuses" ? ShopActor() : testing::Operations();
    return ctl::ImportOrders(client, actor,
                             Options(suite_, folder_.Path(connector + ".textproto"), folder_.Path(file)));
  }
  static base::v1::Actor ShopActor() { return ctl::MakeActor(base::v1::ROLE_SERVICE, "bazar", "m-7"); }

  ScratchFolder folder_;
  Standalone suite_;
};

TEST_F(BazarTest, ORD_08_ORD_13_AnotherShopNeedsOnlyAnotherFile) {
  // "Łukasz" in windows-1250; B-2's rows are apart, B-3's second line is no row, B-4 has a wrong price.
  const std::string header = "uwagi;nr;klient;imi\xEA;towar;ile;cena\r\n";
  WriteFile(folder_.Path("orders.csv"), header +
                                            "x;B-1;c-1;\xA3ukasz;kubek;2;12,50\r\n"
                                            "x;B-1;c-1;\xA3ukasz;talerz;1;99\r\n"
                                            "x;B-2;c-2;A;kubek;1;10\r\n"
                                            "x;B-3;c-3;A;kubek;1;10\r\n"
                                            "x;B-3;c-3;\"A;talerz;1;10\r\n"
                                            "x;B-4;c-4;A;kubek;1;10.50\r\n"
                                            "x;B-2;c-2;A;talerz;1;10\r\n"
                                            "x;B-5;c-5;A;kubek;1;10\r\n");
  const auto report = Import("orders", "orders.csv");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->accepted(), 3) << "B-1, the first of B-2, B-5";
  EXPECT_EQ(report->rejected(), 3);
  ctl::Client client(suite_.address());
  orders::v1::GetOrderRequest get;
  get.set_order_id("B-1");
  const auto order = client.Call(testing::Operations(), *client.orders, &OrdersStub::GetOrder, get);
  ASSERT_TRUE(order.ok()) << order.status();
  EXPECT_EQ(order->lines_size(), 2);
  EXPECT_EQ(order->total().amount_minor(), 12400);
  orders::v1::GetContactRequest contact;
  contact.set_contact_id(order->customer_contact_id());
  const auto person = client.Call(testing::Operations(), *client.orders, &OrdersStub::GetContact, contact);
  ASSERT_TRUE(person.ok()) << person.status();
  EXPECT_EQ(person->details().name(), "Łukasz");

  const std::string rejects = ReadFile(folder_.Path("orders.csv.rejects.csv"));
  EXPECT_THAT(rejects,
              ::testing::StartsWith(
                  "uwagi;nr;klient;imi\xEA;towar;ile;cena;makegood_line;makegood_field;makegood_rule;"
                  "makegood_reason\r\n"
                  "x;B-3;c-3;A;kubek;1;10;5;imi\xEA;;"));
  EXPECT_THAT(rejects, HasSubstr("x;B-3;c-3;\"A;talerz;1;10;6;imi\xEA;;"));
  EXPECT_THAT(rejects, HasSubstr("x;B-4;c-4;A;kubek;1;10.50;7;cena;;"));
  EXPECT_THAT(rejects, HasSubstr("x;B-2;c-2;A;talerz;1;10;8;nr;;"));
  EXPECT_THAT(rejects, HasSubstr("in line 4 already"));

  // Mended, it is imported in the same way; what it was rejected for is ignored.
  const std::string mended =
      absl::StrReplaceAll(rejects, {{"\"A;", "A;"}, {"10.50", "10,50"}, {"x;B-2", "x;B-6"}});
  WriteFile(folder_.Path("mended.csv"), mended);
  const auto second = Import("orders", "mended.csv");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->accepted(), 3);
  EXPECT_EQ(ctl::ImportExitCode(second), 0);
  EXPECT_FALSE(std::filesystem::exists(folder_.Path("mended.csv.rejects.csv")));

  // Its statuses, by the server's own pairs; a row that is mended is taken as well.
  WriteFile(folder_.Path("stany.csv"),
            "odebrano;nr;stan\n;B-1;w toku\n;B-2;WYS\xA3"
            "ANE\n02.01.2023;B-3;w toku\n;B-4;cz\xEA\x9C"
            "ciowo\n;B-5;zgubione\n;B-99;w toku\n;B-1;anulowane\n");
  const auto statuses = Import("statuses", "stany.csv");
  ASSERT_TRUE(statuses.ok()) << statuses.status();
  EXPECT_EQ(statuses->accepted(), 4);
  EXPECT_EQ(statuses->unmapped(), 1);
  EXPECT_EQ(statuses->by_rule().at("ORD-08"), 2) << "a date with another status, and no such status";
  EXPECT_EQ(statuses->rejected(), 3);
  const auto cancelled = client.Call(testing::Operations(), *client.orders, &OrdersStub::GetOrder, get);
  ASSERT_TRUE(cancelled.ok());
  EXPECT_EQ(cancelled->state(), orders::v1::Order::STATE_CANCELLED) << "an order's reports keep their order";

  const auto exported = ctl::ExportShopOrders(client, ShopActor(), "m-7", folder_.Path("statuses.textproto"));
  ASSERT_TRUE(exported.ok()) << exported.status();
  EXPECT_THAT(*exported, ::testing::StartsWith("nr;stan;odebrano\n"));
  EXPECT_THAT(*exported, HasSubstr("B-5;otwarte;\n"));
  const auto drifts = ctl::CompareShopStatuses(client, ShopActor(), "m-7", folder_.Path("stany.csv"),
                                               folder_.Path("statuses.textproto"));
  ASSERT_TRUE(drifts.ok()) << drifts.status();
  EXPECT_THAT(*drifts, ::testing::Contains(::testing::Property(&orders::v1::Drift::order_id, "B-99")));
  EXPECT_THAT(*drifts, ::testing::Contains(::testing::Property(&orders::v1::Drift::order_id, "B-5")));
}

TEST_F(BazarTest, TheProgramTellsHowAnImportEndedByItsExitCode) {
  const std::string connector = folder_.Path("orders.textproto");
  const std::string path = folder_.Path("orders.csv");
  const std::string log = folder_.Path("log");
  const std::string header = "nr;klient;imi\xEA;towar;ile;cena\n";
  WriteFile(path, header + "E-1;c-1;A;kubek;1;10\n");
  EXPECT_EQ(RunImport(suite_, {"--connector", connector, path}, log), 0);
  WriteFile(path, header + "E-1;c-1;A;kubek;1;10\nE-2;c-1;A;kubek;x;10\n");
  EXPECT_EQ(RunImport(suite_, {"--connector", connector, path}, log), 3);
  EXPECT_TRUE(std::filesystem::exists(path + ".rejects.csv"));
  WriteFile(path, header);
  EXPECT_EQ(RunImport(suite_, {"--connector", connector, path}, log), 0) << "a header only";
  EXPECT_FALSE(std::filesystem::exists(path + ".rejects.csv")) << "the old one of ours is gone";
  WriteFile(path + ".rejects.csv", "somebody's own\n");
  EXPECT_EQ(RunImport(suite_, {"--connector", connector, path}, log), 1);
  EXPECT_EQ(ReadFile(path + ".rejects.csv"), "somebody's own\n");
  WriteFile(path, "nr;klient\n");
  EXPECT_EQ(RunImport(suite_, {"--connector", connector, path}, log), 1);
  EXPECT_THAT(ReadFile(log), HasSubstr("lacks these columns: imię, towar, ile, cena"));
  EXPECT_EQ(RunImport(suite_, {"--connector", connector, folder_.Path("nowhere.csv")}, log), 1);
  EXPECT_EQ(RunImport(suite_, {"--connector", "nobody", path}, log), 1);
  WriteFile(path, header + "E-3;c-1;A;kubek;1;10\n");
  EXPECT_EQ(RunImport(suite_,
                      {"--role", "customer", "--connector", connector, "--rejects",
                       folder_.Path("rejects.csv"), path},
                      log),
            4);
}

}  // namespace
}  // namespace makegood
