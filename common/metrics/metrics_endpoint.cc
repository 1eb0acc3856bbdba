#include "common/metrics/metrics_endpoint.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <exception>
#include <iterator>
#include <map>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"

namespace makegood::metrics {
namespace {

// All collectables on one page: each family once, whoever adds to it.
class Page final : public prometheus::Collectable {
 public:
  explicit Page(std::vector<std::shared_ptr<prometheus::Collectable>> collectables)
      : collectables_(std::move(collectables)) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    std::map<std::string, prometheus::MetricFamily> by_name;
    for (const auto& collectable : collectables_) {
      for (prometheus::MetricFamily& family : collectable->Collect()) {
        const auto [found, added] = by_name.try_emplace(family.name, family);
        if (added) continue;
        std::move(family.metric.begin(), family.metric.end(), std::back_inserter(found->second.metric));
      }
    }
    std::vector<prometheus::MetricFamily> families;
    families.reserve(by_name.size());
    for (auto& [name, family] : by_name) families.push_back(std::move(family));
    return families;
  }

 private:
  const std::vector<std::shared_ptr<prometheus::Collectable>> collectables_;
};

// The first of its ports, or 0.
int PortOf(const prometheus::Exposer& exposer) {
  const std::vector<int> ports = exposer.GetListeningPorts();
  return ports.empty() ? 0 : ports.front();
}

// Connects to a port of this machine, and hangs up.
void Knock(int port) {
  const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_fd < 0) return;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  // Refused once it has stopped, which is as well.
  static_cast<void>(connect(socket_fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
  close(socket_fd);
}

}  // namespace

// The exposer's server sees that it is to stop when somebody connects, and otherwise every two seconds.
void MetricsEndpoint::StopAtOnce::operator()(prometheus::Exposer* exposer) const {
  absl::Notification stopped;
  std::thread knocking([&stopped, port = PortOf(*exposer)] {
    while (!stopped.WaitForNotificationWithTimeout(absl::Milliseconds(20))) Knock(port);
  });
  delete exposer;
  stopped.Notify();
  knocking.join();
}

absl::StatusOr<MetricsEndpoint> MetricsEndpoint::Start(
    const std::string& address, std::vector<std::shared_ptr<prometheus::Collectable>> collectables) {
  MetricsEndpoint endpoint;
  try {
    endpoint.exposer_.reset(new prometheus::Exposer(address, 1));
  } catch (const std::exception&) {  // which does not say why
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address));
  }
  endpoint.page_ = std::make_shared<Page>(std::move(collectables));
  endpoint.exposer_->RegisterCollectable(endpoint.page_);
  return endpoint;
}

int MetricsEndpoint::port() const { return PortOf(*exposer_); }

}  // namespace makegood::metrics
