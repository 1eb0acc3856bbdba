// More connections than there is room for, and what is left afterwards.
#include "common/rpc/door.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/resets.h"
#include "tests/rpc/rpc_test.h"
#include "tests/support/eventually.h"

namespace makegood::testing {
namespace {

using ::testing::ElementsAre;

// Connections that say nothing.
class Silent {
 public:
  ~Silent() {
    for (const int fd : connections_) close(fd);
  }

  void Connect(int port, int count) {
    for (int i = 0; i < count; ++i) {
      Open();
      ConnectOpened(port);
    }
  }

  // Takes a descriptor, to be connected later.
  void Open() { connections_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }
  void ConnectOpened(int port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    ASSERT_EQ(connect(connections_.back(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }

 private:
  std::vector<int> connections_;
};

int AnyFile() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

class DoorTest : public RpcTest {
 protected:
  void Restart(rpc::ServerOptions options) {
    stub_.reset();
    channel_.reset();
    server_.reset();
    StartServer(std::move(options));
  }

  // Whether a new caller, on a connection of its own, is served.
  bool Serves() {
    const auto stub = v1::BoxService::NewStub(rpc::MakeChannel(absl::StrCat("127.0.0.1:", server_->port())));
    grpc::ClientContext context;
    rpc::Prepare(context, Operations(), absl::Seconds(5));
    v1::Box reply;
    return stub->FillBox(&context, Fill(absl::StrCat("r-", ++requests_), "box-1", 1), &reply).ok();
  }

 private:
  int requests_ = 0;
};

TEST_F(DoorTest, SYS_12_TooManyConnectionsAreTurnedAwayAndTheNextOnesAreServed) {
  rpc::ServerOptions options;
  options.kept_descriptors = 100;
  options.max_connections = 50;
  Restart(std::move(options));
  {
    Silent silent;
    silent.Connect(server_->port(), 200);
    EXPECT_TRUE(Eventually([this] { return server_->turned_away() > 50; }));
    EXPECT_FALSE(Serves());
    EXPECT_THAT(Get("box-0"), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_TRUE(Eventually([this] { return Serves(); }));
}

// The table of descriptors is full: nobody can even be turned away, until somebody goes.
TEST_F(DoorTest, SYS_12_AFullTableOfDescriptorsIsOvercome) {
  rpc::ServerOptions options;
  options.kept_descriptors = 0;
  Restart(std::move(options));
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  std::vector<int> files;
  files.push_back(AnyFile());
  const rlimit tight = {static_cast<rlim_t>(files.back()) + 40, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  {
    Silent silent;
    silent.Connect(server_->port(), 5);
    silent.Open();  // beforehand: the server may take any that is freed
    for (int fd = AnyFile(); fd >= 0; fd = AnyFile()) files.push_back(fd);
    silent.ConnectOpened(server_->port());
    absl::SleepFor(absl::Milliseconds(300));
    for (const int fd : files) close(fd);
  }
  EXPECT_TRUE(Eventually([this] { return Serves(); }));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST_F(DoorTest, SYS_12_ASilentConnectionIsClosedAfterAWhile) {
  rpc::ServerOptions options;
  options.handshake = absl::Milliseconds(300);
  Restart(std::move(options));
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(server_->port()));
  ASSERT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const timeval patience = {10, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  char buffer[256];
  ssize_t got = 0;
  while ((got = read(fd, buffer, sizeof(buffer))) > 0) {
  }
  EXPECT_TRUE(got == 0 || errno == ECONNRESET) << "closed by the server";
  close(fd);
}

TEST_F(DoorTest, SYS_12_WhoGivesUpCallsInAStreamIsDisconnected) {
  rpc::ServerOptions options;
  options.max_resets = 20;
  Restart(std::move(options));
  absl::Notification go_on;
  absl::Notification begun;
  store::Work slow;
  slow.routing_key = "box-1";
  slow.decide = [&](rules::Transaction&) -> absl::StatusOr<std::string> {
    begun.Notify();
    go_on.WaitForNotification();
    return "";
  };
  store_->Submit(std::move(slow), [](const absl::StatusOr<std::string>&) {});
  begun.WaitForNotification();
  for (int i = 0; i < 60; ++i) {
    grpc::ClientContext context;
    rpc::Prepare(context, Operations(), absl::Seconds(20));
    v1::Box reply;
    const v1::FillBoxRequest request = Fill(absl::StrCat("r-", i), "box-1", 1);
    absl::Notification done;
    stub_->async()->FillBox(&context, &request, &reply, [&](const grpc::Status&) { done.Notify(); });
    absl::SleepFor(absl::Milliseconds(2));
    context.TryCancel();
    done.WaitForNotification();
  }
  go_on.Notify();
  EXPECT_TRUE(Eventually([this] { return server_->disconnected() > 0; }));
  EXPECT_TRUE(Eventually([this] { return Serves(); }));
}

TEST(Resets, SYS_12_AreCountedForEachConnectionAndSecond) {
  std::vector<std::string> ended;
  rpc::Resets resets(2, [&](const std::string& peer) { ended.push_back(peer); });
  const absl::Time start = absl::UnixEpoch();
  for (int second = 0; second < 5; ++second) {
    for (int i = 0; i < 2; ++i) resets.Note("ipv4:127.0.0.1:1", start + absl::Seconds(2 * second));
  }
  EXPECT_TRUE(ended.empty());
  for (int i = 0; i < 5; ++i) resets.Note("ipv4:127.0.0.1:2", start + absl::Seconds(20));
  EXPECT_THAT(ended, ElementsAre("ipv4:127.0.0.1:2"));
  EXPECT_EQ(resets.disconnected(), 1u);
}

}  // namespace
}  // namespace makegood::testing
