// Orders, their history or their statuses from a CSV file of any size into the suite, through the public
// API.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "makegood/connectors/v1/import.pb.h"
#include "makegood/orders/v1/fastcentrik_service.pb.h"
#include "tools/makegoodctl/client/client.h"

namespace makegood::ctl {

// What became of one order or report, for whoever wants to know of each.
struct ImportVerdict {
  connectors::v1::Reject about;  // line, order and status; of a rejected one also why
  bool accepted = false;
  orders::v1::ShopStatus report;  // what was reported, in the words of ReportStatus
  orders::v1::ReportStatusResponse::Outcome outcome{};
};

struct ImportOptions {
  std::string connector;       // the name of a shipped one, or a file
  std::string path;            // "-" is standard input
  std::string encoding;        // instead of the connector's
  std::string rejects;         // where rejected rows go; empty: the path and ".rejects.csv"
  std::string server;          // its address, as given: an import cut off goes on with the same only
  bool restart = false;        // from the beginning, even if an import was cut off
  bool keep_files = true;      // false: neither rejects nor progress are written
  bool validate_only = false;  // everything is judged, nothing is changed (SYS-03)
  bool show_progress = true;   // on standard error
  int window = 256;            // calls in flight
  absl::Duration patience = absl::Seconds(30);  // with a server that does not answer
  // Told each verdict in the order of the file, on the calling thread; may be empty.
  std::function<void(const ImportVerdict&)> on_verdict;
};

// Imports the file, in memory bounded whatever it holds. What is rejected harms nothing else and goes
// to the rejects file; a second import changes nothing (SYS-02); one cut off at any moment goes on
// where it stopped, by PATH.progress. An error means that the import did not come to its end:
// UNAVAILABLE, DEADLINE_EXCEEDED or RESOURCE_EXHAUSTED, the server could not be reached for as long as
// patience lasts (what was accepted until then stays); UNAUTHENTICATED or PERMISSION_DENIED, the
// caller may not; any other, the file or the connector cannot be used.
absl::StatusOr<connectors::v1::ImportReport> ImportOrders(Client& client, const base::v1::Actor& actor,
                                                          const ImportOptions& options);

// The report as tables on standard output: per status, per rule, and the first rejected rows.
void PrintImportReport(const connectors::v1::ImportReport& report);

// 0 all accepted, 1 file or connector cannot be used, 3 some rejected, 4 the caller may not, 5 the server
// could not be reached.
int ImportExitCode(const absl::StatusOr<connectors::v1::ImportReport>& report);

}  // namespace makegood::ctl
