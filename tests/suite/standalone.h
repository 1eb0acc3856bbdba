// All four services in one process, as tools/run starts them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/suite/process.h"
#include "tests/support/files.h"

namespace makegood::testing {

// Keeps its ports and its data over any number of starts.
class Standalone {
 public:
  void Start(const std::vector<std::string>& flags = {}) {
    std::vector<std::string> command = {Program("services/standalone/makegood-standalone"),
                                        absl::StrCat("--address=", address()),
                                        absl::StrCat("--metrics_address=", metrics_address()),
                                        absl::StrCat("--data_dir=", data_.path()), "--log_level=warning"};
    command.insert(command.end(), flags.begin(), flags.end());
    process_ = Process(command, "");
    ASSERT_TRUE(WaitForPort(port_, absl::Seconds(60)));
    ASSERT_TRUE(WaitForPort(metrics_port_, absl::Seconds(60)));
  }
  void Kill() { process_.Kill(); }
  void Freeze() { process_.Freeze(); }
  void Thaw() { process_.Thaw(); }
  int Stop() { return process_.Stop(); }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  int port() const { return port_; }
  std::string metrics_address() const { return absl::StrCat("127.0.0.1:", metrics_port_); }

 private:
  const ScratchFolder data_;
  const int port_ = FreePort();
  const int metrics_port_ = FreePort();
  Process process_;
};

}  // namespace makegood::testing
