#include "services/host/host.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/flags.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/flow/test_clock.h"
#include "common/metrics/flow_metrics.h"
#include "common/metrics/metrics_endpoint.h"
#include "common/metrics/open_work_metrics.h"
#include "common/metrics/rpc_metrics.h"
#include "common/rpc/channels.h"
#include "common/rpc/door.h"
#include "common/store/store.h"
#include "services/host/app.h"
#include "services/host/build_info.h"
#include "services/host/domain_metrics.h"
#include "services/host/limits.h"
#include "services/host/stored_policies.h"

ABSL_FLAG(
    std::string, address, "127.0.0.1:7400",
    "Where to serve gRPC, host:port; port 0 takes a free one. A service by itself: 7401 to 7404, where the "
    "others look for it. Callers name themselves in the clear, so "
    "only those on this machine are admitted.");
ABSL_FLAG(std::string, metrics_address, "127.0.0.1:7480",
          "Where to serve /metrics, host:port; port 0 takes a free one. A service by itself: 7481 to 7484.");
ABSL_FLAG(std::string, data_dir, "makegood-data",
          "Folder of the databases and files; made if it is not there.");
ABSL_FLAG(
    std::string, policies, "",
    "Folder with further policies (*.textproto) and calendars (*.ics); empty for the shipped ones alone.");
ABSL_FLAG(std::string, orders_address, "127.0.0.1:7401",
          "Where the orders service is, if not in this process.");
ABSL_FLAG(std::string, claims_address, "127.0.0.1:7402",
          "Where the claims service is, if not in this process.");
ABSL_FLAG(std::string, payments_address, "127.0.0.1:7403",
          "Where the payments service is, if not in this process.");
ABSL_FLAG(std::string, notifications_address, "127.0.0.1:7404",
          "Where the notifications service is, if not in this process.");
ABSL_FLAG(
    std::string, test_clock, "",
    "RFC 3339 time at which the domain's clock stands until a client moves it; only with all four services "
    "in one process. Empty: the machine's clock.");
ABSL_FLAG(std::string, port_file, "",
          "File to write 'grpc=HOST:PORT metrics=HOST:PORT' to once serving; empty for none.");
ABSL_FLAG(absl::Duration, max_backoff, absl::Seconds(10),
          "The longest pause between two attempts of a task that something is in the way of.");
ABSL_FLAG(bool, new_epoch, false,
          "Give once to a service whose database was restored from a copy: those who follow its events then "
          "follow them from the first, and apply again none that they know.");
ABSL_FLAG(std::string, log_level, "info", "debug, info, warning or error: less than that is not logged.");

// Read by jemalloc: what is free goes back to the system within a second, which keeps a service small after
// a burst, and is done by a thread of its own.
extern "C" const char* const malloc_conf =
    "narenas:4,dirty_decay_ms:1000,muzzy_decay_ms:0,background_thread:true";

namespace makegood::services {
namespace {

constexpr size_t kAllServices = 4;

std::string ServiceName(const std::vector<AppKind>& kinds) {
  return kinds.size() == 1 ? kinds.front().name : "standalone";
}

// A service by itself serves where the others look for it by themselves, and its metrics 80 ports further.
void ListenWhereOthersLook(const std::string& service) {
  const std::map<std::string, int> ports = {
      {"orders", 7401}, {"claims", 7402}, {"payments", 7403}, {"notifications", 7404}};
  const auto port = ports.find(service);
  if (port == ports.end()) return;
  absl::SetFlag(&FLAGS_address, absl::StrCat("127.0.0.1:", port->second));
  absl::SetFlag(&FLAGS_metrics_address, absl::StrCat("127.0.0.1:", port->second + 80));
}

// What `status` says of where a port is taken, with the flag that says where.
absl::Status OfFlag(absl::string_view flag, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("--", flag, ": ", status.message(),
                                                  "; end whoever listens there, or name another host:port "
                                                  "(port 0 takes a free one)"));
}

// Before anything is made on disk for a start that comes to nothing.
absl::Status CheckPorts() {
  const std::string address = absl::GetFlag(FLAGS_address);
  const std::string metrics = absl::GetFlag(FLAGS_metrics_address);
  RETURN_IF_ERROR(OfFlag("address", rpc::CheckFree(address)));
  RETURN_IF_ERROR(OfFlag("metrics_address", rpc::CheckFree(metrics)));
  const std::string port = address.substr(address.rfind(':') + 1);
  if (port != "0" && port == metrics.substr(metrics.rfind(':') + 1)) {
    return absl::InvalidArgumentError(absl::StrCat("--address and --metrics_address both name port ", port));
  }
  const std::filesystem::path folder = std::filesystem::path(absl::GetFlag(FLAGS_port_file)).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder)) {
    return absl::InvalidArgumentError(absl::StrCat("--port_file: there is no folder ", folder.string()));
  }
  return absl::OkStatus();
}

// One process. Members are destroyed against the order in which they are declared: the server (drained first)
// before what it serves, apps before the stores they write to.
class Host {
 public:
  explicit Host(std::vector<AppKind> kinds) : kinds_(std::move(kinds)) {}

  absl::Status Start() {
    shares_ = SharesByFlags();
    RETURN_IF_ERROR(MakeClock());
    RETURN_IF_ERROR(LoadPolicies());
    RETURN_IF_ERROR(CheckPorts());
    RETURN_IF_ERROR(OpenStores());
    MakeApps();
    for (const auto& [name, store] : stores_) RETURN_IF_ERROR(KeepPolicies(*store, policies_));
    domain_metrics_ = std::make_unique<DomainMetrics>(*registry_, policies_);
    // Nothing happens by itself before both ports are ours: another process may be at work on them.
    MakeServer();
    RETURN_IF_ERROR(OfFlag("address", server_->Listen()));
    RETURN_IF_ERROR(OfFlag("metrics_address", ServeMetrics()));
    for (const std::unique_ptr<App>& app : apps_) app->Start();
    WatchFeeds();
    RETURN_IF_ERROR(Serve());
    return WritePortFile();
  }

  void Drain() { server_->Drain(); }

  std::string Where() const {
    return absl::StrCat("grpc=", rpc::CallableAt(absl::GetFlag(FLAGS_address), server_->port()), " metrics=",
                        rpc::CallableAt(absl::GetFlag(FLAGS_metrics_address), endpoint_->port()));
  }

 private:
  absl::Status MakeClock() {
    const std::string start = absl::GetFlag(FLAGS_test_clock);
    if (start.empty()) return absl::OkStatus();
    if (kinds_.size() != kAllServices) {
      return absl::InvalidArgumentError("--test_clock needs all four services in one process");
    }
    absl::Time time;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, start, &time, &error)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--test_clock=", start, " is not an RFC 3339 time: ", error));
    }
    test_clock_.emplace(time);
    return absl::OkStatus();
  }

  const Clock& clock() const {
    return test_clock_.has_value() ? static_cast<const Clock&>(*test_clock_) : system_clock_;
  }

  absl::Status LoadPolicies() {
    ASSIGN_OR_RETURN(policies_, rules::PolicyBook::Shipped());
    const std::string folder = absl::GetFlag(FLAGS_policies);
    return folder.empty() ? absl::OkStatus() : policies_.AddFolder(folder);
  }

  // Where the service keeps its files.
  static std::string Folder(const std::string& service) {
    return absl::StrCat(absl::GetFlag(FLAGS_data_dir), "/", service);
  }

  absl::Status OpenStores() {
    for (const AppKind& kind : kinds_) {
      std::error_code error;
      std::filesystem::create_directories(Folder(kind.name), error);
      if (error) {
        return absl::UnavailableError(absl::StrCat("--data_dir: ", Folder(kind.name), ": ", error.message()));
      }
      auto flow_metrics = std::make_shared<metrics::FlowMetrics>(*registry_, kind.name);
      store::StoreOptions options;
      options.path = absl::StrCat(Folder(kind.name), "/", kind.name, ".db");
      options.service = kind.name;
      options.observer = flow_metrics->StoreObserver();
      options.new_epoch = absl::GetFlag(FLAGS_new_epoch);
      ASSIGN_OR_RETURN(std::unique_ptr<store::Store> store, store::OpenSqliteStore(options, clock()));
      if (options.new_epoch) {
        Log(LogLevel::kWarning, "the database has a new epoch: its followers see all events again",
            {{"source", kind.name}, {"epoch", store->epoch()}});
      }
      flow_metrics->Watch(*store, clock());
      store->AddCommitListener([this](const store::Committed& committed) {
        // Policies are kept before there is anything to count.
        if (domain_metrics_ != nullptr) domain_metrics_->Count(committed);
      });
      flow_metrics_.push_back(std::move(flow_metrics));
      stores_.emplace(kind.name, std::move(store));
    }
    return absl::OkStatus();
  }

  // A channel to `name`: within this process, or to where a flag says that it is.
  std::shared_ptr<grpc::Channel> PeerChannel(const std::string& name, const std::string& address) {
    rpc::ClientInterceptors interceptors;
    interceptors.push_back(rpc_metrics_->ClientInterceptor());
    return rpc::MakeChannel(stores_.contains(name) ? inner_address_ : address, std::move(interceptors));
  }

  void MakeApps() {
    std::vector<std::string> services = {"makegood.events.v1.EventService"};
    std::map<std::string, store::Store*> sources;
    for (const AppKind& kind : kinds_) {
      services.insert(services.end(), kind.grpc_services.begin(), kind.grpc_services.end());
      sources.emplace(kind.name, stores_.at(kind.name).get());
    }
    if (test_clock_.has_value()) services.emplace_back(base::v1::TestClockService::service_full_name());
    rpc_metrics_ = std::make_unique<metrics::RpcMetrics>(
        *registry_, services,
        std::vector<std::string>{"makegood.events.v1.EventService", "makegood.orders.v1.OrdersService",
                                 "makegood.orders.v1.ContactsService",
                                 "makegood.orders.v1.ReturnNumbersService",
                                 "makegood.claims.v1.ClaimsService", "makegood.payments.v1.PaymentsService",
                                 "makegood.notifications.v1.NotificationsService"});
    event_feed_ = flow::MakeEventService(sources, policies_, shares_);
    const rpc::Peers peers{PeerChannel("orders", absl::GetFlag(FLAGS_orders_address)),
                           PeerChannel("claims", absl::GetFlag(FLAGS_claims_address)),
                           PeerChannel("payments", absl::GetFlag(FLAGS_payments_address)),
                           PeerChannel("notifications", absl::GetFlag(FLAGS_notifications_address))};
    for (size_t i = 0; i < kinds_.size(); ++i) {
      const rpc::Environment environment{
          *stores_.at(kinds_[i].name), policies_, clock(),
          [this](absl::string_view rule_id) { domain_metrics_->CountRefusal(rule_id); }, shares_};
      flow::TaskRunnerOptions tasks;
      tasks.max_backoff = absl::GetFlag(FLAGS_max_backoff);
      tasks.observe = [metrics = flow_metrics_[i]](std::vector<std::string> kinds) {
        return metrics->TaskObserver(std::move(kinds));
      };
      apps_.push_back(kinds_[i].make({environment, peers, Folder(kinds_[i].name), tasks}));
    }
  }

  void MakeServer() {
    rpc::ServerOptions options;
    options.address = absl::GetFlag(FLAGS_address);
    options.inner_address = inner_address_;
    LimitByFlags(options);
    options.interceptors.push_back(rpc_metrics_->ServerInterceptor());
    server_ = std::make_unique<rpc::Server>(std::move(options));
    for (const std::unique_ptr<App>& app : apps_) {
      app->AddServices(*server_);
      server_->OnDrain([&app] { app->EndStreams(); });
    }
    server_->AddService<events::v1::EventService>(*event_feed_);
    server_->OnDrain([this] { event_feed_->EndStreams(); });
  }

  absl::Status Serve() {
    if (test_clock_.has_value()) {
      flow::TestClockScope scope;
      for (const auto& [name, store] : stores_) scope.stores.emplace(name, store.get());
      for (const std::unique_ptr<App>& app : apps_) {
        for (const flow::Subscriber* subscriber : app->subscribers()) scope.subscribers.push_back(subscriber);
        scope.runners.push_back(app->tasks());
      }
      test_clock_service_ = flow::MakeTestClockService(*test_clock_, std::move(scope));
      server_->AddService<base::v1::TestClockService>(*test_clock_service_);
    }
    return server_->Start();
  }

  absl::Status ServeMetrics() {
    metrics::SetBuildInfo(*registry_, ServiceName(kinds_), kVersion, kRevision);
    std::vector<std::shared_ptr<prometheus::Collectable>> pages = {registry_,
                                                                   LimitMetrics(shares_, *server_)};
    for (const std::shared_ptr<metrics::FlowMetrics>& flow_metrics : flow_metrics_)
      pages.push_back(flow_metrics);
    for (const AppKind& kind : kinds_) {
      pages.push_back(std::make_shared<metrics::OpenWorkMetrics>(kind.name, kind.gauges, policies_,
                                                                 *stores_.at(kind.name), clock()));
    }
    ASSIGN_OR_RETURN(endpoint_, metrics::MetricsEndpoint::Start(absl::GetFlag(FLAGS_metrics_address), pages));
    return absl::OkStatus();
  }

  void WatchFeeds() {
    for (size_t i = 0; i < apps_.size(); ++i) {
      for (const flow::Subscriber* subscriber : apps_[i]->subscribers()) {
        flow_metrics_[i]->WatchFeed(subscriber->source(), [subscriber] {
          const flow::Subscriber::Lag lag = subscriber->lag();
          return metrics::FlowMetrics::Lag{lag.connected, lag.last_seen, lag.events, lag.oldest_time};
        });
      }
    }
  }

  // Whole or not at all: readers wait for the file.
  absl::Status WritePortFile() const {
    const std::string path = absl::GetFlag(FLAGS_port_file);
    if (path.empty()) return absl::OkStatus();
    const std::string draft = absl::StrCat(path, ".new");
    std::ofstream(draft) << Where() << "\n";
    std::error_code error;
    std::filesystem::rename(draft, path, error);
    return error ? absl::UnavailableError(absl::StrCat("--port_file=", path, ": ", error.message()))
                 : absl::OkStatus();
  }

  const std::vector<AppKind> kinds_;
  // Known before the server listens, so that the apps of this process can be made first.
  const std::string inner_address_ = absl::StrCat("unix-abstract:makegood-", getpid());
  SystemClock system_clock_;
  std::optional<TestClock> test_clock_;
  rules::PolicyBook policies_;
  const std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  std::shared_ptr<rpc::Shares> shares_;
  std::unique_ptr<DomainMetrics> domain_metrics_;
  std::unique_ptr<metrics::RpcMetrics> rpc_metrics_;
  std::vector<std::shared_ptr<metrics::FlowMetrics>> flow_metrics_;
  std::map<std::string, std::unique_ptr<store::Store>> stores_;
  std::unique_ptr<flow::EventFeed> event_feed_;
  std::vector<std::unique_ptr<App>> apps_;
  std::unique_ptr<base::v1::TestClockService::CallbackService> test_clock_service_;
  std::unique_ptr<rpc::Server> server_;
  std::optional<metrics::MetricsEndpoint> endpoint_;
};

}  // namespace

int Run(int argc, char** argv, std::initializer_list<AppKind (*)()> kinds_of) {
  rpc::HoldSignals();
  // Debian's Abseil otherwise records the order of every lock that is taken, in one graph for all threads.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  std::vector<AppKind> kinds;
  for (AppKind (*const kind)() : kinds_of) kinds.push_back(kind());
  std::vector<std::string> names;
  for (const AppKind& kind : kinds) names.push_back(kind.name);
  absl::SetProgramUsageMessage(absl::StrCat("Makegood: serves ", absl::StrJoin(names, ", "),
                                            ". Every flag is also read from the environment: --data_dir from "
                                            "MAKEGOOD_DATA_DIR."));
  absl::FlagsUsageConfig usage;
  usage.contains_help_flags = [](absl::string_view file) { return absl::StrContains(file, "services/"); };
  usage.version_string = [] { return absl::StrCat("Makegood ", kVersion, " (", kRevision, ")\n"); };
  absl::SetFlagsUsageConfig(usage);
  if (kinds.size() == 1) ListenWhereOthersLook(kinds.front().name);
  Host host(std::move(kinds));
  absl::Status started = ParseFlags(argc, argv);
  if (started.ok()) started = StartLogging(absl::StrJoin(names, "+"), absl::GetFlag(FLAGS_log_level));
  if (!started.ok()) {
    std::fprintf(stderr, "%s: %s\n", argv[0], std::string(started.message()).c_str());
    return 1;
  }
  if (const absl::Status serves = host.Start(); !serves.ok()) {
    Log(LogLevel::kError, "cannot start", {{"error", std::string(serves.message())}});
    return 1;
  }
  Log(LogLevel::kInfo, "serving", {{"where", host.Where()}});
  rpc::WaitForSignal();
  host.Drain();
  Log(LogLevel::kInfo, "drained");
  return 0;
}

}  // namespace makegood::services
