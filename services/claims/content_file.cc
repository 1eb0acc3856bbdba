#include "services/claims/content_file.h"

#include <unistd.h>

#include <algorithm>

namespace makegood::services {

absl::string_view ContentFile::Read(uint64_t offset, size_t count) {
  if (offset >= size_) return "";
  count = static_cast<size_t>(std::min<uint64_t>({count, kWindow, size_ - offset}));
  if (offset < start_ || offset - start_ > have_ || count > have_ - (offset - start_)) Fill(offset);
  const auto at = static_cast<size_t>(offset - start_);
  return absl::string_view(window_.data() + at, std::min(count, have_ - at));
}

absl::string_view ContentFile::Next(uint64_t offset) {
  const bool at_hand = offset >= start_ && offset - start_ < have_;
  return Read(offset, at_hand ? have_ - static_cast<size_t>(offset - start_) : kWindow);
}

void ContentFile::Fill(uint64_t offset) {
  start_ = offset;
  have_ = 0;
  while (have_ < kWindow) {
    const ssize_t got =
        pread(fd_, window_.data() + have_, kWindow - have_, static_cast<off_t>(offset + have_));
    if (got <= 0) break;
    have_ += static_cast<size_t>(got);
  }
}

std::optional<uint64_t> ContentFile::Number(uint64_t offset, int bytes) {
  const absl::string_view read = Read(offset, static_cast<size_t>(bytes));
  if (read.size() != static_cast<size_t>(bytes)) return std::nullopt;
  uint64_t number = 0;
  for (const char byte : read) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::optional<uint64_t> ContentFile::LittleNumber(uint64_t offset, int bytes) {
  std::optional<uint64_t> number = Number(offset, bytes);
  if (number.has_value()) *number = __builtin_bswap64(*number) >> (64 - 8 * bytes);
  return number;
}

}  // namespace makegood::services
