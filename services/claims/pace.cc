#include "services/claims/pace.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace makegood::services {

absl::Duration Pace::Begin(absl::Time now) {
  wait_begun_ = now;
  return std::clamp(end_ - now, absl::ZeroDuration(), limits_.idle);
}

absl::Status Pace::End(absl::Time now, size_t bytes) {
  waited_ += now - wait_begun_;
  bytes_ += bytes;
  const double least = absl::ToDoubleSeconds(waited_) * static_cast<double>(limits_.least_bytes_per_second);
  if (waited_ <= limits_.idle || static_cast<double>(bytes_) >= least) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat("the file comes or goes too slowly: ", bytes_, " bytes in ",
                   absl::FormatDuration(absl::Trunc(waited_, absl::Milliseconds(1))), ", the least is ",
                   limits_.least_bytes_per_second, " bytes a second"));
}

absl::Status Pace::Expired(absl::Time now, absl::string_view what) const {
  if (now >= end_) {
    return absl::DeadlineExceededError(
        absl::StrCat("the file took longer than ", absl::FormatDuration(limits_.total)));
  }
  return absl::DeadlineExceededError(absl::StrCat(what, " for ", absl::FormatDuration(limits_.idle)));
}

}  // namespace makegood::services
