// Extra charges to the customer (PAY-01 to PAY-06, PAY-09).
//
// What must not race is asked for first: a proposal sends the task kPlaceHoldTask to the orders service;
// only when that has confirmed the hold is the surcharge visible to customers, and an order that has
// left meanwhile voids it (PAY-02). The end of a surcharge releases its hold by the task kReleaseHoldTask.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/actions.h"
#include "common/rules/payments/account.h"
#include "common/rules/transaction.h"
#include "makegood/orders/v1/orders.pb.h"
#include "makegood/payments/v1/payments_service.pb.h"

namespace makegood::rules {

// Tasks. The payload of the holds is the serialized request to the orders service, whose request_id
// is the task's id; that of the expiry is the surcharge's id.
inline constexpr char kPlaceHoldTask[] = "place-hold";
inline constexpr char kReleaseHoldTask[] = "release-hold";
inline constexpr char kSurchargeExpiry[] = "surcharge-expiry";

// PAY-02, PAY-04: PROPOSED. One that names its cause is automatic, and its cause has no other (PAY-01).
absl::StatusOr<payments::v1::Surcharge> ProposeSurcharge(const payments::v1::ProposeSurchargeRequest& request,
                                                         const orders::v1::Order& order, Transaction& tx);

// PAY-01, PAY-09: PROPOSED → APPROVED; an automatic one → ISSUED.
absl::StatusOr<payments::v1::Surcharge> ApproveSurcharge(const payments::v1::ApproveSurchargeRequest& request,
                                                         Transaction& tx);

// PAY-09: PROPOSED → DECLINED.
absl::StatusOr<payments::v1::Surcharge> DeclineSurcharge(const payments::v1::DeclineSurchargeRequest& request,
                                                         Transaction& tx);

// PAY-01, PAY-03: APPROVED → ISSUED.
absl::StatusOr<payments::v1::Surcharge> IssueSurcharge(const payments::v1::IssueSurchargeRequest& request,
                                                       Transaction& tx);

// PAY-09: open → VOIDED; what was paid goes back (PAY-06).
absl::StatusOr<payments::v1::Surcharge> VoidSurcharge(const payments::v1::VoidSurchargeRequest& request,
                                                      Transaction& tx);

// What the orders service's answer to kPlaceHoldTask causes: visible, or VOIDED where the order has left
// or is not held for another reason, which is told (PAY-02, SYS-13). A hold confirmed for a surcharge that
// has ended meanwhile is released again.
absl::Status HoldConfirmed(absl::string_view surcharge_id, Transaction& tx);
absl::Status HoldRefused(absl::string_view surcharge_id, const absl::Status& answer, Transaction& tx);

// The same of kReleaseHoldTask: nothing follows but that it is told (SYS-13).
absl::Status ReleaseRefused(absl::string_view surcharge_id, const absl::Status& answer, Transaction& tx);

// PAY-09: the timer kSurchargeExpiry. An open surcharge whose time has come → EXPIRED.
absl::Status ExpireSurcharge(absl::string_view surcharge_id, Transaction& tx);

// Whether the actor may know of it: customers once it is visible (PAY-02). NOT_FOUND, or
// PERMISSION_DENIED under ROL-11 for somebody else's.
absl::Status CheckSeen(const payments::v1::Surcharge& surcharge, const base::v1::Actor& actor);

// Fills available_actions (ORD-09), issuing by the policy's list (PAY-03).
void FillActions(payments::v1::Surcharge& surcharge, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies);

// ---- For the other rules of money. They put the account themselves.

// PAY-01, PAY-06: money for it. One that is open is approved and issued by it; what is due is its own,
// the rest the customer's credit; on one that has ended unpaid all of it goes back.
absl::Status PaySurcharge(payments::v1::Surcharge& surcharge, int64_t amount_minor,
                          absl::string_view receipt_id, payments::v1::Account& account, Transaction& tx);

// PAY-01: another address waits to be paid for: what it costs more is proposed by itself. Nothing happens
// where its cause has its surcharge.
absl::Status ProposeForAddress(const events::v1::Event& address_change_asked, Transaction& tx);

// The order was called off: every open surcharge → VOIDED.
absl::Status VoidOpenSurcharges(payments::v1::Account& account, const Moment& moment, Transaction& tx);

// PAY-02: delivered on its way back. What another way, or one to somewhere else, would have cost → VOIDED;
// one whose hold is not answered yet ends by the answer.
absl::Status VoidWhatTheWayCost(payments::v1::Account& account, const Moment& moment, Transaction& tx);

}  // namespace makegood::rules
