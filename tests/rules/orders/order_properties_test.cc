// What holds for any sequence of commands on an order (ORD-09, ORD-11).
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rules/figures/order_figures.h"
#include "common/rules/orders/fastcentrik_rules.h"
#include "common/rules/orders/order_actions.h"
#include "common/rules/orders/order_intake.h"
#include "common/rules/orders/order_rules.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/scope.h"
#include "tests/support/orders_support.h"
#include "tests/support/rules_support.h"

namespace makegood::rules {
namespace {

using testing::About;
using testing::At;
using testing::Desk;

struct Command {
  const Method* method;  // nullptr for what available_actions do not list
  std::function<absl::Status(Desk&)> run;
};

absl::Status ReportAs(Desk& desk, const char* status, const char* date) {
  orders::v1::ReportStatusRequest request;
  request.mutable_report()->set_order_id("o-1");
  request.mutable_report()->set_status(status);
  request.mutable_report()->set_date_of_delivery(date);
  return desk.Decide(ReportStatus, request).status();
}

// Every command, with good input: what refuses it is the state, the role or a hold.
const std::vector<Command>& Commands() {
  static const auto* const commands = new std::vector<Command>{
      {&MethodOf<orders::v1::StartShippingRequest>(),
       [](Desk& desk) {
         return desk.Decide(StartShipping, About<orders::v1::StartShippingRequest>("o-1")).status();
       }},
      {&MethodOf<orders::v1::HandOverRequest>(),
       [](Desk& desk) { return desk.Decide(HandOver, About<orders::v1::HandOverRequest>("o-1")).status(); }},
      {&MethodOf<orders::v1::RecordDeliveryRequest>(),
       [](Desk& desk) { return desk.Decide(RecordDelivery, testing::DeliveredAt(desk.now())).status(); }},
      {&MethodOf<orders::v1::MarkReturnedRequest>(),
       [](Desk& desk) {
         auto request = About<orders::v1::MarkReturnedRequest>("o-1");
         request.set_cause(base::v1::RETURN_CAUSE_REFUSED);
         return desk.Decide(MarkReturned, request).status();
       }},
      {&MethodOf<orders::v1::CancelOrderRequest>(),
       [](Desk& desk) {
         return desk
             .Decide(CancelOrder, testing::CancelFor(base::v1::INITIATOR_CUSTOMER,
                                                     base::v1::CANCEL_REASON_CUSTOMER_REQUEST))
             .status();
       }},
      {&MethodOf<orders::v1::PlaceHoldRequest>(),
       [](Desk& desk) {
         return desk.Decide(PlaceHold, testing::HoldFor(base::v1::HOLD_NAME_UNDER_INCIDENT, "inc-1"))
             .status();
       }},
      {&MethodOf<orders::v1::ReleaseHoldRequest>(),
       [](Desk& desk) {
         auto request = About<orders::v1::ReleaseHoldRequest>("o-1");
         request.set_hold(base::v1::HOLD_NAME_UNDER_INCIDENT);
         request.set_reference_id("inc-1");
         return desk.Decide(ReleaseHold, request).status();
       }},
      {&MethodOf<orders::v1::ReportFalseDeliveryRequest>(),
       [](Desk& desk) {
         return desk.Decide(ReportFalseDelivery, About<orders::v1::ReportFalseDeliveryRequest>("o-1"))
             .status();
       }},
      {&MethodOf<orders::v1::AssignReturnNumberRequest>(),
       [](Desk& desk) {
         auto request = About<orders::v1::AssignReturnNumberRequest>("o-1");
         request.set_return_number("4712345678");
         return desk.Decide(AssignReturnNumber, request).status();
       }},
      {nullptr, [](Desk& desk) { return ReportAs(desk, "is being handled", ""); }},
      {nullptr, [](Desk& desk) { return ReportAs(desk, "settled", ""); }},
      {nullptr, [](Desk& desk) { return ReportAs(desk, "settled", "2026-09-02"); }},
      {nullptr, [](Desk& desk) { return ReportAs(desk, "cancelled", ""); }},
      {nullptr,
       [](Desk& desk) {
         events::v1::Event paid;
         paid.set_order_id("o-1");
         paid.mutable_payment_recorded()->set_accepted(true);
         paid.mutable_payment_recorded()->set_order_paid(true);
         return desk.Decide(ReactToPayment, paid);
       }},
  };
  return *commands;
}

const std::vector<base::v1::Actor>& Actors() {
  static const auto* const actors = new std::vector<base::v1::Actor>{
      testing::Customer(),   testing::Customer("c-1002"), testing::Employee(), testing::Manager(),
      testing::Director(),   testing::Manager("m-2"),     testing::Courier(),  testing::Connector(),
      testing::Operations(), testing::Service(),          testing::Auditor()};
  return *actors;
}

Desk NewDesk(bool prepaid) {
  Desk desk(At("2026-09-01T10:00+02:00"));
  orders::v1::NewOrder order = testing::SomeOrder();
  if (!prepaid) order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
  RC_ASSERT(desk.Decide(CreateOrder, testing::CreateRequest(order)).ok());
  return desk;
}

Order Now(const Desk& desk) { return *desk.Find<Order>("o-1"); }

RC_GTEST_PROP(OrderProperties, ORD_11_NoSequenceOfCommandsLeavesAFinalState, (bool prepaid)) {
  Desk desk = NewDesk(prepaid);
  const auto steps = *rc::gen::container<std::vector<size_t>>(rc::gen::inRange<size_t>(0, Commands().size()));
  for (const size_t step : steps) {
    const Order before = Now(desk);
    desk.Advance(absl::Hours(6));
    (void)Commands()[step].run(desk);
    const Order after = Now(desk);
    if (IsFinal(before.state())) RC_ASSERT(after.state() == before.state());
    if (after.state() != before.state()) RC_ASSERT(after.version() == before.version() + 1);
  }
}

// By which who follows knows what has not arrived yet: all of it has once the version has.
RC_GTEST_PROP(OrderProperties, SYS_13_EveryChangeEndsWithItsVersion, (bool prepaid)) {
  Desk desk = NewDesk(prepaid);
  const auto steps = *rc::gen::container<std::vector<size_t>>(rc::gen::inRange<size_t>(0, Commands().size()));
  for (const size_t step : steps) {
    const int64_t before = Now(desk).version();
    if (!Commands()[step].run(desk).ok() || Now(desk).version() == before) continue;
    RC_ASSERT(!desk.last_events().empty());
    RC_ASSERT(desk.last_events().back().order_version() == Now(desk).version());
    for (size_t i = 0; i + 1 < desk.last_events().size(); ++i) {
      RC_ASSERT(desk.last_events()[i].order_version() == 0);
    }
  }
}

RC_GTEST_PROP(OrderProperties, ORD_09_AvailableActionsAgreeWithWhatTheCommandsDo, (bool prepaid)) {
  Desk desk = NewDesk(prepaid);
  const auto steps = *rc::gen::container<std::vector<size_t>>(rc::gen::inRange<size_t>(0, Commands().size()));
  for (const size_t step : steps) (void)Commands()[step].run(desk);
  const base::v1::Actor actor = *rc::gen::elementOf(Actors());
  Order order = Now(desk);
  FillActions(order, actor, desk.now(), testing::ShippedPolicies());
  for (const base::v1::AvailableAction& action : order.available_actions()) {
    RC_ASSERT(action.allowed() == action.rule_id().empty());
    RC_ASSERT(action.allowed() == action.reason().empty());
    for (const Command& command : Commands()) {
      if (command.method == nullptr || action.action() != command.method->name) continue;
      const bool role = CheckRole(actor, *command.method).ok();
      Desk trial = desk;
      const absl::Status status =
          role ? command.run(trial.As(actor)) : absl::PermissionDeniedError("by the gate");
      const bool changed = Now(trial).version() != order.version();
      if (action.allowed()) {
        RC_ASSERT(status.ok());
      } else {
        RC_ASSERT(!changed);
        // Holds are placed and released once: again is no refusal, and changes nothing.
        const bool hold = action.action() == "ReleaseHold" || action.action() == "PlaceHold";
        RC_ASSERT(!status.ok() || hold);
        if (role && !status.ok()) RC_ASSERT(RuleOf(status) == action.rule_id());
      }
    }
  }
}

RC_GTEST_PROP(OrderProperties, SYS_07_EveryRefusalNamesItsRule, (bool prepaid)) {
  Desk desk = NewDesk(prepaid);
  const auto steps = *rc::gen::container<std::vector<size_t>>(rc::gen::inRange<size_t>(0, Commands().size()));
  for (const size_t step : steps) {
    const auto before = desk.records().size();
    const absl::Status status = Commands()[step].run(desk.As(*rc::gen::elementOf(Actors())));
    if (status.ok()) continue;
    RC_ASSERT(!RuleOf(status).empty());
    RC_ASSERT(desk.records().size() == before);
  }
}

// KPI-07: the counts are what the events say.
RC_GTEST_PROP(OrderProperties, KPI_07_TheCountsEqualWhatTheEventsSay, (bool prepaid)) {
  Desk desk = NewDesk(prepaid);
  const auto steps = *rc::gen::container<std::vector<size_t>>(rc::gen::inRange<size_t>(0, Commands().size()));
  for (const size_t step : steps) {
    desk.Advance(absl::Hours(7));
    (void)Commands()[step].run(desk);
  }
  DayTally sum;
  for (const DayTally& tally : desk.All<DayTally>()) AddTally(tally, sum);
  using events::v1::Event;
  RC_ASSERT(sum.opened() == static_cast<int64_t>(desk.Events(&Event::has_order_opened).size()));
  RC_ASSERT(sum.delivered() == static_cast<int64_t>(desk.Events(&Event::has_order_delivered).size()));
  RC_ASSERT(sum.returned() == static_cast<int64_t>(desk.Events(&Event::has_order_returned).size()));
  int64_t counted = 0;
  for (const Event& event : desk.Events(&Event::has_order_cancelled))
    counted += event.order_cancelled().counted();
  RC_ASSERT(sum.cancelled_counted() == counted);
}

}  // namespace
}  // namespace makegood::rules
