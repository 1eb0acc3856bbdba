#include "common/rules/orders/order_intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>

#include "common/rules/figures/order_figures.h"
#include "common/rules/messages.h"
#include "tests/support/orders_support.h"
#include "tests/support/rules_support.h"

namespace makegood::rules {
namespace {

using events::v1::Event;
using orders::v1::ImportOrderRequest;
using orders::v1::NewOrder;
using orders::v1::PastStep;
using testing::At;
using testing::CreateRequest;
using testing::DeniedBy;
using testing::IsOk;
using testing::NamesField;
using testing::RefusedBy;
using testing::SomeOrder;
using testing::StatusIs;

class OrderIntakeTest : public ::testing::Test {
 protected:
  // A past order placed on 1 March and paid on the 2nd, without steps.
  static ImportOrderRequest Past() {
    ImportOrderRequest request;
    *request.mutable_order() = SomeOrder();
    *request.mutable_placed_time() = ToTimestamp(At("2017-03-01T10:00+01:00"));
    *request.mutable_paid_time() = ToTimestamp(At("2017-03-02T10:00+01:00"));
    return request;
  }

  static PastStep& Add(ImportOrderRequest& request, Order::State state, absl::string_view time) {
    PastStep& step = *request.add_steps();
    step.set_state(state);
    if (!time.empty()) *step.mutable_time() = ToTimestamp(At(time));
    return step;
  }

  testing::Desk desk_{At("2026-09-01T10:00+02:00")};
};

TEST_F(OrderIntakeTest, ORD_01_ANewOrderPinsItsPolicyAndAddsUp) {
  NewOrder order = SomeOrder();
  order.mutable_lines(0)->set_quantity(3);
  *order.mutable_delivery_fee() = MakeMoney(500, "EUR");
  order.set_language("tr");  // not among mall's
  const auto made = desk_.Decide(CreateOrder, CreateRequest(order));
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->state(), Order::STATE_BLOCKED);
  EXPECT_EQ(made->total().amount_minor(), 3 * 3630 + 500);
  EXPECT_EQ(made->language(), "cs");
  EXPECT_EQ(made->policy().marketplace(), "mall");
  EXPECT_EQ(made->recipient_contact_id(), made->customer_contact_id());
  EXPECT_TRUE(desk_.tasks().empty());
}

TEST_F(OrderIntakeTest, ORD_01_WhereNothingIsToBePaidTheOrderOpensAtOnce) {
  NewOrder order = SomeOrder();
  order.mutable_lines(0)->mutable_unit_price()->set_amount_minor(0);
  *order.mutable_delivery_fee() = MakeMoney(1, "EUR");
  const auto fee = desk_.Decide(CreateOrder, CreateRequest(order));
  ASSERT_THAT(fee, IsOk());
  EXPECT_EQ(fee->state(), Order::STATE_BLOCKED) << "the delivery fee is to be paid";
  order.set_order_id("o-2");
  *order.mutable_delivery_fee() = MakeMoney(0, "EUR");
  const auto gift = desk_.Decide(CreateOrder, CreateRequest(order));
  ASSERT_THAT(gift, IsOk());
  EXPECT_EQ(gift->state(), Order::STATE_OPEN);
  EXPECT_EQ(ToTime(gift->open_time()), desk_.now());
  EXPECT_TRUE(gift->paid());
  EXPECT_EQ(desk_.Events(&Event::has_order_opened).size(), 1u);
  order.set_order_id("o-3");
  order.set_prices_untold(true);
  const auto unknown = desk_.Decide(CreateOrder, CreateRequest(order));
  ASSERT_THAT(unknown, IsOk());
  EXPECT_EQ(unknown->state(), Order::STATE_BLOCKED) << "0 is not its price";
  EXPECT_FALSE(unknown->paid());
}

TEST_F(OrderIntakeTest, ORD_01_ORD_13_APastOrderWithNothingToBePaidOpenedWhenItWasPlaced) {
  ImportOrderRequest request = Past();
  request.mutable_order()->mutable_lines(0)->mutable_unit_price()->set_amount_minor(0);
  request.clear_paid_time();
  ImportOrderRequest untold = request;
  untold.mutable_order()->set_order_id("o-2");
  untold.mutable_order()->set_prices_untold(true);
  Add(request, Order::STATE_SHIPPED, "2017-03-01T11:00+01:00");
  const auto gift = desk_.Decide(ImportOrder, request);
  ASSERT_THAT(gift, IsOk());
  EXPECT_EQ(gift->state(), Order::STATE_SHIPPED);
  EXPECT_EQ(gift->open_time().seconds(), request.placed_time().seconds());
  EXPECT_TRUE(gift->paid());
  EXPECT_FALSE(desk_.events()[0].order_created().has_imported_payment()) << "no money came in";
  const auto unknown = desk_.Decide(ImportOrder, untold);
  ASSERT_THAT(unknown, IsOk());
  EXPECT_EQ(unknown->state(), Order::STATE_BLOCKED);
}

TEST_F(OrderIntakeTest, SYS_02_AnOrderIdIsTakenOnce) {
  ASSERT_THAT(desk_.Decide(CreateOrder, CreateRequest(SomeOrder())), IsOk());
  EXPECT_THAT(desk_.Decide(CreateOrder, CreateRequest(SomeOrder())),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(desk_.Decide(ImportOrder, Past()), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(OrderIntakeTest, SYS_04_AnOrderThatIsNotThereHasNoVersion) {
  desk_.Expecting(1);
  EXPECT_THAT(desk_.Decide(CreateOrder, CreateRequest(SomeOrder())), StatusIs(absl::StatusCode::kAborted));
  desk_.Expecting(0);
  EXPECT_THAT(desk_.Decide(CreateOrder, CreateRequest(SomeOrder())), IsOk());
}

TEST_F(OrderIntakeTest, SYS_07_EveryWrongFieldIsNamedAtOnce) {
  NewOrder order = SomeOrder();
  *order.add_lines() = order.lines(0);
  *order.mutable_delivery_fee() = MakeMoney(500, "EUR");
  order.set_currency("USD");
  order.set_payment_method(base::v1::PAYMENT_METHOD_UNSPECIFIED);
  const auto refused = desk_.Decide(CreateOrder, CreateRequest(order));
  EXPECT_THAT(refused, NamesField("order.lines[1].line_id"));
  EXPECT_THAT(refused, NamesField("order.currency"));
  EXPECT_THAT(refused, NamesField("order.delivery_fee.currency"));
  EXPECT_THAT(refused, NamesField("order.lines[1].unit_price.currency")) << "an order has one currency";
  EXPECT_THAT(refused, NamesField("order.payment_method"));
  order = SomeOrder();
  order.set_marketplace("nowhere");
  EXPECT_THAT(desk_.Decide(CreateOrder, CreateRequest(order)), NamesField("order.marketplace"));
}

TEST_F(OrderIntakeTest, SYS_07_ATotalBeyondMoneyIsRefusedWithoutOverflow) {
  NewOrder order = SomeOrder();
  order.mutable_lines(0)->set_quantity(100'000);
  order.mutable_lines(0)->mutable_unit_price()->set_amount_minor(100'000'000'000);
  EXPECT_THAT(desk_.Decide(CreateOrder, CreateRequest(order)), NamesField("order.lines"));
  order.mutable_lines(0)->mutable_unit_price()->set_amount_minor(INT64_MAX);
  EXPECT_THAT(desk_.Decide(CreateOrder, CreateRequest(order)), NamesField("order.lines"));
  order.mutable_lines(0)->set_quantity(1);
  order.mutable_lines(0)->mutable_unit_price()->set_amount_minor(1'000'000'000'000);
  EXPECT_THAT(desk_.Decide(CreateOrder, CreateRequest(order)), IsOk());
}

TEST_F(OrderIntakeTest, ORD_13_HistoryKeepsTheSourcesTimesAndSaysThatItIsHistory) {
  ImportOrderRequest request = Past();
  Add(request, Order::STATE_SHIPPING, "2017-03-03T09:00+01:00");
  Add(request, Order::STATE_SHIPPED, "2017-03-04T09:00+01:00");
  Add(request, Order::STATE_DELIVERED, "2017-03-07T15:00+01:00");
  const auto order = desk_.Decide(ImportOrder, request);
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->state(), Order::STATE_DELIVERED);
  EXPECT_TRUE(order->imported());
  EXPECT_TRUE(order->paid());
  EXPECT_EQ(ToTime(order->create_time()), At("2017-03-01T10:00+01:00"));
  EXPECT_EQ(ToTime(order->open_time()), At("2017-03-02T10:00+01:00"));
  EXPECT_EQ(ToTime(order->handover_time()), At("2017-03-04T09:00+01:00"));
  EXPECT_EQ(ToTime(order->delivered_time()), At("2017-03-07T15:00+01:00"));
  EXPECT_EQ(ToTime(order->update_time()), desk_.now());

  ASSERT_EQ(desk_.events().size(), 5u);
  const char* const times[] = {"2017-03-01T10:00+01:00", "2017-03-02T10:00+01:00", "2017-03-03T09:00+01:00",
                               "2017-03-04T09:00+01:00", "2017-03-07T15:00+01:00"};
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_TRUE(desk_.events()[i].imported());
    EXPECT_EQ(ToTime(desk_.events()[i].time()), At(times[i]));
  }
  EXPECT_EQ(desk_.events()[0].order_created().imported_payment().amount_minor(), 3630);
  EXPECT_EQ(desk_.events()[0].order_created().customer_contact_id(), order->customer_contact_id());
  EXPECT_TRUE(desk_.tasks().empty()) << "no timer for moments already past";
}

TEST_F(OrderIntakeTest, ORD_13_KPI_07_HistoryIsCountedOnItsOwnDays) {
  ImportOrderRequest request = Past();
  Add(request, Order::STATE_SHIPPED, "2017-03-04T23:30+00:00");
  Add(request, Order::STATE_DELIVERED, "2017-03-07T23:30+00:00");  // the 8th in Prague
  ASSERT_THAT(desk_.Decide(ImportOrder, request), IsOk());
  int delivered = 0;
  for (const DayTally& tally : desk_.All<DayTally>()) {
    if (tally.delivered() == 0) continue;
    delivered += static_cast<int>(tally.delivered());
    EXPECT_EQ(ToTime(tally.day()), At("2017-03-08T00:00+01:00"));
  }
  EXPECT_EQ(delivered, 1);
}

TEST_F(OrderIntakeTest, ORD_13_AnUnpaidPastOrderStaysBlocked) {
  ImportOrderRequest request = Past();
  request.clear_paid_time();
  const auto order = desk_.Decide(ImportOrder, request);
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->state(), Order::STATE_BLOCKED);
  EXPECT_FALSE(desk_.events()[0].order_created().has_imported_payment());
}

TEST_F(OrderIntakeTest, ORD_13_AnOrderCalledOffBeforeItsPaymentCameIn) {
  ImportOrderRequest request = Past();
  PastStep& step = Add(request, Order::STATE_CANCELLED, "2017-03-01T12:00+01:00");
  step.mutable_cancellation()->set_initiator(base::v1::INITIATOR_CUSTOMER);
  step.mutable_cancellation()->set_reason(base::v1::CANCEL_REASON_CUSTOMER_REQUEST);
  const auto order = desk_.Decide(ImportOrder, request);
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->state(), Order::STATE_CANCELLED);
  EXPECT_TRUE(order->paid());
  EXPECT_TRUE(desk_.Events(&Event::has_order_opened).empty());
}

TEST_F(OrderIntakeTest, ORD_13_AToldOpenIsNoContradiction) {
  ImportOrderRequest request = Past();
  Add(request, Order::STATE_OPEN, "2017-03-02T11:00+01:00");
  ASSERT_THAT(desk_.Decide(ImportOrder, request), IsOk());
  EXPECT_EQ(desk_.Events(&Event::has_order_opened).size(), 1u);
}

// Each history contradicts one rule, and is refused as a whole by it.
TEST_F(OrderIntakeTest, ORD_13_AHistoryThatContradictsTheRulesIsRefusedByTheRuleItBreaks) {
  const auto refuse = [&](const char* rule, const std::function<void(ImportOrderRequest&)>& change) {
    ImportOrderRequest request = Past();
    change(request);
    EXPECT_THAT(desk_.Decide(ImportOrder, request), RefusedBy(rule)) << request.ShortDebugString();
    EXPECT_TRUE(desk_.records().empty());
  };
  // Handed over before it was paid.
  refuse("ORD-01", [](auto& r) { Add(r, Order::STATE_SHIPPED, "2017-03-02T09:59+01:00"); });
  refuse("ORD-01", [](auto& r) {
    r.clear_paid_time();
    Add(r, Order::STATE_OPEN, "2017-03-02T09:59+01:00");
  });
  // Delivered before the handover, at no time, in the future.
  refuse("ORD-02", [](auto& r) {
    Add(r, Order::STATE_SHIPPED, "2017-03-04T09:00+01:00");
    Add(r, Order::STATE_DELIVERED, "2017-03-04T08:59+01:00");
  });
  refuse("ORD-02", [](auto& r) {
    Add(r, Order::STATE_SHIPPED, "2017-03-04T09:00+01:00");
    Add(r, Order::STATE_DELIVERED, "");
  });
  refuse("ORD-02", [](auto& r) {
    Add(r, Order::STATE_SHIPPED, "2017-03-04T09:00+01:00");
    Add(r, Order::STATE_DELIVERED, "2026-09-01T10:01+02:00");
  });
  // Cancelled after the handover, or by nobody for no reason.
  refuse("ORD-03", [](auto& r) {
    Add(r, Order::STATE_SHIPPED, "2017-03-04T09:00+01:00");
    Add(r, Order::STATE_CANCELLED, "2017-03-05T09:00+01:00");
  });
  refuse("ORD-03", [](auto& r) { Add(r, Order::STATE_CANCELLED, "2017-03-05T09:00+01:00"); });
  // Returned for no reason; changed after its delivery; delivered without a handover.
  refuse("ORD-06", [](auto& r) {
    Add(r, Order::STATE_SHIPPED, "2017-03-04T09:00+01:00");
    Add(r, Order::STATE_RETURNED, "2017-03-05T09:00+01:00");
  });
  refuse("ORD-05", [](auto& r) {
    Add(r, Order::STATE_SHIPPED, "2017-03-04T09:00+01:00");
    Add(r, Order::STATE_DELIVERED, "2017-03-05T09:00+01:00");
    Add(r, Order::STATE_SHIPPED, "2017-03-06T09:00+01:00");
  });
  refuse("ORD-11", [](auto& r) { Add(r, Order::STATE_DELIVERED, "2017-03-05T09:00+01:00"); });
  refuse("ORD-11", [](auto& r) { Add(r, Order::STATE_BLOCKED, "2017-03-05T09:00+01:00"); });
  // Times that make no sense.
  refuse("ORD-13", [](auto& r) { Add(r, Order::STATE_SHIPPED, ""); });
  refuse("ORD-13", [](auto& r) { Add(r, Order::STATE_SHIPPED, "2026-09-01T10:01+02:00"); });
  refuse("ORD-13", [](auto& r) { Add(r, Order::STATE_SHIPPED, "2017-02-28T10:01+02:00"); });
  refuse("ORD-13", [](auto& r) { *r.mutable_paid_time() = ToTimestamp(At("2017-02-28T10:00+01:00")); });
  refuse("ORD-13", [](auto& r) { *r.mutable_paid_time() = ToTimestamp(At("2027-02-28T10:00+01:00")); });
  refuse("ORD-13", [](auto& r) { *r.mutable_placed_time() = ToTimestamp(At("2027-02-28T10:00+01:00")); });
}

// Two lines, three units of 36.30 and one of 12.00, and 5.00 for the delivery.
ImportOrderRequest PastWithFee(const ImportOrderRequest& past) {
  ImportOrderRequest request = past;
  NewOrder& order = *request.mutable_order();
  order.mutable_lines(0)->set_quantity(3);
  orders::v1::NewOrderLine& second = *order.add_lines();
  second = order.lines(0);
  second.set_line_id("l-2");
  second.set_quantity(1);
  *second.mutable_unit_price() = MakeMoney(1200, "EUR");
  *order.mutable_delivery_fee() = MakeMoney(500, "EUR");
  return request;
}

void GiveBack(ImportOrderRequest& request, const std::string& line_id, int quantity) {
  orders::v1::TakenOffUnits& units = *request.mutable_given_back()->add_units();
  units.set_line_id(line_id);
  units.set_quantity(quantity);
}

TEST_F(OrderIntakeTest, ORD_13_RFD_08_WhatWentBackAfterTheDeliveryStaysOnItsLine) {
  ImportOrderRequest request = PastWithFee(Past());
  Add(request, Order::STATE_SHIPPED, "2017-03-04T09:00+01:00");
  Add(request, Order::STATE_DELIVERED, "2017-03-07T15:00+01:00");
  *request.mutable_paid_amount() = MakeMoney(3 * 3630 + 1200 + 500 + 70, "EUR");
  GiveBack(request, request.order().lines(0).line_id(), 2);
  request.mutable_given_back()->set_delivery_fee(true);
  *request.mutable_given_back()->mutable_goodwill() = MakeMoney(90, "EUR");
  *request.mutable_given_back()->mutable_over_payment() = MakeMoney(70, "EUR");
  const auto order = desk_.Decide(ImportOrder, request);
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->lines(0).given_back(), 2);
  EXPECT_EQ(order->lines(0).taken_off(), 0);
  EXPECT_EQ(order->lines(1).given_back(), 0);
  EXPECT_TRUE(order->delivery_fee_given_back());
  EXPECT_EQ(order->total().amount_minor(), 3 * 3630 + 1200 + 500) << "as it was bought";
  const events::v1::OrderCreated& created = desk_.events()[0].order_created();
  EXPECT_EQ(created.imported_payment().amount_minor(), 3 * 3630 + 1200 + 500 + 70);
  const events::v1::ImportedRefund& told = created.imported_refund();
  ASSERT_EQ(told.units_size(), 1);
  EXPECT_EQ(told.units(0).line_id(), order->lines(0).line_id());
  EXPECT_EQ(told.units(0).quantity(), 2);
  EXPECT_TRUE(told.delivery_fee());
  EXPECT_EQ(told.goodwill().amount_minor(), 90);
  EXPECT_EQ(told.over_payment().amount_minor(), 70);
  EXPECT_TRUE(desk_.tasks().empty());
}

TEST_F(OrderIntakeTest, ORD_13_RFD_01_WhatWentBackOfAnOrderThatNeverLeftWasTakenOff) {
  ImportOrderRequest request = PastWithFee(Past());
  GiveBack(request, request.order().lines(0).line_id(), 1);
  const auto order = desk_.Decide(ImportOrder, request);
  ASSERT_THAT(order, IsOk());
  EXPECT_EQ(order->state(), Order::STATE_OPEN);
  EXPECT_EQ(order->lines(0).taken_off(), 1);
  EXPECT_EQ(order->lines(0).given_back(), 0);
  EXPECT_EQ(order->total().amount_minor(), 2 * 3630 + 1200 + 500);
  EXPECT_EQ(desk_.events()[0].order_created().total().amount_minor(), 3 * 3630 + 1200 + 500);
}

TEST_F(OrderIntakeTest, ORD_13_SYS_07_MoreGivenBackThanWasOrderedOrPaidIsRefusedByField) {
  const auto refuse = [&](const char* field, const std::function<void(ImportOrderRequest&)>& change) {
    ImportOrderRequest request = PastWithFee(Past());
    change(request);
    EXPECT_THAT(desk_.Decide(ImportOrder, request), NamesField(field)) << request.ShortDebugString();
    EXPECT_TRUE(desk_.records().empty());
  };
  refuse("given_back.units[0].quantity", [](auto& r) { GiveBack(r, "l-2", 2); });
  refuse("given_back.units[0].line_id", [](auto& r) { GiveBack(r, "l-9", 1); });
  refuse("given_back.units[1].line_id", [](auto& r) {
    GiveBack(r, "l-2", 1);
    GiveBack(r, "l-2", 1);
  });
  refuse("given_back.units", [](auto& r) {
    GiveBack(r, r.order().lines(0).line_id(), 3);
    GiveBack(r, "l-2", 1);
  });
  refuse("given_back.delivery_fee", [](auto& r) {
    r.mutable_order()->clear_delivery_fee();
    r.mutable_given_back()->set_delivery_fee(true);
  });
  refuse("given_back.goodwill.currency",
         [](auto& r) { *r.mutable_given_back()->mutable_goodwill() = MakeMoney(1, "CZK"); });
  refuse("given_back.goodwill.amount_minor", [](auto& r) {
    GiveBack(r, "l-2", 1);
    r.mutable_given_back()->set_delivery_fee(true);
    *r.mutable_given_back()->mutable_goodwill() = MakeMoney(3 * 3630 + 1, "EUR");
  });
  refuse("given_back.goodwill.amount_minor", [](auto& r) {
    r.clear_paid_time();
    *r.mutable_given_back()->mutable_goodwill() = MakeMoney(1, "EUR");
  });
  refuse("given_back.over_payment.currency",
         [](auto& r) { *r.mutable_given_back()->mutable_over_payment() = MakeMoney(1, "CZK"); });
  refuse("given_back.over_payment.amount_minor",
         [](auto& r) { *r.mutable_given_back()->mutable_over_payment() = MakeMoney(1, "EUR"); });
  refuse("paid_amount.currency", [](auto& r) { *r.mutable_paid_amount() = MakeMoney(20'000, "CZK"); });
  refuse("paid_amount.amount_minor", [](auto& r) { *r.mutable_paid_amount() = MakeMoney(12'589, "EUR"); });
  refuse("paid_amount", [](auto& r) {
    r.clear_paid_time();
    *r.mutable_paid_amount() = MakeMoney(20'000, "EUR");
  });
}

TEST_F(OrderIntakeTest, ORD_13_AllOfACancelledOrDeliveredOneMayHaveGoneBack) {
  ImportOrderRequest request = PastWithFee(Past());
  GiveBack(request, request.order().lines(0).line_id(), 3);
  GiveBack(request, "l-2", 1);
  ImportOrderRequest delivered = request;
  delivered.mutable_order()->set_order_id("o-2");
  PastStep& step = Add(request, Order::STATE_CANCELLED, "2017-03-03T12:00+01:00");
  step.mutable_cancellation()->set_initiator(base::v1::INITIATOR_CUSTOMER);
  step.mutable_cancellation()->set_reason(base::v1::CANCEL_REASON_CUSTOMER_REQUEST);
  EXPECT_THAT(desk_.Decide(ImportOrder, request), IsOk());
  Add(delivered, Order::STATE_SHIPPED, "2017-03-04T09:00+01:00");
  Add(delivered, Order::STATE_DELIVERED, "2017-03-07T15:00+01:00");
  EXPECT_THAT(desk_.Decide(ImportOrder, delivered), IsOk());
}

}  // namespace
}  // namespace makegood::rules
