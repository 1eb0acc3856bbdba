#include "tools/makegoodctl/import/import_scattered.h"

#include <limits>
#include <memory>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "tools/makegoodctl/import/import_rows.h"

namespace makegood::ctl {
namespace {

constexpr size_t kMostScattered = 200'000;

}  // namespace

// The digests that one pass looks at, both ends included.
struct ScatteredOrders::Range {
  uint64_t from = 0;
  uint64_t to = std::numeric_limits<uint64_t>::max();
};

absl::Status ScatteredOrders::FindIn(const CsvFile& file, const connectors::v1::Connector& connector,
                                     const std::function<void(int64_t offset)>& on_row, size_t at_a_time) {
  Range range;
  while (true) {
    range.to = Range().to;
    RETURN_IF_ERROR(Pass(file, connector, on_row, at_a_time, range));
    if (range.to == Range().to) return absl::OkStatus();
    range.from = range.to + 1;
  }
}

// Where there are more orders than fit, the upper half of the range is left to passes to come.
absl::Status ScatteredOrders::Pass(const CsvFile& file, const connectors::v1::Connector& connector,
                                   const std::function<void(int64_t offset)>& on_row, size_t at_a_time,
                                   Range& range) {
  ASSIGN_OR_RETURN(const std::unique_ptr<CsvFile> again, file.OpenAgain());
  OrderReader reader(*again, connector);
  absl::flat_hash_set<uint64_t> seen;
  OrderRows order;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, reader.Next(order));
    if (!more) return absl::OkStatus();
    on_row(reader.offset());
    const uint64_t digest = SeenOrders::Digest(order.order_id);
    if (order.order_id.empty() || order.continues || digest < range.from || digest > range.to) continue;
    if (!seen.insert(digest).second) {
      orders_.try_emplace(digest, Order{0, order.rows.front().line});
      if (orders_.size() <= kMostScattered) continue;
      return absl::InvalidArgumentError(absl::StrCat("the rows of more than ", kMostScattered,
                                                     " orders do not follow each other: sort the "
                                                     "file by ",
                                                     connector.columns().order_id()));
    }
    while (seen.size() > at_a_time && range.to > range.from) {
      range.to = range.from + (range.to - range.from) / 2;
      absl::erase_if(seen, [&](uint64_t one) { return one > range.to; });
    }
  }
}

ScatteredOrders::Order* ScatteredOrders::Find(absl::string_view order_id) {
  if (orders_.empty() || order_id.empty()) return nullptr;
  const auto found = orders_.find(SeenOrders::Digest(order_id));
  return found == orders_.end() ? nullptr : &found->second;
}

}  // namespace makegood::ctl
