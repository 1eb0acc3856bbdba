// Money in whole minor units (PAY-08). An amount is an int64 of minor units beside an ISO 4217
// code; nothing here uses floating point.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace makegood {

// How many decimals a currency has (0, 2 or 3), or nothing for a code that is not an ISO 4217 currency
// in use, in capitals.
std::optional<int> CurrencyDecimals(absl::string_view currency);

// "36.30 EUR", "12 JPY", "1.250 KWD", "-5.00 CZK"; "12 minor units of ABC" for an unknown code.
std::string FormatMoney(int64_t amount_minor, absl::string_view currency);

// Reads "36.30", "36" or "36.3" as minor units of `currency`. INVALID_ARGUMENT for anything else (a
// sign, a space, a comma), more decimals than the currency has, or more than int64 holds.
absl::StatusOr<int64_t> ParseAmount(absl::string_view text, absl::string_view currency);

// `amount` × `basis_points` / 10,000, rounded half away from zero. Never overflows: a result beyond
// int64 (only possible above 100 %) is held at its limit.
int64_t ApplyRate(int64_t amount_minor, int32_t basis_points);

// The net of a gross amount that includes a tax of `basis_points` (>= 0), rounded half away from zero.
int64_t NetOfTax(int64_t gross_minor, int32_t basis_points);

// Splits `total` in proportion to `weights` so that the shares sum exactly to it: largest
// remainder, ties to the earlier share. Weights are >= 0; a weight of 0 gets nothing, unless all are 0:
// then they count as equal. `total` may be negative. No weights, no shares. Never overflows.
std::vector<int64_t> Shares(int64_t total_minor, const std::vector<int64_t>& weights);

}  // namespace makegood
