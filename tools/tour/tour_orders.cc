// Orders come in, are paid, and are worked on in a FastCentrik shop: worked examples 1 to 4.
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/times.h"
#include "tools/makegoodctl/import/import.h"
#include "tools/makegoodctl/import/shop.h"
#include "tools/tour/tour.h"

namespace makegood::ctl {
namespace {

using connectors::v1::ReportVerdict;
using orders::v1::Order;
using IncidentsStub = incidents::v1::IncidentsService::Stub;
using OrdersStub = orders::v1::OrdersService::Stub;
using PaymentsStub = payments::v1::PaymentsService::Stub;
using ScorecardStub = orders::v1::ScorecardService::Stub;

constexpr char kShop[] = "m-100";
constexpr int kOrders = 51;

// The shop's connector acts for its store.
base::v1::Actor ShopConnector() { return MakeActor(base::v1::ROLE_CONNECTOR, "fastcentrik", kShop); }

absl::Status CancelUnavailable(Tour& tour, const std::string& order_id) {
  auto request = tour.New<orders::v1::CancelOrderRequest>();
  request.set_order_id(order_id);
  request.mutable_cancellation()->set_initiator(base::v1::INITIATOR_MERCHANT);
  request.mutable_cancellation()->set_reason(base::v1::CANCEL_REASON_UNAVAILABLE);
  request.mutable_cancellation()->set_merchant_caused(true);
  const Order order = tour.Order(order_id);
  Client& client = tour.client();
  return client.Call(ManagerOf(order), *client.orders, &OrdersStub::CancelOrder, request).status();
}

// How many of the shop's cancellations the policy counts in September.
int64_t CancelRateNumerator(Tour& tour) {
  orders::v1::GetScorecardRequest request;
  request.set_marketplace("mall");
  request.set_merchant_id(kShop);
  request.set_first_day("2026-09-01");
  request.set_last_day("2026-09-30");
  Client& client = tour.client();
  const auto card = client.Call(Operations(), *client.scorecards, &ScorecardStub::GetScorecard, request);
  if (!card.ok()) return -1;
  for (const orders::v1::Figure& figure : card->figures()) {
    if (figure.rule_id() == "KPI-05") return figure.numerator();
  }
  return -1;
}

// The tour's files stay as they are: nothing is written beside them.
ImportOptions TourImport(Tour& tour, const std::string& connector, const std::string& file) {
  ImportOptions import;
  import.connector = connector;
  import.path = tour.File(file);
  import.keep_files = false;
  import.show_progress = false;
  return import;
}

void TakeOrdersIn(Tour& tour) {
  tour.Chapter("1 September: orders come in");
  const ImportOptions import = TourImport(tour, "makegood", "orders.csv");
  for (int time = 1; time <= 2; ++time) {
    const auto report = ImportOrders(tour.client(), Operations(), import);
    if (!report.ok()) return tour.Accepted(report.status(), "orders.csv is imported");
    tour.Promise(report->accepted() == kOrders && report->rejected() == 0,
                 absl::StrCat(report->accepted(), " orders of orders.csv are in, ", report->rejected(),
                              " rejected", time == 2 ? " (the same file again changes nothing)" : ""));
  }
  tour.Settle();
  const auto csv = ExportShopOrders(tour.client(), ShopConnector(), kShop);
  if (!csv.ok()) return tour.Accepted(csv.status(), "open orders are exported");
  tour.Promise(absl::StrContains(*csv, "M-1002,pending,") && !absl::StrContains(*csv, "M-1001"),
               "the shop gets COD order M-1002 as pending, and not unpaid M-1001 (ORD-01, ORD-08)");
}

// Every prepaid order's payment comes in, except M-1001's.
void PayOrders(Tour& tour) {
  Client& client = tour.client();
  orders::v1::ListOrdersRequest list;
  list.add_states(Order::STATE_BLOCKED);
  list.set_page_size(1000);
  const auto blocked = client.Call(Operations(), *client.orders, &OrdersStub::ListOrders, list);
  if (!blocked.ok()) return tour.Accepted(blocked.status(), "blocked orders are listed");
  int paid = 0;
  for (const Order& order : blocked->orders()) {
    if (order.order_id() == "M-1001") continue;
    auto request = tour.New<payments::v1::RecordPaymentRequest>();
    request.set_order_id(order.order_id());
    *request.mutable_amount() = order.total();
    request.set_reference(absl::StrCat("card-", order.order_id()));
    request.set_destination(payments::v1::Payment::DESTINATION_STORE_ACCOUNT);
    paid += client.Call(System(), *client.payments, &PaymentsStub::RecordPayment, request).ok() ? 1 : 0;
  }
  tour.Settle();
  const auto still = client.Call(Operations(), *client.orders, &OrdersStub::ListOrders, list);
  tour.Promise(still.ok() && still->orders_size() == 1 && still->orders(0).order_id() == "M-1001",
               absl::StrCat(paid, " payments came in and opened their orders; only M-1001 stays BLOCKED"));
}

// Imports one of the shop's files; every row must be accepted, but for those refused on purpose.
void ShopReports(Tour& tour, const std::string& file, const std::map<std::string, std::string>& refused) {
  const auto import =
      ImportShopStatuses(tour.client(), ShopConnector(), TourImport(tour, kFastCentrik, file));
  if (!import.ok()) return tour.Accepted(import.status(), absl::StrCat(file, " is imported"));
  PrintVerdicts(*import);
  const bool as_told =
      std::all_of(import->verdicts.begin(), import->verdicts.end(), [&refused](const ReportVerdict& verdict) {
        const auto expected = refused.find(absl::StrCat(verdict.order_id(), " ", verdict.status()));
        const bool is_refused = verdict.outcome() == ReportVerdict::OUTCOME_REFUSED;
        return expected == refused.end() ? !is_refused : is_refused && verdict.rule_id() == expected->second;
      });
  tour.Promise(as_told, absl::StrCat(file, ": each row's verdict is as the rules say"));
  tour.Settle();
}

void WorkInTheShop(Tour& tour) {
  tour.Chapter("2 to 4 September: the shop packs, hands over, delivers");
  tour.MoveTo("2026-09-02T09:00+02:00");
  ShopReports(tour, "shop_2026-09-02.csv", {{"M-1001 is being handled", "ORD-01"}});
  tour.MoveTo("2026-09-03T15:00+02:00");
  ShopReports(tour, "shop_2026-09-03.csv", {{"M-1003 is being handled", "ORD-08"}});
  const Order third = tour.Order("M-1003");
  tour.Promise(third.state() == Order::STATE_SHIPPED, "M-1003, settled without a date, is SHIPPED (ORD-08)");
  tour.Promise(tour.EventCount("M-1003", events::v1::Event::kDocumentIssued) == 0,
               "M-1003 has no invoice yet (ORD-04)");

  const auto drifts =
      CompareShopStatuses(tour.client(), ShopConnector(), kShop, tour.File("shop_2026-09-02.csv"));
  tour.Accepted(drifts.status(), "the drift report compares yesterday's file with today (ORD-08)");
  if (drifts.ok()) PrintDrifts(*drifts);

  tour.MoveTo("2026-09-04T18:00+02:00");
  ShopReports(tour, "shop_2026-09-04.csv", {});
  const Order second = tour.Order("M-1002");
  absl::Time fourth;
  absl::ParseTime("%Y-%m-%dT%H:%M%Ez", "2026-09-04T00:00+02:00", &fourth, nullptr);
  tour.Promise(second.state() == Order::STATE_DELIVERED && rules::ToTime(second.delivered_time()) == fourth,
               "M-1002 went SHIPPING, SHIPPED, DELIVERED, delivered_at 4 September (ORD-02)");
  payments::v1::ListDocumentsRequest documents;
  documents.set_order_id("M-1002");
  Client& client = tour.client();
  const auto papers = client.Call(Operations(), *client.payments, &PaymentsStub::ListDocuments, documents);
  const auto of_kind = [&papers](base::v1::DocumentKind kind) {
    return std::count_if(papers->documents().begin(), papers->documents().end(),
                         [kind](const payments::v1::Document& paper) { return paper.kind() == kind; });
  };
  tour.Promise(papers.ok() && of_kind(base::v1::DOCUMENT_KIND_SALES_INVOICE) == 1 &&
                   of_kind(base::v1::DOCUMENT_KIND_SETTLEMENT_CLAIM) == 1,
               "M-1002 has one invoice and one settlement claim, though all was reported twice (ORD-04)");
  tour.Story("M-1002");
  tour.Story("M-1003");
}

// Worked example 4.
void RunOutOfStock(Tour& tour) {
  tour.Chapter("4 September: all of an order is out of stock");
  const int64_t before = CancelRateNumerator(tour);
  tour.Accepted(CancelUnavailable(tour, "M-1004"), "M-1004 (120 EUR, SHIPPING) is called off (AVL-04)");
  tour.Settle();
  tour.Promise(tour.Order("M-1004").state() == Order::STATE_CANCELLED, "M-1004 is CANCELLED");
  tour.Promise(tour.NoticeCount("M-1004", "order_cancelled_unavailable", base::v1::CHANNEL_EMAIL) == 1,
               "its customer got one e-mail (AVL-04)");
  tour.Promise(CancelRateNumerator(tour) == before + 1, "the cancel rate counts one more (KPI-05)");
  const auto refunds = tour.Refunds("M-1004");
  tour.Promise(refunds.size() == 1 && refunds[0].amount().amount_minor() == 12000,
               "120.00 EUR go back to the customer");
  tour.PayRefunds("M-1004");
  tour.Story("M-1004");

  tour.Refused(CancelUnavailable(tour, "M-1005"), "ORD-03", "the same for M-1005, which is SHIPPED");
  tour.Settle();
  tour.Promise(tour.NoticeCount("M-1005", "order_cancelled_unavailable", base::v1::CHANNEL_EMAIL) == 0,
               "M-1005's customer got no e-mail");
}

absl::StatusOr<incidents::v1::PickResult> Pick(Tour& tour, const Order& order, int quantity,
                                               absl::string_view restock) {
  auto request = tour.New<incidents::v1::RecordPickRequest>();
  request.set_order_id(order.order_id());
  incidents::v1::PickedUnits& picked = *request.add_units();
  picked.set_line_id(order.lines(0).line_id());
  picked.set_quantity(quantity);
  if (!restock.empty()) {
    absl::Time time;
    absl::ParseTime("%Y-%m-%dT%H:%M%Ez", restock, &time, nullptr);
    *request.mutable_restock_time() = rules::ToTimestamp(time);
  }
  Client& client = tour.client();
  return client.Call(ManagerOf(order), *client.incidents, &IncidentsStub::RecordPick, request);
}

// Three of five are there; the rest is waited for, and does not come.
void RunShortPick(Tour& tour) {
  tour.Chapter("4 September: three of five are there");
  const Order order = tour.Order("M-1017");
  const auto picked = Pick(tour, order, 3, "2026-09-05T08:00+02:00");
  tour.Accepted(picked.status(), "M-1017 is picked: 3 of 5 (AVL-02)");
  if (!picked.ok()) return;
  const incidents::v1::Incident& incident = picked->incident();
  tour.Promise(
      incident.units_size() == 1 && incident.units(0).quantity() == 2 && incident.options_size() == 3,
      "2 units are missing, and the customer has 3 choices: wait, credit, cancel (AVL-03)");
  tour.Settle();
  auto hand_over = tour.New<orders::v1::HandOverRequest>();
  hand_over.set_order_id(order.order_id());
  Client& client = tour.client();
  const auto hand = [&] {
    return client.Call(ManagerOf(order), *client.orders, &OrdersStub::HandOver, hand_over).status();
  };
  tour.Refused(hand(), "ORD-12", "M-1017 is held until that is settled");
  auto choice = tour.New<incidents::v1::ChooseOptionRequest>();
  choice.set_incident_id(incident.incident_id());
  choice.set_option(base::v1::INCIDENT_OPTION_AWAIT_RESTOCK);
  tour.Accepted(
      client.Call(CustomerOf(order), *client.incidents, &IncidentsStub::ChooseOption, choice).status(),
      "the customer waits for the restock of 5 September");
  tour.MoveTo("2026-09-05T08:00+02:00");
  tour.Promise(tour.EventCount("M-1017", events::v1::Event::kUnitsTakenOff) == 1,
               "it does not come: what is missing is credited (AVL-03)");
  const auto refunds = tour.Refunds("M-1017");
  tour.Promise(refunds.size() == 1 && refunds[0].amount().amount_minor() == 29800,
               "298.00 CZK go back to the customer");
  tour.PayRefunds("M-1017");
  hand_over.mutable_command()->set_request_id(tour.NextRequestId());
  tour.Accepted(hand(), "the rest of M-1017 is handed over");
  tour.Settle();
  tour.Story("M-1017");
}

}  // namespace

void PlayOrders(Tour& tour) {
  TakeOrdersIn(tour);
  PayOrders(tour);
  WorkInTheShop(tour);
  RunOutOfStock(tour);
  RunShortPick(tour);
}

}  // namespace makegood::ctl
