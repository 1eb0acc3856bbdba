// Orders that wait for an offer, and how what comes is given to them (AVL-03): first those that a pick found
// short, then the others, each in the order in which they began to wait.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/rules/stores/store_records.h"
#include "common/rules/transaction.h"

namespace makegood::rules {

// Goes on filling the orders that wait for an offer, whose id is the payload: no commit fills more than some.
inline constexpr char kFillWaiting[] = "stock-fill";
absl::Status GoOnFilling(absl::string_view offer_id, Transaction& tx);

// Posted to an order: whether it has to wait (stores.v1.ShortageNews).
inline constexpr char kShortageNews[] = "shortage-news";

// Has the order wait for that offer, if it does not. The caller puts its OrderStock.
absl::Status Await(absl::string_view order_id, const Offer& offer, stores::v1::UnitsOfOrder& units,
                   bool found_short, Transaction& tx);

// Gives what is free to those who wait, and tells those who need not wait any more. The caller puts the
// offer.
absl::Status FillWaiting(Offer& offer, Transaction& tx);

// Puts what the order has, and tells the order where it has to wait, or does not any more.
absl::Status KeepAndTell(OrderStock& stock, Transaction& tx);

// What it has of that product, or nullptr.
stores::v1::UnitsOfOrder* UnitsOf(OrderStock& stock, absl::string_view sku);

}  // namespace makegood::rules
