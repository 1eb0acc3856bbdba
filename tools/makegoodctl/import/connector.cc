#include "tools/makegoodctl/import/connector.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/base/money.h"
#include "common/base/status.h"
#include "common/rules/fields/field_check.h"
#include "common/rules/orders/fastcentrik_rules.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "tools/makegoodctl/client/files.h"
#include "tools/makegoodctl/csv/csv_encoding.h"
#include "tools/makegoodctl/import/connector_values.h"
#include "tools/makegoodctl/import/shipped_connectors.h"

namespace makegood::ctl {
namespace {

using connectors::v1::Columns;
using connectors::v1::Connector;
using connectors::v1::Step;

constexpr size_t kLargestConnector = size_t{1} << 20;

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

// Whether what is written in that form can be read again, its day at least.
bool TellsDay(const std::string& format) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::Time sample = absl::FromCivil(absl::CivilMinute(2023, 11, 30, 21, 58), utc);
  absl::Time read;
  return absl::ParseTime(format, absl::FormatTime(format, sample, utc), &read, nullptr) &&
         absl::ToCivilDay(read, utc) == absl::ToCivilDay(sample, utc);
}

void FillForm(Connector& connector) {
  if (connector.separator().empty()) connector.set_separator(",");
  if (connector.encoding().empty()) connector.set_encoding("UTF-8");
  if (connector.decimal_mark().empty()) connector.set_decimal_mark(".");
}

// What no field's own rule can see, all of it at once.
class Check {
 public:
  explicit Check(const Connector& connector) : connector_(connector) {}

  std::vector<FieldViolation> Run() {
    CheckForm();
    CheckTimes();
    CheckStatusNames();
    if (connector_.mode() == Connector::MODE_STATUSES) {
      CheckReports();
    } else {
      CheckOrders();
    }
    if (connector_.mode() == Connector::MODE_HISTORY) {
      Want(!connector_.columns().placed_time().empty(), "columns.placed_time", "is needed for history");
      CheckHasStatuses();
    }
    return std::move(wrong_);
  }

 private:
  void Want(bool condition, absl::string_view field, absl::string_view problem) {
    if (!condition) wrong_.push_back({std::string(field), std::string(problem)});
  }

  void CheckForm() {
    const std::string& separator = connector_.separator();
    Want(separator.size() == 1 && absl::StrContains(",;|\t", separator), "separator",
         "want \",\", \";\", \"|\" or \"\\t\"");
    Want(connector_.decimal_mark() == "." || connector_.decimal_mark() == ",", "decimal_mark",
         "want \".\" or \",\"");
    auto encoding = Encoding::Named(connector_.encoding());
    if (!encoding.ok()) return Want(false, "encoding", encoding.status().message());
    const absl::Status apart = encoding->CheckSeparator(separator[0]);
    Want(apart.ok(), "separator", apart.message());
  }

  void CheckTimes() {
    absl::TimeZone zone;
    const bool has_zone = !connector_.time_zone().empty();
    Want(!has_zone || absl::LoadTimeZone(connector_.time_zone(), &zone), "time_zone",
         "is no zone of the IANA database");
    const bool statuses = connector_.mode() == Connector::MODE_STATUSES;
    const bool has_times = !connector_.time_format().empty();
    Want(!has_times || TellsDay(connector_.time_format()), "time_format", "does not tell a day");
    Want(connector_.date_format().empty() || TellsDay(connector_.date_format()), "date_format",
         "does not tell a day");
    Want(statuses || !has_times || has_zone || TellsOffset(connector_.time_format()), "time_zone",
         "is needed for times without an offset");
    Want(statuses || connector_.date_format().empty(), "date_format", "is for MODE_STATUSES");
    Want(has_times || (statuses && !connector_.date_format().empty()) || !ReadsTimes(), "time_format",
         "is needed for the columns with times");
  }

  bool ReadsTimes() const {
    const Columns& columns = connector_.columns();
    return !columns.placed_time().empty() || !columns.paid_time().empty() ||
           !columns.promised_ship_time().empty() || !columns.delivered_time().empty();
  }

  void CheckStatusNames() {
    absl::flat_hash_set<std::string> values;
    for (int i = 0; i < connector_.statuses_size(); ++i) {
      const connectors::v1::Status& status = connector_.statuses(i);
      const std::string field = absl::StrCat("statuses[", i, "]");
      Want(values.insert(absl::AsciiStrToLower(status.value())).second, absl::StrCat(field, ".value"),
           "stands there before");
      const bool reports = connector_.mode() == Connector::MODE_STATUSES;
      Want(!reports || status.steps().empty(), absl::StrCat(field, ".steps"), "are for MODE_HISTORY");
      const std::string& word = status.reported_as().empty() ? status.value() : status.reported_as();
      Want(!reports || rules::IsShopStatus(word), absl::StrCat(field, ".reported_as"),
           absl::StrCat("\"", word, "\" is no status of FastCentrik"));
      Want(reports || status.reported_as().empty(), absl::StrCat(field, ".reported_as"),
           "is for MODE_STATUSES");
    }
  }

  void CheckHasStatuses() {
    Want(!connector_.columns().status().empty(), "columns.status", "is needed for this mode");
    Want(!connector_.statuses().empty(), "statuses", "are needed for this mode");
  }

  // Reports say nothing but order, status and delivery.
  void CheckReports() {
    CheckHasStatuses();
    const Columns& columns = connector_.columns();
    const auto* const reflection = Columns::GetReflection();
    for (int i = 0; i < Columns::descriptor()->field_count(); ++i) {
      const auto* const field = Columns::descriptor()->field(i);
      const bool read = field->name() == "order_id" || field->name() == "status" ||
                        field->name() == "delivered_time" || reflection->GetString(columns, field).empty();
      Want(read, absl::StrCat("columns.", field->name()), "is not read in MODE_STATUSES");
    }
  }

  void CheckOrders() {
    const Columns& columns = connector_.columns();
    const connectors::v1::Defaults& defaults = connector_.defaults();
    const auto told = [this](const std::string& column, bool has_default, absl::string_view name) {
      Want(!column.empty() || has_default, absl::StrCat("columns.", name), "is needed, or a default");
    };
    told(columns.marketplace(), !defaults.marketplace().empty(), "marketplace");
    told(columns.merchant_id(), !defaults.merchant_id().empty(), "merchant_id");
    told(columns.currency(), !defaults.currency().empty(), "currency");
    Want(defaults.currency().empty() || CurrencyDecimals(defaults.currency()).has_value(),
         "defaults.currency", "is no known ISO 4217 currency");
    told(columns.payment_method(), defaults.payment_method() != base::v1::PAYMENT_METHOD_UNSPECIFIED,
         "payment_method");
    told(columns.sku(), defaults.has_line(), "sku");
    Want(!columns.customer_id().empty(), "columns.customer_id", "is needed for orders");
    Want(columns.delivered_time().empty(), "columns.delivered_time", "is for MODE_STATUSES");
    Want(columns.refunded_quantity().empty() ||
             (connector_.mode() == Connector::MODE_HISTORY && HasLineColumns(connector_)),
         "columns.refunded_quantity", "is for MODE_HISTORY, and rows that are lines");
  }

  const Connector& connector_;
  std::vector<FieldViolation> wrong_;
};

absl::StatusOr<Connector> ParseConnector(absl::string_view name, const std::string& text) {
  Connector connector;
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  if (!parser.ParseFromString(text, &connector)) {
    return absl::InvalidArgumentError(absl::StrCat("connector ", name, ": ", error.text()));
  }
  FillForm(connector);
  std::vector<FieldViolation> violations = rules::CheckFields(connector);
  if (violations.empty()) violations = Check(connector).Run();
  if (violations.empty()) return connector;
  const absl::Status wrong = InvalidFields(violations);
  return absl::InvalidArgumentError(absl::StrCat("connector ", name, ": ", wrong.message()));
}

}  // namespace

std::vector<std::string> ShippedConnectorNames() {
  std::vector<std::string> names;
  for (const EmbeddedFile& shipped : ShippedConnectors()) {
    names.emplace_back(absl::StripSuffix(shipped.name, ".textproto"));
  }
  return names;
}

absl::StatusOr<Connector> LoadConnector(const std::string& name_or_path) {
  for (const EmbeddedFile& shipped : ShippedConnectors()) {
    if (shipped.name == absl::StrCat(name_or_path, ".textproto")) {
      return ParseConnector(name_or_path, std::string(shipped.content));
    }
  }
  const auto text = ReadFile(name_or_path, kLargestConnector);
  if (absl::IsNotFound(text.status())) {
    return InvalidFields(
        {{"--connector", absl::StrCat("\"", name_or_path, "\" is neither a file nor one of those that ship: ",
                                      absl::StrJoin(ShippedConnectorNames(), ", "))}});
  }
  RETURN_IF_ERROR(text.status());
  return ParseConnector(name_or_path, *text);
}

bool HasLineColumns(const Connector& connector) { return !connector.columns().sku().empty(); }

std::vector<std::string> ColumnsOf(const Connector& connector) {
  std::vector<std::string> names;
  absl::flat_hash_set<std::string> seen;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && seen.insert(name).second) names.push_back(name);
  };
  const auto* const reflection = Columns::GetReflection();
  for (int i = 0; i < Columns::descriptor()->field_count(); ++i) {
    add(reflection->GetString(connector.columns(), Columns::descriptor()->field(i)));
  }
  for (const connectors::v1::Status& status : connector.statuses()) {
    for (const Step& step : status.steps()) {
      for (const std::string& column : step.time_columns()) add(column);
    }
  }
  return names;
}

}  // namespace makegood::ctl
