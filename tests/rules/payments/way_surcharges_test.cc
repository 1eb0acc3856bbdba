// What was paid for a way that nobody went (DLV-03, DLV-06, ORD-06).
#include <gmock/gmock.h>

#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr auto kRedelivery = base::v1::SURCHARGE_KIND_REDELIVERY;
constexpr auto kFarther = base::v1::SURCHARGE_KIND_FARTHER_ADDRESS;

// An order of 100, of which 10 are its delivery, paid. Its parcel is back at the store.
class WaySurcharges : public ::testing::Test {
 protected:
  WaySurcharges() {
    EXPECT_THAT(money_.React(money_.Created()), IsOk());
    EXPECT_THAT(money_.Pay(100, "ref-1"), IsOk());
    EXPECT_THAT(money_.React(money_.Shipped()), IsOk());
    EXPECT_THAT(money_.React(money_.Dispatched()), IsOk());
    money_.desk.Advance(absl::Minutes(20));
  }

  // "surcharge-01-… 30", of each grant.
  std::vector<std::string> Granted() const {
    std::vector<std::string> all;
    for (const RefundGrant& grant : money_.desk.All<RefundGrant>()) {
      all.push_back(absl::StrCat(grant.case_id(), " ", grant.amount().amount_minor()));
    }
    return all;
  }

  MoneyDesk money_;
};

TEST_F(WaySurcharges, DLV_03_DLV_06_ARedeliveryThatWasPaidForAndNotChosenGoesBackByItsOwnCase) {
  const std::string again = money_.PaidSurcharge(30, kRedelivery);
  ASSERT_THAT(money_.React(money_.Returned()), IsOk());
  EXPECT_THAT(Granted(), UnorderedElementsAre(absl::StrCat(again, " 30"), " 90")) << "less the delivery fee";
  money_.SettleAll();
  EXPECT_EQ(money_.books(), (Books{{"CLEARING", 10}, {"MERCHANT_PAYABLE", -10}}));
}

TEST_F(WaySurcharges, ORD_06_WhatWentOutAgainWasUsedUpAndWhatWasPaidAfterThatWasNot) {
  money_.PaidSurcharge(30, kRedelivery);
  money_.PaidSurcharge(20, kFarther);
  money_.desk.Advance(absl::Minutes(20));
  ASSERT_THAT(money_.React(money_.Dispatched()), IsOk());
  money_.desk.Advance(absl::Minutes(20));
  const std::string second = money_.PaidSurcharge(30, kRedelivery);
  ASSERT_THAT(money_.React(money_.Returned()), IsOk());
  EXPECT_THAT(Granted(), UnorderedElementsAre(absl::StrCat(second, " 30"), " 90"));
}

TEST_F(WaySurcharges, ORD_06_AWayOfBeforeThatIsHeardLateUsesUpNothing) {
  Event before = money_.Dispatched();
  money_.desk.Advance(absl::Minutes(20));
  const std::string again = money_.PaidSurcharge(30, kRedelivery);
  ASSERT_THAT(money_.React(before), IsOk());
  ASSERT_THAT(money_.React(money_.Returned()), IsOk());
  EXPECT_THAT(Granted(), UnorderedElementsAre(absl::StrCat(again, " 30"), " 90"));
}

TEST_F(WaySurcharges, DLV_03_WhatWasMetOnItsWayBackNeededNoOtherWay) {
  const std::string again = money_.PaidSurcharge(30, kRedelivery);
  ASSERT_THAT(money_.React(money_.Delivered()), IsOk());
  EXPECT_THAT(Granted(), ElementsAre(absl::StrCat(again, " 30")));
  money_.SettleAll();
  EXPECT_THAT(money_.Hanging(), IsEmpty());
  EXPECT_EQ(rules::KeptSurcharges(money_.account()).gross, 0);
}

TEST_F(WaySurcharges, RFD_08_WhatWentBackByHandDoesNotGoBackAgain) {
  const std::string again = money_.PaidSurcharge(30, kRedelivery);
  ASSERT_THAT(money_.Give(base::v1::REFUND_REASON_SURCHARGE, again), IsOk());
  ASSERT_THAT(money_.React(money_.Returned()), IsOk());
  EXPECT_THAT(Granted(), UnorderedElementsAre(absl::StrCat(again, " 30"), " 90"));
}

TEST_F(WaySurcharges, ORD_06_WhatAnEarlierVersionTookInIsKeptByItsKindAsBefore) {
  money_.PaidSurcharge(30, kRedelivery);
  ASSERT_THAT(money_.desk.Decide([](rules::Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(Account account, tx.Get<Account>("o-1"));
    for (SoldItem& item : *account.mutable_items()) item.clear_unused_since();
    tx.Put(account);
    return absl::OkStatus();
  }),
              IsOk());
  ASSERT_THAT(money_.React(money_.Returned()), IsOk());
  EXPECT_THAT(Granted(), ElementsAre(" 90"));
}

// DLV-01: of two that were paid so much of the last as the address is nearer.
TEST_F(WaySurcharges, DLV_01_RFD_08_WhatWasPaidLastForAFartherAddressGoesBackFirst) {
  const std::string first = money_.PaidSurcharge(20, kFarther);
  money_.PaidSurcharge(5, kRedelivery);
  const std::string second = money_.PaidSurcharge(30, kFarther);
  const auto nearer = [&](int64_t less, const std::string& change_id) {
    Event event = money_.OrderEvent();
    event.set_case_id(change_id);
    *event.mutable_address_changed()->mutable_surcharges_given_back() = money_.Money(less);
    return money_.React(event);
  };
  ASSERT_THAT(nearer(10, "address-1"), IsOk());
  EXPECT_THAT(Granted(), ElementsAre(absl::StrCat(second, " 10")));
  ASSERT_THAT(nearer(25, "address-2"), IsOk());
  EXPECT_THAT(Granted(), UnorderedElementsAre(absl::StrCat(second, " 10"), absl::StrCat(second, " 20"),
                                              absl::StrCat(first, " 5")));
  EXPECT_EQ(rules::KeptSurcharges(money_.account()).gross, 15 + 5);
  EXPECT_THAT(money_.Give(base::v1::REFUND_REASON_SURCHARGE, second), RefusedBy("RFD-08"));
  ASSERT_THAT(money_.React(money_.Cancelled()), IsOk());
  EXPECT_THAT(Granted(), ::testing::Contains(" 120")) << "and the rest with the order";
  money_.SettleAll();
  EXPECT_THAT(money_.Hanging(), IsEmpty());
}

}  // namespace
}  // namespace makegood::testing
