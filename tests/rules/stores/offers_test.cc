// Offers: how much there is, and when they are on offer (AVL-01, ROL-02, ROL-12).
#include "tests/rules/stores/stock_fixture.h"

namespace makegood::rules {
namespace {

TEST_F(StockTest, AVL_01_Of80With29Promised51AreAvailableAndAPreviewShowsOldAndNew) {
  ASSERT_THAT(Set(80), IsOk());
  Order("o-1", {.wanted = 29});
  EXPECT_EQ(Figures(), "80 there, 29 promised, 0 owed, 51 available");
  const auto preview = desk_.As(Employee()).Preview(SetStock, Stock({Item(kMug, 60)}));
  ASSERT_THAT(preview, IsOk());
  ASSERT_THAT(preview->changes(), SizeIs(1));
  const stores::v1::StockChange& change = preview->changes(0);
  EXPECT_EQ(change.old_stock(), 80);
  EXPECT_EQ(change.stock(), 60);
  EXPECT_EQ(change.old_available(), 51);
  EXPECT_EQ(change.available(), 31);
  EXPECT_EQ(change.reserved(), 29);
  EXPECT_EQ(Figures(), "80 there, 29 promised, 0 owed, 51 available") << "nothing has changed (SYS-03)";
}

TEST_F(StockTest, AVL_01_AtTheThresholdItIsDelistedAtOnceAndRelistedByWhateverRestocksIt) {
  ASSERT_THAT(Set(3), IsOk());
  EXPECT_EQ(Now().state(), Offer::STATE_LISTED);
  EXPECT_THAT(Announced(), IsEmpty());
  Order("o-1", {.wanted = 1});
  EXPECT_TRUE(Now().low()) << "mall: low at 2";
  EXPECT_THAT(Announced(), ElementsAre("stock_low"));
  Order("o-2", {.wanted = 2});
  EXPECT_EQ(Now().state(), Offer::STATE_DELISTED);
  EXPECT_FALSE(Now().low()) << "it is on offer no more";
  EXPECT_THAT(Announced(), ElementsAre("offer_delisted"));
  // A cancellation restocks, too.
  Order("o-2", {.wanted = 2, .standing = StockStatement::STANDING_CALLED_OFF});
  EXPECT_EQ(Now().state(), Offer::STATE_LISTED);
  EXPECT_THAT(Announced(), ElementsAre("offer_relisted", "stock_low"));
  ASSERT_THAT(Set(1), IsOk());
  EXPECT_THAT(Announced(), ElementsAre("offer_delisted"));
  ASSERT_THAT(Set(50), IsOk());
  EXPECT_THAT(Announced(), ElementsAre("offer_relisted"));
  EXPECT_EQ(Figures(), "50 there, 1 promised, 0 owed, 49 available");
  EXPECT_EQ(Now().policy().version(), testing::ShippedVersion("mall"));
}

TEST_F(StockTest, AVL_01_WhatAPersonDelistedNothingButAPersonRelists) {
  ASSERT_THAT(Set(5), IsOk());
  stores::v1::DelistOfferRequest delist;
  delist.set_merchant_id("m-1");
  delist.set_sku(kMug);
  stores::v1::RelistOfferRequest relist;
  relist.set_merchant_id("m-1");
  relist.set_sku(kMug);
  EXPECT_THAT(desk_.As(Manager()).Decide(RelistOffer, relist), RefusedBy("AVL-01"));
  ASSERT_THAT(desk_.As(Manager()).Decide(DelistOffer, delist), IsOk());
  EXPECT_TRUE(desk_.last_events().back().offer_delisted().by_person());
  EXPECT_THAT(desk_.As(Manager()).Decide(DelistOffer, delist), RefusedBy("AVL-01"));
  ASSERT_THAT(Set(0), IsOk());
  ASSERT_THAT(Set(100), IsOk());
  EXPECT_EQ(Now().state(), Offer::STATE_DELISTED_BY_PERSON);
  ASSERT_THAT(Set(0), IsOk());
  const auto back = desk_.As(Manager()).Decide(RelistOffer, relist);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->state(), Offer::STATE_DELISTED) << "there is none";
  EXPECT_THAT(Announced(), IsEmpty());
  EXPECT_THAT(desk_.As(Manager()).Decide(RelistOffer, relist), RefusedBy("AVL-01"));
  ASSERT_THAT(Set(7), IsOk());
  EXPECT_EQ(Now().state(), Offer::STATE_LISTED);
}

TEST_F(StockTest, AVL_01_BelowZeroNothingIsAvailableAndTheMerchantIsToldOnce) {
  ASSERT_THAT(Set(4), IsOk());
  ASSERT_THAT(Set(-3), IsOk());
  EXPECT_THAT(Announced(), ElementsAre("stock_negative", "offer_delisted"));
  EXPECT_EQ(desk_.Events(&Event::has_stock_negative).back().stock_negative().stock(), -3);
  EXPECT_EQ(Now().available(), 0);
  ASSERT_THAT(Set(-3), IsOk());
  EXPECT_THAT(Announced(), IsEmpty()) << "nothing has changed";
  Order("o-1", {.wanted = 1});
  EXPECT_THAT(Told(), ElementsAre("o-1 waits"));
}

TEST_F(StockTest, AVL_01_TheSameFigureChangesNothingAndSaysNothing) {
  ASSERT_THAT(Set(4), IsOk());
  desk_.Advance(absl::Hours(1));
  const auto again = Set(4);
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(again->changes(), IsEmpty());
  EXPECT_EQ(again->unchanged(), 1);
  EXPECT_THAT(Announced(), IsEmpty());
  EXPECT_EQ(ToTime(Now().confirm_time()), desk_.now()) << "it is confirmed";
}

TEST_F(StockTest, AVL_01_ThresholdsAreTheMerchantsOwnOrThePolicys) {
  StockItem item = Item(kMug, 12);
  item.set_low_threshold(20);
  item.set_zero_threshold(10);
  ASSERT_THAT(desk_.As(Employee()).Decide(SetStock, Stock({item})), IsOk());
  EXPECT_TRUE(Now().low());
  Order("o-1", {.wanted = 2});
  EXPECT_EQ(Now().state(), Offer::STATE_DELISTED) << "10 are kept back";
  StockItem policys;
  policys.set_sku(kMug);
  policys.set_policy_thresholds(true);
  const auto back = desk_.As(Employee()).Decide(SetStock, Stock({policys}));
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->changes(0).stock(), 12) << "a figure that is not told stays";
  EXPECT_EQ(Now().state(), Offer::STATE_LISTED);
  EXPECT_FALSE(Now().low());
}

TEST_F(StockTest, AVL_01_SYS_07_WhatIsWrongIsNamedByItemAndNothingIsHalfDone) {
  StockItem nothing;
  nothing.set_sku("PAN");
  StockItem unknown;
  unknown.set_sku("POT");
  unknown.set_low_threshold(3);
  const auto twice = desk_.As(Employee()).Decide(SetStock, Stock({Item(kMug, 1), Item(kMug, 2), nothing}));
  EXPECT_THAT(FieldViolationsOf(twice.status()),
              ElementsAre(FieldViolation{"items[1].sku", "names a product again"},
                          FieldViolation{"items[2].stock", "is missing, and so is anything else to set"}));
  const auto first = desk_.As(Employee()).Decide(SetStock, Stock({Item(kMug, 1), unknown}));
  EXPECT_THAT(FieldViolationsOf(first.status()),
              ElementsAre(FieldViolation{"items[1].stock", "is missing: the product is not known yet"}));
  EXPECT_EQ(Now().offer_id(), "");
  EXPECT_THAT(desk_.As(Employee()).Decide(SetStock, Stock({Item(kMug, 1)}, "tmall")), RefusedBy("AVL-01"))
      << "suppliers have the stock";
  EXPECT_THAT(desk_.As(Employee()).Decide(SetStock, Stock({Item(kMug, 1)}, "bazaar")),
              testing::StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(StockTest, SYS_04_AVersionIsOneOffers) {
  ASSERT_THAT(Set(4), IsOk());
  EXPECT_THAT(desk_.As(Employee())
                  .Expecting(Now().version() + 1)
                  .Decide(SetStock,
                          [] {
                            SetStockRequest request = Stock({Item(kMug, 9)});
                            request.mutable_command()->set_expected_version(2);
                            return request;
                          }()),
              testing::StatusIs(absl::StatusCode::kAborted));
  SetStockRequest many = Stock({Item(kMug, 9), Item("PAN", 1)});
  many.mutable_command()->set_expected_version(1);
  EXPECT_THAT(FieldViolationsOf(desk_.As(Employee()).Decide(SetStock, many).status()), SizeIs(1));
  EXPECT_EQ(Now().stock(), 4);
}

TEST_F(StockTest, ROL_02_ROL_12_AStoreSetsItsOwn) {
  const SetStockRequest request = Stock({Item(kMug, 1)});
  EXPECT_THAT(desk_.As(Employee("m-2")).Decide(SetStock, request), DeniedBy("ROL-02"));
  EXPECT_THAT(desk_.As(testing::Connector("m-2")).Decide(SetStock, request), DeniedBy("ROL-02"));
  for (const base::v1::Actor& nobody : {Operations(), testing::Customer(), testing::Courier()}) {
    EXPECT_THAT(desk_.As(nobody).Decide(SetStock, request), DeniedBy("ROL-02"));
  }
  for (const base::v1::Actor& one :
       {Employee(), Manager(), testing::Director(), testing::Connector(), Service()}) {
    EXPECT_THAT(desk_.As(one).Decide(SetStock, request), IsOk());
  }
  stores::v1::DelistOfferRequest delist;
  delist.set_merchant_id("m-1");
  delist.set_sku(kMug);
  EXPECT_THAT(desk_.As(testing::Connector()).Decide(DelistOffer, delist), DeniedBy("ROL-02"))
      << "that is a person's to say";
  EXPECT_THAT(desk_.As(Manager("m-2")).Decide(DelistOffer, delist), DeniedBy("ROL-02"));
  delist.set_sku("PAN");
  EXPECT_THAT(desk_.As(Manager()).Decide(DelistOffer, delist),
              testing::StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(StockTest, AVL_01_ORD_09_WhatIsOfferedGoes) {
  ASSERT_THAT(Set(4), IsOk());
  for (int step = 0; step < 3; ++step) {
    Offer offer = Now();
    FillActions(offer, Manager(), desk_.now(), testing::ShippedPolicies());
    for (const base::v1::AvailableAction& action : offer.available_actions()) {
      if (action.action() == "SetStock") continue;
      stores::v1::DelistOfferRequest delist;
      delist.set_merchant_id("m-1");
      delist.set_sku(kMug);
      stores::v1::RelistOfferRequest relist;
      relist.set_merchant_id("m-1");
      relist.set_sku(kMug);
      const auto preview = action.action() == "DelistOffer"
                               ? desk_.As(Manager()).Preview(DelistOffer, delist)
                               : desk_.As(Manager()).Preview(RelistOffer, relist);
      EXPECT_EQ(preview.ok(), action.allowed()) << action.action();
      if (preview.ok()) {
        EXPECT_NE(preview->state(), offer.state());
      }
    }
    stores::v1::DelistOfferRequest delist;
    delist.set_merchant_id("m-1");
    delist.set_sku(kMug);
    if (step == 0) {
      ASSERT_THAT(desk_.As(Manager()).Decide(DelistOffer, delist), IsOk());
    } else {
      ASSERT_THAT(Set(0), IsOk());
    }
  }
}

TEST_F(StockTest, AVL_01_ListsAreByGroupsOfWhatIsAskedFor) {
  stores::v1::ListOffersRequest request;
  EXPECT_THAT(GroupsOf(request), IsEmpty());
  request.set_low_only(true);
  EXPECT_THAT(GroupsOf(request), ElementsAre("STATE_LISTED.LOW", "STATE_LISTED.LOW.STALE"));
  request.set_stale_only(true);
  request.add_states(Offer::STATE_LISTED);
  EXPECT_THAT(GroupsOf(request), ElementsAre("STATE_LISTED.LOW.STALE"));
  request.set_states(0, Offer::STATE_DELISTED);
  EXPECT_THAT(GroupsOf(request), ElementsAre("STATE_UNSPECIFIED")) << "nothing, and not everything";
}

}  // namespace
}  // namespace makegood::rules
