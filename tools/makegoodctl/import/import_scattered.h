// Orders whose rows do not all follow each other in the file: none of them may be taken in by a part.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "makegood/connectors/v1/connector.pb.h"
#include "tools/makegoodctl/csv/csv_file.h"

namespace makegood::ctl {

// Known before anything is sent, from passes over the file, in bounded memory whatever its size: orders by a
// digest of their ids, as many as fit at a time. One pass does for some 1.8 million orders.
class ScatteredOrders {
 public:
  struct Order {
    int64_t first = 0;  // line where it begins; 0 until that has been told
    int64_t again = 0;  // line where it begins for the second time
  };
  static constexpr size_t kAtATime = 1'800'000;

  // Reads the file, which is not read anywhere else meanwhile, as often as needed. `on_row` is told how far
  // each pass has come, in bytes. INVALID_ARGUMENT where so many are scattered that the file is in another
  // order than by its orders.
  absl::Status FindIn(const CsvFile& file, const connectors::v1::Connector& connector,
                      const std::function<void(int64_t offset)>& on_row, size_t at_a_time = kAtATime);

  // The order if its rows are scattered, else nullptr.
  Order* Find(absl::string_view order_id);

 private:
  struct Range;

  absl::Status Pass(const CsvFile& file, const connectors::v1::Connector& connector,
                    const std::function<void(int64_t offset)>& on_row, size_t at_a_time, Range& range);

  absl::flat_hash_map<uint64_t, Order> orders_;
};

}  // namespace makegood::ctl
