#include "tools/makegoodctl/import/import_rejects.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace makegood::ctl {
namespace {

constexpr size_t kBuffer = size_t{256} * 1024;
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

absl::Status RejectsFile::Begin() {
  struct stat about {};
  if (path_.empty() || stat(path_.c_str(), &about) != 0) return absl::OkStatus();
  if (!S_ISREG(about.st_mode) || !IsRejectsFile(path_)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path_, " is there and is no rejects file: name another one with --rejects"));
  }
  if (unlink(path_.c_str()) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path_, " cannot be removed: ", strerror(errno)));
}

absl::Status RejectsFile::GoOn(int64_t bytes) {
  if (bytes == 0) return Begin();
  struct stat about {};
  if (stat(path_.c_str(), &about) != 0 || about.st_size < bytes) {
    return absl::FailedPreconditionError(
        absl::StrCat(path_, " is no longer what the import left: begin anew with --restart"));
  }
  return Open(bytes);
}

absl::Status RejectsFile::Open(int64_t bytes) {
  file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0 || ftruncate(file_, bytes) != 0 || lseek(file_, bytes, SEEK_SET) < 0) {
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

absl::Status RejectsFile::WriteHeader() {
  const CsvRow& header = input_.header_row();
  std::string added;
  for (const char* column : kAdded) absl::StrAppend(&added, std::string(1, input_.separator()), column);
  return Write(absl::StrCat(input_.byte_order_mark(), OwnValues(header), input_.encoding().Encode(added),
                            header.line_end.empty() ? input_.encoding().Encode("\n") : header.line_end));
}

absl::Status RejectsFile::Add(const CsvRow& row, const connectors::v1::Reject& reject) {
  if (path_.empty()) return absl::OkStatus();
  if (file_ < 0) {
    RETURN_IF_ERROR(Open(0));
    RETURN_IF_ERROR(WriteHeader());
  }
  if (row.cut) return Write(row.bytes);
  const std::string& line_end = row.line_end.empty() ? input_.header_row().line_end : row.line_end;
  // A row that cannot be taken apart carries what an earlier import said of it.
  const bool has_added = own_columns_.size() != input_.header().size();
  if (has_added && row.ends.size() != input_.header().size()) return Write(absl::StrCat(row.bytes, line_end));
  const std::string added =
      absl::StrCat(std::string(1, input_.separator()),
                   CsvLine({absl::StrCat(row.line), reject.field(), reject.rule_id(), reject.reason()},
                           input_.separator()));
  return Write(absl::StrCat(OwnValues(row), input_.encoding().Encode(added), line_end));
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
  if (fdatasync(file_) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path_, " cannot be written: ", strerror(errno)));
}

}  // namespace makegood::ctl
