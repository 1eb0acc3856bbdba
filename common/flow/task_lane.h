// What waits and is under way of one lane. For the task runner alone, whose lock guards it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/flow/lane_end.h"
#include "common/flow/tasks.h"
#include "common/store/store.h"

namespace makegood::flow {

// Tasks of one lane and part that are held at a time; of them those that failed before, so that however many
// these are, new ones have their turn.
inline constexpr size_t kHeld = 8;
inline constexpr size_t kHeldFailed = 4;
// A lane has more threads once something waits and none of them has become free for so long.
inline constexpr absl::Duration kHeldUp = absl::Milliseconds(50);

// Of one lane and part: a new task is under way, and beside it one that failed before, so that one which
// hangs again and again holds up no new ones.
struct TaskSlot {
  bool busy[2] = {false, false};  // with a new one; with one that failed before
  bool more = false;              // there was no room for all that is due
  absl::Time not_before = absl::InfinitePast();
  std::deque<store::DueTask> waiting;

  bool HasRoom(bool failed_before) const {
    const auto failed = std::count_if(waiting.begin(), waiting.end(),
                                      [](const store::DueTask& task) { return task.attempts > 0; });
    return waiting.size() < kHeld && (!failed_before || static_cast<size_t>(failed) < kHeldFailed);
  }
};

struct TaskLane;

struct TaskJob {
  TaskLane* lane = nullptr;
  const TaskKind* kind = nullptr;
  store::DueTask task;
  bool failed_before = false;  // its place in the slot
  bool asks = false;           // whether an end that is away is there again
  absl::Time begun;            // handed to the threads of its lane, where it blocks
};

struct TaskLane {
  explicit TaskLane(LaneEnd other_end) : end(std::move(other_end)) {}

  LaneEnd end;
  bool blocks = false;
  bool in_order = false;  // then a slot has one place alone
  std::vector<std::string> kinds;
  std::vector<TaskSlot> slots;  // by part
  uint32_t first = 0;           // the slot to begin with, so that each has its turn
  absl::Time told_of_task = absl::InfinitePast();
  // Of one that blocks:
  std::deque<TaskJob> jobs;  // for its threads
  int threads = 0;
  int free_threads = 0;
  absl::Time last_taken = absl::InfinitePast();  // when one of them took the last job

  // The next for that place of `slot`, or its end.
  std::deque<store::DueTask>::iterator NextOf(TaskSlot& slot, bool failed_before) const {
    return std::find_if(slot.waiting.begin(), slot.waiting.end(), [&](const store::DueTask& task) {
      return (!in_order && task.attempts > 0) == failed_before;
    });
  }

  // What waits is held up by those under way: each place may have a thread of its own in the end.
  bool LacksThreads() const { return Lacking() > 0; }
  int Lacking() const {
    const int most = static_cast<int>(slots.size() * std::size(TaskSlot().busy));
    return std::min(static_cast<int>(jobs.size()) - free_threads, most - threads);
  }
  // Once jobs wait.
  absl::Time HeldUpAt() const { return std::max(last_taken, jobs.front().begun) + kHeldUp; }
};

}  // namespace makegood::flow
