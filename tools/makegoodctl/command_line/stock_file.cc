#include "tools/makegoodctl/command_line/stock_file.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "tools/makegoodctl/command_line/contract.h"
#include "tools/makegoodctl/command_line/request_form.h"
#include "tools/makegoodctl/command_line/session.h"
#include "tools/makegoodctl/command_line/show.h"
#include "tools/makegoodctl/csv/csv_file.h"

namespace makegood::ctl {
namespace {

using stores::v1::SetStockRequest;
using stores::v1::SetStockResponse;
using stores::v1::StockChange;
using stores::v1::StockItem;

constexpr size_t kRowsPerCall = 1000;
constexpr size_t kMostRows = 1'000'000;
constexpr size_t kMostTold = 20;

// What is wrong with the file, as far as it is told.
class Wrong {
 public:
  void Add(int64_t line, absl::string_view column, absl::string_view problem) {
    if (++count_ > kMostTold) return;
    told_.push_back({absl::StrCat("line ", line, column.empty() ? "" : ", ", column), std::string(problem)});
  }
  absl::Status Status() {
    if (told_.empty()) return absl::OkStatus();
    if (count_ > kMostTold) told_.push_back({"file", absl::StrCat("has ", count_ - kMostTold, " more")});
    return InvalidFields(told_);
  }

 private:
  size_t count_ = 0;
  std::vector<FieldViolation> told_;
};

// A whole number, or nothing where the cell is empty.
std::optional<int64_t> NumberIn(const CsvHeader& header, const CsvRow& row, absl::string_view column,
                                Wrong& wrong) {
  const absl::string_view text = absl::StripAsciiWhitespace(header.Value(row, column));
  int64_t number = 0;
  if (text.empty()) return std::nullopt;
  if (absl::SimpleAtoi(text, &number)) return number;
  wrong.Add(row.line, column, "is no whole number");
  return std::nullopt;
}

StockRow RowOfFile(const CsvHeader& header, const CsvRow& row, Wrong& wrong) {
  StockRow read;
  read.line = row.line;
  read.item.set_sku(std::string(absl::StripAsciiWhitespace(header.Value(row, "sku"))));
  if (read.item.sku().empty()) wrong.Add(row.line, "sku", "is missing");
  const auto stock = NumberIn(header, row, "stock", wrong);
  const auto low = NumberIn(header, row, "low", wrong);
  const auto zero = NumberIn(header, row, "zero", wrong);
  if (stock.has_value()) read.item.set_stock(*stock);
  if (low.has_value()) read.item.set_low_threshold(*low);
  if (zero.has_value()) read.item.set_zero_threshold(*zero);
  return read;
}

// "line 7, stock" of items[3].stock.
absl::Status ByLine(const absl::Status& status, const std::vector<StockRow>& rows, size_t first) {
  std::vector<FieldViolation> violations = FieldViolationsOf(status);
  if (violations.empty()) return status;
  for (FieldViolation& violation : violations) {
    absl::string_view field = violation.field;
    size_t index = 0;
    const size_t bracket = field.find(']');
    if (!absl::ConsumePrefix(&field, "items[") || bracket == absl::string_view::npos ||
        !absl::SimpleAtoi(field.substr(0, field.find(']')), &index) || first + index >= rows.size()) {
      continue;
    }
    const absl::string_view column = absl::StripPrefix(field.substr(field.find(']') + 1), ".");
    violation.field = absl::StrCat("line ", rows[first + index].line, column.empty() ? "" : ", ",
                                   absl::StripSuffix(column, "_threshold"));
  }
  return InvalidFields(violations);
}

struct StockImport {
  std::string path;
  std::string marketplace;
  std::string merchant_id;
  bool validate_only = false;
};

SetStockRequest RequestFor(const StockImport& import, const std::vector<StockRow>& rows, size_t first) {
  SetStockRequest request;
  request.mutable_command()->set_request_id(FreshRequestId());
  request.mutable_command()->set_validate_only(import.validate_only);
  request.set_merchant_id(import.merchant_id);
  request.set_marketplace(import.marketplace);
  for (size_t i = first; i < std::min(rows.size(), first + kRowsPerCall); ++i) {
    *request.add_items() = rows[i].item;
  }
  return request;
}

// Sends the rows, a thousand a call; the exit code.
int Send(Session& session, const Command& command, const base::v1::Actor& actor, const StockImport& import,
         const std::vector<StockRow>& rows) {
  Progress progress(session.terminal(), command.path);
  Rows shown(session, *StockChange::descriptor());
  int64_t changed = 0;
  int64_t unchanged = 0;
  for (size_t first = 0; first < rows.size(); first += kRowsPerCall) {
    progress.Show(static_cast<int64_t>(first), static_cast<int64_t>(rows.size()));
    const SetStockRequest request = RequestFor(import, rows, first);
    absl::StatusOr<SetStockResponse> reply = absl::UnknownError("not sent");
    if (const absl::Status sound = RequestForm::Check(request); !sound.ok()) {
      reply = sound;
    } else {
      reply = session.client().Call(actor, *session.client().stores,
                                    &stores::v1::StoresService::Stub::SetStock, request);
    }
    if (!reply.ok()) {
      progress.Clear();
      if (first > 0 && !import.validate_only) {
        std::fprintf(stderr, "The first %zu products are set; the same file may be sent again.\n", first);
      }
      return session.Fail(ByLine(reply.status(), rows, first),
                          {.method = &MethodNamed(command.service, command.method)});
    }
    changed += reply->changes_size();
    unchanged += reply->unchanged();
    progress.Clear();
    for (const StockChange& change : reply->changes()) shown.Add(change);
  }
  progress.Clear();
  if (import.validate_only) TellDryRun(session);
  if (changed > 0 || session.output() != Output::kTable) shown.Finish({});
  std::fprintf(stderr, "%lld offers changed, %lld are as they were.\n", static_cast<long long>(changed),
               static_cast<long long>(unchanged));
  return kDone;
}

}  // namespace

absl::StatusOr<std::vector<StockRow>> ReadStock(const std::string& path) {
  ASSIGN_OR_RETURN(const std::unique_ptr<CsvFile> file, CsvFile::Open(path, ',', "UTF-8"));
  RETURN_IF_ERROR(file->header().Require({"sku", "stock"}));
  std::vector<StockRow> rows;
  absl::flat_hash_map<std::string, int64_t> lines;
  Wrong wrong;
  CsvRow row;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, file->Next(row));
    if (!more) break;
    if (!row.usable()) {
      wrong.Add(row.line, row.problem.field, row.problem.problem);
      continue;
    }
    StockRow read = RowOfFile(file->header(), row, wrong);
    const auto [first, fresh] = lines.try_emplace(read.item.sku(), row.line);
    if (!fresh && !read.item.sku().empty()) {
      wrong.Add(row.line, "sku", absl::StrCat("is in line ", first->second, ", too"));
    }
    if (rows.size() == kMostRows) {
      return absl::InvalidArgumentError(absl::StrCat("more than ", kMostRows, " rows: send it in parts"));
    }
    rows.push_back(std::move(read));
  }
  RETURN_IF_ERROR(wrong.Status());
  return rows;
}

Action MakeStockImport(const Command& command, CLI::App& app) {
  const auto given = std::make_shared<StockImport>();
  app.add_option(
         "file", given->path,
         "CSV with the columns sku and stock and, for thresholds of their own, low and zero; or - for "
         "standard input")
      ->required()
      ->type_name("FILE");
  app.add_option("--marketplace", given->marketplace, "Where they are on offer")
      ->required()
      ->type_name("TEXT");
  app.add_option("--merchant-id", given->merchant_id, "Whose products; otherwise the caller's store")
      ->type_name("TEXT");
  app.add_flag("--dry-run", given->validate_only,
               "Decide all, show old and new figures, and change nothing (SYS-03)");
  return [given, &command](Session& session) -> int {
    const auto actor = session.actor();
    if (!actor.ok()) return session.Fail(actor.status());
    StockImport import = *given;
    if (import.merchant_id.empty()) import.merchant_id = session.settings().store;
    if (import.merchant_id.empty()) {
      return session.Fail(InvalidFields({{"--merchant-id", "is missing: whose products?"}}));
    }
    const absl::StatusOr<std::vector<StockRow>> rows = ReadStock(import.path);
    if (!rows.ok()) return session.Fail(rows.status());
    return Send(session, command, *actor, import, *rows);
  };
}

}  // namespace makegood::ctl
