#include "tools/makegoodctl/import/import_rows.h"

#include <cstring>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "tools/makegoodctl/import/connector.h"

namespace makegood::ctl {
namespace {

// The most lines an order may have, by the contract, and the most bytes its rows may come to.
constexpr size_t kMaxLines = 500;
constexpr size_t kMaxOrderBytes = 2 * kMaxRowBytes;
constexpr size_t kGeneration = 250'000;

}  // namespace

// The row's order, or "" where that is not sure.
std::string OrderReader::OrderIdOf(const CsvRow& row) const {
  return row.piece ? "" : std::string(file_.header().Value(row, connector_.columns().order_id()));
}

absl::StatusOr<bool> OrderReader::ReadAhead() {
  if (ahead_.has_value()) return true;
  CsvRow row;
  ASSIGN_OR_RETURN(const bool more, file_.Next(row));
  if (!more) return false;
  ahead_ = std::move(row);
  line_behind_ahead_ = file_.line();
  return true;
}

bool OrderReader::IsFull(const OrderRows& order) const {
  if (order.rows.size() >= kMaxLines) return true;
  size_t bytes = 0;
  for (const CsvRow& row : order.rows) bytes += row.bytes.size();
  return bytes >= kMaxOrderBytes;
}

absl::StatusOr<bool> OrderReader::Next(OrderRows& order) {
  order = OrderRows();
  ASSIGN_OR_RETURN(const bool more, ReadAhead());
  if (!more) return false;
  const auto take = [&] {
    offset_ = ahead_->end;
    line_ = line_behind_ahead_;
    order.rows.push_back(*std::exchange(ahead_, std::nullopt));
  };
  take();
  const CsvRow& first = order.rows.front();
  order.order_id = OrderIdOf(first);
  order.problem = first.problem;
  order.continues = first.piece;
  if (!HasLineColumns(connector_) || first.piece) return true;
  if (order.order_id.empty()) {
    if (first.usable()) order.problem = {connector_.columns().order_id(), "is empty"};
    unknown_line_ = first.line;
    return true;
  }
  order.continues = order.order_id == std::exchange(too_long_, "");
  const int64_t unknown_before = std::exchange(unknown_line_, 0);
  int64_t unknown = unknown_before;
  while (true) {
    ASSIGN_OR_RETURN(const bool another, ReadAhead());
    if (!another) break;
    // The pieces of a row that was too long: their order is the row's, and that has been told.
    const std::string id = ahead_->piece ? order.order_id : OrderIdOf(*ahead_);
    if (id.empty() && unknown == 0) unknown = ahead_->line;
    if (id != order.order_id) break;
    if (IsFull(order)) {
      too_long_ = order.order_id;
      break;
    }
    if (order.problem.problem.empty()) order.problem = ahead_->problem;
    take();
  }
  if (order.continues || !too_long_.empty()) {
    order.problem = {connector_.columns().order_id(),
                     absl::StrCat("the order has more than ", kMaxLines, " lines or 2 MiB")};
  } else if (unknown != 0 && order.problem.problem.empty()) {
    order.problem = {
        "", absl::StrCat("line ", unknown, " beside it cannot be read, and may be a line of this order")};
  }
  return true;
}

uint64_t SeenOrders::Digest(absl::string_view text) {
  uint64_t digest = 0;
  std::memcpy(&digest, Sha256(text).data(), sizeof(digest));
  return digest;
}

std::optional<SeenOrders::First> SeenOrders::Find(absl::string_view order_id, absl::string_view content,
                                                  int64_t line) {
  const uint64_t key = Digest(order_id);
  if (const auto found = young_.find(key); found != young_.end()) return found->second;
  if (const auto found = old_.find(key); found != old_.end()) return found->second;
  if (young_.size() >= kGeneration) old_ = std::exchange(young_, {});
  young_.emplace(key, First{line, Digest(content)});
  return std::nullopt;
}

}  // namespace makegood::ctl
