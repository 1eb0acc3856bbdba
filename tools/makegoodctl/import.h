// Orders from a CSV file into the suite, through the public API.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "makegood/connectors/v1/connector.pb.h"
#include "tools/makegoodctl/client.h"

namespace makegood::ctl {

// What became of the orders of one external status ("" where the connector reads none).
struct ImportCount {
  int64_t accepted = 0;
  int64_t rejected = 0;
};

// An order that was not taken in, and why.
struct Reject {
  int64_t line = 0;  // of its first row
  std::string order_id;
  std::string status;   // the row's external status
  std::string rule_id;  // empty where a field was wrong
  std::string reason;
};

struct ImportReport {
  std::map<std::string, ImportCount> by_status;
  std::map<int64_t, Reject> rejects;  // by line
  int64_t rows = 0;
  double seconds = 0;

  ImportCount Total() const;
};

// Imports `path`, many orders at a time, in bounded memory; shows progress on standard error if that
// is a terminal. A rejected order does not harm the others. An error means that the file itself
// cannot be used, or that the server could not be reached for long: what was accepted until then
// stays, and the same import again goes on (SYS-02).
absl::StatusOr<ImportReport> ImportOrders(Client& client, const base::v1::Actor& actor,
                                          const connectors::v1::Connector& connector,
                                          const std::string& path);

// The report as tables: per status, per rule, and each rejected row.
void PrintReport(const ImportReport& report);

}  // namespace makegood::ctl
