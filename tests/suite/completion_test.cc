// Completion in real shells, as fingers know it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/suite/person.h"
#include "tests/suite/process.h"
#include "tests/support/files.h"

namespace makegood {
namespace {

using testing::Ran;
using testing::Running;

using Words = std::vector<std::string>;

TEST(CompletionTest, RealBashCompletesNounsVerbsOptionsAndValues) {
  const std::string program = testing::Program("tools/makegoodctl/makegoodctl");
  const auto complete = [&program](const std::string& words, int last) {
    const std::string script =
        absl::StrCat("source <('", program, "' completion bash) && COMP_WORDS=('", program, "' ", words,
                     ") COMP_CWORD=", last,
                     " && _makegoodctl && complete -p makegoodctl >/dev/null && printf "
                     "'%s\\n' \"${COMPREPLY[@]}\"");
    const Ran ran = Running({"/bin/bash", "-c", script}, 0).Finish();
    EXPECT_EQ(ran.code, 0) << ran.error;
    return ran.Lines();
  };
  EXPECT_EQ(complete("cla", 1), Words{"claims"});
  EXPECT_EQ(complete("claims app", 2), (Words{"approve", "appeal"}));
  EXPECT_EQ(complete("claims approve --exp", 3), Words{"--expected-version"});
  EXPECT_EQ(complete("claims list --state ver", 4), Words{"verifying"});
  EXPECT_EQ(complete("claims open M-1 ''", 4), (Words{"missing", "wrong", "damaged"}));
}

TEST(CompletionTest, RealFishCompletesNounsVerbsOptionsAndValues) {
  const testing::ScratchFolder home;
  const auto complete = [&home](const std::string& words) {
    const std::string program = testing::Program("tools/makegoodctl/makegoodctl");
    const std::string folder = program.substr(0, program.rfind('/'));
    const Ran ran =
        Running({"/usr/bin/fish", "-c",
                 absl::StrCat("source (makegoodctl completion fish | psub); complete -C '", words, "'")},
                0, {"HOME=" + home.path(), absl::StrCat("PATH=", folder, ":/usr/bin:/bin")})
            .Finish();
    EXPECT_EQ(ran.code, 0) << ran.error;
    return ran.Lines();
  };
  EXPECT_EQ(complete("makegoodctl cla"), Words{"claims"});
  EXPECT_EQ(complete("makegoodctl claims app"), (Words{"appeal", "approve"}));
  EXPECT_EQ(complete("makegoodctl claims approve --exp"), Words{"--expected-version"});
  EXPECT_EQ(complete("makegoodctl claims list --state ver"), Words{"verifying"});
  testing::WriteFile(home.Path("orders-of-may.csv"), "order_id\n");
  EXPECT_EQ(complete("makegoodctl orders import " + home.Path("orders-of")),
            Words{home.Path("orders-of-may.csv")})
      << "where a file is wanted";
}

// A zsh at a terminal, set up as its manual says. Ctrl-T writes the line as it stands into a file.
class Zsh {
 public:
  // `before` comes before compinit, `after` behind it.
  Zsh(const std::string& before, const std::string& after)
      : shell_({"/bin/zsh", "-d", "-i"}, 80, {WithRc(before, after), PathVariable()}) {}

  bool Ready() { return shell_.WaitFor("shell-is-ready"); }

  // What the line is once `typed`, Tab included, has been taken.
  std::string LineAfter(const std::string& typed) {
    testing::WriteFile(Told(), "");
    shell_.Type(absl::StrCat("\x15", typed, "\x14"));
    std::string line;
    for (int turn = 0; turn < 200 && line.empty(); ++turn) {
      shell_.WaitFor("never shown", absl::Milliseconds(100));  // reads on
      std::ifstream told(Told());
      if (!std::getline(told, line) || told.eof()) line.clear();
    }
    return line;
  }
  // Whether what is shown holds `text` now or soon.
  bool Shows(const std::string& text) { return shell_.WaitFor(text, absl::Seconds(20)); }

  const std::string& home() const { return home_.path(); }

 private:
  std::string Told() const { return home_.Path("told"); }
  std::string WithRc(const std::string& before, const std::string& after) {
    testing::WriteFile(
        home_.Path(".zshrc"),
        absl::StrCat(
            before, "\nautoload -Uz compinit && compinit -u -D\n", after,
            "\n_tell() { print -r -- \"$BUFFER\" >> $ZDOTDIR/told }\nzle -N tell _tell\nbindkey -e\n",
            "bindkey '^T' tell\nPS1='shell-is-'ready' '\n"));
    return "ZDOTDIR=" + home();
  }
  static std::string PathVariable() {
    return absl::StrCat("PATH=", testing::Program("tools/makegoodctl"), ":/usr/bin:/bin");
  }

  const testing::ScratchFolder home_;
  Running shell_;
};

void ExpectZshCompletes(Zsh& shell) {
  ASSERT_TRUE(shell.Ready());
  EXPECT_EQ(shell.LineAfter("makegoodctl cla\t"), "makegoodctl claims ");
  EXPECT_EQ(shell.LineAfter("makegoodctl claims approve --exp\t"),
            "makegoodctl claims approve --expected-version ");
  EXPECT_EQ(shell.LineAfter("makegoodctl claims list --state ver\t"),
            "makegoodctl claims list --state verifying ");
  EXPECT_EQ(shell.LineAfter("makegoodctl orders list --output=js\t"),
            "makegoodctl orders list --output=json ");
  EXPECT_EQ(shell.LineAfter("makegoodctl claims app\t"), "makegoodctl claims app") << "two go on like this";
  EXPECT_TRUE(shell.Shows("appeal")) << "and are listed";
}

TEST(CompletionTest, RealZshCompletesWhenTheScriptIsSourced) {
  Zsh shell("", "source <(makegoodctl completion zsh)");
  ExpectZshCompletes(shell);
  const std::string begun = absl::StrCat("makegoodctl orders import ", shell.home(), "/orders-of");
  testing::WriteFile(shell.home() + "/orders-of-may.csv", "order_id\n");
  EXPECT_EQ(shell.LineAfter(begun + "\t"), begun + "-may.csv ") << "where a file is wanted";
}

TEST(CompletionTest, RealZshCompletesWhenTheScriptStandsAmongItsFunctions) {
  const testing::ScratchFolder functions;
  const Ran script =
      Running({testing::Program("tools/makegoodctl/makegoodctl"), "completion", "zsh"}, 0).Finish();
  ASSERT_EQ(script.code, 0);
  testing::WriteFile(functions.Path("_makegoodctl"), script.output);
  Zsh shell(absl::StrCat("fpath=(", functions.path(), " $fpath)"), "");
  ExpectZshCompletes(shell);
}

}  // namespace
}  // namespace makegood
