// Comma-separated values as they come from other systems: rows in any encoding, kept to the byte, in
// bounded memory, whatever the file holds (RFC 4180, and what people make of it).
//
// Why not a CSV library: a rejected row has to be given back as it was, an import has to go on at a byte
// of the file, and a quote that is never closed must cost one line and not the rest of the file. So rows
// are found in the bytes, and only then decoded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/status.h"

namespace makegood::ctl {

// The longest row, and the farthest a quote may reach.
inline constexpr size_t kMaxRowBytes = size_t{1024} * 1024;

// How rows and values are told apart in the bytes.
struct CsvForm {
  char separator = ',';
  int unit = 1;  // bytes of a character of ASCII: 1, or 2 for UTF-16
  bool big_endian = false;
};

// One row.
struct CsvRow {
  int64_t line = 0;                 // where it starts, from 1
  int64_t end = 0;                  // the byte behind it and its line end
  std::string bytes;                // as they were, without the line end
  std::string line_end;             // as it was; empty at the end of the file
  std::vector<size_t> ends;         // where each value ends within bytes
  size_t separator_bytes = 1;       // what stands between two values
  std::vector<std::string> fields;  // the values in UTF-8; of a row with a problem those that are sure
  FieldViolation problem;  // why the row cannot be used: column and sentence; no sentence, no problem
  // A row longer than kMaxRowBytes comes in pieces, none of them usable: all but the first are a
  // `piece`, all but the last are `cut`.
  bool piece = false;
  bool cut = false;

  bool usable() const { return problem.problem.empty(); }
  // The bytes of one value, quotes included.
  absl::string_view Slice(size_t index) const;
};

// Finds the rows of a file. A row with broken quoting costs the line where the broken quote stands,
// not those after it. Not thread-safe.
class RowReader {
 public:
  // Reads `file`, a descriptor that stays its owner's; `offset` is where that stands.
  RowReader(int file, int64_t offset) : file_(file), offset_(offset) {}

  // The first bytes, without taking them; fewer than `count` only at the end of the file.
  absl::StatusOr<absl::string_view> Peek(size_t count);
  // Takes bytes that were peeked at: a byte order mark.
  void Skip(size_t count) { Consume(begin_ + count); }

  // The next row that is not empty, without fields; false at the end. `problem` names no column yet:
  // it belongs to the value after those in `ends`. DATA_LOSS if the file cannot be read.
  absl::StatusOr<bool> Next(const CsvForm& form, CsvRow& row);

  int64_t offset() const { return offset_; }  // of the next row
  int64_t line() const { return line_; }

 private:
  class Scan;

  absl::Status Fill();
  absl::StatusOr<bool> Has(size_t index, size_t count);
  void Consume(size_t until);
  absl::Status TakeRow(const CsvForm& form, size_t at, CsvRow& row);
  absl::Status TakePiece(const CsvForm& form, CsvRow& row);
  absl::StatusOr<size_t> FindEnd(const CsvForm& form, Scan& scan, CsvRow& row);
  size_t FindEndOfFile(size_t index, Scan& scan, CsvRow& row) const;

  const int file_;
  int64_t offset_;  // in the file, of buffer_[begin_]
  int64_t line_ = 1;
  std::string buffer_;
  size_t begin_ = 0;
  bool at_end_ = false;
  std::string cut_row_problem_;  // of the row whose pieces come now; empty between rows
};

// Finds values by column name, whatever their order in the file.
class CsvHeader {
 public:
  // INVALID_ARGUMENT names all columns that stand twice.
  static absl::StatusOr<CsvHeader> From(std::vector<std::string> names);

  bool Has(absl::string_view column) const { return index_.contains(column); }
  // INVALID_ARGUMENT names all of `columns` that are not there, what there is instead, and what may
  // have been meant. Empty names are no columns.
  absl::Status Require(const std::vector<std::string>& columns) const;

  // The value, or "" where the row is short, the column is not there or its name is empty.
  absl::string_view Value(const CsvRow& row, absl::string_view column) const;
  // Where the column stands; size() if nowhere.
  size_t Index(absl::string_view column) const;

  size_t size() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  absl::flat_hash_map<std::string, size_t> index_;
};

// The value of a field as it stands between two separators: spaces around it and quotes taken off.
std::string Unquoted(absl::string_view text);

// One row as text in UTF-8, quoted where needed, without a line end.
std::string CsvLine(const std::vector<std::string>& fields, char separator = ',');

}  // namespace makegood::ctl
