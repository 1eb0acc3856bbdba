#include "common/rpc/door.h"

#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/thread_name.h"

namespace makegood::rpc {
namespace {

constexpr char kAbstract[] = "unix-abstract:";
constexpr rlim_t kMostDescriptors = 65'536;
constexpr int kRestMilliseconds = 100;
constexpr uint64_t kSendsMuch = 64 << 10;  // between two looks; who sends less is not what memory goes for
#ifdef __SANITIZE_ADDRESS__
constexpr int64_t kMostMemory = int64_t{6} << 30;  // of which the sanitizer has the most
#else
constexpr int64_t kMostMemory = 768 << 20;
#endif

struct Address {
  sockaddr_storage storage = {};
  socklen_t length = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int port() const {
    if (storage.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
    if (storage.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
    return 0;
  }
};

Address LocalAddress(int fd) {
  Address address;
  if (getsockname(fd, address.get(), &address.length) != 0) address = {};
  return address;
}

// A first address of the abstract socket or of host and port.
absl::StatusOr<Address> Resolve(absl::string_view text) {
  Address address;
  if (absl::ConsumePrefix(&text, kAbstract)) {
    auto& local = reinterpret_cast<sockaddr_un&>(address.storage);
    if (text.size() + 1 > sizeof(local.sun_path)) return absl::UnavailableError("the name is too long");
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path + 1, text.data(), text.size());
    address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
    return address;
  }
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return absl::UnavailableError("want host:port");
  absl::string_view host = text.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  // getaddrinfo takes larger ones modulo 65536.
  int port = 0;
  if (!absl::SimpleAtoi(text.substr(colon + 1), &port) || port < 0 || port > 65535) {
    return absl::UnavailableError("the port is no number up to 65535");
  }
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(host.empty() ? nullptr : std::string(host).c_str(),
                                 std::string(text.substr(colon + 1)).c_str(), &hints, &found);
  if (failed != 0) return absl::UnavailableError(gai_strerror(failed));
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.length = found->ai_addrlen;
  freeaddrinfo(found);
  return address;
}

absl::Status Failed() { return absl::UnavailableError(std::strerror(errno)); }

// A socket that is bound to the address, or why there is none.
absl::StatusOr<int> Bound(const std::string& text) {
  ASSIGN_OR_RETURN(const Address address, Resolve(text));
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Failed();
  const int on = 1;
  // A server that was stopped a moment ago leaves connections behind that are closing.
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
      bind(fd, address.get(), address.length) == 0) {
    return fd;
  }
  const absl::Status failed = Failed();
  close(fd);
  return failed;
}

absl::Status CannotListen(const std::string& address, const absl::Status& why) {
  return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", why.message()));
}

// The port at the end of "ipv4:127.0.0.1:40000" or "ipv6:[::1]:40000", 0 where there is none.
int PortOfPeer(absl::string_view peer) {
  int port = 0;
  if (!absl::StartsWith(peer, "ipv")) return 0;
  return absl::SimpleAtoi(peer.substr(peer.rfind(':') + 1), &port) ? port : 0;
}

// What the process holds in memory.
int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t all = 0;
  int64_t resident = 0;
  statm >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

// gRPC 1.51 reads calls that are given up at once faster than it forgets them, whatever its quota. So, while
// the process holds more than it may, the connection that sends most is ended, one after another.
class MemoryGuard {
 public:
  // Looks at connections of `port` below `ceiling`.
  MemoryGuard(int port, int ceiling) : port_(port), ceiling_(ceiling) {}

  // Whether memory is short. Below half of what is allowed nothing but the process's size is looked at.
  bool Look() {
    const int64_t memory = ResidentBytes();
    if (memory < kMostMemory / 2) {
      received_.clear();
      return false;
    }
    const auto [fd, bytes] = SendsMost();
    if (memory < kMostMemory) return false;
    if (fd >= 0) shutdown(fd, SHUT_RDWR);
    if (absl::Now() < tell_again_) return true;
    tell_again_ = absl::Now() + absl::Seconds(1);
    Log(LogLevel::kWarning, "memory is short: connections that send most are ended, and new ones wait",
        {{"resident_bytes", absl::StrCat(memory)}, {"most_bytes_sent", absl::StrCat(bytes)}});
    return true;
  }

 private:
  // Since the last look; -1 where nobody sends much.
  std::pair<int, uint64_t> SendsMost() {
    std::map<int, uint64_t> received;
    std::pair<int, uint64_t> most = {-1, kSendsMuch};
    for (int fd = 0; fd < ceiling_; ++fd) {
      tcp_info info = {};
      socklen_t length = sizeof(info);
      if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) continue;
      if (LocalAddress(fd).port() != port_) continue;
      received[fd] = info.tcpi_bytes_received;
      const auto before = received_.find(fd);
      // A smaller number is another connection's.
      const bool known = before != received_.end() && before->second <= info.tcpi_bytes_received;
      const uint64_t bytes = info.tcpi_bytes_received - (known ? before->second : 0);
      if (bytes > most.second) most = {fd, bytes};
    }
    received_ = std::move(received);
    return most;
  }

  const int port_;
  const int ceiling_;
  std::map<int, uint64_t> received_;  // bytes, by connection, until the last look
  absl::Time tell_again_ = absl::InfinitePast();
};

}  // namespace

int RaiseDescriptorLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1'024;
  const rlim_t wanted = std::min(limit.rlim_max, kMostDescriptors);
  if (limit.rlim_cur < wanted) {
    const rlimit raised = {wanted, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return static_cast<int>(std::min(limit.rlim_cur, kMostDescriptors));
}

Door::Door(std::unique_ptr<Acceptor> acceptor, int ceiling)
    : acceptor_(std::move(acceptor)), ceiling_(ceiling), stop_(eventfd(0, EFD_CLOEXEC)) {}

Door::~Door() {
  Close();
  close(stop_);
}

absl::Status CheckFree(const std::string& address) {
  const absl::StatusOr<int> fd = Bound(address);
  if (!fd.ok()) return CannotListen(address, fd.status());
  close(*fd);
  return absl::OkStatus();
}

absl::StatusOr<int> Door::Listen(const std::string& address) {
  const absl::StatusOr<int> fd = Bound(address);
  if (!fd.ok()) return CannotListen(address, fd.status());
  listeners_.push_back(*fd);
  if (listen(*fd, SOMAXCONN) != 0) return CannotListen(address, Failed());
  return LocalAddress(*fd).port();
}

void Door::Open() {
  thread_ = std::thread([this] { Watch(); });
}

void Door::Close() {
  if (thread_.joinable()) {
    const uint64_t once = 1;
    if (write(stop_, &once, sizeof(once)) == sizeof(once)) thread_.join();
  }
  for (const int listener : listeners_) close(listener);
  listeners_.clear();
}

void Door::Watch() {
  NameThisThread("door");
  std::vector<pollfd> watched = {{stop_, POLLIN, 0}};
  for (const int listener : listeners_) watched.push_back({listener, POLLIN, 0});
  MemoryGuard guard(LocalAddress(listeners_.front()).port(), ceiling_);
  absl::Time look_again = absl::InfinitePast();
  bool memory_is_short = false;
  while (true) {
    // While memory is short new connections wait in the system's queue.
    for (pollfd& each : watched) each.revents = 0;
    const int ready = poll(watched.data(), memory_is_short ? 1 : watched.size(), kRestMilliseconds);
    if (ready < 0 && errno != EINTR) poll(nullptr, 0, kRestMilliseconds);
    if (watched[0].revents != 0) return;
    if (absl::Now() >= look_again) {
      memory_is_short = guard.Look();
      look_again = absl::Now() + absl::Milliseconds(kRestMilliseconds);
    }
    for (size_t i = 1; i < watched.size(); ++i) {
      if (watched[i].revents != 0) LetIn(watched[i].fd);
    }
  }
}

void Door::LetIn(int listener) {
  const int connection = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (connection < 0) {
    // Without a descriptor it cannot even be turned away: it waits until there is one.
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      poll(nullptr, 0, kRestMilliseconds);
    }
    return;
  }
  if (connection >= ceiling_) return TurnAway(connection);
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on,
             sizeof(on));  // fails where it is no TCP, which is as well
  Acceptor::NewConnectionParameters parameters;
  parameters.listener_fd = listener;
  parameters.fd = connection;
  acceptor_->HandleNewConnection(&parameters);
}

void Door::TurnAway(int connection) {
  close(connection);
  ++turned_away_;
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  if (now - told_ < 60) return;
  told_ = now;
  Log(LogLevel::kWarning,
      "connections are turned away: the rest of the descriptors is kept for the service itself",
      {{"descriptors_for_connections", absl::StrCat(ceiling_)},
       {"turned_away", absl::StrCat(turned_away_.load())}});
}

// Rare, so nobody keeps a list of connections: they are looked for among the open files.
void Door::Disconnect(const std::string& peer) const {
  const int port = PortOfPeer(peer);
  if (port == 0 || listeners_.empty()) return;
  const int served = LocalAddress(listeners_.front()).port();
  for (int fd = 0; fd < ceiling_; ++fd) {
    Address other;
    if (getpeername(fd, other.get(), &other.length) != 0 || other.port() != port) continue;
    if (LocalAddress(fd).port() == served) shutdown(fd, SHUT_RDWR);
  }
}

}  // namespace makegood::rpc
