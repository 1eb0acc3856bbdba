#include "tools/bench/startup.h"

#include <fcntl.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "common/rpc/rpc.h"

extern char** environ;

namespace makegood::bench {
namespace {

constexpr absl::Duration kStartPatience = absl::Seconds(30);
constexpr absl::Duration kLook = absl::Microseconds(500);

// HealthCheckResponse{status: SERVING}.
constexpr absl::string_view kServing("\x08\x01", 2);

absl::StatusOr<std::string> CheckHealth(grpc::GenericStub& stub) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
  const grpc::ByteBuffer request(nullptr, 0);
  grpc::ByteBuffer reply;
  grpc::Status status;
  absl::Notification done;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &reply,
                 [&](grpc::Status answered) {
                   status = std::move(answered);
                   done.Notify();
                 });
  done.WaitForNotification();
  if (!status.ok()) return rpc::FromGrpc(status);
  grpc::Slice slice;
  if (!reply.TrySingleSlice(&slice).ok()) return absl::DataLossError("an odd answer");
  return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
}

// The address in "grpc=HOST:PORT metrics=HOST:PORT", or nothing yet.
std::string AddressIn(const std::string& port_file) {
  std::ifstream in(port_file);
  std::string word;
  in >> word;
  absl::string_view address = word;
  return absl::ConsumePrefix(&address, "grpc=") ? std::string(address) : std::string();
}

absl::StatusOr<pid_t> Spawn(std::vector<std::string> command, const std::string& log) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const absl::Cleanup destroy = [&actions] { posix_spawn_file_actions_destroy(&actions); };
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  pid_t pid = 0;
  if (posix_spawn(&pid, command.front().c_str(), &actions, nullptr, arguments.data(), environ) != 0) {
    return absl::NotFoundError(absl::StrCat(command.front(), " cannot be started"));
  }
  return pid;
}

// UNAVAILABLE unless grpc.health.v1.Health/Check at `address` answers SERVING before `deadline`.
absl::Status WaitUntilServing(const std::string& address, absl::Time deadline) {
  grpc::GenericStub stub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  absl::Status status;
  while (absl::Now() < deadline) {
    const absl::StatusOr<std::string> health = CheckHealth(stub);
    if (health.ok() && *health == kServing) return absl::OkStatus();
    status = health.ok() ? absl::UnavailableError("not serving") : health.status();
    absl::SleepFor(kLook);
  }
  return status;
}

}  // namespace

absl::StatusOr<absl::Duration> MeasureStart(std::vector<std::string> command, const std::string& port_file,
                                            const std::string& log) {
  std::remove(port_file.c_str());
  command.push_back(absl::StrCat("--port_file=", port_file));
  const absl::Time start = absl::Now();
  ASSIGN_OR_RETURN(const pid_t pid, Spawn(std::move(command), log));
  const absl::Cleanup end = [pid] {
    kill(pid, SIGTERM);
    waitpid(pid, nullptr, 0);
  };
  std::string address;
  while (address.empty()) {
    if (absl::Now() - start > kStartPatience) return absl::DeadlineExceededError("it does not serve");
    absl::SleepFor(kLook);
    address = AddressIn(port_file);
  }
  RETURN_IF_ERROR(WaitUntilServing(address, start + kStartPatience));
  return absl::Now() - start;
}

}  // namespace makegood::bench
