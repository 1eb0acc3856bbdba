#include "common/rules/calendar.h"

#include <libical/ical.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"

namespace makegood::rules {
namespace {

constexpr size_t kMaxBytes = 1 << 20;
constexpr size_t kMaxLineBytes = 16 << 10;
constexpr int kMaxDepth = 8;
constexpr int kMaxDaysPerEvent = 366;
constexpr int kMaxRecurring = 500;
constexpr size_t kMaxDays = 200'000;
constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2099;

struct ComponentFree {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
using Component = std::unique_ptr<icalcomponent, ComponentFree>;

struct IteratorFree {
  void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};
using RecurIterator = std::unique_ptr<icalrecur_iterator, IteratorFree>;

// What one VEVENT says.
struct DayEvent {
  bool workday = false;
  bool recurs = false;
  std::vector<absl::CivilDay> days;
};

std::string Text(const char* text) { return text == nullptr ? std::string() : std::string(text); }

// Joins folded lines, so that what follows sees whole ones.
std::string Unfold(absl::string_view ics) {
  return absl::StrReplaceAll(ics, {{"\r\n ", ""}, {"\r\n\t", ""}, {"\n ", ""}, {"\n\t", ""}});
}

// libical descends once per level, and its time grows with the square of a line's length: both are
// ours to bound.
absl::Status CheckShape(absl::string_view unfolded) {
  int depth = 0;
  for (const absl::string_view line : absl::StrSplit(unfolded, absl::ByAnyChar("\r\n"))) {
    if (line.size() > kMaxLineBytes) return absl::InvalidArgumentError("a line is longer than 16 KiB");
    if (absl::StartsWithIgnoreCase(line, "BEGIN")) ++depth;
    if (absl::StartsWithIgnoreCase(line, "END")) --depth;
    if (depth > kMaxDepth) return absl::InvalidArgumentError("the calendar nests too deep");
  }
  return absl::OkStatus();
}

absl::StatusOr<Component> ParseComponents(absl::string_view ics) {
  if (ics.size() > kMaxBytes) return absl::InvalidArgumentError("the calendar is larger than 1 MiB");
  if (absl::StrContains(ics, '\0')) return absl::InvalidArgumentError("the calendar holds a NUL byte");
  const std::string unfolded = Unfold(ics);
  RETURN_IF_ERROR(CheckShape(unfolded));
  icalerror_set_errors_are_fatal(0);  // libical's default is to abort
  Component root(icalparser_parse_string(unfolded.c_str()));
  if (root == nullptr || icalcomponent_isa(root.get()) != ICAL_VCALENDAR_COMPONENT) {
    return absl::InvalidArgumentError("not one VCALENDAR");
  }
  return root;
}

std::optional<absl::CivilDay> ToDay(const icaltimetype& time) {
  if (icaltime_is_null_time(time) || time.year < kFirstYear || time.year > kLastYear) return std::nullopt;
  const absl::CivilDay day(time.year, time.month, time.day);
  // A date that does not exist, such as 30 February, comes out as another one.
  if (day.month() != time.month || day.day() != time.day) return std::nullopt;
  return day;
}

// libical drops a property it cannot read and leaves a note in its place. A dropped description is
// nothing to us; a dropped date or rule would silently lose holidays.
bool LostADate(icalcomponent* event) {
  for (icalproperty* note = icalcomponent_get_first_property(event, ICAL_XLICERROR_PROPERTY); note != nullptr;
       note = icalcomponent_get_next_property(event, ICAL_XLICERROR_PROPERTY)) {
    const std::string text = Text(icalproperty_get_xlicerror(note));
    for (const absl::string_view name : {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE"}) {
      if (absl::StrContains(text, name)) return true;
    }
  }
  return false;
}

// Upper-case names of all CATEGORIES properties.
std::vector<std::string> Categories(icalcomponent* event) {
  std::vector<std::string> names;
  for (icalproperty* property = icalcomponent_get_first_property(event, ICAL_CATEGORIES_PROPERTY);
       property != nullptr; property = icalcomponent_get_next_property(event, ICAL_CATEGORIES_PROPERTY)) {
    const std::string list = Text(icalproperty_get_categories(property));
    for (const absl::string_view name : absl::StrSplit(list, ',', absl::SkipWhitespace())) {
      names.push_back(absl::AsciiStrToUpper(absl::StripAsciiWhitespace(name)));
    }
  }
  return names;
}

bool Names(const std::vector<std::string>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// How many days the event lasts: to DTEND, which is exclusive, or by DURATION, or one.
absl::StatusOr<int> LengthInDays(icalcomponent* event, absl::CivilDay start) {
  int64_t length = 1;
  if (icalproperty* end = icalcomponent_get_first_property(event, ICAL_DTEND_PROPERTY); end != nullptr) {
    const std::optional<absl::CivilDay> end_day = ToDay(icalproperty_get_dtend(end));
    if (!end_day.has_value()) return absl::InvalidArgumentError("its DTEND is no date");
    length = std::max<int64_t>(*end_day - start, 1);
  } else if (icalproperty* duration = icalcomponent_get_first_property(event, ICAL_DURATION_PROPERTY);
             duration != nullptr) {
    const icaldurationtype lasts = icalproperty_get_duration(duration);
    length = lasts.is_neg ? 0 : int64_t{lasts.weeks} * 7 + lasts.days;
  }
  if (length < 1 || length > kMaxDaysPerEvent) {
    return absl::InvalidArgumentError("it does not last 1 to 366 days");
  }
  return static_cast<int>(length);
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

// The first days of all occurrences but those of RDATE.
absl::StatusOr<std::set<absl::CivilDay>> Occurrences(icalcomponent* event, const icaltimetype& start) {
  std::set<absl::CivilDay> days = {*ToDay(start)};
  for (icalproperty* property = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY);
       property != nullptr; property = icalcomponent_get_next_property(event, ICAL_RRULE_PROPERTY)) {
    const icalrecurrencetype rule = icalproperty_get_rrule(property);
    if (rule.freq != ICAL_YEARLY_RECURRENCE) {
      return absl::InvalidArgumentError("its RRULE is not FREQ=YEARLY");
    }
    if (icalrecurrencetype rest = rule; Text(icalrecurrencetype_as_string(&rest)) == "FREQ=YEARLY") {
      days.merge(EveryYear(*ToDay(start)));
      continue;
    }
    RecurIterator iterator(icalrecur_iterator_new(rule, start));
    if (iterator == nullptr) return absl::InvalidArgumentError("its RRULE cannot be followed");
    for (;;) {
      const std::optional<absl::CivilDay> day = ToDay(icalrecur_iterator_next(iterator.get()));
      if (!day.has_value()) break;
      days.insert(*day);
    }
  }
  return days;
}

absl::StatusOr<DayEvent> ReadEvent(icalcomponent* event) {
  DayEvent read;
  if (LostADate(event)) return absl::InvalidArgumentError("one of its dates or rules cannot be read");
  icalproperty* dtstart = icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
  if (dtstart == nullptr) return absl::InvalidArgumentError("it has no DTSTART");
  const icaltimetype start = icalproperty_get_dtstart(dtstart);
  const std::vector<std::string> categories = Categories(event);
  read.workday = Names(categories, "WORKDAY");
  const bool holiday = categories.empty() || Names(categories, "HOLIDAY");
  if (!start.is_date || !(read.workday || holiday) ||
      icalcomponent_get_status(event) == ICAL_STATUS_CANCELLED) {
    return read;
  }

  const std::optional<absl::CivilDay> first = ToDay(start);
  if (!first.has_value()) return absl::InvalidArgumentError("its DTSTART is no date from 1900 to 2099");
  ASSIGN_OR_RETURN(const int length, LengthInDays(event, *first));
  ASSIGN_OR_RETURN(std::set<absl::CivilDay> starts, Occurrences(event, start));
  read.recurs = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY) != nullptr;
  for (icalproperty* property = icalcomponent_get_first_property(event, ICAL_RDATE_PROPERTY);
       property != nullptr; property = icalcomponent_get_next_property(event, ICAL_RDATE_PROPERTY)) {
    const std::optional<absl::CivilDay> day = ToDay(icalproperty_get_rdate(property).time);
    if (!day.has_value()) return absl::InvalidArgumentError("its RDATE is no date from 1900 to 2099");
    starts.insert(*day);
  }
  for (icalproperty* property = icalcomponent_get_first_property(event, ICAL_EXDATE_PROPERTY);
       property != nullptr; property = icalcomponent_get_next_property(event, ICAL_EXDATE_PROPERTY)) {
    if (const auto day = ToDay(icalproperty_get_exdate(property)); day.has_value()) starts.erase(*day);
  }
  for (const absl::CivilDay& day : starts) {
    for (int i = 0; i < length; ++i) read.days.push_back(day + i);
  }
  return read;
}

// The property X-MAKEGOOD-KNOWN-UNTIL, if it is there.
absl::StatusOr<std::optional<absl::CivilDay>> KnownUntil(icalcomponent* calendar) {
  for (icalproperty* property = icalcomponent_get_first_property(calendar, ICAL_X_PROPERTY);
       property != nullptr; property = icalcomponent_get_next_property(calendar, ICAL_X_PROPERTY)) {
    if (!absl::EqualsIgnoreCase(Text(icalproperty_get_x_name(property)), "X-MAKEGOOD-KNOWN-UNTIL")) continue;
    const std::string value = Text(icalproperty_get_x(property));
    int number = 0;
    if (value.size() == 8 && absl::SimpleAtoi(value, &number)) {
      icaltimetype time = icaltime_null_date();
      time.year = number / 10000;
      time.month = number / 100 % 100;
      time.day = number % 100;
      if (const std::optional<absl::CivilDay> day = ToDay(time); day.has_value()) return day;
    }
    return absl::InvalidArgumentError("X-MAKEGOOD-KNOWN-UNTIL is no date YYYYMMDD");
  }
  return std::optional<absl::CivilDay>();
}

}  // namespace

absl::StatusOr<Calendar> Calendar::FromIcs(absl::string_view ics) {
  ASSIGN_OR_RETURN(const Component root, ParseComponents(ics));
  ASSIGN_OR_RETURN(std::optional<absl::CivilDay> known_until, KnownUntil(root.get()));
  const bool stated = known_until.has_value();

  Calendar calendar;
  int number = 0;
  int recurring = 0;
  for (icalcomponent* event = icalcomponent_get_first_component(root.get(), ICAL_VEVENT_COMPONENT);
       event != nullptr; event = icalcomponent_get_next_component(root.get(), ICAL_VEVENT_COMPONENT)) {
    ++number;
    const absl::StatusOr<DayEvent> read = ReadEvent(event);
    if (!read.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("VEVENT ", number, ": ", read.status().message()));
    }
    if (read->recurs && ++recurring > kMaxRecurring) {
      return absl::InvalidArgumentError("the calendar has more than 500 events that recur");
    }
    (read->workday ? calendar.workdays_ : calendar.holidays_).insert(read->days.begin(), read->days.end());
    if (calendar.workdays_.size() + calendar.holidays_.size() > kMaxDays) {
      return absl::InvalidArgumentError("the calendar names more than 200000 days");
    }
    if (!stated && !read->recurs && !read->days.empty()) {
      known_until = std::max(known_until.value_or(read->days.back()), read->days.back());
    }
  }
  if (!known_until.has_value()) {
    return absl::InvalidArgumentError("nothing says until when the calendar is known");
  }
  calendar.known_until_ = *known_until;
  return calendar;
}

bool Calendar::IsWorkingDay(absl::CivilDay day) const {
  if (workdays_.contains(day)) return true;
  const absl::Weekday weekday = absl::GetWeekday(day);
  if (weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday) return false;
  return !holidays_.contains(day);
}

WorkingDays::WorkingDays(std::shared_ptr<const Calendar> calendar, absl::TimeZone zone)
    : calendar_(std::move(calendar)), zone_(zone) {}

Deadline WorkingDays::StartOfWorkingDay(absl::Time start, int n) const {
  const absl::CivilDay day = WorkingDay(start, n);
  return {StartOf(day), day > calendar_->known_until()};
}

Deadline WorkingDays::EndOfWorkingDay(absl::Time start, int n) const {
  const absl::CivilDay day = WorkingDay(start, n);
  return {StartOf(day + 1), day > calendar_->known_until()};
}

absl::Time WorkingDays::EndOfDay(absl::Time start, int n) const {
  return StartOf(absl::ToCivilDay(start, zone_) + n + 1);
}

// The n-th working day after the local date of `start`. Ends, because no calendar names days off
// without end (see FromIcs).
absl::CivilDay WorkingDays::WorkingDay(absl::Time start, int n) const {
  absl::CivilDay day = absl::ToCivilDay(start, zone_);
  while (n > 0) {
    ++day;
    if (calendar_->IsWorkingDay(day)) --n;
  }
  return day;
}

absl::Time WorkingDays::StartOf(absl::CivilDay day) const {
  const absl::TimeZone::TimeInfo midnight = zone_.At(absl::CivilSecond(day));
  return midnight.kind == absl::TimeZone::TimeInfo::SKIPPED ? midnight.trans : midnight.pre;
}

}  // namespace makegood::rules
