#include "tools/makegoodctl/shop.h"

#include <fstream>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "tools/makegoodctl/csv.h"
#include "tools/makegoodctl/table.h"

namespace makegood::ctl {
namespace {

using FastCentrikStub = orders::v1::FastCentrikService::Stub;

constexpr char kOrderColumn[] = "order_number";
constexpr char kStatusColumn[] = "status";
constexpr char kDateColumn[] = "date_of_delivery";
constexpr int kReportsPerCall = 500;

struct ShopRow {
  int64_t line = 0;
  orders::v1::ShopStatus report;
};

absl::StatusOr<std::vector<ShopRow>> ReadShopFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat("the file ", path, " cannot be opened"));
  std::optional<CsvHeader> header;
  std::vector<ShopRow> rows;
  RETURN_IF_ERROR(ReadCsv(in, [&](const CsvRow& row) -> absl::Status {
    if (!header.has_value()) {
      ASSIGN_OR_RETURN(header, CsvHeader::From(row));
      if (header->Has(kOrderColumn) && header->Has(kStatusColumn)) return absl::OkStatus();
      return absl::InvalidArgumentError(
          absl::StrCat("want the columns ", kOrderColumn, ", ", kStatusColumn, " and ", kDateColumn));
    }
    ShopRow shop_row;
    shop_row.line = row.line;
    shop_row.report.set_order_id(std::string(header->Value(row, kOrderColumn)));
    shop_row.report.set_status(std::string(header->Value(row, kStatusColumn)));
    shop_row.report.set_date_of_delivery(std::string(header->Value(row, kDateColumn)));
    rows.push_back(std::move(shop_row));
    return absl::OkStatus();
  }));
  return rows;
}

// The same row of the same file has the same id, and any other row another one.
std::string RequestId(const std::string& path, const ShopRow& row) {
  const std::string name = path.substr(path.find_last_of('/') + 1);
  return absl::StrCat(
      "shop-",
      absl::string_view(Sha256Hex(absl::StrCat(name, "\n", row.line, "\n", row.report.SerializeAsString())))
          .substr(0, 32));
}

// An enum's name without its prefix.
std::string OutcomeName(orders::v1::ReportStatusResponse::Outcome outcome) {
  return orders::v1::ReportStatusResponse::Outcome_Name(outcome).substr(sizeof("OUTCOME_") - 1);
}

}  // namespace

absl::StatusOr<std::vector<ShopVerdict>> ImportShopStatuses(Client& client, const base::v1::Actor& connector,
                                                            const std::string& path) {
  ASSIGN_OR_RETURN(const std::vector<ShopRow> rows, ReadShopFile(path));
  std::vector<ShopVerdict> verdicts;
  for (const ShopRow& row : rows) {
    orders::v1::ReportStatusRequest request;
    request.mutable_command()->set_request_id(RequestId(path, row));
    *request.mutable_report() = row.report;
    const auto response =
        client.Call(connector, *client.fastcentrik, &FastCentrikStub::ReportStatus, request);
    if (IsAmbiguous(response.status()) || absl::IsUnauthenticated(response.status())) {
      return response.status();
    }
    ShopVerdict verdict{row.line, row.report, "REFUSED", RuleOf(response.status()),
                        std::string(response.status().message())};
    if (response.ok()) verdict.outcome = OutcomeName(response->outcome());
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

absl::StatusOr<std::string> ExportShopOrders(Client& client, const base::v1::Actor& connector,
                                             const std::string& merchant_id) {
  std::string csv = CsvLine({kOrderColumn, kStatusColumn, kDateColumn});
  orders::v1::ExportOrdersRequest request;
  request.set_merchant_id(merchant_id);
  request.set_page_size(1000);
  do {
    ASSIGN_OR_RETURN(const orders::v1::ExportOrdersResponse page,
                     client.Call(connector, *client.fastcentrik, &FastCentrikStub::ExportOrders, request));
    for (const orders::v1::ExportedOrder& exported : page.orders()) {
      csv += CsvLine({exported.order().order_id(), exported.status(), ""});
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return csv;
}

absl::StatusOr<std::vector<orders::v1::Drift>> CompareShopStatuses(Client& client,
                                                                   const base::v1::Actor& connector,
                                                                   const std::string& merchant_id,
                                                                   const std::string& path) {
  ASSIGN_OR_RETURN(const std::vector<ShopRow> rows, ReadShopFile(path));
  std::vector<orders::v1::Drift> drifts;
  for (size_t next = 0; next < rows.size();) {
    orders::v1::CompareStatusesRequest request;
    request.set_merchant_id(merchant_id);
    for (; next < rows.size() && request.reports_size() < kReportsPerCall; ++next) {
      *request.add_reports() = rows[next].report;
    }
    ASSIGN_OR_RETURN(const orders::v1::CompareStatusesResponse response,
                     client.Call(connector, *client.fastcentrik, &FastCentrikStub::CompareStatuses, request));
    drifts.insert(drifts.end(), response.drifts().begin(), response.drifts().end());
  }
  return drifts;
}

void PrintVerdicts(const std::vector<ShopVerdict>& verdicts) {
  Table table({"line", "order", "status", "delivered", "verdict", "rule", "reason"});
  for (const ShopVerdict& verdict : verdicts) {
    table.Add({absl::StrCat(verdict.line), verdict.report.order_id(), verdict.report.status(),
               verdict.report.date_of_delivery(), verdict.outcome, verdict.rule_id, verdict.reason});
  }
  table.Print(2);
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
