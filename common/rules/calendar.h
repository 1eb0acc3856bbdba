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
  // An all-day VEVENT (DTSTART;VALUE=DATE, perhaps over several days) is a day off if its CATEGORIES
  // name HOLIDAY or it has none, and a make-up working day if they name WORKDAY, which wins over a
  // holiday and a weekend. Other categories, events with a time of day and cancelled ones say nothing.
  // RRULE with FREQ=YEARLY, RDATE and EXDATE are honoured; rules run until the end of 2099.
  // X-MAKEGOOD-KNOWN-UNTIL (a VCALENDAR property, YYYYMMDD) is the last announced day; without it, the
  // last day of the last event that does not recur.
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
