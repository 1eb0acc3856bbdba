// What stands behind standard output and standard error: a person at a terminal, or a program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace makegood::ctl {

enum class Colour { kNone, kTitle, kGood, kBusy, kBad };

struct Terminal {
  bool person_reads = false;    // standard output is a terminal
  bool person_watches = false;  // standard error is
  bool colour_out = false;      // terminals only, and not where NO_COLOR is set
  bool colour_err = false;
  size_t width = 0;  // columns of standard output; 0 where nothing is to be cut
};

// Looks at the environment (COLUMNS, NO_COLOR, TERM) and at the terminal itself.
Terminal LookAtTerminal();

// `text` in its colour, where `colour_on`.
std::string Paint(const std::string& text, Colour colour, bool colour_on);

// The colour of a state's word: "delivered" is good, "verifying" is under way, "rejected" is bad.
Colour ColourOfState(absl::string_view word);

// How many columns `text` takes: wide characters (Chinese) two, combining ones none.
size_t DisplayWidth(const std::string& text);

// `text` in at most `width` columns, its end replaced by "…" where it is longer.
std::string Cut(const std::string& text, size_t width);

// `text` on one line: control characters, which could steer a terminal, become spaces, and bytes that are no
// UTF-8 become U+FFFD.
std::string OneLine(const std::string& text);

bool IsUtf8(const std::string& text);

// Hands on what was printed so far. CANCELLED if nobody reads it any more, DATA_LOSS if some of it cannot be
// written; from then on each time.
absl::Status FlushOutput();

// Breaks `text` between words, and between characters of two columns, which have no spaces, into lines of at
// most `width` columns.
std::vector<std::string> Wrap(const std::string& text, size_t width);

// Tells a person who waits longer than a second that something is going on; silent elsewhere. Leaves no
// trace on the terminal when it ends. Not thread-safe.
class Progress {
 public:
  Progress(const Terminal& terminal, std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Shows what is going on; `done` of `total` as a bar where the total is known.
  void Show(int64_t done = 0, int64_t total = 0);
  // Takes it off the terminal, before something else is written there.
  void Clear();
  // What is going on now.
  void Say(std::string what) { what_ = std::move(what); }

 private:
  const bool visible_;
  std::string what_;
  const absl::Time start_;
  absl::Time shown_ = absl::InfinitePast();
  int turn_ = 0;
};

}  // namespace makegood::ctl
