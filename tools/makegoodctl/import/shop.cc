#include "tools/makegoodctl/import/shop.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/enum_word.h"
#include "common/base/status.h"
#include "tools/makegoodctl/csv/csv_file.h"
#include "tools/makegoodctl/import/connector.h"
#include "tools/makegoodctl/terminal/table.h"

namespace makegood::ctl {
namespace {

using connectors::v1::Connector;
using connectors::v1::ReportVerdict;
using FastCentrikStub = orders::v1::FastCentrikService::Stub;

constexpr char kPending[] = "pending";
constexpr int kReportsPerCall = 500;
constexpr size_t kMostVerdicts = 1000;

ReportVerdict::Outcome OutcomeOf(const ImportVerdict& verdict) {
  if (!verdict.accepted) return ReportVerdict::OUTCOME_REFUSED;
  switch (verdict.outcome) {
    case orders::v1::ReportStatusResponse::OUTCOME_UNCHANGED:
      return ReportVerdict::OUTCOME_UNCHANGED;
    case orders::v1::ReportStatusResponse::OUTCOME_UNMAPPED:
      return ReportVerdict::OUTCOME_UNMAPPED;
    default:
      return ReportVerdict::OUTCOME_ACCEPTED;
  }
}

absl::StatusOr<Connector> LoadShopConnector(const std::string& name) {
  ASSIGN_OR_RETURN(Connector connector, LoadConnector(name));
  if (connector.mode() == Connector::MODE_STATUSES) return connector;
  return absl::InvalidArgumentError(
      absl::StrCat("connector ", name, " takes orders in; a shop's wants mode: MODE_STATUSES"));
}

// The connector's own word for an order that is open.
absl::StatusOr<std::string> PendingWord(const Connector& connector) {
  for (const connectors::v1::Status& status : connector.statuses()) {
    const std::string& word = status.reported_as().empty() ? status.value() : status.reported_as();
    if (absl::EqualsIgnoreCase(word, kPending)) return status.value();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("connector ", connector.name(), " has no status reported as \"", kPending, "\""));
}

absl::StatusOr<orders::v1::ReportStatusRequest> Report(const Connector& connector, const CsvFile& file,
                                                       const CsvRow& row) {
  if (row.usable()) return ToReport(connector, file.header(), row, "");
  return InvalidFields({row.problem});
}

// A row that says nothing that could be compared is told all the same.
orders::v1::Drift Unreadable(const Connector& connector, const CsvFile& file, const CsvRow& row,
                             const absl::Status& why) {
  orders::v1::Drift drift;
  drift.set_order_id(std::string(file.header().Value(row, connector.columns().order_id())));
  drift.set_shop_status(std::string(file.header().Value(row, connector.columns().status())));
  // The rule has a column of its own.
  const std::string rule = RuleOf(why);
  drift.set_reason(
      absl::StrCat("line ", row.line, ": ", absl::StripPrefix(why.message(), absl::StrCat(rule, ": "))));
  drift.set_rule_id(rule);
  return drift;
}

std::string DeliveredText(const ReportVerdict& verdict) {
  if (!verdict.has_delivered_time()) return verdict.date_of_delivery();
  const absl::Time time = absl::FromUnixSeconds(verdict.delivered_time().seconds());
  return absl::FormatTime("%Y-%m-%d %H:%MZ", time, absl::UTCTimeZone());
}

}  // namespace

ReportVerdict ToReportVerdict(const ImportVerdict& verdict) {
  ReportVerdict shop;
  const orders::v1::ShopStatus& report = verdict.report;
  const bool readable = !report.order_id().empty();
  shop.set_line(verdict.about.line());
  shop.set_order_id(readable ? report.order_id() : verdict.about.order_id());
  shop.set_status(readable ? report.status() : verdict.about.status());
  shop.set_date_of_delivery(report.date_of_delivery());
  if (report.has_delivered_time()) *shop.mutable_delivered_time() = report.delivered_time();
  shop.set_outcome(OutcomeOf(verdict));
  shop.set_field(verdict.about.field());
  shop.set_rule_id(verdict.about.rule_id());
  shop.set_reason(verdict.about.reason());
  return shop;
}

absl::StatusOr<ShopImport> ImportShopStatuses(Client& client, const base::v1::Actor& connector,
                                              const ImportOptions& options) {
  RETURN_IF_ERROR(LoadShopConnector(options.connector).status());
  ShopImport import;
  ImportOptions with_verdicts = options;
  with_verdicts.on_verdict = [&](const ImportVerdict& verdict) {
    if (import.verdicts.size() < kMostVerdicts) import.verdicts.push_back(ToReportVerdict(verdict));
    if (options.on_verdict) options.on_verdict(verdict);
  };
  ASSIGN_OR_RETURN(import.report, ImportOrders(client, connector, with_verdicts));
  return import;
}

absl::StatusOr<std::string> ExportShopOrders(Client& client, const base::v1::Actor& actor,
                                             const std::string& merchant_id,
                                             const std::string& connector_name) {
  ASSIGN_OR_RETURN(const Connector connector, LoadShopConnector(connector_name));
  ASSIGN_OR_RETURN(const std::string pending, PendingWord(connector));
  ASSIGN_OR_RETURN(Encoding encoding, Encoding::Named(connector.encoding()));
  const connectors::v1::Columns& columns = connector.columns();
  const bool with_delivery = !columns.delivered_time().empty();
  std::string csv;
  const auto add = [&](const std::string& order, const std::string& status, const std::string& delivered) {
    std::vector<std::string> fields = {order, status};
    if (with_delivery) fields.push_back(delivered);
    absl::StrAppend(&csv, encoding.Encode(absl::StrCat(CsvLine(fields, connector.separator()[0]), "\n")));
  };
  add(columns.order_id(), columns.status(), columns.delivered_time());
  orders::v1::ExportOrdersRequest request;
  request.set_merchant_id(merchant_id);
  request.set_page_size(1000);
  do {
    ASSIGN_OR_RETURN(const orders::v1::ExportOrdersResponse page,
                     client.Call(actor, *client.fastcentrik, &FastCentrikStub::ExportOrders, request));
    for (const orders::v1::ExportedOrder& exported : page.orders())
      add(exported.order().order_id(), pending, "");
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return csv;
}

absl::StatusOr<std::vector<orders::v1::Drift>> CompareShopStatuses(Client& client,
                                                                   const base::v1::Actor& actor,
                                                                   const std::string& merchant_id,
                                                                   const std::string& path,
                                                                   const std::string& connector_name) {
  ASSIGN_OR_RETURN(const Connector connector, LoadShopConnector(connector_name));
  ASSIGN_OR_RETURN(const std::unique_ptr<CsvFile> file,
                   CsvFile::Open(path, connector.separator()[0], connector.encoding()));
  RETURN_IF_ERROR(file->header().Require(ColumnsOf(connector)));
  std::vector<orders::v1::Drift> drifts;
  for (bool more = true; more;) {
    orders::v1::CompareStatusesRequest request;
    request.set_merchant_id(merchant_id);
    CsvRow row;
    while (more && request.reports_size() < kReportsPerCall) {
      ASSIGN_OR_RETURN(more, file->Next(row));
      if (!more) break;
      absl::StatusOr<orders::v1::ReportStatusRequest> report = Report(connector, *file, row);
      if (report.ok()) {
        *request.add_reports() = std::move(*report->mutable_report());
      } else {
        drifts.push_back(Unreadable(connector, *file, row, report.status()));
      }
    }
    if (request.reports().empty()) break;
    ASSIGN_OR_RETURN(const orders::v1::CompareStatusesResponse response,
                     client.Call(actor, *client.fastcentrik, &FastCentrikStub::CompareStatuses, request));
    drifts.insert(drifts.end(), response.drifts().begin(), response.drifts().end());
  }
  return drifts;
}

void PrintVerdicts(const ShopImport& import) {
  Table table({"line", "order", "status", "delivered", "verdict", "rule", "reason"});
  table.WrapLast();
  for (const ReportVerdict& verdict : import.verdicts) {
    table.Add({absl::StrCat(verdict.line()), verdict.order_id(), verdict.status(), DeliveredText(verdict),
               std::string(EnumWord(verdict.outcome())), verdict.rule_id(), verdict.reason()});
  }
  table.Print(2);
  const auto told = static_cast<int64_t>(import.verdicts.size());
  if (import.report.orders_of_run() > told) {
    std::printf("  and %lld more, %lld rows rejected in all\n",
                static_cast<long long>(import.report.orders_of_run() - told),
                static_cast<long long>(import.report.rejected()));
  }
  if (!import.report.rejects_path().empty()) {
    std::printf("  Rejected rows are in %s: mend it and import it in the same way.\n",
                import.report.rejects_path().c_str());
  }
}

void PrintDrifts(const std::vector<orders::v1::Drift>& drifts) {
  Table table({"order", "the shop says", "here", "refused by", "reason"});
  table.WrapLast();
  for (const orders::v1::Drift& drift : drifts) {
    const std::string here = drift.state() == orders::v1::Order::STATE_UNSPECIFIED
                                 ? "nothing"
                                 : std::string(EnumWord(drift.state()));
    table.Add({drift.order_id(), drift.shop_status(), here, drift.rule_id(), drift.reason()});
  }
  table.Print(2);
}

}  // namespace makegood::ctl
