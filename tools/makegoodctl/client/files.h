// Files that people name: what is wrong with one is told as the system tells it.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace makegood::ctl {

// The most that is read of one: more than any photo, video or request may have.
inline constexpr size_t kLargestFile = size_t{256} * 1024 * 1024;

// A file's bytes, of a pipe until it ends; - is standard input. NOT_FOUND where there is none,
// INVALID_ARGUMENT for a folder and for more than `most` bytes, else UNKNOWN; all name the path.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most = kLargestFile);

// Writes a file as a whole or not at all, where a symbolic link leads; what is no regular file, such as a
// pipe, is written into. Statuses as ReadFile.
absl::Status WriteFile(const std::string& path, const std::string& bytes);

}  // namespace makegood::ctl
