// The contacts of an order's people, the only place of their details (SYS-09): each that is not empty is
// found from its order, as buyer, recipient or pending change of the address, so that erasing finds it.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/transaction.h"

namespace makegood::rules {

// Its details are erased for good. Nothing happens to one that was erased before.
absl::Status EmptyContact(const std::string& contact_id, Transaction& tx);

bool SameAddress(const orders::v1::ContactDetails& a, const orders::v1::ContactDetails& b);

// An address as it is asked for, with what stays of the recipient's own details: who is named by the same
// name, or not at all, is the same person; where no country is told it is the same one.
orders::v1::ContactDetails AddressedTo(const orders::v1::ContactDetails& recipient,
                                       orders::v1::ContactDetails wanted);

// The goods go to `details` from now on, which are kept as `kept_id` already, or nowhere yet. A recipient who
// stays the same keeps their contact, whose id they call under (ROL-11); the buyer's own is left as it is.
absl::Status SendTo(const orders::v1::ContactDetails& details, const std::string& kept_id, Order& order,
                    Transaction& tx);

}  // namespace makegood::rules
