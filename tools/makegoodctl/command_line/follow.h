// Following a server's stream until a person, or the command itself, has had enough.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/rpc/rpc.h"
#include "tools/makegoodctl/command_line/session.h"
#include "tools/makegoodctl/terminal/table.h"

namespace makegood::ctl {

// SIGINT (Ctrl-C) and SIGTERM end streams in good order instead of the process. To be made before the
// session's client: threads made earlier would still be killed by the signals. Thread-safe.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  bool stopped() const { return stopped_; }
  // Ends everything that is being followed, as a signal would.
  void Stop();
  // Cancels the call when stopped, at once if it is already; until Forget.
  void Cancel(grpc::ClientContext& context);
  void Forget(grpc::ClientContext& context);

 private:
  void Wait();

  std::atomic<bool> stopped_ = false;
  std::atomic<bool> over_ = false;
  absl::Mutex mutex_;
  std::set<grpc::ClientContext*> calls_ ABSL_GUARDED_BY(mutex_);
  std::thread waiter_;
};

// Waits for the server as long as is sensible: three seconds the first time, ten minutes for one that was
// there before. OK if it is there or `stop` came, else UNAVAILABLE.
absl::Status AwaitServer(Session& session, const StopSignal& stop, bool was_there);

template <typename Reply>
Reply EmptyReply(const grpc::ClientReader<Reply>&) {
  return Reply();
}

// Reads the streams that `open(context)` begins and hands each reply to `take`, until `take` returns false
// or `stop` comes (OK), or the stream fails for good. After UNAVAILABLE it begins anew: `open` says from
// where.
template <typename Open, typename Take>
absl::Status Follow(Session& session, const base::v1::Actor& actor, StopSignal& stop, const Open& open,
                    const Take& take) {
  bool was_there = false;
  while (true) {
    RETURN_IF_ERROR(AwaitServer(session, stop, was_there));
    if (stop.stopped()) return absl::OkStatus();
    was_there = true;
    grpc::ClientContext context;
    rpc::SetActor(context, actor);
    stop.Cancel(context);
    const auto reader = open(context);
    auto reply = EmptyReply(*reader);
    bool enough = false;
    while (!enough && reader->Read(&reply)) enough = !take(reply);
    if (enough) context.TryCancel();
    const absl::Status status = rpc::FromGrpc(reader->Finish());
    stop.Forget(context);
    if (enough || stop.stopped()) return absl::OkStatus();
    // A stream that ends without being asked to is a server that stops.
    if (!status.ok() && !absl::IsUnavailable(status) && !absl::IsCancelled(status)) return status;
    if (session.terminal().person_watches) std::fputs("The server went away; waiting for it.\n", stderr);
    absl::SleepFor(absl::Milliseconds(200));
  }
}

// Rows that come one at a time: columns grow as they need to; what does not fit into the terminal stands in
// the next line, a little further in.
class RunningTable {
 public:
  // `widths`: what the columns begin with, so that they need not grow.
  explicit RunningTable(const Terminal& terminal, std::vector<size_t> widths = {})
      : terminal_(terminal), widths_(std::move(widths)) {}
  // What the columns are called: before the first row, for people.
  void PrintTitles(const std::vector<std::string>& titles);
  // The lines of a row.
  std::vector<std::string> Lines(const std::vector<Table::Cell>& cells);
  void Print(const std::vector<Table::Cell>& cells);

 private:
  const Terminal& terminal_;
  std::vector<size_t> widths_;
};

}  // namespace makegood::ctl
