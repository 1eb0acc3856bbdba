#include "tools/bench/grpc_load.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "common/rpc/rpc.h"

namespace makegood::bench {
namespace {

constexpr int kCallsPerConnection = 32;
constexpr absl::Duration kAnswerPatience = absl::Seconds(30);

grpc::ByteBuffer ToBuffer(const std::string& body) {
  const grpc::Slice slice(body);
  return grpc::ByteBuffer(&slice, 1);
}

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

// What all callers of a run share.
struct Run {
  Plan& plan;
  absl::Time end;
  int64_t last;  // the first index that is not to be used
  std::atomic<int64_t> next;
  absl::BlockingCounter& over;
};

// One call after the other.
class Caller {
 public:
  Caller(std::shared_ptr<grpc::Channel> channel, Run& run) : stub_(std::move(channel)), run_(run) {}

  void Next() {
    const int64_t index = run_.next.fetch_add(1);
    if (index >= run_.last || absl::Now() >= run_.end) {
      run_.over.DecrementCount();
      return;
    }
    Request request = run_.plan.Make(index);
    call_ = std::make_unique<Call>();
    for (const auto& [key, value] : request.metadata) call_->context.AddMetadata(key, value);
    call_->context.set_deadline(absl::ToChronoTime(absl::Now() + kAnswerPatience));
    call_->request = ToBuffer(request.body);
    const absl::Time start = absl::Now();
    stub_.UnaryCall(
        &call_->context, request.path, grpc::StubOptions(), &call_->request, &call_->reply,
        [this, index, start](const grpc::Status& status) {
          const absl::Duration took = absl::Now() - start;
          tally_.Add(took, call_->reply.Length(),
                     status.ok() ? run_.plan.Check(index, ToString(call_->reply)) : rpc::FromGrpc(status));
          Next();
        });
  }

  const Tally& tally() const { return tally_; }

 private:
  struct Call {
    grpc::ClientContext context;
    grpc::ByteBuffer request;
    grpc::ByteBuffer reply;
  };

  grpc::GenericStub stub_;
  Run& run_;
  std::unique_ptr<Call> call_;
  Tally tally_;
};

}  // namespace

absl::StatusOr<std::string> RunGrpcLoad(Plan& plan, const std::string& address, int in_flight,
                                        const Limits& limits) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection for each channel
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int calls = 0; calls < in_flight; calls += kCallsPerConnection) {
    channels.push_back(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
    if (!channels.back()->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10))) {
      return absl::UnavailableError(absl::StrCat("no server answers at ", address));
    }
  }
  absl::BlockingCounter over(in_flight);
  const absl::Time start = absl::Now();
  Run run{plan, start + limits.time,
          limits.calls == 0 ? std::numeric_limits<int64_t>::max() : plan.first() + limits.calls, plan.first(),
          over};
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < in_flight; ++i) {
    callers.push_back(std::make_unique<Caller>(channels[static_cast<size_t>(i) % channels.size()], run));
  }
  for (const auto& caller : callers) caller->Next();
  over.Wait();
  const absl::Duration took = absl::Now() - start;
  Tally all;
  for (const auto& caller : callers) all.Merge(caller->tally());
  return Report(std::move(all), took, run.next.load());
}

}  // namespace makegood::bench
