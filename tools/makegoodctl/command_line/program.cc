#include "tools/makegoodctl/command_line/program.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "tools/makegoodctl/command_line/command_line.h"

namespace makegood::ctl {
namespace {

// What completion scripts ask: the words so far, the last one to be completed.
int PrintCompletions(CommandLine& line, const std::vector<std::string>& words) {
  std::vector<std::string> candidates = line.Complete(words);
  if (candidates.empty()) candidates = line.CompleteIds(words);
  for (const std::string& candidate : candidates) std::puts(candidate.c_str());
  return kDone;
}

// Standard streams that were closed stay so: else the first connection would take their place.
void KeepStreams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) < 0) (void)open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

int Obey(const std::vector<std::string>& words) {
  CommandLine line;
  if (!words.empty() && words.front() == "__complete") {
    return PrintCompletions(line, {words.begin() + 1, words.end()});
  }
  return line.Run(words);
}

}  // namespace

int Main(int argc, char** argv) {
  KeepStreams();
  try {
    return Obey({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    // CLI11 throws where its own set-up is wrong.
    std::fprintf(stderr, "makegoodctl: %s\n", error.what());
    return kFailed;
  }
}

}  // namespace makegood::ctl
