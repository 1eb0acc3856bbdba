// Surcharges and the holds they ask the orders service for (PAY-02, SYS-05, SYS-06).
#include "tests/services/payments_fixture.h"

namespace makegood::services {
namespace {

// Worked example 7, over the wire.
TEST_F(PaymentsServiceTest, PAY_02_ASurchargeIsShownWhenTheHoldStandsAndFreesTheOrderWhenPaid) {
  const Order order = MakeOrder("o-1");
  const auto proposed = Propose(order);
  ASSERT_THAT(proposed, IsOk());
  const std::string id = proposed->surcharge_id();
  ASSERT_TRUE(Eventually([&] { return GetSurcharge(id, Customer()).ok(); }));
  EXPECT_EQ(orders_.holds(), 1u);
  auto issue = WithId<payments::v1::IssueSurchargeRequest>();
  issue.set_surcharge_id(id);
  EXPECT_THAT(Call(&payments::v1::PaymentsService::Stub::IssueSurcharge, Manager(), issue),
              RefusedBy("PAY-01"));
  auto approve = WithId<payments::v1::ApproveSurchargeRequest>();
  approve.set_surcharge_id(id);
  ASSERT_THAT(Call(&payments::v1::PaymentsService::Stub::ApproveSurcharge, Customer(), approve), IsOk());
  EXPECT_THAT(Call(&payments::v1::PaymentsService::Stub::IssueSurcharge, testing::Courier(), issue),
              DeniedBy("PAY-03"));
  ASSERT_THAT(Call(&payments::v1::PaymentsService::Stub::IssueSurcharge, Manager(), issue), IsOk());
  const auto to_staff = Pay(order, 15'000, "card-1", id, Payment::DESTINATION_STAFF);
  ASSERT_THAT(to_staff, IsOk());
  EXPECT_EQ(to_staff->outcome(), Payment::OUTCOME_REFUSED);
  EXPECT_EQ(orders_.holds(), 1u);
  ASSERT_THAT(Pay(order, 15'000, "ref-1", id), IsOk());
  EXPECT_EQ(GetSurcharge(id)->state(), base::v1::SURCHARGE_STATE_PAID);
  EXPECT_TRUE(Eventually([&] { return orders_.holds() == 0; }));
  EXPECT_TRUE(CheckedLedger().broken_entry_ids().empty());
}

TEST_F(PaymentsServiceTest, PAY_02_AnOrderThatLeftMeanwhileVoidsTheSurcharge) {
  const Order order = MakeOrder("o-1");
  orders_.SetHoldAnswer(Refusal("ORD-12", "the order has left"));
  const auto proposed = Propose(order);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_TRUE(Eventually(
      [&] { return GetSurcharge(proposed->surcharge_id())->state() == base::v1::SURCHARGE_STATE_VOIDED; }));
  EXPECT_THAT(GetSurcharge(proposed->surcharge_id(), Customer()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(GetSurcharge(proposed->surcharge_id())->hold_refusal().rule_id(), "ORD-12");
  EXPECT_EQ(GetSurcharge(proposed->surcharge_id())->hold_refusal().reason(), "the order has left");
}

TEST_F(PaymentsServiceTest, SYS_06_AHoldIsAskedForUntilTheOrdersServiceAnswers) {
  const Order order = MakeOrder("o-1");
  orders_.SetHoldAnswer(absl::UnavailableError("down"));
  const auto proposed = Propose(order);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_TRUE(Eventually([&] { return orders_.holds_asked() >= 2; }));
  EXPECT_FALSE(GetSurcharge(proposed->surcharge_id())->visible());
  orders_.SetHoldAnswer(absl::OkStatus());
  EXPECT_TRUE(Eventually([&] { return GetSurcharge(proposed->surcharge_id())->visible(); }));
}

TEST_F(PaymentsServiceTest, SYS_05_AnUnpaidSurchargeExpiresOnceWhenItsTimeHasCome) {
  const Order order = MakeOrder("o-1");
  const auto proposed = Propose(order);
  ASSERT_THAT(proposed, IsOk());
  const std::string id = proposed->surcharge_id();
  ASSERT_TRUE(Eventually([&] { return GetSurcharge(id)->visible(); }));
  clock_.MoveTo(rules::ToTime(proposed->expire_time()));
  app_->tasks()->Wake();
  EXPECT_TRUE(Eventually([&] { return GetSurcharge(id)->state() == base::v1::SURCHARGE_STATE_EXPIRED; }));
  EXPECT_TRUE(Eventually([&] { return orders_.holds() == 0; }));
}

class HoldCalls : public PaymentsServiceTest, public ::testing::WithParamInterface<testing::Way> {};
INSTANTIATE_TEST_SUITE_P(Ways, HoldCalls, ::testing::ValuesIn(testing::WaysOfCallees()),
                         [](const auto& info) { return info.param.name; });

TEST_P(HoldCalls, SYS_13_AHoldIsPlacedAndReleasedInWhateverWayOrdersIs) {
  const Order order = MakeOrder("o-1");
  orders_.mood().Expect(GetParam().obstacles);
  const auto proposed = Propose(order);
  ASSERT_THAT(proposed, IsOk());
  const std::string id = proposed->surcharge_id();
  ASSERT_TRUE(Eventually([&] { return GetSurcharge(id)->visible(); }));
  EXPECT_EQ(orders_.holds(), 1u);

  orders_.mood().Expect(GetParam().obstacles);
  *to_lose_ = GetParam().lost_answers;
  auto decline = WithId<payments::v1::DeclineSurchargeRequest>();
  decline.set_surcharge_id(id);
  ASSERT_THAT(Call(&payments::v1::PaymentsService::Stub::DeclineSurcharge, Customer(), decline), IsOk());
  EXPECT_TRUE(Eventually([&] { return orders_.holds() == 0; }));
  EXPECT_TRUE(Eventually([&] { return app_->tasks()->Idle(); }));
  EXPECT_THAT(store_->ListStuck(10), testing::IsOkAndHolds(::testing::IsEmpty()));
}

}  // namespace
}  // namespace makegood::services
