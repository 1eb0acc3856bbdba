// Calendars as others publish them (CAL-02, CAL-03).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/rules/policy/calendar.h"

namespace makegood::rules {
namespace {

using ::testing::HasSubstr;

using Lines = std::vector<std::string>;

std::string File(const std::vector<Lines>& events, const Lines& properties = {}) {
  Lines lines = {"BEGIN:VCALENDAR", "VERSION:2.0", "X-MAKEGOOD-KNOWN-UNTIL:20301231"};
  lines.insert(lines.end(), properties.begin(), properties.end());
  for (const Lines& event : events) {
    lines.push_back("BEGIN:VEVENT");
    lines.insert(lines.end(), event.begin(), event.end());
    lines.push_back("END:VEVENT");
  }
  lines.push_back("END:VCALENDAR\r\n");
  return absl::StrJoin(lines, "\r\n");
}

// The days off from Monday to Friday of the years, as "0601" or with the year "20270601"; made-up days with a
// +.
Lines Marked(const std::string& ics, int from = 2026, int to = 2026) {
  const absl::StatusOr<Calendar> calendar = Calendar::FromIcs(ics);
  if (!calendar.ok()) return {std::string(calendar.status().message())};
  Lines marked;
  for (absl::CivilDay day(from, 1, 1); day.year() <= to; ++day) {
    const absl::Weekday weekday = absl::GetWeekday(day);
    const bool weekend = weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
    if (calendar->IsWorkingDay(day) == !weekend) continue;
    const std::string text = absl::StrReplaceAll(absl::FormatCivilTime(day), {{"-", ""}});
    marked.push_back(absl::StrCat(weekend ? "+" : "", from == to ? text.substr(4) : text));
  }
  return marked;
}

std::string WhyNot(const std::string& ics) { return std::string(Calendar::FromIcs(ics).status().message()); }

TEST(CalendarFiles, CAL_02_PublicHolidaysByAnyUsualName) {
  for (const char* const category :
       {"HOLIDAY", "Holidays", "Public Holiday", "public holidays", "Bank Holiday", "National holiday",
        "Federal Holidays", "Statutory holiday", "Czechia,Public Holiday", "Non-working day", "Day off"}) {
    EXPECT_EQ(Marked(File({{"DTSTART;VALUE=DATE:20260601", absl::StrCat("CATEGORIES:", category)}})),
              Lines{"0601"})
        << category;
  }
  for (const char* const category : {"WORKDAY", "Workdays", "Working day", "make-up working day"}) {
    EXPECT_EQ(Marked(File({{"DTSTART;VALUE=DATE:20260606", absl::StrCat("CATEGORIES:", category)}})),
              Lines{"+0606"})
        << category;
  }
  for (const char* const category :
       {"Observance", "School holiday", "Optional Holiday", "Not a public holiday", "Holiday season",
        "Anniversary", "Jewish holiday", "Working holiday"}) {
    EXPECT_EQ(WhyNot(File({{"DTSTART;VALUE=DATE:20260601", absl::StrCat("CATEGORIES:", category)}})),
              absl::StrCat("none of its 1 events is taken: 1 of category ", category));
  }
}

TEST(CalendarFiles, CAL_02_WhatPublicCalendarsMarkWithoutCategories) {
  EXPECT_EQ(Marked(File({{"DTSTART;VALUE=DATE:20260601", "DESCRIPTION:Public holiday"},
                         {"DTSTART;VALUE=DATE:20260602", "DESCRIPTION:Observance\\nTo hide observances, …"},
                         {"DTSTART;VALUE=DATE:20260607", "SUMMARY:端午节 补班"},
                         {"DTSTART;VALUE=DATE:20260613", "SUMMARY:端午节（班）"},
                         {"DTSTART;VALUE=DATE:20260619", "SUMMARY:端午节（休）"},
                         {"DTSTART;VALUE=DATE:20260620", "X-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY"},
                         {"DTSTART;VALUE=DATE:20260622", "X-APPLE-SPECIAL-DAY:WORK-HOLIDAY"}})),
            (Lines{"0601", "+0607", "+0613", "0619", "+0620", "0622"}));
}

TEST(CalendarFiles, CAL_02_DaysFromMidnightToMidnight) {
  EXPECT_EQ(
      Marked(File({{"DTSTART:20260601T000000", "DTEND:20260602T000000"},
                   {"DTSTART:20260603T000000Z", "DTEND:20260605T000000Z"},
                   {"DTSTART;TZID=Europe/Prague:20260608T000000", "DTEND;TZID=Europe/Prague:20260609T000000"},
                   {"DTSTART;TZID=Somewhere:20260610T000000", "DURATION:P1D"},
                   {"DTSTART:20260611T000000", "DURATION:PT24H"},
                   {"DTSTART:20260615T000000", "DTEND:20260615T235959"},
                   {"DTSTART:20260616T000000", "DTEND:20260617T235900"},
                   {"DTSTART:20260622T090000", "DTEND:20260623T090000"},
                   {"DTSTART:20260624T000000", "DTEND:20260624T120000"}})),
      (Lines{"0601", "0603", "0604", "0608", "0610", "0611", "0615", "0616", "0617"}));
  // Every year, to an end that is told in UTC.
  EXPECT_EQ(Marked(File({{"DTSTART;TZID=Europe/Prague:20240701T000000", "DURATION:P1D",
                          "RRULE:FREQ=YEARLY;UNTIL=20260630T220000Z"}}),
                   2024, 2027),
            (Lines{"20240701", "20250701", "20260701"}));
}

TEST(CalendarFiles, CAL_02_MidnightInUtcIsThatOfTheCalendarsZone) {
  const std::vector<Lines> events = {{"DTSTART:20260531T220000Z", "DTEND:20260601T220000Z"},
                                     {"DTSTART:20260102T000000Z", "DTEND:20260103T000000Z"},
                                     {"DTSTART:20260327T230000Z", "DTEND:20260329T220000Z"},
                                     {"DTSTART:20251130T230000Z", "DURATION:P1D", "RRULE:FREQ=YEARLY"}};
  EXPECT_EQ(Marked(File(events, {"X-WR-TIMEZONE:Europe/Prague"})), (Lines{"0102", "0601", "1201"}));
  EXPECT_THAT(WhyNot(File(events)), HasSubstr("VEVENT 1: it lasts whole days but begins at no midnight"));
  EXPECT_THAT(WhyNot(File(events, {"X-WR-TIMEZONE:/etc/passwd"})), HasSubstr("VEVENT 1"));
}

TEST(CalendarFiles, CAL_02_OccurrencesThatAreMovedAddedOrLeftOut) {
  const Lines yearly = {"UID:a", "DTSTART;VALUE=DATE:20260601", "RRULE:FREQ=YEARLY;COUNT=3"};
  const Lines moved = {"UID:a", "RECURRENCE-ID;VALUE=DATE:20270601", "DTSTART;VALUE=DATE:20270603"};
  EXPECT_EQ(Marked(File({yearly, moved}), 2026, 2029), (Lines{"20260601", "20270603", "20280601"}));
  EXPECT_EQ(Marked(File({moved, yearly}), 2026, 2029), (Lines{"20260601", "20270603", "20280601"}));
  Lines cancelled = moved;
  cancelled.push_back("STATUS:CANCELLED");
  EXPECT_EQ(Marked(File({yearly, cancelled}), 2026, 2029), (Lines{"20260601", "20280601"}));
  // Replaced by one of another name on the same day.
  const Lines renamed = {"UID:a", "RECURRENCE-ID;VALUE=DATE:20270601", "DTSTART;VALUE=DATE:20270601"};
  EXPECT_EQ(Marked(File({yearly, renamed}), 2026, 2029), (Lines{"20260601", "20270601", "20280601"}));
  // The same in times.
  EXPECT_EQ(Marked(File({{"UID:b", "DTSTART;TZID=Europe/Prague:20260601T000000", "DURATION:P1D",
                          "RRULE:FREQ=YEARLY;COUNT=4", "EXDATE;TZID=Europe/Prague:20280601T000000",
                          "EXDATE:20290531T220000Z", "RDATE;TZID=Europe/Prague:20260703T000000",
                          "RDATE;VALUE=PERIOD:20260705T220000Z/P1D"},
                         {"UID:b", "RECURRENCE-ID:20270531T220000Z",
                          "DTSTART;TZID=Europe/Prague:20270602T000000", "DURATION:P1D"}}),
                   2026, 2029),
            (Lines{"20260601", "20260703", "20260706", "20270602"}));
  EXPECT_THAT(WhyNot(File({yearly,
                           {"UID:a", "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20270601",
                            "DTSTART;VALUE=DATE:20270603"}})),
              HasSubstr("VEVENT 2: its RECURRENCE-ID has a RANGE"));
  EXPECT_THAT(WhyNot(File({yearly, {"RECURRENCE-ID;VALUE=DATE:20270601", "DTSTART;VALUE=DATE:20270603"}})),
              HasSubstr("VEVENT 2: its RECURRENCE-ID wants a UID"));
  EXPECT_THAT(WhyNot(File({{"DTSTART;VALUE=DATE:20270603", "EXDATE;VALUE=DATE:18000101"}})),
              HasSubstr("EXDATE is no date"));
}

TEST(CalendarFiles, CAL_02_NamesInSmallLettersAndAByteOrderMark) {
  const std::string ics = absl::StrReplaceAll(
      File(
          {{"uid:c", "dtstart;value=date:20260601", "rrule:freq=yearly;count=2", "categories:Public Holiday"},
           {"dtstart;value=date:20260613", "x-apple-special-day:ALTERNATE-WORKDAY"}}),
      {{"BEGIN:V", "begin:v"}, {"END:V", "end:v"}, {"X-MAKEGOOD-KNOWN-UNTIL", "x-makegood-known-until"}});
  EXPECT_EQ(Marked(ics), (Lines{"0601", "+0613"}));
  EXPECT_EQ(Calendar::FromIcs(ics)->known_until(), absl::CivilDay(2030, 12, 31));
  EXPECT_EQ(Marked("\xEF\xBB\xBF" + ics), (Lines{"0601", "+0613"}));
}

TEST(CalendarFiles, CAL_03_AFileOfWhichNothingIsTakenIsRefusedWithTheReason) {
  EXPECT_EQ(WhyNot(File({{"DTSTART;VALUE=DATE:20260601", "CATEGORIES:Observance"},
                         {"DTSTART;VALUE=DATE:20260602", "CATEGORIES:Observance"},
                         {"DTSTART:20260603T090000", "DTEND:20260603T170000"},
                         {"DTSTART;VALUE=DATE:20260604", "STATUS:CANCELLED"},
                         {"DTSTART;VALUE=DATE:20260605", "EXDATE;VALUE=DATE:20260605"}})),
            "none of its 5 events is taken: 1 cancelled, 2 of category Observance, 1 with a time of day, "
            "1 without an occurrence");
  // Weekends alone, as ISO.ics: no events at all.
  EXPECT_EQ(Marked(File({})), Lines{});
}

}  // namespace
}  // namespace makegood::rules
