// What waits for people (WRK-01), as events have told it and as the records on a desk say it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/enum_word.h"
#include "tests/support/rules_support.h"

namespace makegood::testing {

// "operations decide_claim"; with when it is due, in the shape of At, where something says so.
inline std::string InShort(const base::v1::WorkItem& item, absl::TimeZone zone = absl::UTCTimeZone()) {
  const std::string due =
      item.has_due_time()
          ? absl::StrCat(" by ", absl::FormatTime("%Y-%m-%dT%H:%M%Ez", rules::ToTime(item.due_time()), zone))
          : "";
  return absl::AsciiStrToLower(absl::StrCat(EnumWord(item.turn()), " ", EnumWord(item.kind()))) + due;
}

inline std::vector<std::string> InShort(const std::vector<base::v1::WorkItem>& items) {
  std::vector<std::string> all;
  for (const base::v1::WorkItem& item : items) all.push_back(InShort(item));
  return all;
}

// What is open after all of these events, whole.
inline std::set<std::string> WorkTold(const std::vector<events::v1::Event>& events) {
  std::map<std::string, std::string> open;
  const auto key = [](const base::v1::WorkItem& item) {
    return absl::StrCat(item.kind(), "/", item.subject_id(), "/", item.detail());
  };
  for (const events::v1::Event& event : events) {
    for (const base::v1::WorkItem& item : event.work_ended()) {
      EXPECT_EQ(open.erase(key(item)), 1u) << "ended, and was not open: " << item.ShortDebugString();
    }
    for (const base::v1::WorkItem& item : event.work_begun()) open[key(item)] = item.SerializeAsString();
  }
  std::set<std::string> told;
  for (const auto& [of, item] : open) told.insert(item);
  return told;
}

// What the desk's records of these kinds wait for, whole.
template <typename... Records>
std::set<std::string> WorkOn(const Desk& desk) {
  std::set<std::string> waiting;
  const auto add = [&](const auto& records) {
    for (const auto& record : records) {
      using Record = std::decay_t<decltype(record)>;
      for (const base::v1::WorkItem& item : rules::RecordTraits<Record>::Waiting(record)) {
        EXPECT_TRUE(waiting.insert(item.SerializeAsString()).second) << item.ShortDebugString();
      }
    }
  };
  (add(desk.All<Records>()), ...);
  return waiting;
}

}  // namespace makegood::testing
