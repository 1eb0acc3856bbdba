#include "tools/makegoodctl/terminal/terminal.h"

#include <sys/ioctl.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace makegood::ctl {
namespace {

constexpr size_t kUsualWidth = 80;
constexpr absl::Duration kPatience = absl::Seconds(1);
constexpr absl::Duration kBetweenFrames = absl::Milliseconds(100);
constexpr int kBarWidth = 30;

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

size_t WidthOfTerminal() {
  size_t columns = 0;
  if (absl::SimpleAtoi(Environment("COLUMNS"), &columns) && columns > 0) return columns;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kUsualWidth;
}

size_t WidthOf(UChar32 character) {
  const int8_t type = u_charType(character);
  if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR) return 0;
  const int east_asian = u_getIntPropertyValue(character, UCHAR_EAST_ASIAN_WIDTH);
  return east_asian == U_EA_WIDE || east_asian == U_EA_FULLWIDTH ? 2 : 1;
}

constexpr UChar32 kBroken = 0xFFFD;  // also where it stands in the text as such

// The character at `at`, which is moved behind it; a broken one is U+FFFD.
UChar32 NextCharacter(const std::string& text, int32_t& at) {
  UChar32 character = 0;
  U8_NEXT_OR_FFFD(text.data(), at, static_cast<int32_t>(text.size()), character);
  return character;
}

bool IsByAWideOne(UChar32 left, UChar32 right) {
  return WidthOf(right) > 0 && (WidthOf(left) > 1 || WidthOf(right) > 1);
}

// Marks that end a phrase begin no line, those that begin one end none.
bool MayBreakBetween(UChar32 left, UChar32 right) {
  const auto is = [](UChar32 character, UCharCategory one, UCharCategory other) {
    const int8_t type = u_charType(character);
    return type == one || type == other;
  };
  if (!IsByAWideOne(left, right)) return false;
  return !is(right, U_END_PUNCTUATION, U_OTHER_PUNCTUATION) &&
         !is(right, U_FINAL_PUNCTUATION, U_FINAL_PUNCTUATION) &&
         !is(left, U_START_PUNCTUATION, U_INITIAL_PUNCTUATION);
}

// A word where a line may break within it: Chinese has no spaces.
std::vector<std::string> PiecesOf(const std::string& word, bool (*may_break)(UChar32, UChar32)) {
  std::vector<std::string> pieces(1);
  UChar32 before = 0;
  for (int32_t at = 0; at < static_cast<int32_t>(word.size());) {
    const int32_t start = at;
    const UChar32 character = NextCharacter(word, at);
    if (start > 0 && may_break(before, character)) pieces.emplace_back();
    pieces.back().append(word, static_cast<size_t>(start), static_cast<size_t>(at - start));
    before = character;
  }
  return pieces;
}

// The same in pieces no wider than `width` where there is a way: rather a line that begins with a mark.
std::vector<std::string> PiecesWithin(const std::string& word, size_t width) {
  std::vector<std::string> pieces;
  for (std::string& piece : PiecesOf(word, MayBreakBetween)) {
    if (DisplayWidth(piece) <= width) {
      pieces.push_back(std::move(piece));
      continue;
    }
    for (std::string& part : PiecesOf(piece, IsByAWideOne)) pieces.push_back(std::move(part));
  }
  return pieces;
}

}  // namespace

Terminal LookAtTerminal() {
  Terminal terminal;
  terminal.person_reads = isatty(STDOUT_FILENO) != 0;
  terminal.person_watches = isatty(STDERR_FILENO) != 0;
  const bool colour = Environment("NO_COLOR").empty() && Environment("TERM") != "dumb";
  terminal.colour_out = colour && terminal.person_reads;
  terminal.colour_err = colour && terminal.person_watches;
  terminal.width = terminal.person_reads ? WidthOfTerminal() : 0;
  return terminal;
}

std::string Paint(const std::string& text, Colour colour, bool colour_on) {
  if (!colour_on || text.empty()) return text;
  switch (colour) {
    case Colour::kNone:
      return text;
    case Colour::kTitle:
      return absl::StrCat("\033[1m", text, "\033[0m");
    case Colour::kGood:
      return absl::StrCat("\033[32m", text, "\033[0m");
    case Colour::kBusy:
      return absl::StrCat("\033[33m", text, "\033[0m");
    case Colour::kBad:
      return absl::StrCat("\033[31m", text, "\033[0m");
  }
  return text;
}

Colour ColourOfState(absl::string_view word) {
  constexpr const char* kGood[] = {"delivered", "resolved", "settled", "paid",     "issued",
                                   "sent",      "approved", "met",     "accepted", "goods_returned"};
  constexpr const char* kBusy[] = {"blocked",   "open",     "shipping", "shipped",        "verifying",
                                   "resolving", "pending",  "proposed", "refunding",      "awaiting_evidence",
                                   "requested", "reported", "numbered", "awaiting_goods", "unchanged",
                                   "unmapped"};
  constexpr const char* kBad[] = {"cancelled", "returned", "rejected", "failed", "lapsed",   "declined",
                                  "voided",    "expired",  "refused",  "missed", "retracted"};
  const auto among = [word](const auto& words) {
    return std::find(std::begin(words), std::end(words), word) != std::end(words);
  };
  if (among(kGood)) return Colour::kGood;
  if (among(kBusy)) return Colour::kBusy;
  return among(kBad) ? Colour::kBad : Colour::kNone;
}

size_t DisplayWidth(const std::string& text) {
  size_t width = 0;
  for (int32_t at = 0; at < static_cast<int32_t>(text.size());) width += WidthOf(NextCharacter(text, at));
  return width;
}

std::string Cut(const std::string& text, size_t width) {
  if (DisplayWidth(text) <= width) return text;
  if (width == 0) return "";
  size_t used = 0;
  int32_t end = 0;
  for (int32_t at = 0; at < static_cast<int32_t>(text.size()); end = at) {
    used += WidthOf(NextCharacter(text, at));
    if (used > width - 1) break;
  }
  return absl::StrCat(text.substr(0, static_cast<size_t>(end)), "…");
}

std::string OneLine(const std::string& text) {
  std::string line;
  for (int32_t at = 0; at < static_cast<int32_t>(text.size());) {
    const int32_t start = at;
    const UChar32 character = NextCharacter(text, at);
    if (u_charType(character) == U_CONTROL_CHAR) {
      line += ' ';
    } else if (character == kBroken) {
      line += "\uFFFD";
    } else {
      line.append(text, static_cast<size_t>(start), static_cast<size_t>(at - start));
    }
  }
  return line;
}

bool IsUtf8(const std::string& text) {
  UChar32 character = 0;
  for (int32_t at = 0; at < static_cast<int32_t>(text.size());) {
    U8_NEXT(text.data(), at, static_cast<int32_t>(text.size()), character);
    if (character < 0) return false;
  }
  return true;
}

absl::Status FlushOutput() {
  if (std::fflush(stdout) == 0) {
    if (std::ferror(stdout) == 0) return absl::OkStatus();
    // Something failed to be written earlier. One more byte tells why.
    errno = 0;
    std::putchar('\n');
    std::fflush(stdout);
  }
  if (errno == EPIPE) return absl::CancelledError("nobody reads standard output");
  return absl::DataLossError(absl::StrCat("standard output cannot be written", errno == 0 ? "" : ": ",
                                          errno == 0 ? "" : std::strerror(errno)));
}

std::vector<std::string> Wrap(const std::string& text, size_t width) {
  std::vector<std::string> lines(1);
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const char* between = lines.back().empty() ? "" : " ";
    for (const std::string& piece : PiecesWithin(std::string(word), width)) {
      std::string longer = absl::StrCat(lines.back(), between, piece);
      between = "";
      if (lines.back().empty() || DisplayWidth(longer) <= width) {
        lines.back() = std::move(longer);
      } else {
        lines.push_back(piece);
      }
    }
  }
  return lines;
}

Progress::Progress(const Terminal& terminal, std::string what)
    : visible_(terminal.person_watches), what_(std::move(what)), start_(absl::Now()) {}

Progress::~Progress() { Clear(); }

void Progress::Clear() {
  if (shown_ != absl::InfinitePast()) std::fputs("\r\033[K", stderr);
  shown_ = absl::InfinitePast();
}

void Progress::Show(int64_t done, int64_t total) {
  const absl::Time now = absl::Now();
  if (!visible_ || now - start_ < kPatience || now - shown_ < kBetweenFrames) return;
  shown_ = now;
  constexpr const char* kTurns[] = {"|", "/", "-", "\\"};
  std::string line = absl::StrCat(kTurns[turn_++ % 4], " ", what_);
  if (total > 0) {
    const int full = static_cast<int>(kBarWidth * std::min(done, total) / total);
    absl::StrAppendFormat(&line, " [%s%s] %d %%", std::string(static_cast<size_t>(full), '='),
                          std::string(static_cast<size_t>(kBarWidth - full), ' '), 100 * done / total);
  } else {
    absl::StrAppend(&line, " … ", absl::ToInt64Seconds(now - start_), " s");
  }
  std::fprintf(stderr, "\r%s\033[K", Cut(line, kUsualWidth - 1).c_str());
}

}  // namespace makegood::ctl
