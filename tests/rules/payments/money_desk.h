// A desk with one order on it, as the payments rules see it: what the orders service says of it, its
// events, and short ways to move its money.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rules/payments/credit_note_rules.h"
#include "common/rules/payments/ledger.h"
#include "common/rules/payments/payment_rules.h"
#include "common/rules/payments/refund_rules.h"
#include "common/rules/payments/surcharge_rules.h"
#include "tests/support/rules_support.h"

namespace makegood::testing {

using base::v1::RefundReason;
using orders::v1::Order;
using payments::v1::Account;
using payments::v1::CreditNote;
using payments::v1::Document;
using payments::v1::LedgerEntry;
using payments::v1::Payment;
using payments::v1::Posting;
using payments::v1::Refund;
using payments::v1::RefundGrant;
using payments::v1::Surcharge;
using DocumentKind = base::v1::DocumentKind;

// An order of 100.00, of which 10.00 are delivery fee, unless told otherwise.
struct MoneyOf {
  std::string marketplace = "default";
  std::string currency = "EUR";
  int64_t total_minor = 10'000;
  int64_t delivery_fee_minor = 1'000;
};

// With what `actor` may do with it when MoneyDesk's clock stands at its beginning.
template <typename Record>
Record ShownTo(const base::v1::Actor& actor, Record record) {
  rules::FillActions(record, actor, absl::UnixEpoch(), ShippedPolicies());
  return record;
}

class MoneyDesk {
 public:
  explicit MoneyDesk(const MoneyOf& money = {}, absl::string_view now = "2026-09-01T10:00+02:00")
      : desk(At(now)) {
    const auto policy = ShippedPolicies().Current(money.marketplace);
    EXPECT_THAT(policy, IsOk());
    order.set_order_id("o-1");
    *order.mutable_create_time() = rules::ToTimestamp(desk.now());
    *order.mutable_policy() = rules::RefTo(**policy);
    order.set_merchant_id("m-1");
    order.set_customer_id("c-1001");
    order.set_state(Order::STATE_OPEN);
    order.mutable_total()->set_amount_minor(money.total_minor);
    order.mutable_total()->set_currency(money.currency);
    order.mutable_delivery_fee()->set_amount_minor(money.delivery_fee_minor);
    order.mutable_delivery_fee()->set_currency(money.currency);
  }

  // ---- What the orders service tells.

  events::v1::Event OrderEvent() const {
    events::v1::Event event;
    *event.mutable_time() = rules::ToTimestamp(desk.now());
    *event.mutable_policy() = order.policy();
    event.set_order_id(order.order_id());
    event.set_merchant_id(order.merchant_id());
    event.set_customer_id(order.customer_id());
    return event;
  }

  events::v1::Event Created() const {
    events::v1::Event event = OrderEvent();
    *event.mutable_time() = order.create_time();
    *event.mutable_order_created()->mutable_total() = order.total();
    *event.mutable_order_created()->mutable_delivery_fee() = order.delivery_fee();
    return event;
  }

  // Delivered, with 21 % tax in it and 10 % commission on the net value.
  events::v1::Event Delivered() const {
    events::v1::Event event = OrderEvent();
    events::v1::OrderDelivered& delivered = *event.mutable_order_delivered();
    *delivered.mutable_total() = order.total();
    const int64_t net = order.total().amount_minor() * 100 / 121;
    *delivered.mutable_vat() = Money(order.total().amount_minor() - net);
    *delivered.mutable_commission() = Money(net / 10);
    return event;
  }

  events::v1::Event Cancelled() const {
    events::v1::Event event = OrderEvent();
    event.mutable_order_cancelled()->set_reason(base::v1::CANCEL_REASON_UNAVAILABLE);
    return event;
  }

  absl::Status React(const events::v1::Event& event) {
    if (event.has_order_delivered()) order.set_state(Order::STATE_DELIVERED);
    if (event.has_order_cancelled()) order.set_state(Order::STATE_CANCELLED);
    return desk.As(Service()).Decide(rules::ReactToOrder, event);
  }

  // ---- Commands, by whom they are given as a rule.

  absl::StatusOr<Payment> Pay(int64_t amount_minor, const std::string& reference,
                              const std::string& surcharge_id = "",
                              Payment::Destination destination = Payment::DESTINATION_STORE_ACCOUNT) {
    payments::v1::RecordPaymentRequest request;
    request.set_order_id(order.order_id());
    request.set_surcharge_id(surcharge_id);
    *request.mutable_amount() = Money(amount_minor);
    request.set_reference(reference);
    request.set_destination(destination);
    return desk.As(Operations()).Decide(rules::RecordPayment, request, order);
  }

  // Each for a case of its own (RFD-09).
  absl::StatusOr<RefundGrant> Give(RefundReason reason, int64_t goods_minor, int64_t delivery_fee_minor = 0,
                                   bool await_goods = false) {
    return GiveFor(absl::StrCat("claim-", ++cases_), reason, goods_minor, delivery_fee_minor, await_goods);
  }

  absl::StatusOr<RefundGrant> GiveFor(const std::string& case_id, RefundReason reason, int64_t goods_minor,
                                      int64_t delivery_fee_minor = 0, bool await_goods = false) {
    payments::v1::GrantRefundRequest request;
    request.set_order_id(order.order_id());
    request.set_case_id(case_id);
    request.set_reason(reason);
    request.set_goods_minor(goods_minor);
    request.set_delivery_fee_minor(delivery_fee_minor);
    request.set_await_goods(await_goods);
    return desk.As(Operations()).Decide(rules::GrantRefund, request, order);
  }

  absl::StatusOr<RefundGrant> Release(const std::string& grant_id) {
    payments::v1::ReleaseRefundGrantRequest request;
    request.set_grant_id(grant_id);
    return desk.As(Operations()).Decide(rules::ReleaseRefundGrant, request);
  }

  absl::StatusOr<Refund> Settle(const std::string& refund_id, const std::string& reference = "bank-1") {
    payments::v1::SettleRefundRequest request;
    request.set_refund_id(refund_id);
    request.set_provider_reference(reference);
    return desk.As(Operations()).Decide(rules::SettleRefund, request);
  }

  absl::StatusOr<Refund> Fail(const std::string& refund_id) {
    payments::v1::FailRefundRequest request;
    request.set_refund_id(refund_id);
    request.set_failure(Refund::FAILURE_DECLINED);
    return desk.As(Operations()).Decide(rules::FailRefund, request);
  }

  absl::StatusOr<Refund> Retry(const std::string& refund_id) {
    payments::v1::RetryRefundRequest request;
    request.set_refund_id(refund_id);
    return desk.As(Operations()).Decide(rules::RetryRefund, request);
  }

  absl::StatusOr<CreditNote> AskForCreditNote(const std::string& case_id, const std::string& return_number,
                                              int64_t gross_minor, int64_t vat_minor = 0,
                                              int64_t commission_minor = 0) {
    payments::v1::RequestCreditNoteRequest request;
    request.set_order_id(order.order_id());
    request.set_case_id(case_id);
    request.set_return_number(return_number);
    *request.mutable_gross() = Money(gross_minor);
    *request.mutable_vat() = Money(vat_minor);
    *request.mutable_commission() = Money(commission_minor);
    return desk.As(Operations()).Decide(rules::RequestCreditNote, request, order);
  }

  // The document as it was asked for.
  payments::v1::IssueCreditNoteRequest DocumentFor(const CreditNote& note) const {
    payments::v1::IssueCreditNoteRequest request;
    request.set_credit_note_id(note.credit_note_id());
    request.set_order_id(note.order_id());
    request.set_return_number(note.return_number());
    request.set_document_number("2026-17");
    *request.mutable_amount() = note.amount();
    return request;
  }

  absl::StatusOr<CreditNote> Send(const payments::v1::IssueCreditNoteRequest& request) {
    return desk.As(Manager()).Decide(rules::IssueCreditNote, request);
  }

  absl::StatusOr<Surcharge> Propose(int64_t amount_minor, const base::v1::Actor& actor = Employee(),
                                    base::v1::SurchargeKind kind = base::v1::SURCHARGE_KIND_FARTHER_ADDRESS) {
    payments::v1::ProposeSurchargeRequest request;
    request.set_order_id(order.order_id());
    request.set_kind(kind);
    *request.mutable_amount() = Money(amount_minor);
    return desk.As(actor).Decide(rules::ProposeSurcharge, request, order);
  }

  // Proposed and shown to the customer: the hold stands.
  Surcharge Proposed(int64_t amount_minor, const base::v1::Actor& actor = Employee()) {
    const absl::StatusOr<Surcharge> proposed = Propose(amount_minor, actor);
    EXPECT_THAT(proposed, IsOk());
    if (!proposed.ok()) return Surcharge();
    EXPECT_THAT(Hold(proposed->surcharge_id()), IsOk());
    return *desk.Find<Surcharge>(proposed->surcharge_id());
  }

  // The orders service's answer to the hold asked for.
  absl::Status Hold(const std::string& surcharge_id, bool confirmed = true) {
    return desk.As(Service()).Complete(absl::StrCat(rules::kPlaceHoldTask, ":", surcharge_id),
                                       confirmed ? rules::HoldConfirmed : rules::HoldRefused, surcharge_id);
  }

  absl::StatusOr<Surcharge> Approve(const std::string& surcharge_id,
                                    const base::v1::Actor& actor = Customer()) {
    payments::v1::ApproveSurchargeRequest request;
    request.set_surcharge_id(surcharge_id);
    return desk.As(actor).Decide(rules::ApproveSurcharge, request);
  }

  absl::StatusOr<Surcharge> Decline(const std::string& surcharge_id) {
    payments::v1::DeclineSurchargeRequest request;
    request.set_surcharge_id(surcharge_id);
    return desk.As(Customer()).Decide(rules::DeclineSurcharge, request);
  }

  absl::StatusOr<Surcharge> Issue(const std::string& surcharge_id, const base::v1::Actor& actor = Manager()) {
    payments::v1::IssueSurchargeRequest request;
    request.set_surcharge_id(surcharge_id);
    return desk.As(actor).Decide(rules::IssueSurcharge, request);
  }

  absl::StatusOr<Surcharge> Void(const std::string& surcharge_id) {
    payments::v1::VoidSurchargeRequest request;
    request.set_surcharge_id(surcharge_id);
    return desk.As(Manager()).Decide(rules::VoidSurcharge, request);
  }

  // ---- What there is.

  base::v1::Money Money(int64_t amount_minor) const {
    base::v1::Money money;
    money.set_amount_minor(amount_minor);
    money.set_currency(order.total().currency());
    return money;
  }

  Account account() const { return desk.Find<Account>(order.order_id()).value_or(Account()); }

  // The balance of a ledger account, from the entries.
  int64_t Balance(Posting::LedgerAccount ledger_account) const {
    rules::Balances balances;
    for (const LedgerEntry& entry : desk.All<LedgerEntry>()) balances.Add(entry);
    return balances.Of(ledger_account, order.total().currency());
  }

  std::vector<Document> Documents(DocumentKind kind) const {
    std::vector<Document> found;
    for (const Document& document : desk.All<Document>()) {
      if (document.kind() == kind) found.push_back(document);
    }
    return found;
  }

  Desk desk;
  Order order;

 private:
  int cases_ = 0;
};

}  // namespace makegood::testing
