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

std::vector<std::string> RunningTable::Lines(const std::vector<Table::Cell>& cells) {
  constexpr size_t kBetween = 2;
  widths_.resize(std::max(widths_.size(), cells.size()));
  std::vector<std::string> lines(1);
  size_t used = 0;     // of the line
  size_t missing = 0;  // spaces before the next text
  for (size_t i = 0; i < cells.size(); ++i) {
    std::string text = OneLine(cells[i].text);
    if (text.empty() && lines.size() > 1) continue;
    if (terminal_.width > 0 && used > 0 && used + missing + DisplayWidth(text) > terminal_.width) {
      lines.emplace_back();
      used = 0;
      missing = 2 * kBetween;
    }
    if (terminal_.width > 0) text = Cut(text, terminal_.width - std::min(missing, terminal_.width));
    const size_t taken = DisplayWidth(text);
    if (taken > 0) {
      lines.back().append(missing, ' ');
      lines.back() += Paint(text, cells[i].colour, terminal_.colour_out);
      used += missing + taken;
      missing = 0;
    }
    // Lines that go on are no columns.
    if (lines.size() == 1) widths_[i] = std::max(widths_[i], taken);
    missing += (lines.size() == 1 ? widths_[i] - taken : 0) + kBetween;
  }
  return lines;
}

void RunningTable::PrintTitles(const std::vector<std::string>& titles) {
  std::vector<Table::Cell> cells;
  for (const std::string& title : titles) cells.push_back({title, Colour::kTitle});
  Print(cells);
}

void RunningTable::Print(const std::vector<Table::Cell>& cells) {
  for (const std::string& line : Lines(cells)) std::puts(line.c_str());
}

}  // namespace makegood::ctl
