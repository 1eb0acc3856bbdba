// What a process logs, readable while it goes on.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "tests/support/eventually.h"

namespace makegood::testing {

// Standard error goes to `file`, which need not exist yet, as long as this stands.
class CapturedLog {
 public:
  explicit CapturedLog(const std::string& file) : file_(file), before_(dup(STDERR_FILENO)) {
    const int to = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    dup2(to, STDERR_FILENO);
    close(to);
  }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;
  ~CapturedLog() {
    dup2(before_, STDERR_FILENO);
    close(before_);
  }

  std::string text() const {
    std::ifstream in(file_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  // True once something logged it, within the patience of a test.
  bool Tells(absl::string_view words) const {
    return Eventually([&] { return absl::StrContains(text(), words); });
  }

 private:
  const std::string file_;
  const int before_;
};

}  // namespace makegood::testing
