// The merchant's credit notes, which settle a delivered order down (RFD-05, ORD-05).
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rules/payments/account.h"
#include "common/rules/transaction.h"
#include "makegood/events/v1/events.pb.h"
#include "makegood/orders/v1/orders.pb.h"
#include "makegood/payments/v1/payments_service.pb.h"

namespace makegood::rules {

// RFD-05. One per case: the same again returns the one there is.
absl::StatusOr<payments::v1::CreditNote> RequestCreditNote(
    const payments::v1::RequestCreditNoteRequest& request, const orders::v1::Order& order, Transaction& tx);

// ORD-05: the correction of a false DELIVERED has its return number. Seen again, nothing changes.
absl::Status RequestCorrectionNote(const events::v1::Event& correction_numbered, Transaction& tx);

// RFD-05, ROL-10: the merchant's document, which must say what was asked for.
absl::StatusOr<payments::v1::CreditNote> IssueCreditNote(const payments::v1::IssueCreditNoteRequest& request,
                                                         Transaction& tx);

// With what the actor may do with it now (ORD-09).
void FillActions(payments::v1::CreditNote& note, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies);

}  // namespace makegood::rules
