#include "tests/suite/lossy_proxy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "tests/suite/process.h"

namespace makegood::testing {
namespace {

constexpr int kTurnMillis = 50;

// Moves what has come from one side to the other; what it was, empty at the end.
std::string Move(int from, int to) {
  std::array<char, 16384> piece{};
  const ssize_t got = recv(from, piece.data(), piece.size(), 0);
  if (got <= 0) return "";
  std::string bytes(piece.data(), static_cast<size_t>(got));
  if (to >= 0) send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return bytes;
}

bool HasCome(int file) {
  pollfd one{file, POLLIN, 0};
  return poll(&one, 1, kTurnMillis) > 0;
}

}  // namespace

LossyProxy::LossyProxy(int target_port, Faults faults)
    : target_port_(target_port), faults_(std::move(faults)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  listen(listener_, 16);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

LossyProxy::~LossyProxy() {
  over_ = true;
  acceptor_.join();
  for (std::thread& passer : passers_) passer.join();
  close(listener_);
}

std::string LossyProxy::address() const { return absl::StrCat("127.0.0.1:", port_); }

void LossyProxy::Accept() {
  while (!over_) {
    if (!HasCome(listener_)) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    ++connections_;
    passers_.emplace_back([this, client] { Pass(client); });
  }
}

void LossyProxy::Pass(int client) {
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(target_port_);
  bool open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  absl::Time cut = absl::InfiniteFuture();
  while (open && !over_ && absl::Now() < cut) {
    std::array<pollfd, 2> files{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    if (poll(files.data(), files.size(), kTurnMillis) <= 0) continue;
    if (files[0].revents != 0) {
      const std::string request = Move(client, server);
      open = !request.empty();
      if (faults_.bytes_per_second > 0) {
        absl::SleepFor(absl::Seconds(1) * request.size() / faults_.bytes_per_second);
      }
      if (!faults_.mark.empty() && request.find(faults_.mark) != std::string::npos && dropped_ == 0) {
        ++dropped_;
        cut = absl::Now() + faults_.swallowing;
      }
    }
    const bool swallowing = cut != absl::InfiniteFuture();
    if (files[1].revents != 0) open = open && !Move(server, swallowing ? -1 : client).empty();
  }
  close(server);
  close(client);
}

}  // namespace makegood::testing
