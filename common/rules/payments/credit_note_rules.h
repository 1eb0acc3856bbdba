// The merchant's credit notes, which settle a delivered order down (RFD-05, ORD-05).
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rules/actions.h"
#include "common/rules/payments/account.h"
#include "common/rules/transaction.h"
#include "makegood/payments/v1/payments_service.pb.h"

namespace makegood::rules {

// RFD-05: asks the merchant for the credit note of a grant, once it is known over what: nothing of it waits
// for goods any more, and its return document has its number. One per case: the same again changes nothing.
// Refused where the number is not the policy's, or the case's note was asked for under another.
absl::Status RequestNoteFor(const payments::v1::RefundGrant& grant, absl::string_view return_number,
                            payments::v1::Account& account, const Moment& moment, Transaction& tx);

// ORD-05: what cases gave back and no note was asked for yet is asked for under the correction's number, with
// which they end.
absl::Status RequestMissingNotes(absl::string_view return_number, payments::v1::Account& account,
                                 const Moment& moment, Transaction& tx);

// RFD-05, ROL-10: the merchant's document, which must say what was asked for.
absl::StatusOr<payments::v1::CreditNote> IssueCreditNote(const payments::v1::IssueCreditNoteRequest& request,
                                                         Transaction& tx);

// With what the actor may do with it now (ORD-09).
void FillActions(payments::v1::CreditNote& note, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies);

}  // namespace makegood::rules
