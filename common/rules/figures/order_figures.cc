#include "common/rules/figures/order_figures.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/status.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using orders::v1::Figure;

constexpr int kMaxDays = 366;

// A day as YYYY-MM-DD, or nothing.
std::optional<absl::CivilDay> ParseDay(absl::string_view text) {
  absl::CivilDay day;
  if (text.size() != 10 || !absl::ParseCivilTime(text, &day)) return std::nullopt;
  return day;
}

// In basis points, rounded half away from zero; counts are never negative.
int64_t BasisPoints(int64_t numerator, int64_t denominator) {
  if (denominator == 0) return 0;
  return (numerator * 20'000 + denominator) / (2 * denominator);
}

Figure MakeFigure(absl::string_view rule_id, absl::string_view name, int64_t numerator, int64_t denominator,
                  int64_t target) {
  Figure figure;
  figure.set_rule_id(std::string(rule_id));
  figure.set_name(std::string(name));
  figure.set_numerator(numerator);
  figure.set_denominator(denominator);
  figure.set_value_basis_points(BasisPoints(numerator, denominator));
  figure.set_target_basis_points(target);
  return figure;
}

// The verdict looks at the exact rate, not at the rounded one.
Figure::Verdict VerdictIf(bool met, const Figure& figure) {
  if (figure.denominator() == 0) return Figure::VERDICT_UNSPECIFIED;
  return met ? Figure::VERDICT_MET : Figure::VERDICT_MISSED;
}

}  // namespace

absl::Status Count(const orders::v1::Order& order, absl::Time time,
                   const std::function<void(DayTally&)>& count, Transaction& tx) {
  ASSIGN_OR_RETURN(const Policy* policy, tx.policies().At(order.policy()));
  const absl::TimeZone zone = tx.policies().DaysOf(*policy).zone();
  const absl::CivilDay day = absl::ToCivilDay(time, zone);
  const std::string id = absl::StrCat(order.policy().marketplace(), "/", order.merchant_id(), "/",
                                      absl::FormatCivilTime(day), "/", tx.part());
  ASSIGN_OR_RETURN(std::optional<DayTally> found, tx.Find<DayTally>(id));
  DayTally tally = std::move(found).value_or(DayTally());
  tally.set_tally_id(id);
  tally.set_marketplace(order.policy().marketplace());
  tally.set_merchant_id(order.merchant_id());
  *tally.mutable_day() = ToTimestamp(absl::FromCivil(day, zone));
  count(tally);
  tx.Put(tally);
  return absl::OkStatus();
}

absl::StatusOr<Period> PeriodOf(const orders::v1::GetScorecardRequest& request, absl::TimeZone zone) {
  const std::optional<absl::CivilDay> first = ParseDay(request.first_day());
  const std::optional<absl::CivilDay> last = ParseDay(request.last_day());
  std::vector<FieldViolation> violations;
  if (!first.has_value()) violations.push_back({"first_day", "is no day, want YYYY-MM-DD"});
  if (!last.has_value()) violations.push_back({"last_day", "is no day, want YYYY-MM-DD"});
  if (!violations.empty()) return InvalidFields(violations);
  if (*last < *first) return InvalidFields({{"last_day", "is before first_day"}});
  if (*last - *first >= kMaxDays) {
    return InvalidFields({{"last_day", absl::StrCat("is more than ", kMaxDays, " days from first_day")}});
  }
  return Period{absl::FromCivil(*first, zone), absl::FromCivil(*last + 1, zone)};
}

void AddTally(const DayTally& tally, DayTally& sum) {
  sum.set_opened(sum.opened() + tally.opened());
  sum.set_cancelled(sum.cancelled() + tally.cancelled());
  sum.set_cancelled_counted(sum.cancelled_counted() + tally.cancelled_counted());
  sum.set_delivered(sum.delivered() + tally.delivered());
  sum.set_lines_delivered(sum.lines_delivered() + tally.lines_delivered());
  sum.set_returned(sum.returned() + tally.returned());
}

std::vector<Figure> OrderFigures(const DayTally& sum, const Policy& policy) {
  Figure completion = MakeFigure("KPI-01", "completion rate", sum.delivered(),
                                 sum.delivered() + sum.cancelled() + sum.returned(),
                                 policy.targets().completion_rate_basis_points());
  completion.set_verdict(
      VerdictIf(completion.numerator() * 10'000 > completion.target_basis_points() * completion.denominator(),
                completion));
  Figure cancel = MakeFigure("KPI-05", "cancel rate", sum.cancelled_counted(), sum.opened(),
                             policy.targets().cancel_rate_limit_basis_points());
  cancel.set_verdict(
      VerdictIf(cancel.numerator() * 10'000 <= cancel.target_basis_points() * cancel.denominator(), cancel));
  return {std::move(completion), std::move(cancel)};
}

}  // namespace makegood::rules
