// What one event of an iCalendar text says of days (CAL-02). Internal to the reading of calendars: shows
// libical.
#pragma once

#include <libical/ical.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace makegood::rules {

// What an event is read with.
struct EventContext {
  // Where times in UTC are meant, if the calendar says so.
  std::optional<absl::TimeZone> zone;
  // Occurrences that events of their own replace (RECURRENCE-ID), by UID.
  std::map<std::string, std::set<absl::CivilDay>> moved;
};

// What an event says.
struct DayEvent {
  bool workday = false;
  bool recurs = false;
  std::vector<absl::CivilDay> days;  // in their order
  std::string passed_over;           // why it says nothing; then there are no days
};

// INVALID_ARGUMENT for an event that speaks of days off or working days but cannot be followed.
absl::StatusOr<DayEvent> ReadEvent(icalcomponent* event, const EventContext& context);

// Adds the occurrence that `event` replaces, if it does.
absl::Status NoteMoved(icalcomponent* event, EventContext& context);

// The day that exists, of the years 1900 to 2099.
std::optional<absl::CivilDay> ExistingDay(const icaltimetype& time);

// The zone of that name, which leads to no file of its own.
std::optional<absl::TimeZone> ZoneNamed(const std::string& name);

}  // namespace makegood::rules
