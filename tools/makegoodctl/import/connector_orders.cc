// Rows become orders, their history, or reports of their statuses.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/base/enum_word.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rules/messages.h"
#include "common/rules/times.h"
#include "tools/makegoodctl/import/connector.h"
#include "tools/makegoodctl/import/connector_values.h"

namespace makegood::ctl {
namespace {

using connectors::v1::Columns;
using connectors::v1::Connector;
using connectors::v1::Step;
using orders::v1::ImportOrderRequest;
using orders::v1::NewOrder;

constexpr size_t kLongestRequestId = 128;

// One order being read: the connector, the header, and one of the order's rows.
struct Source {
  const Connector& connector;
  const CsvHeader& header;
  const CsvRow& row;

  absl::string_view Value(absl::string_view column) const { return header.Value(row, column); }

  // The column's value, or the default where it is empty.
  std::string ValueOr(absl::string_view column, const std::string& fallback) const {
    const absl::string_view value = Value(column);
    return value.empty() ? fallback : std::string(value);
  }

  absl::StatusOr<std::optional<absl::Time>> Time(absl::string_view column) const {
    return TimeOf(connector, column, Value(column));
  }
};

// An id made of parts; a digest of them where they are no id by themselves: then the server names the
// part that is wrong, and not the id.
std::string RequestId(const Connector& connector, absl::string_view about) {
  const std::string plain = absl::StrCat(connector.name(), ":", about);
  const bool is_id = std::all_of(about.begin(), about.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("._:-", static_cast<char>(c));
  });
  if (is_id && plain.size() <= kLongestRequestId) return plain;
  return absl::StrCat(connector.name(), ":", Sha256Hex(about).substr(0, 32));
}

// A line says what the connector has a column for: nothing is no price of 0.
absl::Status CheckLineIsTold(const Source& source) {
  const Columns& columns = source.connector.columns();
  for (const std::string* column : {&columns.quantity(), &columns.unit_price(), &columns.vat_percent()}) {
    if (!column->empty() && source.Value(*column).empty()) return WrongColumn(*column, "is empty");
  }
  return absl::OkStatus();
}

absl::StatusOr<orders::v1::NewOrderLine> LineOf(const Source& source, size_t number,
                                                const std::string& currency) {
  const Connector& connector = source.connector;
  const Columns& columns = connector.columns();
  RETURN_IF_ERROR(CheckLineIsTold(source));
  orders::v1::NewOrderLine line;
  line.set_line_id(absl::StrCat(number));
  line.set_sku(std::string(source.Value(columns.sku())));
  ASSIGN_OR_RETURN(const int32_t quantity, QuantityOf(columns.quantity(), source.Value(columns.quantity())));
  line.set_quantity(quantity);
  ASSIGN_OR_RETURN(const int64_t price,
                   AmountOf(connector, columns.unit_price(), source.Value(columns.unit_price()), currency));
  if (!columns.unit_price().empty()) *line.mutable_unit_price() = rules::MakeMoney(price, currency);
  ASSIGN_OR_RETURN(const int32_t vat,
                   BasisPointsOf(connector, columns.vat_percent(), source.Value(columns.vat_percent())));
  line.set_vat_basis_points(vat);
  return line;
}

void FillPerson(const Source& source, NewOrder& order) {
  const Columns& columns = source.connector.columns();
  orders::v1::ContactDetails details;
  details.set_name(std::string(source.Value(columns.customer_name())));
  details.set_email(std::string(source.Value(columns.customer_email())));
  details.set_city(std::string(source.Value(columns.city())));
  details.set_country(std::string(source.Value(columns.country())));
  if (details.ByteSizeLong() > 0) *order.mutable_customer() = details;
  order.set_language(std::string(source.Value(columns.language())));
}

// What is said of the order must be said alike in each of its rows.
absl::Status CheckSameOrder(const Connector& connector, const CsvHeader& header,
                            const std::vector<CsvRow>& rows) {
  const Columns& columns = connector.columns();
  for (const std::string& column : ColumnsOf(connector)) {
    const bool of_line = column == columns.sku() || column == columns.quantity() ||
                         column == columns.unit_price() || column == columns.vat_percent() ||
                         column == columns.refunded_quantity();
    if (of_line) continue;
    for (const CsvRow& row : rows) {
      if (header.Value(row, column) == header.Value(rows.front(), column)) continue;
      return WrongColumn(column, absl::StrCat("differs between line ", rows.front().line, " and line ",
                                              row.line, " of one order"));
    }
  }
  return absl::OkStatus();
}

absl::Status FillLines(const Source& source, const std::vector<CsvRow>& rows, NewOrder& order) {
  if (!HasLineColumns(source.connector)) {
    *order.add_lines() = source.connector.defaults().line();
    return absl::OkStatus();
  }
  for (const CsvRow& row : rows) {
    const Source line_source{source.connector, source.header, row};
    absl::StatusOr<orders::v1::NewOrderLine> line =
        LineOf(line_source, static_cast<size_t>(order.lines_size()) + 1, order.currency());
    if (!line.ok()) {
      std::vector<FieldViolation> violations = FieldViolationsOf(line.status());
      if (rows.size() == 1 || violations.empty()) return line.status();
      return WrongColumn(violations[0].field, absl::StrCat(violations[0].problem, ", in line ", row.line));
    }
    *order.add_lines() = *std::move(line);
  }
  return absl::OkStatus();
}

absl::Status FillOrder(const Source& source, const std::vector<CsvRow>& rows, NewOrder& order) {
  const Connector& connector = source.connector;
  const Columns& columns = connector.columns();
  const connectors::v1::Defaults& defaults = connector.defaults();
  order.set_order_id(std::string(source.Value(columns.order_id())));
  if (order.order_id().empty()) return WrongColumn(columns.order_id(), "is empty");
  if (rows.size() > 1) RETURN_IF_ERROR(CheckSameOrder(connector, source.header, rows));
  order.set_marketplace(source.ValueOr(columns.marketplace(), defaults.marketplace()));
  order.set_merchant_id(source.ValueOr(columns.merchant_id(), defaults.merchant_id()));
  order.set_customer_id(std::string(source.Value(columns.customer_id())));
  order.set_currency(source.ValueOr(columns.currency(), defaults.currency()));
  ASSIGN_OR_RETURN(
      const base::v1::PaymentMethod method,
      PaymentMethodOf(connector, columns.payment_method(), source.Value(columns.payment_method())));
  order.set_payment_method(method);
  order.set_prices_untold(columns.unit_price().empty() && defaults.line().unit_price().amount_minor() == 0);
  ASSIGN_OR_RETURN(const int64_t fee, AmountOf(connector, columns.delivery_fee(),
                                               source.Value(columns.delivery_fee()), order.currency()));
  if (!columns.delivery_fee().empty())
    *order.mutable_delivery_fee() = rules::MakeMoney(fee, order.currency());
  FillPerson(source, order);
  ASSIGN_OR_RETURN(const std::optional<absl::Time> promised, source.Time(columns.promised_ship_time()));
  if (promised.has_value()) *order.mutable_promised_ship_time() = rules::ToTimestamp(*promised);
  return FillLines(source, rows, order);
}

// The step's time: the latest of its columns, or nothing where all are empty.
absl::StatusOr<std::optional<absl::Time>> StepTime(const Source& source, const Step& step) {
  std::optional<absl::Time> latest;
  for (const std::string& column : step.time_columns()) {
    ASSIGN_OR_RETURN(const std::optional<absl::Time> time, source.Time(column));
    if (time.has_value() && (!latest.has_value() || *time > *latest)) latest = time;
  }
  return latest;
}

absl::Status FillSteps(const Source& source, ImportOrderRequest& request) {
  const std::string& column = source.connector.columns().status();
  const connectors::v1::Status* const status = FindStatus(source.connector, source.Value(column));
  if (status == nullptr) return WrongColumn(column, "is a status the connector does not know");
  for (const Step& step : status->steps()) {
    ASSIGN_OR_RETURN(const std::optional<absl::Time> time, StepTime(source, step));
    if (!time.has_value() && step.optional()) continue;
    orders::v1::PastStep& past = *request.add_steps();
    past.set_state(step.state());
    if (time.has_value()) *past.mutable_time() = rules::ToTimestamp(*time);
    if (step.has_cancellation()) *past.mutable_cancellation() = step.cancellation();
    past.set_return_cause(step.return_cause());
  }
  return absl::OkStatus();
}

// What each line says that went back of it.
absl::Status FillGivenBack(const Source& source, const std::vector<CsvRow>& rows,
                           ImportOrderRequest& request) {
  const std::string& column = source.connector.columns().refunded_quantity();
  if (column.empty()) return absl::OkStatus();
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSIGN_OR_RETURN(const int32_t count, CountOf(column, source.header.Value(rows[i], column)));
    if (count == 0) continue;
    orders::v1::TakenOffUnits& units = *request.mutable_given_back()->add_units();
    units.set_line_id(request.order().lines(static_cast<int>(i)).line_id());
    units.set_quantity(count);
  }
  return absl::OkStatus();
}

absl::Status FillHistory(const Source& source, const std::vector<CsvRow>& rows, ImportOrderRequest& request) {
  const Columns& columns = source.connector.columns();
  RETURN_IF_ERROR(FillGivenBack(source, rows, request));
  ASSIGN_OR_RETURN(const std::optional<absl::Time> placed, source.Time(columns.placed_time()));
  if (!placed.has_value()) return WrongColumn(columns.placed_time(), "is empty");
  *request.mutable_placed_time() = rules::ToTimestamp(*placed);
  ASSIGN_OR_RETURN(const std::optional<absl::Time> paid, source.Time(columns.paid_time()));
  if (paid.has_value()) *request.mutable_paid_time() = rules::ToTimestamp(*paid);
  return FillSteps(source, request);
}

// ---- Which columns an answer speaks of.

// The name of a request's field in Columns.
absl::string_view ColumnField(absl::string_view field) {
  constexpr std::pair<absl::string_view, absl::string_view> kOtherNames[] = {
      {"vat_basis_points", "vat_percent"},    {"name", "customer_name"}, {"email", "customer_email"},
      {"date_of_delivery", "delivered_time"}, {"state", "status"},
  };
  if (absl::StartsWith(field, "given_back.units")) return "refunded_quantity";
  absl::ConsumeSuffix(&field, ".amount_minor");
  const size_t dot = field.rfind('.');
  if (dot != absl::string_view::npos) field.remove_prefix(dot + 1);
  for (const auto& [of_request, of_columns] : kOtherNames) {
    if (field == of_request) return of_columns;
  }
  return field;
}

std::string ColumnsOfFields(const Connector& connector, const std::vector<FieldViolation>& violations) {
  std::vector<std::string> names;
  for (const FieldViolation& violation : violations) {
    std::string name = ColumnOfField(connector, violation.field);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return absl::StrJoin(names, " ");
}

}  // namespace

absl::StatusOr<ImportOrderRequest> ToRequest(const Connector& connector, const CsvHeader& header,
                                             const std::vector<CsvRow>& rows) {
  const Source source{connector, header, rows.front()};
  ImportOrderRequest request;
  RETURN_IF_ERROR(FillOrder(source, rows, *request.mutable_order()));
  request.mutable_command()->set_request_id(RequestId(connector, request.order().order_id()));
  if (connector.mode() == Connector::MODE_HISTORY) RETURN_IF_ERROR(FillHistory(source, rows, request));
  return request;
}

absl::StatusOr<orders::v1::ReportStatusRequest> ToReport(const Connector& connector, const CsvHeader& header,
                                                         const CsvRow& row, absl::string_view seed) {
  const Columns& columns = connector.columns();
  const Source source{connector, header, row};
  orders::v1::ReportStatusRequest request;
  orders::v1::ShopStatus& report = *request.mutable_report();
  report.set_order_id(std::string(source.Value(columns.order_id())));
  if (report.order_id().empty()) return WrongColumn(columns.order_id(), "is empty");
  const connectors::v1::Status* const status = FindStatus(connector, source.Value(columns.status()));
  if (status == nullptr) return Refusal("ORD-08", "the connector does not know such a status");
  report.set_status(status->reported_as().empty() ? status->value() : status->reported_as());
  RETURN_IF_ERROR(
      SetDelivery(connector, columns.delivered_time(), source.Value(columns.delivered_time()), report));
  const std::string content = Sha256Hex(absl::StrCat(seed, "\n", row.line, "\n", report.SerializeAsString()));
  request.mutable_command()->set_request_id(RequestId(connector, content.substr(0, 32)));
  return request;
}

std::string ColumnOfField(const Connector& connector, const std::string& field) {
  const bool of_request = absl::StartsWith(field, "order.") || absl::StartsWith(field, "report.") ||
                          absl::StartsWith(field, "given_back.") || field == "placed_time" ||
                          field == "paid_time";
  if (!of_request) return field;
  const auto* const descriptor = Columns::descriptor()->FindFieldByName(std::string(ColumnField(field)));
  if (descriptor == nullptr) return field;
  const std::string column = Columns::GetReflection()->GetString(connector.columns(), descriptor);
  return column.empty() ? field : column;
}

std::string ColumnsOfRefusal(const Connector& connector, absl::string_view status,
                             const absl::Status& refusal) {
  const Columns& columns = connector.columns();
  const std::string rule = RuleOf(refusal);
  if (const auto violations = FieldViolationsOf(refusal); !violations.empty()) {
    return ColumnsOfFields(connector, violations);
  }
  if (absl::IsAlreadyExists(refusal) || absl::IsNotFound(refusal) || absl::IsPermissionDenied(refusal)) {
    return columns.order_id();
  }
  const bool of_payment = rule == "ORD-01" || absl::StrContains(refusal.message(), "the payment");
  if (of_payment && !columns.paid_time().empty()) return columns.paid_time();
  if (absl::StrContains(refusal.message(), "was placed")) return columns.placed_time();
  const connectors::v1::Status* const known = FindStatus(connector, status);
  for (int i = 0; known != nullptr && i < known->steps_size(); ++i) {
    const Step& step = known->steps(i);
    if (absl::StrContains(refusal.message(), absl::StrCat("the time of ", EnumWord(step.state())))) {
      return absl::StrJoin(step.time_columns(), " ");
    }
  }
  if (rule == "ORD-02" && !columns.delivered_time().empty()) return columns.delivered_time();
  return rule.empty() ? "" : columns.status();
}

}  // namespace makegood::ctl
