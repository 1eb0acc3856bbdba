// A desk with an order on it, brought into any state by commands alone.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/rules/figures/order_figures.h"
#include "common/rules/orders/order_intake.h"
#include "common/rules/orders/order_rules.h"
#include "common/rules/orders/order_states.h"
#include "tests/support/orders_support.h"
#include "tests/support/rules_support.h"

namespace makegood::rules {

using events::v1::Event;
using orders::v1::AssignReturnNumberRequest;
using orders::v1::Correction;
using orders::v1::HandOverRequest;
using orders::v1::MarkReturnedRequest;
using orders::v1::ReleaseHoldRequest;
using orders::v1::ReportFalseDeliveryRequest;
using orders::v1::StartShippingRequest;
using orders::v1::UpdateContactRequest;
using testing::About;
using testing::At;
using testing::CancelFor;
using testing::Courier;
using testing::CreateRequest;
using testing::Customer;
using testing::DeliveredAt;
using testing::DeniedBy;
using ::testing::HasSubstr;
using testing::HoldFor;
using testing::IsOk;
using testing::Manager;
using testing::NamesField;
using ::testing::Not;
using testing::Operations;
using testing::RefusedBy;
using testing::Service;
using testing::SomeOrder;
using testing::StatusIs;

class OrderRulesTest : public ::testing::Test {
 protected:
  // An order on the desk, in `state`, reached by commands alone.
  Order OrderIn(Order::State state) {
    orders::v1::NewOrder order = SomeOrder();
    if (state != Order::STATE_BLOCKED) order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
    EXPECT_THAT(desk_.As(Service()).Decide(CreateOrder, CreateRequest(order)), IsOk());
    if (state == Order::STATE_CANCELLED) {
      EXPECT_THAT(desk_.Decide(CancelOrder,
                               CancelFor(base::v1::INITIATOR_MARKETPLACE, base::v1::CANCEL_REASON_OTHER)),
                  IsOk());
    }
    const bool ships = state == Order::STATE_SHIPPING || state == Order::STATE_SHIPPED ||
                       state == Order::STATE_DELIVERED || state == Order::STATE_RETURNED;
    if (ships) {
      EXPECT_THAT(desk_.Decide(StartShipping, About<StartShippingRequest>("o-1")), IsOk());
    }
    if (ships && state != Order::STATE_SHIPPING) {
      auto handover = About<HandOverRequest>("o-1");
      handover.set_courier_id("courier-1");
      EXPECT_THAT(desk_.Decide(HandOver, handover), IsOk());
    }
    if (state == Order::STATE_DELIVERED) {
      EXPECT_THAT(desk_.Decide(RecordDelivery, DeliveredAt(desk_.now())), IsOk());
    }
    if (state == Order::STATE_RETURNED) {
      EXPECT_THAT(desk_.As(Manager()).Decide(MarkReturned, Return()), IsOk());
    }
    EXPECT_EQ(Now().state(), state);
    return Now();
  }

  static MarkReturnedRequest Return() {
    auto request = About<MarkReturnedRequest>("o-1");
    request.set_cause(base::v1::RETURN_CAUSE_UNCOLLECTED);
    return request;
  }

  static AssignReturnNumberRequest Number(absl::string_view number) {
    auto request = About<AssignReturnNumberRequest>("o-1");
    request.set_return_number(std::string(number));
    return request;
  }

  Order Now() const { return desk_.Find<Order>("o-1").value_or(Order()); }

  // The sum of all counts.
  DayTally Counted() const {
    DayTally sum;
    for (const DayTally& tally : desk_.All<DayTally>()) AddTally(tally, sum);
    return sum;
  }

  static Event Paid(bool imported = false) {
    Event event;
    event.set_order_id("o-1");
    event.set_imported(imported);
    event.mutable_payment_recorded()->set_accepted(true);
    event.mutable_payment_recorded()->set_order_paid(true);
    return event;
  }

  testing::Desk desk_{At("2026-09-01T10:00+02:00")};
};

}  // namespace makegood::rules
