// Dates that count working days, as a case keeps them (CAL-03): each is marked while the calendar does not
// know its days for certain, is settled once the calendar knows more, and never moves earlier than it was
// announced. Whatever keeps such a date keeps it by this, and is found by flow::DateSettler.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/rules/policy/calendar.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "makegood/base/v1/provisional.pb.h"

namespace makegood::rules {

// Found by its calendar, and by the last day that this knew.
template <>
struct RecordTraits<base::v1::ProvisionalCase> {
  static constexpr absl::string_view kKind = "provisional_case";
  static std::string Id(const base::v1::ProvisionalCase& known) { return known.case_id(); }
  static RecordColumns Columns(const base::v1::ProvisionalCase& known);
};

// The day YYYY-MM-DD as an instant that orders it among others, whatever the time zone.
absl::Time PlaceOfDay(absl::string_view day);

// Working day `day` (1 or more) after the date of `start`: from its beginning, or by its end (CAL-01).
struct WorkingTerm {
  enum class Bound { kFrom, kBy };

  absl::Time start;
  int day = 0;
  Bound bound = Bound::kBy;
};
Deadline Reckon(const WorkingTerm& term, const WorkingDays& days);

// How a case of type M keeps one such date.
template <typename M>
struct WorkingDate {
  bool (*ahead)(const M&);  // whether it still matters: what is over does not move
  WorkingTerm (*term)(const M&, const Policy&);
  google::protobuf::Timestamp* (M::*time)();
  bool (M::*provisional)() const;
  void (M::*mark)(bool);
};

// Reckons a date for the first time, or anew.
template <typename M>
void SetDate(const WorkingDate<M>& date, const Policy& policy, const PolicyBook& policies, M& record) {
  const Deadline due = Reckon(date.term(record, policy), policies.DaysOf(policy));
  *(record.*date.time)() = ToTimestamp(due.time);
  (record.*date.mark)(due.provisional);
}

// What the calendar's news did to a date or to several.
struct Settled {
  bool changed = false;  // it moved, or is certain now
  bool moved = false;

  Settled& operator|=(const Settled& other) {
    changed = changed || other.changed;
    moved = moved || other.moved;
    return *this;
  }
};

// Reckons a provisional date that is ahead by what the calendar knows now.
template <typename M>
Settled SettleDate(const WorkingDate<M>& date, const Policy& policy, const PolicyBook& policies, M& record) {
  if (!(record.*date.provisional)() || !date.ahead(record)) return {};
  const Deadline due = Reckon(date.term(record, policy), policies.DaysOf(policy));
  google::protobuf::Timestamp& kept = *(record.*date.time)();
  const bool moved = due.time > ToTime(kept);
  if (moved) kept = ToTimestamp(due.time);
  (record.*date.mark)(due.provisional);
  return {moved || !due.provisional, moved};
}

// Whether any date that is ahead may still move.
template <typename M>
bool AnyProvisional(absl::Span<const WorkingDate<M>> dates, const M& record) {
  for (const WorkingDate<M>& date : dates) {
    if ((record.*date.provisional)() && date.ahead(record)) return true;
  }
  return false;
}

// Keeps the case among those that are found when its calendar is extended, or takes it off, with its dates as
// settled by what the calendar knows now. `known_until` is what the case remembers of that: the calendar's
// last day where a date is provisional, else empty.
absl::Status NoteFindable(absl::string_view case_id, const Policy& policy, bool provisional,
                          std::string& known_until, Transaction& tx);

}  // namespace makegood::rules
