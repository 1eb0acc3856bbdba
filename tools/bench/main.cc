// makegood-bench: the single measurements that tools/bench/run puts together. Each prints one JSON object.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "tools/bench/calls.h"
#include "tools/bench/grpc_load.h"
#include "tools/bench/h2_load.h"
#include "tools/bench/startup.h"

namespace makegood::bench {
namespace {

struct Options {
  std::string kind = "echo";
  int port = 0;
  int in_flight = 64;
  int connections = 8;
  double seconds = 3;
  int64_t calls = 0;
  int64_t first = 0;
  int64_t orders = 1;
  int request_bytes = 100;
  int reply_bytes = 500;
  std::string claims;
  std::string file;
  std::string log;
  int64_t rows = 0;
  std::vector<std::string> command;
};

absl::StatusOr<std::unique_ptr<Plan>> MakePlan(const Options& options) {
  const std::optional<Kind> kind = KindOf(options.kind);
  if (!kind.has_value()) return absl::InvalidArgumentError(absl::StrCat(options.kind, " is no kind of call"));
  auto plan = std::make_unique<Plan>(*kind, options.first, options.orders, options.request_bytes,
                                     options.reply_bytes);
  if (*kind == Kind::kGet) RETURN_IF_ERROR(plan->LoadClaims(options.claims));
  return plan;
}

Limits LimitsOf(const Options& options) {
  return {options.calls, options.seconds > 0 ? absl::Seconds(options.seconds) : absl::Hours(1)};
}

absl::Status Load(const Options& options, bool by_h2) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Plan> plan, MakePlan(options));
  ASSIGN_OR_RETURN(const std::string report,
                   by_h2 ? RunH2Load(*plan, options.port, options.connections,
                                     options.in_flight / options.connections, LimitsOf(options))
                         : RunGrpcLoad(*plan, absl::StrCat("127.0.0.1:", options.port), options.in_flight,
                                       LimitsOf(options)));
  if (plan->kind() == Kind::kCreate && !options.claims.empty()) {
    RETURN_IF_ERROR(plan->AppendClaims(options.claims));
  }
  std::puts(report.c_str());
  return absl::OkStatus();
}

// What h2load sends as the body of each request.
absl::Status WriteBody(const Options& options) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Plan> plan, MakePlan(options));
  const std::string body = plan->Make(options.first).body;
  std::ofstream out(options.file, std::ios::binary);
  out << std::string(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) out << static_cast<char>(body.size() >> shift);
  out << body;
  absl::PrintF("{\"bytes\": %d}\n", body.size());
  return absl::OkStatus();
}

absl::Status Start(const Options& options) {
  ASSIGN_OR_RETURN(const absl::Duration took, MeasureStart(options.command, options.file, options.log));
  absl::PrintF("{\"milliseconds\": %.1f}\n", absl::ToDoubleMilliseconds(took));
  return absl::OkStatus();
}

// Orders in the form that the connector olist reads: two in three delivered, the others on their way. Spread
// over a year, told in the connector's own zone: a time of day that its clocks leave out would be no time.
absl::Status WriteOrders(const Options& options) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone("America/Sao_Paulo", &zone)) {
    return absl::NotFoundError("this machine does not know the time zone America/Sao_Paulo");
  }
  std::ofstream out(options.file, std::ios::binary);
  out << "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
         "order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date\n";
  const absl::Time first = absl::FromUnixSeconds(1'500'000'000);
  const auto time = [&zone](absl::Time t) { return absl::FormatTime("%m/%d/%Y %H:%M", t, zone); };
  for (int64_t row = 0; row < options.rows; ++row) {
    const absl::Time placed = first + absl::Hours(365 * 24) * row / options.rows;
    const bool delivered = row % 3 != 0;
    out << absl::StrFormat("made-up-%s-%08d,c-%06d,%s,%s,%s,%s,%s,%s\n", options.kind, row, row % 100'000,
                           delivered ? "delivered" : "shipped", time(placed), time(placed + absl::Hours(1)),
                           time(placed + absl::Hours(30)), delivered ? time(placed + absl::Hours(100)) : "",
                           time(placed + absl::Hours(200)));
  }
  out.flush();
  absl::PrintF("{\"rows\": %d}\n", options.rows);
  return out ? absl::OkStatus() : absl::UnavailableError(absl::StrCat("cannot write ", options.file));
}

void AddPlan(CLI::App& command, Options& options) {
  command.add_option("--kind", options.kind, "echo, import, order, create or get");
  command.add_option("--first", options.first, "Index of the first call");
  command.add_option("--orders", options.orders, "How many orders there are");
  command.add_option("--request-bytes", options.request_bytes, "Length of an echo's request");
  command.add_option("--reply-bytes", options.reply_bytes, "Length of an echo's reply");
  command.add_option("--claims", options.claims, "File of claim ids: create adds to it, get reads it");
}

void AddLoad(CLI::App& command, Options& options) {
  AddPlan(command, options);
  command.add_option("--port", options.port, "Of the server on 127.0.0.1")->required();
  command.add_option("--in-flight", options.in_flight, "Calls under way at a time");
  command.add_option("--seconds", options.seconds, "How long; 0 for no limit");
  command.add_option("--calls", options.calls, "How many; 0 for no limit");
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Single measurements for tools/bench/run.", "makegood-bench");
  app.require_subcommand(1);
  absl::Status status;
  CLI::App* const grpc = app.add_subcommand("grpc", "Load by gRPC's C++ client");
  AddLoad(*grpc, options);
  grpc->callback([&] { status = Load(options, false); });
  CLI::App* const h2 = app.add_subcommand("h2", "Load by a lean HTTP/2 client");
  AddLoad(*h2, options);
  h2->add_option("--connections", options.connections, "Among which the calls are shared out");
  h2->callback([&] { status = Load(options, true); });
  CLI::App* const body = app.add_subcommand("body", "Write a request's body for h2load");
  AddPlan(*body, options);
  body->add_option("--file", options.file, "Where to")->required();
  body->callback([&] { status = WriteBody(options); });
  CLI::App* const start = app.add_subcommand("start", "Time from exec until SERVING");
  start->add_option("--file", options.file, "The server's --port_file")->required();
  start->add_option("--log", options.log, "Where its log goes")->required();
  start->add_option("command", options.command, "The server and its flags, after --")->required();
  start->callback([&] { status = Start(options); });
  CLI::App* const orders = app.add_subcommand("orders", "Write made-up orders for makegoodctl orders import");
  orders->add_option("--kind", options.kind, "A word in their ids");
  orders->add_option("--rows", options.rows, "How many")->required();
  orders->add_option("--file", options.file, "Where to")->required();
  orders->callback([&] { status = WriteOrders(options); });
  CLI11_PARSE(app, argc, argv);
  if (status.ok()) return 0;
  std::fprintf(stderr, "makegood-bench: %s\n", status.ToString().c_str());
  return 1;
}

}  // namespace
}  // namespace makegood::bench

int main(int argc, char** argv) {
  try {
    return makegood::bench::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "makegood-bench: %s\n", error.what());
    return 1;
  }
}
