// What people get wrong, and what they are told: before anything is sent.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/files.h"
#include "tools/makegoodctl/command_line/command_line.h"

namespace makegood::ctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Told {
  int code = 0;
  std::string error;
};

// Nobody listens where the commands would go to.
Told Try(std::vector<std::string> words) {
  words.insert(words.begin(), {"--timeout", "0.1"});
  ::testing::internal::CaptureStderr();
  const int code = CommandLine().Run(words);
  return {code, ::testing::internal::GetCapturedStderr()};
}

TEST(MistakesTest, SYS_07_WhoCallsAndWhereToAreLookedAtBeforeAnythingIsSent) {
  for (const char* wrong : {"", "a b", "\xc4\x8d", "\xff\xfe"}) {
    const Told actor = Try({"orders", "list", "--actor", wrong});
    EXPECT_EQ(actor.code, kWrongUsage) << wrong;
    EXPECT_THAT(actor.error, AllOf(HasSubstr("--actor  is "), Not(HasSubstr("--role"))));
  }
  EXPECT_THAT(Try({"events", "watch", "--store", "\xff"}).error, HasSubstr("--store  is no id"));
  EXPECT_THAT(Try({"orders", "import", "--connector", "olist", "o.csv", "--store", "a b"}).error,
              HasSubstr("--store  is no id"));
  const Told all = Try({"orders", "show", "M-1", "--actor", "", "--role", "king", "--server", "here"});
  EXPECT_THAT(all.error, AllOf(HasSubstr("--role "), HasSubstr("--actor "), HasSubstr("--server ")));
}

TEST(MistakesTest, ROL_08_TheCustomersWordIsAskedForWithEverythingElseThatIsMissing) {
  const Told told = Try({"claims", "choose", "clm-1"});
  EXPECT_EQ(told.code, kWrongUsage);
  EXPECT_THAT(told.error, AllOf(HasSubstr("--resolution"), HasSubstr("--customer-word")));
  const Told customer = Try({"claims", "choose", "clm-1", "--role", "customer", "--actor", "c-1"});
  EXPECT_THAT(customer.error, AllOf(HasSubstr("--resolution"), Not(HasSubstr("--customer-word"))));
}

TEST(MistakesTest, AKindOfEventThatThereIsNotIsToldWithThoseNearIt) {
  const Told told = Try({"events", "watch", "--kind", "claim_aproved"});
  EXPECT_EQ(told.code, kWrongUsage);
  EXPECT_THAT(told.error, AllOf(HasSubstr("--kind"), HasSubstr("claim_approved")));
}

TEST(MistakesTest, PAY_08_AnAmountMayBeTypedAsTwoWords) {
  const Told told = Try({"payments", "record", "M-1", "1697.00", "CZK", "--reference", "r-1", "--destination",
                         "store_account"});
  EXPECT_THAT(told.error, HasSubstr("record M-1 '1697.00 CZK' --reference"));
  EXPECT_THAT(Try({"payments", "record", "M-1", "CZK", "899.00"}).error, HasSubstr("--reference"));
  EXPECT_THAT(Try({"chat", "post", "1001", "TRY"}).error, HasSubstr("chat post 1001 TRY"))
      << "as it was typed";
  EXPECT_THAT(Try({"payments", "record", "M-1", "1697.00"}).error, HasSubstr("199.00 CNY"));
}

TEST(MistakesTest, AServerIsAHostAndAPort) {
  for (const char* wrong : {"", "foo", "http://127.0.0.1:17400", ":17400", "127.0.0.1:abc", "127.0.0.1",
                            "a:1:33", "127.0.0.1:99999", "127.0.0.1:0", "[::1:80", "::1:80", "[abc:80"}) {
    const Told told = Try({"orders", "list", "--server", wrong});
    EXPECT_EQ(told.code, kWrongUsage) << wrong;
    EXPECT_THAT(told.error, HasSubstr("is not HOST:PORT")) << wrong;
  }
  for (const char* right : {"127.0.0.1:1", "[::1]:1"}) {
    EXPECT_EQ(Try({"orders", "list", "--server", right}).code, kUnreachable) << right;
  }
}

TEST(MistakesTest, SYS_07_TextThatIsNoUtf8IsToldByItsOption) {
  const std::vector<std::vector<std::string>> commands = {
      {"chat", "post", "F-1", "\xff\xfe"},
      {"orders", "list", "--merchant-id", "\xff"},
      {"orders", "create", "O-1", "--customer-name", "\xff"},
      {"orders", "create", "O-1", "--line", "line_id=1,sku=\xff"},
      {"chat", "post", "F-1", "text", "--request-id", "\xff"}};
  for (const std::vector<std::string>& command : commands) {
    const Told told = Try(command);
    EXPECT_EQ(told.code, kWrongUsage) << command[1];
  }
  EXPECT_THAT(Try(commands[0]).error, HasSubstr("--text  is no UTF-8"));
  EXPECT_THAT(Try(commands[3]).error, HasSubstr("--line  is no UTF-8"));
}

TEST(MistakesTest, WhatIsWrongWithAnOptionIsToldInOurWords) {
  EXPECT_THAT(Try({"scorecard", "show", "mall", "--first-day", "a", "--first-day", "b"}).error,
              HasSubstr("makegoodctl: --first-day is given twice\n"));
  EXPECT_THAT(Try({"events", "watch", "--resume"}).error, HasSubstr("--resume wants a value: FILE"));
  EXPECT_THAT(Try({"events", "watch", "--timeout", "abc"}).error,
              HasSubstr("--timeout: \"abc\" is not a number of seconds above 0"));
  EXPECT_THAT(Try({"orders", "lst"}).error, HasSubstr("there is no command \"lst\", is it list? There are "));
}

TEST(MistakesTest, AnOptionIsSuggestedThatIsNearOrBeginsSo) {
  EXPECT_THAT(Try({"refunds", "fail", "x", "--reason", "y"}).error,
              HasSubstr("there is no option --reason\n"));
  EXPECT_THAT(Try({"scorecard", "show", "mall", "--to", "y"}).error, HasSubstr("there is no option --to\n"));
  EXPECT_THAT(Try({"claims", "list", "--overdue"}).error, HasSubstr("--overdue, is it --overdue-only?"));
  EXPECT_THAT(Try({"claims", "list", "--stat=x"}).error, HasSubstr("no option --stat, is it --state?"));
}

TEST(MistakesTest, ErrorsInJsonHaveTheirKeysInOneOrder) {
  EXPECT_EQ(Try({"orders", "list", "--actor", "", "-o", "json"}).error,
            R"({"code":"INVALID_ARGUMENT","message":"--actor: is empty","exit_code":2,)"
            R"("fields":[{"option":"--actor","problem":"is empty"}],)"
            R"("next":["What it takes: makegoodctl orders list --help"]})"
            "\n");
}

TEST(MistakesTest, SYS_07_EventsAreWatchedOfASourceThereIsAndFromAFileThatCanBeKept) {
  const Told bogus = Try({"events", "watch", "bogus"});
  EXPECT_EQ(bogus.code, kWrongUsage);
  EXPECT_THAT(bogus.error, HasSubstr("\"bogus\" is not one of orders, claims, payments, notifications"));
  EXPECT_EQ(Try({"events", "stuck", "bogus"}).code, kWrongUsage);
  const testing::ScratchFolder folder;
  EXPECT_THAT(Try({"events", "watch", "--resume", folder.path()}).error, HasSubstr("Is a directory"));
  const Told unwritable = Try({"events", "watch", "--resume", folder.Path("none/positions")});
  EXPECT_EQ(unwritable.code, kFailed);
  EXPECT_THAT(unwritable.error, HasSubstr("cannot be written: No such file"));
}

TEST(MistakesTest, AFileNameThatIsNoUtf8IsToldInJsonToo) {
  const Told told = Try({"orders", "create", "--from", "/none/\xff", "--output", "json"});
  EXPECT_EQ(told.code, kFailed);
  EXPECT_THAT(told.error, AllOf(HasSubstr("/none/\xEF\xBF\xBD"), Not(HasSubstr("libprotobuf"))));
}

TEST(MistakesTest, AFileIsReadUpToALimitAndAFolderIsNone) {
  const Told endless = Try({"orders", "create", "--from", "/dev/zero"});
  EXPECT_EQ(endless.code, kWrongUsage);
  EXPECT_THAT(endless.error, HasSubstr("longer than"));
  EXPECT_THAT(Try({"orders", "create", "--from", "/"}).error, HasSubstr("cannot be read: Is a directory"));
}

// Runs `words` while nothing can be written to standard output.
Told RunOnAFullDisk(const std::vector<std::string>& words) {
  std::fflush(stdout);
  const int kept = dup(STDOUT_FILENO);
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  dup2(full, STDOUT_FILENO);
  Told told = Try(words);
  std::clearerr(stdout);
  std::cout.clear();  // help goes by it, and after a failure it would write nothing any more
  dup2(kept, STDOUT_FILENO);
  close(full);
  close(kept);
  return told;
}

TEST(MistakesTest, WhatCannotBeWrittenToStandardOutputIsAFailure) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"completion", "bash"}, {"--help"}, {"orders", "create", "--help"}}) {
    const Told told = RunOnAFullDisk(words);
    EXPECT_EQ(told.code, kFailed) << words[0];
    EXPECT_THAT(told.error, HasSubstr("standard output cannot be written: No space left on device"));
  }
}

}  // namespace
}  // namespace makegood::ctl
