// What an order takes, keeps promised and gives back of its merchant's stock (AVL-01 to AVL-03), as the order
// tells it by post. Decided in the merchant's part.
#pragma once

#include "absl/status/status.h"
#include "common/rules/transaction.h"
#include "makegood/stores/v1/records.pb.h"

namespace makegood::rules {

// Brings what the order has to what it says that it wants and has. Once: an earlier statement, or the same
// again, changes nothing. Products that are no offers are left out.
absl::Status HearOrder(const stores::v1::StockStatement& statement, Transaction& tx);

}  // namespace makegood::rules
