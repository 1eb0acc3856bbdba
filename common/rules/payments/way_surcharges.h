// Paid surcharges for a way, to a farther address or once more: going out uses them up (ORD-06), and what is
// not used up, or was paid for an address that costs less now, goes back by the surcharge's own case
// (RFD-08).
//
// For the other rules of money. They put the account themselves.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rules/payments/account.h"
#include "common/rules/transaction.h"

namespace makegood::rules {

// The parcel has gone out. True where that used up something; what was paid later waits for the next time.
bool UseUp(absl::Time gone, payments::v1::Account& account);

// DLV-03: nothing goes out any more: what was paid for another time goes back.
absl::Status PayBackUnused(payments::v1::Account& account, const Moment& moment, Transaction& tx);

// DLV-01: the goods go nearer: so much goes back of what was paid for farther addresses, the last paid first.
absl::Status PayBackFarther(int64_t amount_minor, const std::string& change_id,
                            payments::v1::Account& account, const Moment& moment, Transaction& tx);

}  // namespace makegood::rules
