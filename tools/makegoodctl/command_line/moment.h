// Times as people say them: "now", "2026-11-28", "+2d".
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace makegood::ctl {

// When and where a time is said.
struct Moment {
  // Asked only where a time is told from it.
  std::function<absl::Time()> now = [] { return absl::Now(); };
  // Of times that name none.
  absl::TimeZone zone = absl::LocalTimeZone();
};

// Whether a time is told from the moment: "now", +2d.
bool IsToldFromNow(absl::string_view text);

// "now"; a time from now, like +2d, -3h, +1d12h (w, d, h, m and s; a day is 24 hours); a day, which is its
// beginning; or a date and a time with "T" or a space between them, seconds and zone left out or not.
absl::StatusOr<absl::Time> ReadTime(absl::string_view text, const Moment& moment = {});

}  // namespace makegood::ctl
