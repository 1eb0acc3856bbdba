// Other shops' files, by connectors of their own, with the program as people run it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/util/json_util.h"
#include "tests/suite/imports.h"
#include "tests/suite/person.h"
#include "tests/suite/standalone.h"
#include "tests/suite/stories.h"
#include "tests/support/files.h"
#include "tools/makegoodctl/import/import.h"
#include "tools/makegoodctl/import/shop.h"

namespace makegood {
namespace {

using connectors::v1::ImportReport;
using ::testing::HasSubstr;
using testing::ImportOf;
using testing::Ran;
using testing::ReadFile;
using testing::RunImport;
using testing::ScratchFolder;
using ::testing::SizeIs;
using testing::SourceFile;
using testing::Standalone;
using testing::WriteFile;
using OrdersStub = orders::v1::OrdersService::Stub;

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
                             ImportOf(suite_, folder_.Path(connector + ".textproto"), folder_.Path(file)));
  }
  testing::Ran Scripted(std::vector<std::string> words, const std::string& output) {
    words.insert(words.begin(), testing::Program("tools/makegoodctl/makegoodctl"));
    words.insert(words.end(), {"--server", suite_.address(), "--output", output});
    return testing::Running(words, 0).Finish();
  }
  static base::v1::Actor ShopActor() { return ctl::MakeActor(base::v1::ROLE_CONNECTOR, "bazar", "m-7"); }

  ScratchFolder folder_;
  Standalone suite_;
};

TEST_F(BazarTest, ORD_08_ORD_13_AnotherShopNeedsOnlyAnotherFile) {
  // "Łukasz" in windows-1250; B-2's rows are apart (SYS-07: nothing of it comes in), B-3's second line is no
  // row, B-4 has a wrong price.
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
  EXPECT_EQ(report->accepted(), 2) << "B-1, B-5";
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
  const auto person = client.Call(testing::Operations(), *client.contacts,
                                  &orders::v1::ContactsService::Stub::GetContact, contact);
  ASSERT_TRUE(person.ok()) << person.status();
  EXPECT_EQ(person->details().name(), "Łukasz");

  const std::string rejects = ReadFile(folder_.Path("orders.csv.rejects.csv"));
  EXPECT_THAT(rejects,
              ::testing::StartsWith(
                  "uwagi;nr;klient;imi\xEA;towar;ile;cena;makegood_line;makegood_field;makegood_rule;"
                  "makegood_reason\r\n"
                  "x;B-2;c-2;A;kubek;1;10;4;nr;;goes on in line 8: rows of one order follow each other\r\n"
                  "x;B-3;c-3;A;kubek;1;10;5;imi\xEA;;"));
  EXPECT_THAT(rejects, HasSubstr("x;B-3;c-3;\"A;talerz;1;10;6;imi\xEA;;"));
  EXPECT_THAT(rejects, HasSubstr("x;B-4;c-4;A;kubek;1;10.50;7;cena;;"));
  EXPECT_THAT(rejects, HasSubstr("x;B-2;c-2;A;talerz;1;10;8;nr;;"));
  EXPECT_THAT(rejects, HasSubstr("in line 4 already"));

  // Mended, it is imported in the same way; what it was rejected for is ignored.
  const std::string mended = absl::StrReplaceAll(
      rejects, {{"\"A;", "A;"}, {"10.50", "10,50"}, {"x;B-2;c-2;A;talerz", "x;B-6;c-2;A;talerz"}});
  WriteFile(folder_.Path("mended.csv"), mended);
  const auto second = Import("orders", "mended.csv");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->accepted(), 4);
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

TEST_F(BazarTest, ORD_08_ScriptsGetReportsVerdictsAndDriftsAsJsonAndAsText) {
  const std::string orders = folder_.Path("orders.csv");
  WriteFile(orders, "nr;klient;imi\xEA;towar;ile;cena\nJ-1;c-1;A;kubek;1;10\nJ-2;c-1;A;kubek;x;10\n");
  const std::vector<std::string> import = {"orders", "import", "--connector",
                                           folder_.Path("orders.textproto"), orders};
  const Ran report = Scripted(import, "json");
  EXPECT_EQ(report.code, 3) << report.error;
  ImportReport read;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(report.output, &read).ok()) << report.output;
  EXPECT_THAT(report.Lines(), SizeIs(1));
  EXPECT_EQ(read.accepted(), 1);
  EXPECT_EQ(read.first_rejects(0).order_id(), "J-2");
  EXPECT_EQ(read.first_rejects(0).field(), "ile");
  EXPECT_EQ(read.first_rejects(0).reason(), "is no whole number from 1") << "its column has a column";
  EXPECT_EQ(read.rejects_path(), orders + ".rejects.csv");
  std::vector<std::string> try_out = import;
  try_out.emplace_back("--dry-run");
  EXPECT_THAT(Scripted(try_out, "json").error, HasSubstr("Dry run: nothing was changed"));
  const Ran text = Scripted(import, "text");
  EXPECT_EQ(text.Value("rejected"), "1");
  EXPECT_EQ(text.Value("by_status[].accepted"), "1");
  EXPECT_EQ(text.Value("first_rejects[0].line"), "3");

  const std::string statuses = folder_.Path("stany.csv");
  WriteFile(statuses, "nr;stan;odebrano\nJ-1;w toku;\nJ-9;w toku;\n");
  const std::vector<std::string> rest = {"--connector", folder_.Path("statuses.textproto"),
                                         statuses,      "--role",
                                         "connector",   "--actor",
                                         "bazar",       "--store",
                                         "m-7"};
  const auto shop = [&rest](const std::string& verb) {
    std::vector<std::string> words = {"fastcentrik", verb};
    words.insert(words.end(), rest.begin(), rest.end());
    return words;
  };
  const Ran drifts = Scripted(shop("drift"), "json");
  EXPECT_EQ(drifts.code, 3);
  ASSERT_THAT(drifts.Lines(), SizeIs(2)) << drifts.output;
  orders::v1::Drift drift;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(drifts.Lines()[0], &drift).ok()) << drifts.output;
  EXPECT_EQ(drift.order_id(), "J-1");
  EXPECT_EQ(drift.state(), orders::v1::Order::STATE_OPEN);

  const Ran verdicts = Scripted(shop("import"), "json");
  EXPECT_EQ(verdicts.code, 3);
  ASSERT_THAT(verdicts.Lines(), SizeIs(2)) << verdicts.output;
  connectors::v1::ReportVerdict verdict;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(verdicts.Lines()[1], &verdict).ok());
  EXPECT_EQ(verdict.order_id(), "J-9");
  EXPECT_EQ(verdict.line(), 3);
  EXPECT_EQ(verdict.outcome(), connectors::v1::ReportVerdict::OUTCOME_REFUSED);
  EXPECT_THAT(Scripted(shop("import"), "text").Lines()[0], ::testing::StartsWith("2\tJ-1\t"));
  EXPECT_EQ(suite_.Stop(), 0);
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
  EXPECT_EQ(RunImport(suite_, {"--connector", "nobody", path}, log), 2);
  WriteFile(path, header + "E-3;c-1;A;kubek;1;10\n");
  EXPECT_EQ(RunImport(suite_,
                      {"--role", "customer", "--connector", connector, "--rejects",
                       folder_.Path("rejects.csv"), path},
                      log),
            4);
}

}  // namespace
}  // namespace makegood
