// A CSV file, opened: its rows decoded and its header read.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tools/makegoodctl/csv/csv.h"
#include "tools/makegoodctl/csv/csv_encoding.h"

namespace makegood::ctl {

// What tells whether it is the same file.
struct FileIdentity {
  int64_t size = 0;
  std::string first_block;  // SHA-256 of the first 64 KiB, in hexadecimal digits
};

// Not thread-safe.
class CsvFile {
 public:
  enum class Read { kOnce, kAgain };

  // Opens `path`, or standard input for "-", and reads the header. A byte order mark counts more than
  // `encoding`. What is to be read again and is no regular file (a pipe) is first copied as a whole to a
  // temporary one. Errors are sentences for a person: INVALID_ARGUMENT for what is no such file (empty, a
  // folder, broken header, a separator that the encoding hides), NOT_FOUND, and FAILED_PRECONDITION for one
  // that may not be read.
  static absl::StatusOr<std::unique_ptr<CsvFile>> Open(const std::string& path, char separator,
                                                       const std::string& encoding, Read read = Read::kOnce);
  ~CsvFile();
  CsvFile(const CsvFile&) = delete;
  CsvFile& operator=(const CsvFile&) = delete;

  // The same file once more, from its beginning; for regular ones, and those opened to be read again.
  absl::StatusOr<std::unique_ptr<CsvFile>> OpenAgain() const;

  // Keeps other imports away from the file for as long as it is open. FAILED_PRECONDITION if one has it.
  absl::Status Lock();

  const CsvHeader& header() const { return header_; }
  const CsvRow& header_row() const { return header_row_; }
  const std::string& byte_order_mark() const { return byte_order_mark_; }
  Encoding& encoding() { return encoding_; }
  char separator() const { return form_.separator; }

  // The next row, decoded; false at the end. A row with a problem names the column where it can. A row
  // without any value, as spreadsheets write an empty line, is none.
  absl::StatusOr<bool> Next(CsvRow& row);

  const std::string& path() const { return path_; }
  // Of a file with an end that is known: else it cannot be gone on with, and has no percentage.
  bool regular() const { return regular_; }
  const FileIdentity& identity() const { return identity_; }
  int64_t offset() const { return reader_.offset(); }  // of the next row
  int64_t line() const { return reader_.line(); }

 private:
  CsvFile(std::string path, int file, char separator, Encoding encoding);
  absl::Status ReadHeader();
  absl::StatusOr<bool> NextWithValue(CsvRow& row);
  void DecodeFields(CsvRow& row);

  const std::string path_;
  const int file_;
  bool copied_ = false;  // the descriptor is of a copy without a name
  RowReader reader_;
  CsvForm form_;
  Encoding encoding_;
  CsvHeader header_;
  CsvRow header_row_;
  std::string byte_order_mark_;
  std::string broken_column_;  // of the last row that could not be read: its pieces name it too
  bool regular_ = false;
  FileIdentity identity_;
};

}  // namespace makegood::ctl
