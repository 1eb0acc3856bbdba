// Amounts of money, their shares and rates (PAY-08).
#include "common/base/money.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace makegood {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

TEST(Money, PAY_08_CurrenciesHave0Or2Or3Decimals) {
  EXPECT_EQ(CurrencyDecimals("JPY"), 0);
  EXPECT_EQ(CurrencyDecimals("KRW"), 0);
  for (const char* code : {"EUR", "CZK", "TRY", "CNY", "BRL", "USD", "AED", "ZMW"}) {
    EXPECT_EQ(CurrencyDecimals(code), 2) << code;
  }
  EXPECT_EQ(CurrencyDecimals("KWD"), 3);
  EXPECT_EQ(CurrencyDecimals("TND"), 3);
  for (const char* code : {"", "EU", "EURO", "eur", "ABC", "XAU", "ZZZ"}) {
    EXPECT_EQ(CurrencyDecimals(code), std::nullopt) << code;
  }
}

TEST(Money, PAY_08_FormatsByTheCurrencysDecimals) {
  EXPECT_EQ(FormatMoney(3630, "EUR"), "36.30 EUR");
  EXPECT_EQ(FormatMoney(12, "JPY"), "12 JPY");
  EXPECT_EQ(FormatMoney(1250, "KWD"), "1.250 KWD");
  EXPECT_EQ(FormatMoney(-500, "CZK"), "-5.00 CZK");
  EXPECT_EQ(FormatMoney(-5, "CZK"), "-0.05 CZK");
  EXPECT_EQ(FormatMoney(0, "CZK"), "0.00 CZK");
  EXPECT_EQ(FormatMoney(kMin, "CZK"), "-92233720368547758.08 CZK");
  EXPECT_EQ(FormatMoney(7, "ABC"), "7 minor units of ABC");
}

TEST(Money, PAY_08_ParsesWholeMinorUnits) {
  EXPECT_EQ(ParseAmount("36.30", "EUR").value(), 3630);
  EXPECT_EQ(ParseAmount("36", "EUR").value(), 3600);
  EXPECT_EQ(ParseAmount("36.3", "EUR").value(), 3630);
  EXPECT_EQ(ParseAmount("0.05", "EUR").value(), 5);
  EXPECT_EQ(ParseAmount("12", "JPY").value(), 12);
  EXPECT_EQ(ParseAmount("1.25", "KWD").value(), 1250);
  EXPECT_EQ(ParseAmount("92233720368547758.07", "EUR").value(), kMax);
}

TEST(Money, PAY_08_RefusesWhatIsNoAmount) {
  for (const char* text :
       {"", ".", "1.", ".5", "-1", "+1", " 1", "1 ", "1,50", "1.2.3", "1e3", "0x1", "1.234"}) {
    EXPECT_EQ(ParseAmount(text, "EUR").status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_FALSE(ParseAmount("1.0", "JPY").ok());
  EXPECT_FALSE(ParseAmount("1", "ABC").ok());
  EXPECT_FALSE(ParseAmount("92233720368547758.08", "EUR").ok());
  EXPECT_FALSE(ParseAmount(std::string(1000, '9'), "EUR").ok());
}

RC_GTEST_PROP(MoneyProperty, PAY_08_WhatIsFormattedIsReadBack, ()) {
  const int64_t amount = *rc::gen::nonNegative<int64_t>();
  const std::string currency = *rc::gen::element<std::string>("JPY", "EUR", "KWD");
  const std::string text = FormatMoney(amount, currency);
  RC_ASSERT(ParseAmount(text.substr(0, text.size() - 4), currency).value() == amount);
}

RC_GTEST_PROP(MoneyProperty, PAY_08_AnyTextIsParsedOrRefused, (const std::string& text)) {
  const absl::StatusOr<int64_t> amount = ParseAmount(text, "EUR");
  if (amount.ok()) RC_ASSERT(*amount >= 0);
}

// RFD-05: a line of 36.30 including 21 % VAT, commission 10 % of net.
TEST(Money, RFD_05_TheCreditNoteExample) {
  const int64_t gross = 3630;
  const int64_t net = NetOfTax(gross, 2100);
  const int64_t commission = ApplyRate(net, 1000);
  EXPECT_EQ(net, 3000);
  EXPECT_EQ(commission, 300);
  EXPECT_EQ(net - commission, 2700);
  EXPECT_EQ((net - commission) + commission + (gross - net), gross);
}

TEST(Money, PAY_08_RatesRoundHalfAwayFromZero) {
  EXPECT_EQ(ApplyRate(5, 1000), 1);     // 0.5
  EXPECT_EQ(ApplyRate(-5, 1000), -1);   // -0.5
  EXPECT_EQ(ApplyRate(4, 1000), 0);     // 0.4
  EXPECT_EQ(ApplyRate(-4, 1000), 0);    // -0.4
  EXPECT_EQ(ApplyRate(15, 1000), 2);    // 1.5
  EXPECT_EQ(ApplyRate(25, 1000), 3);    // 2.5: not to even
  EXPECT_EQ(ApplyRate(-25, 1000), -3);  // -2.5
  EXPECT_EQ(ApplyRate(999, 0), 0);
  EXPECT_EQ(ApplyRate(999, 10000), 999);
  EXPECT_EQ(NetOfTax(100, 0), 100);
  EXPECT_EQ(NetOfTax(3, 10000), 2);    // 1.5
  EXPECT_EQ(NetOfTax(-3, 10000), -2);  // -1.5
  EXPECT_EQ(NetOfTax(121, 2100), 100);
}

TEST(Money, PAY_08_NothingOverflows) {
  EXPECT_EQ(ApplyRate(kMax, 10000), kMax);
  EXPECT_EQ(ApplyRate(kMin, 10000), kMin);
  EXPECT_EQ(ApplyRate(kMax, std::numeric_limits<int32_t>::max()), kMax);
  EXPECT_EQ(ApplyRate(kMin, std::numeric_limits<int32_t>::max()), kMin);
  EXPECT_EQ(NetOfTax(kMax, 0), kMax);
  EXPECT_EQ(NetOfTax(kMin, 0), kMin);
  EXPECT_THAT(Shares(kMax, {kMax, kMax}), ElementsAre(kMax / 2 + 1, kMax / 2));
  EXPECT_THAT(Shares(kMin, {kMax, kMax}), ElementsAre(kMin / 2, kMin / 2));
  EXPECT_THAT(Shares(kMin, {1}), ElementsAre(kMin));
}

TEST(Money, PAY_08_SharesGoByLargestRemainderAndTiesToTheEarlier) {
  EXPECT_THAT(Shares(100, {1, 1, 1}), ElementsAre(34, 33, 33));
  EXPECT_THAT(Shares(101, {1, 1, 1}), ElementsAre(34, 34, 33));
  EXPECT_THAT(Shares(-100, {1, 1, 1}), ElementsAre(-34, -33, -33));
  EXPECT_THAT(Shares(10, {1, 2}), ElementsAre(3, 7));  // 3.33, 6.67
  EXPECT_THAT(Shares(10, {0, 3, 0}), ElementsAre(0, 10, 0));
  EXPECT_THAT(Shares(5, {0, 0}), ElementsAre(3, 2));
  EXPECT_THAT(Shares(0, {1, 2}), ElementsAre(0, 0));
  EXPECT_THAT(Shares(5, {}), ElementsAre());
}

RC_GTEST_PROP(SharesProperty, PAY_08_SumExactlyToTheTotal, ()) {
  const int64_t total = *rc::gen::arbitrary<int64_t>();
  const auto weights =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<int64_t>>(rc::gen::nonNegative<int64_t>()));
  const std::vector<int64_t> shares = Shares(total, weights);
  RC_ASSERT(shares.size() == weights.size());
  __int128 sum = 0;
  for (const int64_t share : shares) sum += share;
  RC_ASSERT(sum == total);
}

RC_GTEST_PROP(SharesProperty, PAY_08_AreMonotoneInTheirWeightsAndNeverOffByAWholeUnit, ()) {
  const int64_t total = *rc::gen::inRange<int64_t>(0, 1'000'000'000);
  const auto weights = *rc::gen::suchThat(
      rc::gen::nonEmpty(rc::gen::container<std::vector<int64_t>>(rc::gen::inRange<int64_t>(0, 50))),
      [](const std::vector<int64_t>& w) { return std::accumulate(w.begin(), w.end(), int64_t{0}) > 0; });
  const int64_t sum = std::accumulate(weights.begin(), weights.end(), int64_t{0});
  const std::vector<int64_t> shares = Shares(total, weights);
  for (size_t i = 0; i < weights.size(); ++i) {
    RC_ASSERT(shares[i] >= total * weights[i] / sum);
    RC_ASSERT(shares[i] <= (total * weights[i] + sum - 1) / sum);  // so a weight of 0 gets nothing
    for (size_t j = i + 1; j < weights.size(); ++j) {
      if (weights[i] < weights[j]) RC_ASSERT(shares[i] <= shares[j]);
      if (weights[i] == weights[j]) RC_ASSERT(shares[i] >= shares[j]);  // ties to the earlier
      if (weights[i] > weights[j]) RC_ASSERT(shares[i] >= shares[j]);
    }
  }
}

}  // namespace
}  // namespace makegood
