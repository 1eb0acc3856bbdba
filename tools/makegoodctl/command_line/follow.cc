#include "tools/makegoodctl/command_line/follow.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace makegood::ctl {
namespace {

constexpr absl::Duration kFirstPatience = absl::Seconds(3);
constexpr absl::Duration kLaterPatience = absl::Minutes(10);
constexpr absl::Duration kTurn = absl::Milliseconds(200);

sigset_t StoppingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t signals = StoppingSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  waiter_ = std::thread([this] { Wait(); });
}

StopSignal::~StopSignal() {
  over_ = true;
  waiter_.join();
}

void StopSignal::Wait() {
  const sigset_t signals = StoppingSignals();
  const timespec turn = absl::ToTimespec(kTurn);
  while (!over_) {
    if (sigtimedwait(&signals, nullptr, &turn) > 0) Stop();
  }
}

void StopSignal::Stop() {
  stopped_ = true;
  absl::MutexLock lock(&mutex_);
  for (grpc::ClientContext* call : calls_) call->TryCancel();
}

void StopSignal::Cancel(grpc::ClientContext& context) {
  absl::MutexLock lock(&mutex_);
  calls_.insert(&context);
  if (stopped_) context.TryCancel();
}

void StopSignal::Forget(grpc::ClientContext& context) {
  absl::MutexLock lock(&mutex_);
  calls_.erase(&context);
}

absl::Status AwaitServer(Session& session, const StopSignal& stop, bool was_there) {
  const absl::Duration patience = was_there ? kLaterPatience : std::min(kFirstPatience, session.timeout());
  const absl::Time deadline = absl::Now() + patience;
  while (absl::Now() < deadline && !stop.stopped()) {
    const auto turn = std::chrono::system_clock::now() + absl::ToChronoNanoseconds(kTurn);
    if (session.client().channel->WaitForConnected(turn)) return absl::OkStatus();
  }
  if (stop.stopped()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("no server answers at ", session.settings().server));
}

void RunningTable::Print(const std::vector<Table::Cell>& cells) {
  widths_.resize(std::max(widths_.size(), cells.size()));
  std::string line;
  size_t used = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    std::string text = OneLine(cells[i].text);
    if (terminal_.width > 0) text = Cut(text, terminal_.width - std::min(used, terminal_.width));
    widths_[i] = std::max(widths_[i], DisplayWidth(text));
    line += Paint(text, cells[i].colour, terminal_.colour_out);
    if (i + 1 < cells.size()) line.append(widths_[i] + 2 - DisplayWidth(text), ' ');
    used += widths_[i] + 2;
  }
  std::puts(line.c_str());
}

}  // namespace makegood::ctl
