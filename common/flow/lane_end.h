// Whether the other end of a lane answers: a peer, the mail server. For the task runner alone.
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace makegood::flow {

// Not thread-safe. An end is away where it says so, or nobody is there to answer: then tasks are kept back,
// and one at a time asks. A call that is waited for in vain is no such sign, since that one alone may hang:
// it keeps back nobody.
class LaneEnd {
 public:
  // The pauses between two that ask, while it is away.
  LaneEnd(std::string lane, absl::Duration first_pause, absl::Duration max_pause)
      : lane_(std::move(lane)), first_pause_(first_pause), max_pause_(max_pause) {}

  const std::string& lane() const { return lane_; }
  bool away() const { return failures_ > 0; }
  // What it says instead of an answer, since the last one; empty where it answers.
  const std::string& why() const { return why_; }

  // While it is away: whether one more may ask now, which it does then, and when the next may. If it is not
  // told anything for 100 ms another asks as well, since it may be that one alone which gets no answer; the
  // next after twice that, and so on.
  bool MayAsk(absl::Time now);
  absl::Time again() const { return again_; }

  // An answer. Whether it was missed.
  bool NoteAnswer(absl::Time now);
  // Nobody is there for one that `asked`, or that had begun before that was known. How long it waits.
  absl::Duration NoteAway(bool asked, const absl::Status& status, absl::Time now);
  // One that began at `begun` was waited for in vain.
  void NoteSilence(absl::Time begun, const absl::Status& status, absl::Time now);

 private:
  // Tells of it, once, if it goes on.
  void Note(absl::Time since, const absl::Status& status, absl::Time now);

  std::string lane_;
  absl::Duration first_pause_;
  absl::Duration max_pause_;
  // While it is away:
  int failures_ = 0;
  absl::Time again_;
  int asking_ = 0;  // since one was last told that it is away
  // While it does not answer:
  std::string why_;
  absl::Time since_;
  bool told_ = false;
  absl::Time last_answer_ = absl::InfinitePast();
};

}  // namespace makegood::flow
