// What an order itself waits for people to do (WRK-01).
#include "tests/rules/orders/order_fixture.h"
#include "tests/support/work_support.h"

namespace makegood::rules {
namespace {

using ::testing::ElementsAre;
using testing::InShort;
using ::testing::IsEmpty;

class OrderWork : public OrderRulesTest {
 protected:
  std::vector<std::string> Waiting() {
    EXPECT_EQ(testing::WorkTold(desk_.events()), testing::WorkOn<Order>(desk_));
    return InShort(RecordTraits<Order>::Waiting(Now()));
  }
};

TEST_F(OrderWork, WRK_01_AHoldThatPeoplePlacedIsPeoplesToRelease) {
  OrderIn(Order::STATE_OPEN);
  EXPECT_THAT(Waiting(), IsEmpty());
  ASSERT_THAT(desk_.As(Manager()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_STOCK_SHORTAGE)), IsOk());
  ASSERT_THAT(
      desk_.As(Operations()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_ADDRESS_UNCONFIRMED, "call-7")),
      IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("merchant release_hold", "operations release_hold"));
  auto release = About<ReleaseHoldRequest>("o-1");
  release.set_hold(base::v1::HOLD_NAME_STOCK_SHORTAGE);
  ASSERT_THAT(desk_.As(Manager()).Decide(ReleaseHold, release), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("operations release_hold"));
  ASSERT_THAT(
      desk_.As(Operations())
          .Decide(CancelOrder, CancelFor(base::v1::INITIATOR_MARKETPLACE, base::v1::CANCEL_REASON_OTHER)),
      IsOk());
  EXPECT_THAT(Waiting(), IsEmpty()) << "nothing is held back any more";
}

TEST_F(OrderWork, WRK_01_OurServicesHoldsAreNobodysWork) {
  OrderIn(Order::STATE_OPEN);
  ASSERT_THAT(desk_.As(Service()).Decide(PlaceHold, HoldFor(base::v1::HOLD_NAME_AWAITING_SURCHARGE, "s-1")),
              IsOk());
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(OrderWork, WRK_01_ORD_05_ACorrectionWaitsForItsNumber) {
  OrderIn(Order::STATE_DELIVERED);
  ASSERT_THAT(desk_.As(Manager()).Decide(ReportFalseDelivery, About<ReportFalseDeliveryRequest>("o-1")),
              IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("operations assign_return_number"));
  ASSERT_THAT(desk_.As(Operations()).Decide(AssignReturnNumber, Number("4712345678")), IsOk());
  EXPECT_THAT(Waiting(), IsEmpty());
}

// What changed is told also where the decision says nothing else about the order.
TEST(TransactionWork, WRK_01_WhatHasNoEventGetsOneOfItsOwn) {
  testing::Desk desk(At("2026-09-01T10:00+02:00"));
  const auto put = [](bool held) {
    return [held](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(std::optional<Order> found, tx.Find<Order>("o-1"));
      Order order = found.value_or(Order());
      order.set_order_id("o-1");
      order.set_merchant_id("m-1");
      order.set_state(Order::STATE_OPEN);
      order.clear_holds();
      if (held) order.add_holds()->set_name(base::v1::HOLD_NAME_STOCK_SHORTAGE);
      tx.Put(order);
      return absl::OkStatus();
    };
  };
  ASSERT_THAT(desk.Decide(put(false)), IsOk());
  ASSERT_EQ(desk.last_events().size(), 1u) << "its version is told (SYS-13)";
  EXPECT_EQ(desk.last_events().front().order_version(), 1);
  ASSERT_THAT(desk.Decide(put(true)), IsOk());
  ASSERT_EQ(desk.last_events().size(), 1u);
  EXPECT_TRUE(desk.last_events().front().has_work_changed());
  EXPECT_EQ(desk.last_events().front().order_id(), "o-1");
  EXPECT_EQ(desk.last_events().front().order_version(), 2);
  EXPECT_EQ(desk.last_events().front().work_begun_size(), 1);
  ASSERT_THAT(desk.Decide(put(true)), IsOk());
  EXPECT_THAT(desk.last_events(), IsEmpty()) << "nothing has changed";
  ASSERT_THAT(desk.Decide(put(false)), IsOk());
  ASSERT_EQ(desk.last_events().size(), 1u);
  EXPECT_EQ(desk.last_events().front().work_ended_size(), 1);
}

}  // namespace
}  // namespace makegood::rules
