// Working-day arithmetic (CAL-01, CAL-02, CAL-03).
#pragma once

#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace makegood::rules {

// Weekends (Saturday and Sunday), public holidays and make-up working days of one country. Immutable
// once made, and safe to share between threads.
class Calendar {
 public:
  // Reads one VCALENDAR of RFC 5545 text (CAL-02).
  //
  // A VEVENT that lasts whole days (dates, or times from midnight to midnight) is a day off if its CATEGORIES
  // name a public holiday in English ("HOLIDAY", "Public Holiday", "bank holidays") or it has none, and a
  // make-up working day if they name "WORKDAY" or "working day", which wins over a holiday and a weekend.
  // Without categories, China's make-up days are known by Apple's property or by 补班 and (班) in the
  // summary. Other categories, events with a time of day, observances and cancelled events say nothing; a
  // file that has events of which none says anything is refused with what they are. RRULE with FREQ=YEARLY,
  // RDATE, EXDATE and occurrences that are moved by RECURRENCE-ID are honoured; rules run until the end of
  // 2099. Times in UTC are those of X-WR-TIMEZONE. X-MAKEGOOD-KNOWN-UNTIL (a VCALENDAR property, YYYYMMDD) is
  // the last announced day; without it, the last day of the last event that does not recur.
  //
  // INVALID_ARGUMENT says what is wrong. Any bytes are safe to pass. Call it at start-up: libical keeps
  // state of its own and is not asked from several threads.
  static absl::StatusOr<Calendar> FromIcs(absl::string_view ics);

  bool IsWorkingDay(absl::CivilDay day) const;

  // The last day whose data is announced (CAL-03). Past it only weekends and yearly holidays are known.
  absl::CivilDay known_until() const { return known_until_; }

 private:
  std::set<absl::CivilDay> holidays_;
  std::set<absl::CivilDay> workdays_;
  absl::CivilDay known_until_;
};

// A point in time, and whether it lies past what the calendar knows, so that it may still move later
// when the calendar is extended (CAL-03).
struct Deadline {
  absl::Time time;
  bool provisional = false;

  bool operator==(const Deadline&) const = default;
};

// A calendar in a time zone. Day 0 is the local date of `start`, whatever day that is (CAL-01); n is
// 1 or more. Local days begin at the first instant that bears their date, also where midnight is
// skipped or comes twice. Immutable; thread-safe.
class WorkingDays {
 public:
  WorkingDays(std::shared_ptr<const Calendar> calendar, absl::TimeZone zone);

  // "From WD n": the local start of the n-th working day after `start`'s date.
  Deadline StartOfWorkingDay(absl::Time start, int n) const;
  // "By WD n": the local end of that day, which is the start of the next calendar day.
  Deadline EndOfWorkingDay(absl::Time start, int n) const;
  // The local end of the n-th calendar day after `start`'s date.
  absl::Time EndOfDay(absl::Time start, int n) const;

  absl::TimeZone zone() const { return zone_; }

 private:
  absl::CivilDay WorkingDay(absl::Time start, int n) const;
  absl::Time StartOf(absl::CivilDay day) const;

  std::shared_ptr<const Calendar> calendar_;
  absl::TimeZone zone_;
};

}  // namespace makegood::rules
