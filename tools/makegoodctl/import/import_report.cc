// An import's report, for people.
#include <algorithm>
#include <cstdio>
#include <map>

#include "absl/strings/str_cat.h"
#include "tools/makegoodctl/import/import.h"
#include "tools/makegoodctl/terminal/table.h"

namespace makegood::ctl {
namespace {

using connectors::v1::ImportReport;

void PrintStatuses(const ImportReport& report) {
  Table statuses({"status", "accepted", "rejected"});
  const std::map<std::string, connectors::v1::ImportCount> sorted(report.by_status().begin(),
                                                                  report.by_status().end());
  for (const auto& [status, count] : sorted) {
    statuses.Add(
        {status.empty() ? "(none)" : status, absl::StrCat(count.accepted()), absl::StrCat(count.rejected())});
  }
  statuses.Add({"total", absl::StrCat(report.accepted()), absl::StrCat(report.rejected())});
  statuses.Print();
}

void PrintRejects(const ImportReport& report) {
  Table rules({"rejected by", "orders"});
  const std::map<std::string, int64_t> sorted(report.by_rule().begin(), report.by_rule().end());
  for (const auto& [rule, count] : sorted) {
    rules.Add({rule.empty() ? "a wrong field" : rule, absl::StrCat(count)});
  }
  rules.Print();
  std::puts("");
  Table rejects({"line", "order", "status", "rule", "reason"});
  rejects.WrapLast();
  for (const connectors::v1::Reject& reject : report.first_rejects()) {
    const std::string where = reject.field().empty() ? "" : absl::StrCat(reject.field(), ": ");
    rejects.Add({absl::StrCat(reject.line()), reject.order_id(), reject.status(), reject.rule_id(),
                 absl::StrCat(where, reject.reason())});
  }
  rejects.Print();
  if (report.rejected() > report.first_rejects_size()) {
    std::printf("and %lld more\n", static_cast<long long>(report.rejected() - report.first_rejects_size()));
  }
  if (!report.rejects_path().empty()) {
    std::printf("\nAll of them are in %s: mend it and import it in the same way.\n",
                report.rejects_path().c_str());
  }
}

}  // namespace

void PrintImportReport(const ImportReport& report) {
  PrintStatuses(report);
  const auto note = [](int64_t count, const char* what) {
    if (count > 0) std::printf("%lld %s\n", static_cast<long long>(count), what);
  };
  note(report.repeated(), report.repeated() == 1 ? "of the accepted ones stands in the file twice"
                                                 : "of the accepted ones stand in the file twice");
  note(report.were_here(), "of the accepted ones, taken in by another caller, say the same: nothing changed");
  note(report.unchanged(), "reports changed nothing: the orders were there already");
  note(report.unmapped(), "reports have no pair here (ORD-08): nothing changed");
  if (report.rejected() > 0) {
    std::puts("");
    PrintRejects(report);
  }
  std::printf("\n%lld orders in %.1f s, %.0f a second\n", static_cast<long long>(report.orders_of_run()),
              report.seconds(),
              static_cast<double>(report.orders_of_run()) / std::max(report.seconds(), 0.001));
  if (report.resumed_at_line() > 0) {
    std::printf("%lld with what an import before this one had done until line %lld\n",
                static_cast<long long>(report.orders()), static_cast<long long>(report.resumed_at_line()));
  }
}

}  // namespace makegood::ctl
