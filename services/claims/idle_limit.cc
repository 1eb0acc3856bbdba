#include "services/claims/idle_limit.h"

#include <utility>

#include "absl/time/clock.h"

namespace makegood::services {

void IdleLimit::Wait(absl::Duration limit, absl::FunctionRef<void()> start, std::function<void()> expired) {
  const auto turn = std::make_shared<Turn>();
  turn_ = turn;
  alarm_ = std::make_unique<grpc::Alarm>();
  const absl::MutexLock lock(&turn->mutex);  // nobody takes the turn before `start` has returned
  alarm_->Set(absl::ToChronoTime(absl::Now() + limit), [turn, expired = std::move(expired)](bool is_due) {
    if (is_due && turn->Take()) expired();
  });
  start();
}

bool IdleLimit::End() {
  if (!turn_->Take()) return false;
  alarm_->Cancel();
  return true;
}

bool IdleLimit::Turn::Take() {
  const absl::MutexLock lock(&mutex);
  return !std::exchange(taken, true);
}

}  // namespace makegood::services
