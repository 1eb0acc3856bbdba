#include "services/claims/content.h"

#include <magic.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "common/base/status.h"

namespace makegood::services {
namespace {

absl::Status Broken(absl::string_view why) { return Refusal("CLM-02", why); }

// Reads a file at any place; what cannot be read is not there.
class File {
 public:
  File(int fd, int64_t size) : fd_(fd), size_(size) {}

  int64_t size() const { return size_; }

  // Up to `count` bytes from `offset` on.
  absl::string_view Read(int64_t offset, size_t count) {
    count = std::min(count, buffer_.size());
    size_t have = 0;
    while (have < count) {
      const ssize_t got =
          pread(fd_, buffer_.data() + have, count - have, offset + static_cast<int64_t>(have));
      if (got <= 0) break;
      have += got;
    }
    return absl::string_view(buffer_.data(), have);
  }

  // The `bytes` bytes from `offset` on as a number, most significant first.
  std::optional<uint64_t> Number(int64_t offset, int bytes) {
    const absl::string_view read = Read(offset, bytes);
    if (read.size() != static_cast<size_t>(bytes)) return std::nullopt;
    uint64_t number = 0;
    for (const char byte : read) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
  }

 private:
  int fd_;
  int64_t size_;
  std::array<char, 64 << 10> buffer_;
};

constexpr uint64_t kStartOfScan = 0xFFDA;
constexpr absl::string_view kEndOfImage("\xFF\xD9", 2);

// After the segments of the header, which may hold a small picture of its own, the scan must come,
// and after it somewhere the end mark; cameras put things behind it.
absl::Status CheckJpeg(File& file) {
  int64_t at = 2;
  while (true) {
    const auto marker = file.Number(at, 2);
    const auto length = file.Number(at + 2, 2);
    if (!marker.has_value() || !length.has_value() || *length < 2) return Broken("the picture is cut off");
    at += 2 + static_cast<int64_t>(*length);
    if (*marker == kStartOfScan) break;
    if (*marker >> 8 != 0xFF) return Broken("the picture is broken");
  }
  while (at < file.size()) {
    const absl::string_view read = file.Read(at, 64 << 10);
    if (read.find(kEndOfImage) != absl::string_view::npos) return absl::OkStatus();
    if (read.size() < 2) break;
    at += static_cast<int64_t>(read.size()) - 1;  // the mark may lie across two pieces
  }
  return Broken("the picture is cut off");
}

constexpr uint64_t kImageEnd = 0x49454E44;  // "IEND"

absl::Status CheckPng(File& file) {
  for (int64_t at = 8; at < file.size();) {
    const auto length = file.Number(at, 4);
    const auto type = file.Number(at + 4, 4);
    if (!length.has_value() || !type.has_value()) break;
    at += 12 + static_cast<int64_t>(*length);  // length, type, content, check sum
    if (at > file.size()) break;
    if (*type == kImageEnd) return absl::OkStatus();
  }
  return Broken("the picture is cut off");
}

// MP4 and QuickTime: a row of boxes that ends where the file ends.
absl::Status CheckBoxes(File& file) {
  int64_t at = 0;
  while (at < file.size()) {
    auto length = file.Number(at, 4);
    if (length == 0) return absl::OkStatus();          // to the end of the file
    if (length == 1) length = file.Number(at + 8, 8);  // a long one
    const uint64_t rest = static_cast<uint64_t>(file.size() - at);
    if (!length.has_value() || *length < 8 || *length > rest) return Broken("the film is cut off");
    at += static_cast<int64_t>(*length);
  }
  return absl::OkStatus();
}

}  // namespace

void ContentTypes::Close::operator()(magic_set* cookie) const { magic_close(cookie); }

absl::StatusOr<std::string> ContentTypes::Of(absl::string_view head) {
  ASSIGN_OR_RETURN(Cookie cookie, Borrow());
  const char* const named = magic_buffer(cookie.get(), head.data(), std::min(head.size(), kHead));
  if (named == nullptr) return absl::UnavailableError("the type of a file cannot be told now");
  std::string type = named;  // the cookie's own memory, used again by the next call
  GiveBack(std::move(cookie));
  return type;
}

absl::StatusOr<ContentTypes::Cookie> ContentTypes::Borrow() {
  {
    absl::MutexLock lock(&mutex_);
    if (!idle_.empty()) {
      Cookie cookie = std::move(idle_.back());
      idle_.pop_back();
      return cookie;
    }
  }
  Cookie cookie(magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS));
  if (cookie == nullptr || magic_load(cookie.get(), nullptr) != 0) {
    return absl::UnavailableError("libmagic's database cannot be loaded");
  }
  return cookie;
}

void ContentTypes::GiveBack(Cookie cookie) {
  absl::MutexLock lock(&mutex_);
  idle_.push_back(std::move(cookie));
}

absl::Status CheckWhole(int fd, int64_t size, absl::string_view content_type) {
  File file(fd, size);
  if (content_type == "image/jpeg") return CheckJpeg(file);
  if (content_type == "image/png") return CheckPng(file);
  if (content_type == "video/mp4" || content_type == "video/quicktime") return CheckBoxes(file);
  return absl::OkStatus();
}

}  // namespace makegood::services
