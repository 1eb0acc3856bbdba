// A file of evidence while its content is checked (CLM-02).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/status.h"

namespace makegood::services {

inline absl::Status Broken(absl::string_view why) { return Refusal("CLM-02", why); }
inline absl::Status CutOff() { return Broken("the file is cut off"); }

// Reads a file at any place, in memory of one size; what cannot be read is not there. Offsets are
// compared without sums that a file could make overflow: see Holds.
class ContentFile {
 public:
  static constexpr size_t kWindow = 16 << 10;

  ContentFile(int fd, int64_t size) : fd_(fd), size_(static_cast<uint64_t>(size)) {}

  int fd() const { return fd_; }
  uint64_t size() const { return size_; }
  bool Holds(uint64_t offset, uint64_t count) const { return offset <= size_ && count <= size_ - offset; }

  // Up to `count` bytes, and no more than kWindow, from `offset` on. Valid until the next call.
  absl::string_view Read(uint64_t offset, size_t count);
  // The next bytes from `offset` on, as many as are at hand; empty at the end. Valid until the next call. To
  // go through a file with: the disk is asked once for each window.
  absl::string_view Next(uint64_t offset);

  // The `bytes` bytes from `offset` on, no more than 8, as a number: most significant first, or last.
  std::optional<uint64_t> Number(uint64_t offset, int bytes);
  std::optional<uint64_t> LittleNumber(uint64_t offset, int bytes);

 private:
  void Fill(uint64_t offset);

  int fd_;
  uint64_t size_;
  uint64_t start_ = 0;  // of the window, in the file
  size_t have_ = 0;
  std::array<char, kWindow> window_;
};

}  // namespace makegood::services
