#include "tools/makegoodctl/import/import_rejects.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace makegood::ctl {
namespace {

constexpr size_t kBuffer = size_t{256} * 1024;
constexpr size_t kSome = 4096;
constexpr const char* kAdded[] = {"makegood_line", "makegood_field", "makegood_rule", "makegood_reason"};

bool IsAdded(const std::string& column) {
  return std::find(std::begin(kAdded), std::end(kAdded), column) != std::end(kAdded);
}

// Whether the file is one that an import wrote, in whatever encoding; an empty one may be.
bool IsRejectsFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string beginning(size_t{64} * 1024, '\0');
  file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  beginning.resize(static_cast<size_t>(file.gcount()));
  std::erase(beginning, '\0');
  return beginning.empty() || absl::StrContains(beginning, kAdded[0]);
}

}  // namespace

RejectsFile::RejectsFile(std::string path, CsvFile& input)
    : path_(std::move(path)),
      input_(input),
      separator_(input.encoding().Encode(std::string(1, input.separator()))) {
  const std::vector<std::string>& names = input.header().names();
  for (size_t i = 0; i < names.size(); ++i) {
    if (!IsAdded(names[i])) own_columns_.push_back(i);
  }
}

RejectsFile::~RejectsFile() {
  if (file_ < 0) return;
  Flush().IgnoreError();
  close(file_);
}

bool RejectsFile::regular() const {
  struct stat about {};
  return stat(path_.c_str(), &about) != 0 || S_ISREG(about.st_mode);
}

absl::Status RejectsFile::Check() const {
  if (path_.empty()) return absl::OkStatus();
  const auto refuse = [this](absl::string_view why) {
    return absl::FailedPreconditionError(
        absl::StrCat(path_, " ", why, ": name another place with --rejects"));
  };
  struct stat about {};
  if (stat(path_.c_str(), &about) != 0) {
    const size_t slash = path_.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
    if (access(folder.c_str(), W_OK | X_OK) == 0) return absl::OkStatus();
    return refuse(absl::StrCat("cannot be written: ", strerror(errno)));
  }
  if (S_ISDIR(about.st_mode)) return refuse("is a folder");
  if (access(path_.c_str(), W_OK) != 0) return refuse(absl::StrCat("cannot be written: ", strerror(errno)));
  if (!S_ISREG(about.st_mode)) return absl::OkStatus();
  struct stat input {};
  const bool itself = stat(input_.path().c_str(), &input) == 0 && input.st_dev == about.st_dev &&
                      input.st_ino == about.st_ino;
  if (itself) return refuse("is the file to be imported and no rejects file");
  return IsRejectsFile(path_) ? absl::OkStatus() : refuse("is there and is no rejects file");
}

absl::StatusOr<std::string> RejectsFile::Begin() {
  RETURN_IF_ERROR(Check());
  struct stat about {};
  if (path_.empty() || stat(path_.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return "";
  ASSIGN_OR_RETURN(const bool of_input, IsOfInput(std::nullopt));
  if (of_input || about.st_size == 0) {
    if (unlink(path_.c_str()) == 0) return "";
    return absl::FailedPreconditionError(absl::StrCat(path_, " cannot be removed: ", strerror(errno)));
  }
  int number = 1;
  while (lstat(absl::StrCat(path_, ".", number).c_str(), &about) == 0) ++number;
  const std::string aside = absl::StrCat(path_, ".", number);
  if (rename(path_.c_str(), aside.c_str()) == 0) return aside;
  return absl::FailedPreconditionError(absl::StrCat(path_, " cannot be put aside: ", strerror(errno)));
}

absl::Status RejectsFile::GoOn(int64_t bytes) {
  RETURN_IF_ERROR(Check());
  if (!regular()) return Open(0);
  ASSIGN_OR_RETURN(const bool of_input, IsOfInput(bytes));
  if (of_input) return Open(bytes);
  return absl::FailedPreconditionError(
      absl::StrCat(path_, " is no longer what the import left: begin anew with --restart"));
}

// Whether the file, or its first `bytes`, is what rejecting rows of the input makes it, whatever the reasons:
// then it holds nothing that the input does not hold.
absl::StatusOr<bool> RejectsFile::IsOfInput(std::optional<int64_t> bytes) const {
  if (!input_.regular()) return false;
  std::ifstream file(path_, std::ios::binary | std::ios::ate);
  const auto size = static_cast<int64_t>(file.tellg());
  const int64_t end = bytes.value_or(size);
  if (size < end) return false;
  int64_t at = 0;
  const auto read = [&](size_t count) {
    std::string there(count, '\0');
    file.clear();
    file.seekg(at);
    file.read(there.data(), static_cast<std::streamsize>(count));
    there.resize(static_cast<size_t>(file.gcount()));
    return there;
  };
  const auto take = [&](const std::string& text) {
    if (read(text.size()) != text) return false;
    at += static_cast<int64_t>(text.size());
    return true;
  };
  if (!take(Header())) return false;
  ASSIGN_OR_RETURN(const std::unique_ptr<CsvFile> input, input_.OpenAgain());
  CsvRow row;
  while (at < end) {
    ASSIGN_OR_RETURN(const bool more, input->Next(row));
    if (!more) return false;
    if (!take(Beginning(row)) || row.cut) continue;
    // What is behind a row's own values is ours, and of one line.
    const auto unit = static_cast<size_t>(input->encoding().unit());
    const std::string& line_end = LineEnd(row);
    while (at < end && !take(line_end)) {
      const std::string some = read(kSome);
      size_t found = unit;
      while (found < some.size() && some.compare(found, line_end.size(), line_end) != 0) found += unit;
      at += static_cast<int64_t>(found);
    }
  }
  return at == end;
}

absl::Status RejectsFile::Open(int64_t bytes) {
  const bool is_file = regular();
  file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0 || (is_file && (ftruncate(file_, bytes) != 0 || lseek(file_, bytes, SEEK_SET) < 0))) {
    return absl::FailedPreconditionError(
        absl::StrCat(path_, " cannot be written: ", strerror(errno), "; name another place with --rejects"));
  }
  bytes_ = bytes;
  return absl::OkStatus();
}

// The input's own values of the row.
std::string RejectsFile::OwnValues(const CsvRow& row) const {
  if (own_columns_.size() == input_.header().size()) return row.bytes;
  std::string values;
  for (const size_t column : own_columns_) {
    absl::StrAppend(&values, column == own_columns_.front() ? "" : separator_, row.Slice(column));
  }
  return values;
}

// A row that cannot be taken apart carries what an earlier import said of it.
bool RejectsFile::CarriesOldReason(const CsvRow& row) const {
  return own_columns_.size() != input_.header().size() && row.ends.size() != input_.header().size();
}

// What a row has too few values for the added columns to stand under their titles; nothing where it cannot be
// told how many it has.
std::string RejectsFile::MissingValues(const CsvRow& row) const {
  const bool whole = !row.ends.empty() && row.ends.back() == row.bytes.size();
  std::string separators;
  for (size_t i = row.ends.size(); whole && i < input_.header().size(); ++i) separators += separator_;
  return separators;
}

// What stands in the file for a row, up to the column that is wrong.
std::string RejectsFile::Beginning(const CsvRow& row) const {
  if (row.cut || CarriesOldReason(row)) return row.bytes;
  const std::string separator(1, input_.separator());
  return absl::StrCat(OwnValues(row), MissingValues(row),
                      input_.encoding().Encode(absl::StrCat(separator, row.line, separator)));
}

const std::string& RejectsFile::LineEnd(const CsvRow& row) const {
  return row.line_end.empty() ? input_.header_row().line_end : row.line_end;
}

std::string RejectsFile::Header() const {
  const CsvRow& header = input_.header_row();
  std::string added;
  for (const char* column : kAdded) absl::StrAppend(&added, std::string(1, input_.separator()), column);
  return absl::StrCat(input_.byte_order_mark(), OwnValues(header), input_.encoding().Encode(added),
                      header.line_end.empty() ? input_.encoding().Encode("\n") : header.line_end);
}

absl::Status RejectsFile::Add(const CsvRow& row, const connectors::v1::Reject& reject) {
  if (path_.empty()) return absl::OkStatus();
  if (file_ < 0) {
    RETURN_IF_ERROR(Open(0));
    RETURN_IF_ERROR(Write(Header()));
  }
  RETURN_IF_ERROR(Write(Beginning(row)));
  if (row.cut) return absl::OkStatus();
  if (CarriesOldReason(row)) return Write(LineEnd(row));
  const std::string reason = CsvLine({reject.field(), reject.rule_id(), reject.reason()}, input_.separator());
  return Write(absl::StrCat(input_.encoding().Encode(reason), LineEnd(row)));
}

absl::Status RejectsFile::Write(absl::string_view bytes) {
  absl::StrAppend(&buffer_, bytes);
  bytes_ += static_cast<int64_t>(bytes.size());
  return buffer_.size() < kBuffer ? absl::OkStatus() : Flush();
}

absl::Status RejectsFile::Flush() {
  size_t written = 0;
  while (written < buffer_.size()) {
    const ssize_t wrote = write(file_, buffer_.data() + written, buffer_.size() - written);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) {
      return absl::FailedPreconditionError(absl::StrCat(path_, " cannot be written: ", strerror(errno)));
    }
    written += static_cast<size_t>(wrote);
  }
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status RejectsFile::Sync() {
  if (file_ < 0) return absl::OkStatus();
  RETURN_IF_ERROR(Flush());
  // A device or a pipe (EINVAL, EROFS) has nothing to be kept.
  if (fdatasync(file_) == 0 || errno == EINVAL || errno == EROFS) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path_, " cannot be written: ", strerror(errno)));
}

}  // namespace makegood::ctl
