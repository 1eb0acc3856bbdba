// The four services as four processes that find each other by flags.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/suite/process.h"
#include "tests/support/files.h"

namespace makegood::testing {

inline constexpr const char* kServices[] = {"orders", "claims", "payments", "notifications"};

class FourProcesses : public ::testing::Test {
 protected:
  // `log_level` is for all of them; a level below warning goes into files beside their data.
  explicit FourProcesses(std::string log_level = "warning") : log_level_(std::move(log_level)) {}

  void SetUp() override {
    for (const char* name : kServices) ports_[name] = FreePort();
    for (const char* name : kServices) ASSERT_NO_FATAL_FAILURE(Start(name));
  }

  std::vector<std::string> Command(const std::string& name) {
    std::vector<std::string> command = {
        Program(absl::StrCat("services/", name, "/makegood-", name)),
        absl::StrCat("--address=", Address(name)), "--metrics_address=127.0.0.1:0",
        absl::StrCat("--data_dir=", data_.path()), absl::StrCat("--log_level=", log_level_)};
    for (const char* peer : kServices) {
      command.push_back(absl::StrCat("--", peer, "_address=", Address(peer)));
    }
    return command;
  }

  void Start(const std::string& name) {
    const bool aside = log_level_ != "warning";
    processes_[name] = Process(
        Command(name), aside ? data_.Path(absl::StrCat(name, ".", ++starts_, ".log")) : std::string());
    ASSERT_TRUE(WaitForPort(ports_[name], absl::Seconds(60))) << name;
  }
  void Kill(const std::string& name) { processes_[name].Kill(); }
  std::string Address(const std::string& name) { return absl::StrCat("127.0.0.1:", ports_[name]); }

  const ScratchFolder data_;
  std::map<std::string, int> ports_;
  std::map<std::string, Process> processes_;

 private:
  const std::string log_level_;
  int starts_ = 0;
};

}  // namespace makegood::testing
