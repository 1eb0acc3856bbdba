#include "tools/makegoodctl/csv/csv_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"

namespace makegood::ctl {
namespace {

constexpr size_t kFirstBlock = size_t{64} * 1024;

absl::StatusOr<int> OpenFile(const std::string& path) {
  const int file =
      path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file >= 0) return file;
  if (errno == ENOENT) return absl::NotFoundError(absl::StrCat("there is no file ", path));
  return absl::FailedPreconditionError(
      absl::StrCat("the file ", path, " cannot be opened: ", strerror(errno)));
}

absl::Status CopyInto(int copy, int file) {
  std::string block(kFirstBlock, '\0');
  while (true) {
    const ssize_t got = read(file, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::DataLossError(absl::StrCat("the file cannot be read: ", strerror(errno)));
    if (got == 0) break;
    for (ssize_t written = 0; written < got;) {
      const ssize_t wrote = write(copy, block.data() + written, static_cast<size_t>(got - written));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) {
        return absl::FailedPreconditionError(
            absl::StrCat("no copy of it can be written, which is to be read again: ", strerror(errno)));
      }
      written += wrote;
    }
  }
  lseek(copy, 0, SEEK_SET);
  return absl::OkStatus();
}

// A copy of the file that nobody else sees and that goes with its descriptor. `file` is closed.
absl::StatusOr<int> Copied(int file) {
  std::error_code error;
  std::string path =
      absl::StrCat(std::filesystem::temp_directory_path(error).string(), "/makegoodctl-XXXXXX");
  const int copy = mkostemp(path.data(), O_CLOEXEC);
  absl::Status copied =
      copy < 0 ? absl::FailedPreconditionError(absl::StrCat(path, " cannot be made: ", strerror(errno)))
               : CopyInto(copy, file);
  if (copy >= 0) unlink(path.c_str());
  close(file);
  if (copied.ok()) return copy;
  if (copy >= 0) close(copy);
  return copied;
}

std::string FirstBlock(int file) {
  std::string block(kFirstBlock, '\0');
  const ssize_t got = pread(file, block.data(), block.size(), 0);
  block.resize(static_cast<size_t>(got < 0 ? 0 : got));
  return Sha256Hex(block);
}

}  // namespace

CsvFile::CsvFile(std::string path, int file, char separator, Encoding encoding)
    : path_(std::move(path)),
      file_(file),
      reader_(file, 0),
      form_{separator, encoding.unit(), encoding.big_endian()},
      encoding_(std::move(encoding)) {}

CsvFile::~CsvFile() { close(file_); }

absl::StatusOr<std::unique_ptr<CsvFile>> CsvFile::Open(const std::string& path, char separator,
                                                       const std::string& encoding, Read read) {
  ASSIGN_OR_RETURN(Encoding named, Encoding::Named(encoding));
  RETURN_IF_ERROR(named.CheckSeparator(separator));
  ASSIGN_OR_RETURN(int file, OpenFile(path));
  struct stat about {};
  fstat(file, &about);
  const bool regular = S_ISREG(about.st_mode) && path != "-";
  const bool copy = read == Read::kAgain && !regular && !S_ISDIR(about.st_mode);
  if (copy) {
    ASSIGN_OR_RETURN(file, Copied(file));
  }
  auto csv = std::unique_ptr<CsvFile>(new CsvFile(path, file, separator, std::move(named)));
  if (S_ISDIR(about.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, " is a folder"));
  csv->regular_ = regular;
  csv->copied_ = copy;
  if (csv->regular_) csv->identity_ = {about.st_size, FirstBlock(file)};
  const absl::Status header = csv->ReadHeader();
  if (header.ok()) return csv;
  return absl::Status(header.code(), absl::StrCat(path, ": ", header.message()));
}

absl::StatusOr<std::unique_ptr<CsvFile>> CsvFile::OpenAgain() const {
  return Open(copied_ ? absl::StrCat("/proc/self/fd/", file_) : path_, form_.separator, encoding_.name());
}

absl::Status CsvFile::Lock() {
  if (!regular_ || flock(file_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return absl::OkStatus();
  return absl::FailedPreconditionError("another import of this file is going on");
}

absl::Status CsvFile::ReadHeader() {
  ASSIGN_OR_RETURN(const absl::string_view first, reader_.Peek(4));
  const ByteOrderMark mark = ByteOrderMarkOf(first);
  byte_order_mark_ = std::string(first.substr(0, mark.size));
  if (!mark.encoding.empty()) {
    ASSIGN_OR_RETURN(encoding_, Encoding::Named(mark.encoding));
    form_ = {form_.separator, encoding_.unit(), encoding_.big_endian()};
    reader_.Skip(mark.size);
  }
  ASSIGN_OR_RETURN(const bool more, reader_.Next(form_, header_row_));
  if (!more) return absl::InvalidArgumentError("the file is empty, not even a header is there");
  DecodeFields(header_row_);
  if (!header_row_.usable()) {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", header_row_.line, ", the header, value ", header_row_.fields.size() + 1, ": ",
                     header_row_.problem.problem, "; is it CSV in ", encoding_.name(), "? (--encoding)"));
  }
  absl::StatusOr<CsvHeader> header = CsvHeader::From(header_row_.fields);
  if (!header.ok()) return header.status();
  header_ = *std::move(header);
  return absl::OkStatus();
}

// Decodes values up to the first that cannot be.
void CsvFile::DecodeFields(CsvRow& row) {
  row.fields.reserve(row.ends.size());
  for (size_t i = 0; i < row.ends.size(); ++i) {
    const absl::StatusOr<std::string> text = encoding_.Decode(row.Slice(i));
    if (!text.ok()) {
      row.problem.problem = absl::StrCat("in its value, ", text.status().message());
      return;
    }
    row.fields.push_back(Unquoted(*text));
  }
}

absl::StatusOr<bool> CsvFile::NextWithValue(CsvRow& row) {
  while (true) {
    ASSIGN_OR_RETURN(const bool more, reader_.Next(form_, row));
    if (!more) return false;
    DecodeFields(row);
    const bool empty = row.usable() && std::all_of(row.fields.begin(), row.fields.end(),
                                                   [](const std::string& field) { return field.empty(); });
    if (!empty) return true;
  }
}

absl::StatusOr<bool> CsvFile::Next(CsvRow& row) {
  ASSIGN_OR_RETURN(const bool more, NextWithValue(row));
  if (!more) return false;
  if (!row.usable()) {
    const size_t broken = row.fields.size();
    if (!row.piece) broken_column_ = broken < header_.size() ? header_.names()[broken] : "";
    row.problem.field = broken_column_;
    return true;
  }
  if (row.fields.size() != header_.size()) {
    row.problem.problem =
        absl::StrCat("the row has ", row.fields.size(), row.fields.size() == 1 ? " value" : " values",
                     ", the header has ", header_.size());
    // Any value may have slipped, but for the first.
    row.fields.resize(1);
  }
  return true;
}

}  // namespace makegood::ctl
