// Files that are imported again, in part, by others, or by whoever may not: nothing is lost, and what is said
// of it is true.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/suite/imports.h"
#include "tests/suite/person.h"
#include "tests/suite/standalone.h"
#include "tests/suite/stories.h"
#include "tests/support/files.h"
#include "tools/makegoodctl/import/import.h"

namespace makegood {
namespace {

using connectors::v1::ImportReport;
using ::testing::HasSubstr;
using testing::ImportOf;
using testing::ReadFile;
using testing::ScratchFolder;
using testing::Standalone;
using testing::WriteFile;

// In our own form: a row a line of an order.
std::string Lines(const std::string& rows) {
  return absl::StrCat(
      "order_id,marketplace,merchant_id,customer_id,payment_method,currency,delivery_fee,language,"
      "customer_name,customer_email,city,country,promised_ship_time,sku,quantity,unit_price,vat_percent\n",
      rows);
}
std::string Line(const std::string& order, const std::string& sku, const std::string& quantity) {
  return absl::StrCat(order, ",mall,m-7,c-1,prepaid,CZK,,,,", order, "@example.com,,,,", sku, ",", quantity,
                      ",10.00,21\n");
}

class ImportAgainTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(suite_.Start()); }

  absl::StatusOr<ImportReport> Import(const base::v1::Actor& actor = testing::Operations()) {
    return Import("makegood", actor);
  }
  absl::StatusOr<ImportReport> Import(const std::string& connector, const base::v1::Actor& actor) {
    ctl::Client client(suite_.address());
    return ctl::ImportOrders(client, actor, ImportOf(suite_, connector, path_));
  }
  absl::StatusOr<orders::v1::Order> OrderHere(const std::string& order_id) {
    ctl::Client client(suite_.address());
    orders::v1::GetOrderRequest get;
    get.set_order_id(order_id);
    return client.Call(testing::Operations(), *client.orders, &orders::v1::OrdersService::Stub::GetOrder,
                       get);
  }

  const ScratchFolder folder_;
  const std::string path_ = folder_.Path("orders.csv");
  const std::string rejects_ = path_ + ".rejects.csv";
  Standalone suite_;
};

// SYS-07: half an order is worse than none.
TEST_F(ImportAgainTest, APartOfARejectedOrderIsNotTakenForTheWhole) {
  WriteFile(path_, Lines(Line("K-3", "A", "x") + Line("K-4", "A", "1") + Line("K-3", "B", "1")));
  const auto report = Import();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->accepted(), 1);
  EXPECT_EQ(report->rejected(), 1);
  EXPECT_FALSE(OrderHere("K-3").ok());
  const std::string rejects = ReadFile(rejects_);
  EXPECT_THAT(rejects, HasSubstr("2,order_id,,goes on in line 4: rows of one order follow each other"));
  EXPECT_THAT(rejects,
              HasSubstr("4,order_id,,stands in line 2 already: rows of one order follow each other"));
  // Mended, it comes in whole.
  WriteFile(path_, absl::StrReplaceAll(rejects, {{",A,x,", ",A,1,"}}));
  const auto mended = Import();
  ASSERT_TRUE(mended.ok()) << mended.status();
  EXPECT_EQ(mended->rejected(), 0);
  ASSERT_TRUE(OrderHere("K-3").ok());
  EXPECT_EQ(OrderHere("K-3")->lines_size(), 2);
  EXPECT_EQ(suite_.Stop(), 0);
}

// From a pipe too, which can be read but once; and what says the same again may be a line of its own.
TEST_F(ImportAgainTest, SYS_07_AnOrderWhoseRowsStandApartComesInWholeOrNotAtAll) {
  const std::string rows = Lines(Line("K-5", "A", "1") + Line("K-6", "A", "1") + Line("K-5", "A", "1") +
                                 ",,,,,,,,,,,,,,,,\n" + Line("K-7", "A", "1") + Line("K-5", "B", "1"));
  WriteFile(path_, rows);
  const testing::Ran piped =
      testing::Running(
          {"/bin/sh", "-c",
           absl::StrCat("cat '", path_, "' | '", testing::Program("tools/makegoodctl/makegoodctl"),
                        "' --server ", suite_.address(), " orders import --connector makegood --rejects '",
                        rejects_, "' -")},
          0)
          .Finish();
  EXPECT_EQ(piped.code, 3) << piped.error;
  EXPECT_FALSE(OrderHere("K-5").ok());
  EXPECT_TRUE(OrderHere("K-6").ok());
  EXPECT_TRUE(OrderHere("K-7").ok());
  const auto again = Import();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->accepted(), 2);
  EXPECT_EQ(again->rejected(), 1) << "one order, in three places";
  EXPECT_FALSE(OrderHere("K-5").ok());
  WriteFile(path_, ReadFile(rejects_));
  const auto together = Import();
  ASSERT_TRUE(together.ok()) << together.status();
  EXPECT_EQ(together->accepted(), 1);
  ASSERT_TRUE(OrderHere("K-5").ok());
  EXPECT_EQ(OrderHere("K-5")->lines_size(), 3);
  EXPECT_EQ(suite_.Stop(), 0);
}

TEST_F(ImportAgainTest, SYS_07_WhoeverMayNotImportChangesNoFile) {
  const std::string bad = Lines(Line("R-1", "A", "x") + Line("R-2", "A", "1"));
  WriteFile(path_, bad);
  ASSERT_TRUE(Import().ok());
  const std::string rejects = ReadFile(rejects_);
  EXPECT_THAT(rejects, HasSubstr("R-1"));
  const auto customer = ctl::MakeActor(base::v1::ROLE_CUSTOMER, "c-1");
  EXPECT_EQ(ctl::ImportExitCode(Import(customer)), 4);
  EXPECT_EQ(ReadFile(rejects_), rejects);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".progress"));
  ctl::Client client(suite_.address());
  ctl::ImportOptions options = ImportOf(suite_, "makegood", path_);
  options.rejects = folder_.Path("nowhere/rejects.csv");
  const auto nowhere = ctl::ImportOrders(client, testing::Operations(), options);
  EXPECT_THAT(std::string(nowhere.status().message()), HasSubstr("--rejects"));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".progress"));
  EXPECT_EQ(suite_.Stop(), 0);
}

TEST_F(ImportAgainTest, SYS_07_MendedRejectsSurviveTheNextImport) {
  WriteFile(path_, Lines(Line("M-1", "A", "x")));
  ASSERT_TRUE(Import().ok());
  const std::string mended = absl::StrReplaceAll(ReadFile(rejects_), {{",A,x,", ",A,3,"}});
  WriteFile(rejects_, mended);
  const auto again = Import();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->put_aside_path(), rejects_ + ".1");
  EXPECT_EQ(ReadFile(rejects_ + ".1"), mended);
  EXPECT_THAT(ReadFile(rejects_), HasSubstr(",A,x,"));
  const auto third = Import();
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(third->put_aside_path(), "") << "those are the input's rows";
  EXPECT_FALSE(std::filesystem::exists(rejects_ + ".2"));
  EXPECT_EQ(suite_.Stop(), 0);
}

TEST_F(ImportAgainTest, SYS_02_WhatAColleagueImportedIsAcceptedWhereItSaysTheSame) {
  const std::string lines = Lines(Line("C-1", "A", "1") + Line("C-1", "B", "2") + Line("C-2", "A", "1"));
  WriteFile(path_, lines);
  ASSERT_TRUE(Import().ok());
  const auto colleague = ctl::MakeActor(base::v1::ROLE_OPERATIONS, "operations-2");
  const auto same = Import(colleague);
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_EQ(same->accepted(), 2);
  EXPECT_EQ(same->were_here(), 2);
  EXPECT_EQ(same->rejected(), 0);
  const std::pair<const char*, const char*> changes[] = {
      {"B,2,", "B,3,"}, {"C-2@example.com", "C-9@example.com"}, {"C-2,mall,m-7", "C-2,mall,m-8"}};
  for (const auto& [before, after] : changes) {
    WriteFile(path_, absl::StrReplaceAll(lines, {{before, after}}));
    const auto other = Import(colleague);
    ASSERT_TRUE(other.ok()) << other.status();
    EXPECT_EQ(other->rejected(), 1) << after;
    EXPECT_THAT(other->first_rejects(0).reason(), HasSubstr("is another one in the order that is here"));
    EXPECT_THAT(other->first_rejects(0).reason(), ::testing::Not(HasSubstr("example.com"))) << "SYS-09";
  }
  EXPECT_EQ(suite_.Stop(), 0);
}

}  // namespace
}  // namespace makegood
