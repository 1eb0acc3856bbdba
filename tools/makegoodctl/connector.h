// Declarative connectors: another system's CSV rows become our requests.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "makegood/connectors/v1/connector.pb.h"
#include "makegood/orders/v1/orders_service.pb.h"
#include "tools/makegoodctl/csv.h"

namespace makegood::ctl {

// The connector of a shipped name, or of a file in protobuf text format. NOT_FOUND names the shipped
// ones; INVALID_ARGUMENT says what is wrong with the file.
absl::StatusOr<connectors::v1::Connector> LoadConnector(const std::string& name_or_path);

// Whether the file has the columns the connector names. INVALID_ARGUMENT names those missing.
absl::Status CheckHeader(const connectors::v1::Connector& connector, const CsvHeader& header);

// The request for one order: `rows` are its rows, one or, where the connector names line columns, one
// a line. An ImportOrderRequest for history; a live order uses only its `order` field. The request id
// is the connector's name and the order's number, so that a second import changes nothing.
// INVALID_ARGUMENT names column and problem.
absl::StatusOr<orders::v1::ImportOrderRequest> ToRequest(const connectors::v1::Connector& connector,
                                                         const CsvHeader& header,
                                                         const std::vector<CsvRow>& rows);

// Whether the connector's rows are lines that make up orders.
bool HasLineColumns(const connectors::v1::Connector& connector);

}  // namespace makegood::ctl
