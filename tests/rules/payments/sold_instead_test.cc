// What is sold instead of what could not be had (AVL-03).
#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

// What it costs less goes back, and nobody is asked for what it costs.
TEST(SoldInstead, AVL_03_RFD_10_ItIsSetOffAgainstWhatGoesBack) {
  MoneyDesk money;
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
  const Event added = money.Added("alternative-2", 2, 12);
  ASSERT_THAT(money.React(added), IsOk());
  EXPECT_EQ(money.Due(), 24);
  ASSERT_THAT(money.React(money.TakenOff({{"l-1", 3}})), IsOk());
  EXPECT_EQ(money.Due(), 0);
  EXPECT_EQ(money.books(), (Books{{"CLEARING", 100}, {"CUSTOMER_PREPAYMENT", -94}, {"REFUNDS_PAYABLE", -6}}));
  Event again = added;
  again.clear_order_version();
  ASSERT_THAT(money.React(again), IsOk()) << "an event takes effect once";
  EXPECT_EQ(money.Due(), 0);
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  EXPECT_EQ(money.Documents(base::v1::DOCUMENT_KIND_SALES_INVOICE).at(0).amount().amount_minor(), 94);
}

TEST(SoldInstead, AVL_03_OfCashOnDeliveryLessIsDue) {
  MoneyDesk money{CashOf()};
  ASSERT_THAT(money.React(money.Created()), IsOk());
  ASSERT_THAT(money.React(money.Added("alternative-2", 1, 25)), IsOk());
  EXPECT_EQ(money.Due(), 125);
  ASSERT_THAT(money.React(money.TakenOff({{"l-1", 3}})), IsOk());
  EXPECT_EQ(money.Due(), 95);
}

}  // namespace
}  // namespace makegood::testing
