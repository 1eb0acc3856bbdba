#include "common/base/money.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace makegood {
namespace {

using Wide = __int128;  // a product of two int64, and a sum of many, always fits

constexpr Wide kWhole = 10'000;  // basis points

// Three capitals as one number, so that a look-up is a binary search over integers.
constexpr uint32_t Pack(absl::string_view code) {
  uint32_t packed = 0;
  for (const char c : code) packed = packed << 8 | static_cast<unsigned char>(c);
  return packed;
}

// Reads "AAA BBB CCC".
template <size_t N>
constexpr auto PackAll(const char (&codes)[N]) {
  std::array<uint32_t, N / 4> packed{};
  for (size_t i = 0; i < packed.size(); ++i) packed[i] = Pack(absl::string_view(codes + 4 * i, 3));
  return packed;
}

// ISO 4217, currencies in use. Funds, metals and units of account (CLF, UYW, XAU, ...) are not money
// that an order is paid in.
constexpr auto kNoDecimals = PackAll("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF");
constexpr auto kThreeDecimals = PackAll("BHD IQD JOD KWD LYD OMR TND");
constexpr auto kTwoDecimals = PackAll(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD "
    "HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD "
    "MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON "
    "RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD "
    "TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW");
static_assert(std::is_sorted(kNoDecimals.begin(), kNoDecimals.end()));
static_assert(std::is_sorted(kThreeDecimals.begin(), kThreeDecimals.end()));
static_assert(std::is_sorted(kTwoDecimals.begin(), kTwoDecimals.end()));

template <size_t N>
bool Holds(const std::array<uint32_t, N>& codes, uint32_t code) {
  return std::binary_search(codes.begin(), codes.end(), code);
}

constexpr int64_t PowerOfTen(int exponent) {
  int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool AllDigits(absl::string_view text) { return std::all_of(text.begin(), text.end(), IsDigit); }

Wide Magnitude(int64_t value) { return value < 0 ? -static_cast<Wide>(value) : static_cast<Wide>(value); }

// `numerator` / `denominator` (> 0), rounded half away from zero, held within int64.
int64_t DivideRounded(Wide numerator, Wide denominator) {
  const Wide half = denominator / 2 + denominator % 2;
  Wide quotient = numerator / denominator;
  const Wide remainder = numerator % denominator;
  if (remainder >= half) ++quotient;
  if (-remainder >= half) --quotient;
  return static_cast<int64_t>(
      std::clamp<Wide>(quotient, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()));
}

}  // namespace

std::optional<int> CurrencyDecimals(absl::string_view currency) {
  if (currency.size() != 3) return std::nullopt;
  const uint32_t code = Pack(currency);
  if (Holds(kTwoDecimals, code)) return 2;
  if (Holds(kNoDecimals, code)) return 0;
  if (Holds(kThreeDecimals, code)) return 3;
  return std::nullopt;
}

std::string FormatMoney(int64_t amount_minor, absl::string_view currency) {
  const std::optional<int> decimals = CurrencyDecimals(currency);
  if (!decimals.has_value()) return absl::StrCat(amount_minor, " minor units of ", currency);
  if (*decimals == 0) return absl::StrCat(amount_minor, " ", currency);
  const Wide magnitude = Magnitude(amount_minor);
  const int64_t unit = PowerOfTen(*decimals);
  return absl::StrFormat("%s%d.%0*d %s", amount_minor < 0 ? "-" : "", static_cast<int64_t>(magnitude / unit),
                         *decimals, static_cast<int64_t>(magnitude % unit), currency);
}

absl::StatusOr<int64_t> ParseAmount(absl::string_view text, absl::string_view currency) {
  const std::optional<int> decimals = CurrencyDecimals(currency);
  if (!decimals.has_value()) return absl::InvalidArgumentError("the currency is not known");
  const size_t point = text.find('.');
  const absl::string_view whole = text.substr(0, point);
  const absl::string_view fraction =
      point == absl::string_view::npos ? absl::string_view() : text.substr(point + 1);
  if (whole.empty() || (point != absl::string_view::npos && fraction.empty()) || !AllDigits(whole) ||
      !AllDigits(fraction)) {
    return absl::InvalidArgumentError("not an amount, want digits and at most one decimal point");
  }
  if (fraction.size() > static_cast<size_t>(*decimals)) {
    return absl::InvalidArgumentError(absl::StrCat("too many decimals, ", currency, " has ", *decimals));
  }
  Wide amount = 0;
  const auto append = [&amount](int digit) {
    amount = std::min<Wide>(amount * 10 + digit, Wide{1} << 64);  // past int64, and stays there
  };
  for (const char digit : whole) append(digit - '0');
  for (const char digit : fraction) append(digit - '0');
  for (size_t i = fraction.size(); i < static_cast<size_t>(*decimals); ++i) append(0);
  if (amount > std::numeric_limits<int64_t>::max()) {
    return absl::InvalidArgumentError("the amount is too large");
  }
  return static_cast<int64_t>(amount);
}

int64_t ApplyRate(int64_t amount_minor, int32_t basis_points) {
  return DivideRounded(static_cast<Wide>(amount_minor) * basis_points, kWhole);
}

int64_t NetOfTax(int64_t gross_minor, int32_t basis_points) {
  const Wide tax = std::max<int32_t>(basis_points, 0);
  return DivideRounded(static_cast<Wide>(gross_minor) * kWhole, kWhole + tax);
}

std::vector<int64_t> Shares(int64_t total_minor, const std::vector<int64_t>& weights) {
  std::vector<Wide> parts(weights.begin(), weights.end());
  for (Wide& part : parts) part = std::max<Wide>(part, 0);
  Wide sum = std::accumulate(parts.begin(), parts.end(), Wide{0});
  if (sum == 0) {
    parts.assign(weights.size(), 1);
    sum = static_cast<Wide>(weights.size());
  }

  const Wide magnitude = Magnitude(total_minor);
  const Wide sign = total_minor < 0 ? -1 : 1;
  std::vector<Wide> shares(parts.size());
  std::vector<Wide> remainders(parts.size());
  Wide left = magnitude;
  for (size_t i = 0; i < parts.size(); ++i) {
    shares[i] = magnitude * parts[i] / sum;
    remainders[i] = magnitude * parts[i] % sum;
    left -= shares[i];
  }

  // What flooring left over goes, one minor unit each, to the largest remainders.
  std::vector<size_t> order(parts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&remainders](size_t a, size_t b) { return remainders[a] > remainders[b]; });
  for (size_t i = 0; i < order.size() && left > 0; ++i, --left) ++shares[order[i]];

  std::vector<int64_t> result(shares.size());
  std::transform(shares.begin(), shares.end(), result.begin(),
                 [sign](Wide share) { return static_cast<int64_t>(sign * share); });
  return result;
}

}  // namespace makegood
