// makegoodctl as a person runs it: under a terminal of 80 columns; and as a program does: through pipes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace makegood::testing {

// What one run of a program came to.
struct Ran {
  int code = -1;           // -1 where it had to be killed
  int64_t peak_bytes = 0;  // the most memory it had, looked at every 50 ms
  std::string output;      // standard output; under a terminal with standard error, as the terminal saw it
  std::string error;       // standard error; empty under a terminal

  // The lines of the output, without carriage returns.
  std::vector<std::string> Lines() const;
  // The value behind a name: "claim_id" of a run with --output text.
  std::string Value(const std::string& name) const;
};

// A program that runs, with its ends in our hands. Killed when it goes out of scope.
class Running {
 public:
  // Under a pseudo-terminal of `columns`, or through pipes where that is 0. `settings` ("NAME=value") are
  // added to the environment.
  Running(std::vector<std::string> command, int columns, const std::vector<std::string>& settings = {});
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  // Reads until the output holds `text`; false after `patience`, or when it ends before.
  bool WaitFor(const std::string& text, absl::Duration patience = absl::Seconds(60));
  // Types on the terminal.
  void Type(const std::string& keys);
  // Presses Ctrl-C, on the terminal or as a signal.
  void Interrupt();
  // Kills it, as a power cut would.
  void Kill();
  // Waits for its end.
  Ran Finish(absl::Duration patience = absl::Seconds(60));

 private:
  bool ReadSome(absl::Duration patience);
  void LookAtMemory();

  int pid_ = -1;
  int output_ = -1;  // file descriptors; the terminal's
  int error_ = -1;
  const bool terminal_;
  Ran ran_;
};

}  // namespace makegood::testing
