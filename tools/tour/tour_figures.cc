// What the season came to: figures against their targets, the ledger, and what Prometheus would see.
#include <curl/curl.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/base/enum_word.h"
#include "common/base/money.h"
#include "common/base/status.h"
#include "tools/makegoodctl/terminal/table.h"
#include "tools/tour/tour.h"

namespace makegood::ctl {
namespace {

using PaymentsStub = payments::v1::PaymentsService::Stub;
using ScorecardStub = orders::v1::ScorecardService::Stub;
using WorkStub = orders::v1::WorkService::Stub;

constexpr const char* kMarketplaces[] = {"mall", "flowwow", "tmall", "default"};

size_t Append(char* bytes, size_t size, size_t count, void* text) {
  static_cast<std::string*>(text)->append(bytes, size * count);
  return size * count;
}

// The text of a /metrics page.
absl::StatusOr<std::string> Scrape(const std::string& address) {
  std::string page;
  CURL* const curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, absl::StrCat("http://", address, "/metrics").c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &page);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  if (code != CURLE_OK) return absl::UnavailableError(absl::StrCat("metrics: ", curl_easy_strerror(code)));
  return page;
}

// The sum of a metric's series whose labels contain `label`.
double Sum(absl::string_view page, absl::string_view metric, absl::string_view label) {
  double sum = 0;
  for (absl::string_view line : absl::StrSplit(page, '\n')) {
    const size_t space = line.rfind(' ');
    const absl::string_view name = line.substr(0, line.find_first_of("{ "));
    double value = 0;
    if (name == metric && absl::StrContains(line, label) && space != absl::string_view::npos &&
        absl::SimpleAtod(line.substr(space + 1), &value)) {
      sum += value;
    }
  }
  return sum;
}

std::string Percent(int64_t basis_points) {
  return absl::StrFormat("%.2f %%", static_cast<double>(basis_points) / 100);
}

std::string VerdictWord(orders::v1::Figure::Verdict verdict) {
  switch (verdict) {
    case orders::v1::Figure::VERDICT_MET:
      return "met";
    case orders::v1::Figure::VERDICT_MISSED:
      return "missed";
    default:
      return "no cases";
  }
}

void Scorecards(Tour& tour) {
  Table table({"marketplace", "figure", "", "count", "of", "rate", "target", "verdict"});
  for (const char* marketplace : kMarketplaces) {
    orders::v1::GetScorecardRequest request;
    request.set_marketplace(marketplace);
    request.set_first_day("2026-09-01");
    request.set_last_day("2026-11-30");
    Client& client = tour.client();
    const auto card = client.Call(Operations(), *client.scorecards, &ScorecardStub::GetScorecard, request);
    if (!card.ok()) {
      tour.Accepted(card.status(), absl::StrCat("the scorecard of ", marketplace));
      continue;
    }
    for (const orders::v1::Figure& figure : card->figures()) {
      table.Add({marketplace, figure.rule_id(), figure.name(), absl::StrCat(figure.numerator()),
                 absl::StrCat(figure.denominator()), Percent(figure.value_basis_points()),
                 Percent(figure.target_basis_points()), VerdictWord(figure.verdict())});
    }
  }
  table.Print(2);
}

void Metrics(Tour& tour, const std::string& metrics_address) {
  const auto page = Scrape(metrics_address);
  tour.Accepted(page.status(), "Prometheus can scrape the suite");
  if (!page.ok()) return;
  Table table({"marketplace", "resolved", "mean time", "order lines", "erroneous", "error rate"});
  for (const char* marketplace : kMarketplaces) {
    const std::string label = absl::StrCat("marketplace=\"", marketplace, "\"");
    const double resolved = Sum(*page, "makegood_resolution_seconds_count", label);
    const double seconds = Sum(*page, "makegood_resolution_seconds_sum", label);
    const double lines = Sum(*page, "makegood_order_lines_total", label);
    const double errors = Sum(*page, "makegood_order_line_errors_total", label);
    table.Add({marketplace, absl::StrFormat("%.0f", resolved),
               resolved > 0 ? absl::StrFormat("%.1f h", seconds / resolved / 3600) : "",
               absl::StrFormat("%.0f", lines), absl::StrFormat("%.0f", errors),
               lines > 0 ? absl::StrFormat("%.2f %%", 100 * errors / lines) : ""});
  }
  table.Print(2);
  tour.Promise(Sum(*page, "makegood_resolution_seconds_count", "marketplace=\"tmall\"") == 4,
               "the metrics count four claims of tmall made good");
  tour.Promise(Sum(*page, "makegood_escalations_total", "marketplace=\"tmall\"") == 1, "and one escalation");
}

// WRK-01: where Operations begin the day.
void WorkLeft(Tour& tour) {
  Client& client = tour.client();
  const auto list =
      client.Call(Operations(), *client.work, &WorkStub::ListWork, orders::v1::ListWorkRequest());
  if (!list.ok()) return tour.Accepted(list.status(), "the work is listed");
  Table table({"turn", "kind", "order", "due (UTC)"});
  for (const orders::v1::Work& work : list->work()) {
    const base::v1::WorkItem& item = work.item();
    table.Add({absl::AsciiStrToLower(EnumWord(item.turn())), absl::AsciiStrToLower(EnumWord(item.kind())),
               work.order_id(),
               item.has_due_time()
                   ? absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixSeconds(item.due_time().seconds()),
                                      absl::UTCTimeZone())
                   : ""});
  }
  table.Print(2);
  tour.Promise(!list->work().empty() && list->work(0).order_id() == "T-3003" && list->work(0).overdue() &&
                   list->work(0).item().kind() == base::v1::WORK_KIND_DECIDE_CLAIM,
               "T-3003's overdue decision comes first (WRK-01)");
  // A courier's cash, and what was paid to a staff card.
  std::set<std::string> others;
  for (const orders::v1::Work& work : list->work()) others.insert(work.order_id());
  tour.Promise(
      list->work_size() == 3 && others == std::set<std::string>{"F-2001", "M-1002", "T-3003"},
      "M-1002's cash is to be recorded, F-2001's stray payment looked into, and that is all (PAY-10)");
}

void Ledger(Tour& tour) {
  Client& client = tour.client();
  const auto ledger = client.Call(Operations(), *client.payments, &PaymentsStub::CheckLedger,
                                  payments::v1::CheckLedgerRequest());
  if (!ledger.ok()) return tour.Accepted(ledger.status(), "the ledger is checked");
  std::map<std::string, int64_t> sums;
  Table table({"account", "balance"});
  for (const payments::v1::Posting& balance : ledger->balances()) {
    sums[balance.currency()] += balance.amount_minor();
    table.Add(
        {payments::v1::Posting::LedgerAccount_Name(balance.account()).substr(sizeof("LEDGER_ACCOUNT_") - 1),
         FormatMoney(balance.amount_minor(), balance.currency())});
  }
  table.Print(2);
  bool zero = true;
  for (const auto& [currency, sum] : sums) zero = zero && sum == 0;
  tour.Promise(ledger->hanging_order_ids().empty(), "nothing hangs with an order that has ended (PAY-10)");
  tour.Promise(ledger->broken_entry_ids().empty() && zero && ledger->entries() > 0,
               absl::StrCat(ledger->entries(), " entries, each balanced, all together zero (PAY-07)"));
}

void NothingStuck(Tour& tour) {
  for (const char* source : {"orders", "claims", "payments", "notifications"}) {
    events::v1::ListStuckRequest request;
    request.set_source(source);
    Client& client = tour.client();
    const auto stuck =
        client.Call(Operations(), *client.events, &events::v1::EventService::Stub::ListStuck, request);
    tour.Promise(stuck.ok() && stuck->stuck().empty(),
                 absl::StrCat("nothing is stuck in ", source,
                              stuck.ok() && !stuck->stuck().empty() ? ": " + stuck->stuck(0).error() : ""));
  }
}

}  // namespace

void ShowFigures(Tour& tour, const std::string& metrics_address) {
  tour.Chapter("Figures, September to November");
  Scorecards(tour);
  std::puts("");
  Metrics(tour, metrics_address);
  tour.Chapter("What is left to do");
  WorkLeft(tour);
  tour.Chapter("The ledger");
  Ledger(tour);
  NothingStuck(tour);
}

}  // namespace makegood::ctl
