// Every method of every service under requests made at random: nothing breaks, and what is refused is
// refused by the contracts. The same seed makes the same requests as far as the server's timing lets it.
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/rpc/channels.h"
#include "tests/suite/random_requests.h"
#include "tests/suite/seed.h"
#include "tests/suite/standalone.h"
#include "tests/suite/stories.h"
#include "tools/makegoodctl/command_line/contract.h"

namespace makegood {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using testing::RandomRequests;

constexpr int kCalls = 8'000;
constexpr int kFaultsToTell = 5;
constexpr int kRepliesRead = 20;

std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const std::string& name : ctl::AllMethods()) {
    methods.push_back(google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name));
    EXPECT_NE(methods.back(), nullptr) << name;
  }
  return methods;
}

// Every call is of this shape on the wire, whether it streams or not.
class Wire {
 public:
  explicit Wire(std::shared_ptr<grpc::Channel> channel) : stub_(std::move(channel)) {}
  ~Wire() { queue_.Shutdown(); }

  // Sends `requests`, takes some replies, and ends the call.
  grpc::Status Call(const MethodDescriptor& method, const base::v1::Actor& actor, absl::Duration timeout,
                    const std::vector<std::string>& requests, std::vector<std::string>& replies) {
    grpc::ClientContext context;
    rpc::Prepare(context, actor, timeout);
    const auto call = stub_.PrepareCall(
        &context, absl::StrCat("/", method.service()->full_name(), "/", method.name()), &queue_);
    call->StartCall(this);
    bool open = Done();
    for (size_t i = 0; open && i < requests.size(); ++i) {
      const grpc::Slice slice(requests[i]);
      call->Write(grpc::ByteBuffer(&slice, 1), this);
      open = Done();
    }
    if (open) {
      call->WritesDone(this);
      open = Done();
    }
    grpc::ByteBuffer reply;
    for (int i = 0; open && i < kRepliesRead; ++i) {
      call->Read(&reply, this);
      open = Done();
      if (open) replies.push_back(Bytes(reply));
    }
    if (open) context.TryCancel();
    grpc::Status status;
    call->Finish(&status, this);
    Done();
    return status;
  }

 private:
  bool Done() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  static std::string Bytes(const grpc::ByteBuffer& buffer) {
    std::vector<grpc::Slice> slices;
    std::string bytes;
    if (!buffer.Dump(&slices).ok()) return bytes;
    for (const grpc::Slice& slice : slices) {
      bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    return bytes;
  }

  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
};

bool IsStream(const MethodDescriptor& method) {
  return method.client_streaming() || method.server_streaming();
}

// Which decides by no rule of the trade.
bool IsTestClock(const MethodDescriptor& method) {
  return method.service()->full_name() == base::v1::TestClockService::service_full_name();
}

// What the contracts promise of every end of a call; empty if it is kept.
std::string Fault(const MethodDescriptor& method, const grpc::Status& status, bool broken) {
  if (absl::StrContains(status.error_message(), RandomRequests::kPersonal) ||
      absl::StrContains(status.error_details(), RandomRequests::kPersonal)) {
    return "tells what people wrote (SYS-09)";
  }
  const absl::Status told = rpc::FromGrpc(status);
  switch (told.code()) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return "is a fault of the server";
    case absl::StatusCode::kUnimplemented:
      return broken ? "" : "is a fault of the server";  // so gRPC says that it could not read a request
    case absl::StatusCode::kDeadlineExceeded:
      return IsStream(method) || IsTestClock(method) ? "" : "took too long";
    case absl::StatusCode::kInvalidArgument:
      return FieldViolationsOf(told).empty() ? "names no field (SYS-07)" : "";
    case absl::StatusCode::kFailedPrecondition:
      return RuleOf(told).empty() && !IsTestClock(method) ? "names no rule" : "";
    case absl::StatusCode::kPermissionDenied:
      return RuleOf(told).empty() ? "names no rule" : "";
    default:
      return "";
  }
}

// Calls methods at random, one after another, and counts how that ended.
class Fuzzer {
 public:
  Fuzzer(std::shared_ptr<grpc::Channel> channel, uint64_t seed)
      : random_(seed), wire_(std::move(channel)), methods_(Methods()) {}

  void CallOne() {
    const MethodDescriptor& method = NextMethod();
    std::vector<std::string> requests;
    std::string told;
    bool broken = false;
    for (int i = method.client_streaming() ? 1 + random_.Below(3) : 1; i > 0; --i) {
      const std::unique_ptr<Message> request = random_.Make(*method.input_type());
      requests.push_back(RandomRequests::ToWire(*request, broken));
      absl::StrAppend(&told, request->ShortDebugString().substr(0, 2'000), "\n");
    }
    const base::v1::Actor actor = random_.MakeActor(method);
    std::vector<std::string> replies;
    const grpc::Status status = wire_.Call(method, actor, TimeoutOf(method), requests, replies);
    if (const std::string fault = Fault(method, status, broken); !fault.empty()) {
      ++faults_;
      ADD_FAILURE() << method.full_name() << " " << fault << ": " << status.error_code() << " "
                    << status.error_message() << "\nby " << actor.ShortDebugString() << "\nasked " << told;
    }
    ++calls_;
    ++codes_[absl::StatusCodeToString(static_cast<absl::StatusCode>(status.error_code()))];
    if (status.ok()) answered_.insert(&method);
    for (const std::string& bytes : replies) Learn(method, bytes);
  }

  void Report() const {
    std::printf("%d calls, %zu of %zu methods answered:", calls_, answered_.size(), methods_.size());
    for (const auto& [code, count] : codes_) std::printf(" %s %d", code.c_str(), count);
    std::printf("\n");
  }

  int calls() const { return calls_; }
  int faults() const { return faults_; }
  int count(const std::string& code) const { return codes_.contains(code) ? codes_.at(code) : 0; }

 private:
  // Streams that wait for news cost time: one in four of them will do.
  const MethodDescriptor& NextMethod() {
    while (true) {
      const auto at = static_cast<size_t>(random_.Below(static_cast<int>(methods_.size())));
      if (!IsStream(*methods_[at]) || random_.OneIn(4)) return *methods_[at];
    }
  }

  static absl::Duration TimeoutOf(const MethodDescriptor& method) {
    if (IsStream(method)) return absl::Milliseconds(200);
    return IsTestClock(method) ? absl::Seconds(2) : absl::Seconds(30);
  }

  void Learn(const MethodDescriptor& method, const std::string& bytes) {
    const std::unique_ptr<Message> reply(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.output_type())->New());
    EXPECT_TRUE(reply->ParseFromString(bytes)) << method.full_name();
    random_.Learn(*reply);
  }

  RandomRequests random_;
  Wire wire_;
  const std::vector<const MethodDescriptor*> methods_;
  std::map<std::string, int> codes_;
  std::set<const MethodDescriptor*> answered_;
  int calls_ = 0;
  int faults_ = 0;
};

// The tour leaves orders, claims, payments and notices in every state they have.
void PlayTour(const testing::Standalone& suite) {
  testing::Process tour({testing::Program("tools/tour/makegood-tour"), "--server", suite.address(),
                         "--metrics", suite.metrics_address(), testing::SourceFile("tools/tour/season")},
                        "/dev/null");
  ASSERT_EQ(tour.Wait(absl::Minutes(4)), 0);
}

TEST(FuzzTest, SYS_07_SYS_09_NoRequestBreaksASuite) {
  testing::Standalone suite;
  ASSERT_NO_FATAL_FAILURE(suite.Start({"--test_clock=2026-09-01T08:00:00+02:00"}));
  ASSERT_NO_FATAL_FAILURE(PlayTour(suite));
  ctl::Client client(suite.address());
  Fuzzer fuzzer(client.channel, testing::Seed());
  while (fuzzer.calls() < kCalls && fuzzer.faults() < kFaultsToTell) fuzzer.CallOne();
  fuzzer.Report();
  EXPECT_GT(fuzzer.count("OK"), 0);
  EXPECT_GT(fuzzer.count("INVALID_ARGUMENT"), 0);
  EXPECT_GT(fuzzer.count("FAILED_PRECONDITION"), 0);

  const auto ledger = client.Call(testing::Operations(), *client.payments,
                                  &payments::v1::PaymentsService::Stub::CheckLedger, {});
  ASSERT_TRUE(ledger.ok()) << ledger.status();
  EXPECT_EQ(ledger->broken_entry_ids_size(), 0);
  EXPECT_EQ(suite.Stop(), 0);
}

}  // namespace
}  // namespace makegood
