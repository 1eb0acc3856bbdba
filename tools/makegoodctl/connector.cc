#include "tools/makegoodctl/connector.h"

#include <fstream>
#include <optional>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/base/money.h"
#include "common/base/status.h"
#include "common/rules/field_check.h"
#include "common/rules/times.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "tools/makegoodctl/shipped_connectors.h"

namespace makegood::ctl {
namespace {

using connectors::v1::Columns;
using connectors::v1::Connector;
using connectors::v1::Step;
using orders::v1::ImportOrderRequest;
using orders::v1::NewOrder;

absl::Status Wrong(absl::string_view column, absl::string_view problem) {
  return InvalidFields({{std::string(column), std::string(problem)}});
}

// Keeps the first error of a text with its line.
class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty()) text_ = absl::StrCat("line ", line + 1, ", column ", column + 1, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

absl::StatusOr<Connector> ParseConnector(absl::string_view name, const std::string& text) {
  Connector connector;
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  if (!parser.ParseFromString(text, &connector)) {
    return absl::InvalidArgumentError(absl::StrCat("connector ", name, ": ", error.text()));
  }
  if (const auto violations = rules::CheckFields(connector); !violations.empty()) {
    return InvalidFields(violations);
  }
  absl::TimeZone zone;
  if (!connector.time_zone().empty() && !absl::LoadTimeZone(connector.time_zone(), &zone)) {
    return Wrong("time_zone", "is not a zone of the IANA database");
  }
  return connector;
}

// The value's time, or nothing where it is empty.
absl::StatusOr<std::optional<absl::Time>> TimeOf(const Connector& connector, absl::string_view column,
                                                 absl::string_view value) {
  if (value.empty()) return std::optional<absl::Time>();
  absl::TimeZone zone = absl::UTCTimeZone();
  absl::LoadTimeZone(connector.time_zone(), &zone);
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(connector.time_format(), value, zone, &time, &error)) {
    return Wrong(column, absl::StrCat("is not a time in the form ", connector.time_format()));
  }
  return std::optional<absl::Time>(time);
}

// One order being read: the connector, the header, and the order's first row.
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

absl::StatusOr<base::v1::PaymentMethod> PaymentMethodOf(const Source& source) {
  const std::string& column = source.connector.columns().payment_method();
  const std::string value = absl::AsciiStrToUpper(source.Value(column));
  if (value.empty()) return source.connector.defaults().payment_method();
  base::v1::PaymentMethod method;
  if (!base::v1::PaymentMethod_Parse(absl::StrCat("PAYMENT_METHOD_", value), &method)) {
    return Wrong(column, "want prepaid or cash_on_delivery");
  }
  return method;
}

// "21" or "5.5" percent in basis points.
absl::StatusOr<int32_t> BasisPoints(absl::string_view column, absl::string_view percent) {
  if (percent.empty()) return 0;
  // A percentage has the two decimals of a currency such as EUR.
  const absl::StatusOr<int64_t> basis_points = ParseAmount(percent, "EUR");
  if (!basis_points.ok() || *basis_points < 0 || *basis_points > 10'000) {
    return Wrong(column, "is not a percentage from 0 to 100");
  }
  return static_cast<int32_t>(*basis_points);
}

absl::StatusOr<int64_t> AmountOf(absl::string_view column, absl::string_view value,
                                 const std::string& currency) {
  if (value.empty()) return 0;
  const absl::StatusOr<int64_t> amount = ParseAmount(value, currency);
  if (!amount.ok()) return Wrong(column, amount.status().message());
  return *amount;
}

absl::StatusOr<orders::v1::OrderLine> LineOf(const Source& source, size_t number,
                                             const std::string& currency) {
  const Columns& columns = source.connector.columns();
  orders::v1::OrderLine line;
  line.set_line_id(absl::StrCat(number));
  line.set_sku(std::string(source.Value(columns.sku())));
  int32_t quantity = 1;
  const absl::string_view quantity_text = source.Value(columns.quantity());
  if (!quantity_text.empty() && !absl::SimpleAtoi(quantity_text, &quantity)) {
    return Wrong(columns.quantity(), "is not a whole number");
  }
  line.set_quantity(quantity);
  ASSIGN_OR_RETURN(const int64_t price,
                   AmountOf(columns.unit_price(), source.Value(columns.unit_price()), currency));
  line.set_unit_price_minor(price);
  ASSIGN_OR_RETURN(const int32_t vat,
                   BasisPoints(columns.vat_percent(), source.Value(columns.vat_percent())));
  line.set_vat_basis_points(vat);
  return line;
}

absl::Status FillPerson(const Source& source, NewOrder& order) {
  const Columns& columns = source.connector.columns();
  orders::v1::ContactDetails details;
  details.set_name(std::string(source.Value(columns.customer_name())));
  details.set_email(std::string(source.Value(columns.customer_email())));
  details.set_city(std::string(source.Value(columns.city())));
  details.set_country(std::string(source.Value(columns.country())));
  if (details.ByteSizeLong() > 0) *order.mutable_customer() = details;
  order.set_language(std::string(source.Value(columns.language())));
  return absl::OkStatus();
}

absl::Status FillOrder(const Source& source, const std::vector<CsvRow>& rows, NewOrder& order) {
  const Columns& columns = source.connector.columns();
  const connectors::v1::Defaults& defaults = source.connector.defaults();
  order.set_order_id(std::string(source.Value(columns.order_id())));
  order.set_marketplace(source.ValueOr(columns.marketplace(), defaults.marketplace()));
  order.set_merchant_id(source.ValueOr(columns.merchant_id(), defaults.merchant_id()));
  order.set_customer_id(std::string(source.Value(columns.customer_id())));
  order.set_currency(source.ValueOr(columns.currency(), defaults.currency()));
  ASSIGN_OR_RETURN(const base::v1::PaymentMethod method, PaymentMethodOf(source));
  order.set_payment_method(method);
  ASSIGN_OR_RETURN(const int64_t fee,
                   AmountOf(columns.delivery_fee(), source.Value(columns.delivery_fee()), order.currency()));
  order.set_delivery_fee_minor(fee);
  RETURN_IF_ERROR(FillPerson(source, order));
  ASSIGN_OR_RETURN(const std::optional<absl::Time> promised, source.Time(columns.promised_ship_time()));
  if (promised.has_value()) *order.mutable_promised_ship_time() = rules::ToTimestamp(*promised);
  if (!HasLineColumns(source.connector)) {
    *order.add_lines() = defaults.line();
    return absl::OkStatus();
  }
  for (const CsvRow& row : rows) {
    ASSIGN_OR_RETURN(*order.add_lines(), LineOf({source.connector, source.header, row},
                                                order.lines_size() + 1, order.currency()));
  }
  return absl::OkStatus();
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
  const absl::string_view value = source.Value(column);
  const connectors::v1::Status* status = nullptr;
  for (const connectors::v1::Status& candidate : source.connector.statuses()) {
    if (absl::EqualsIgnoreCase(candidate.value(), value)) status = &candidate;
  }
  if (status == nullptr) return Wrong(column, "is a status the connector does not know");
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

absl::Status FillHistory(const Source& source, ImportOrderRequest& request) {
  const Columns& columns = source.connector.columns();
  ASSIGN_OR_RETURN(const std::optional<absl::Time> placed, source.Time(columns.placed_time()));
  if (placed.has_value()) *request.mutable_placed_time() = rules::ToTimestamp(*placed);
  ASSIGN_OR_RETURN(const std::optional<absl::Time> paid, source.Time(columns.paid_time()));
  if (paid.has_value()) *request.mutable_paid_time() = rules::ToTimestamp(*paid);
  return FillSteps(source, request);
}

// The columns a connector reads, for CheckHeader.
std::vector<std::string> NamedColumns(const Connector& connector) {
  std::vector<std::string> names;
  const auto* reflection = connector.columns().GetReflection();
  const auto* descriptor = connector.columns().GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    names.push_back(reflection->GetString(connector.columns(), descriptor->field(i)));
  }
  for (const auto& status : connector.statuses()) {
    for (const Step& step : status.steps()) {
      names.insert(names.end(), step.time_columns().begin(), step.time_columns().end());
    }
  }
  return names;
}

}  // namespace

absl::StatusOr<Connector> LoadConnector(const std::string& name_or_path) {
  std::vector<std::string> names;
  for (const EmbeddedFile& shipped : ShippedConnectors()) {
    names.emplace_back(absl::StripSuffix(shipped.name, ".textproto"));
    if (name_or_path == names.back()) return ParseConnector(names.back(), std::string(shipped.content));
  }
  std::ifstream file(name_or_path);
  if (!file) {
    return absl::NotFoundError(absl::StrCat("connector ", name_or_path,
                                            " is neither a file nor one of: ", absl::StrJoin(names, ", ")));
  }
  std::stringstream text;
  text << file.rdbuf();
  return ParseConnector(name_or_path, text.str());
}

bool HasLineColumns(const Connector& connector) { return !connector.columns().sku().empty(); }

absl::Status CheckHeader(const Connector& connector, const CsvHeader& header) {
  std::vector<FieldViolation> missing;
  for (const std::string& name : NamedColumns(connector)) {
    const FieldViolation violation{name, "is a column the file does not have"};
    const bool seen = std::find(missing.begin(), missing.end(), violation) != missing.end();
    if (!name.empty() && !header.Has(name) && !seen) missing.push_back(violation);
  }
  return missing.empty() ? absl::OkStatus() : InvalidFields(missing);
}

absl::StatusOr<ImportOrderRequest> ToRequest(const Connector& connector, const CsvHeader& header,
                                             const std::vector<CsvRow>& rows) {
  const Source source{connector, header, rows.front()};
  ImportOrderRequest request;
  RETURN_IF_ERROR(FillOrder(source, rows, *request.mutable_order()));
  request.mutable_command()->set_request_id(absl::StrCat(connector.name(), ":", request.order().order_id()));
  if (connector.mode() == Connector::MODE_HISTORY) RETURN_IF_ERROR(FillHistory(source, request));
  return request;
}

}  // namespace makegood::ctl
