// Declarative connectors: another system's CSV rows become our requests.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "makegood/connectors/v1/connector.pb.h"
#include "makegood/orders/v1/fastcentrik_service.pb.h"
#include "makegood/orders/v1/orders_service.pb.h"
#include "tools/makegoodctl/csv/csv.h"

namespace makegood::ctl {

// The connector of a shipped name, or of a file in protobuf text format; what it leaves out about its
// files (separator, encoding, decimal mark) is filled in. INVALID_ARGUMENT names
// the shipped ones where there is none, and says everything that is wrong with the file.
absl::StatusOr<connectors::v1::Connector> LoadConnector(const std::string& name_or_path);

// The names of the shipped connectors.
std::vector<std::string> ShippedConnectorNames();

// The columns the connector reads; the file must have all of them.
std::vector<std::string> ColumnsOf(const connectors::v1::Connector& connector);

// Whether the connector's rows are lines that make up orders.
bool HasLineColumns(const connectors::v1::Connector& connector);

// The request for one order: `rows` are its rows, one or, where the connector names line columns, one
// a line. An ImportOrderRequest for history; a live order uses only its `order` field. The request id
// is the connector's name and the order's number, so that a second import changes nothing.
// INVALID_ARGUMENT names column and problem.
absl::StatusOr<orders::v1::ImportOrderRequest> ToRequest(const connectors::v1::Connector& connector,
                                                         const CsvHeader& header,
                                                         const std::vector<CsvRow>& rows);

// The report of a status (ORD-08). Its request id is made of `seed`, the line and what is reported: the
// same row of the same file has the same id. INVALID_ARGUMENT names column and problem; ORD-08 for a
// status the connector does not know.
absl::StatusOr<orders::v1::ReportStatusRequest> ToReport(const connectors::v1::Connector& connector,
                                                         const CsvHeader& header, const CsvRow& row,
                                                         absl::string_view seed);

// The column of a wrong field of a request; the field itself where it is a column already, or has none.
std::string ColumnOfField(const connectors::v1::Connector& connector, const std::string& field);

// The columns that a refusal of a row of that status speaks of, joined by spaces: of a wrong field its
// own, of a step those of its time, else that of the status. Empty where there is none.
std::string ColumnsOfRefusal(const connectors::v1::Connector& connector, absl::string_view status,
                             const absl::Status& refusal);

}  // namespace makegood::ctl
