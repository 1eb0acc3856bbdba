#include "tools/makegoodctl/command_line/file_commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/command_line/session.h"
#include "tools/makegoodctl/command_line/show.h"
#include "tools/makegoodctl/import/import.h"
#include "tools/makegoodctl/import/shop.h"

namespace makegood::ctl {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);  // until there is a connection

// Runs `act` as the session's actor on a server that answers.
template <typename Act>
int Connected(Session& session, const Act& act) {
  const absl::StatusOr<base::v1::Actor> actor = session.actor();
  if (!actor.ok()) return session.Fail(actor.status());
  const absl::Status ready = session.client().WaitUntilReady(std::min(kPatience, session.timeout()));
  if (!ready.ok()) return session.Fail(ready);
  return act(session.client(), *actor);
}

constexpr char kShopConnector[] =
    "The connector of the shop, of statuses: a shipped one or a file of your own";
constexpr char kShopFile[] = "CSV, as the connector has it: order_number,status,date_of_delivery";

void AddConnector(CLI::App& app, std::string& name, const std::string& help) {
  app.add_option("--connector", name, help)->type_name("NAME")->capture_default_str();
}

// What every import takes.
std::shared_ptr<ImportOptions> AddImport(CLI::App& app) {
  auto options = std::make_shared<ImportOptions>();
  app.add_option("file", options->path, "The CSV file, or - for standard input")
      ->required()
      ->type_name("FILE");
  app.add_option("--rejects", options->rejects, "Where rejected rows go; otherwise FILE.rejects.csv")
      ->type_name("FILE");
  app.add_option("--encoding", options->encoding, "The file's characters, e.g. windows-1250")
      ->type_name("NAME");
  app.add_flag("--restart", options->restart, "From the beginning, even if an import was cut off");
  app.add_flag("--dry-run", options->validate_only, "Judge every row, and change nothing (SYS-03)");
  return options;
}

// The options as this session has them: nothing is written beside the file where nothing is done.
ImportOptions OptionsOf(const Session& session, const ImportOptions& given) {
  ImportOptions options = given;
  options.server = session.settings().server;
  options.patience = session.timeout();
  if (options.validate_only) options.keep_files = false;
  return options;
}

// Tells why a command did not come to its end; its exit code.
int Fail(const Session& session, const Command& command, const absl::Status& status) {
  return session.Fail(status, {.method = &MethodNamed(command.service, command.method)});
}
int FailImport(const Session& session, const Command& command, const absl::Status& status) {
  return session.Fail(
      status, {.method = &MethodNamed(command.service, command.method), .exit_code = ImportExitCode(status)});
}

// Whose shop it is must be known.
absl::Status CheckStore(const Session& session) {
  if (!session.settings().store.empty()) return absl::OkStatus();
  return InvalidFields({{"--store", "is missing: the store whose shop it is"}});
}

}  // namespace

Action MakeOrdersImport(const Command& command, CLI::App& app) {
  const auto options = AddImport(app);
  app.add_option("--connector", options->connector,
                 "A shipped connector (fastcentrik, makegood, olist) or a file of your own")
      ->required()
      ->type_name("NAME");
  return [options, &command](Session& session) {
    return Connected(session, [&](Client& client, const base::v1::Actor& actor) {
      const auto report = ImportOrders(client, actor, OptionsOf(session, *options));
      if (!report.ok()) return FailImport(session, command, report.status());
      if (options->validate_only) TellDryRun(session);
      if (session.output() == Output::kTable) {
        PrintImportReport(*report);
      } else {
        Show(session, *report);
      }
      return ImportExitCode(report);
    });
  };
}

Action MakeShopExport(const Command& command, CLI::App& app) {
  auto connector = std::make_shared<std::string>(kFastCentrik);
  AddConnector(app, *connector, kShopConnector);
  return [connector, &command](Session& session) {
    if (const absl::Status store = CheckStore(session); !store.ok()) return session.Fail(store);
    return Connected(session, [&](Client& client, const base::v1::Actor& actor) -> int {
      const auto csv = ExportShopOrders(client, actor, session.settings().store, *connector);
      if (!csv.ok()) return Fail(session, command, csv.status());
      std::fwrite(csv->data(), 1, csv->size(), stdout);
      return kDone;
    });
  };
}

Action MakeShopImport(const Command& command, CLI::App& app) {
  const auto options = AddImport(app);
  options->connector = kFastCentrik;
  AddConnector(app, options->connector, kShopConnector);
  return [options, &command](Session& session) {
    return Connected(session, [&](Client& client, const base::v1::Actor& actor) {
      ImportOptions with_rows = OptionsOf(session, *options);
      if (options->validate_only) {
        TellDryRun(session);
        std::fputs("Each row is judged by its order as it is now, not as rows before it would leave it.\n",
                   stderr);
      }
      if (session.output() != Output::kTable) {
        with_rows.on_verdict = [&session](const ImportVerdict& verdict) {
          PrintForScript(session, ToReportVerdict(verdict));
        };
        // The rows say how far it is, and a bar would stand between them.
        if (session.terminal().person_reads) with_rows.show_progress = false;
      }
      const auto import = ImportShopStatuses(client, actor, with_rows);
      if (!import.ok()) return FailImport(session, command, import.status());
      if (session.output() == Output::kTable) PrintVerdicts(*import);
      return ImportExitCode(import->report);
    });
  };
}

Action MakeShopDrift(const Command& command, CLI::App& app) {
  auto path = std::make_shared<std::string>();
  auto connector = std::make_shared<std::string>(kFastCentrik);
  app.add_option("file", *path, kShopFile)->required()->type_name("FILE");
  AddConnector(app, *connector, kShopConnector);
  return [path, connector, &command](Session& session) {
    if (const absl::Status store = CheckStore(session); !store.ok()) return session.Fail(store);
    return Connected(session, [&](Client& client, const base::v1::Actor& actor) -> int {
      const auto drifts = CompareShopStatuses(client, actor, session.settings().store, *path, *connector);
      if (!drifts.ok()) return Fail(session, command, drifts.status());
      if (session.output() != Output::kTable) {
        for (const orders::v1::Drift& drift : *drifts) PrintForScript(session, drift);
      } else if (!drifts->empty()) {
        PrintDrifts(*drifts);
      } else {
        std::fputs("There are none: the file and the suite agree.\n", stderr);
      }
      return drifts->empty() ? kDone : kDoneInPart;
    });
  };
}

}  // namespace makegood::ctl
