// What suite tests tell a server, and ask it.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "makegood/events/v1/events.pb.h"
#include "tools/makegoodctl/client/client.h"

namespace makegood::testing {

inline constexpr int64_t kPrice = 2500;  // EUR cents

base::v1::Actor System();
base::v1::Actor Operations();
base::v1::Actor Employee();  // of m-1
base::v1::Actor Customer();

// A prepaid order of one book, and the payment that opens it.
orders::v1::CreateOrderRequest NewPaidOrder(const std::string& order_id);
payments::v1::RecordPaymentRequest PaymentOf(const std::string& order_id);

// How often the order's timeline tells of such an event; -1 if it cannot be read.
int CountEvents(ctl::Client& client, const std::string& order_id, events::v1::Event::PayloadCase kind);

// Waits until it tells of one; false after `patience`.
bool WaitForEvent(ctl::Client& client, const std::string& order_id, events::v1::Event::PayloadCase kind,
                  absl::Duration patience = absl::Seconds(60));

}  // namespace makegood::testing
