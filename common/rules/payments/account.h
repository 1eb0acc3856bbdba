// What an order's money stands at: what is due (PAY-06), and how what comes in and what is sold is posted
// (PAY-07). The records around it are payment_rules', grants' and surcharge_rules'.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rules/payments/ledger.h"
#include "common/rules/payments/payment_records.h"
#include "common/rules/payments/sold_items.h"
#include "common/rules/transaction.h"
#include "makegood/events/v1/events.pb.h"
#include "makegood/orders/v1/orders.pb.h"

namespace makegood::rules {

// The account an order begins with: the same from the order as from its OrderCreated event.
absl::StatusOr<payments::v1::Account> NewAccount(const orders::v1::Order& order, const PolicyBook& policies);
absl::StatusOr<payments::v1::Account> NewAccount(const events::v1::Event& order_created,
                                                 const PolicyBook& policies);

// The stored account of an order that is known here. FAILED_PRECONDITION for one that a version of before
// wrote, with counters in place of units: nothing is decided on it.
absl::StatusOr<payments::v1::Account> LoadAccount(absl::string_view order_id, Transaction& tx);

// The order's account; a new one, not put yet, where the OrderCreated event has not arrived. ABORTED
// if the caller decided on another version of it (SYS-04).
absl::StatusOr<payments::v1::Account> AccountOf(const orders::v1::Order& order, Transaction& tx);

// The same, for decisions that depend on how far the order has come: UNAVAILABLE under SYS-13 while a change
// of it is known to the orders service and has not arrived here.
absl::StatusOr<payments::v1::Account> ArrivedAccountOf(const orders::v1::Order& order, Transaction& tx);

// DELIVERED, RETURNED or CANCELLED: nothing more is sold, and no credit is kept (PAY-06).
bool HasEnded(const payments::v1::Account& account);

// Still to be paid for the order itself; what was given back of what had come in is due again (ORD-01).
int64_t DueMinor(const payments::v1::Account& account);

// ORD-01: announces it where `was_due_minor` was due and nothing is any more, without a payment.
void TellNothingDue(int64_t was_due_minor, const payments::v1::Account& account, const Moment& moment,
                    Transaction& tx);

// Delivered against cash of which nothing is known yet (RFD-09).
bool AwaitsCash(const payments::v1::Account& account);

// RFD-02: what came in and is neither given back nor granted, with the courier's cash while it is waited for.
int64_t LeftOfCaptured(const payments::v1::Account& account);

// PAY-10: the order has ended, and something is left that nobody has to see to: held for the customer, paid
// on a surcharge that has ended, or owed by who paid in advance.
bool SomethingHangs(const payments::v1::Account& account);

// RFD-05: something is to be recovered from the merchant, and no credit note is asked for, since the return
// document is missing: work of Operations that the claims service tells.
bool AwaitsDocument(const payments::v1::Account& account);

// Money came in for the order: up to what is due it is the order's, the rest the customer's (PAY-06).
void TakeInForOrder(const payments::v1::Account& account, int64_t amount_minor, EntryBuilder& entry);

// Money came in on a surcharge of which `own_minor` is due or, on one that has ended, to be refunded;
// the rest is the customer's (PAY-06).
void TakeInForSurcharge(int64_t own_minor, int64_t excess_minor, EntryBuilder& entry);

// What is kept of the order is sold now: invoiced, and the merchant's, the marketplace's and the tax office's
// by the shares of its lines (ORD-04, PAY-11); what is not paid of it is owed. Of an imported order it was
// paid elsewhere (ORD-13). Returns what is invoiced, and of it the merchant's share.
struct Sale {
  int64_t invoiced_minor = 0;
  int64_t merchants_minor = 0;
};
Sale Sell(const payments::v1::Account& account, bool imported, EntryBuilder& entry);

}  // namespace makegood::rules
