#include "common/rules/policy/working_dates.h"

#include <optional>

#include "absl/time/civil_time.h"
#include "common/base/status.h"

namespace makegood::rules {

using base::v1::ProvisionalCase;

RecordColumns RecordTraits<ProvisionalCase>::Columns(const ProvisionalCase& known) {
  RecordColumns columns;
  columns.group = known.calendar();
  columns.place = ToTime(known.create_time());
  if (known.calendar_known_until().empty()) return columns;
  columns.open_at = known.policy().marketplace();
  columns.due = PlaceOfDay(known.calendar_known_until());
  return columns;
}

absl::Time PlaceOfDay(absl::string_view day) {
  absl::CivilDay parsed;
  if (!absl::ParseCivilTime(day, &parsed)) return absl::InfiniteFuture();
  return absl::FromCivil(parsed, absl::UTCTimeZone());
}

Deadline Reckon(const WorkingTerm& term, const WorkingDays& days) {
  return term.bound == WorkingTerm::Bound::kFrom ? days.StartOfWorkingDay(term.start, term.day)
                                                 : days.EndOfWorkingDay(term.start, term.day);
}

absl::Status NoteFindable(absl::string_view case_id, const Policy& policy, bool provisional,
                          std::string& known_until, Transaction& tx) {
  const std::string now = provisional ? tx.policies().KnownUntil(policy.calendar()) : "";
  if (now == known_until) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::optional<ProvisionalCase> found, tx.Find<ProvisionalCase>(case_id));
  ProvisionalCase known = found.has_value() ? *std::move(found) : ProvisionalCase();
  known.set_case_id(std::string(case_id));
  *known.mutable_policy() = RefTo(policy);
  known.set_calendar(policy.calendar());
  known.set_calendar_known_until(now);
  tx.Put(known);
  known_until = now;
  return absl::OkStatus();
}

}  // namespace makegood::rules
