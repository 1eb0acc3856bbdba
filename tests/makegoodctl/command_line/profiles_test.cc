// Who calls, said once: the file, and what wins over what.
#include "tools/makegoodctl/command_line/profiles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "tests/support/files.h"
#include "tools/makegoodctl/command_line/command_line.h"
#include "tools/makegoodctl/command_line/who.h"

namespace makegood::ctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kText[] =
    "# mine\n"
    "use shop\n"
    "profile shop\n"
    "  role store_employee\n"
    "  actor e-1\n"
    "  store m-100\n"
    "profile boss\n"
    "  role operations\n"
    "  actor o-2\n"
    "  server 127.0.0.1:9\n";

// A variable of the environment, as long as this lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

TEST(ProfilesTest, TheFileIsReadAsItIsWritten) {
  const auto read = ParseProfiles(kText);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->in_use, "shop");
  EXPECT_EQ(read->by_name.at("shop").store, "m-100");
  const auto again = ParseProfiles(WriteProfiles(*read));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(WriteProfiles(*again), WriteProfiles(*read));
}

TEST(ProfilesTest, ALineThatCannotBeReadIsNamed) {
  for (const char* wrong :
       {"use a b", "role customer", "profile x\n king y", "profile x\nprofile x", "profile"}) {
    const auto read = ParseProfiles(wrong);
    ASSERT_FALSE(read.ok()) << wrong;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr("line ")) << wrong;
  }
}

TEST(ProfilesTest, AFileThatIsNotThereHoldsNone) {
  const testing::ScratchFolder folder;
  const std::string path = folder.Path("deep/er/profiles");
  ASSERT_TRUE(LoadProfiles(path).ok());
  EXPECT_TRUE(LoadProfiles(path)->by_name.empty());
  ASSERT_TRUE(SaveProfiles(path, *ParseProfiles(kText)).ok());
  EXPECT_EQ(LoadProfiles(path)->by_name.size(), 2U);
}

class WhoTest : public ::testing::Test {
 protected:
  void SetUp() override { testing::WriteFile(path_, kText); }

  // Who calls where some options were given.
  Settings Who(const std::set<std::string>& given, Settings settings) const {
    const absl::Status filled = FillInWho(given, path_, settings);
    EXPECT_TRUE(filled.ok()) << filled;
    return settings;
  }

  const testing::ScratchFolder folder_;
  const std::string path_ = folder_.Path("profiles");
};

TEST_F(WhoTest, TheOneInUseSaysItWhereNothingElseDoes) {
  const Settings who = Who({}, {});
  EXPECT_EQ(who.role, "store_employee");
  EXPECT_EQ(who.store, "m-100");
  EXPECT_EQ(who.server, Settings().server) << "it names none";
  EXPECT_EQ(who.from.at("role"), "profile shop, by profile use");
  EXPECT_EQ(who.from.at("server"), "as usual");
}

TEST_F(WhoTest, OptionsWinThenAsThenTheEnvironment) {
  const Variable role("MAKEGOOD_ROLE", "auditor");
  EXPECT_EQ(Who({}, {}).role, "auditor") << "it is nearer than the profile in use";
  Settings as;
  as.as = "boss";
  EXPECT_EQ(Who({}, as).role, "operations");
  EXPECT_EQ(Who({}, as).server, "127.0.0.1:9");
  as.role = "customer";
  EXPECT_EQ(Who({"role"}, as).role, "customer");
  EXPECT_EQ(Who({"role"}, as).actor, "o-2");
  EXPECT_EQ(Who({"role"}, as).from.at("role"), "--role");
}

TEST_F(WhoTest, AProfileThatIsNamedLeavesNoStoreFromElsewhere) {
  const Variable store("MAKEGOOD_STORE", "m-7");
  Settings as;
  as.as = "boss";
  EXPECT_EQ(Who({}, as).store, "");
}

TEST_F(WhoTest, TheEnvironmentMayNameOne) {
  const Variable profile("MAKEGOOD_PROFILE", "boss");
  EXPECT_EQ(Who({}, {}).actor, "o-2");
}

TEST_F(WhoTest, OneThatIsNotThereIsToldWithThoseThatAre) {
  Settings as;
  as.as = "sohp";
  const absl::Status filled = FillInWho({}, path_, as);
  ASSERT_FALSE(filled.ok());
  EXPECT_THAT(filled.ToString(), HasSubstr("boss, shop"));
}

// The output of a run of the whole program.
struct Heard {
  int code = 0;
  std::string output;
  std::string error;
};

Heard Say(const std::vector<std::string>& words) {
  std::cout.clear();  // another test wrote to a full disk
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const int code = CommandLine().Run(words);
  return {code, ::testing::internal::GetCapturedStdout(), ::testing::internal::GetCapturedStderr()};
}

TEST(ProfileCommandsTest, SetUseShowListDelete) {
  const testing::ScratchFolder folder;
  const Variable home("XDG_CONFIG_HOME", folder.path());
  EXPECT_THAT(Say({"profile", "set", "shop", "--role", "customer"}).error, HasSubstr("--actor"));
  EXPECT_EQ(Say({"profile", "set", "shop", "--role", "ROLE_CUSTOMER", "--actor", "c-1"}).code, kDone);
  EXPECT_EQ(Say({"profile", "set", "shop", "--actor", "c-2"}).code, kDone) << "the rest stays";
  EXPECT_EQ(Say({"profile", "use", "shop"}).output,
            "From now on calls: customer c-2 (profile shop, by profile use)\n");
  EXPECT_EQ(Say({"profile", "use", "shop", "-o", "json"}).output, "");
  EXPECT_THAT(Say({"profile", "list", "-o", "json"}).output, HasSubstr("\"in_use\":true}"));
  EXPECT_EQ(Say({"profile", "list", "-o", "text"}).output, "shop\tcustomer\tc-2\t\t\tyes\n");
  EXPECT_THAT(Say({"whoami", "-o", "text"}).output,
              AllOf(HasSubstr("role\tcustomer\tprofile shop, by profile use\n"), HasSubstr("actor\tc-2\t")));
  EXPECT_THAT(Say({"whoami", "-o", "text", "--actor", "c-3"}).output, HasSubstr("actor\tc-3\t--actor\n"));
  EXPECT_THAT(CommandLine().Complete({"whoami", "--as", ""}), ::testing::ElementsAre("shop"));
  EXPECT_EQ(Say({"profile", "use", "none-such"}).code, kFailed);
  EXPECT_THAT(Say({"profile", "use", "none-such"}).error, HasSubstr("there are shop"));
  EXPECT_EQ(Say({"whoami", "--as", "none-such"}).code, kWrongUsage);
  EXPECT_EQ(Say({"profile", "use", "--none"}).code, kDone);
  EXPECT_EQ(Say({"profile", "show"}).code, kFailed);
  EXPECT_EQ(Say({"profile", "use", "shop"}).code, kDone);
  EXPECT_EQ(
      Say({"profile", "delete", "shop"}).output,
      "profile shop is forgotten; it was in use. From now on calls: operations operations-1 (as usual)\n");
  EXPECT_EQ(Say({"profile", "list", "-o", "text"}).output, "");
}

TEST(ProfileCommandsTest, WhoAmIIsOneObject) {
  EXPECT_EQ(Say({"whoami", "-o", "json", "--role", "customer", "--actor", "c-1"}).output,
            R"({"server":{"value":"127.0.0.1:7400","from":"as usual"},)"
            R"("role":{"value":"customer","from":"--role"},)"
            R"("actor":{"value":"c-1","from":"--actor"},)"
            R"("store":{"value":"","from":"as usual"}})"
            "\n");
}

TEST(ProfileCommandsTest, AFileThatCannotBeReadStopsWhatWouldCallAsSomebodyElse) {
  const testing::ScratchFolder folder;
  const Variable home("XDG_CONFIG_HOME", folder.path());
  ASSERT_EQ(Say({"profile", "set", "shop", "--role", "customer", "--actor", "c-1"}).code, kDone);
  testing::WriteFile(folder.Path("makegood/profiles"), "king x\n");
  const Heard told = Say({"whoami"});
  EXPECT_EQ(told.code, kWrongUsage);
  EXPECT_THAT(told.error, AllOf(HasSubstr("makegood/profiles"), HasSubstr("line 1")));
}

TEST(HelpCommandTest, HelpAndVersionAreCommandsToo) {
  EXPECT_EQ(Say({"help", "claims", "approve"}).output, Say({"claims", "approve", "--help"}).output);
  EXPECT_EQ(Say({"help"}).output, Say({"--help"}).output);
  EXPECT_EQ(Say({"help", "claims", "aprove"}).code, kWrongUsage);
  EXPECT_THAT(Say({"help", "nope"}).error, AllOf(HasSubstr("There are orders, "), HasSubstr(", whoami")));
  EXPECT_EQ(Say({"version"}).output, Say({"--version"}).output);
  EXPECT_THAT(Say({"version", "-o", "json"}).output, HasSubstr(R"({"name":"makegoodctl","version":")"));
  EXPECT_THAT(Say({"completion", "fish"}).output, HasSubstr("complete -c makegoodctl"));
}

}  // namespace
}  // namespace makegood::ctl
