#include "common/rules/payments/credit_note_due.h"

#include <utility>

#include "common/base/status.h"
#include "common/rules/messages.h"
#include "common/rules/payments/payment_records.h"
#include "common/rules/times.h"

namespace makegood::rules {

using payments::v1::CreditNote;

bool NoteCreditNoteOverdue(CreditNote& note, Transaction& tx) {
  if (note.overdue() || tx.now() < ToTime(note.due_time())) return false;
  note.set_overdue(true);
  events::v1::Event event = EventAbout(note, note.case_id());
  events::v1::CreditNoteOverdue& fact = *event.mutable_credit_note_overdue();
  fact.set_credit_note_id(note.credit_note_id());
  fact.set_return_number(note.return_number());
  *fact.mutable_amount() = note.amount();
  *fact.mutable_due_time() = note.due_time();
  tx.Emit(std::move(event));
  return true;
}

absl::Status MarkCreditNoteOverdue(absl::string_view credit_note_id, Transaction& tx) {
  ASSIGN_OR_RETURN(CreditNote note, tx.Get<CreditNote>(credit_note_id));
  if (note.state() == CreditNote::STATE_REQUESTED && NoteCreditNoteOverdue(note, tx)) tx.Put(note);
  return absl::OkStatus();
}

}  // namespace makegood::rules
