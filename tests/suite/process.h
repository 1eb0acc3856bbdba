// Real processes of the suite, started and ended by tests.
#pragma once

#include <netinet/in.h>
#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace makegood::testing {

// 127.0.0.1 with that port; 0 is any.
sockaddr_in Loopback(int port);

// A port on 127.0.0.1 that nobody listens on now.
int FreePort();

// Somebody who listens on a port of 127.0.0.1, 0 for a free one, while this lives.
class TakenPort {
 public:
  explicit TakenPort(int port);
  ~TakenPort();
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;

  int port() const { return port_; }

 private:
  const int fd_;
  int port_ = 0;
};

// A program of the build, by its path below the build folder.
std::string Program(const std::string& path);

// A file of the project.
std::string SourceFile(const std::string& path);

// One running program, or none. Dies with the test.
class Process {
 public:
  Process() = default;
  // Starts `command`; its output goes to `log`, or where the test's goes if that is empty.
  Process(std::vector<std::string> command, const std::string& log);
  Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Process& operator=(Process&& other) noexcept;
  ~Process();

  // Ends it at once, as a power cut would.
  void Kill();
  // Stops it where it stands, alive but deaf; and lets it go on.
  void Freeze();
  void Thaw();
  // Asks it to end, and returns its exit code, or -1 if it had to be killed after `patience`.
  int Stop(absl::Duration patience = absl::Seconds(30));
  // Waits until it ends by itself; its exit code, or -1 if it had to be killed after `patience`.
  int Wait(absl::Duration patience);

 private:
  pid_t pid_ = -1;
};

// Waits until a server accepts connections on the port; false after `patience`.
bool WaitForPort(int port, absl::Duration patience);

}  // namespace makegood::testing
