// A desk with one order on it, as the payments rules see it: what the orders service says of it, its
// events, what the claims service says of its cases, and short ways to move its money.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/enum_word.h"
#include "common/rules/payments/case_facts.h"
#include "common/rules/payments/credit_note_rules.h"
#include "common/rules/payments/ledger.h"
#include "common/rules/payments/order_reactions.h"
#include "common/rules/payments/payment_rules.h"
#include "common/rules/payments/refund_rules.h"
#include "common/rules/payments/surcharge_rules.h"
#include "tests/support/rules_support.h"

namespace makegood::testing {

using base::v1::RefundReason;
using events::v1::Event;
using orders::v1::Order;
using payments::v1::Account;
using payments::v1::CreditNote;
using payments::v1::Document;
using payments::v1::LedgerEntry;
using payments::v1::Payment;
using payments::v1::Posting;
using payments::v1::Refund;
using payments::v1::RefundGrant;
using payments::v1::SoldItem;
using payments::v1::Surcharge;
using DocumentKind = base::v1::DocumentKind;
using rules::CaseFacts;
using rules::Piece;

struct LineOf {
  std::string id;
  int quantity;
  int64_t unit_price_minor;
  int vat_basis_points = 2'100;
};

// An order of 100, of which 10 are delivery fee, unless told otherwise. At delivery its line of 90 is 74 net,
// 16 tax and 7 commission.
struct MoneyOf {
  std::string marketplace = "flowwow";
  std::string currency = "EUR";
  std::vector<LineOf> lines = {{"l-1", 9, 10}};
  int64_t delivery_fee_minor = 10;
  base::v1::PaymentMethod method = base::v1::PAYMENT_METHOD_PREPAID;
  const rules::PolicyBook* policies = &ShippedPolicies();
};

// The same, to be paid to the courier.
inline MoneyOf CashOf(MoneyOf money = {}) {
  money.method = base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY;
  return money;
}

// What the ledger comes to, debits positive, by the account's word; what is 0 is left out.
using Books = std::map<std::string, int64_t>;

// Units of lines.
using Units = std::vector<std::pair<std::string, int>>;

inline std::vector<Piece> PiecesOf(const Units& units) {
  std::vector<Piece> pieces;
  for (const auto& [line_id, count] : units) pieces.push_back({SoldItem::KIND_LINE, line_id, count});
  return pieces;
}

// A claim that has come to its refund.
inline CaseFacts AClaim(const std::string& case_id, const Units& units, const std::string& number = "") {
  CaseFacts facts;
  facts.case_id = case_id;
  facts.order_id = "o-1";
  facts.reason = base::v1::REFUND_REASON_CLAIM;
  facts.asks = true;
  facts.granted = PiecesOf(units);
  facts.ready = facts.granted;
  facts.return_number = number;
  return facts;
}

// A withdrawal of which nothing has come back yet; `whole`: with it all of the order is withdrawn.
inline CaseFacts AWithdrawal(const std::string& case_id, const Units& units, bool whole = false) {
  CaseFacts facts = AClaim(case_id, units);
  facts.reason = base::v1::REFUND_REASON_WITHDRAWAL;
  facts.ready.clear();
  facts.whole_order = whole;
  return facts;
}

// The same, all of it back, and so of the order if it is of the whole order.
inline CaseFacts InFull(CaseFacts facts) {
  facts.ready = facts.granted;
  facts.whole_order_ready = facts.whole_order;
  return facts;
}

// With what `actor` may do with it when MoneyDesk's clock stands at its beginning.
template <typename Record>
Record ShownTo(const base::v1::Actor& actor, Record record) {
  rules::FillActions(record, actor, absl::UnixEpoch(), ShippedPolicies());
  return record;
}

// The shipped policies, and of one of them a newer version.
inline rules::PolicyBook PoliciesWith(const std::string& marketplace, void (*change)(rules::Policy&)) {
  absl::StatusOr<rules::PolicyBook> book = rules::PolicyBook::Shipped();
  EXPECT_THAT(book, IsOk());
  rules::Policy policy = **book->Current(marketplace);
  policy.set_version(policy.version() + 1);
  change(policy);
  EXPECT_THAT(book->AddPolicy(policy), IsOk());
  return *std::move(book);
}

class MoneyDesk {
 public:
  explicit MoneyDesk(const MoneyOf& money = {}, absl::string_view now = "2026-09-01T10:00+02:00")
      : desk(At(now), *money.policies) {
    const auto policy = money.policies->Current(money.marketplace);
    EXPECT_THAT(policy, IsOk());
    order.set_order_id("o-1");
    *order.mutable_create_time() = rules::ToTimestamp(desk.now());
    *order.mutable_policy() = rules::RefTo(**policy);
    order.set_merchant_id("m-1");
    order.set_customer_id("c-1001");
    order.set_state(Order::STATE_OPEN);
    order.set_payment_method(money.method);
    int64_t total = money.delivery_fee_minor;
    for (const LineOf& of : money.lines) {
      orders::v1::OrderLine& line = *order.add_lines();
      line.set_line_id(of.id);
      line.set_quantity(of.quantity);
      line.set_unit_price_minor(of.unit_price_minor);
      line.set_vat_basis_points(of.vat_basis_points);
      total += of.unit_price_minor * of.quantity;
    }
    order.mutable_total()->set_currency(money.currency);
    *order.mutable_total() = Money(total);
    *order.mutable_delivery_fee() = Money(money.delivery_fee_minor);
  }

  // ---- What the orders service tells. Each event is the order's next version (SYS-13).

  Event OrderEvent() {
    order.set_version(order.version() + 1);
    Event event;
    *event.mutable_time() = rules::ToTimestamp(desk.now());
    *event.mutable_policy() = order.policy();
    event.set_order_id(order.order_id());
    event.set_merchant_id(order.merchant_id());
    event.set_customer_id(order.customer_id());
    event.set_order_version(order.version());
    event.set_event_id(absl::StrCat("evt-", ++order_events_));
    return event;
  }

  Event Created() {
    Event event = OrderEvent();
    *event.mutable_time() = order.create_time();
    events::v1::OrderCreated& created = *event.mutable_order_created();
    created.set_payment_method(order.payment_method());
    *created.mutable_total() = order.total();
    *created.mutable_delivery_fee() = order.delivery_fee();
    for (const orders::v1::OrderLine& line : order.lines()) {
      events::v1::OrderedLine& told = *created.add_lines();
      told.set_line_id(line.line_id());
      told.set_quantity(line.quantity());
      *told.mutable_unit_price() = Money(line.unit_price_minor());
      told.set_vat_basis_points(line.vat_basis_points());
    }
    return event;
  }

  Event Added(const std::string& line_id, int quantity, int64_t unit_price_minor) {
    Event event = OrderEvent();
    events::v1::OrderedLine& line = *event.mutable_order_line_added()->mutable_line();
    line.set_line_id(line_id);
    line.set_quantity(quantity);
    *line.mutable_unit_price() = Money(unit_price_minor);
    return event;
  }

  Event TakenOff(const Units& units) {
    Event event = OrderEvent();
    events::v1::UnitsTakenOff& off = *event.mutable_units_taken_off();
    off.set_reason(base::v1::REFUND_REASON_CUSTOMER_REQUEST);
    for (const auto& [line_id, count] : units) {
      events::v1::TakenOffUnits& told = *off.add_units();
      told.set_line_id(line_id);
      told.set_quantity(count);
    }
    return event;
  }

  // For the first time, or by a courier again.
  Event Shipped() {
    Event event = OrderEvent();
    event.mutable_order_shipped();
    return event;
  }
  Event Dispatched() {
    Event event = OrderEvent();
    event.mutable_courier_dispatched();
    return event;
  }

  Event Delivered() {
    Event event = OrderEvent();
    *event.mutable_order_delivered()->mutable_total() = order.total();
    return event;
  }

  Event Returned() {
    Event event = OrderEvent();
    event.mutable_order_returned();
    return event;
  }

  Event Cancelled() {
    Event event = OrderEvent();
    event.mutable_order_cancelled()->set_reason(base::v1::CANCEL_REASON_UNAVAILABLE);
    return event;
  }

  Event Corrected(const std::string& return_number = "4799999999") {
    Event event = OrderEvent();
    event.set_case_id("correction-1");
    event.mutable_correction_numbered()->set_return_number(return_number);
    return event;
  }

  absl::Status React(const Event& event) {
    left_ = left_ || event.has_order_shipped();
    // What is delivered or comes back has left before, whether or not the test has told that.
    if (!left_ && (event.has_order_delivered() || event.has_order_returned())) {
      Event shipped = event;
      shipped.set_event_id(absl::StrCat("left-before-", event.event_id()));
      shipped.mutable_order_shipped();
      shipped.clear_order_version();
      RETURN_IF_ERROR(React(shipped));
    }
    if (event.has_order_delivered()) order.set_state(Order::STATE_DELIVERED);
    if (event.has_order_returned()) order.set_state(Order::STATE_RETURNED);
    if (event.has_order_cancelled()) order.set_state(Order::STATE_CANCELLED);
    return desk.As(Service()).Hear(rules::ReactToOrder, event);
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

  // By hand: for a surcharge its id, for goodwill how much.
  payments::v1::GrantRefundRequest ByHand(RefundReason reason, const std::string& surcharge_id = "",
                                          int64_t goodwill_minor = 0) const {
    payments::v1::GrantRefundRequest request;
    request.set_order_id(order.order_id());
    request.set_reason(reason);
    request.set_surcharge_id(surcharge_id);
    if (reason == base::v1::REFUND_REASON_GOODWILL) *request.mutable_goodwill() = Money(goodwill_minor);
    return request;
  }

  absl::StatusOr<RefundGrant> Give(RefundReason reason, const std::string& surcharge_id = "",
                                   int64_t goodwill_minor = 0) {
    return desk.As(Operations())
        .Decide(rules::GrantRefund, ByHand(reason, surcharge_id, goodwill_minor),
                rules::RefundFacts{order, {}});
  }

  absl::StatusOr<RefundGrant> GiveFee() { return Give(base::v1::REFUND_REASON_DELIVERY_FEE); }
  absl::StatusOr<RefundGrant> GiveFreely(int64_t amount_minor) {
    return Give(base::v1::REFUND_REASON_GOODWILL, "", amount_minor);
  }

  // A case asks: the claims service calls, and payments has read of it what `facts` say.
  absl::StatusOr<RefundGrant> Follow(const CaseFacts& facts) { return Follow(facts, facts.reason); }
  absl::StatusOr<RefundGrant> Follow(CaseFacts facts, RefundReason reason) {
    if (facts.approve_time == absl::UnixEpoch()) facts.approve_time = desk.now();
    payments::v1::GrantRefundRequest request;
    request.set_order_id(order.order_id());
    request.set_reason(reason);
    request.set_case_id(facts.case_id);
    return desk.As(Service()).Decide(rules::GrantRefund, request, rules::RefundFacts{order, facts});
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

  // Every refund that is open.
  void SettleAll() {
    for (const Refund& refund : desk.All<Refund>()) EXPECT_THAT(Settle(refund.refund_id()), IsOk());
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

  // Every credit note that was asked for and not sent.
  void SendAll() {
    for (const CreditNote& note : desk.All<CreditNote>()) {
      if (note.state() == CreditNote::STATE_ISSUED) continue;
      EXPECT_THAT(Send(DocumentFor(note)), IsOk());
    }
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
  Surcharge Proposed(int64_t amount_minor, const base::v1::Actor& actor = Employee(),
                     base::v1::SurchargeKind kind = base::v1::SURCHARGE_KIND_FARTHER_ADDRESS) {
    const absl::StatusOr<Surcharge> proposed = Propose(amount_minor, actor, kind);
    EXPECT_THAT(proposed, IsOk());
    if (!proposed.ok()) return Surcharge();
    EXPECT_THAT(Hold(proposed->surcharge_id()), IsOk());
    return *desk.Find<Surcharge>(proposed->surcharge_id());
  }

  // The same, and paid. Returns its id.
  std::string PaidSurcharge(int64_t amount_minor,
                            base::v1::SurchargeKind kind = base::v1::SURCHARGE_KIND_FARTHER_ADDRESS) {
    const std::string id = Proposed(amount_minor, Employee(), kind).surcharge_id();
    EXPECT_THAT(Pay(amount_minor, absl::StrCat("for-", id), id), IsOk());
    return id;
  }

  // The orders service's answer to the hold asked for.
  absl::Status Hold(const std::string& surcharge_id, bool confirmed = true) {
    const std::string task = absl::StrCat(rules::kPlaceHoldTask, ":", surcharge_id);
    if (confirmed) return desk.As(Service()).Complete(task, rules::HoldConfirmed, surcharge_id);
    return desk.As(Service()).Complete(task, rules::HoldRefused, surcharge_id,
                                       Refusal("ORD-12", "the order has 50 holds"));
  }

  absl::StatusOr<Surcharge> Approve(const std::string& surcharge_id,
                                    const base::v1::Actor& actor = Customer(),
                                    const std::string& customer_word = "") {
    payments::v1::ApproveSurchargeRequest request;
    request.set_surcharge_id(surcharge_id);
    request.set_customer_word(customer_word);
    return desk.As(actor).Decide(rules::ApproveSurcharge, request);
  }

  absl::StatusOr<Surcharge> Decline(const std::string& surcharge_id,
                                    const base::v1::Actor& actor = Customer(),
                                    const std::string& customer_word = "") {
    payments::v1::DeclineSurchargeRequest request;
    request.set_surcharge_id(surcharge_id);
    request.set_customer_word(customer_word);
    return desk.As(actor).Decide(rules::DeclineSurcharge, request);
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

  int64_t Due() const { return rules::DueMinor(account()); }

  // From the entries; the account says the same (PAY-11).
  Books books() const {
    rules::Balances sums;
    for (const LedgerEntry& entry : desk.All<LedgerEntry>()) sums.Add(entry);
    google::protobuf::RepeatedPtrField<Posting> postings;
    sums.AppendTo(postings);
    const auto as_books = [](const google::protobuf::RepeatedPtrField<Posting>& balances) {
      Books books;
      for (const Posting& balance : balances) {
        books[std::string(EnumWord(balance.account()))] = balance.amount_minor();
      }
      return books;
    };
    EXPECT_EQ(as_books(account().balances()), as_books(postings));
    return as_books(postings);
  }

  // What is left of what must come to nothing (PAY-10).
  Books Hanging() const {
    Books left;
    for (const char* const of :
         {"CUSTOMER_PREPAYMENT", "CUSTOMER_RECEIVABLE", "CUSTOMER_CREDIT", "SURCHARGE_PREPAYMENT",
          "REFUNDS_GRANTED", "REFUNDS_PAYABLE", "MERCHANT_RECOVERY"}) {
      const Books all = books();
      if (const auto found = all.find(of); found != all.end()) left.insert(*found);
    }
    return left;
  }

  RefundGrant Stored(const RefundGrant& grant) const {
    return desk.Find<RefundGrant>(grant.grant_id()).value_or(RefundGrant());
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
  bool left_ = false;
  int order_events_ = 0;
};

}  // namespace makegood::testing
