#include "tests/suite/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace makegood::testing {
namespace {

// The folder that ctest names in `variable`, or `fallback` for a test started by hand.
std::string FolderOf(const char* variable, const char* fallback) {
  const char* const folder = std::getenv(variable);
  return folder == nullptr ? fallback : folder;
}

}  // namespace

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

int FreePort() {
  // Below those that the kernel hands out, and tests that run side by side choose from ranges of their own.
  static std::atomic<int> next = [] {
    const char* const shard = std::getenv("GTEST_SHARD_INDEX");
    return 10'000 + (shard == nullptr ? 0 : std::atoi(shard)) * 4'000 + getpid() % 2'000;
  }();
  while (true) {
    const int port = next++;
    const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(port);
    const bool is_free = bind(socket_fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    close(socket_fd);
    if (is_free) return port;
  }
}

TakenPort::TakenPort(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int on = 1;
  setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address = Loopback(port);
  socklen_t length = sizeof(address);
  EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), length), 0);
  EXPECT_EQ(listen(fd_, 1), 0);
  EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length), 0);
  port_ = ntohs(address.sin_port);
}

TakenPort::~TakenPort() { close(fd_); }

std::string Program(const std::string& path) {
  return absl::StrCat(FolderOf("MAKEGOOD_BINARY_DIR", "build/dev"), "/", path);
}

std::string SourceFile(const std::string& path) {
  return absl::StrCat(FolderOf("MAKEGOOD_SOURCE_DIR", "."), "/", path);
}

Process::Process(std::vector<std::string> command, const std::string& log) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  if (!log.empty()) {
    const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
  }
  execv(arguments[0], arguments.data());
  _exit(127);
}

Process& Process::operator=(Process&& other) noexcept {
  Kill();
  pid_ = std::exchange(other.pid_, -1);
  return *this;
}

Process::~Process() { Kill(); }

void Process::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void Process::Freeze() {
  if (pid_ > 0) kill(pid_, SIGSTOP);
}

void Process::Thaw() {
  if (pid_ > 0) kill(pid_, SIGCONT);
}

int Process::Stop(absl::Duration patience) {
  if (pid_ > 0) kill(pid_, SIGTERM);
  return Wait(patience);
}

int Process::Wait(absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (pid_ > 0 && absl::Now() < deadline) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
  Kill();
  return -1;
}

bool WaitForPort(int port, absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (absl::Now() < deadline) {
    const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(port);
    const bool open = connect(socket_fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    close(socket_fd);
    if (open) return true;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return false;
}

}  // namespace makegood::testing
