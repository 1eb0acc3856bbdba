// Connectors are files: what they may say, and what rows become by them.
#include "tools/makegoodctl/import/connector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status.h"
#include "common/rules/times.h"
#include "tests/support/files.h"
#include "tests/support/status_matchers.h"
#include "tools/makegoodctl/csv/csv_file.h"
#include "tools/makegoodctl/import/import.h"

namespace makegood::ctl {
namespace {

using connectors::v1::Connector;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::NamesField;
using testing::RefusedBy;
using testing::ScratchFile;

// A shop that is none of those that ship: its own words, columns, separator, characters and zone.
constexpr char kHistory[] = R"(
name: "bazar" mode: MODE_HISTORY separator: ";" encoding: "windows-1250" decimal_mark: ","
time_format: "%d.%m.%Y %H:%M" time_zone: "Europe/Warsaw"
columns { order_id: "nr" customer_id: "klient" status: "stan" placed_time: "kiedy" paid_time: "oplata"
          payment_method: "platnosc" sku: "towar" quantity: "ile" unit_price: "cena" vat_percent: "vat"
          delivery_fee: "dostawa" }
defaults { marketplace: "default" merchant_id: "m-7" currency: "EUR" }
payment_words { value: "przelew" method: PAYMENT_METHOD_PREPAID }
payment_words { value: "za pobraniem" method: PAYMENT_METHOD_CASH_ON_DELIVERY }
statuses { value: "nowe" }
statuses { value: "wysłane" steps { state: STATE_SHIPPED time_columns: "wyslano" } }
)";

constexpr char kStatuses[] = R"(
name: "bazar-stany" mode: MODE_STATUSES separator: "|"
time_format: "%d.%m.%Y %H:%M" date_format: "%d.%m.%Y" time_zone: "Europe/Warsaw"
columns { order_id: "nr" status: "stan" delivered_time: "odebrano" }
statuses { value: "w toku" reported_as: "in process" }
statuses { value: "wysłane" reported_as: "settled" }
statuses { value: "otwarte" reported_as: "pending" }
)";

Connector Load(const std::string& text) {
  const ScratchFile file(text);
  const auto connector = LoadConnector(file.path());
  EXPECT_THAT(connector, IsOk());
  return connector.ok() ? *connector : Connector();
}

std::string WhyNot(const std::string& text) {
  const ScratchFile file(text);
  return std::string(LoadConnector(file.path()).status().message());
}

// One row of values by column.
struct Table {
  CsvHeader header;
  std::vector<CsvRow> rows;
};
Table Rows(const std::vector<std::string>& names, const std::vector<std::vector<std::string>>& values) {
  Table table{*CsvHeader::From(names), {}};
  for (const auto& fields : values) {
    CsvRow row;
    row.line = static_cast<int64_t>(table.rows.size()) + 2;
    row.fields = fields;
    table.rows.push_back(row);
  }
  return table;
}

const std::vector<std::string> kColumns = {"nr",    "klient", "stan", "kiedy", "oplata",  "platnosc",
                                           "towar", "ile",    "cena", "vat",   "dostawa", "wyslano"};
std::vector<std::string> Line(const std::string& sku) {
  return {"z-1",   "c-1", "WYSŁANE", "02.03.2024 10:00", "02.03.2024 11:30", "Przelew", sku, "2",
          "12,50", "5,5", "4,99",    "03.03.2024 08:15"};
}

TEST(Connectors, ORD_08_FastCentriksAndOlistsShip) {
  EXPECT_THAT(ShippedConnectorNames(), ::testing::IsSupersetOf({"fastcentrik", "makegood", "olist"}));
  for (const std::string& name : ShippedConnectorNames()) {
    const auto connector = LoadConnector(name);
    ASSERT_THAT(connector, IsOk());
    EXPECT_EQ(connector->name(), name);
    EXPECT_EQ(connector->separator(), ",");
    EXPECT_EQ(connector->encoding(), "UTF-8");
  }
  EXPECT_THAT(std::string(LoadConnector("nobody").status().message()),
              HasSubstr("fastcentrik, makegood, olist"));
}

TEST(Connectors, ORD_13_AnotherShopNeedsOnlyAnotherFile) {
  const Connector connector = Load(kHistory);
  const Table table = Rows(kColumns, {Line("kubek"), Line("talerz")});
  const auto request = ToRequest(connector, table.header, table.rows);
  ASSERT_THAT(request, IsOk());
  EXPECT_EQ(request->command().request_id(), "bazar:z-1");
  EXPECT_EQ(request->order().merchant_id(), "m-7");
  EXPECT_EQ(request->order().payment_method(), base::v1::PAYMENT_METHOD_PREPAID);
  EXPECT_EQ(request->order().delivery_fee().amount_minor(), 499);
  ASSERT_EQ(request->order().lines_size(), 2);
  EXPECT_EQ(request->order().lines(1).sku(), "talerz");
  EXPECT_EQ(request->order().lines(1).unit_price().amount_minor(), 1250);
  EXPECT_EQ(request->order().lines(1).vat_basis_points(), 550);
  EXPECT_EQ(absl::FormatTime(rules::ToTime(request->placed_time()), absl::UTCTimeZone()),
            "2024-03-02T09:00:00+00:00");
  ASSERT_EQ(request->steps_size(), 1);
  EXPECT_EQ(request->steps(0).state(), orders::v1::Order::STATE_SHIPPED);
}

TEST(Connectors, ORD_13_ALineMaySayHowManyOfItWereRefunded) {
  const std::string text = absl::StrReplaceAll(
      kHistory, {{R"(delivery_fee: "dostawa")", R"(delivery_fee: "dostawa" refunded_quantity: "zwrot")"}});
  const Connector connector = Load(text);
  std::vector<std::string> columns = kColumns;
  columns.emplace_back("zwrot");
  std::vector<std::vector<std::string>> lines = {Line("kubek"), Line("talerz"), Line("miska")};
  lines[0].emplace_back("0");
  lines[1].emplace_back("2");
  lines[2].emplace_back("");
  const Table table = Rows(columns, lines);
  const auto request = ToRequest(connector, table.header, table.rows);
  ASSERT_THAT(request, IsOk());
  ASSERT_EQ(request->given_back().units_size(), 1);
  EXPECT_EQ(request->given_back().units(0).line_id(), request->order().lines(1).line_id());
  EXPECT_EQ(request->given_back().units(0).quantity(), 2);
  EXPECT_EQ(ColumnOfField(connector, "given_back.units[0].quantity"), "zwrot");

  for (const char* const wrong : {"-1", "1,5", "x"}) {
    lines[1].back() = wrong;
    const Table other = Rows(columns, lines);
    EXPECT_THAT(ToRequest(connector, other.header, other.rows), NamesField("zwrot")) << wrong;
  }
  const Table untold = Rows(kColumns, {Line("kubek")});
  EXPECT_FALSE(ToRequest(Load(kHistory), untold.header, untold.rows)->has_given_back());
  EXPECT_THAT(WhyNot(absl::StrReplaceAll(
                  kStatuses, {{R"(delivered_time)", R"(refunded_quantity: "zwrot" delivered_time)"}})),
              HasSubstr("columns.refunded_quantity"));
}

TEST(Connectors, ORD_08_AnotherShopsStatusesAreReportedInFastCentriksWords) {
  const Connector connector = Load(kStatuses);
  const Table table = Rows({"nr", "stan", "odebrano"}, {{"z-1", "W TOKU", ""},
                                                        {"z-2", "wysłane", "04.03.2024"},
                                                        {"z-3", "wysłane", "04.03.2024 17:30"},
                                                        {"z-4", "zgubione", ""}});
  const auto plain = ToReport(connector, table.header, table.rows[0], "file");
  ASSERT_THAT(plain, IsOk());
  EXPECT_EQ(plain->report().status(), "in process");
  const auto day = ToReport(connector, table.header, table.rows[1], "file");
  ASSERT_THAT(day, IsOk());
  EXPECT_EQ(day->report().date_of_delivery(), "2024-03-04");
  const auto moment = ToReport(connector, table.header, table.rows[2], "file");
  ASSERT_THAT(moment, IsOk());
  EXPECT_EQ(moment->report().date_of_delivery(), "");
  EXPECT_EQ(absl::FormatTime(rules::ToTime(moment->report().delivered_time()), absl::UTCTimeZone()),
            "2024-03-04T16:30:00+00:00");
  EXPECT_THAT(ToReport(connector, table.header, table.rows[3], "file"), RefusedBy("ORD-08"));
}

TEST(Connectors, SYS_02_TheSameRowOfTheSameFileHasTheSameRequestId) {
  const Connector connector = Load(kStatuses);
  const Table table = Rows({"nr", "stan", "odebrano"}, {{"z-1", "w toku", ""}, {"z-1", "w toku", ""}});
  const auto id = [&](size_t row, absl::string_view seed) {
    return ToReport(connector, table.header, table.rows[row], seed)->command().request_id();
  };
  EXPECT_EQ(id(0, "file"), id(0, "file"));
  EXPECT_NE(id(0, "file"), id(1, "file")) << "another line";
  EXPECT_NE(id(0, "file"), id(0, "other")) << "another file";
  Connector orders = Load(kHistory);
  Table odd = Rows(kColumns, {Line("x")});
  odd.rows[0].fields[0] = std::string(200, 'z');
  const auto request = ToRequest(orders, odd.header, odd.rows);
  ASSERT_THAT(request, IsOk());
  EXPECT_LE(request->command().request_id().size(), 128u) << "the order id is judged, not the request id";
}

TEST(Connectors, SYS_07_WrongValuesNameTheirColumn) {
  const Connector connector = Load(kHistory);
  const std::pair<const char*, const char*> wrong[] = {
      {"kiedy", "30.02.2024 10:00"},  // no such day
      {"kiedy", "2024-03-02 10:00"},  // another form
      {"kiedy", "31.03.2024 02:30"},  // the clocks went forward
      {"kiedy", "infinite-future"},   //
      {"kiedy", ""},                  //
      {"wyslano", "03.03.2024"},      //
      {"kiedy", "02.03.24 10:00"},    // not the year 24
      {"kiedy", "02.03.0024 10:00"},  //
      {"oplata", "02.03.24 11:30"},   //
      {"wyslano", "03.03.24 08:15"},  //
      {"ile", ""},                    // not 1
      {"ile", "0"},                   //
      {"ile", "-1"},                  //
      {"ile", "1,5"},                 //
      {"ile", "99999999999"},         //
      {"cena", "12.50"},              // the other decimal mark
      {"cena", "12,505"},             // more decimals than the currency has
      {"cena", "-1,00"},              //
      {"cena", ""},                   // not 0
      {"vat", ""},                    // not 0
      {"vat", "101"},                 //
      {"vat", "x"},                   //
      {"dostawa", "1 000,00"},        //
      {"platnosc", "prepaid"},        // not the connector's word
      {"stan", "zgubione"},           //
      {"nr", ""},                     //
  };
  for (const auto& [column, value] : wrong) {
    Table table = Rows(kColumns, {Line("kubek")});
    table.rows[0].fields[table.header.Index(column)] = value;
    const auto request = ToRequest(connector, table.header, table.rows);
    EXPECT_THAT(request, NamesField(column)) << value;
    EXPECT_THAT(std::string(request.status().message()), ::testing::Not(HasSubstr("zgubione")))
        << "columns and forms are named, not contents (SYS-09)";
  }
}

TEST(Connectors, SYS_07_AnEmptyValueOfALineIsNamedWithItsLine) {
  const Connector connector = Load(kHistory);
  Table table = Rows(kColumns, {Line("kubek"), Line("talerz")});
  table.rows[1].fields[table.header.Index("cena")] = "";
  const auto request = ToRequest(connector, table.header, table.rows);
  EXPECT_THAT(request, NamesField("cena"));
  EXPECT_THAT(std::string(request.status().message()), HasSubstr("is empty, in line 3"));
  table.rows[1] = table.rows[0];
  table.rows.pop_back();
  table.rows[0].fields[table.header.Index("dostawa")] = "";
  const auto no_fee = ToRequest(connector, table.header, table.rows);
  ASSERT_THAT(no_fee, IsOk());
  EXPECT_EQ(no_fee->order().delivery_fee().amount_minor(), 0);
}

TEST(Connectors, ORD_01_WherePricesAreNotToldTheOrderSaysSo) {
  const Table table = Rows(kColumns, {Line("kubek")});
  const auto priced = ToRequest(Load(kHistory), table.header, table.rows);
  ASSERT_THAT(priced, IsOk());
  EXPECT_FALSE(priced->order().prices_untold());
  const Connector unpriced = Load(absl::StrReplaceAll(kHistory, {{" unit_price: \"cena\"", ""}}));
  const auto untold = ToRequest(unpriced, table.header, table.rows);
  ASSERT_THAT(untold, IsOk());
  EXPECT_TRUE(untold->order().prices_untold());
}

TEST(Connectors, ORD_13_YearsOfTwoDigitsAreReadWhereTheFormSaysSo) {
  const Connector connector = Load(absl::StrReplaceAll(kHistory, {{"%d.%m.%Y", "%d.%m.%y"}}));
  const auto placed = [&](const std::string& time) {
    Table table = Rows(kColumns, {Line("kubek")});
    for (const char* column : {"kiedy", "oplata", "wyslano"}) {
      table.rows[0].fields[table.header.Index(column)] = time;
    }
    const auto request = ToRequest(connector, table.header, table.rows);
    return request.ok() ? absl::ToCivilYear(rules::ToTime(request->placed_time()), absl::UTCTimeZone()).year()
                        : 0;
  };
  EXPECT_EQ(placed("02.03.24 10:00"), 2024);
  EXPECT_EQ(placed("02.03.99 10:00"), 1999);
  EXPECT_EQ(placed("02.03.2024 10:00"), 0) << "not the year 20";
  const Connector days = Load(kStatuses);
  const Table table = Rows({"nr", "stan", "odebrano"}, {{"z-1", "wysłane", "04.03.24"}});
  EXPECT_THAT(ToReport(days, table.header, table.rows[0], "file"), NamesField("odebrano"));
}

// "|" is the second byte of ポ in Shift_JIS.
TEST(Connectors, SYS_07_ASeparatorThatCanBeHalfOfACharacterIsRefusedWithTheConnector) {
  const auto with = [](const std::string& encoding, const std::string& separator) {
    return absl::StrReplaceAll(kHistory, {{"windows-1250", encoding}, {"\";\"", "\"" + separator + "\""}});
  };
  for (const char* encoding : {"Shift_JIS", "GBK", "GB18030", "Big5", "Big5-HKSCS", "windows-31j"}) {
    EXPECT_THAT(WhyNot(with(encoding, "|")), HasSubstr("separator: \"|\" can be half of a character"))
        << encoding;
    for (const char* separator : {",", ";", "\\t"})
      EXPECT_EQ(WhyNot(with(encoding, separator)), "") << encoding;
  }
  for (const char* encoding : {"UTF-8", "UTF-16", "windows-1250", "ISO-8859-9", "EUC-JP", "EUC-KR"}) {
    EXPECT_EQ(WhyNot(with(encoding, "|")), "") << encoding;
  }
}

TEST(Connectors, AnHourThatComesTwiceIsItsFirst) {
  const Connector connector = Load(kHistory);
  Table table = Rows(kColumns, {Line("kubek")});
  table.rows[0].fields[table.header.Index("kiedy")] = "29.10.2023 02:30";
  const auto request = ToRequest(connector, table.header, table.rows);
  ASSERT_THAT(request, IsOk());
  EXPECT_EQ(absl::FormatTime(rules::ToTime(request->placed_time()), absl::UTCTimeZone()),
            "2023-10-29T00:30:00+00:00");
}

TEST(Connectors, TheRowsOfOneOrderSayTheSameOfIt) {
  const Connector connector = Load(kHistory);
  Table table = Rows(kColumns, {Line("kubek"), Line("talerz")});
  table.rows[1].fields[table.header.Index("dostawa")] = "5,99";
  const auto request = ToRequest(connector, table.header, table.rows);
  EXPECT_THAT(request, NamesField("dostawa"));
  EXPECT_THAT(std::string(request.status().message()), HasSubstr("line 2 and line 3"));
}

TEST(Connectors, WhatIsWrongWithAConnectorIsSaidAtOnce) {
  EXPECT_THAT(WhyNot("name: \"x\"\nmode: MODE_NONE"), HasSubstr("line 2, column"));
  EXPECT_THAT(WhyNot("mode: MODE_LIVE"), HasSubstr("name: "));
  const std::string several = WhyNot(
      R"(name: "x" mode: MODE_HISTORY separator: "ab" decimal_mark: "'" encoding: "no-such" time_zone: "Mars"
         columns { order_id: "nr" placed_time: "t" })");
  for (const char* part : {"separator: want", "decimal_mark: want", "encoding: ", "time_zone: is no zone",
                           "time_format: is needed", "columns.customer_id: is needed", "statuses: are needed",
                           "columns.marketplace: is needed, or a default", "columns.sku: is needed"}) {
    EXPECT_THAT(several, HasSubstr(part));
  }
  EXPECT_THAT(WhyNot(absl::StrReplaceAll(kStatuses, {{"in process", "lost"}})),
              HasSubstr("\"lost\" is no status of FastCentrik"));
  EXPECT_THAT(WhyNot(absl::StrReplaceAll(kStatuses, {{"otwarte", "W Toku"}})),
              HasSubstr("stands there before"));
  EXPECT_THAT(WhyNot(absl::StrReplaceAll(kStatuses, {{"order_id: \"nr\"", "order_id: \"nr\" sku: \"s\""}})),
              HasSubstr("columns.sku: is not read"));
  EXPECT_THAT(WhyNot(absl::StrReplaceAll(kHistory, {{"%d.%m.%Y %H:%M", "%Y"}})),
              HasSubstr("time_format: does not tell a day"));
  EXPECT_THAT(WhyNot(absl::StrReplaceAll(kHistory, {{"EUR", "XXQ"}})),
              HasSubstr("defaults.currency: is no known ISO 4217 currency"));
  EXPECT_THAT(std::string(LoadConnector(::testing::TempDir()).status().message()),
              HasSubstr("Is a directory"));
  EXPECT_THAT(WhyNot(absl::StrReplaceAll(kHistory, {{" time_zone: \"Europe/Warsaw\"", ""}})),
              HasSubstr("time_zone: is needed"));
}

TEST(Connectors, SYS_07_OneThatIsNotThereIsAWrongOption) {
  const auto missing = LoadConnector("nope");
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("--connector: \"nope\" is neither a file"));
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("fastcentrik, makegood, olist"));
  EXPECT_EQ(ImportExitCode(missing.status()), 2);
  EXPECT_EQ(ImportExitCode(InvalidFields({{"sku", "is missing"}})), 1) << "a file's column";
}

TEST(Connectors, ARefusalNamesTheColumnItSpeaksOf) {
  const auto olist = LoadConnector("olist");
  ASSERT_THAT(olist, IsOk());
  const auto columns = [&](const absl::Status& refusal) {
    return ColumnsOfRefusal(*olist, "delivered", refusal);
  };
  EXPECT_EQ(columns(Refusal("ORD-02", "the time of DELIVERED is missing")), "order_delivered_customer_date");
  EXPECT_EQ(columns(Refusal("ORD-13", "the time of SHIPPED is before that of the step before it")),
            "order_delivered_carrier_date");
  EXPECT_EQ(columns(Refusal("ORD-01", "the order is BLOCKED")), "order_approved_at");
  EXPECT_EQ(columns(Refusal("ORD-13", "the order was placed in the future")), "order_purchase_timestamp");
  EXPECT_EQ(columns(InvalidFields({{"order.customer_id", "is empty"}, {"order.order_id", "is odd"}})),
            "customer_id order_id");
  EXPECT_EQ(columns(InvalidFields({{"order.lines[0].unit_price.amount_minor", "is odd"}})),
            "order.lines[0].unit_price.amount_minor")
      << "the connector has no such column";
  EXPECT_EQ(columns(absl::AlreadyExistsError("there")), "order_id");
  EXPECT_EQ(ColumnsOfRefusal(*LoadConnector("fastcentrik"), "Done", Refusal("ORD-02", "too late")),
            "date_of_delivery");
  EXPECT_EQ(ColumnsOfRefusal(*LoadConnector("fastcentrik"), "settled", Refusal("ORD-12", "held")), "status");
}

}  // namespace
}  // namespace makegood::ctl
