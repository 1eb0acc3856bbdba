// The rows of a file as the orders they make up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "makegood/connectors/v1/connector.pb.h"
#include "tools/makegoodctl/csv/csv_file.h"

namespace makegood::ctl {

// The rows of one order, or a row of which none can be made.
struct OrderRows {
  std::vector<CsvRow> rows;
  std::string order_id;    // empty where it could not be read
  FieldViolation problem;  // why they cannot be used; no sentence where they can
  bool continues = false;  // further rows of what was told to be too long before: no order of its own
};

// Puts rows that follow each other and have the same order id together, where the connector has lines; of an
// order whose rows do not (ScatteredOrders) each run comes by itself.
// Bounded: an order of more rows or bytes than a server takes comes in pieces that cannot be used. A
// row whose order cannot be told makes the orders beside it unusable too: it may be a line of theirs.
class OrderReader {
 public:
  OrderReader(CsvFile& file, const connectors::v1::Connector& connector)
      : file_(file), connector_(connector) {}

  // The next order; false at the end. DATA_LOSS if the file cannot be read.
  absl::StatusOr<bool> Next(OrderRows& order);

  // What was returned last ends there: the byte and the line behind it.
  int64_t offset() const { return offset_; }
  int64_t line() const { return line_; }

 private:
  absl::StatusOr<bool> ReadAhead();
  bool IsFull(const OrderRows& order) const;
  std::string OrderIdOf(const CsvRow& row) const;

  CsvFile& file_;
  const connectors::v1::Connector& connector_;
  std::optional<CsvRow> ahead_;  // read, not yet returned
  int64_t line_behind_ahead_ = 0;
  std::string too_long_;      // the order that comes in pieces
  int64_t unknown_line_ = 0;  // of the row before whose order could not be told; 0 if there is none
  int64_t offset_ = 0;
  int64_t line_ = 1;
};

// The orders a file has had so far: digests of the last 500,000, in bounded memory.
class SeenOrders {
 public:
  struct First {
    int64_t line = 0;
    uint64_t content = 0;  // digest
  };

  // Where the order stood first, or nothing, and then it stands in `line`. `content` is what it says.
  std::optional<First> Find(absl::string_view order_id, absl::string_view content, int64_t line);

  static uint64_t Digest(absl::string_view text);

 private:
  absl::flat_hash_map<uint64_t, First> young_;
  absl::flat_hash_map<uint64_t, First> old_;
};

}  // namespace makegood::ctl
