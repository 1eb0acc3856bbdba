#include "tools/makegoodctl/csv/csv.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace makegood::ctl {
namespace {

constexpr size_t kChunk = size_t{256} * 1024;
constexpr size_t kNowhere = std::string::npos;
constexpr char kTooLong[] = "the row is longer than 1 MiB";

bool IsLineEnd(unsigned c) { return c == '\n' || c == '\r'; }
bool IsBlank(unsigned c) { return c == ' ' || c == '\t'; }

// The character at `at`; of UTF-16 one of its units.
unsigned UnitAt(const CsvForm& form, const char* at) {
  const auto byte = [at](int i) { return static_cast<unsigned>(static_cast<unsigned char>(at[i])); };
  if (form.unit == 1) return byte(0);
  return form.big_endian ? byte(0) << 8 | byte(1) : byte(1) << 8 | byte(0);
}

}  // namespace

absl::string_view CsvRow::Slice(size_t index) const {
  if (index >= ends.size()) return "";
  const size_t begin = index == 0 ? 0 : ends[index - 1] + separator_bytes;
  return absl::string_view(bytes).substr(begin, ends[index] - begin);
}

// Walks through one row, character by character, and finds where its values and itself end.
class RowReader::Scan {
 public:
  enum class Next { kGoOn, kRowEnds, kCutBack };

  Scan(const CsvForm& form, CsvRow& row)
      : separator_(static_cast<unsigned char>(form.separator)), row_(row) {}

  Next Take(unsigned c, size_t index) {
    switch (state_) {
      case State::kQuoted:
        return InQuotes(c, index);
      case State::kBroken:
        return IsLineEnd(c) ? Next::kRowEnds : Next::kGoOn;
      default:
        break;
    }
    if (c == separator_) {
      row_.ends.push_back(index);
      state_ = State::kStart;
      return Next::kGoOn;
    }
    if (IsLineEnd(c)) {
      row_.ends.push_back(index);
      return Next::kRowEnds;
    }
    return InValue(c);
  }

  // The quote that is open now will not be closed. True if the row can be cut back to its line.
  bool BreakOpenQuote(absl::string_view problem) {
    Break(problem);
    return line_end_ != kNowhere;
  }
  void Break(absl::string_view problem) {
    state_ = State::kBroken;
    row_.problem.problem = std::string(problem);
  }

  bool in_quotes() const { return state_ == State::kQuoted; }
  bool broken() const { return state_ == State::kBroken; }
  // How many lines end inside the row, and where the line of the last quote ends: that far a row that
  // is cut back goes.
  int64_t lines() const { return lines_; }
  int64_t lines_at_quote() const { return lines_at_quote_; }
  size_t line_end() const { return line_end_; }

 private:
  enum class State { kStart, kPlain, kQuoted, kQuoteInQuotes, kClosed, kBroken };

  Next InQuotes(unsigned c, size_t index) {
    if (c == '"') {
      state_ = State::kQuoteInQuotes;
    } else if (IsLineEnd(c)) {
      if (line_end_ == kNowhere) line_end_ = index;
      if (c == '\r' || last_ != '\r') ++lines_;
    }
    last_ = c;
    return Next::kGoOn;
  }

  // What is neither separator nor line end, outside quotes or behind one.
  Next InValue(unsigned c) {
    if (state_ == State::kStart) {
      if (c == '"') return OpenQuote();
      if (!IsBlank(c)) state_ = State::kPlain;
      return Next::kGoOn;
    }
    if (state_ == State::kPlain) {
      if (c == '"') Break("a quote stands in the middle of a value that does not begin with one");
      return Next::kGoOn;
    }
    if (c == '"' && state_ == State::kQuoteInQuotes) {
      state_ = State::kQuoted;
      last_ = c;
      return Next::kGoOn;
    }
    if (IsBlank(c)) {
      state_ = State::kClosed;
      return Next::kGoOn;
    }
    Break("something follows the closing quote of a value");
    return line_end_ == kNowhere ? Next::kGoOn : Next::kCutBack;
  }

  Next OpenQuote() {
    state_ = State::kQuoted;
    line_end_ = kNowhere;
    lines_at_quote_ = lines_;
    last_ = 0;
    return Next::kGoOn;
  }

  const unsigned separator_;
  CsvRow& row_;
  State state_ = State::kStart;
  unsigned last_ = 0;
  int64_t lines_ = 0;
  int64_t lines_at_quote_ = 0;
  size_t line_end_ = kNowhere;
};

absl::Status RowReader::Fill() {
  buffer_.erase(0, std::exchange(begin_, 0));
  const size_t filled = buffer_.size();
  buffer_.resize(filled + kChunk);
  ssize_t got = 0;
  do {
    got = read(file_, buffer_.data() + filled, kChunk);
  } while (got < 0 && errno == EINTR);
  buffer_.resize(filled + static_cast<size_t>(got < 0 ? 0 : got));
  if (got < 0) return absl::DataLossError(absl::StrCat("the file cannot be read: ", strerror(errno)));
  at_end_ = got == 0;
  return absl::OkStatus();
}

// Whether there are `count` bytes from `index` of the row on.
absl::StatusOr<bool> RowReader::Has(size_t index, size_t count) {
  while (buffer_.size() - begin_ < index + count) {
    if (at_end_) return false;
    RETURN_IF_ERROR(Fill());
  }
  return true;
}

absl::StatusOr<absl::string_view> RowReader::Peek(size_t count) {
  RETURN_IF_ERROR(Has(0, count).status());
  return absl::string_view(buffer_).substr(begin_, count);
}

void RowReader::Consume(size_t until) {
  offset_ += static_cast<int64_t>(until - begin_);
  begin_ = until;
}

// Takes the row's bytes up to `at` and the line end that stands there, if one does.
absl::Status RowReader::TakeRow(const CsvForm& form, size_t at, CsvRow& row) {
  const auto unit = static_cast<size_t>(form.unit);
  size_t line_end = 0;
  ASSIGN_OR_RETURN(const bool more, Has(at, unit));
  if (more && IsLineEnd(UnitAt(form, &buffer_[begin_ + at]))) {
    line_end = unit;
    const bool cr = UnitAt(form, &buffer_[begin_ + at]) == '\r';
    ASSIGN_OR_RETURN(const bool next, Has(at + unit, unit));
    if (cr && next && UnitAt(form, &buffer_[begin_ + at + unit]) == '\n') line_end += unit;
    ++line_;
  }
  row.bytes = buffer_.substr(begin_, at);
  row.line_end = buffer_.substr(begin_ + at, line_end);
  Consume(begin_ + at + line_end);
  row.end = offset_;
  return absl::OkStatus();
}

absl::StatusOr<bool> RowReader::Next(const CsvForm& form, CsvRow& row) {
  do {
    row = CsvRow();
    row.line = line_;
    row.separator_bytes = static_cast<size_t>(form.unit);
    if (!cut_row_problem_.empty()) {
      row.problem.problem = cut_row_problem_;
      RETURN_IF_ERROR(TakePiece(form, row));
      if (!row.cut) cut_row_problem_.clear();
      return true;
    }
    ASSIGN_OR_RETURN(const bool more, Has(0, 1));
    if (!more) return false;
    Scan scan(form, row);
    ASSIGN_OR_RETURN(const size_t end, FindEnd(form, scan, row));
    line_ += scan.broken() && end == scan.line_end() ? scan.lines_at_quote() : scan.lines();
    RETURN_IF_ERROR(TakeRow(form, end, row));
    if (row.cut) cut_row_problem_ = row.problem.problem;
  } while (row.bytes.empty());
  return true;
}

// Where the row ends.
absl::StatusOr<size_t> RowReader::FindEnd(const CsvForm& form, Scan& scan, CsvRow& row) {
  const auto unit = static_cast<size_t>(form.unit);
  for (size_t index = 0;; index += unit) {
    if (buffer_.size() - begin_ < index + unit) {
      ASSIGN_OR_RETURN(const bool more, Has(index, unit));
      if (!more) return FindEndOfFile(index, scan, row);
    }
    switch (scan.Take(UnitAt(form, &buffer_[begin_ + index]), index)) {
      case Scan::Next::kRowEnds:
        return index;
      case Scan::Next::kCutBack:
        return scan.line_end();
      case Scan::Next::kGoOn:
        break;
    }
    if (index < kMaxRowBytes) continue;
    if (!scan.in_quotes()) {
      scan.Break(kTooLong);
    } else if (scan.BreakOpenQuote("a quote opens here and is not closed within 1 MiB")) {
      return scan.line_end();
    }
    row.cut = true;
    return index;
  }
}

size_t RowReader::FindEndOfFile(size_t index, Scan& scan, CsvRow& row) const {
  const size_t end = buffer_.size() - begin_;
  if (scan.in_quotes() && scan.BreakOpenQuote("a quote opens here and is never closed")) {
    return scan.line_end();
  }
  if (index < end && row.problem.problem.empty()) scan.Break("the file ends in the middle of a character");
  if (!scan.broken()) row.ends.push_back(end);
  return end;
}

// The next piece of a row that was cut, up to its line end.
absl::Status RowReader::TakePiece(const CsvForm& form, CsvRow& row) {
  const auto unit = static_cast<size_t>(form.unit);
  row.piece = true;
  for (size_t index = 0;; index += unit) {
    ASSIGN_OR_RETURN(const bool more, Has(index, unit));
    if (!more) return TakeRow(form, buffer_.size() - begin_, row);
    if (IsLineEnd(UnitAt(form, &buffer_[begin_ + index]))) return TakeRow(form, index, row);
    if (index < kChunk) continue;
    row.cut = true;
    return TakeRow(form, index, row);
  }
}

std::string Unquoted(absl::string_view text) {
  while (!text.empty() && IsBlank(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && IsBlank(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  if (text.empty() || text.front() != '"') return std::string(text);
  std::string value;
  value.reserve(text.size());
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    value += text[i];
    if (text[i] == '"') ++i;
  }
  return value;
}

std::string CsvLine(const std::vector<std::string>& fields, char separator) {
  std::string line;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line += separator;
    const bool plain =
        fields[i].find_first_of(absl::StrCat("\"\r\n", std::string(1, separator))) == kNowhere &&
        (fields[i].empty() || (!IsBlank(static_cast<unsigned char>(fields[i].front())) &&
                               !IsBlank(static_cast<unsigned char>(fields[i].back()))));
    if (plain) {
      line += fields[i];
      continue;
    }
    line += '"';
    for (const char c : fields[i]) line.append(c == '"' ? 2 : 1, c);
    line += '"';
  }
  return line;
}

}  // namespace makegood::ctl
