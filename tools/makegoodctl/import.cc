#include "tools/makegoodctl/import.h"

#include <unistd.h>

#include <cstdio>
#include <deque>
#include <fstream>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/status.h"
#include "tools/makegoodctl/connector.h"
#include "tools/makegoodctl/csv.h"
#include "tools/makegoodctl/table.h"

namespace makegood::ctl {
namespace {

using connectors::v1::Connector;
using orders::v1::ImportOrderRequest;

constexpr int kInFlight = 16;
constexpr int kProgressEvery = 500;

// Orders waiting for one of the sender threads: at most as many as there are senders, so that
// reading is never far ahead.
class Pipe {
 public:
  struct Job {
    Reject row;  // line, order and status; rule and reason once refused
    ImportOrderRequest request;
  };

  void Push(Job job) {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &Pipe::HasRoom));
    jobs_.push_back(std::move(job));
  }

  // The next job, or nothing once closed and empty.
  std::optional<Job> Pop() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &Pipe::HasJobOrIsClosed));
    if (jobs_.empty()) return std::nullopt;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
  }

  void Close() {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }

 private:
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return jobs_.size() < kInFlight; }
  bool HasJobOrIsClosed() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closed_ || !jobs_.empty(); }

  absl::Mutex mutex_;
  std::deque<Job> jobs_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

class Importer {
 public:
  Importer(Client& client, const base::v1::Actor& actor, const Connector& connector)
      : client_(client), actor_(actor), connector_(connector) {}

  absl::StatusOr<ImportReport> Run(std::istream& in) {
    const absl::Time start = absl::Now();
    std::vector<std::thread> senders;
    for (int i = 0; i < kInFlight; ++i) senders.emplace_back([this] { Send(); });
    absl::Status read = ReadCsv(in, [this](CsvRow row) { return TakeRow(std::move(row)); });
    if (read.ok()) read = FinishOrder();
    pipe_.Close();
    for (std::thread& sender : senders) sender.join();
    absl::MutexLock lock(&mutex_);
    RETURN_IF_ERROR(unreachable_);
    RETURN_IF_ERROR(read);
    report_.seconds = absl::ToDoubleSeconds(absl::Now() - start);
    return std::move(report_);
  }

 private:
  absl::Status TakeRow(CsvRow row) {
    if (!header_.has_value()) {
      ASSIGN_OR_RETURN(header_, CsvHeader::From(row));
      return CheckHeader(connector_, *header_);
    }
    const absl::string_view order_id = header_->Value(row, connector_.columns().order_id());
    const bool same_order = !rows_.empty() && HasLineColumns(connector_) &&
                            header_->Value(rows_.front(), connector_.columns().order_id()) == order_id;
    if (!same_order) RETURN_IF_ERROR(FinishOrder());
    rows_.push_back(std::move(row));
    return absl::OkStatus();
  }

  // Hands the order of the rows read so far to a sender.
  absl::Status FinishOrder() {
    if (rows_.empty()) return absl::OkStatus();
    const std::vector<CsvRow> rows = std::exchange(rows_, {});
    Reject row;
    row.line = rows.front().line;
    row.order_id = std::string(header_->Value(rows.front(), connector_.columns().order_id()));
    row.status = std::string(header_->Value(rows.front(), connector_.columns().status()));
    absl::StatusOr<ImportOrderRequest> request = ToRequest(connector_, *header_, rows);
    if (!request.ok()) {
      Count(std::move(row), request.status());
      return absl::OkStatus();
    }
    pipe_.Push({std::move(row), *std::move(request)});
    absl::MutexLock lock(&mutex_);
    return unreachable_;
  }

  void Send() {
    while (std::optional<Pipe::Job> job = pipe_.Pop()) {
      Count(std::move(job->row), SendOne(job->request));
    }
  }

  absl::Status SendOne(const ImportOrderRequest& request) {
    using Orders = orders::v1::OrdersService::Stub;
    if (connector_.mode() == Connector::MODE_HISTORY) {
      return client_.Call(actor_, *client_.orders, &Orders::ImportOrder, request).status();
    }
    orders::v1::CreateOrderRequest live;
    *live.mutable_command() = request.command();
    *live.mutable_order() = request.order();
    return client_.Call(actor_, *client_.orders, &Orders::CreateOrder, live).status();
  }

  void Count(Reject row, const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    if (IsAmbiguous(status) || absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status)) {
      // Not the row's fault, and so for every other row: stop.
      unreachable_.Update(status);
      return;
    }
    ImportCount& count = report_.by_status[row.status];
    ++report_.rows;
    if (status.ok()) {
      ++count.accepted;
    } else {
      ++count.rejected;
      row.rule_id = RuleOf(status);
      row.reason = std::string(status.message());
      report_.rejects.emplace(row.line, std::move(row));
    }
    if (report_.rows % kProgressEvery == 0 && isatty(STDERR_FILENO) != 0) {
      std::fprintf(stderr, "\r%lld orders…", static_cast<long long>(report_.rows));
    }
  }

  Client& client_;
  const base::v1::Actor& actor_;
  const Connector& connector_;
  std::optional<CsvHeader> header_;
  std::vector<CsvRow> rows_;  // of the order being read
  Pipe pipe_;
  absl::Mutex mutex_;
  ImportReport report_ ABSL_GUARDED_BY(mutex_);
  absl::Status unreachable_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

ImportCount ImportReport::Total() const {
  ImportCount total;
  for (const auto& [status, count] : by_status) {
    total.accepted += count.accepted;
    total.rejected += count.rejected;
  }
  return total;
}

absl::StatusOr<ImportReport> ImportOrders(Client& client, const base::v1::Actor& actor,
                                          const Connector& connector, const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat("the file ", path, " cannot be opened"));
  absl::StatusOr<ImportReport> report = Importer(client, actor, connector).Run(in);
  if (isatty(STDERR_FILENO) != 0) std::fputs("\r\033[K", stderr);
  return report;
}

void PrintReport(const ImportReport& report) {
  Table statuses({"status", "accepted", "rejected"});
  for (const auto& [status, count] : report.by_status) {
    statuses.Add(
        {status.empty() ? "(none)" : status, absl::StrCat(count.accepted), absl::StrCat(count.rejected)});
  }
  const ImportCount total = report.Total();
  statuses.Add({"total", absl::StrCat(total.accepted), absl::StrCat(total.rejected)});
  statuses.Print();
  if (!report.rejects.empty()) {
    Table rejects({"line", "order", "status", "rule", "reason"});
    for (const auto& [line, reject] : report.rejects) {
      rejects.Add({absl::StrCat(line), reject.order_id, reject.status, reject.rule_id, reject.reason});
    }
    std::puts("");
    rejects.Print();
  }
  std::printf("\n%lld orders in %.1f s\n", static_cast<long long>(report.rows), report.seconds);
}

}  // namespace makegood::ctl
