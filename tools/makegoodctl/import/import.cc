#include "tools/makegoodctl/import/import.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "tools/makegoodctl/csv/csv_file.h"
#include "tools/makegoodctl/import/connector.h"
#include "tools/makegoodctl/import/import_calls.h"
#include "tools/makegoodctl/import/import_progress.h"
#include "tools/makegoodctl/import/import_rejects.h"
#include "tools/makegoodctl/import/import_rows.h"
#include "tools/makegoodctl/import/import_scattered.h"

namespace makegood::ctl {
namespace {

using connectors::v1::Connector;
using connectors::v1::ImportProgress;
using connectors::v1::ImportReport;
using connectors::v1::Reject;
using orders::v1::ReportStatusResponse;

constexpr absl::Duration kSaveEvery = absl::Milliseconds(500);
constexpr int kFirstRejects = 20;
constexpr int kMostStatuses = 200;

std::string RejectsPath(const ImportOptions& options) {
  if (!options.keep_files) return "";
  if (!options.rejects.empty()) return options.rejects;
  return options.path == "-" ? "stdin.rejects.csv" : absl::StrCat(options.path, ".rejects.csv");
}

// The epoch of the server's orders, or "" where the caller may not know: another one is another database,
// and what is in the one is not in the other. UNAVAILABLE if nobody answers for as long as `patience` lasts.
absl::StatusOr<std::string> EpochOf(Client& client, const base::v1::Actor& actor, absl::Duration patience) {
  grpc::ClientContext context;
  rpc::Prepare(context, actor, patience);
  context.set_wait_for_ready(true);
  events::v1::SubscribeRequest request;
  request.set_source("orders");
  const auto stream = client.events->Subscribe(&context, request);
  events::v1::SubscribeResponse first;
  const bool told = stream->Read(&first);
  context.TryCancel();
  const absl::Status end = rpc::FromGrpc(stream->Finish());
  if (told) return first.epoch();
  return IsAmbiguous(end) ? absl::StatusOr<std::string>(end) : "";
}

// What became of one item, added to the sums.
void CountItem(const ImportItem& item, ImportReport& report) {
  if (!item.counts) return;
  auto& by_status = *report.mutable_by_status();
  const bool full = by_status.size() >= kMostStatuses && !by_status.contains(item.about.status());
  connectors::v1::ImportCount& count = by_status[full ? "(others)" : item.about.status()];
  report.set_orders(report.orders() + 1);
  report.set_orders_of_run(report.orders_of_run() + 1);
  if (item.verdict.ok()) {
    count.set_accepted(count.accepted() + 1);
    report.set_accepted(report.accepted() + 1);
    report.set_repeated(report.repeated() + (item.repeated ? 1 : 0));
    report.set_were_here(report.were_here() + (item.was_here ? 1 : 0));
    report.set_unchanged(report.unchanged() +
                         (item.outcome == ReportStatusResponse::OUTCOME_UNCHANGED ? 1 : 0));
    report.set_unmapped(report.unmapped() + (item.outcome == ReportStatusResponse::OUTCOME_UNMAPPED ? 1 : 0));
    return;
  }
  count.set_rejected(count.rejected() + 1);
  report.set_rejected(report.rejected() + 1);
  ++(*report.mutable_by_rule())[item.about.rule_id()];
  if (report.first_rejects_size() < kFirstRejects) *report.add_first_rejects() = item.about;
}

class Importer {
 public:
  Importer(Client& client, const base::v1::Actor& actor, const ImportOptions& options, Connector connector,
           CsvFile& file)
      : client_(client),
        actor_(actor),
        options_(options),
        connector_(std::move(connector)),
        file_(file),
        reader_(file, connector_),
        rejects_(RejectsPath(options), file),
        calls_(client, actor, options.window, options.patience),
        seed_(file.regular() ? file.identity().first_block : absl::StrCat(absl::ToUnixNanos(start_))) {}

  absl::StatusOr<ImportReport> Run() {
    RETURN_IF_ERROR(Begin());
    absl::Status end = Import();
    display_->Clear();
    // However it ended: what has been answered need not be sent again.
    if (!end.ok() && begun_) Save().IgnoreError();
    if (!end.ok()) return WithAdvice(end);
    RETURN_IF_ERROR(BeginFiles());
    RETURN_IF_ERROR(rejects_.Sync());
    if (!progress_path_.empty()) RemoveProgress(progress_path_);
    ImportReport& report = *progress_.mutable_report();
    if (rejects_.bytes() > 0 && rejects_.regular()) report.set_rejects_path(progress_.rejects_path());
    report.set_seconds(absl::ToDoubleSeconds(absl::Now() - start_));
    return std::move(report);
  }

 private:
  // The error, and what to do next where that is known.
  absl::Status WithAdvice(const absl::Status& error) const {
    if (!IsAmbiguous(error)) return error;
    const std::string advice = progress_path_.empty()
                                   ? "the same command again changes nothing that was done"
                                   : absl::StrCat("the same command goes on at line ", progress_.line());
    return absl::Status(error.code(), absl::StrCat(error.message(), "; ", advice));
  }

  // Who imports what from where to where.
  absl::Status Identify() {
    ASSIGN_OR_RETURN(*progress_.mutable_epoch(), EpochOf(client_, actor_, options_.patience));
    progress_.set_file_size(file_.identity().size);
    progress_.set_first_block(file_.identity().first_block);
    progress_.set_connector(Sha256Hex(connector_.SerializeAsString()));
    progress_.set_encoding(file_.encoding().name());
    progress_.set_server(options_.server);
    progress_.set_actor(
        absl::StrCat(base::v1::Role_Name(actor_.role()), " ", actor_.actor_id(), " ", actor_.store_id()));
    progress_.set_rejects_path(RejectsPath(options_));
    progress_.mutable_report()->set_encoding(file_.encoding().name());
    return absl::OkStatus();
  }

  absl::Status Begin() {
    RETURN_IF_ERROR(Identify());
    const bool resumable = options_.keep_files && file_.regular() && !options_.validate_only;
    if (resumable) progress_path_ = absl::StrCat(options_.path, ".progress");
    std::optional<ImportProgress> before;
    if (resumable && !options_.restart) before = LoadProgress(progress_path_);
    const bool same = before.has_value() && IsSameImport(*before, progress_);
    display_ = std::make_unique<ProgressDisplay>(file_.regular() ? file_.identity().size : 0,
                                                 same ? before->offset() : 0, options_.show_progress);
    if (!same) {
      if (before.has_value()) {
        display_->Say(
            absl::StrCat(progress_path_,
                         " is of another import (other file, connector, server, database or caller):"
                         " begins at the beginning"));
      }
      RETURN_IF_ERROR(rejects_.Check());
      return FindScattered();
    }
    progress_ = *std::move(before);
    progress_.mutable_report()->set_orders_of_run(0);
    progress_.mutable_report()->set_resumed_at_line(progress_.line());
    display_->Say(absl::StrCat("goes on at line ", progress_.line(),
                               ", where it was cut off: ", progress_.report().accepted(), " accepted, ",
                               progress_.report().rejected(), " rejected until there"));
    begun_ = progress_.rejects_bytes() > 0;
    RETURN_IF_ERROR(begun_ ? rejects_.GoOn(progress_.rejects_bytes()) : rejects_.Check());
    RETURN_IF_ERROR(FindScattered());
    return SkipAnswered();
  }

  // Before anything is sent: a part of an order that came later could not be taken back.
  absl::Status FindScattered() {
    if (!HasLineColumns(connector_)) return absl::OkStatus();
    return scattered_.FindIn(file_, connector_, [this](int64_t offset) {
      display_->Show(progress_.report(), offset, "looking for scattered orders");
    });
  }

  // Nothing on disk is touched before the first answer: whoever may not import changes no file either.
  absl::Status BeginFiles() {
    if (std::exchange(begun_, true)) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string aside, rejects_.Begin());
    if (aside.empty()) return absl::OkStatus();
    progress_.mutable_report()->set_put_aside_path(aside);
    display_->Say(absl::StrCat(RejectsPath(options_), " held rows that are not those of ", options_.path,
                               " (mended ones?): it is now ", aside));
    return absl::OkStatus();
  }

  // Reads again, without sending, what was answered before: so that orders that come twice are known.
  absl::Status SkipAnswered() {
    OrderRows rows;
    while (reader_.offset() < progress_.offset()) {
      ASSIGN_OR_RETURN(const bool more, reader_.Next(rows));
      if (!more) return absl::OkStatus();
      MakeItem(std::move(rows));
      display_->Show(progress_.report(), reader_.offset(), "reading again");
    }
    return absl::OkStatus();
  }

  absl::Status Import() {
    OrderRows rows;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, reader_.Next(rows));
      if (!more) break;
      ImportItem item = MakeItem(std::move(rows));
      while (!calls_.Fits(item)) RETURN_IF_ERROR(TakeAnswered(true));
      calls_.Add(std::move(item));
      RETURN_IF_ERROR(TakeAnswered(false));
    }
    while (!calls_.empty()) RETURN_IF_ERROR(TakeAnswered(true));
    return absl::OkStatus();
  }

  ImportItem MakeItem(OrderRows order) {
    ImportItem item;
    const CsvRow& first = order.rows.front();
    item.about.set_line(first.line);
    item.about.set_order_id(order.order_id);
    item.about.set_status(std::string(file_.header().Value(first, connector_.columns().status())));
    item.end = reader_.offset();
    item.next_line = reader_.line();
    item.counts = !order.continues;
    CheckNotScattered(order, item);
    if (order.problem.problem.empty()) {
      item.verdict = MakeRequest(order, item);
    } else {
      item.verdict = InvalidFields({order.problem});
      item.about.set_field(order.problem.field);
      item.about.set_reason(order.problem.problem);
    }
    if (!item.verdict.ok()) item.request = std::monostate();
    item.rows = std::move(order.rows);
    for (CsvRow& row : item.rows) row.fields = {};
    return item;
  }

  // An order that is scattered over the file is rejected whole, and counted once.
  void CheckNotScattered(OrderRows& order, ImportItem& item) {
    ScatteredOrders::Order* const scattered = scattered_.Find(order.order_id);
    if (scattered == nullptr) return;
    const bool first = scattered->first == 0;
    if (first) scattered->first = item.about.line();
    item.counts = item.counts && first;
    const std::string where = first ? absl::StrCat("goes on in line ", scattered->again)
                                    : absl::StrCat("stands in line ", scattered->first, " already");
    order.problem = {connector_.columns().order_id(),
                     absl::StrCat(where, ": rows of one order follow each other")};
  }

  absl::Status MakeRequest(const OrderRows& order, ImportItem& item) {
    if (connector_.mode() == Connector::MODE_STATUSES) {
      ASSIGN_OR_RETURN(orders::v1::ReportStatusRequest report,
                       ToReport(connector_, file_.header(), order.rows.front(), seed_));
      report.mutable_command()->set_validate_only(options_.validate_only);
      item.request = std::move(report);
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(orders::v1::ImportOrderRequest request,
                     ToRequest(connector_, file_.header(), order.rows));
    RETURN_IF_ERROR(CheckFirst(request, item));
    request.mutable_command()->set_validate_only(options_.validate_only);
    if (connector_.mode() == Connector::MODE_HISTORY) {
      item.request = std::move(request);
      return absl::OkStatus();
    }
    orders::v1::CreateOrderRequest live;
    *live.mutable_command() = std::move(*request.mutable_command());
    *live.mutable_order() = std::move(*request.mutable_order());
    item.request = std::move(live);
    return absl::OkStatus();
  }

  // An order that comes again must say the same again. Where rows are lines, none comes again.
  absl::Status CheckFirst(const orders::v1::ImportOrderRequest& request, ImportItem& item) {
    if (HasLineColumns(connector_)) return absl::OkStatus();
    const std::string content = request.SerializeAsString();
    const std::optional<SeenOrders::First> first =
        seen_.Find(request.order().order_id(), content, item.about.line());
    item.repeated = first.has_value();
    if (!first.has_value() || first->content == SeenOrders::Digest(content)) return absl::OkStatus();
    return InvalidFields({{connector_.columns().order_id(),
                           absl::StrCat("stands in line ", first->line, " already, with other content")}});
  }

  // Takes what has been answered, in the order of the file.
  absl::Status TakeAnswered(bool wait) {
    while (true) {
      ASSIGN_OR_RETURN(std::optional<ImportItem> item, calls_.Take(wait));
      display_->Show(progress_.report(), progress_.offset(), "importing");
      if (!item.has_value()) return absl::OkStatus();
      RETURN_IF_ERROR(Close(*item));
      wait = false;
    }
  }

  absl::Status Close(ImportItem& item) {
    RETURN_IF_ERROR(BeginFiles());
    if (!item.verdict.ok()) RETURN_IF_ERROR(RejectItem(item));
    CountItem(item, *progress_.mutable_report());
    progress_.set_offset(item.end);
    progress_.set_line(item.next_line);
    if (options_.on_verdict && item.counts) Tell(item);
    if (progress_path_.empty() || absl::Now() - saved_ < kSaveEvery) return absl::OkStatus();
    return Save();
  }

  absl::Status RejectItem(ImportItem& item) {
    Reject& about = item.about;
    if (about.reason().empty()) {
      about.set_rule_id(RuleOf(item.verdict));
      about.set_field(ColumnsOfRefusal(connector_, about.status(), item.verdict));
      about.set_reason(Reason(item.verdict));
    }
    for (const CsvRow& row : item.rows) RETURN_IF_ERROR(rejects_.Add(row, about));
    return absl::OkStatus();
  }

  std::string Reason(const absl::Status& verdict) const {
    if (absl::IsAlreadyExists(verdict)) {
      return "the order is here already; whether it says the same cannot be told";
    }
    // Column and rule have columns of their own.
    const std::vector<FieldViolation> violations = FieldViolationsOf(verdict);
    if (violations.size() == 1) return violations[0].problem;
    if (!violations.empty()) {
      return absl::StrJoin(violations, "; ", [this](std::string* out, const FieldViolation& violation) {
        absl::StrAppend(out, ColumnOfField(connector_, violation.field), ": ", violation.problem);
      });
    }
    const std::string prefix = absl::StrCat(RuleOf(verdict), ": ");
    const absl::string_view message = absl::StripPrefix(verdict.message(), prefix);
    if (!message.empty()) return std::string(message);
    return absl::StrCat("the server failed: ", absl::StatusCodeToString(verdict.code()));
  }

  void Tell(const ImportItem& item) {
    ImportVerdict verdict;
    verdict.about = item.about;
    verdict.accepted = item.verdict.ok();
    verdict.outcome = item.outcome;
    if (const auto* report = std::get_if<orders::v1::ReportStatusRequest>(&item.request)) {
      verdict.report = report->report();
    }
    options_.on_verdict(verdict);
  }

  absl::Status Save() {
    if (progress_path_.empty()) return absl::OkStatus();
    saved_ = absl::Now();
    RETURN_IF_ERROR(rejects_.Sync());
    progress_.set_rejects_bytes(rejects_.bytes());
    const absl::Status saved = SaveProgress(progress_path_, progress_);
    if (saved.ok()) return saved;
    // A folder that cannot be written to: the import is none the worse, only that it cannot go on.
    display_->Say(absl::StrCat(saved.message(), ": were this import cut off, it would begin anew"));
    progress_path_.clear();
    return absl::OkStatus();
  }

  const absl::Time start_ = absl::Now();
  Client& client_;
  const base::v1::Actor& actor_;
  const ImportOptions& options_;
  const Connector connector_;
  CsvFile& file_;
  OrderReader reader_;
  SeenOrders seen_;
  ScatteredOrders scattered_;
  RejectsFile rejects_;
  ImportCalls calls_;
  const std::string seed_;
  std::string progress_path_;  // empty where there is none
  ImportProgress progress_;
  absl::Time saved_ = start_;
  bool begun_ = false;  // with the rejects file and the note of the progress
  std::unique_ptr<ProgressDisplay> display_;
};

}  // namespace

absl::StatusOr<ImportReport> ImportOrders(Client& client, const base::v1::Actor& actor,
                                          const ImportOptions& options) {
  ASSIGN_OR_RETURN(Connector connector, LoadConnector(options.connector));
  if (!options.encoding.empty()) {
    const auto encoding = Encoding::Named(options.encoding);
    if (!encoding.ok()) return InvalidFields({{"--encoding", std::string(encoding.status().message())}});
    connector.set_encoding(options.encoding);
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<CsvFile> file,
                   CsvFile::Open(options.path, connector.separator()[0], connector.encoding(),
                                 HasLineColumns(connector) ? CsvFile::Read::kAgain : CsvFile::Read::kOnce));
  if (options.keep_files) RETURN_IF_ERROR(file->Lock());
  RETURN_IF_ERROR(file->header().Require(ColumnsOf(connector)));
  return Importer(client, actor, options, std::move(connector), *file).Run();
}

int ImportExitCode(const absl::StatusOr<ImportReport>& report) {
  if (report.ok()) return report->rejected() > 0 ? 3 : 0;
  const absl::Status& status = report.status();
  if (IsAmbiguous(status)) return 5;
  const std::vector<FieldViolation> violations = FieldViolationsOf(status);
  // Of an option, not of a file's column.
  if (!violations.empty() && absl::StartsWith(violations.front().field, "--")) return 2;
  return absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status) ? 4 : 1;
}

}  // namespace makegood::ctl
