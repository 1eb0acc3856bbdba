// Grants: decisions to give money back, which are carried on as far as goods and cash allow (RFD-08 to
// RFD-10).
//
//   set aside   the units are reserved: a unit goes back once, whatever the way
//   ready       its goods are back, or none are waited for: the units are given
//   moved on    the courier's cash is known: what the customer owes is set off, the rest is paid out by a
//   refund
//
// For the rules of money alone; they put the account themselves.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rules/payments/account.h"
#include "common/rules/payments/sold_items.h"
#include "common/rules/transaction.h"

namespace makegood::rules {

struct NewGrant {
  std::string case_id = {};
  base::v1::RefundReason reason = base::v1::REFUND_REASON_UNSPECIFIED;
  std::vector<Piece> pieces = {};
  int64_t free_minor = 0;    // of what has no pieces: goodwill, over-payment, money on a surcharge that ended
  bool await_goods = false;  // of the pieces only `ready` are given at once
  std::vector<Piece> ready = {};
  std::optional<absl::Time> approve_time = {};
};

// Refused under RFD-08 (RFD-04 for the delivery fee) where a piece was given back or set aside before. What
// changes nothing but the price, because nothing was paid, leaves no grant: then the result is empty.
absl::StatusOr<std::optional<payments::v1::RefundGrant>> Grant(const NewGrant& wanted,
                                                               payments::v1::Account& account,
                                                               const Moment& moment, Transaction& tx);

// More goes back with a grant that waits for goods; it is refused as by Grant.
absl::Status Widen(payments::v1::RefundGrant& grant, const std::vector<Piece>& pieces,
                   payments::v1::Account& account, const Moment& moment, Transaction& tx);

// More of it is ready (`pieces` may be empty), and it moves on if it can.
absl::Status Advance(payments::v1::RefundGrant& grant, const std::vector<Piece>& pieces,
                     payments::v1::Account& account, const Moment& moment, Transaction& tx);

// What is not ready of it is given up: the goods do not come, or something else gives them back.
absl::Status GiveUpRest(payments::v1::RefundGrant& grant, payments::v1::Account& account,
                        const Moment& moment, Transaction& tx);

// CLM-08: what goes back with the whole order and is not ready is given up: it does not come back whole after
// all.
absl::Status GiveUpWhole(payments::v1::RefundGrant& grant, payments::v1::Account& account,
                         const Moment& moment, Transaction& tx);

// A refund of it is settled. Announces the grant's end where that was all of it.
void CountSettled(payments::v1::RefundGrant& grant, payments::v1::Account& account, const Moment& moment,
                  Transaction& tx);

// Something of it is ready and waits for the courier's cash alone; more of it may wait for goods.
bool WaitsForCash(const payments::v1::RefundGrant& grant);

// RFD-09: the cash is known: all grants that wait for it move on.
absl::Status CashIsKnown(payments::v1::Account& account, const Moment& moment, Transaction& tx);

// RFD-09, RFD-02: no cash is waited for any more. Goodwill that waited for it is void: what nobody paid is
// not made good in money. All other grants move on.
absl::Status NoCashComes(payments::v1::Account& account, const Moment& moment, Transaction& tx);

// All grants that wait for goods are given up.
absl::Status GiveUpAllRests(payments::v1::Account& account, const Moment& moment, Transaction& tx);

// PAY-06: of an order that has ended, what the customer paid too much goes back by itself.
absl::Status PayBackCredit(payments::v1::Account& account, const Moment& moment, Transaction& tx);

// ORD-13: what an imported past leaves beyond the price, and as credit, went back elsewhere; no refund is
// made of it.
absl::Status GiveBackElsewhere(payments::v1::Account& account, const Moment& moment, Transaction& tx);

// ORD-13: what the source of an imported order says that it gave back: units and fee are given, and what
// they, goodwill and over-payment come to is known elsewhere. Once, before anything is sold of it.
absl::Status GiveBackAtSource(const events::v1::ImportedRefund& told, payments::v1::Account& account,
                              const Moment& moment, Transaction& tx);

// The case's grant, or nothing.
absl::StatusOr<std::optional<payments::v1::RefundGrant>> GrantOfCase(const payments::v1::Account& account,
                                                                     absl::string_view case_id,
                                                                     Transaction& tx);

// A movement of money begins, for the first time or again (RFD-03).
void EmitStarted(const payments::v1::Refund& refund, const payments::v1::Account& account,
                 const Moment& moment, Transaction& tx);

// RFD-05: the merchant owes what the case gave back by a credit note; else it is taken off in the ledger.
absl::StatusOr<bool> TakesPaper(const payments::v1::RefundGrant& grant, const Transaction& tx);

}  // namespace makegood::rules
