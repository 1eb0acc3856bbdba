#include "services/host/limits.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "prometheus/metric_family.h"

ABSL_FLAG(
    int32_t, connections, 4'000,
    "Connections at a time; more are turned away. Fewer where the limit of open files asks for it: 256 of "
    "them are kept for the service itself.");
ABSL_FLAG(uint32_t, streams_per_caller, 50,
          "Streams of events, timelines, threads and work that one caller may have open; a store four times "
          "as many.");
ABSL_FLAG(uint32_t, transfers_per_caller, 4,
          "Files of evidence that one caller may have on their way; a store four times as many.");
ABSL_FLAG(uint32_t, calls_mib, 128,
          "Memory for requests and replies of calls under way, in MiB; one caller may have half of it.");

namespace makegood::services {
namespace {

using prometheus::MetricFamily;

MetricFamily Family(const std::string& name, const std::string& help, prometheus::MetricType type) {
  return {name, help, type, {}};
}

void Add(MetricFamily& family, const std::string& of, uint64_t value) {
  prometheus::ClientMetric metric;
  if (!of.empty()) metric.label = {{"of", of}};
  (family.type == prometheus::MetricType::Gauge ? metric.gauge.value : metric.counter.value) =
      static_cast<double>(value);
  family.metric.push_back(std::move(metric));
}

class Collected final : public prometheus::Collectable {
 public:
  Collected(std::shared_ptr<rpc::Shares> shares, const rpc::Server& server)
      : shares_(std::move(shares)), server_(server) {}

  std::vector<MetricFamily> Collect() const override {
    MetricFamily taken = Family("makegood_share_taken", "What callers have taken up, by what it is.",
                                prometheus::MetricType::Gauge);
    MetricFamily refused =
        Family("makegood_share_refused_total", "How often a caller was refused at a limit, by what it is.",
               prometheus::MetricType::Counter);
    const std::vector<std::pair<std::string, const Places*>> all = {{"streams", &shares_->streams},
                                                                    {"transfers", &shares_->transfers},
                                                                    {"lists", &shares_->lists},
                                                                    {"bytes", &shares_->bytes}};
    for (const auto& [of, places] : all) {
      Add(taken, of, places->taken());
      Add(refused, of, places->refused());
    }
    MetricFamily away =
        Family("makegood_connections_turned_away_total",
               "Connections that were refused because there were too many.", prometheus::MetricType::Counter);
    Add(away, "", server_.turned_away());
    MetricFamily ended = Family("makegood_connections_ended_total",
                                "Connections that were ended because they gave up calls in a stream.",
                                prometheus::MetricType::Counter);
    Add(ended, "", server_.disconnected());
    return {taken, refused, away, ended};
  }

 private:
  const std::shared_ptr<rpc::Shares> shares_;
  const rpc::Server& server_;
};

// A store's people have four callers' places together.
void ForEach(uint64_t per_caller, PlaceLimits& limits) {
  limits.per_caller = per_caller;
  limits.per_store = 4 * per_caller;
}

}  // namespace

std::shared_ptr<rpc::Shares> SharesByFlags() {
  rpc::ShareLimits limits;
  ForEach(absl::GetFlag(FLAGS_streams_per_caller), limits.streams);
  ForEach(absl::GetFlag(FLAGS_transfers_per_caller), limits.transfers);
  const uint64_t bytes = uint64_t{absl::GetFlag(FLAGS_calls_mib)} << 20;
  limits.bytes = {.all = bytes, .per_caller = bytes / 2, .per_store = bytes / 2, .kept = bytes / 8};
  return std::make_shared<rpc::Shares>(limits);
}

void LimitByFlags(rpc::ServerOptions& options) { options.max_connections = absl::GetFlag(FLAGS_connections); }

std::shared_ptr<prometheus::Collectable> LimitMetrics(std::shared_ptr<rpc::Shares> shares,
                                                      const rpc::Server& server) {
  return std::make_shared<Collected>(std::move(shares), server);
}

}  // namespace makegood::services
