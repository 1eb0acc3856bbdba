#include "common/rules/payments/credit_note_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/money.h"
#include "common/base/status.h"
#include "common/rules/messages.h"
#include "common/rules/payments/credit_note_due.h"
#include "common/rules/payments/ledger.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/policy/return_number.h"
#include "common/rules/scope.h"
#include "common/rules/timers.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using payments::v1::Account;
using payments::v1::CreditNote;
using payments::v1::Posting;
using payments::v1::RefundGrant;

// Made of what it is about, so that there is one for each case.
std::string NoteId(const RefundGrant& grant, const Transaction& tx) {
  return MakeId("note", tx.part(), absl::StrCat(grant.order_id(), "/", grant.case_id()));
}

CreditNote NewNote(const RefundGrant& grant, absl::string_view return_number, const std::string& id,
                   const Policy& policy, const Moment& moment, const Transaction& tx) {
  CreditNote note;
  note.set_credit_note_id(id);
  *note.mutable_create_time() = ToTimestamp(moment.time);
  *note.mutable_policy() = grant.policy();
  note.set_order_id(grant.order_id());
  note.set_merchant_id(grant.merchant_id());
  note.set_customer_id(grant.customer_id());
  note.set_case_id(grant.case_id());
  note.set_return_number(std::string(return_number));
  note.set_state(CreditNote::STATE_REQUESTED);
  *note.mutable_gross() = grant.recovered();
  *note.mutable_vat() = grant.vat();
  *note.mutable_commission() = grant.commission();
  *note.mutable_amount() = MakeMoney(
      grant.recovered().amount_minor() - grant.vat().amount_minor() - grant.commission().amount_minor(),
      grant.recovered().currency());
  *note.mutable_due_time() = ToTimestamp(
      tx.policies().DaysOf(policy).EndOfDay(moment.time, policy.credit_notes().due_within_days()));
  return note;
}

void EmitRequested(const CreditNote& note, const Account& account, const Moment& moment, Transaction& tx) {
  events::v1::Event event = EventOf(account, note.case_id(), moment);
  events::v1::CreditNoteRequested& requested = *event.mutable_credit_note_requested();
  requested.set_credit_note_id(note.credit_note_id());
  requested.set_return_number(note.return_number());
  *requested.mutable_amount() = note.amount();
  *requested.mutable_due_time() = note.due_time();
  tx.Emit(std::move(event));
}

// The note settles the merchant down by gross = amount + commission + vat.
absl::Status PostIssued(const CreditNote& note, Account& account, const Moment& moment, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::string document,
                   IssueDocument(account, base::v1::DOCUMENT_KIND_CREDIT_NOTE, note.amount().amount_minor(),
                                 note.credit_note_id(), moment, tx));
  return EntryBuilder(account.currency())
      .Debit(Posting::LEDGER_ACCOUNT_MERCHANT_PAYABLE, note.amount().amount_minor())
      .Debit(Posting::LEDGER_ACCOUNT_COMMISSION, note.commission().amount_minor())
      .Debit(Posting::LEDGER_ACCOUNT_VAT, note.vat().amount_minor())
      .Credit(Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY, note.gross().amount_minor())
      .Post(account, document, moment, tx);
}

absl::Status CheckRequested(const CreditNote& note) {
  if (note.state() == CreditNote::STATE_REQUESTED) return absl::OkStatus();
  return Refusal("RFD-05", "the credit note was sent already, which is final");
}

// RFD-05: the document carries what it was asked to carry.
absl::Status CheckDocument(const CreditNote& note, const payments::v1::IssueCreditNoteRequest& document) {
  if (document.order_id() != note.order_id()) {
    return Refusal("RFD-05", "the credit note must carry the order number it was asked for");
  }
  if (document.return_number() != note.return_number()) {
    return Refusal("RFD-05", "the credit note must carry the return number it was asked for");
  }
  if (document.amount().amount_minor() != note.amount().amount_minor() ||
      document.amount().currency() != note.amount().currency()) {
    return Refusal("RFD-05",
                   absl::StrCat("the credit note must be over ",
                                FormatMoney(note.amount().amount_minor(), note.amount().currency())));
  }
  return absl::OkStatus();
}

const Action<CreditNote> kIssueCreditNote{MethodOf<payments::v1::IssueCreditNoteRequest>,
                                          ByRecord<CheckRequested>::Guard};

}  // namespace

absl::Status RequestNoteFor(const RefundGrant& grant, absl::string_view return_number, Account& account,
                            const Moment& moment, Transaction& tx) {
  if (return_number.empty() || grant.recovered().amount_minor() == 0 ||
      grant.state() == RefundGrant::STATE_AWAITING_GOODS) {
    return absl::OkStatus();
  }
  const std::string id = NoteId(grant, tx);
  ASSIGN_OR_RETURN(const std::optional<CreditNote> known, tx.Find<CreditNote>(id));
  if (known.has_value()) {
    if (known->return_number() == return_number) return absl::OkStatus();
    return Refusal("RFD-05", "a credit note under another return number was asked for in this case");
  }
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(grant.policy()));
  RETURN_IF_ERROR(CheckReturnNumber(*policy, return_number));
  CreditNote note = NewNote(grant, return_number, id, *policy, moment, tx);
  tx.Put(note);
  auto& due = *account.mutable_note_due_grant_ids();
  due.erase(std::remove(due.begin(), due.end(), grant.grant_id()), due.end());
  if (!moment.imported) SetTimer(kCreditNoteDue, note.credit_note_id(), ToTime(note.due_time()), tx);
  EmitRequested(note, account, moment, tx);
  return absl::OkStatus();
}

absl::Status RequestMissingNotes(absl::string_view return_number, Account& account, const Moment& moment,
                                 Transaction& tx) {
  const std::vector<std::string> due(account.note_due_grant_ids().begin(),
                                     account.note_due_grant_ids().end());
  for (const std::string& grant_id : due) {
    ASSIGN_OR_RETURN(const RefundGrant grant, tx.Get<RefundGrant>(grant_id));
    RETURN_IF_ERROR(RequestNoteFor(grant, return_number, account, moment, tx));
  }
  return absl::OkStatus();
}

absl::StatusOr<CreditNote> IssueCreditNote(const payments::v1::IssueCreditNoteRequest& request,
                                           Transaction& tx) {
  ASSIGN_OR_RETURN(CreditNote note, Begin(kIssueCreditNote, request.credit_note_id(), tx));
  RETURN_IF_ERROR(CheckDocument(note, request));
  NoteCreditNoteOverdue(note, tx);
  CancelTimer(kCreditNoteDue, note.credit_note_id(), tx);
  ASSIGN_OR_RETURN(Account account, LoadAccount(note.order_id(), tx));
  const Moment moment = Present(tx);
  RETURN_IF_ERROR(PostIssued(note, account, moment, tx));
  note.set_state(CreditNote::STATE_ISSUED);
  note.set_document_number(request.document_number());
  tx.Put(note);
  tx.Put(account);
  events::v1::Event event = EventOf(account, note.case_id(), moment);
  event.mutable_credit_note_issued()->set_credit_note_id(note.credit_note_id());
  event.mutable_credit_note_issued()->set_document_number(note.document_number());
  tx.Emit(std::move(event));
  return Shown(std::move(note), tx);
}

void FillActions(CreditNote& note, const base::v1::Actor& actor, absl::Time now, const PolicyBook& policies) {
  static constexpr const Action<CreditNote>* kActions[] = {&kIssueCreditNote};
  TellActions(kActions, note, actor, now, policies);
}

}  // namespace makegood::rules
