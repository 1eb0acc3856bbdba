// A real SMTP server for tests: Debian's python3-aiosmtpd in a process of its own (smtp_server.py).
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace makegood::testing {

// A message as Python's e-mail package reads it.
struct ReceivedEmail {
  std::string treatment;  // what the server did with it: ok, 451, drop
  std::map<std::string, std::string> headers;
  std::string body;
};

// Runs as long as this object; ends, with its process, when it is destroyed.
class SmtpServer {
 public:
  // `mode`: empty, "starttls", "smtps", "554" or "421"; see smtp_server.py.
  explicit SmtpServer(std::filesystem::path folder, const char* mode = "")
      : folder_(std::move(folder)), scheme_(std::string(mode) == "smtps" ? "smtps" : "smtp") {
    std::filesystem::create_directories(folder_);
    int to_child[2];
    int from_child[2];
    if (pipe2(to_child, O_CLOEXEC) != 0 || pipe2(from_child, O_CLOEXEC) != 0) {
      ADD_FAILURE() << "no pipes";
      return;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to_child[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from_child[1], STDOUT_FILENO);
    const char* const source = std::getenv("MAKEGOOD_SOURCE_DIR");
    std::string script = absl::StrCat(source == nullptr ? "." : source, "/tests/support/smtp_server.py");
    std::string python = "/usr/bin/python3";
    std::string where = folder_.string();
    std::string how = mode;
    char* arguments[] = {python.data(), script.data(), where.data(), how.data(), nullptr};
    const int failed = posix_spawn(&pid_, python.c_str(), &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(to_child[0]);
    close(from_child[1]);
    stdin_ = to_child[1];
    EXPECT_EQ(failed, 0) << "cannot start " << python;
    if (failed != 0) pid_ = -1;
    FILE* const out = fdopen(from_child[0], "r");
    EXPECT_EQ(std::fscanf(out, "PORT %d", &port_), 1) << "the SMTP server did not start";
    std::fclose(out);
  }

  ~SmtpServer() {
    if (stdin_ >= 0) close(stdin_);
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
  }
  SmtpServer(const SmtpServer&) = delete;
  SmtpServer& operator=(const SmtpServer&) = delete;

  std::string url() const { return absl::StrCat(scheme_, "://127.0.0.1:", port_); }
  std::string certificate() const { return folder_ / "certificate.pem"; }

  // How the next messages are treated, in order: "ok", "421", "451", "550", "hang", "drop".
  void Treat(const std::vector<std::string>& treatments) {
    std::ofstream file(folder_ / "behave");
    for (const std::string& treatment : treatments) file << treatment << "\n";
  }

  // Every message whose DATA came through so far, in order.
  std::vector<ReceivedEmail> Received() const {
    std::map<int, std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().extension() == ".txt")
        paths[std::atoi(entry.path().filename().c_str())] = entry.path();
    }
    std::vector<ReceivedEmail> received;
    for (const auto& [number, path] : paths) received.push_back(Read(path));
    return received;
  }

 private:
  static ReceivedEmail Read(const std::filesystem::path& path) {
    ReceivedEmail email;
    email.treatment = path.stem().extension().string().substr(1);
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    const std::pair<std::string, std::string> halves = absl::StrSplit(text.str(), absl::MaxSplits("\n\n", 1));
    email.body = halves.second;
    for (absl::string_view line : absl::StrSplit(halves.first, '\n')) {
      const std::pair<std::string, std::string> header = absl::StrSplit(line, absl::MaxSplits(": ", 1));
      email.headers.insert(header);
    }
    return email;
  }

  const std::filesystem::path folder_;
  const std::string scheme_;
  pid_t pid_ = -1;
  int stdin_ = -1;
  int port_ = 0;
};

}  // namespace makegood::testing
