#include "tools/makegoodctl/import/shop.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "tools/makegoodctl/csv/csv_file.h"
#include "tools/makegoodctl/import/connector.h"
#include "tools/makegoodctl/terminal/table.h"

namespace makegood::ctl {
namespace {

using connectors::v1::Connector;
using FastCentrikStub = orders::v1::FastCentrikService::Stub;

constexpr char kPending[] = "pending";
constexpr int kReportsPerCall = 500;
constexpr size_t kMostVerdicts = 1000;

// An enum's name without its prefix.
std::string OutcomeName(orders::v1::ReportStatusResponse::Outcome outcome) {
  return orders::v1::ReportStatusResponse::Outcome_Name(outcome).substr(sizeof("OUTCOME_") - 1);
}

absl::StatusOr<Connector> LoadShopConnector(const std::string& name) {
  ASSIGN_OR_RETURN(Connector connector, LoadConnector(name));
  if (connector.mode() == Connector::MODE_STATUSES) return connector;
  return absl::InvalidArgumentError(
      absl::StrCat("connector ", name, " takes orders in; a shop's wants mode: MODE_STATUSES"));
}

ShopVerdict ToShopVerdict(const ImportVerdict& verdict) {
  ShopVerdict shop;
  shop.line = verdict.about.line();
  shop.report = verdict.report;
  if (shop.report.order_id().empty()) {
    shop.report.set_order_id(verdict.about.order_id());
    shop.report.set_status(verdict.about.status());
  }
  shop.outcome = verdict.accepted ? OutcomeName(verdict.outcome) : "REFUSED";
  shop.rule_id = verdict.about.rule_id();
  shop.reason = verdict.about.reason();
  return shop;
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
  drift.set_reason(absl::StrCat("line ", row.line, ": ", why.message()));
  drift.set_rule_id(RuleOf(why));
  return drift;
}

std::string DeliveredText(const orders::v1::ShopStatus& report) {
  if (!report.has_delivered_time()) return report.date_of_delivery();
  const absl::Time time = absl::FromUnixSeconds(report.delivered_time().seconds());
  return absl::FormatTime("%Y-%m-%d %H:%MZ", time, absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<ShopImport> ImportShopStatuses(Client& client, const base::v1::Actor& connector,
                                              const ImportOptions& options) {
  RETURN_IF_ERROR(LoadShopConnector(options.connector).status());
  ShopImport import;
  ImportOptions with_verdicts = options;
  with_verdicts.on_verdict = [&](const ImportVerdict& verdict) {
    if (import.verdicts.size() < kMostVerdicts) import.verdicts.push_back(ToShopVerdict(verdict));
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
  for (const ShopVerdict& verdict : import.verdicts) {
    table.Add({absl::StrCat(verdict.line), verdict.report.order_id(), verdict.report.status(),
               DeliveredText(verdict.report), verdict.outcome, verdict.rule_id, verdict.reason});
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
  Table table({"order", "the shop says", "here", "reason", "refused by"});
  for (const orders::v1::Drift& drift : drifts) {
    table.Add({drift.order_id(), drift.shop_status(),
               orders::v1::Order::State_Name(drift.state()).substr(sizeof("STATE_") - 1), drift.reason(),
               drift.rule_id()});
  }
  table.Print(2);
}

}  // namespace makegood::ctl
