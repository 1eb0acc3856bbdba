// Stock from a CSV file: sku,stock and, where a product has thresholds of its own, low and zero.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "makegood/stores/v1/stores_service.pb.h"
#include "tools/makegoodctl/command_line/commands.h"

namespace makegood::ctl {

// A row, and where it stands.
struct StockRow {
  int64_t line = 0;
  stores::v1::StockItem item;
};

// Every row of the file, or "-". INVALID_ARGUMENT names what is wrong with it by line and column, of many the
// first: nothing of such a file is sent.
absl::StatusOr<std::vector<StockRow>> ReadStock(const std::string& path);

Action MakeStockImport(const Command& command, CLI::App& app);

}  // namespace makegood::ctl
