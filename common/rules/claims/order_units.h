// Units of an order's lines: who has claimed or withdrawn which (CLM-01), and what they cost
// (RFD-05, PAY-08).
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/claims/claim_records.h"
#include "common/rules/transaction.h"
#include "makegood/orders/v1/orders.pb.h"

namespace makegood::rules {

using ClaimedUnitsList = google::protobuf::RepeatedPtrField<claims::v1::ClaimedUnits>;

// INVALID_ARGUMENT where a line is named twice.
absl::Status CheckLinesNamedOnce(const ClaimedUnitsList& units);

// Takes `units` for `case_id`. Refused under CLM-01 where the order has no such line or not so many
// units of it that no other case has taken.
absl::Status TakeUnits(const orders::v1::Order& order, absl::string_view case_id,
                       const ClaimedUnitsList& units, Transaction& tx);

// Gives back what the case had taken. Nothing happens if it has none.
absl::Status FreeUnits(absl::string_view order_id, absl::string_view case_id, Transaction& tx);

// KPI-02: a claim on these lines is approved. How many of them no claim before was approved on.
absl::StatusOr<int> MarkErroneous(absl::string_view order_id, const ClaimedUnitsList& units, Transaction& tx);

// Every unit of the order.
ClaimedUnitsList AllUnits(const orders::v1::Order& order);

// True if `units`, each line named once, are all the order has.
bool CoversWholeOrder(const orders::v1::Order& order, const ClaimedUnitsList& units);

// What units cost, in minor units of the order's currency.
struct UnitsPrice {
  int64_t gross_minor = 0;       // with tax
  int64_t vat_minor = 0;         // the tax in it
  int64_t commission_minor = 0;  // the marketplace's, on the net value
};

// The price of `units`, rated line by line (PAY-08). Lines the order has not count nothing.
UnitsPrice PriceOf(const orders::v1::Order& order, const ClaimedUnitsList& units,
                   int32_t commission_basis_points);

}  // namespace makegood::rules
