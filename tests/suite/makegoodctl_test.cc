// makegoodctl against a real server, as people and scripts run it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/suite/lossy_proxy.h"
#include "tests/suite/person.h"
#include "tests/suite/standalone.h"
#include "tests/support/files.h"
#include "tools/makegoodctl/terminal/terminal.h"

namespace makegood {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Ran;
using testing::Running;
using ::testing::SizeIs;
using ::testing::StartsWith;

using Words = std::vector<std::string>;

constexpr char kStart[] = "2026-09-01T08:00:00+08:00";
constexpr char kLater[] = "2026-09-02T08:00:00+08:00";
constexpr int kColumns = 80;

bool IsJson(const std::string& line) {
  google::protobuf::Struct object;
  return google::protobuf::util::JsonStringToMessage(line, &object).ok();
}

Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// One server for all tests; each has orders of its own.
class MakegoodctlTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    suite_ = std::make_unique<testing::Standalone>();
    suite_->Start({absl::StrCat("--test_clock=", kStart)});
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(suite_->Stop(), 0);
    suite_.reset();
  }

  static Words Command(const Words& words, const std::string& server = "") {
    return Words{testing::Program("tools/makegoodctl/makegoodctl"), "--timeout", "60"} + words +
           Words{"--server", server.empty() ? suite_->address() : server};
  }
  // As a script runs it.
  static Ran Run(const Words& words) { return Running(Command(words), 0).Finish(); }
  // As a person does.
  static Ran AtTerminal(const Words& words) { return Running(Command(words), kColumns).Finish(); }
  // The same, where nothing else will do than success; values by name.
  static Ran Do(const Words& words) {
    Ran ran = Run(words + Words{"--output", "text"});
    EXPECT_EQ(ran.code, 0) << absl::StrCat(words[0], " ", words[1], ": ", ran.error);
    return ran;
  }

  static void Settle(const std::string& time = kStart) { Do({"clock", "advance", time}); }

  static void CreateOrder(const std::string& order_id, const std::string& merchant = "t-1") {
    Do({"orders", "create", order_id, "--marketplace", "tmall", "--merchant-id", merchant, "--customer-id",
        "c-1", "--payment-method", "prepaid", "--currency", "CNY", "--line",
        "line_id=1,sku=LAMP,quantity=1,unit_price=199.00 CNY,vat_basis_points=1300"});
  }

  // An order on its way, paid for.
  static void Ship(const std::string& order_id) {
    CreateOrder(order_id);
    Do({"payments", "record", order_id, "199.00 CNY", "--reference", "card-" + order_id, "--destination",
        "store_account"});
    Settle(Now());
    Do(Words{"orders", "hand-over", order_id, "--carrier", "PPL"} + kEmployee);
  }
  static std::string Now() { return Do({"clock", "show"}).Value("time"); }

  static inline const Words kEmployee = {"--role", "store_employee", "--actor", "e-1", "--store", "t-1"};
  static inline const Words kCustomer = {"--role", "customer", "--actor", "c-1"};
  static inline std::unique_ptr<testing::Standalone> suite_;
};

TEST_F(MakegoodctlTest, CLM_02_AClaimFromOpeningToTheMoneyBack) {
  Ship("T-1");
  Settle(kLater);
  Do(Words{"orders", "deliver", "T-1", kLater} + kEmployee);
  Settle(kLater);
  const std::string claim =
      Do(Words{"claims", "open", "T-1", "damaged", "--unit", "line_id=1,quantity=1"} + kCustomer)
          .Value("claim_id");
  ASSERT_THAT(claim, StartsWith("clm-"));

  const std::string photo = testing::SourceFile("tests/data/parcel.jpg");
  const Ran sent = AtTerminal(Words{"claims", "evidence", "upload", claim, photo, "--show"} + kCustomer);
  ASSERT_EQ(sent.code, 0) << sent.output;
  EXPECT_THAT(sent.output, HasSubstr("image/jpeg"));
  const std::string evidence = Do({"claims", "show", claim}).Value("evidence[0].evidence_id");
  ASSERT_THAT(evidence, SizeIs(64));
  const testing::ScratchFolder folder;
  const std::string copy = folder.Path("copy.jpg");
  EXPECT_EQ(AtTerminal({"claims", "evidence", "download", claim, evidence, "-o", copy}).code, 0);
  EXPECT_EQ(testing::ReadFile(copy), testing::ReadFile(photo));
  EXPECT_EQ(Run({"claims", "evidence", "download", claim, evidence}).output, testing::ReadFile(photo));
  EXPECT_EQ(AtTerminal({"claims", "evidence", "download", claim, evidence}).code, 2)
      << "no pictures on a terminal";

  Do(Words{"claims", "evidence", "submit", claim} + kCustomer);
  const Ran seen = AtTerminal({"claims", "show", claim, "--utc"});
  EXPECT_THAT(seen.output, AllOf(HasSubstr("can be done now"), HasSubstr("claims approve " + claim)));
  EXPECT_THAT(seen.output, AllOf(HasSubstr("cannot be done now"), HasSubstr("CLM-13: ")));

  const Ran approved = AtTerminal({"claims", "approve", claim});
  EXPECT_EQ(approved.code, 0) << approved.output;
  EXPECT_THAT(approved.output, AllOf(StartsWith("claim " + claim), HasSubstr("\033[32mAPPROVED\033[0m"),
                                     ContainsRegex("next: .*claims choose")));
  Do(Words{"claims", "choose", claim, "refund"} + kCustomer);
  Settle(kLater);
  const Words pending = absl::StrSplit(Do({"refunds", "list", "--order-id", "T-1"}).Lines().at(0), '\t');
  EXPECT_EQ(pending.at(3), "199.00 CNY");
  EXPECT_EQ(pending.at(4), "pending");
  EXPECT_EQ(AtTerminal({"refunds", "settle", pending.at(0), "bank-1"}).code, 0);
  Settle(kLater);
  EXPECT_EQ(Do({"claims", "show", claim}).Value("state"), "resolved");
  EXPECT_EQ(Do({"refunds", "show", pending.at(0)}).Value("state"), "settled");
  const Words page = {"orders", "timeline", "T-1", "--page-size", "9"};  // of which customers see a part
  EXPECT_THAT(Run(page + kCustomer).error, ContainsRegex("There may be more: --all, or .* timeline T-1"));
  EXPECT_THAT(Run({"ledger", "check", "--output", "json"}).output, HasSubstr("\"broken_entry_ids\":[]"));
}

TEST_F(MakegoodctlTest, TablesFitTheTerminalAndColourIsForPeople) {
  CreateOrder("T-20-with-a-number-that-is-rather-long-for-a-table-of-eighty-columns");
  CreateOrder("T-21");
  const Ran person = AtTerminal({"orders", "list"});
  ASSERT_EQ(person.code, 0) << person.output;
  EXPECT_THAT(person.output, AllOf(HasSubstr("\033[33mblocked\033[0m"), HasSubstr("199.00 CNY")));
  EXPECT_THAT(person.output,
              AllOf(HasSubstr("T-20-with-a-number-that-is-rather-long-for-a-table-of-eighty-columns"),
                    Not(HasSubstr("…"))));
  for (std::string line : person.Lines()) {
    for (size_t at; (at = line.find('\033')) != std::string::npos;)
      line.erase(at, line.find('m', at) - at + 1);
    EXPECT_LE(ctl::DisplayWidth(line), static_cast<size_t>(kColumns)) << line;
  }
  const Ran plain = Running(Command({"orders", "list"}), kColumns, {"NO_COLOR=1"}).Finish();
  EXPECT_THAT(plain.output, Not(HasSubstr("\033[")));
  const Ran program = Run({"orders", "list"});
  EXPECT_THAT(program.output,
              AllOf(Not(HasSubstr("\033")), Not(HasSubstr("…")), HasSubstr("eighty-columns")));
}

TEST_F(MakegoodctlTest, ROL_11_WhoMayListTheirOwnOnlyNeedNotSayWhose) {
  CreateOrder("T-22");
  for (const Words& who : {kCustomer, kEmployee}) {
    EXPECT_THAT(Do(Words{"orders", "list"} + who).output, HasSubstr("T-22\t"));
  }
}

TEST_F(MakegoodctlTest, JsonIsOneObjectALineAndTextOneLineARow) {
  CreateOrder("T-30");
  const Ran json = Run({"orders", "list", "--output", "json"});
  ASSERT_FALSE(json.Lines().empty());
  for (const std::string& line : json.Lines()) EXPECT_TRUE(IsJson(line)) << line;
  EXPECT_THAT(json.output, HasSubstr("\"order_id\":\"T-30\""));
  EXPECT_TRUE(IsJson(Run({"orders", "show", "T-30", "--output", "json"}).output));
  EXPECT_THAT(Run({"orders", "list", "--output", "text"}).output,
              ContainsRegex("T-30\tt-1\tc-1\tblocked\t199.00 CNY\t2026-09-0.T.*Z\n"));
}

TEST_F(MakegoodctlTest, TimesAreTheTerminalsOwnOrUtc) {
  CreateOrder("T-31");
  const auto show = [](const Words& more) {
    return Running(Command(Words{"orders", "show", "T-31"} + more), kColumns, {"TZ=Asia/Shanghai"})
        .Finish()
        .output;
  };
  EXPECT_THAT(show({}), ContainsRegex("2026-09-0. 08:00 \\+08:00"));
  EXPECT_THAT(show({"--utc"}), ContainsRegex("2026-09-0. 00:00 \\+00:00"));
}

TEST_F(MakegoodctlTest, NowIsWhatTheServersClockShows) {
  Ship("T-32");
  Settle(Now());
  Do(Words{"orders", "deliver", "T-32", "now"} + kEmployee);
  const std::string delivered = Do({"orders", "show", "T-32"}).Value("delivered_time");
  EXPECT_EQ(delivered.substr(0, 10), Now().substr(0, 10)) << "and not the machine's clock";
}

TEST_F(MakegoodctlTest, SYS_07_ARefusalNamesItsRuleAndWhatToDoNext) {
  CreateOrder("T-40");
  const Words deliver = Words{"orders", "deliver", "T-40", kStart} + kEmployee;
  const Ran refused = Run(deliver);
  EXPECT_EQ(refused.code, 4);
  EXPECT_THAT(refused.error, AllOf(HasSubstr("ORD-"), HasSubstr("makegoodctl orders show T-40")));
  EXPECT_EQ(refused.output, "");
  const Ran as_json = Run(deliver + Words{"--output", "json"});
  EXPECT_EQ(as_json.code, 4);
  EXPECT_TRUE(IsJson(as_json.error)) << as_json.error;
  EXPECT_THAT(as_json.error,
              AllOf(HasSubstr("\"rule_id\":\"ORD-"), HasSubstr("\"code\":\"FAILED_PRECONDITION\"")));

  const Ran role = Run(Words{"claims", "approve", "clm-0a-00112233445566778899"} + kCustomer);
  EXPECT_EQ(role.code, 4);
  EXPECT_THAT(role.error, AllOf(HasSubstr("ROL-07"), HasSubstr("It is for: operations")));
  const Ran courier = Run({"orders", "deliver", "T-40", kStart, "--role", "courier", "--actor", "k-7"});
  EXPECT_EQ(courier.code, 4);
  EXPECT_THAT(courier.error, AllOf(HasSubstr("for the courier who carries it; you call as courier k-7"),
                                   Not(HasSubstr("It is for: "))));
  const Ran again = Run({"orders", "create", "T-40", "--marketplace", "tmall", "--merchant-id", "t-2",
                         "--customer-id", "c-1", "--payment-method", "prepaid", "--currency", "CNY", "--line",
                         "line_id=1,sku=LAMP,quantity=1,unit_price=199.00 CNY,vat_basis_points=1300"});
  EXPECT_EQ(again.code, 4);
  EXPECT_THAT(again.error, HasSubstr("What is there: makegoodctl orders show T-40"));
  const Ran unknown = Run({"orders", "show", "T-404"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.error, HasSubstr("What there is: makegoodctl orders list"));
}

TEST_F(MakegoodctlTest, SYS_07_AWrongFieldIsToldByItsOption) {
  const Ran wrong = Run({"claims", "open", "T-1", "damaged", "--unit", "line_id=1,quantity=0"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.error, AllOf(HasSubstr("--unit no. 1, quantity"), HasSubstr("claims open --help")));
  const Ran word = Run({"claims", "open", "T-1", "lost", "--output", "json"});
  EXPECT_EQ(word.code, 2);
  EXPECT_THAT(word.error, AllOf(HasSubstr("\"option\":\"--kind\""), HasSubstr("missing, wrong, damaged")));
  const Ran misspelt = Run({"claims", "aprove", "clm-1"});
  EXPECT_EQ(misspelt.code, 2);
  EXPECT_THAT(misspelt.error, HasSubstr("there is no command \"aprove\", is it approve? There are "));
  const Ran no_option = Run({"orders", "list", "--stat", "open"});
  EXPECT_EQ(no_option.code, 2);
  EXPECT_THAT(no_option.error, HasSubstr("there is no option --stat, is it --state?\n"));
  EXPECT_THAT(Run({"orders", "show", "T-1", "T-2"}).error, HasSubstr("there is a word too many: T-2"));
  const Ran no_store = Run({"fastcentrik", "export", "--role", "connector", "--actor", "shop"});
  EXPECT_EQ(no_store.code, 2);
  EXPECT_THAT(no_store.error, HasSubstr("--store  is missing"));
  EXPECT_TRUE(IsJson(Run({"claims", "aprove", "--output", "json"}).error));
  EXPECT_EQ(Running({testing::Program("tools/makegoodctl/makegoodctl")}, 0).Finish().code, 2);
}

TEST_F(MakegoodctlTest, SYS_03_ADryRunShowsAndChangesNothing) {
  CreateOrder("T-50");
  const Words cancel = {"orders",   "cancel",          "T-50", "--initiator", "customer",
                        "--reason", "customer_request"};
  const Ran dry = Run(cancel + Words{"--dry-run", "--output", "text"});
  EXPECT_EQ(dry.code, 0) << dry.error;
  EXPECT_THAT(dry.error, HasSubstr("nothing was changed"));
  EXPECT_EQ(dry.Value("state"), "cancelled");
  EXPECT_EQ(Do({"orders", "show", "T-50"}).Value("state"), "blocked");
}

TEST_F(MakegoodctlTest, SYS_04_AStaleVersionIsRefused) {
  CreateOrder("T-51");
  const Words cancel = {"orders",   "cancel",          "T-51", "--initiator", "customer",
                        "--reason", "customer_request"};
  const Ran stale = Run(cancel + Words{"--expected-version", "7"});
  EXPECT_EQ(stale.code, 4);
  EXPECT_THAT(stale.error, HasSubstr("makegoodctl orders show T-51"));
}

TEST_F(MakegoodctlTest, ListsGoOnWhereThePageEnds) {
  for (int i = 0; i < 5; ++i) CreateOrder(absl::StrCat("T-6", i), "t-6");
  const Words list = {"orders", "list", "--merchant-id", "t-6", "--page-size", "2", "--output", "text"};
  EXPECT_THAT(Do(list + Words{"--all"}).Lines(), SizeIs(5));
  const Ran first = Run(list);
  EXPECT_THAT(first.Lines(), SizeIs(2));
  ASSERT_THAT(first.error, HasSubstr("--page-token "));
  std::string token = first.error.substr(first.error.find("--page-token ") + 13);
  token.erase(token.find_last_not_of(" \n'") + 1);
  token.erase(0, token.find_first_not_of('\''));
  const Ran second = Run(list + Words{"--page-token", token});
  EXPECT_NE(first.Lines().front(), second.Lines().front()) << second.error;
}

TEST_F(MakegoodctlTest, AListThatFindsNothingSaysSoBesideItsOutput) {
  CreateOrder("T-7");
  Settle(Now());
  for (const Words& list : {Words{"documents", "list", "T-7"}, Words{"ledger", "list", "T-7"}}) {
    EXPECT_EQ(Run(list).output + Run(list).error, "Nothing was found.\n");
    EXPECT_EQ(Run(list + Words{"--output", "json"}).error, "");
  }
}

// Source, part and number of the events in an output of --output text.
std::vector<std::string> PlacesOf(const Ran& ran) {
  std::vector<std::string> places;
  for (const std::string& line : ran.Lines()) {
    const Words cells = absl::StrSplit(line, '\t');
    places.push_back(absl::StrCat(cells.at(0), " ", cells.at(1), " ", cells.at(2)));
  }
  return places;
}

TEST_F(MakegoodctlTest, SYS_06_AWatchGoesOnWhereItStopped) {
  const testing::ScratchFolder folder;
  const Words watch = {"events", "watch", "--output", "text", "--resume", folder.Path("positions")};
  CreateOrder("T-70");
  Settle(Now());
  std::vector<std::string> seen = PlacesOf(Running(Command(watch + Words{"--once"}), 0).Finish());
  EXPECT_FALSE(seen.empty());
  // Interrupted by hand while it waits.
  Running second(Command(watch), 0);
  CreateOrder("T-71");
  ASSERT_TRUE(second.WaitFor("T-71"));
  second.Interrupt();
  const Ran stopped = second.Finish();
  EXPECT_EQ(stopped.code, 0) << stopped.error;
  CreateOrder("T-72");
  Settle(Now());
  const Ran third = Running(Command(watch + Words{"--once"}), 0).Finish();
  EXPECT_THAT(third.output, HasSubstr("T-72"));
  for (const Ran& ran : {stopped, third}) {
    const std::vector<std::string> more = PlacesOf(ran);
    seen.insert(seen.end(), more.begin(), more.end());
  }
  const std::vector<std::string> all = PlacesOf(Run({"events", "watch", "--output", "text", "--once"}));
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()), std::set<std::string>(all.begin(), all.end()))
      << "something was lost";
  EXPECT_EQ(seen.size(), all.size()) << "something was shown twice";
  const Words one = {"--output", "text", "--once", "--kind", "order_created", "--order-id", "T-71"};
  EXPECT_THAT(Run(Words{"events", "watch"} + one).Lines(), SizeIs(1));
}

TEST_F(MakegoodctlTest, ORD_10_OrdersWatchFollowsOneOrderAtATerminal) {
  CreateOrder("T-75");
  Running watch(Command({"orders", "watch", "T-75"}), kColumns);
  ASSERT_TRUE(watch.WaitFor("orders")) << "what was there already";
  Do({"orders", "cancel", "T-75", "--initiator", "customer", "--reason", "customer_request"});
  ASSERT_TRUE(watch.WaitFor("cancel"));
  watch.Interrupt();
  const Ran stopped = watch.Finish();
  EXPECT_EQ(stopped.code, 0);
  EXPECT_THAT(stopped.output, HasSubstr("makegoodctl orders watch T-75 --resume-token "));
}

TEST_F(MakegoodctlTest, SYS_02_AnAnswerThatWasLostIsAskedForAgainAndCountsOnce) {
  CreateOrder("T-80");
  testing::LossyProxy proxy(suite_->port(), {.mark = "PostMessage"});
  const Ran posted =
      Running(Command({"chat", "post", "T-80", "It leaves today."}, proxy.address()), 0).Finish();
  EXPECT_EQ(posted.code, 0) << posted.error;
  EXPECT_EQ(proxy.dropped(), 1);
  EXPECT_GE(proxy.connections(), 2);
  const Ran thread = Run({"chat", "list", "T-80", "--output", "json"});
  EXPECT_EQ(std::count(thread.output.begin(), thread.output.end(), '\n'), 1) << thread.output;
}

TEST_F(MakegoodctlTest, CLM_02_AFileThatIsNoPhotoKeepsNoOtherFromBeingSent) {
  Ship("T-92");
  Settle(Now());
  Do(Words{"orders", "deliver", "T-92", Now()} + kEmployee);
  Settle(Now());
  const std::string claim =
      Do(Words{"claims", "open", "T-92", "damaged", "--unit", "line_id=1,quantity=1"} + kCustomer)
          .Value("claim_id");
  const std::string jpg = testing::SourceFile("tools/tour/season/photo.jpg");
  const std::string text = testing::SourceFile("tools/tour/season/not_a_photo.jpg");
  const std::string png = testing::SourceFile("tools/tour/season/photo.png");
  const Ran sent = Run(Words{"claims", "evidence", "upload", claim, jpg, text, png} + kCustomer);
  EXPECT_EQ(sent.code, 3);
  EXPECT_THAT(sent.error, HasSubstr("Sent: 2 of 3 files. Not sent: " + text));
  const Ran shown = Do({"claims", "show", claim});
  EXPECT_EQ(shown.Value("evidence[1].content_type"), "image/png");
  const testing::ScratchFolder folder;
  const Ran denied = Run({"claims", "evidence", "download", claim, shown.Value("evidence[0].evidence_id"),
                          "-o", folder.Path("none/photo.jpg")});
  EXPECT_EQ(denied.code, 1);
  EXPECT_THAT(denied.error, HasSubstr("cannot be written: No such file or directory"));
}

TEST(MakegoodctlHelpTest, FitsTheTerminalAndTheVersionIsTold) {
  const Words ctl = {testing::Program("tools/makegoodctl/makegoodctl")};
  const Ran help = Running(ctl + Words{"--help"}, kColumns).Finish();
  EXPECT_EQ(help.code, 0);
  for (const std::string& line : help.Lines()) EXPECT_LE(ctl::DisplayWidth(line), size_t{kColumns}) << line;
  const Ran version = Running(ctl + Words{"--version"}, 0).Finish();
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.output, StartsWith("Makegood "));
}

TEST_F(MakegoodctlTest, SYS_02_AnUnknownOutcomeTellsHowToRepeatItSafely) {
  const std::string nobody = absl::StrCat("127.0.0.1:", testing::FreePort());
  const Ran ran = Running(Command({"claims", "approve", "clm-0a-00112233445566778899"}, nobody), 0).Finish();
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.error, AllOf(HasSubstr("tools/run"), HasSubstr("--request-id ctl-")));
  EXPECT_EQ(Running(Command({"events", "watch"}, nobody), 0).Finish().code, 5);
}

// Ends while the server is frozen, within the time it was given.
Ran InTime(const Words& words) {
  const absl::Time begun = absl::Now();
  Ran ran = Running(words, 0).Finish();
  EXPECT_LT(absl::Now() - begun, absl::Seconds(45)) << "without --timeout 0.5 it would be a minute";
  EXPECT_EQ(ran.code, 5) << ran.error;
  return ran;
}

TEST_F(MakegoodctlTest, SYS_06_AServerThatHangsEndsTheCommandInTimeWithWhatToDoNext) {
  CreateOrder("T-90");
  const std::string photo = testing::SourceFile("tests/data/parcel.jpg");
  const testing::ScratchFolder folder;
  const std::string csv = folder.Path("orders.csv");
  testing::WriteFile(csv, "order_id\n");
  const auto given = [](const Words& words) { return Command(words + Words{"--timeout", "0.5"}); };
  suite_->Freeze();
  const Ran shown = InTime(given({"orders", "show", "T-90"}));
  const Ran posted = InTime(given({"chat", "post", "T-90", "It leaves today.", "--request-id", "hung-1"}));
  const Ran sent = InTime(given({"claims", "evidence", "upload", "clm-0a-00112233445566778899", photo}));
  const Ran got = InTime(given({"claims", "evidence", "download", "clm-0a-00112233445566778899",
                                std::string(64, 'a'), "-o", folder.Path("copy")}));
  const Ran imported = InTime(given({"orders", "import", "--connector", "makegood", csv}));
  const Ran watched = InTime(given({"orders", "watch", "T-90"}));
  const Ran json = InTime(given({"orders", "show", "T-90", "--output", "json"}));
  const Ran watched_by_a_person = AtTerminal({"orders", "show", "T-90", "--timeout", "2.5"});
  suite_->Thaw();
  for (const Ran& ran : {shown, posted, sent, got}) {
    EXPECT_THAT(ran.error,
                AllOf(HasSubstr("no answer: "), HasSubstr("500ms"), HasSubstr("--timeout SECONDS")));
  }
  EXPECT_THAT(posted.error, HasSubstr("The same again is safe, it counts once: "));
  EXPECT_THAT(imported.error, HasSubstr("no server answers"));
  EXPECT_THAT(watched.error, HasSubstr("no server answers"));
  EXPECT_TRUE(IsJson(json.error)) << json.error;
  EXPECT_THAT(json.error, HasSubstr("\"exit_code\":5"));
  EXPECT_THAT(watched_by_a_person.output, HasSubstr("\r\033[K\033[31mmakegoodctl:"))
      << "what turned is gone before the error is told";
  // What it told to do next does it, once.
  for (int i = 0; i < 2; ++i) Do({"chat", "post", "T-90", "It leaves today.", "--request-id", "hung-1"});
  EXPECT_THAT(Do({"chat", "list", "T-90"}).Lines(), SizeIs(1));
}

TEST_F(MakegoodctlTest, CLM_02_EvidenceIsListedWithItsSizeAndTimeOnANarrowTerminalToo) {
  Ship("T-91");
  Settle(Now());
  Do(Words{"orders", "deliver", "T-91", Now()} + kEmployee);
  Settle(Now());
  const std::string claim =
      Do(Words{"claims", "open", "T-91", "damaged", "--unit", "line_id=1,quantity=1"} + kCustomer)
          .Value("claim_id");
  const std::string photo = testing::SourceFile("tests/data/parcel.jpg");
  Do(Words{"claims", "evidence", "upload", claim, photo} + kCustomer);
  const std::string evidence = Do({"claims", "show", claim}).Value("evidence[0].evidence_id");
  const std::vector<std::string> lines =
      Running(Command({"claims", "show", claim, "--utc"}), kColumns, {"NO_COLOR=1"}).Finish().Lines();
  const auto id = std::find(lines.begin(), lines.end(), absl::StrCat("  ", evidence, "  image/jpeg"));
  ASSERT_NE(id, lines.end()) << "whole, to be copied";
  EXPECT_THAT(*std::next(id), ContainsRegex("^    [0-9.]+ k?B +2026-09-0. ..:.. \\+00:00$"));
}

TEST_F(MakegoodctlTest, AnIdsBeginningIsEnoughWhereOneOnlyBeginsSo) {
  std::vector<std::string> claims;
  for (const char* order : {"T-93", "T-94"}) {
    Ship(order);
    Settle(Now());
    Do(Words{"orders", "deliver", order, "now"} + kEmployee);
    Settle(Now());
    claims.push_back(
        Do(Words{"claims", "open", order, "damaged", "--unit", "line_id=1,quantity=1"} + kCustomer)
            .Value("claim_id"));
  }
  EXPECT_EQ(Do({"claims", "show", claims[0].substr(0, 26)}).Value("claim_id"), claims[0]);
  EXPECT_EQ(Do(Words{"claims", "show", claims[1].substr(4, 22)} + kCustomer).Value("claim_id"), claims[1]);
  const Ran several = Run({"claims", "approve", "clm-"});
  EXPECT_EQ(several.code, 2);
  EXPECT_THAT(several.error, AllOf(HasSubstr("begins"), HasSubstr(claims[0]), HasSubstr(claims[1])));
  EXPECT_EQ(Run({"claims", "show", "clm-zz"}).code, 1);
  EXPECT_EQ(Run({"orders", "show", "T-9"}).code, 1) << "order numbers are not ours to guess";

  const Words tab = {testing::Program("tools/makegoodctl/makegoodctl"), "__complete", "--server",
                     suite_->address()};
  EXPECT_THAT(Running(tab + Words{"claims", "show", claims[0].substr(0, 26)}, 0).Finish().Lines(),
              ::testing::ElementsAre(claims[0]));
  EXPECT_THAT(Running(tab + Words{"claims", "list", "--order-id", "T-93"}, 0).Finish().Lines(),
              ::testing::ElementsAre("T-93"));
  suite_->Freeze();
  const absl::Time begun = absl::Now();
  EXPECT_THAT(Running(tab + Words{"claims", "show", "clm-"}, 0).Finish().Lines(), SizeIs(0));
  EXPECT_LT(absl::Now() - begun, absl::Seconds(20)) << "TAB waits for nobody";
  suite_->Thaw();
}

}  // namespace
}  // namespace makegood
