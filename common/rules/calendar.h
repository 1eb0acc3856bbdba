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

// Weekends, public holidays and make-up working days of one country. Immutable once made.
class Calendar {
 public:
  // Reads RFC 5545 text: an all-day VEVENT with CATEGORIES:HOLIDAY is a day off, with
  // CATEGORIES:WORKDAY a make-up working day; a yearly RRULE marks a fixed-date holiday;
  // X-MAKEGOOD-KNOWN-UNTIL (VCALENDAR property, YYYYMMDD) the last day that is announced.
  // INVALID_ARGUMENT says what is wrong. Any bytes are safe to pass.
  static absl::StatusOr<Calendar> FromIcs(absl::string_view ics);

  bool IsWorkingDay(absl::CivilDay day) const;

  // The last day whose data is announced (CAL-03).
  absl::CivilDay known_until() const { return known_until_; }

 private:
  std::set<absl::CivilDay> holidays_;
  std::set<absl::CivilDay> workdays_;
  std::set<std::pair<int, int>> yearly_holidays_;  // month, day
  absl::CivilDay known_until_;
};

// A point in time, and whether the calendar knew all the days on the way (CAL-03).
struct Deadline {
  absl::Time time;
  bool provisional = false;
};

// A calendar in a time zone. Day 0 is the local date of `start`, whatever day that is (CAL-01).
class WorkingDays {
 public:
  WorkingDays(std::shared_ptr<const Calendar> calendar, absl::TimeZone zone);

  // "From WD n": the local start of the n-th working day after `start`'s date. n >= 1.
  Deadline StartOfWorkingDay(absl::Time start, int n) const;
  // "By WD n": the local end of that day, which is the start of the next calendar day.
  Deadline EndOfWorkingDay(absl::Time start, int n) const;
  // The local end of the n-th calendar day after `start`'s date.
  absl::Time EndOfDay(absl::Time start, int n) const;

  absl::TimeZone zone() const { return zone_; }

 private:
  std::shared_ptr<const Calendar> calendar_;
  absl::TimeZone zone_;
};

}  // namespace makegood::rules
