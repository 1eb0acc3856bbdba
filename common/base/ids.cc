#include "common/base/ids.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace makegood {
namespace {

constexpr size_t kIdDigits = 20;
constexpr size_t kTimedIdDigits = 24;  // 11 of them for the time: milliseconds until the year 2527

// The part an id made by MakeId carries, or nothing for any other string.
std::optional<uint32_t> CarriedPart(absl::string_view id) {
  const size_t first = id.find('-');
  if (first == absl::string_view::npos || first == 0) return std::nullopt;
  if (id.size() != first + 4 + kIdDigits && id.size() != first + 4 + kTimedIdDigits) return std::nullopt;
  if (id[first + 3] != '-') return std::nullopt;
  for (const char c : id.substr(0, first)) {
    if (!absl::ascii_islower(static_cast<unsigned char>(c))) return std::nullopt;
  }
  for (const char c : id.substr(first + 4)) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return std::nullopt;
  }
  uint32_t part = 0;
  if (!absl::SimpleHexAtoi(id.substr(first + 1, 2), &part)) return std::nullopt;
  return part;
}

std::string IdOf(absl::string_view prefix, uint32_t part, absl::string_view digits) {
  return absl::StrCat(prefix, "-", absl::Hex(part, absl::kZeroPad2), "-", digits);
}

}  // namespace

std::string Sha256(absl::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  // SHA256() would look the algorithm up anew each time.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, algorithm,
             nullptr);
  return digest;
}

std::string Sha256Hex(absl::string_view bytes) { return absl::BytesToHexString(Sha256(bytes)); }

uint32_t PartOf(absl::string_view routing_key, uint32_t parts) {
  if (const auto carried = CarriedPart(routing_key); carried.has_value()) return *carried % parts;
  // FNV-1a: stable, short, and spread well enough over a few parts.
  uint64_t hash = 14695981039346656037u;
  for (const char c : routing_key) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  return static_cast<uint32_t>((hash ^ (hash >> 32)) % parts);
}

std::string MakeId(absl::string_view prefix, uint32_t part, absl::string_view seed) {
  return IdOf(prefix, part, absl::string_view(Sha256Hex(seed)).substr(0, kIdDigits));
}

std::string MakeId(absl::string_view prefix, uint32_t part, absl::Time time, absl::string_view seed) {
  const int64_t millis = std::max<int64_t>(absl::ToUnixMillis(time), 0);
  const std::string digits = absl::StrCat(absl::Hex(millis, absl::kZeroPad11), Sha256Hex(seed));
  return IdOf(prefix, part, absl::string_view(digits).substr(0, kTimedIdDigits));
}

}  // namespace makegood
