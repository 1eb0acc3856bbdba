// JPEG, PNG and WebP: does the picture come to its own end (CLM-02)?
#include <zlib.h>

#include "services/claims/content_checks.h"

namespace makegood::services {
namespace {

absl::Status NoImage() { return Broken("the picture holds no image data"); }

// ---- JPEG (ITU T.81)

constexpr int kFill = 0xFF;
constexpr int kStartOfImage = 0xD8;
constexpr int kEndOfImage = 0xD9;
constexpr int kStartOfScan = 0xDA;

// Marks of one byte, without a segment.
bool StandsAlone(int marker) { return marker == 0x01 || (marker >= 0xD0 && marker <= kStartOfImage); }

bool IsFrame(int marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// The marker at `at`, which moves behind it. Cameras may put any number of fill bytes before one.
absl::StatusOr<int> NextMarker(ContentFile& file, uint64_t& at) {
  auto byte = file.Number(at, 1);
  if (byte.has_value() && *byte != kFill) return Broken("the picture is broken");
  while (byte.has_value() && *byte == kFill) byte = file.Number(++at, 1);
  if (!byte.has_value()) return CutOff();
  ++at;
  if (*byte == 0) return Broken("the picture is broken");
  return static_cast<int>(*byte);
}

// Where the scan that begins at `at` ends: at the first marker that is no part of its data.
uint64_t EndOfScan(ContentFile& file, uint64_t at) {
  while (at < file.size()) {
    const absl::string_view read = file.Next(at);
    const size_t found = read.find('\xFF');
    if (found == absl::string_view::npos) {
      if (read.empty()) break;
      at += read.size();
      continue;
    }
    at += found;
    const auto next = file.Number(at + 1, 1);
    if (!next.has_value()) break;
    if (*next != 0 && *next != kFill && !StandsAlone(static_cast<int>(*next))) return at;
    at += *next == kFill ? 1 : 2;
  }
  return file.size();
}

}  // namespace

// Segment by segment, so that the end of a small picture within a segment is not taken for the end of
// this one. Cameras put things behind the end mark, which are no part of the picture.
absl::Status CheckJpeg(ContentFile& file) {
  bool has_frame = false;
  bool has_image = false;
  for (uint64_t at = 2;;) {
    ASSIGN_OR_RETURN(const int marker, NextMarker(file, at));
    if (marker == kEndOfImage) return has_image ? absl::OkStatus() : NoImage();
    if (StandsAlone(marker)) continue;
    const auto length = file.Number(at, 2);
    if (!length.has_value() || !file.Holds(at, *length)) return CutOff();
    if (*length < 2) return Broken("the picture is broken");
    at += *length;
    has_frame |= IsFrame(marker);
    if (marker == kStartOfScan) {
      if (!has_frame) return Broken("the picture is broken");
      const uint64_t end = EndOfScan(file, at);
      has_image |= end > at;
      at = end;
    }
  }
}

// ---- PNG (ISO/IEC 15948)

namespace {

constexpr uint64_t kSignature = 8;
constexpr uint64_t kPngFrame = 12;          // of a chunk: length, type, check sum
constexpr uint64_t kHeader = 0x49484452;    // "IHDR"
constexpr uint64_t kData = 0x49444154;      // "IDAT"
constexpr uint64_t kImageEnd = 0x49454E44;  // "IEND"

uint64_t CheckSum(ContentFile& file, uint64_t at, uint64_t count) {
  uLong sum = crc32(0, nullptr, 0);
  while (count > 0) {
    const absl::string_view read = file.Next(at).substr(0, count);
    if (read.empty()) break;
    sum = crc32(sum, reinterpret_cast<const Bytef*>(read.data()), static_cast<uInt>(read.size()));
    at += read.size();
    count -= read.size();
  }
  return sum;
}

}  // namespace

absl::Status CheckPng(ContentFile& file) {
  bool has_image = false;
  for (uint64_t at = kSignature;;) {
    const auto length = file.Number(at, 4);
    const auto type = file.Number(at + 4, 4);
    if (!length.has_value() || !type.has_value() || !file.Holds(at, kPngFrame + *length)) return CutOff();
    if ((at == kSignature) != (*type == kHeader)) return Broken("the picture is broken");
    if (file.Number(at + 8 + *length, 4) != CheckSum(file, at + 4, 4 + *length)) {
      return Broken("the picture is broken: a check sum is wrong");
    }
    has_image |= *type == kData && *length > 0;
    if (*type == kImageEnd) return has_image ? absl::OkStatus() : NoImage();
    at += kPngFrame + *length;
  }
}

// ---- WebP (RFC 9649)

namespace {

constexpr uint64_t kRiffHead = 12;   // "RIFF", length, "WEBP"
constexpr uint64_t kChunkHead = 8;   // name, length
constexpr uint64_t kFrameHead = 16;  // of an animation's frame, before chunks of its own

// True if the chunks from `at` to `end` fill it and hold an image; those of an animation lie in its frames.
bool HoldImage(ContentFile& file, uint64_t at, uint64_t end, bool in_frame) {
  bool has_image = false;
  while (at < end) {
    const auto length = file.LittleNumber(at + 4, 4);
    if (!length.has_value() || end - at < kChunkHead || *length > end - at - kChunkHead) return false;
    const uint64_t content = at + kChunkHead;
    const absl::string_view name = file.Read(at, 4);
    if (name == "VP8 " || name == "VP8L") {
      has_image |= *length > 0;
    } else if (name == "ANMF" && !in_frame) {
      if (*length < kFrameHead || !HoldImage(file, content + kFrameHead, content + *length, true))
        return false;
      has_image = true;
    }
    at = content + *length + *length % 2;  // even, but some leave out the last byte
  }
  return has_image;
}

}  // namespace

absl::Status CheckWebp(ContentFile& file) {
  const auto length = file.LittleNumber(4, 4);
  if (!length.has_value() || !file.Holds(kChunkHead, *length)) return CutOff();
  if (HoldImage(file, kRiffHead, kChunkHead + *length, /*in_frame=*/false)) return absl::OkStatus();
  return Broken("the picture is broken, or holds no image data");
}

}  // namespace makegood::services
