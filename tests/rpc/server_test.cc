// Start, health, drain, the log, flags, and what a client in another language sees.
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <grpcpp/generic/generic_stub.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "absl/flags/flag.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "common/base/flags.h"
#include "common/base/log.h"
#include "tests/rpc/rpc_test.h"

ABSL_FLAG(int, flag_for_this_test, 1, "Read from the environment by a test.");

namespace makegood::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// grpc.health.v1.Health/Check, by hand: its generated classes are in no package.
absl::StatusOr<int> HealthOf(std::shared_ptr<grpc::Channel> channel, const std::string& service) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  grpc::Slice request(service.empty() ? ""
                                      : absl::StrCat("\x0a", std::string(1, char(service.size())), service));
  grpc::ByteBuffer sent(&request, 1);
  grpc::ByteBuffer received;
  grpc::Status status;
  absl::Notification done;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &sent, &received,
                 [&](grpc::Status result) {
                   status = result;
                   done.Notify();
                 });
  done.WaitForNotification();
  if (!status.ok()) return rpc::FromGrpc(status);
  grpc::Slice reply;
  EXPECT_TRUE(received.DumpToSingleSlice(&reply).ok());
  EXPECT_EQ(reply.size(), 2u);  // field 1, one byte
  return reply.begin()[1];
}

constexpr int kServing = 1;
constexpr int kNotServing = 2;
constexpr char kBoxService[] = "makegood.testing.v1.BoxService";

class Servers : public RpcTest {};

TEST_F(Servers, HealthIsToldForTheServerAndEachService) {
  EXPECT_THAT(HealthOf(channel_, ""), IsOkAndHolds(kServing));
  EXPECT_THAT(HealthOf(channel_, kBoxService), IsOkAndHolds(kServing));
  EXPECT_THAT(HealthOf(channel_, "makegood.testing.v1.NoService"), StatusIs(absl::StatusCode::kNotFound));
  server_->SetServing(false);
  EXPECT_THAT(HealthOf(channel_, kBoxService), IsOkAndHolds(kNotServing));
}

TEST_F(Servers, DrainingIsAnnouncedBeforeCallsAreRefused) {
  absl::StatusOr<int> while_draining = 0;
  server_->OnDrain([&] { while_draining = HealthOf(channel_, kBoxService); });
  ASSERT_THAT(Call(Fill("r-1", "box-1", 10)), IsOk());
  server_->Drain();
  EXPECT_THAT(while_draining, IsOkAndHolds(kNotServing));
  EXPECT_THAT(Call(Fill("r-2", "box-1", 10)), StatusIs(absl::StatusCode::kUnavailable));
  server_->Drain();  // again does nothing
}

TEST_F(Servers, ACommandUnderWayWhileDrainingIsFinished) {
  // The call is on its way through the server when the drain begins.
  absl::Notification answered;
  absl::StatusOr<v1::Box> answer = absl::UnknownError("not answered");
  grpc::ClientContext context;
  rpc::Prepare(context, Operations(), absl::Seconds(20));
  const v1::FillBoxRequest request = Fill("r-1", "box-1", 10);
  v1::Box reply;
  server_->OnDrain([&] {
    stub_->async()->FillBox(&context, &request, &reply, [&](grpc::Status status) {
      answer = status.ok() ? absl::StatusOr<v1::Box>(reply) : rpc::FromGrpc(status);
      answered.Notify();
    });
    // It has reached the store, or has been answered.
    while (!answered.HasBeenNotified() && store_->QueueDepth() == 0) absl::SleepFor(absl::Microseconds(50));
  });
  server_->Drain();
  answered.WaitForNotification();
  EXPECT_THAT(answer, IsOk());
}

TEST_F(Servers, ACommandThatTakesLongIsFinishedBeforeItsConnectionIsClosed) {
  absl::Notification begun;
  absl::Notification go_on;
  store::Work slow;
  slow.routing_key = "box-1";
  slow.decide = [&](rules::Transaction&) -> absl::StatusOr<std::string> {
    begun.Notify();
    go_on.WaitForNotification();
    return "";
  };
  absl::Notification done;
  store_->Submit(std::move(slow), [&](const absl::StatusOr<std::string>&) { done.Notify(); });
  begun.WaitForNotification();
  absl::StatusOr<v1::Box> answer = absl::UnknownError("not answered");
  std::thread caller([&] { answer = Call(Fill("r-1", "box-1", 10)); });
  while (store_->QueueDepth() == 0) absl::SleepFor(absl::Milliseconds(1));
  std::thread later([&] {
    absl::SleepFor(absl::Milliseconds(500));
    go_on.Notify();
  });
  server_->Drain();
  caller.join();
  later.join();
  done.WaitForNotification();
  EXPECT_THAT(answer, IsOk());
}

// Nobody looks at the connection of a client that only waits; gRPC would wait for it for five seconds.
TEST_F(Servers, AnIdleClientDoesNotHoldTheDrain) {
  ASSERT_THAT(Call(Fill("r-1", "box-1", 10)), IsOk());
  const absl::Time start = absl::Now();
  server_->Drain();
  EXPECT_LT(absl::Now() - start, absl::Seconds(4));
}

TEST_F(Servers, AnAddressInUseStopsTheStartWithASentence) {
  rpc::ServerOptions options;
  options.address = absl::StrCat("127.0.0.1:", server_->port());
  rpc::Server second(std::move(options));
  const absl::Status status = second.Start();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(std::string(status.message()), HasSubstr("cannot listen on 127.0.0.1"));
}

TEST_F(Servers, ARequestBeyondTheLimitIsRefused) {
  rpc::ServerOptions options;
  options.max_message_bytes = 1'000;
  server_.reset();
  StartServer(std::move(options));
  v1::FillBoxRequest big = Fill("r-1", "box-1", 10);
  for (int i = 0; i < 400; ++i) big.add_labels()->set_text("label");
  EXPECT_THAT(Call(big), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(Servers, CallsAreLoggedAsOneJsonObjectALineWithTheCallersTrace) {
  ASSERT_THAT(StartLogging("boxes", "debug"), IsOk());
  ::testing::internal::CaptureStderr();
  grpc::ClientContext context;
  rpc::Prepare(context, Operations(), absl::Seconds(20));
  context.AddMetadata("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  v1::Box reply;
  EXPECT_FALSE(stub_->FillBox(&context, Fill("r-1", "box-1", 101), &reply).ok());
  EXPECT_THAT(Call(Fill("r-2", "box-1", kAccident)), StatusIs(absl::StatusCode::kInternal));
  server_->Drain();
  const std::vector<std::string> lines =
      absl::StrSplit(::testing::internal::GetCapturedStderr(), '\n', absl::SkipEmpty());
  ASSERT_THAT(StartLogging("boxes", "error"), IsOk());
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], HasSubstr(R"("level":"debug","service":"boxes","message":"call")"));
  EXPECT_THAT(lines[0], HasSubstr(R"("trace_id":"0af7651916cd43dd8448eb211c80319c")"));
  EXPECT_THAT(lines[0], HasSubstr(R"("method":"makegood.testing.v1.BoxService.FillBox")"));
  EXPECT_THAT(lines[0], HasSubstr(R"("code":"FAILED_PRECONDITION","rule":"ORD-12")"));
  EXPECT_THAT(lines[1], HasSubstr(R"("level":"error")"));
  EXPECT_THAT(lines[1], HasSubstr("an exception of type std::runtime_error"));
  EXPECT_THAT(lines[1], Not(HasSubstr("secret")));
  EXPECT_THAT(StartLogging("boxes", "loud"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(Log, SYS_09_LinesOfTheLibrariesAreJsonLikeOurs) {
  ASSERT_THAT(StartLogging("boxes", "info"), IsOk());
  ::testing::internal::CaptureStderr();
  gpr_log(GPR_ERROR, "a line of %s", "gRPC");
  GOOGLE_LOG(WARNING) << "a line of \"protobuf\"";
  const std::vector<std::string> lines =
      absl::StrSplit(::testing::internal::GetCapturedStderr(), '\n', absl::SkipEmpty());
  ASSERT_THAT(StartLogging("boxes", "error"), IsOk());
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0],
              HasSubstr(R"("level":"error","service":"boxes","message":"a line of gRPC","of":"gRPC")"));
  EXPECT_THAT(lines[1],
              HasSubstr(R"("level":"warning","service":"boxes","message":"a line of \"protobuf\"")"));
  for (const std::string& line : lines) EXPECT_TRUE(line.front() == '{' && line.back() == '}') << line;
}

TEST(Log, SYS_09_TheLastLineOfAProcessTellsTheExceptionsTypeAlone) {
  EXPECT_EXIT(
      {
        if (!StartLogging("boxes", "info").ok()) _exit(1);
        const std::function<void()> fail = [] { throw std::runtime_error("of jana@example.com"); };
        const auto end = [&]() noexcept { fail(); };
        end();
      },
      ::testing::KilledBySignal(SIGABRT),
      "^\\{.*\"the process ends\",\"error\":\"an exception of type [^@]*$");
}

TEST(Addresses, AreAnnouncedAsTheyCanBeCalled) {
  EXPECT_EQ(rpc::CallableAt("127.0.0.1:0", 7), "127.0.0.1:7");
  EXPECT_EQ(rpc::CallableAt("[::1]:0", 7), "[::1]:7");
  EXPECT_EQ(rpc::CallableAt("10.1.2.3:7400", 7400), "10.1.2.3:7400");
  EXPECT_EQ(rpc::CallableAt("0.0.0.0:0", 7), "127.0.0.1:7");
  EXPECT_EQ(rpc::CallableAt("[::]:0", 7), "[::1]:7");
}

TEST(Log, TextIsQuotedAsJsonAsksFor) {
  EXPECT_EQ(JsonString("a \"b\"\\\n\t\x01"), R"("a \"b\"\\\n\t\u0001")");
}

TEST(Flags, TheEnvironmentIsReadAndTheCommandLineWins) {
  char program[] = "program";
  char word[] = "word";
  char flag[] = "--flag_for_this_test=3";
  char* only_program[] = {program};
  char* with_flag[] = {program, flag};
  char* with_word[] = {program, word};
  setenv("MAKEGOOD_FLAG_FOR_THIS_TEST", "2", 1);
  ASSERT_THAT(ParseFlags(1, only_program), IsOk());
  EXPECT_EQ(absl::GetFlag(FLAGS_flag_for_this_test), 2);
  ASSERT_THAT(ParseFlags(2, with_flag), IsOk());
  EXPECT_EQ(absl::GetFlag(FLAGS_flag_for_this_test), 3);
  EXPECT_THAT(ParseFlags(2, with_word), StatusIs(absl::StatusCode::kInvalidArgument));
  setenv("MAKEGOOD_FLAG_FOR_THIS_TEST", "two", 1);
  const absl::Status wrong = ParseFlags(1, only_program);
  EXPECT_THAT(wrong, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(wrong.message()), HasSubstr("MAKEGOOD_FLAG_FOR_THIS_TEST"));
  unsetenv("MAKEGOOD_FLAG_FOR_THIS_TEST");
}

TEST(Signals, ATermSignalIsWaitedForAndDoesNotKill) {
  // Held signals stay held for the process: a process of its own.
  EXPECT_EXIT(
      {
        rpc::HoldSignals();
        kill(getpid(), SIGTERM);
        _exit(rpc::WaitForSignal() == SIGTERM ? 7 : 1);
      },
      ::testing::ExitedWithCode(7), "");
}

TEST_F(Servers, SYS_07_AClientInPythonDecodesTheDetailsAndFindsTheServices) {
  const char* source = getenv("MAKEGOOD_SOURCE_DIR");
  ASSERT_NE(source, nullptr) << "run by ctest";
  const std::string script = absl::StrCat(source, "/tests/rpc/decode_details.py");
  const std::string port = absl::StrCat(server_->port());
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    execl("/usr/bin/python3", "python3", script.c_str(), port.c_str(), source, nullptr);
    _exit(127);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace makegood::testing
