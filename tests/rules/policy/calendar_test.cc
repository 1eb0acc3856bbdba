#include "common/rules/policy/calendar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/rules/policy/embedded_files.h"
#include "common/rules/policy/policy_book.h"

namespace makegood::rules {
namespace {

using ::testing::HasSubstr;

absl::Time Instant(absl::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << ": " << error;
  return time;
}

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

std::string ShippedIcs(absl::string_view name) {
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    if (file.name == name) return std::string(file.content);
  }
  ADD_FAILURE() << name << " is not shipped";
  return "";
}

Calendar Shipped(absl::string_view name) {
  absl::StatusOr<Calendar> calendar = Calendar::FromIcs(ShippedIcs(absl::StrCat(name, ".ics")));
  EXPECT_TRUE(calendar.ok()) << calendar.status();
  return *std::move(calendar);
}

WorkingDays Days(absl::string_view calendar, const std::string& zone) {
  return WorkingDays(std::make_shared<const Calendar>(Shipped(calendar)), Zone(zone));
}

std::string Ics(const std::vector<std::string>& lines) {
  return absl::StrCat("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", absl::StrJoin(lines, "\r\n"),
                      "\r\nEND:VCALENDAR\r\n");
}

std::string EventLines(const std::vector<std::string>& lines) {
  return absl::StrCat("BEGIN:VEVENT\r\n", absl::StrJoin(lines, "\r\n"), "\r\nEND:VEVENT");
}

Calendar Read(const std::vector<std::string>& lines) {
  const std::string ics = Ics(lines);
  absl::StatusOr<Calendar> calendar = Calendar::FromIcs(ics);
  EXPECT_TRUE(calendar.ok()) << calendar.status() << "\n" << ics;
  return *std::move(calendar);
}

std::string Problem(absl::string_view ics) { return std::string(Calendar::FromIcs(ics).status().message()); }

// ---- CAL-01: counting

TEST(WorkingDays, CAL_01_TheExampleOfTheSpecification) {
  const WorkingDays days = Days("CN", "Asia/Shanghai");
  const absl::Time evidence = Instant("2026-09-25T10:00:00+08:00");
  EXPECT_EQ(days.StartOfWorkingDay(evidence, 1).time, Instant("2026-09-28T00:00:00+08:00"));
  EXPECT_EQ(days.StartOfWorkingDay(evidence, 4).time, Instant("2026-10-08T00:00:00+08:00"));
  EXPECT_EQ(days.StartOfWorkingDay(evidence, 6).time, Instant("2026-10-10T00:00:00+08:00"));
  EXPECT_EQ(days.StartOfWorkingDay(evidence, 10).time, Instant("2026-10-15T00:00:00+08:00"));
  EXPECT_EQ(days.EndOfWorkingDay(evidence, 30).time, Instant("2026-11-13T00:00:00+08:00"));
  EXPECT_FALSE(days.EndOfWorkingDay(evidence, 30).provisional);
}

TEST(WorkingDays, CLM_04_FifteenWorkingDaysFromTheApprovalOf15October) {
  const WorkingDays days = Days("CN", "Asia/Shanghai");
  EXPECT_EQ(days.EndOfWorkingDay(Instant("2026-10-15T10:00:00+08:00"), 15).time,
            Instant("2026-11-06T00:00:00+08:00"));
}

TEST(WorkingDays, CAL_01_TheLocalDateCountsNotTheUtcOne) {
  const WorkingDays days = Days("CN", "Asia/Shanghai");
  // 23:59 and 00:01 in Shanghai are the same UTC day.
  EXPECT_EQ(days.StartOfWorkingDay(Instant("2026-11-02T23:59:00+08:00"), 1).time,
            Instant("2026-11-03T00:00:00+08:00"));
  EXPECT_EQ(days.StartOfWorkingDay(Instant("2026-11-03T00:01:00+08:00"), 1).time,
            Instant("2026-11-04T00:00:00+08:00"));
}

TEST(WorkingDays, CAL_01_AStartOnANonWorkingDayIsDay0AllTheSame) {
  const WorkingDays days = Days("CZ", "Europe/Prague");
  const absl::Time monday = Instant("2026-06-08T00:00:00+02:00");
  EXPECT_EQ(days.StartOfWorkingDay(Instant("2026-06-05T12:00:00+02:00"), 1).time, monday);  // Friday
  EXPECT_EQ(days.StartOfWorkingDay(Instant("2026-06-06T12:00:00+02:00"), 1).time, monday);  // Saturday
  EXPECT_EQ(days.StartOfWorkingDay(Instant("2026-06-07T12:00:00+02:00"), 1).time, monday);  // Sunday
}

TEST(WorkingDays, CAL_01_CalendarDaysEndAtTheLocalEndOfTheLastDay) {
  const WorkingDays days = Days("CZ", "Europe/Prague");
  // 14 days over the end of summer time: an hour longer than 14 × 24 hours would say.
  EXPECT_EQ(days.EndOfDay(Instant("2026-10-20T00:00:00+02:00"), 14), Instant("2026-11-04T00:00:00+01:00"));
  EXPECT_EQ(days.EndOfDay(Instant("2026-10-20T23:59:59+02:00"), 14), Instant("2026-11-04T00:00:00+01:00"));
}

TEST(WorkingDays, CAL_01_DaysBeginAtTheirFirstInstantWhereMidnightIsSkippedOrTwice) {
  // São Paulo went to summer time at midnight of 4 November 2018: that day began at 01:00.
  const WorkingDays sao_paulo = Days("ISO", "America/Sao_Paulo");
  EXPECT_EQ(sao_paulo.EndOfDay(Instant("2018-11-02T12:00:00-03:00"), 1),
            Instant("2018-11-04T01:00:00-02:00"));
  // Havana goes back from 01:00 to 00:00 on 1 November 2026: that day begins at the first midnight.
  const WorkingDays havana = Days("ISO", "America/Havana");
  EXPECT_EQ(havana.EndOfDay(Instant("2026-10-30T12:00:00-04:00"), 1), Instant("2026-11-01T00:00:00-04:00"));
}

TEST(WorkingDays, CAL_01_HistoryBeforeTheDataIsCountedAsWellAsItIsKnown) {
  for (const char* name : {"CN", "CZ", "SI", "TR", "ISO"}) {
    const WorkingDays days = Days(name, "UTC");
    EXPECT_EQ(days.StartOfWorkingDay(Instant("2017-11-21T12:00:00Z"), 3).time,
              Instant("2017-11-24T00:00:00Z"))
        << name;
    EXPECT_FALSE(days.EndOfWorkingDay(Instant("1066-10-14T00:00:00Z"), 30).provisional) << name;
  }
}

// ---- CAL-02: what ships

struct DayCase {
  const char* calendar;
  int year, month, day;
  bool working;
};

TEST(Calendars, CAL_02_TheShippedOnesKnow2026) {
  const DayCase cases[] = {
      // State Council notice for 2026.
      {"CN", 2026, 1, 1, false},
      {"CN", 2026, 1, 2, false},
      {"CN", 2026, 1, 4, true},
      {"CN", 2026, 1, 5, true},
      {"CN", 2026, 2, 13, true},
      {"CN", 2026, 2, 14, true},
      {"CN", 2026, 2, 16, false},
      {"CN", 2026, 2, 23, false},
      {"CN", 2026, 2, 24, true},
      {"CN", 2026, 2, 28, true},
      {"CN", 2026, 3, 1, false},
      {"CN", 2026, 4, 3, true},
      {"CN", 2026, 4, 6, false},
      {"CN", 2026, 4, 7, true},
      {"CN", 2026, 5, 1, false},
      {"CN", 2026, 5, 5, false},
      {"CN", 2026, 5, 6, true},
      {"CN", 2026, 5, 9, true},
      {"CN", 2026, 6, 19, false},
      {"CN", 2026, 6, 22, true},
      {"CN", 2026, 9, 20, true},
      {"CN", 2026, 9, 25, false},
      {"CN", 2026, 9, 28, true},
      {"CN", 2026, 9, 30, true},
      {"CN", 2026, 10, 1, false},
      {"CN", 2026, 10, 7, false},
      {"CN", 2026, 10, 8, true},
      {"CN", 2026, 10, 10, true},
      {"CN", 2026, 10, 11, false},
      {"CN", 2025, 10, 8, false},
      {"CN", 2025, 10, 11, true},
      // Czech law: Good Friday and Easter Monday move, the rest is fixed.
      {"CZ", 2026, 1, 1, false},
      {"CZ", 2026, 1, 2, true},
      {"CZ", 2026, 4, 3, false},
      {"CZ", 2026, 4, 6, false},
      {"CZ", 2026, 4, 7, true},
      {"CZ", 2026, 5, 1, false},
      {"CZ", 2026, 5, 8, false},
      {"CZ", 2026, 7, 6, false},
      {"CZ", 2026, 9, 28, false},
      {"CZ", 2026, 10, 28, false},
      {"CZ", 2026, 11, 17, false},
      {"CZ", 2026, 12, 24, false},
      {"CZ", 2026, 12, 25, false},
      {"CZ", 2027, 3, 26, false},
      {"CZ", 2027, 3, 29, false},
      {"CZ", 2017, 4, 14, false},
      {"CZ", 2018, 4, 2, false},
      {"CZ", 2016, 7, 5, false},
      // Slovenian law.
      {"SI", 2026, 1, 1, false},
      {"SI", 2026, 1, 2, false},
      {"SI", 2026, 4, 3, true},
      {"SI", 2026, 4, 6, false},
      {"SI", 2026, 4, 27, false},
      {"SI", 2026, 5, 1, false},
      {"SI", 2026, 5, 8, true},
      {"SI", 2026, 6, 25, false},
      {"SI", 2026, 12, 25, false},
      {"SI", 2027, 2, 8, false},
      {"SI", 2028, 5, 2, false},
      {"SI", 2028, 8, 15, false},
      {"SI", 2028, 10, 31, false},
      {"SI", 2028, 11, 1, false},
      {"SI", 2016, 1, 2, false},
      {"SI", 2028, 12, 26, false},
      // Turkish law, and the two Bayrams; their eves are half days, and so working days.
      {"TR", 2026, 1, 1, false},
      {"TR", 2026, 3, 19, true},
      {"TR", 2026, 3, 20, false},
      {"TR", 2026, 3, 23, true},
      {"TR", 2026, 4, 23, false},
      {"TR", 2026, 5, 1, false},
      {"TR", 2026, 5, 19, false},
      {"TR", 2026, 5, 26, true},
      {"TR", 2026, 5, 27, false},
      {"TR", 2026, 5, 29, false},
      {"TR", 2026, 6, 1, true},
      {"TR", 2026, 7, 15, false},
      {"TR", 2027, 8, 30, false},
      {"TR", 2026, 10, 29, false},
      // Only weekends.
      {"ISO", 2026, 12, 25, true},
      {"ISO", 2026, 12, 26, false},
      {"ISO", 2027, 1, 1, true},
  };
  std::map<std::string, Calendar> calendars;
  for (const DayCase& c : cases) {
    if (!calendars.contains(c.calendar)) calendars.emplace(c.calendar, Shipped(c.calendar));
    const absl::CivilDay day(c.year, c.month, c.day);
    EXPECT_EQ(calendars.at(c.calendar).IsWorkingDay(day), c.working) << c.calendar << " " << day;
  }
}

TEST(Calendars, CAL_02_StandardEventsAreRead) {
  const Calendar calendar = Read({
      "X-MAKEGOOD-KNOWN-UNTIL:20261231",
      EventLines({"DTSTART;VALUE=DATE:20260601", "DTEND;VALUE=DATE:20260603", "SUMMARY:Two days"}),
      EventLines({"DTSTART;VALUE=DATE:20260608", "DURATION:P2D", "CATEGORIES:Bank,Holiday"}),
      EventLines({"DTSTART;VALUE=DATE:20260615", "CATEGORIES:OBSERVANCE"}),
      EventLines({"DTSTART:20260616T120000Z", "DTEND:20260616T180000Z", "SUMMARY:Half a day"}),
      EventLines({"DTSTART;VALUE=DATE:20260617", "STATUS:CANCELLED"}),
      EventLines({"DTSTART;VALUE=DATE:20260620", "CATEGORIES:WORKDAY"}),
      EventLines({"DTSTART;VALUE=DATE:20260622", "RDATE;VALUE=DATE:20260624,20260625",
                  "EXDATE;VALUE=DATE:20260622"}),
      EventLines({"DTSTART;VAL", " UE=DATE:2026", "\t0629", "DESCRIPTION:", "X-ODD;X=\"1\":2"}),
      EventLines({"DTSTART;VALUE=DATE:20201126", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"}),
      EventLines({"DTSTART;VALUE=DATE:20200701", "RRULE:FREQ=YEARLY;UNTIL=20250701"}),
  });
  const std::set<int> off_in_june = {1, 2, 8, 9, 24, 25, 29};
  for (int day = 1; day <= 30; ++day) {
    const absl::CivilDay civil(2026, 6, day);
    const absl::Weekday weekday = absl::GetWeekday(civil);
    const bool weekend = weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
    EXPECT_EQ(calendar.IsWorkingDay(civil), day == 20 || !(weekend || off_in_june.contains(day))) << civil;
  }
  EXPECT_FALSE(calendar.IsWorkingDay(absl::CivilDay(2020, 7, 1)));
  EXPECT_FALSE(calendar.IsWorkingDay(absl::CivilDay(2025, 7, 1)));
  EXPECT_TRUE(calendar.IsWorkingDay(absl::CivilDay(2026, 7, 1)));
}

TEST(Calendars, CAL_02_AYearlyRuleHoldsFromItsFirstYearOn) {
  const Calendar calendar =
      Read({"X-MAKEGOOD-KNOWN-UNTIL:20261231",
            EventLines({"DTSTART;VALUE=DATE:20170703", "RRULE:FREQ=YEARLY", "SUMMARY:A Monday"}),
            EventLines({"DTSTART;VALUE=DATE:20160229", "RRULE:FREQ=YEARLY", "SUMMARY:Leap day"})});
  EXPECT_TRUE(calendar.IsWorkingDay(absl::CivilDay(2015, 7, 3)));
  EXPECT_FALSE(calendar.IsWorkingDay(absl::CivilDay(2017, 7, 3)));
  EXPECT_FALSE(calendar.IsWorkingDay(absl::CivilDay(2098, 7, 3)));
  EXPECT_FALSE(calendar.IsWorkingDay(absl::CivilDay(2024, 2, 29)));
  EXPECT_TRUE(calendar.IsWorkingDay(absl::CivilDay(2023, 2, 28)));
  EXPECT_TRUE(calendar.IsWorkingDay(absl::CivilDay(2023, 3, 1)));
}

TEST(Calendars, CAL_02_WhatIsWrongIsSaid) {
  EXPECT_THAT(Problem(""), HasSubstr("not one VCALENDAR"));
  EXPECT_THAT(Problem("no calendar at all"), HasSubstr("not one VCALENDAR"));
  EXPECT_THAT(Problem(EventLines({"DTSTART;VALUE=DATE:20260601"})), HasSubstr("not one VCALENDAR"));
  EXPECT_THAT(Problem(absl::StrCat(ShippedIcs("CZ.ics"), ShippedIcs("SI.ics"))),
              HasSubstr("not one VCALENDAR"));
  EXPECT_THAT(Problem(std::string(2 << 20, 'x')), HasSubstr("larger than 1 MiB"));
  EXPECT_THAT(Problem(absl::string_view("BEGIN\0:VCALENDAR", 16)), HasSubstr("NUL"));
  EXPECT_THAT(Problem(Ics({"X-LONG:" + std::string(20'000, 'x')})), HasSubstr("longer than 16 KiB"));
  EXPECT_THAT(Problem(Ics({"BEGIN:VEVENT", "BEGIN:VEVENT", "BEGIN:VEVENT", "BEGIN:VEVENT", "BEGIN:VEVENT",
                           "BEGIN:VEVENT", "BEGIN:VEVENT", "BEGIN:VEVENT", "BEGIN:VEVENT"})),
              HasSubstr("nests too deep"));
  EXPECT_THAT(Problem(Ics({})), HasSubstr("until when"));
  EXPECT_THAT(Problem(Ics({"X-MAKEGOOD-KNOWN-UNTIL:20261301"})), HasSubstr("KNOWN-UNTIL"));
  EXPECT_THAT(Problem(Ics({"X-MAKEGOOD-KNOWN-UNTIL:soon"})), HasSubstr("KNOWN-UNTIL"));
  const std::string known = "X-MAKEGOOD-KNOWN-UNTIL:20261231";
  EXPECT_THAT(Problem(Ics({known, EventLines({"SUMMARY:No day"})})),
              HasSubstr("VEVENT 1: it has no DTSTART"));
  EXPECT_THAT(Problem(Ics({known, EventLines({"DTSTART;VALUE=DATE:tomorrow"})})), HasSubstr("VEVENT 1"));
  EXPECT_THAT(Problem(Ics({known, EventLines({"DTSTART;VALUE=DATE:20260230"})})), HasSubstr("VEVENT 1"));
  EXPECT_THAT(Problem(Ics({known, EventLines({"DTSTART;VALUE=DATE:00010101"})})), HasSubstr("1900 to 2099"));
  EXPECT_THAT(Problem(Ics({known, EventLines({"DTSTART;VALUE=DATE:20260601", "DTEND;VALUE=DATE:20280601"})})),
              HasSubstr("1 to 366 days"));
  EXPECT_THAT(Problem(Ics({known, EventLines({"DTSTART;VALUE=DATE:20260601", "RRULE:FREQ=DAILY"})})),
              HasSubstr("FREQ=YEARLY"));
  const std::string yearly = EventLines({"DTSTART;VALUE=DATE:20260601", "RRULE:FREQ=YEARLY"});
  std::vector<std::string> many(501, yearly);
  many.push_back(known);
  EXPECT_THAT(Problem(Ics(many)), HasSubstr("more than 500 events that recur"));
  EXPECT_THAT(Problem(Ics({known, EventLines({"DTSTART;VALUE=DATE:20260601", "RRULE:FREQ=SOMETIMES"})})),
              HasSubstr("cannot be read"));
}

// ---- CAL-03: until when it is known

TEST(Calendars, CAL_03_EachStatesUntilWhenItIsKnown) {
  EXPECT_EQ(Shipped("CN").known_until(), absl::CivilDay(2026, 12, 31));
  EXPECT_EQ(Shipped("TR").known_until(), absl::CivilDay(2026, 12, 31));
  EXPECT_GE(Shipped("CZ").known_until(), absl::CivilDay(2030, 12, 31));
  EXPECT_GE(Shipped("SI").known_until(), absl::CivilDay(2030, 12, 31));
  EXPECT_GE(Shipped("ISO").known_until(), absl::CivilDay(2099, 12, 31));
  // Unstated: the last day that is announced by itself.
  EXPECT_EQ(Read({EventLines({"DTSTART;VALUE=DATE:20260601", "DTEND;VALUE=DATE:20260604"}),
                  EventLines({"DTSTART;VALUE=DATE:20260501"}),
                  EventLines({"DTSTART;VALUE=DATE:20201224", "RRULE:FREQ=YEARLY"})})
                .known_until(),
            absl::CivilDay(2026, 6, 3));
}

TEST(WorkingDays, CAL_03_PastTheDataADeadlineIsProvisionalAndKeepsFixedDates) {
  const WorkingDays days = Days("CN", "Asia/Shanghai");
  const absl::Time start = Instant("2026-12-29T10:00:00+08:00");  // a Tuesday
  EXPECT_EQ(days.StartOfWorkingDay(start, 2), (Deadline{Instant("2026-12-31T00:00:00+08:00"), false}));
  // 1 January is a holiday every year, 2 and 3 January 2027 a weekend.
  EXPECT_EQ(days.StartOfWorkingDay(start, 3), (Deadline{Instant("2027-01-04T00:00:00+08:00"), true}));
  EXPECT_EQ(days.EndOfWorkingDay(start, 3), (Deadline{Instant("2027-01-05T00:00:00+08:00"), true}));
  // The end of the last known day is known.
  EXPECT_EQ(days.EndOfWorkingDay(start, 2), (Deadline{Instant("2027-01-01T00:00:00+08:00"), false}));
}

// ---- Properties

constexpr int kSpan = 120;  // days around which holidays are drawn

std::string DayText(int offset) {
  const absl::CivilDay day = absl::CivilDay(2026, 1, 1) + offset;
  return absl::StrFormat("%04d%02d%02d", day.year(), day.month(), day.day());
}

Calendar Drawn(const std::vector<int>& holidays, const std::vector<int>& workdays) {
  std::vector<std::string> lines = {"X-MAKEGOOD-KNOWN-UNTIL:20260301"};
  for (const int day : holidays) lines.push_back(EventLines({"DTSTART;VALUE=DATE:" + DayText(day)}));
  for (const int day : workdays) {
    lines.push_back(EventLines({"DTSTART;VALUE=DATE:" + DayText(day), "CATEGORIES:WORKDAY"}));
  }
  return *Calendar::FromIcs(Ics(lines));
}

rc::Gen<std::vector<int>> SomeDays() {
  return rc::gen::container<std::vector<int>>(rc::gen::inRange(0, kSpan));
}

absl::Time SomeStart() {
  return Instant("2026-01-01T00:00:00Z") + absl::Minutes(*rc::gen::inRange(0, kSpan * 24 * 60));
}

absl::TimeZone SomeZone() {
  return Zone(*rc::gen::element<std::string>("UTC", "Asia/Shanghai", "Europe/Prague", "America/Havana"));
}

RC_GTEST_PROP(WorkingDaysProperty, CAL_01_NoDeadlineMovesEarlierWhenAHolidayIsAdded, ()) {
  std::vector<int> holidays = *SomeDays();
  const std::vector<int> workdays = *SomeDays();
  const absl::TimeZone zone = SomeZone();
  const absl::Time start = SomeStart();
  const int n = *rc::gen::inRange(1, 40);
  const WorkingDays before(std::make_shared<Calendar>(Drawn(holidays, workdays)), zone);
  holidays.push_back(*rc::gen::inRange(0, kSpan));
  const WorkingDays after(std::make_shared<Calendar>(Drawn(holidays, workdays)), zone);
  RC_ASSERT(after.StartOfWorkingDay(start, n).time >= before.StartOfWorkingDay(start, n).time);
  RC_ASSERT(after.EndOfWorkingDay(start, n).time >= before.EndOfWorkingDay(start, n).time);
}

RC_GTEST_PROP(WorkingDaysProperty, CAL_01_DeadlinesLieAfterTheStartAndGrowWithN, ()) {
  const WorkingDays days(std::make_shared<Calendar>(Drawn(*SomeDays(), *SomeDays())), SomeZone());
  const absl::Time start = SomeStart();
  const int n = *rc::gen::inRange(1, 40);
  RC_ASSERT(days.StartOfWorkingDay(start, n).time > start);
  RC_ASSERT(days.EndOfWorkingDay(start, n).time > days.StartOfWorkingDay(start, n).time);
  RC_ASSERT(days.StartOfWorkingDay(start, n + 1).time >= days.EndOfWorkingDay(start, n).time);
  RC_ASSERT(days.EndOfDay(start, n) > start);
  RC_ASSERT(days.EndOfDay(start, n + 1) > days.EndOfDay(start, n));
  RC_ASSERT(days.EndOfDay(start, n) <= days.EndOfWorkingDay(start, n).time);
  // Once provisional, provisional for every later day.
  if (days.StartOfWorkingDay(start, n).provisional) {
    RC_ASSERT(days.EndOfWorkingDay(start, n + 1).provisional);
  }
}

RC_GTEST_PROP(CalendarProperty, CAL_02_AnyBytesAreReadOrRefused, (const std::string& bytes)) {
  Calendar::FromIcs(bytes).IgnoreError();
  Calendar::FromIcs(Ics({bytes})).IgnoreError();
  Calendar::FromIcs(Ics({EventLines({bytes})})).IgnoreError();
}

// Near misses reach deeper than noise: a real calendar with pieces cut, doubled and replaced.
RC_GTEST_PROP(CalendarProperty, CAL_02_AnyDamagedCalendarIsReadOrRefused, ()) {
  std::string ics = ShippedIcs(*rc::gen::element<std::string>("CZ.ics", "CN.ics"));
  ics.resize(1500);
  const int edits = *rc::gen::inRange(1, 8);
  for (int i = 0; i < edits; ++i) {
    const size_t at = *rc::gen::inRange<size_t>(0, ics.size());
    const size_t length = *rc::gen::inRange<size_t>(0, 40);
    const std::string piece = *rc::gen::oneOf(
        rc::gen::just(ics.substr(ics.size() / 2, length)), rc::gen::arbitrary<std::string>(),
        rc::gen::element<std::string>("RRULE:FREQ=YEARLY;INTERVAL=0;COUNT=-1\n", "BYMONTHDAY=31;BYMONTH=2\n",
                                      "BEGIN:VEVENT\n", "END:VCALENDAR\n", ";BYSETPOS=-366", "99999999999"));
    ics.replace(at, length, piece);
  }
  const absl::StatusOr<Calendar> calendar = Calendar::FromIcs(ics);
  if (!calendar.ok()) RC_ASSERT(calendar.status().code() == absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace makegood::rules
