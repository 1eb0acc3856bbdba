#include "tools/makegoodctl/import/connector_values.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "common/base/money.h"
#include "common/base/status.h"
#include "common/rules/times.h"

namespace makegood::ctl {
namespace {

using connectors::v1::Connector;

// The largest whole number a value is read as.
constexpr size_t kMostDigits = 9;

// No shop's order is older. "%Y" takes "26" for the year 26; years of two digits are "%y".
constexpr absl::civil_year_t kFirstYear = 1970;

// The wall clock's reading, or nothing.
std::optional<absl::CivilSecond> CivilOf(const std::string& format, absl::string_view value) {
  absl::Time time;
  std::string error;
  if (format.empty() || !absl::ParseTime(format, value, absl::UTCTimeZone(), &time, &error)) {
    return std::nullopt;
  }
  const absl::CivilSecond civil = absl::ToCivilSecond(time, absl::UTCTimeZone());
  // "infinite-future" is a time for Abseil, not for us.
  if (civil.year() < kFirstYear || civil.year() > 9999) return std::nullopt;
  return civil;
}

// The value with a point before its decimals, or nothing where it has another mark.
std::optional<std::string> WithPoint(const Connector& connector, absl::string_view value) {
  if (connector.decimal_mark() != ",") return std::string(value);
  if (absl::StrContains(value, '.')) return std::nullopt;
  return absl::StrReplaceAll(value, {{",", "."}});
}

// Without regard to case, in any script.
bool IsSameWord(absl::string_view one, absl::string_view other) {
  if (one == other) return true;
  const auto unicode = [](absl::string_view text) {
    return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  };
  return unicode(one).caseCompare(unicode(other), U_FOLD_CASE_DEFAULT) == 0;
}

bool IsDigits(absl::string_view value) {
  return !value.empty() &&
         std::all_of(value.begin(), value.end(), [](unsigned char c) { return absl::ascii_isdigit(c); });
}

}  // namespace

absl::Status WrongColumn(absl::string_view column, absl::string_view problem) {
  return InvalidFields({{std::string(column), std::string(problem)}});
}

bool TellsOffset(absl::string_view time_format) {
  for (const char* offset : {"%z", "%Ez", "%E*z", "%:z", "%s"}) {
    if (absl::StrContains(time_format, offset)) return true;
  }
  return false;
}

absl::StatusOr<std::optional<absl::Time>> TimeOf(const Connector& connector, absl::string_view column,
                                                 absl::string_view value) {
  if (value.empty()) return std::optional<absl::Time>();
  const std::optional<absl::CivilSecond> civil = CivilOf(connector.time_format(), value);
  if (!civil.has_value()) {
    return WrongColumn(column, absl::StrCat("is no time in the form ", connector.time_format()));
  }
  if (TellsOffset(connector.time_format())) {
    absl::Time time;
    absl::ParseTime(connector.time_format(), value, &time, nullptr);
    return std::optional<absl::Time>(time);
  }
  absl::TimeZone zone = absl::UTCTimeZone();
  absl::LoadTimeZone(connector.time_zone(), &zone);
  const absl::TimeZone::TimeInfo info = zone.At(*civil);
  if (info.kind == absl::TimeZone::TimeInfo::SKIPPED) {
    return WrongColumn(column, absl::StrCat("is a time that never came in ", connector.time_zone(),
                                            ": the clocks were put forward"));
  }
  return std::optional<absl::Time>(info.pre);
}

absl::StatusOr<int64_t> AmountOf(const Connector& connector, absl::string_view column,
                                 absl::string_view value, const std::string& currency) {
  if (value.empty()) return 0;
  const std::optional<std::string> with_point = WithPoint(connector, value);
  if (!with_point.has_value()) {
    return WrongColumn(column, absl::StrCat("is no amount with \"", connector.decimal_mark(), "\""));
  }
  const absl::StatusOr<int64_t> amount = ParseAmount(*with_point, currency);
  if (!amount.ok()) return WrongColumn(column, amount.status().message());
  return *amount;
}

absl::StatusOr<int32_t> BasisPointsOf(const Connector& connector, absl::string_view column,
                                      absl::string_view value) {
  if (value.empty()) return 0;
  const std::optional<std::string> with_point = WithPoint(connector, value);
  // A percentage has the two decimals of a currency such as EUR.
  const absl::StatusOr<int64_t> basis_points = ParseAmount(with_point.value_or(""), "EUR");
  if (!basis_points.ok() || *basis_points > 10'000) {
    return WrongColumn(column, "is no percentage from 0 to 100");
  }
  return static_cast<int32_t>(*basis_points);
}

absl::StatusOr<int32_t> QuantityOf(absl::string_view column, absl::string_view value) {
  int32_t quantity = 1;
  if (value.empty()) return quantity;
  if (!IsDigits(value) || value.size() > kMostDigits || !absl::SimpleAtoi(value, &quantity) || quantity < 1) {
    return WrongColumn(column, "is no whole number from 1");
  }
  return quantity;
}

absl::StatusOr<int32_t> CountOf(absl::string_view column, absl::string_view value) {
  int32_t count = 0;
  if (value.empty()) return count;
  if (!IsDigits(value) || value.size() > kMostDigits || !absl::SimpleAtoi(value, &count)) {
    return WrongColumn(column, "is no whole number from 0");
  }
  return count;
}

absl::StatusOr<base::v1::PaymentMethod> PaymentMethodOf(const Connector& connector, absl::string_view column,
                                                        absl::string_view value) {
  if (value.empty()) return connector.defaults().payment_method();
  for (const connectors::v1::PaymentWord& word : connector.payment_words()) {
    if (IsSameWord(word.value(), value)) return word.method();
  }
  base::v1::PaymentMethod method;
  const std::string name = absl::StrCat("PAYMENT_METHOD_", absl::AsciiStrToUpper(value));
  if (!connector.payment_words().empty() || !base::v1::PaymentMethod_Parse(name, &method)) {
    return WrongColumn(column, "is no way to pay that the connector knows");
  }
  return method;
}

absl::Status SetDelivery(const Connector& connector, absl::string_view column, absl::string_view value,
                         orders::v1::ShopStatus& report) {
  if (value.empty()) return absl::OkStatus();
  if (const auto day = CivilOf(connector.date_format(), value); day.has_value()) {
    report.set_date_of_delivery(absl::FormatCivilTime(absl::CivilDay(*day)));
    return absl::OkStatus();
  }
  const std::optional<absl::CivilSecond> civil = CivilOf(connector.time_format(), value);
  if (!civil.has_value()) {
    const std::string day_form = connector.date_format().empty()
                                     ? ""
                                     : absl::StrCat("no day in the form ", connector.date_format(), ", ");
    return WrongColumn(column,
                       absl::StrCat("is ", day_form, "no time in the form ", connector.time_format()));
  }
  if (connector.time_zone().empty() && !TellsOffset(connector.time_format())) {
    // A time of the order's policy, which only the server knows.
    const absl::Time time = absl::FromCivil(*civil, absl::UTCTimeZone());
    report.set_date_of_delivery(absl::FormatTime("%Y-%m-%d %H:%M", time, absl::UTCTimeZone()));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::optional<absl::Time> time, TimeOf(connector, column, value));
  *report.mutable_delivered_time() = rules::ToTimestamp(*time);
  return absl::OkStatus();
}

const connectors::v1::Status* FindStatus(const Connector& connector, absl::string_view value) {
  for (const connectors::v1::Status& status : connector.statuses()) {
    if (IsSameWord(status.value(), value)) return &status;
  }
  return nullptr;
}

}  // namespace makegood::ctl
