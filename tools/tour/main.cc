// makegood-tour: a season of orders gone wrong, played on a fresh server with a test clock.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>

#include "tools/tour/tour.h"

namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);  // until there is a connection

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "makegood-tour: %s\n", std::string(status.message()).c_str());
  return 1;
}

int Play(const std::string& server, const std::string& metrics, const std::string& folder) {
  makegood::ctl::Client client(server);
  if (const absl::Status ready = client.WaitUntilReady(kPatience); !ready.ok()) return Fail(ready);
  if (const absl::Status ready = makegood::ctl::CheckTour(client, folder); !ready.ok()) return Fail(ready);
  return makegood::ctl::PlayTour(client, folder, metrics);
}

int Obey(int argc, char** argv) {
  std::string server = "127.0.0.1:7400";
  std::string metrics = "127.0.0.1:7480";
  std::string folder;
  CLI::App app("Play a season of orders gone wrong on a fresh server with a test clock.", "makegood-tour");
  app.add_option("--server", server, "Where the suite listens")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--metrics", metrics, "Where its /metrics is")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("folder", folder, "The tour's files, tools/tour/season")->required()->type_name("FOLDER");
  app.footer(
      "Exit codes: 0 every promise was kept, 1 not, or it was not played, 2 wrong usage.\n"
      "Example: makegood-tour tools/tour/season");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return 2;
  }
  return Play(server, metrics, folder);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Obey(argc, argv);
  } catch (const std::exception& error) {
    // CLI11 throws where its own set-up is wrong.
    std::fprintf(stderr, "makegood-tour: %s\n", error.what());
    return 1;
  }
}
