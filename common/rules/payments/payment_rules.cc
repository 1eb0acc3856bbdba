#include "common/rules/payments/payment_rules.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rules/payments/credit_note_rules.h"
#include "common/rules/payments/refund_rules.h"
#include "common/rules/payments/surcharge_rules.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using payments::v1::Account;
using payments::v1::Payment;
using payments::v1::RecordPaymentRequest;

constexpr char kImportedReference[] = "imported";

// One reference to one destination is one payment of an order (PAY-06).
std::string PaymentId(absl::string_view order_id, Payment::Destination destination,
                      absl::string_view reference, const Transaction& tx) {
  return MakeId("payment", tx.part(),
                absl::StrCat(order_id, "/", Payment::Destination_Name(destination), "/", reference));
}

absl::Status CheckAmount(const base::v1::Money& amount, absl::string_view currency) {
  std::vector<FieldViolation> violations;
  if (amount.amount_minor() <= 0) violations.push_back({"amount.amount_minor", "is 0, want more"});
  if (amount.currency() != currency) {
    violations.push_back({"amount.currency", absl::StrCat("is not the order's, ", currency)});
  }
  return violations.empty() ? absl::OkStatus() : InvalidFields(violations);
}

// PAY-06: the same reference again is the same payment, not another over something else.
absl::Status CheckSamePayment(const Payment& payment, const RecordPaymentRequest& request) {
  if (payment.surcharge_id() == request.surcharge_id() &&
      payment.amount().amount_minor() == request.amount().amount_minor()) {
    return absl::OkStatus();
  }
  return Refusal("PAY-06", "that reference was recorded over another amount or for something else");
}

Payment NewPayment(const RecordPaymentRequest& request, const std::string& payment_id) {
  Payment payment;
  payment.set_payment_id(payment_id);
  payment.set_order_id(request.order_id());
  payment.set_surcharge_id(request.surcharge_id());
  *payment.mutable_amount() = request.amount();
  payment.set_reference(request.reference());
  payment.set_destination(request.destination());
  const bool accepted = request.destination() == Payment::DESTINATION_STORE_ACCOUNT;
  payment.set_outcome(accepted ? Payment::OUTCOME_ACCEPTED : Payment::OUTCOME_REFUSED);
  if (!accepted) payment.set_rule_id("PAY-05");
  return payment;
}

void EmitRecorded(const Payment& payment, const Account& account, const Moment& moment, Transaction& tx) {
  events::v1::Event event = EventOf(account, payment.surcharge_id(), moment);
  events::v1::PaymentRecorded& recorded = *event.mutable_payment_recorded();
  recorded.set_payment_id(payment.payment_id());
  *recorded.mutable_amount() = payment.amount();
  recorded.set_accepted(payment.outcome() == Payment::OUTCOME_ACCEPTED);
  recorded.mutable_captured()->set_amount_minor(account.captured_minor());
  recorded.mutable_captured()->set_currency(account.currency());
  recorded.set_order_paid(DueMinor(account) == 0);
  recorded.set_for_surcharge(!payment.surcharge_id().empty());
  tx.Emit(std::move(event));
}

// PAY-05: it counts as no payment, and somebody must look into it.
void RaiseIncident(const Payment& payment, const Account& account, Transaction& tx) {
  events::v1::Event event = EventOf(account, payment.surcharge_id(), Present(tx));
  event.mutable_compliance_incident_raised()->set_payment_id(payment.payment_id());
  *event.mutable_compliance_incident_raised()->mutable_amount() = payment.amount();
  tx.Emit(std::move(event));
}

absl::StatusOr<std::string> IssueReceipt(const Payment& payment, const Account& account, const Moment& moment,
                                         Transaction& tx) {
  return IssueDocument(account, base::v1::DOCUMENT_KIND_PAYMENT_RECEIPT, payment.amount().amount_minor(),
                       payment.payment_id(), moment, tx);
}

absl::Status TakeIn(const Payment& payment, Account& account, const Moment& moment, Transaction& tx) {
  ASSIGN_OR_RETURN(const std::string receipt, IssueReceipt(payment, account, moment, tx));
  EntryBuilder entry(account.currency());
  TakeInForOrder(account, payment.amount().amount_minor(), entry);
  RETURN_IF_ERROR(entry.Post(account, receipt, moment, tx));
  EmitRecorded(payment, account, moment, tx);
  return absl::OkStatus();
}

absl::Status TakeInOnSurcharge(const Payment& payment, payments::v1::Surcharge surcharge, Account& account,
                               Transaction& tx) {
  const Moment moment = Present(tx);
  ASSIGN_OR_RETURN(const std::string receipt, IssueReceipt(payment, account, moment, tx));
  EmitRecorded(payment, account, moment, tx);
  return PaySurcharge(surcharge, payment.amount().amount_minor(), receipt, account, tx);
}

absl::StatusOr<std::optional<payments::v1::Surcharge>> SurchargeOf(const RecordPaymentRequest& request,
                                                                   Transaction& tx) {
  if (request.surcharge_id().empty()) return std::optional<payments::v1::Surcharge>();
  ASSIGN_OR_RETURN(payments::v1::Surcharge surcharge,
                   tx.Get<payments::v1::Surcharge>(request.surcharge_id()));
  if (surcharge.order_id() != request.order_id()) {
    return InvalidFields({{"surcharge_id", "is of another order"}});
  }
  return std::optional<payments::v1::Surcharge>(std::move(surcharge));
}

// ---- Reactions.

absl::Status OpenAccount(const events::v1::Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<Account> found, tx.Find<Account>(event.order_id()));
  Account account = found.has_value() ? *std::move(found) : NewAccount(event);
  const Moment moment{ToTime(event.time()), event.imported()};
  if (event.order_created().imported_payment().amount_minor() > 0) {
    Payment payment;
    payment.set_payment_id(
        PaymentId(event.order_id(), Payment::DESTINATION_STORE_ACCOUNT, kImportedReference, tx));
    ASSIGN_OR_RETURN(const std::optional<Payment> known, tx.Find<Payment>(payment.payment_id()));
    if (known.has_value()) return absl::OkStatus();
    *payment.mutable_create_time() = event.time();
    payment.set_order_id(event.order_id());
    *payment.mutable_amount() = event.order_created().imported_payment();
    payment.set_reference(kImportedReference);
    payment.set_destination(Payment::DESTINATION_STORE_ACCOUNT);
    payment.set_outcome(Payment::OUTCOME_ACCEPTED);
    RETURN_IF_ERROR(TakeIn(payment, account, moment, tx));
    tx.Put(payment);
  } else if (account.version() > 0) {
    return absl::OkStatus();
  }
  tx.Put(account);
  return absl::OkStatus();
}

absl::Status InvoiceDelivery(const events::v1::Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(Account account, tx.Get<Account>(event.order_id()));
  if (account.delivered()) return absl::OkStatus();  // ORD-04: once, however often it is repeated
  const Moment moment{ToTime(event.time()), event.imported()};
  EntryBuilder entry(account.currency());
  ASSIGN_OR_RETURN(const int64_t merchants_share, Deliver(account, event.order_delivered(), entry));
  ASSIGN_OR_RETURN(const std::string invoice, IssueDocument(account, base::v1::DOCUMENT_KIND_SALES_INVOICE,
                                                            account.invoiced_minor(), "", moment, tx));
  RETURN_IF_ERROR(
      IssueDocument(account, base::v1::DOCUMENT_KIND_SETTLEMENT_CLAIM, merchants_share, "", moment, tx)
          .status());
  RETURN_IF_ERROR(entry.Post(account, invoice, moment, tx));
  tx.Put(account);
  return absl::OkStatus();
}

absl::Status CallOff(const events::v1::Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(Account account, tx.Get<Account>(event.order_id()));
  if (account.cancelled()) return absl::OkStatus();
  const Moment moment{ToTime(event.time()), event.imported()};
  account.set_cancelled(true);
  RETURN_IF_ERROR(VoidOpenSurcharges(account, moment, tx));
  RETURN_IF_ERROR(GiveBackEverything(account, moment, tx));
  tx.Put(account);
  return absl::OkStatus();
}

absl::Status TakeEffect(const events::v1::Event& event, Transaction& tx) {
  switch (event.payload_case()) {
    case events::v1::Event::kOrderCreated:
      return OpenAccount(event, tx);
    case events::v1::Event::kOrderDelivered:
      return InvoiceDelivery(event, tx);
    case events::v1::Event::kOrderCancelled:
      return CallOff(event, tx);
    case events::v1::Event::kCorrectionNumbered:
      return RequestCorrectionNote(event, tx);
    default:
      return absl::OkStatus();
  }
}

// SYS-13: all that led to that version of the order has arrived.
absl::Status NoteOrderVersion(const events::v1::Event& event, Transaction& tx) {
  if (event.order_version() == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::optional<Account> account, tx.Find<Account>(event.order_id()));
  if (!account.has_value() || account->order_version() >= event.order_version()) return absl::OkStatus();
  account->set_order_version(event.order_version());
  tx.Put(*account);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Payment> RecordPayment(const RecordPaymentRequest& request, const orders::v1::Order& order,
                                      Transaction& tx) {
  RETURN_IF_ERROR(CheckAmount(request.amount(), order.total().currency()));
  ASSIGN_OR_RETURN(Account account, AccountOf(order, tx));
  RETURN_IF_ERROR(CheckReached(kRecordPayment, AskedNow(account, tx)));
  const std::string payment_id =
      PaymentId(request.order_id(), request.destination(), request.reference(), tx);
  ASSIGN_OR_RETURN(const std::optional<Payment> known, tx.Find<Payment>(payment_id));
  if (known.has_value()) {
    RETURN_IF_ERROR(CheckSamePayment(*known, request));
    return *known;
  }
  ASSIGN_OR_RETURN(const std::optional<payments::v1::Surcharge> surcharge, SurchargeOf(request, tx));
  Payment payment = NewPayment(request, payment_id);
  if (payment.outcome() == Payment::OUTCOME_REFUSED) {
    EmitRecorded(payment, account, Present(tx), tx);
    RaiseIncident(payment, account, tx);
  } else {
    RETURN_IF_ERROR(surcharge.has_value() ? TakeInOnSurcharge(payment, *surcharge, account, tx)
                                          : TakeIn(payment, account, Present(tx), tx));
    if (account.cancelled()) RETURN_IF_ERROR(GiveBackEverything(account, Present(tx), tx));
  }
  tx.Put(payment);
  tx.Put(account);
  return payment;
}

absl::Status ReactToOrder(const events::v1::Event& event, Transaction& tx) {
  RETURN_IF_ERROR(TakeEffect(event, tx));
  return NoteOrderVersion(event, tx);
}

}  // namespace makegood::rules
