#include "tests/suite/person.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "tests/support/files.h"

namespace makegood::testing {
namespace {

constexpr absl::Duration kTurn = absl::Milliseconds(50);

// Settings of nobody, where programs may leave some: not the profiles of who runs the tests.
const std::string& ConfigFolder() {
  static const ScratchFolder folder;
  return folder.path();
}

// Becomes `command`; never returns.
[[noreturn]] void Become(std::vector<std::string>& command, const std::vector<std::string>& settings) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const char* name : {"COLUMNS", "NO_COLOR", "TZ"}) unsetenv(name);
  setenv("TERM", "xterm", 1);
  setenv("XDG_CONFIG_HOME", ConfigFolder().c_str(), 1);
  for (const std::string& setting : settings) putenv(const_cast<char*>(setting.c_str()));
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

// Appends what can be read now; false at the end.
bool Drain(int& file, std::string& into) {
  std::array<char, 4096> piece{};
  const ssize_t got = read(file, piece.data(), piece.size());
  if (got > 0) {
    into.append(piece.data(), static_cast<size_t>(got));
    return true;
  }
  close(file);
  file = -1;
  return false;
}

}  // namespace

std::vector<std::string> Ran::Lines() const {
  std::vector<std::string> lines = absl::StrSplit(absl::StrReplaceAll(output, {{"\r", ""}}), '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string Ran::Value(const std::string& name) const {
  for (const std::string& line : Lines()) {
    absl::string_view rest = line;
    if (absl::ConsumePrefix(&rest, absl::StrCat(name, "\t"))) return std::string(rest);
  }
  return "";
}

Running::Running(std::vector<std::string> command, int columns, const std::vector<std::string>& settings)
    : terminal_(columns > 0) {
  ConfigFolder();  // made here, and not by each child
  if (terminal_) {
    winsize size{};
    size.ws_col = static_cast<unsigned short>(columns);
    size.ws_row = 24;
    pid_ = forkpty(&output_, nullptr, nullptr, &size);
    if (pid_ == 0) Become(command, settings);
    return;
  }
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0) return;
  pid_ = fork();
  if (pid_ == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    Become(command, settings);
  }
  close(out[1]);
  close(err[1]);
  output_ = out[0];
  error_ = err[0];
}

Running::~Running() {
  Kill();
  if (output_ >= 0) close(output_);
  if (error_ >= 0) close(error_);
}

void Running::Type(const std::string& keys) { (void)!write(output_, keys.data(), keys.size()); }

void Running::Interrupt() {
  if (terminal_) {
    Type("\x03");
  } else if (pid_ > 0) {
    kill(pid_, SIGINT);
  }
}

void Running::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

// Not by the times of wait4: those count what this test had before it became the other program.
void Running::LookAtMemory() {
  std::ifstream status(absl::StrCat("/proc/", pid_, "/status"));
  for (std::string line; std::getline(status, line);) {
    int64_t kibibytes = 0;
    absl::string_view rest = line;
    if (!absl::ConsumePrefix(&rest, "VmHWM:") || !absl::ConsumeSuffix(&rest, " kB")) continue;
    if (absl::SimpleAtoi(rest, &kibibytes)) ran_.peak_bytes = std::max(ran_.peak_bytes, kibibytes * 1024);
  }
}

bool Running::ReadSome(absl::Duration patience) {
  std::array<pollfd, 2> files{pollfd{output_, POLLIN, 0}, pollfd{error_, POLLIN, 0}};
  if (poll(files.data(), files.size(), static_cast<int>(absl::ToInt64Milliseconds(patience))) <= 0)
    return true;
  if (files[0].revents != 0) Drain(output_, ran_.output);
  if (files[1].revents != 0) Drain(error_, ran_.error);
  return output_ >= 0 || error_ >= 0;
}

bool Running::WaitFor(const std::string& text, absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (ran_.output.find(text) == std::string::npos) {
    if (absl::Now() > deadline || (output_ < 0 && error_ < 0)) return false;
    ReadSome(kTurn);
  }
  return true;
}

Ran Running::Finish(absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (absl::Now() < deadline && ReadSome(kTurn)) LookAtMemory();
  while (pid_ > 0 && absl::Now() < deadline) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      ran_.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
      return ran_;
    }
    absl::SleepFor(kTurn);
  }
  Kill();
  return ran_;
}

}  // namespace makegood::testing
