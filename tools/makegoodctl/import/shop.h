// A shop's files (ORD-08) through its connector, FastCentrik's or one like it: open orders out, statuses in,
// drift.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "makegood/connectors/v1/import.pb.h"
#include "makegood/orders/v1/fastcentrik_service.pb.h"
#include "tools/makegoodctl/client/client.h"
#include "tools/makegoodctl/import/import.h"

namespace makegood::ctl {

inline constexpr char kFastCentrik[] = "fastcentrik";

struct ShopImport {
  connectors::v1::ImportReport report;
  // Of the first 1,000 rows; of every refused row the rejects file tells.
  std::vector<connectors::v1::ReportVerdict> verdicts;
};

// The verdict of an import from a shop's file.
connectors::v1::ReportVerdict ToReportVerdict(const ImportVerdict& verdict);

// Reports every row of the file, in order, on behalf of the store: ImportOrders with a verdict per row.
// Each row is judged by itself; the same file again changes nothing. INVALID_ARGUMENT if the connector is
// not one of statuses.
absl::StatusOr<ShopImport> ImportShopStatuses(Client& client, const base::v1::Actor& connector,
                                              const ImportOptions& options);

// The store's open orders in the connector's columns, separator and encoding, in its word for
// "pending".
absl::StatusOr<std::string> ExportShopOrders(Client& client, const base::v1::Actor& connector,
                                             const std::string& merchant_id,
                                             const std::string& connector_name = kFastCentrik);

// The orders on which the file and the suite disagree, and the rows that cannot be read, with their line.
absl::StatusOr<std::vector<orders::v1::Drift>> CompareShopStatuses(
    Client& client, const base::v1::Actor& connector, const std::string& merchant_id, const std::string& path,
    const std::string& connector_name = kFastCentrik);

void PrintVerdicts(const ShopImport& import);
void PrintDrifts(const std::vector<orders::v1::Drift>& drifts);

}  // namespace makegood::ctl
