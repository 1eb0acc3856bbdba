// makegoodctl: the suite from a terminal.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "tools/makegoodctl/client.h"
#include "tools/makegoodctl/import.h"
#include "tools/makegoodctl/shop.h"
#include "tools/makegoodctl/table.h"
#include "tools/makegoodctl/tour.h"

namespace makegood::ctl {
namespace {

// Exit codes, as --help tells them.
constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kPartly = 3;

struct Options {
  std::string server = "127.0.0.1:7400";
  std::string role = "operations";
  std::string actor = "operations-1";
  std::string store;
  std::string connector;
  std::string shop_connector = kFastCentrik;
  std::string file;
  std::string encoding;
  std::string rejects;
  bool restart = false;
  std::string folder;
  std::string metrics = "127.0.0.1:7480";
  std::string order_id;
};

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "makegoodctl: %s\n", Explain(status).c_str());
  return kFailed;
}

absl::StatusOr<base::v1::Actor> ActorOf(const Options& options) {
  base::v1::Role role;
  if (!base::v1::Role_Parse(absl::StrCat("ROLE_", absl::AsciiStrToUpper(options.role)), &role)) {
    return absl::InvalidArgumentError(absl::StrCat("--role ", options.role, " is not a role"));
  }
  return MakeActor(role, options.actor, options.store);
}

ImportOptions ImportOf(const Options& options, const std::string& connector) {
  ImportOptions import;
  import.connector = connector;
  import.path = options.file;
  import.encoding = options.encoding;
  import.rejects = options.rejects;
  import.restart = options.restart;
  import.server = options.server;
  return import;
}

int Import(Client& client, const base::v1::Actor& actor, const Options& options) {
  const auto report = ImportOrders(client, actor, ImportOf(options, options.connector));
  if (report.ok()) {
    PrintImportReport(*report);
  } else {
    Fail(report.status());
  }
  return ImportExitCode(report);
}

int ImportShop(Client& client, const base::v1::Actor& actor, const Options& options) {
  const auto import = ImportShopStatuses(client, actor, ImportOf(options, options.shop_connector));
  if (!import.ok()) {
    Fail(import.status());
    return ImportExitCode(import.status());
  }
  PrintVerdicts(*import);
  return ImportExitCode(import->report);
}

int ExportShop(Client& client, const base::v1::Actor& actor, const Options& options) {
  const auto csv = ExportShopOrders(client, actor, options.store, options.shop_connector);
  if (!csv.ok()) return Fail(csv.status());
  std::fwrite(csv->data(), 1, csv->size(), stdout);
  return kDone;
}

int Drift(Client& client, const base::v1::Actor& actor, const Options& options) {
  const auto drifts = CompareShopStatuses(client, actor, options.store, options.file, options.shop_connector);
  if (!drifts.ok()) return Fail(drifts.status());
  PrintDrifts(*drifts);
  return drifts->empty() ? kDone : kPartly;
}

int Timeline(Client& client, const base::v1::Actor& actor, const Options& options) {
  orders::v1::ListTimelineRequest request;
  request.set_order_id(options.order_id);
  request.set_page_size(1000);
  const auto page =
      client.Call(actor, *client.orders, &orders::v1::OrdersService::Stub::ListTimeline, request);
  if (!page.ok()) return Fail(page.status());
  Table table({"time (UTC)", "what happened"});
  for (const orders::v1::TimelineEntry& entry : page->entries()) {
    const absl::Time time = absl::FromUnixSeconds(entry.time().seconds());
    table.Add({absl::FormatTime("%Y-%m-%d %H:%M", time, absl::UTCTimeZone()), entry.text()});
  }
  table.Print();
  return kDone;
}

using Action = int (*)(Client&, const base::v1::Actor&, const Options&);

int Connect(const Options& options, Action action) {
  const absl::StatusOr<base::v1::Actor> actor = ActorOf(options);
  if (!actor.ok()) return Fail(actor.status());
  Client client(options.server);
  if (const absl::Status ready = client.WaitUntilReady(absl::Seconds(10)); !ready.ok()) return Fail(ready);
  return action(client, *actor, options);
}

int Tour(Client& client, const base::v1::Actor&, const Options& options) {
  return PlayTour(client, options.folder, options.metrics);
}

// What every import takes.
void AddImportOptions(CLI::App& import, Options& options) {
  import.add_option("--rejects", options.rejects, "Where rejected rows go (default: FILE.rejects.csv)");
  import.add_option("--encoding", options.encoding, "The file's characters, e.g. windows-1250");
  import.add_flag("--restart", options.restart, "From the beginning, even if an import was cut off");
}

void AddOrders(CLI::App& app, Options& options, Action& action) {
  CLI::App* orders = app.add_subcommand("orders", "Orders: import them, look at their history");
  orders->require_subcommand(1);
  CLI::App* import = orders->add_subcommand("import", "Import orders from a CSV file through a connector");
  import
      ->add_option("--connector", options.connector,
                   "A shipped connector (fastcentrik, makegood, olist) or a file of your own")
      ->required();
  import->add_option("file", options.file, "The CSV file, or - for standard input")->required();
  AddImportOptions(*import, options);
  import->footer("Example:\n  makegoodctl orders import --connector olist orders.csv");
  import->callback([&action] { action = Import;
});
CLI::App* timeline = orders->add_subcommand("timeline", "What happened to an order");
timeline->add_option("order", options.order_id, "The order's number")->required();
timeline->footer("Example:\n  makegoodctl orders timeline M-1002");
timeline->callback([&action] { action = Timeline; });
}  // namespace

void AddShop(CLI::App& app, Options& options, Action& action) {
  CLI::App* shop = app.add_subcommand("fastcentrik", "A FastCentrik shop: orders out, statuses in, drift");
  shop->require_subcommand(1);
  shop->add_option("--connector", options.shop_connector, "Another shop's connector, of statuses")
      ->capture_default_str();
  shop->add_subcommand("export", "The store's open orders, as CSV")
      ->footer("Example:\n  makegoodctl --role service --actor fastcentrik --store m-100 fastcentrik export")
      ->callback([&action] { action = ExportShop; });
  CLI::App* import = shop->add_subcommand("import", "Report the shop's statuses; prints a verdict per row");
  import->add_option("file", options.file, "CSV: order_number,status,date_of_delivery")->required();
  AddImportOptions(*import, options);
  import->callback([&action] { action = ImportShop;
});
CLI::App* drift = shop->add_subcommand("drift", "List orders whose two sides disagree");
drift->add_option("file", options.file, "CSV: order_number,status,date_of_delivery")->required();
drift->callback([&action] { action = Drift; });
}  // namespace makegood::ctl

int Main(int argc, char** argv) {
  Options options;
  Action action = nullptr;
  CLI::App app("Makegood from a terminal: orders gone wrong, made good.", "makegoodctl");
  app.require_subcommand(1);
  app.fallthrough();  // --server and its like may also stand behind the command
  app.footer("Exit codes: 0 done, 1 failed, 3 done in part (some rows were refused); others: wrong usage.");
  app.add_option("--server", options.server, "Where the suite listens")
      ->envname("MAKEGOOD_SERVER")
      ->capture_default_str();
  app.add_option("--role", options.role, "Who you are: customer, store_manager, operations, service…")
      ->capture_default_str();
  app.add_option("--actor", options.actor, "Your own id")->capture_default_str();
  app.add_option("--store", options.store, "Your store, where your role has one");
  AddOrders(app, options, action);
  AddShop(app, options, action);
  CLI::App* tour =
      app.add_subcommand("tour", "Play a season of orders gone wrong on a server with a test clock");
  tour->add_option("--metrics", options.metrics, "Where the suite's /metrics is")->capture_default_str();
  tour->add_option("folder", options.folder, "The tour's files, tools/tour")->required();
  tour->callback([&action] { action = Tour; });
  CLI11_PARSE(app, argc, argv);
  return Connect(options, action);
}

}  // namespace
}  // namespace makegood::ctl

int main(int argc, char** argv) {
  try {
    return makegood::ctl::Main(argc, argv);
  } catch (const std::exception& error) {
    // CLI11 throws where its own set-up is wrong.
    std::fprintf(stderr, "makegoodctl: %s\n", error.what());
    return 1;
  }
}
