// Erasing a customer: what goes, what stays, and what must wait.
#include "common/rules/erasure_tasks.h"
#include "common/rules/orders/erasure_rules.h"
#include "tests/rules/orders/order_fixture.h"

namespace makegood::rules {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class ErasureTest : public OrderRulesTest {
 protected:
  Erasure Recorded() const { return desk_.Find<Erasure>("o-1").value_or(Erasure()); }
};

TEST_F(ErasureTest, SYS_09_ACustomerWithoutOrdersIsNotFound) {
  orders::v1::EraseCustomerRequest request;
  request.set_customer_id("c-9");
  EXPECT_THAT(desk_.Decide(EraseCustomer, request, OrderCounts()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(desk_.tasks(), IsEmpty());
  const auto accepted = desk_.Decide(EraseCustomer, request, OrderCounts{3, 1});
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(ToTime(accepted->accept_time()), desk_.now());
  EXPECT_EQ(accepted->order_count(), 3);
  EXPECT_EQ(accepted->under_way_count(), 1);
  EXPECT_EQ(desk_.tasks().at("erase-customer:c-9").payload, "c-9");
}

TEST_F(ErasureTest, SYS_09_AnOrderThatMustWaitIsLookedAtAgainInADay) {
  OrderIn(Order::STATE_SHIPPED);
  ASSERT_THAT(desk_.Decide(AskErasure, "o-1"), IsOk());
  EXPECT_EQ(Recorded().state(), Erasure::STATE_PENDING);
  EXPECT_EQ(desk_.tasks().at("erase-order:o-1").due, desk_.now());
  for (int day = 0; day < 2; ++day) {
    ASSERT_THAT(desk_.Complete("erase-order:o-1", PutOffErasure, "o-1", Erasure::OBSTACLE_ORDER_UNDER_WAY),
                IsOk());
    EXPECT_FALSE(desk_.Find<Contact>(Now().customer_contact_id())->has_erase_time());
  }
  EXPECT_EQ(Recorded().obstacle(), Erasure::OBSTACLE_ORDER_UNDER_WAY);
  EXPECT_EQ(Recorded().version(), 2) << "the second day changed nothing";
}

TEST_F(ErasureTest, SYS_09_BothContactsAreEmptiedAndTheOrderStays) {
  const Order before = OrderIn(Order::STATE_DELIVERED);
  ASSERT_THAT(desk_.Decide(AskErasure, "o-1"), IsOk());
  ASSERT_THAT(desk_.Complete("erase-order:o-1", FinishErasure, "o-1"), IsOk());
  for (const std::string& id : {before.customer_contact_id(), before.recipient_contact_id()}) {
    const auto contact = desk_.Find<Contact>(id);
    ASSERT_TRUE(contact.has_value()) << id;
    EXPECT_EQ(contact->details().ByteSizeLong(), 0u) << contact->DebugString();
    EXPECT_EQ(contact->customer_id(), "c-1001");
  }
  EXPECT_EQ(Recorded().state(), Erasure::STATE_ERASED);
  EXPECT_EQ(ToTime(Recorded().erase_time()), desk_.now());
  EXPECT_EQ(Now().SerializeAsString(), before.SerializeAsString());
  EXPECT_THAT(desk_.Events(&Event::has_personal_data_erased), SizeIs(1));
  EXPECT_THAT(desk_.Tasks(kScrubStore), SizeIs(1));
}

TEST_F(ErasureTest, SYS_09_AnErasedContactIsNotWrittenAgain) {
  const Order order = OrderIn(Order::STATE_CANCELLED);
  ASSERT_THAT(desk_.Decide(AskErasure, "o-1"), IsOk());
  ASSERT_THAT(desk_.Complete("erase-order:o-1", FinishErasure, "o-1"), IsOk());
  UpdateContactRequest update;
  update.set_contact_id(order.customer_contact_id());
  update.mutable_details()->set_name("Somebody");
  EXPECT_THAT(desk_.Decide(UpdateContact, update), RefusedBy("SYS-09"));
}

TEST_F(ErasureTest, SYS_09_AskedAgainAnErasedOrderIsLookedAtAgain) {
  OrderIn(Order::STATE_CANCELLED);
  for (int times = 1; times <= 2; ++times) {
    ASSERT_THAT(desk_.Decide(AskErasure, "o-1"), IsOk());
    EXPECT_EQ(Recorded().state(), Erasure::STATE_PENDING);
    EXPECT_FALSE(Recorded().has_erase_time());
    ASSERT_THAT(desk_.Complete("erase-order:o-1", FinishErasure, "o-1"), IsOk());
    EXPECT_EQ(Recorded().version(), 2 * times);
  }
}

}  // namespace
}  // namespace makegood::rules
