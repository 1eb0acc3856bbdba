#include "common/rules/payments/credit_note_rules.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/money.h"
#include "common/base/status.h"
#include "common/rules/messages.h"
#include "common/rules/payments/credit_note_due.h"
#include "common/rules/payments/refund_rules.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/policy/return_number.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using payments::v1::Account;
using payments::v1::CreditNote;

// What a credit note is asked for, in the account's currency.
struct Wanted {
  enum class Of { kLines, kWholeDelivery };
  std::string case_id;
  std::string return_number;
  int64_t gross_minor = 0;
  int64_t vat_minor = 0;
  int64_t commission_minor = 0;
  Of of = Of::kLines;
};

absl::Status CheckMoney(const payments::v1::RequestCreditNoteRequest& request, absl::string_view currency) {
  std::vector<FieldViolation> violations;
  const auto check_currency = [&](const char* field, const base::v1::Money& money) {
    if (money.currency() != currency) {
      violations.push_back({field, absl::StrCat("is not the order's, ", currency)});
    }
  };
  check_currency("gross.currency", request.gross());
  check_currency("vat.currency", request.vat());
  check_currency("commission.currency", request.commission());
  if (request.gross().amount_minor() <= 0) violations.push_back({"gross.amount_minor", "is 0, want more"});
  if (request.vat().amount_minor() + request.commission().amount_minor() > request.gross().amount_minor()) {
    violations.push_back({"gross.amount_minor", "is less than vat and commission together"});
  }
  return violations.empty() ? absl::OkStatus() : InvalidFields(violations);
}

CreditNote NewNote(const Wanted& wanted, const std::string& id, const Account& account, const Policy& policy,
                   const Moment& moment, const Transaction& tx) {
  CreditNote note;
  note.set_credit_note_id(id);
  *note.mutable_create_time() = ToTimestamp(moment.time);
  *note.mutable_policy() = account.policy();
  note.set_order_id(account.order_id());
  note.set_merchant_id(account.merchant_id());
  note.set_customer_id(account.customer_id());
  note.set_case_id(wanted.case_id);
  note.set_return_number(wanted.return_number);
  note.set_state(CreditNote::STATE_REQUESTED);
  *note.mutable_gross() = MakeMoney(wanted.gross_minor, account.currency());
  *note.mutable_vat() = MakeMoney(wanted.vat_minor, account.currency());
  *note.mutable_commission() = MakeMoney(wanted.commission_minor, account.currency());
  *note.mutable_amount() =
      MakeMoney(wanted.gross_minor - wanted.vat_minor - wanted.commission_minor, account.currency());
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

// RFD-05 (D): together an order's credit notes are never over more than its lines; only a correction, which
// settles back the whole delivery, is over the delivery fee as well.
absl::Status CheckRest(const Wanted& wanted, const Account& account) {
  const int64_t most =
      account.total_minor() - (wanted.of == Wanted::Of::kLines ? account.delivery_fee_minor() : 0);
  if (wanted.gross_minor <= most - account.credit_requested_minor()) return absl::OkStatus();
  return Refusal("RFD-05", absl::StrCat("the order's credit notes would exceed the ",
                                        FormatMoney(most, account.currency()), " it was delivered for"));
}

absl::StatusOr<CreditNote> Request(const Wanted& wanted, Account& account, const Moment& moment,
                                   Transaction& tx) {
  const std::string id = MakeId("note", tx.part(), absl::StrCat(account.order_id(), "/", wanted.case_id));
  ASSIGN_OR_RETURN(const std::optional<CreditNote> known, tx.Find<CreditNote>(id));
  if (known.has_value()) {
    if (known->return_number() == wanted.return_number) return *known;
    return Refusal("RFD-05", "a credit note under another return number was asked for in this case");
  }
  if (!account.delivered()) return Refusal("RFD-05", "a credit note settles a delivered order");
  ASSIGN_OR_RETURN(const Policy* const policy, tx.policies().At(account.policy()));
  RETURN_IF_ERROR(CheckReturnNumber(*policy, wanted.return_number));
  RETURN_IF_ERROR(CheckRest(wanted, account));
  CreditNote note = NewNote(wanted, id, account, *policy, moment, tx);
  account.set_credit_requested_minor(account.credit_requested_minor() + wanted.gross_minor);
  tx.Put(note);
  tx.Put(account);
  if (!moment.imported) SetCreditNoteTimer(note, tx);
  EmitRequested(note, account, moment, tx);
  return note;
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

absl::StatusOr<CreditNote> RequestCreditNote(const payments::v1::RequestCreditNoteRequest& request,
                                             const orders::v1::Order& order, Transaction& tx) {
  RETURN_IF_ERROR(CheckMoney(request, order.total().currency()));
  ASSIGN_OR_RETURN(Account account, ArrivedAccountOf(order, tx));
  RETURN_IF_ERROR(CheckReached(kRequestCreditNote, AskedNow(account, tx)));
  const Wanted wanted{request.case_id(),
                      request.return_number(),
                      request.gross().amount_minor(),
                      request.vat().amount_minor(),
                      request.commission().amount_minor(),
                      Wanted::Of::kLines};
  ASSIGN_OR_RETURN(CreditNote note, Request(wanted, account, Present(tx), tx));
  return Shown(std::move(note), tx);
}

absl::Status RequestCorrectionNote(const events::v1::Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(Account account, tx.Get<Account>(event.order_id()));
  const events::v1::CorrectionNumbered& correction = event.correction_numbered();
  const Wanted wanted{event.case_id(),
                      correction.return_number(),
                      correction.gross().amount_minor(),
                      correction.vat().amount_minor(),
                      correction.commission().amount_minor(),
                      Wanted::Of::kWholeDelivery};
  return Request(wanted, account, Moment{ToTime(event.time()), event.imported()}, tx).status();
}

absl::StatusOr<CreditNote> IssueCreditNote(const payments::v1::IssueCreditNoteRequest& request,
                                           Transaction& tx) {
  ASSIGN_OR_RETURN(CreditNote note, Begin(kIssueCreditNote, request.credit_note_id(), tx));
  RETURN_IF_ERROR(CheckDocument(note, request));
  NoteCreditNoteOverdue(note, tx);
  CancelCreditNoteTimer(note, tx);
  ASSIGN_OR_RETURN(Account account, tx.Get<Account>(note.order_id()));
  const Moment moment = Present(tx);
  ASSIGN_OR_RETURN(const std::string document,
                   IssueDocument(account, base::v1::DOCUMENT_KIND_CREDIT_NOTE, note.amount().amount_minor(),
                                 note.credit_note_id(), moment, tx));
  EntryBuilder entry(account.currency());
  SettleDown(account, note, entry);
  RETURN_IF_ERROR(entry.Post(account, document, moment, tx));
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
