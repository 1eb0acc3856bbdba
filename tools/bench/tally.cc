#include "tools/bench/tally.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "common/base/log.h"

namespace makegood::bench {
namespace {

uint32_t Quantile(const std::vector<uint32_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

void Tally::Add(absl::Duration took, size_t bytes, absl::Status status) {
  if (status.ok()) {
    reply_bytes = bytes;
    micros.push_back(static_cast<uint32_t>(absl::ToInt64Microseconds(took)));
    return;
  }
  ++failed;
  failure.Update(std::move(status));
}

void Tally::Merge(const Tally& other) {
  micros.insert(micros.end(), other.micros.begin(), other.micros.end());
  failed += other.failed;
  if (other.reply_bytes > 0) reply_bytes = other.reply_bytes;
  failure.Update(other.failure);
}

std::string Report(Tally tally, absl::Duration took, int64_t next) {
  std::sort(tally.micros.begin(), tally.micros.end());
  const double seconds = absl::ToDoubleSeconds(took);
  return absl::StrFormat(
      "{\"calls\": %d, \"failed\": %d, \"failure\": %s, \"seconds\": %.3f, \"rate\": %.1f, "
      "\"p50_us\": %d, \"p99_us\": %d, \"reply_bytes\": %d, \"next\": %d}",
      tally.micros.size(), tally.failed, JsonString(tally.failure.ToString()), seconds,
      static_cast<double>(tally.micros.size()) / std::max(seconds, 1e-9), Quantile(tally.micros, 0.5),
      Quantile(tally.micros, 0.99), tally.reply_bytes, next);
}

}  // namespace makegood::bench
