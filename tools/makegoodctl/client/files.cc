#include "tools/makegoodctl/client/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"

namespace makegood::ctl {
namespace {

constexpr size_t kPiece = size_t{1} << 16;

// What errno says of the file; `done` is "read" or "written".
absl::Status FileError(const std::string& path, absl::string_view done, int error) {
  const std::string text = absl::StrCat("the file ", path, " cannot be ", done, ": ", std::strerror(error));
  if (error == ENOENT) return absl::NotFoundError(text);
  return error == EISDIR ? absl::InvalidArgumentError(text) : absl::UnknownError(text);
}

absl::Status WriteAll(int file, const std::string& path, const std::string& bytes) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t count = write(file, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno != EINTR) return FileError(path, "written", errno);
    done += static_cast<size_t>(std::max<ssize_t>(count, 0));
  }
  return absl::OkStatus();
}

// Opens with `flags`, writes, and closes.
absl::Status WriteInto(const std::string& path, int flags, const std::string& named,
                       const std::string& bytes) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0666);
  if (file < 0) return FileError(named, "written", errno);
  const absl::Status written = WriteAll(file, named, bytes);
  if (close(file) != 0 && written.ok()) return FileError(named, "written", errno);
  return written;
}

// Where a path's symbolic links lead, whether or not there is anything.
std::string Target(const std::string& path) {
  std::error_code error;
  std::filesystem::path target = path;
  for (int links = 0; links < 40 && std::filesystem::is_symlink(target, error); ++links) {
    target = target.parent_path() / std::filesystem::read_symlink(target, error);
  }
  return target;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most) {
  const int file = path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return FileError(path, "read", errno);
  const absl::Cleanup closed = [file] { close(file); };
  std::string bytes;
  std::string piece(kPiece, '\0');
  while (bytes.size() <= most) {
    const ssize_t count = read(file, piece.data(), piece.size());
    if (count == 0) return bytes;
    if (count < 0 && errno != EINTR) return FileError(path, "read", errno);
    bytes.append(piece, 0, static_cast<size_t>(std::max<ssize_t>(count, 0)));
  }
  return absl::InvalidArgumentError(absl::StrCat("the file ", path, " is longer than ", most, " bytes"));
}

absl::Status WriteFile(const std::string& path, const std::string& bytes) {
  const std::string target = Target(path);
  std::error_code error;
  const std::filesystem::file_status there = std::filesystem::status(target, error);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
    return WriteInto(target, 0, path, bytes);
  }
  const std::string part = absl::StrCat(target, ".", getpid(), ".part");
  absl::Status written = WriteInto(part, O_CREAT | O_TRUNC, path, bytes);
  if (written.ok() && rename(part.c_str(), target.c_str()) != 0) written = FileError(path, "written", errno);
  if (!written.ok()) unlink(part.c_str());
  return written;
}

}  // namespace makegood::ctl
