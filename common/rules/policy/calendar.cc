#include "common/rules/policy/calendar.h"

#include <libical/ical.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/rules/policy/calendar_event.h"

namespace makegood::rules {
namespace {

constexpr size_t kMaxBytes = 1 << 20;
constexpr size_t kMaxLineBytes = 16 << 10;
constexpr int kMaxDepth = 8;
constexpr int kMaxRecurring = 500;
constexpr size_t kMaxDays = 200'000;
constexpr size_t kMaxReasons = 5;
constexpr size_t kMaxReasonBytes = 60;
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct ComponentFree {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
using Component = std::unique_ptr<icalcomponent, ComponentFree>;

std::string Text(const char* text) { return text == nullptr ? std::string() : std::string(text); }

// Joins folded lines, so that what follows sees whole ones, and writes the names of properties in capitals:
// they mean the same in any letters (RFC 5545), but libical does not know an x- in small ones.
std::string Unfold(absl::string_view ics) {
  std::string text = absl::StrReplaceAll(ics, {{"\r\n ", ""}, {"\r\n\t", ""}, {"\n ", ""}, {"\n\t", ""}});
  bool in_name = true;
  for (char& c : text) {
    if (c == '\n' || c == '\r') {
      in_name = true;
    } else if (c == ':' || c == ';') {
      in_name = false;
    } else if (in_name) {
      c = absl::ascii_toupper(static_cast<unsigned char>(c));
    }
  }
  return text;
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
  const std::string unfolded = Unfold(absl::StripPrefix(ics, kByteOrderMark));
  RETURN_IF_ERROR(CheckShape(unfolded));
  icalerror_set_errors_are_fatal(0);  // libical's default is to abort
  Component root(icalparser_parse_string(unfolded.c_str()));
  if (root == nullptr || icalcomponent_isa(root.get()) != ICAL_VCALENDAR_COMPONENT) {
    return absl::InvalidArgumentError("not one VCALENDAR");
  }
  return root;
}

// The value of the calendar's own property of that name, if it is there.
std::optional<std::string> Stated(icalcomponent* calendar, absl::string_view name) {
  for (icalproperty* property = icalcomponent_get_first_property(calendar, ICAL_X_PROPERTY);
       property != nullptr; property = icalcomponent_get_next_property(calendar, ICAL_X_PROPERTY)) {
    if (Text(icalproperty_get_x_name(property)) == name) return Text(icalproperty_get_x(property));
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<absl::CivilDay>> KnownUntil(icalcomponent* calendar) {
  const std::optional<std::string> value = Stated(calendar, "X-MAKEGOOD-KNOWN-UNTIL");
  if (!value.has_value()) return std::optional<absl::CivilDay>();
  int number = 0;
  if (value->size() == 8 && absl::SimpleAtoi(*value, &number)) {
    icaltimetype time = icaltime_null_date();
    time.year = number / 10000;
    time.month = number / 100 % 100;
    time.day = number % 100;
    if (const std::optional<absl::CivilDay> day = ExistingDay(time); day.has_value()) return day;
  }
  return absl::InvalidArgumentError("X-MAKEGOOD-KNOWN-UNTIL is no date YYYYMMDD");
}

std::vector<icalcomponent*> EventsOf(icalcomponent* calendar) {
  std::vector<icalcomponent*> events;
  for (icalcomponent* event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
       event != nullptr; event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
    events.push_back(event);
  }
  return events;
}

absl::Status EventProblem(size_t event, const absl::Status& problem) {
  return absl::InvalidArgumentError(absl::StrCat("VEVENT ", event + 1, ": ", problem.message()));
}

// "none of its 3 events is taken: 2 of category Observance, 1 cancelled".
absl::Status NoneTaken(size_t events, const std::map<std::string, int>& passed_over) {
  std::string reasons;
  size_t told = 0;
  for (const auto& [reason, times] : passed_over) {
    if (++told > kMaxReasons) break;
    absl::StrAppend(&reasons, told > 1 ? ", " : "", times, " ", reason);
  }
  return absl::InvalidArgumentError(absl::StrCat("none of its ", events, " events is taken: ", reasons));
}

}  // namespace

absl::StatusOr<Calendar> Calendar::FromIcs(absl::string_view ics) {
  ASSIGN_OR_RETURN(const Component root, ParseComponents(ics));
  ASSIGN_OR_RETURN(std::optional<absl::CivilDay> known_until, KnownUntil(root.get()));
  const bool stated = known_until.has_value();
  EventContext context;
  context.zone = ZoneNamed(Stated(root.get(), "X-WR-TIMEZONE").value_or(""));
  const std::vector<icalcomponent*> events = EventsOf(root.get());
  for (size_t i = 0; i < events.size(); ++i) {
    if (const absl::Status noted = NoteMoved(events[i], context); !noted.ok()) return EventProblem(i, noted);
  }

  Calendar calendar;
  int recurring = 0;
  std::map<std::string, int> passed_over;
  for (size_t i = 0; i < events.size(); ++i) {
    const absl::StatusOr<DayEvent> read = ReadEvent(events[i], context);
    if (!read.ok()) return EventProblem(i, read.status());
    if (read->days.empty()) {
      ++passed_over[read->passed_over.substr(0, kMaxReasonBytes)];
      continue;
    }
    if (read->recurs && ++recurring > kMaxRecurring) {
      return absl::InvalidArgumentError("the calendar has more than 500 events that recur");
    }
    (read->workday ? calendar.workdays_ : calendar.holidays_).insert(read->days.begin(), read->days.end());
    if (calendar.workdays_.size() + calendar.holidays_.size() > kMaxDays) {
      return absl::InvalidArgumentError("the calendar names more than 200000 days");
    }
    if (!stated && !read->recurs) {
      known_until = std::max(known_until.value_or(read->days.back()), read->days.back());
    }
  }
  if (!events.empty() && calendar.holidays_.empty() && calendar.workdays_.empty()) {
    return NoneTaken(events.size(), passed_over);
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
