// Units of an order's lines: who has claimed or withdrawn which (CLM-01), and what they cost
// (RFD-05, PAY-08).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/claims/claim_records.h"
#include "common/rules/transaction.h"
#include "makegood/orders/v1/orders.pb.h"

namespace makegood::rules {

using ClaimedUnitsList = google::protobuf::RepeatedPtrField<claims::v1::ClaimedUnits>;

// How many units there are, of all lines or of one.
int64_t CountOf(const ClaimedUnitsList& units);
int64_t CountOf(const ClaimedUnitsList& units, absl::string_view line_id);

// INVALID_ARGUMENT where a line is named twice.
absl::Status CheckLinesNamedOnce(const ClaimedUnitsList& units);

// Takes `units` for a claim. Refused under CLM-01 where the order has no such line or not so many
// units of it that no other case has taken.
absl::Status TakeUnits(const orders::v1::Order& order, absl::string_view case_id,
                       const ClaimedUnitsList& units, Transaction& tx);

// The same for a withdrawal, which may also take what was made good by goods (CLM-08). None means whatever
// may be withdrawn; refused CLM-08 where that is nothing. `whole_order`: with it everything that the order
// delivered is withdrawn, in one step or in several.
struct Withdrawn {
  ClaimedUnitsList units;
  bool whole_order = false;
};
absl::StatusOr<Withdrawn> TakeForWithdrawal(const orders::v1::Order& order, absl::string_view case_id,
                                            const ClaimedUnitsList& units, Transaction& tx);

// A claim's units are withdrawn from; whether with them the whole order is, of `order_units` delivered in
// all.
absl::StatusOr<bool> WithdrawClaimed(absl::string_view order_id, absl::string_view case_id,
                                     int64_t order_units, Transaction& tx);

// What has become of the units that a claim took, e.g. made good by goods.
absl::Status SetUse(absl::string_view order_id, absl::string_view claim_id, claims::v1::TakenUnits::Use use,
                    Transaction& tx);

// The case keeps `units` of what it took, the others are free again.
absl::Status KeepUnits(absl::string_view order_id, absl::string_view case_id, const ClaimedUnitsList& units,
                       Transaction& tx);

// Every case that has taken units of the order.
absl::StatusOr<std::vector<std::string>> CasesOf(absl::string_view order_id, Transaction& tx);

// Gives back what the case had taken. Nothing happens if it has taken none.
absl::Status FreeUnits(absl::string_view order_id, absl::string_view case_id, Transaction& tx);

// KPI-02: a claim on these lines is approved. How many of them no claim before was approved on.
absl::StatusOr<int> MarkErroneous(absl::string_view order_id, const ClaimedUnitsList& units, Transaction& tx);

// The delivery fee, which goes back with the whole order unless the source of an imported one gave it back
// (ORD-13).
base::v1::Money FeeOf(const orders::v1::Order& order);

// How many units the order delivered: what was taken off before is none of them (RFD-01), nor what the source
// of an imported one gave back (ORD-13).
int64_t DeliveredUnits(const orders::v1::Order& order);

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
