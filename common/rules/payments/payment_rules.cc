#include "common/rules/payments/payment_rules.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rules/messages.h"
#include "common/rules/payments/grants.h"
#include "common/rules/payments/refund_rules.h"
#include "common/rules/payments/surcharge_rules.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using payments::v1::Account;
using payments::v1::Payment;
using payments::v1::RecordPaymentRequest;

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
  *recorded.mutable_due() = MakeMoney(DueMinor(account), account.currency());
  const bool sold = account.stage() == Account::STAGE_OPEN || account.stage() == Account::STAGE_DELIVERED;
  recorded.set_order_paid(sold && DueMinor(account) == 0);
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

// RFD-02, RFD-09: what comes in once the courier has the goods is what they collected; before it is a
// deposit.
bool IsCollection(const orders::v1::Order& order, const Account& account) {
  return HasEnded(account) || order.state() == orders::v1::Order::STATE_SHIPPED ||
         order.state() == orders::v1::Order::STATE_DELIVERED;
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
  RETURN_IF_ERROR(CheckPaidOn(request, surcharge));
  return std::optional<payments::v1::Surcharge>(std::move(surcharge));
}

}  // namespace

absl::Status CheckPaid(const RecordPaymentRequest& request, const orders::v1::Order& order) {
  return CheckAmount(request.amount(), order.total().currency());
}

absl::Status CheckPaidOn(const RecordPaymentRequest& request, const payments::v1::Surcharge& surcharge) {
  if (surcharge.order_id() == request.order_id()) return absl::OkStatus();
  return InvalidFields({{"surcharge_id", "is of another order"}});
}

std::string ReferenceKey(const RecordPaymentRequest& request) {
  return absl::StrCat("reference/", Payment::Destination_Name(request.destination()), "/",
                      request.reference());
}

absl::StatusOr<payments::v1::PaymentReference> TakeReference(const RecordPaymentRequest& request,
                                                             Transaction& tx) {
  const std::string key = ReferenceKey(request);
  ASSIGN_OR_RETURN(const std::optional<payments::v1::PaymentReference> known,
                   tx.Find<payments::v1::PaymentReference>(key));
  if (known.has_value() && known->order_id() == request.order_id()) return *known;
  if (known.has_value()) return Refusal("PAY-06", "that reference was recorded for another order");
  payments::v1::PaymentReference reference;
  reference.set_reference_key(key);
  reference.set_order_id(request.order_id());
  tx.Put(reference);
  return reference;
}

absl::StatusOr<Payment> RecordPayment(const RecordPaymentRequest& request, const orders::v1::Order& order,
                                      Transaction& tx) {
  RETURN_IF_ERROR(CheckPaid(request, order));
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
    if (!surcharge.has_value() && IsCollection(order, account)) {
      RETURN_IF_ERROR(CashIsKnown(account, Present(tx), tx));
    }
    RETURN_IF_ERROR(PayBackCredit(account, Present(tx), tx));
  }
  tx.Put(payment);
  tx.Put(account);
  return payment;
}

absl::Status TakeInImported(const base::v1::Money& amount, const events::v1::Event& order_created,
                            Account& account, Transaction& tx) {
  constexpr char kReference[] = "imported";
  Payment payment;
  payment.set_payment_id(PaymentId(account.order_id(), Payment::DESTINATION_STORE_ACCOUNT, kReference, tx));
  ASSIGN_OR_RETURN(const std::optional<Payment> known, tx.Find<Payment>(payment.payment_id()));
  if (known.has_value()) return absl::OkStatus();
  *payment.mutable_create_time() = order_created.time();
  payment.set_order_id(account.order_id());
  *payment.mutable_amount() = amount;
  payment.set_reference(kReference);
  payment.set_destination(Payment::DESTINATION_STORE_ACCOUNT);
  payment.set_outcome(Payment::OUTCOME_ACCEPTED);
  RETURN_IF_ERROR(
      TakeIn(payment, account, Moment{ToTime(order_created.time()), order_created.imported()}, tx));
  tx.Put(payment);
  return absl::OkStatus();
}

}  // namespace makegood::rules
