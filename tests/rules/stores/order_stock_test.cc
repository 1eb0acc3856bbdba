// What orders take, are promised and give back, and who is filled first (AVL-01 to AVL-03).
#include "tests/rules/stores/stock_fixture.h"

namespace makegood::rules {
namespace {

constexpr auto kLeft = StockStatement::STANDING_LEFT;
constexpr auto kCalledOff = StockStatement::STANDING_CALLED_OFF;

TEST_F(StockTest, AVL_02_Pick5Ship5AndStockFallsBy5Once) {
  ASSERT_THAT(Set(8), IsOk());
  Order("o-1", {.wanted = 5});
  EXPECT_EQ(Figures(), "8 there, 5 promised, 0 owed, 3 available");
  Order("o-1", {.wanted = 5, .picked = 5});
  EXPECT_EQ(Figures(), "3 there, 0 promised, 0 owed, 3 available");
  Order("o-1", {.wanted = 5, .picked = 5, .standing = kLeft});
  EXPECT_EQ(Figures(), "3 there, 0 promised, 0 owed, 3 available");
  // Another that is handed over without a pick.
  Order("o-2", {.wanted = 2});
  Order("o-2", {.wanted = 2, .standing = kLeft});
  EXPECT_EQ(Figures(), "1 there, 0 promised, 0 owed, 1 available");
  Order("o-3", {.wanted = 5});
  EXPECT_THAT(Told(), ElementsAre("o-3 waits")) << "a second order for those units";
}

TEST_F(StockTest, AVL_02_TheSameStatementAgainOrAnEarlierOneLateChangesNothing) {
  ASSERT_THAT(Set(8), IsOk());
  const StockStatement placed = Says("o-1", {{kMug, {.wanted = 5}}});
  const StockStatement picked = Says("o-1", {{kMug, {.wanted = 5, .picked = 5}}});
  for (const StockStatement& one : {placed, placed, picked, picked, placed}) Hear(one);
  EXPECT_EQ(Figures(), "3 there, 0 promised, 0 owed, 3 available");
  EXPECT_THAT(desk_.last_events(), IsEmpty());
  // The pick is heard first.
  const StockStatement placed_2 = Says("o-2", {{kMug, {.wanted = 2}}});
  Hear(Says("o-2", {{kMug, {.wanted = 2, .picked = 2}}}));
  Hear(placed_2);
  EXPECT_EQ(Figures(), "1 there, 0 promised, 0 owed, 1 available");
}

TEST_F(StockTest, ORD_03_AVL_01_ACancellationGivesBackWhatWasPickedAndPromisedWhateverTheFigure) {
  ASSERT_THAT(Set(5), IsOk());
  Order("o-1", {.wanted = 3});
  Order("o-1", {.wanted = 3, .picked = 1});
  EXPECT_EQ(Figures(), "4 there, 2 promised, 0 owed, 2 available");
  Order("o-1", {.wanted = 3, .picked = 1, .standing = kCalledOff});
  EXPECT_EQ(Figures(), "5 there, 0 promised, 0 owed, 5 available");
  Order("o-2", {.wanted = 2});
  ASSERT_THAT(Set(-40), IsOk());
  Order("o-2", {.wanted = 2, .standing = kCalledOff});
  EXPECT_EQ(Figures(), "-40 there, 0 promised, 0 owed, 0 available");
}

TEST_F(StockTest, AVL_02_WhatThePickerDidNotFindIsNotOnTheShelfAndThatOnce) {
  ASSERT_THAT(Set(9), IsOk());
  Order("o-1", {.wanted = 5});
  Order("o-1", {.wanted = 5, .picked = 3, .gone = true});
  EXPECT_EQ(Figures(), "0 there, 0 promised, 2 owed, 0 available");
  EXPECT_THAT(Told(), ElementsAre("o-1 waits"));
  ASSERT_THAT(Set(1), IsOk());
  // A statement for another reason does not look at the shelf again.
  Order("o-1", {.wanted = 4, .picked = 3});
  EXPECT_EQ(Figures(), "1 there, 1 promised, 0 owed, 0 available");
  EXPECT_THAT(Told(), ElementsAre("o-1 waits", "o-1 goes on"));
  // Called off it gives back the three that were picked, and the one that came.
  Order("o-1", {.wanted = 4, .picked = 3, .standing = kCalledOff});
  EXPECT_EQ(Figures(), "4 there, 0 promised, 0 owed, 4 available");
}

TEST_F(StockTest, AVL_02_SaidToBeGoneAndCalledOffAtOnceNothingOfItIsOfferedAgain) {
  ASSERT_THAT(Set(9), IsOk());
  Order("o-1", {.wanted = 5});
  Order("o-1", {.wanted = 5, .standing = kCalledOff, .gone = true});
  EXPECT_EQ(Figures(), "0 there, 0 promised, 0 owed, 0 available");
  EXPECT_EQ(Now().state(), Offer::STATE_DELISTED);
}

TEST_F(StockTest, AVL_02_GoodsThatAreFoundAfterAllWereThere) {
  ASSERT_THAT(Set(2), IsOk());
  Order("o-1", {.wanted = 5});
  EXPECT_EQ(Figures(), "2 there, 2 promised, 3 owed, 0 available");
  Order("o-1", {.wanted = 5, .picked = 5});
  EXPECT_EQ(Figures(), "0 there, 0 promised, 0 owed, 0 available") << "not below zero";
  EXPECT_THAT(Told(), ElementsAre("o-1 waits", "o-1 goes on"));
}

TEST_F(StockTest, AVL_03_Of4WithOnePickedAndOneTakenOff2AreOwed) {
  ASSERT_THAT(Set(1), IsOk());
  Order("o-1", {.wanted = 4});
  Order("o-1", {.wanted = 4, .picked = 1});
  EXPECT_EQ(Figures(), "0 there, 0 promised, 3 owed, 0 available");
  Order("o-1", {.wanted = 3, .picked = 1});
  EXPECT_EQ(Figures(), "0 there, 0 promised, 2 owed, 0 available");
}

TEST_F(StockTest, RFD_01_UnitsTakenOffAfterThePickGoBackOnTheShelf) {
  ASSERT_THAT(Set(5), IsOk());
  Order("o-1", {.wanted = 5, .picked = 5});
  Order("o-1", {.wanted = 3, .picked = 3});
  EXPECT_EQ(Figures(), "2 there, 0 promised, 0 owed, 2 available");
}

TEST_F(StockTest, AVL_03_Restocking2FillsThePrioritisedOrderAndOnlyThenRelists) {
  ASSERT_THAT(Set(3), IsOk());
  Order("o-1", {.wanted = 2});
  Order("o-2", {.wanted = 3});
  Order("o-3", {.wanted = 1});
  // The first order's pick finds nothing: it comes before those that merely arrived when there was none.
  Order("o-1", {.wanted = 2, .picked = 0, .gone = true});
  EXPECT_THAT(Told(), ElementsAre("o-2 waits", "o-3 waits", "o-1 waits"));
  EXPECT_EQ(Figures(), "0 there, 1 promised, 5 owed, 0 available");
  ASSERT_THAT(Set(1), IsOk());
  EXPECT_EQ(Figures(), "1 there, 1 promised, 5 owed, 0 available") << "that one is promised before";
  ASSERT_THAT(Set(3), IsOk());
  EXPECT_EQ(Told().back(), "o-1 goes on");
  EXPECT_THAT(Announced(), IsEmpty()) << "others wait";
  ASSERT_THAT(Set(5), IsOk());
  EXPECT_EQ(Told().back(), "o-2 goes on") << "the oldest of the others";
  EXPECT_EQ(Now().state(), Offer::STATE_DELISTED);
  ASSERT_THAT(Set(8), IsOk());
  EXPECT_EQ(Told().back(), "o-3 goes on");
  EXPECT_THAT(Announced(), ElementsAre("offer_relisted", "stock_low"));
  EXPECT_EQ(Figures(), "8 there, 6 promised, 0 owed, 2 available");
}

TEST_F(StockTest, AVL_03_AnotherOrdersCancellationFillsThoseThatWait) {
  ASSERT_THAT(Set(2), IsOk());
  Order("o-1", {.wanted = 2});
  Order("o-2", {.wanted = 2});
  Order("o-1", {.wanted = 2, .standing = kCalledOff});
  EXPECT_THAT(Told(), ElementsAre("o-2 waits", "o-2 goes on"));
  EXPECT_EQ(Figures(), "2 there, 2 promised, 0 owed, 0 available");
  EXPECT_EQ(Now().state(), Offer::STATE_DELISTED);
}

TEST_F(StockTest, AVL_03_AnOrderWaitsForAllOfItsProductsAndOnceOver) {
  ASSERT_THAT(Set(1), IsOk());
  ASSERT_THAT(Set(0, "PAN"), IsOk());
  Hear(Says("o-1", {{kMug, {.wanted = 2}}, {"PAN", {.wanted = 1}}, {"UNKNOWN", {.wanted = 7}}}));
  EXPECT_THAT(Told(), ElementsAre("o-1 waits"));
  ASSERT_THAT(Set(2), IsOk());
  EXPECT_THAT(Told(), SizeIs(1));
  ASSERT_THAT(Set(1, "PAN"), IsOk());
  EXPECT_THAT(Told(), ElementsAre("o-1 waits", "o-1 goes on"));
}

TEST_F(StockTest, AVL_03_WhoHasLeftOrIsOverWaitsNoMore) {
  ASSERT_THAT(Set(0), IsOk());
  Order("o-1", {.wanted = 2});
  Order("o-2", {.wanted = 2});
  Order("o-3", {.wanted = 1});
  Order("o-1", {.wanted = 2, .standing = kCalledOff});
  Order("o-2", {.wanted = 2, .standing = kLeft});
  EXPECT_EQ(Figures(), "0 there, 0 promised, 1 owed, 0 available");
  ASSERT_THAT(Set(1), IsOk());
  EXPECT_THAT(Told(), ElementsAre("o-1 waits", "o-2 waits", "o-3 waits", "o-1 goes on", "o-2 goes on",
                                  "o-3 goes on"));
}

TEST_F(StockTest, AVL_03_HundredsThatWaitAreFilledAFewACommitAndNobodyOvertakesThem) {
  ASSERT_THAT(Set(0), IsOk());
  constexpr int kOrders = 450;
  for (int i = 0; i < kOrders; ++i) Order(absl::StrCat("o-", i), {.wanted = 1});
  ASSERT_THAT(Set(kOrders + 10), IsOk());
  EXPECT_EQ(Now().available(), 10) << "what waits is spoken for";
  EXPECT_EQ(Now().reserved(), 200);
  Order("late", {.wanted = 5});
  EXPECT_EQ(Now().owed(), kOrders - 200 - 200 + 5) << "it stands behind them";
  while (!desk_.Tasks(kFillWaiting).empty()) {
    const Task task = desk_.Tasks(kFillWaiting).front();
    ASSERT_THAT(desk_.As(Service()).Complete(task.id, GoOnFilling, task.payload), IsOk());
  }
  EXPECT_EQ(Figures(), absl::StrCat(kOrders + 10, " there, ", kOrders + 5, " promised, 0 owed, 5 available"));
  EXPECT_THAT(Told(), SizeIs(2 * kOrders + 2));
}

TEST_F(StockTest, AVL_01_AProductIsKnownFromItsFirstFigureOn) {
  Order("o-1", {.wanted = 3, .picked = 3});
  ASSERT_THAT(Set(10), IsOk());
  Order("o-1", {.wanted = 3, .picked = 3, .standing = kLeft});
  EXPECT_EQ(Figures(), "10 there, 0 promised, 0 owed, 10 available") << "they had left the shelf before";
}

}  // namespace
}  // namespace makegood::rules
