// How people act in a world: each command on a record, which must agree with what the record said of it.
#pragma once

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/rules/claims/claim_guards.h"
#include "common/rules/deliveries/delivery_actions.h"
#include "common/rules/deliveries/delivery_rules.h"
#include "common/rules/orders/order_actions.h"
#include "common/rules/orders/order_intake.h"
#include "common/rules/payments/credit_note_rules.h"
#include "common/rules/payments/payment_rules.h"
#include "common/rules/payments/refund_rules.h"
#include "common/rules/payments/surcharge_rules.h"
#include "tests/rules/together/together_world.h"
#include "tests/support/claims_support.h"
#include "tests/support/orders_support.h"

namespace makegood::testing {

using orders::v1::Order;

// Whether what a command is given besides its record can be a reason to refuse it.
enum class Input { kNone, kMatters };

class TogetherHands {
 public:
  explicit TogetherHands(TogetherWorld& world) : world_(world) {}

  // ORD-09: what the record says of the action is what the command says.
  template <typename Record, typename Decide, typename Request>
  absl::Status Do(Record record, absl::string_view action, const Decide& decide, const base::v1::Actor& actor,
                  Request request, Input input = Input::kNone) {
    const base::v1::AvailableAction told = Told(record, action, actor);
    Name(record, request);
    const absl::Status status =
        DeskOf(record).As(actor).Decide(decide, SentBy(actor, std::move(request))).status();
    Agree(told, status, input);
    return status;
  }

  // The same for what is told of the parcel. What is told too late is accepted and changes nothing (ORD-11),
  // as what was told before.
  template <typename Decide, typename Request>
  absl::Status OnTheWay(absl::string_view action, const Decide& decide, const base::v1::Actor& actor,
                        Request request, Input input = Input::kNone) {
    rules::Shipment shipment{world_.order(),
                             world_.orders.Find<rules::Delivery>("o-1").value_or(rules::Delivery())};
    const int64_t versions = shipment.order.version() + shipment.delivery.version();
    rules::CatchUp(shipment.order, shipment.delivery);
    rules::FillActions(shipment, actor, world_.now(), world_.policies);
    const auto& actions = shipment.delivery.available_actions();
    const auto told =
        std::find_if(actions.begin(), actions.end(), [&](const auto& one) { return one.action() == action; });
    RC_ASSERT(told != actions.end());
    request.set_order_id("o-1");
    const absl::Status status =
        world_.orders.As(actor).Decide(decide, SentBy(actor, std::move(request))).status();
    if (told->allowed() || !status.ok()) {
      Agree(*told, status, input);
      return status;
    }
    const auto delivery = world_.orders.Find<rules::Delivery>("o-1");
    RC_ASSERT(versions == world_.order().version() + (delivery.has_value() ? delivery->version() : 0));
    return status;
  }

  // The same for what begins with the order, as it was read before the decision.
  template <typename Decide, typename Request>
  absl::Status Begin(const Order& read, absl::string_view action, const Decide& decide,
                     const base::v1::Actor& actor, Request request) {
    const base::v1::AvailableAction told = Told(read, action, actor);
    request.set_order_id(read.order_id());
    const absl::Status status =
        world_.claims.As(actor).Decide(decide, SentBy(actor, std::move(request)), read).status();
    Agree(told, status, Input::kMatters);
    return status;
  }

  absl::Status Pay(const Order& read, int64_t amount_minor, const std::string& reference,
                   const std::string& surcharge_id = "",
                   Payment::Destination destination = Payment::DESTINATION_STORE_ACCOUNT) {
    payments::v1::RecordPaymentRequest request;
    request.set_order_id(read.order_id());
    request.set_surcharge_id(surcharge_id);
    *request.mutable_amount() = Money(amount_minor);
    request.set_reference(reference);
    request.set_destination(destination);
    const absl::Status status =
        world_.payments.As(Operations()).Decide(rules::RecordPayment, request, read).status();
    Saw(status);
    return status;
  }

  // Evidence is a file, not a request.
  absl::Status AddEvidence(const Claim& claim, const std::string& seed, const base::v1::Actor& actor) {
    const base::v1::AvailableAction told = Told(claim, "UploadEvidence", actor);
    const absl::Status status =
        world_.claims.As(actor).Decide(rules::AddEvidence, claim.claim_id(), Picture(seed)).status();
    Agree(told, status, Input::kMatters);
    return status;
  }

  // SYS-07: every refusal names its rule, and nothing else goes wrong; SYS-13: what has not arrived is waited
  // for.
  void Saw(const absl::Status& status) const {
    if (status.ok()) return;
    const bool waits = absl::IsUnavailable(status) && world_.MoneyIsBehind();
    const bool refused = absl::IsFailedPrecondition(status) || absl::IsPermissionDenied(status);
    if (!waits && !refused) RC_LOG() << status.ToString() << "\n";
    RC_ASSERT(waits || refused);
    RC_ASSERT(!RuleOf(status).empty());
  }

  base::v1::Money Money(int64_t amount_minor) const {
    base::v1::Money money;
    money.set_amount_minor(amount_minor);
    money.set_currency(world_.order().total().currency());
    return money;
  }

  // A number that every marketplace takes, each time another.
  std::string NewReturnNumber() { return absl::StrCat("47", absl::Dec(++numbers_, absl::kZeroPad8)); }

  payments::v1::IssueCreditNoteRequest DocumentFor(const CreditNote& note) const {
    payments::v1::IssueCreditNoteRequest request;
    request.set_order_id(note.order_id());
    request.set_return_number(note.return_number());
    request.set_document_number("2026-17");
    *request.mutable_amount() = note.amount();
    return request;
  }

 private:
  template <typename Record>
  base::v1::AvailableAction Told(Record record, absl::string_view action,
                                 const base::v1::Actor& actor) const {
    (void)rules::FillActions(record, actor, world_.now(), world_.policies);
    const auto told = std::find_if(record.available_actions().begin(), record.available_actions().end(),
                                   [&](const auto& one) { return one.action() == action; });
    RC_ASSERT(told != record.available_actions().end());
    return *told;
  }

  void Agree(const base::v1::AvailableAction& told, const absl::Status& status, Input input) const {
    Saw(status);
    if (absl::IsUnavailable(status)) return;
    if (told.allowed() && !status.ok() && input == Input::kNone) RC_LOG() << status.ToString() << "\n";
    if (told.allowed()) RC_ASSERT(status.ok() || input == Input::kMatters);
    if (!told.allowed()) RC_ASSERT(told.rule_id() == RuleOf(status));
  }

  Desk& DeskOf(const Order&) { return world_.orders; }
  Desk& DeskOf(const Incident&) { return world_.orders; }
  Desk& DeskOf(const Claim&) { return world_.claims; }
  Desk& DeskOf(const Withdrawal&) { return world_.claims; }
  template <typename Record>
  Desk& DeskOf(const Record&) {
    return world_.payments;
  }

  static void Name(const Order& order, auto& request) { request.set_order_id(order.order_id()); }
  static void Name(const Incident& one, auto& request) { request.set_incident_id(one.incident_id()); }
  static void Name(const Claim& claim, auto& request) { request.set_claim_id(claim.claim_id()); }
  static void Name(const Withdrawal& one, auto& request) { request.set_withdrawal_id(one.withdrawal_id()); }
  static void Name(const Refund& refund, auto& request) { request.set_refund_id(refund.refund_id()); }
  static void Name(const CreditNote& note, auto& request) {
    request.set_credit_note_id(note.credit_note_id());
  }
  static void Name(const Surcharge& one, auto& request) { request.set_surcharge_id(one.surcharge_id()); }

  TogetherWorld& world_;
  int numbers_ = 0;
};

}  // namespace makegood::testing
