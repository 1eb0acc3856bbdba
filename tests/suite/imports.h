// What tests of imports share.
#pragma once

#include <string>
#include <vector>

#include "tests/suite/standalone.h"
#include "tools/makegoodctl/import/import.h"

namespace makegood::testing {

inline ctl::ImportOptions ImportOf(const Standalone& suite, const std::string& connector,
                                   const std::string& path) {
  ctl::ImportOptions options;
  options.connector = connector;
  options.path = path;
  options.server = suite.address();
  options.show_progress = false;
  return options;
}

// Runs the program's import and returns its exit code.
inline int RunImport(const Standalone& suite, const std::vector<std::string>& arguments,
                     const std::string& log = "") {
  std::vector<std::string> command = {Program("tools/makegoodctl/makegoodctl"), "--server", suite.address(),
                                      "orders", "import"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Process(command, log).Wait(absl::Minutes(2));
}

}  // namespace makegood::testing
