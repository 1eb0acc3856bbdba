// The file of what was not taken in: the input's own rows, to the byte, with what was wrong beside them, so
// that they can be mended and imported again. Rows that are too short are filled up with empty values, for
// what was wrong to stand under its titles.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "makegood/connectors/v1/import.pb.h"
#include "tools/makegoodctl/csv/csv_file.h"

namespace makegood::ctl {

// Not thread-safe. Made with the first row; without one there is no file.
class RejectsFile {
 public:
  // `path` may be empty: nothing is kept then. `input` is the file the rows are of, and outlives this.
  RejectsFile(std::string path, CsvFile& input);
  ~RejectsFile();
  RejectsFile(const RejectsFile&) = delete;
  RejectsFile& operator=(const RejectsFile&) = delete;

  // Whether Begin can be done, without doing it. FAILED_PRECONDITION if there is another file at that path,
  // or none can be.
  absl::Status Check() const;
  // Begins anew: an older rejects file at that path goes if all of its rows still stand in the input as they
  // stand there. One with other rows, mended ones perhaps, is put aside: its new name, else "".
  absl::StatusOr<std::string> Begin();
  // Goes on with a file that was `bytes` long when the import was cut off. FAILED_PRECONDITION if it was
  // changed since.
  absl::Status GoOn(int64_t bytes);

  absl::Status Add(const CsvRow& row, const connectors::v1::Reject& reject);
  // What was added is on disk.
  absl::Status Sync();

  int64_t bytes() const { return bytes_; }
  // Whether the rows can be read from there again: not from a device or a pipe.
  bool regular() const;

 private:
  absl::Status Open(int64_t bytes);
  std::string Header() const;
  absl::StatusOr<bool> IsOfInput(std::optional<int64_t> bytes) const;
  absl::Status Write(absl::string_view bytes);
  absl::Status Flush();
  std::string OwnValues(const CsvRow& row) const;
  std::string MissingValues(const CsvRow& row) const;
  bool CarriesOldReason(const CsvRow& row) const;
  std::string Beginning(const CsvRow& row) const;
  const std::string& LineEnd(const CsvRow& row) const;

  const std::string path_;
  CsvFile& input_;
  std::vector<size_t> own_columns_;  // of the input, without those that an earlier import added
  std::string separator_;
  int file_ = -1;
  std::string buffer_;
  int64_t bytes_ = 0;
};

}  // namespace makegood::ctl
