// App: what makes one of the four services, whatever process it runs in.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/flow/flow.h"
#include "common/metrics/open_work_metrics.h"
#include "common/rpc/peers.h"
#include "common/rpc/rpc.h"
#include "common/rpc/server.h"

namespace makegood::services {

// What an app is made with. All of it outlives the app.
struct AppContext {
  rpc::Environment environment;
  // Connect when they are first used, so that the order of starting does not matter.
  rpc::Peers peers;
  // A folder of the service's own, for files beside its database.
  std::string data_dir;
  // For its TaskRunner.
  flow::TaskRunnerOptions tasks;
};

// A service with all that it does by itself. Its constructor registers commit listeners and submits nothing;
// Start comes once the policies are complete and the ports are this process's, just before the server serves.
// Destroyed after the server has drained.
class App {
 public:
  virtual ~App() = default;

  // Registers its gRPC services. Before the server starts.
  virtual void AddServices(rpc::Server& server) = 0;

  // Begins to follow others' events and to run tasks.
  virtual void Start() = 0;

  // Ends streams that live as long as their callers: the server drains.
  virtual void EndStreams() {}

  // What it started, for the test clock and the metrics.
  virtual std::vector<const flow::Subscriber*> subscribers() const = 0;
  virtual flow::TaskRunner* tasks() = 0;
};

// How to make an app, and what is known of it beforehand. Each service's <name>_kind.h declares its own,
// and its main.cc runs it alone:
//
//   AppKind OrdersKind();
//   int main(int argc, char** argv) { return makegood::services::Run(argc, argv, {OrdersKind}); }
struct AppKind {
  std::string name;                        // orders, claims, payments or notifications
  std::vector<std::string> grpc_services;  // full names of the generated services it serves
  std::vector<std::string> follows;        // sources it subscribes to
  std::vector<metrics::OpenGauge> gauges;  // what of its records is counted while it is open
  std::function<std::unique_ptr<App>(const AppContext&)> make;
};

}  // namespace makegood::services
