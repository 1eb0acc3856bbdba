#include "common/rules/policy/calendar_event.h"

#include <algorithm>
#include <array>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"

namespace makegood::rules {
namespace {

constexpr int64_t kSecondsOfADay = int64_t{24} * 60 * 60;
constexpr int kMaxDaysPerEvent = 366;
constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2099;

struct IteratorFree {
  void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};
using RecurIterator = std::unique_ptr<icalrecur_iterator, IteratorFree>;

std::string OrEmpty(const char* text) { return text == nullptr ? std::string() : std::string(text); }

std::vector<icalproperty*> All(icalcomponent* event, icalproperty_kind kind) {
  std::vector<icalproperty*> all;
  for (icalproperty* property = icalcomponent_get_first_property(event, kind); property != nullptr;
       property = icalcomponent_get_next_property(event, kind)) {
    all.push_back(property);
  }
  return all;
}

// libical drops a property it cannot read and leaves a note in its place. A dropped description is
// nothing to us; a dropped date or rule would silently lose holidays.
bool LostADate(icalcomponent* event) {
  for (icalproperty* note : All(event, ICAL_XLICERROR_PROPERTY)) {
    const std::string text = OrEmpty(icalproperty_get_xlicerror(note));
    for (const absl::string_view name :
         {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}) {
      if (absl::StrContains(text, name)) return true;
    }
  }
  return false;
}

// ---- What an event is about

enum class Meaning { kNothing, kDayOff, kWorkingDay };

// The words that calendars call a public holiday by, or a working day; another word makes it something else:
// "School holiday", "Optional holiday", "Observance".
Meaning OfCategory(absl::string_view category) {
  constexpr std::array<absl::string_view, 15> kOfficial = {
      "PUBLIC",  "BANK",       "NATIONAL", "FEDERAL", "STATE", "LEGAL", "STATUTORY", "OFFICIAL",
      "GENERAL", "GOVERNMENT", "GAZETTED", "DAY",     "DAYS",  "OFF",   "MAKEUP"};
  bool holiday = false, working = false, denied = false, day = false, off = false;
  const std::string upper = absl::AsciiStrToUpper(category);
  for (const absl::string_view word : absl::StrSplit(upper, absl::ByAnyChar(" -_/"), absl::SkipEmpty())) {
    if (word == "HOLIDAY" || word == "HOLIDAYS") {
      holiday = true;
    } else if (word == "WORKDAY" || word == "WORKDAYS") {
      working = day = true;
    } else if (word == "WORKING" || word == "WORK") {
      working = true;
    } else if (word == "NON" || word == "NOT") {
      denied = true;
    } else if (word != "MAKE" && word != "UP" &&
               std::find(kOfficial.begin(), kOfficial.end(), word) == kOfficial.end()) {
      return Meaning::kNothing;
    }
    day |= word == "DAY" || word == "DAYS";
    off |= word == "OFF";
  }
  if (working) return !day || holiday ? Meaning::kNothing : denied ? Meaning::kDayOff : Meaning::kWorkingDay;
  return !denied && (holiday || (day && off)) ? Meaning::kDayOff : Meaning::kNothing;
}

// The names in all CATEGORIES properties.
std::vector<std::string> Categories(icalcomponent* event) {
  std::vector<std::string> names;
  for (icalproperty* property : All(event, ICAL_CATEGORIES_PROPERTY)) {
    const std::string list = OrEmpty(icalproperty_get_categories(property));
    for (const absl::string_view name : absl::StrSplit(list, ',', absl::SkipWhitespace())) {
      names.emplace_back(absl::StripAsciiWhitespace(name));
    }
  }
  return names;
}

// Apple's property for days off and made-up days of China, if it is there.
Meaning OfSpecialDay(icalcomponent* event) {
  for (icalproperty* property : All(event, ICAL_X_PROPERTY)) {
    if (OrEmpty(icalproperty_get_x_name(property)) != "X-APPLE-SPECIAL-DAY") continue;
    const std::string value = OrEmpty(icalproperty_get_x(property));
    if (value == "WORK-HOLIDAY") return Meaning::kDayOff;
    if (value == "ALTERNATE-WORKDAY") return Meaning::kWorkingDay;
  }
  return Meaning::kNothing;
}

// Without categories a day off, but for what public calendars mark in their texts: days that are only
// observed (Google), and China's made-up working days.
Meaning OfTexts(icalcomponent* event) {
  if (absl::StartsWithIgnoreCase(OrEmpty(icalcomponent_get_description(event)), "Observance")) {
    return Meaning::kNothing;
  }
  const std::string summary = OrEmpty(icalcomponent_get_summary(event));
  for (const absl::string_view mark : {"补班", "（班）", "(班)", "[班]"}) {
    if (absl::StrContains(summary, mark)) return Meaning::kWorkingDay;
  }
  return Meaning::kDayOff;
}

Meaning OfEvent(icalcomponent* event, const std::vector<std::string>& categories) {
  if (const Meaning special = OfSpecialDay(event); special != Meaning::kNothing) return special;
  if (categories.empty()) return OfTexts(event);
  Meaning meaning = Meaning::kNothing;
  for (const std::string& category : categories) meaning = std::max(meaning, OfCategory(category));
  return meaning;
}

// ---- Its days

// The time on the clock of the event's place. A time in UTC is brought to the zone, unless it is midnight as
// it stands: who writes that means the date.
std::optional<absl::CivilSecond> LocalTime(const icaltimetype& time,
                                           const std::optional<absl::TimeZone>& zone) {
  const std::optional<absl::CivilDay> day = ExistingDay(time);
  if (!day.has_value() || time.is_date) return day;
  const absl::CivilSecond written(day->year(), day->month(), day->day(), time.hour, time.minute, time.second);
  if (!icaltime_is_utc(time) || !zone.has_value() || written == absl::CivilSecond(*day)) return written;
  return absl::ToCivilSecond(absl::FromCivil(written, absl::UTCTimeZone()), *zone);
}

bool IsMidnight(absl::CivilSecond time) { return time == absl::CivilSecond(absl::CivilDay(time)); }

// One event's beginning and how long it lasts.
struct Extent {
  absl::CivilDay first;
  int64_t days = 0;  // 0: it has a time of day
};

// The end where it is stated; `start` if it is not.
absl::StatusOr<absl::CivilSecond> EndOf(icalcomponent* event, absl::CivilSecond start,
                                        const std::optional<absl::TimeZone>& zone) {
  if (icalproperty* end = icalcomponent_get_first_property(event, ICAL_DTEND_PROPERTY); end != nullptr) {
    const auto time = LocalTime(icalproperty_get_dtend(end), zone);
    if (!time.has_value()) return absl::InvalidArgumentError("its DTEND is no date");
    // Many write the last minute or second of a day for its end.
    return time->hour() == 23 && time->minute() == 59 ? absl::CivilSecond(absl::CivilDay(*time) + 1) : *time;
  }
  icalproperty* duration = icalcomponent_get_first_property(event, ICAL_DURATION_PROPERTY);
  if (duration == nullptr) return start;
  return start + icaldurationtype_as_int(icalproperty_get_duration(duration));
}

absl::StatusOr<Extent> ExtentOf(icalcomponent* event, const icaltimetype& dtstart,
                                const std::optional<absl::TimeZone>& zone) {
  const auto start = LocalTime(dtstart, zone);
  if (!start.has_value()) return absl::InvalidArgumentError("its DTSTART is no date from 1900 to 2099");
  ASSIGN_OR_RETURN(const absl::CivilSecond end, EndOf(event, *start, zone));
  Extent extent{absl::CivilDay(*start), absl::CivilDay(end) - absl::CivilDay(*start)};
  const bool whole_days = IsMidnight(*start) && IsMidnight(end);
  if (dtstart.is_date) {
    const bool has_duration = icalcomponent_get_first_property(event, ICAL_DURATION_PROPERTY) != nullptr;
    if (extent.days == 0 && !has_duration) extent.days = 1;
  } else if (extent.days != 0 && (end - *start) % kSecondsOfADay == 0 && !whole_days &&
             icaltime_is_utc(dtstart)) {
    return absl::InvalidArgumentError(
        "it lasts whole days but begins at no midnight: want dates, or its zone in X-WR-TIMEZONE");
  } else if (!whole_days || extent.days == 0) {
    return Extent{extent.first, 0};
  }
  if (extent.days < 1 || extent.days > kMaxDaysPerEvent) {
    return absl::InvalidArgumentError("it does not last 1 to 366 days");
  }
  return extent;
}

// The same date every year, as most rules say. libical follows those too, but takes milliseconds.
std::set<absl::CivilDay> EveryYear(absl::CivilDay first) {
  std::set<absl::CivilDay> days;
  for (int64_t year = first.year(); year <= kLastYear; ++year) {
    const absl::CivilDay day(year, first.month(), first.day());
    if (day.day() == first.day()) days.insert(days.end(), day);  // 29 February only where there is one
  }
  return days;
}

icaltimetype AsDate(absl::CivilDay day) {
  icaltimetype date{};  // icaltime_null_date() has an hour of -1, and rules count back from it
  date.is_date = 1;
  date.year = static_cast<int>(day.year());
  date.month = day.month();
  date.day = day.day();
  return date;
}

// The first days of what the RRULEs say.
absl::StatusOr<std::set<absl::CivilDay>> Recurrences(icalcomponent* event, absl::CivilDay first,
                                                     const std::optional<absl::TimeZone>& zone) {
  std::set<absl::CivilDay> days;
  for (icalproperty* property : All(event, ICAL_RRULE_PROPERTY)) {
    icalrecurrencetype rule = icalproperty_get_rrule(property);
    if (rule.freq != ICAL_YEARLY_RECURRENCE) {
      return absl::InvalidArgumentError("its RRULE is not FREQ=YEARLY");
    }
    if (icalrecurrencetype rest = rule; OrEmpty(icalrecurrencetype_as_string(&rest)) == "FREQ=YEARLY") {
      days.merge(EveryYear(first));
      continue;
    }
    if (!icaltime_is_null_time(rule.until)) {
      const auto until = LocalTime(rule.until, zone);
      if (!until.has_value())
        return absl::InvalidArgumentError("its RRULE ends at no date from 1900 to 2099");
      rule.until = AsDate(absl::CivilDay(*until));
    }
    RecurIterator iterator(icalrecur_iterator_new(rule, AsDate(first)));
    if (iterator == nullptr) return absl::InvalidArgumentError("its RRULE cannot be followed");
    for (;;) {
      const auto day = ExistingDay(icalrecur_iterator_next(iterator.get()));
      if (!day.has_value()) break;
      days.insert(*day);
    }
  }
  return days;
}

// The first days of all occurrences.
absl::StatusOr<std::set<absl::CivilDay>> Occurrences(icalcomponent* event, absl::CivilDay first,
                                                     const std::optional<absl::TimeZone>& zone) {
  ASSIGN_OR_RETURN(std::set<absl::CivilDay> days, Recurrences(event, first, zone));
  days.insert(first);
  for (icalproperty* property : All(event, ICAL_RDATE_PROPERTY)) {
    const icaldatetimeperiodtype date = icalproperty_get_rdate(property);
    const auto time = LocalTime(icaltime_is_null_time(date.time) ? date.period.start : date.time, zone);
    if (!time.has_value()) return absl::InvalidArgumentError("its RDATE is no date from 1900 to 2099");
    days.insert(absl::CivilDay(*time));
  }
  for (icalproperty* property : All(event, ICAL_EXDATE_PROPERTY)) {
    const auto time = LocalTime(icalproperty_get_exdate(property), zone);
    if (!time.has_value()) return absl::InvalidArgumentError("its EXDATE is no date from 1900 to 2099");
    days.erase(absl::CivilDay(*time));
  }
  return days;
}

// The zone of an event's times: its own, or the calendar's.
std::optional<absl::TimeZone> ZoneOf(icalproperty* dtstart, const EventContext& context) {
  icalparameter* tzid = icalproperty_get_first_parameter(dtstart, ICAL_TZID_PARAMETER);
  std::optional<absl::TimeZone> own;
  if (tzid != nullptr) own = ZoneNamed(OrEmpty(icalparameter_get_tzid(tzid)));
  return own.has_value() ? own : context.zone;
}

bool ReplacesOne(icalcomponent* event) {
  return icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY) != nullptr;
}

}  // namespace

std::optional<absl::CivilDay> ExistingDay(const icaltimetype& time) {
  if (icaltime_is_null_time(time) || time.year < kFirstYear || time.year > kLastYear) return std::nullopt;
  const absl::CivilDay day(time.year, time.month, time.day);
  // A date that does not exist, such as 30 February, comes out as another one.
  if (day.month() != time.month || day.day() != time.day) return std::nullopt;
  return day;
}

std::optional<absl::TimeZone> ZoneNamed(const std::string& name) {
  const bool shaped =
      !name.empty() && absl::ascii_isalpha(name.front()) && std::all_of(name.begin(), name.end(), [](char c) {
        return absl::ascii_isalnum(c) || c == '/' || c == '_' || c == '+' || c == '-';
      });
  absl::TimeZone zone;
  if (!shaped || name == "localtime" || !absl::LoadTimeZone(name, &zone)) return std::nullopt;
  return zone;
}

absl::Status NoteMoved(icalcomponent* event, EventContext& context) {
  icalproperty* replaced = icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY);
  if (replaced == nullptr) return absl::OkStatus();
  if (icalproperty_get_first_parameter(replaced, ICAL_RANGE_PARAMETER) != nullptr) {
    return absl::InvalidArgumentError("its RECURRENCE-ID has a RANGE, want each occurrence by itself");
  }
  const std::string uid = OrEmpty(icalcomponent_get_uid(event));
  icalproperty* dtstart = icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
  const auto zone = ZoneOf(dtstart == nullptr ? replaced : dtstart, context);
  const auto time = LocalTime(icalproperty_get_recurrenceid(replaced), zone);
  if (uid.empty() || !time.has_value()) {
    return absl::InvalidArgumentError("its RECURRENCE-ID wants a UID and a date from 1900 to 2099");
  }
  context.moved[uid].insert(absl::CivilDay(*time));
  return absl::OkStatus();
}

absl::StatusOr<DayEvent> ReadEvent(icalcomponent* event, const EventContext& context) {
  DayEvent read;
  if (LostADate(event)) return absl::InvalidArgumentError("one of its dates or rules cannot be read");
  icalproperty* dtstart = icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
  if (dtstart == nullptr) return absl::InvalidArgumentError("it has no DTSTART");
  const std::vector<std::string> categories = Categories(event);
  const Meaning meaning = OfEvent(event, categories);
  if (meaning == Meaning::kNothing) {
    read.passed_over =
        categories.empty() ? "an observance" : absl::StrCat("of category ", absl::StrJoin(categories, ", "));
  } else if (icalcomponent_get_status(event) == ICAL_STATUS_CANCELLED) {
    read.passed_over = "cancelled";
  }
  if (!read.passed_over.empty()) return read;

  const auto zone = ZoneOf(dtstart, context);
  ASSIGN_OR_RETURN(const Extent extent, ExtentOf(event, icalproperty_get_dtstart(dtstart), zone));
  if (extent.days == 0) {
    read.passed_over = "with a time of day";
    return read;
  }
  ASSIGN_OR_RETURN(std::set<absl::CivilDay> starts, Occurrences(event, extent.first, zone));
  if (const auto moved = context.moved.find(OrEmpty(icalcomponent_get_uid(event)));
      moved != context.moved.end() && !ReplacesOne(event)) {
    for (const absl::CivilDay& day : moved->second) starts.erase(day);
  }
  read.workday = meaning == Meaning::kWorkingDay;
  read.recurs = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY) != nullptr;
  for (const absl::CivilDay& day : starts) {
    for (int i = 0; i < extent.days; ++i) read.days.push_back(day + i);
  }
  if (read.days.empty()) read.passed_over = "without an occurrence";
  return read;
}

}  // namespace makegood::rules
