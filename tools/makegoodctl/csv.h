// Reading and writing comma-separated values: libcsv with line numbers and named columns.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace makegood::ctl {

// One row. `line` is where it starts in the file, from 1.
struct CsvRow {
  int64_t line = 0;
  std::vector<std::string> fields;
};

// Reads `in` row by row in bounded memory and hands each non-empty row to `take`; the first error of
// `take` ends the reading and is returned. A UTF-8 byte order mark is skipped; lines may end in LF or
// CRLF. INVALID_ARGUMENT names the line of broken quoting and of a field longer than 1 MiB.
absl::Status ReadCsv(std::istream& in, const std::function<absl::Status(CsvRow)>& take);

// Finds values by column name, whatever their order in the file.
class CsvHeader {
 public:
  // INVALID_ARGUMENT names a column that stands twice.
  static absl::StatusOr<CsvHeader> From(const CsvRow& row);

  bool Has(absl::string_view column) const { return index_.contains(std::string(column)); }

  // The value, or "" where the row is short, the column is not there or its name is empty.
  absl::string_view Value(const CsvRow& row, absl::string_view column) const;

 private:
  absl::flat_hash_map<std::string, size_t> index_;
};

// One row as text, quoted where needed, with a new line.
std::string CsvLine(const std::vector<std::string>& fields);

}  // namespace makegood::ctl
