// What an order's money stands at: what is due, what may be given back (PAY-06, RFD-02, RFD-04), and
// how each movement of it is posted (PAY-07). Arithmetic on one Account; the records around it are
// payment_rules', refund_rules' and surcharge_rules'.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rules/payments/ledger.h"
#include "common/rules/payments/payment_records.h"
#include "common/rules/transaction.h"
#include "makegood/base/v1/policy.pb.h"
#include "makegood/events/v1/events.pb.h"
#include "makegood/orders/v1/orders.pb.h"

namespace makegood::rules {

// The account an order begins with: the same from the order as from its OrderCreated event.
payments::v1::Account NewAccount(const orders::v1::Order& order);
payments::v1::Account NewAccount(const events::v1::Event& order_created);

// The order's account; a new one, not put yet, where the OrderCreated event has not arrived. ABORTED
// if the caller decided on another version of it (SYS-04).
absl::StatusOr<payments::v1::Account> AccountOf(const orders::v1::Order& order, Transaction& tx);

// The same, for decisions that depend on how far the order has come: UNAVAILABLE under SYS-13 while a change
// of it is known to the orders service and has not arrived here.
absl::StatusOr<payments::v1::Account> ArrivedAccountOf(const orders::v1::Order& order, Transaction& tx);

// Still to be paid for the order itself.
int64_t DueMinor(const payments::v1::Account& account);

// Given back of what was captured, in whatever stage.
int64_t GivenMinor(const payments::v1::Account& account);

// Paid surcharges that are not given back.
int64_t SurchargesKeptMinor(const payments::v1::Account& account);

// RFD-02, RFD-04: refused if giving back that much for that reason would exceed a cap.
absl::Status CheckCaps(const payments::v1::Account& account, const base::v1::Policy& policy,
                       base::v1::RefundReason reason, int64_t goods_minor, int64_t delivery_fee_minor);

// Money came in for the order: up to what is due it is the order's, the rest the customer's (PAY-06).
void TakeInForOrder(payments::v1::Account& account, int64_t amount_minor, EntryBuilder& entry);

// Money came in on a surcharge of which `own_minor` is due or, on one that has ended, to be refunded;
// the rest is the customer's (PAY-06).
void TakeInForSurcharge(payments::v1::Account& account, int64_t own_minor, int64_t excess_minor,
                        EntryBuilder& entry);

// A surcharge is PAID: the merchant's with the delivery, or at once where that has been.
void EarnSurcharge(payments::v1::Account& account, int64_t amount_minor, EntryBuilder& entry);

// The order is delivered: what was not given back of it is invoiced and is the merchant's, the
// marketplace's and the tax office's in the proportion of the order's own amounts, to the last minor
// unit (ORD-04, PAY-08). Returns the merchant's share. INVALID_ARGUMENT if those amounts contradict
// each other.
absl::StatusOr<int64_t> Deliver(payments::v1::Account& account, const events::v1::OrderDelivered& delivered,
                                EntryBuilder& entry);

// Whose money goes back.
enum class RefundSource {
  kOrder,           // paid for the order
  kPaidSurcharge,   // paid on a surcharge that is PAID
  kEndedSurcharge,  // paid on a surcharge that ended otherwise
  kGoodwill,        // the marketplace's own
};

// A refund begins: before delivery out of what was prepaid, afterwards to be recovered from the
// merchant. INTERNAL if there is not so much, which the caps rule out.
absl::Status PayOut(payments::v1::Account& account, RefundSource source, int64_t amount_minor,
                    EntryBuilder& entry);

// The merchant's credit note settles the order down by gross = amount + commission + vat (RFD-05).
// Once the whole sale is taken back, what was never collected of it is owed no more.
void SettleDown(payments::v1::Account& account, const payments::v1::CreditNote& note, EntryBuilder& entry);

}  // namespace makegood::rules
