// The ledger (PAY-07, RFD-07), its balances (PAY-11), and shares of what is sold in units (RFD-08).
#include "common/rules/payments/ledger.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/money.h"
#include "common/rules/payments/sold_items.h"
#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

LedgerEntry Entry(const std::vector<std::pair<int64_t, std::string>>& postings) {
  LedgerEntry entry;
  entry.set_document_id("doc-1");
  for (const auto& [amount, currency] : postings) {
    Posting& posting = *entry.add_postings();
    posting.set_account(Posting::LEDGER_ACCOUNT_CLEARING);
    posting.set_amount_minor(amount);
    posting.set_currency(currency);
  }
  return entry;
}

TEST(Ledger, PAY_07_AnEntryBalancesToZeroPerCurrency) {
  EXPECT_THAT(rules::CheckEntry(Entry({{5, "EUR"}, {-5, "EUR"}})), IsOk());
  EXPECT_THAT(rules::CheckEntry(Entry({{5, "EUR"}, {-4, "EUR"}})), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(rules::CheckEntry(Entry({{5, "EUR"}, {-5, "CZK"}})), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(rules::CheckEntry(Entry({{0, "EUR"}, {0, "EUR"}})), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(rules::CheckEntry(Entry({{0, "EUR"}})), StatusIs(absl::StatusCode::kInternal));
}

TEST(Ledger, RFD_07_AnEntryNamesItsDocument) {
  LedgerEntry entry = Entry({{5, "EUR"}, {-5, "EUR"}});
  entry.clear_document_id();
  EXPECT_THAT(rules::CheckEntry(entry), StatusIs(absl::StatusCode::kInternal));
}

// Posts a debit and a credit on a fresh account of `money`.
absl::Status Post(MoneyDesk& money, Posting::LedgerAccount debited, int64_t debit,
                  Posting::LedgerAccount credited, int64_t credit) {
  return money.desk.Decide([&](rules::Transaction& tx) -> absl::Status {
    absl::StatusOr<Account> account = rules::NewAccount(money.order, tx.policies());
    EXPECT_THAT(account, IsOk());
    return rules::EntryBuilder("EUR")
        .Debit(debited, debit)
        .Credit(credited, credit)
        .Post(*account, "doc-1", rules::Present(tx), tx);
  });
}

TEST(Ledger, PAY_07_TheBuilderRefusesWhatDoesNotBalance) {
  MoneyDesk money;
  EXPECT_THAT(Post(money, Posting::LEDGER_ACCOUNT_CLEARING, 5, Posting::LEDGER_ACCOUNT_GOODWILL, 4),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_TRUE(money.desk.All<LedgerEntry>().empty());
}

TEST(Ledger, RFD_02_NothingIsTakenThatIsNotThere) {
  for (const auto of : {Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT, Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT,
                        Posting::LEDGER_ACCOUNT_SURCHARGE_PREPAYMENT, Posting::LEDGER_ACCOUNT_REFUNDS_GRANTED,
                        Posting::LEDGER_ACCOUNT_REFUNDS_PAYABLE}) {
    MoneyDesk money;
    EXPECT_THAT(Post(money, of, 1, Posting::LEDGER_ACCOUNT_CLEARING, 1),
                StatusIs(absl::StatusCode::kInternal))
        << EnumWord(of);
    EXPECT_THAT(Post(money, Posting::LEDGER_ACCOUNT_CLEARING, 1, of, 1), IsOk()) << EnumWord(of);
  }
  for (const auto of :
       {Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE, Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY}) {
    MoneyDesk money;
    EXPECT_THAT(Post(money, Posting::LEDGER_ACCOUNT_CLEARING, 1, of, 1),
                StatusIs(absl::StatusCode::kInternal))
        << EnumWord(of);
    EXPECT_THAT(Post(money, of, 1, Posting::LEDGER_ACCOUNT_CLEARING, 1), IsOk()) << EnumWord(of);
  }
}

TEST(Ledger, PAY_11_WhatComesToNothingIsLeftOutOfTheBalances) {
  MoneyDesk money;
  ASSERT_THAT(money.Pay(100, "ref-1"), IsOk());
  ASSERT_THAT(money.React(money.Cancelled()), IsOk());
  money.SettleAll();
  EXPECT_EQ(money.account().balances_size(), 0);
  EXPECT_FALSE(money.desk.All<LedgerEntry>().empty());
}

// ---- Units.

SoldItem Item(int quantity, int64_t price, int vat, int commission) {
  SoldItem item;
  item.set_kind(SoldItem::KIND_LINE);
  item.set_item_id("l-1");
  item.set_quantity(quantity);
  item.mutable_unit_price()->set_amount_minor(price);
  item.set_vat_basis_points(vat);
  item.set_commission_basis_points(commission);
  return item;
}

RC_GTEST_PROP(SoldItems, RFD_08_PAY_08_ALineGivenBackInAnyStepsGivesBackTheLine, ()) {
  SoldItem item = Item(*rc::gen::inRange(1, 60), *rc::gen::inRange<int64_t>(0, 5'000),
                       *rc::gen::element(0, 500, 1'000, 1'200, 2'100, 10'000), *rc::gen::inRange(0, 10'001));
  const rules::Worth whole = rules::WorthOf(item, item.quantity());
  rules::Worth sum;
  while (item.given() < item.quantity()) {
    const int step = *rc::gen::inRange(1, item.quantity() - item.given() + 1);
    const rules::Worth next = rules::WorthOfNext(item, step);
    RC_ASSERT(next.gross == item.unit_price().amount_minor() * step);
    RC_ASSERT(next.vat >= 0 && next.commission >= 0);
    sum += next;
    item.set_given(item.given() + step);
  }
  RC_ASSERT(sum.gross == whole.gross);
  RC_ASSERT(sum.vat == whole.vat);
  RC_ASSERT(sum.commission == whole.commission);
}

}  // namespace
}  // namespace makegood::testing
