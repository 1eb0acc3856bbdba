#include "common/flow/lane_end.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/flow/backoff.h"

namespace makegood::flow {
namespace {

constexpr absl::Duration kAskAlone = absl::Milliseconds(100);
constexpr int kMostDoubled = 10;
// An end that does not answer for less is no news.
constexpr absl::Duration kToTell = absl::Seconds(1);

}  // namespace

bool LaneEnd::MayAsk(absl::Time now) {
  if (now < again_) return false;
  const absl::Duration alone = kAskAlone * (1 << std::min(asking_++, kMostDoubled));
  again_ = now + std::min(alone, std::max(kAskAlone, max_pause_));
  return true;
}

bool LaneEnd::NoteAnswer(absl::Time now) {
  last_answer_ = now;
  if (why_.empty()) return false;
  failures_ = 0;
  why_.clear();
  if (std::exchange(told_, false)) Log(LogLevel::kInfo, "tasks go on", {{"lane", lane_}});
  return true;
}

absl::Duration LaneEnd::NoteAway(bool asked, const absl::Status& status, absl::Time now) {
  // Those that were under way together say it together.
  if (failures_ == 0 || asked) {
    again_ = now + Backoff(failures_, first_pause_, max_pause_);
    asking_ = 0;
    ++failures_;
  }
  Note(now, status, now);
  return std::max(again_ - now, absl::ZeroDuration());
}

void LaneEnd::NoteSilence(absl::Time begun, const absl::Status& status, absl::Time now) {
  if (last_answer_ < begun) Note(begun, status, now);
}

void LaneEnd::Note(absl::Time since, const absl::Status& status, absl::Time now) {
  if (why_.empty()) since_ = since;
  why_ = absl::StrCat(absl::StatusCodeToString(status.code()), ", ", status.message());
  if (told_ || now - since_ < kToTell) return;
  told_ = true;
  Log(LogLevel::kWarning, "tasks wait for an end that does not answer", {{"lane", lane_}, {"error", why_}});
}

}  // namespace makegood::flow
