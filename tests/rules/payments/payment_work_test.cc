// Whose turn it is with an order's money (WRK-01, PAY-10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/payments/money_desk.h"
#include "tests/support/work_support.h"

namespace makegood::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Of the kind's records, in short; what is open is what events have said.
template <typename Record>
std::vector<std::string> Waiting(const MoneyDesk& money) {
  EXPECT_EQ(WorkTold(money.desk.events()), (WorkOn<Account, Refund, CreditNote, Surcharge>(money.desk)));
  std::vector<std::string> all;
  for (const Record& record : money.desk.All<Record>()) {
    for (const std::string& one : InShort(rules::RecordTraits<Record>::Waiting(record))) all.push_back(one);
  }
  return all;
}

TEST(PaymentWork, WRK_01_PAY_10_TheCouriersCashAndThenTheCustomersRest) {
  MoneyDesk money(CashOf());
  ASSERT_THAT(money.React(money.Created()), IsOk());
  EXPECT_THAT(Waiting<Account>(money), IsEmpty());
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  EXPECT_THAT(Waiting<Account>(money), ElementsAre("courier record_cash"));
  ASSERT_THAT(money.Pay(70, "cash-1"), IsOk());
  EXPECT_THAT(Waiting<Account>(money), ElementsAre("customer pay_rest"));
  EXPECT_EQ(rules::RecordTraits<Account>::Waiting(money.account()).front().amount().amount_minor(), 30);
  ASSERT_THAT(money.Pay(30, "cash-2"), IsOk());
  EXPECT_THAT(Waiting<Account>(money), IsEmpty());
}

TEST(PaymentWork, WRK_01_MoneyIsMovedByOperationsAndTriedAgain) {
  MoneyDesk money({.marketplace = "default"});
  ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
  ASSERT_THAT(money.React(money.Cancelled()), IsOk());
  ASSERT_THAT(money.desk.All<Refund>(), SizeIs(1));
  const std::string refund_id = money.desk.All<Refund>().front().refund_id();
  EXPECT_THAT(Waiting<Refund>(money), ElementsAre(StartsWith("operations move_money by ")));
  ASSERT_THAT(money.Fail(refund_id), IsOk());
  EXPECT_THAT(Waiting<Refund>(money), ElementsAre(StartsWith("operations retry_refund by ")));
  ASSERT_THAT(money.Retry(refund_id), IsOk());
  ASSERT_THAT(money.Settle(refund_id), IsOk());
  EXPECT_THAT(Waiting<Refund>(money), IsEmpty());
}

TEST(PaymentWork, WRK_01_ACreditNoteIsTheMerchantsUntilItIsSent) {
  MoneyDesk money({.marketplace = "mall"});
  ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
  ASSERT_THAT(money.React(money.Delivered()), IsOk());
  ASSERT_THAT(money.Follow(AClaim("clm-1", {{"l-1", 2}}, "4712345678")), IsOk());
  EXPECT_THAT(Waiting<CreditNote>(money), ElementsAre(StartsWith("merchant issue_credit_note by ")));
  money.SendAll();
  EXPECT_THAT(Waiting<CreditNote>(money), IsEmpty());
}

TEST(PaymentWork, WRK_01_PAY_02_ASurchargeGoesFromHandToHandOnceItIsShown) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
  const auto proposed = money.Propose(20);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_THAT(Waiting<Surcharge>(money), IsEmpty()) << "not held yet";
  const std::string id = proposed->surcharge_id();
  ASSERT_THAT(money.Hold(id), IsOk());
  EXPECT_THAT(Waiting<Surcharge>(money), ElementsAre(StartsWith("customer approve_surcharge by ")));
  ASSERT_THAT(money.Approve(id), IsOk());
  EXPECT_THAT(Waiting<Surcharge>(money), ElementsAre(StartsWith("merchant issue_surcharge by ")));
  ASSERT_THAT(money.Issue(id), IsOk());
  ASSERT_THAT(money.Pay(5, "part", id), IsOk());
  EXPECT_THAT(Waiting<Surcharge>(money), ElementsAre(StartsWith("customer pay_surcharge by ")));
  EXPECT_EQ(rules::RecordTraits<Surcharge>::Waiting(*money.desk.Find<Surcharge>(id))
                .front()
                .amount()
                .amount_minor(),
            15);
  ASSERT_THAT(money.Pay(15, "rest", id), IsOk());
  EXPECT_THAT(Waiting<Surcharge>(money), IsEmpty());
}

}  // namespace
}  // namespace makegood::testing
