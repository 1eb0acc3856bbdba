// A credit note that does not come in time is marked and told to Operations, once (RFD-05).
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/rules/transaction.h"
#include "makegood/payments/v1/payments.pb.h"

namespace makegood::rules {

// The timer of a note that was asked for; the payload is the note's id.
inline constexpr char kCreditNoteDue[] = "credit-note-due";  // MarkCreditNoteOverdue

// Marks and announces a note whose time has passed, unless that was done before; whether it did. The caller
// puts the note.
bool NoteCreditNoteOverdue(payments::v1::CreditNote& note, Transaction& tx);

// The timer: nothing happens to a note that was issued.
absl::Status MarkCreditNoteOverdue(absl::string_view credit_note_id, Transaction& tx);

}  // namespace makegood::rules
