// A page of metrics, as Prometheus reads it.
#pragma once

#include <gtest/gtest.h>
#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace makegood::testing {

inline std::string PageOf(const prometheus::Collectable& collectable) {
  return prometheus::TextSerializer().Serialize(collectable.Collect());
}

// The value of a series, e.g. `a_total{x="1"}`; -1 where it is not on the page.
inline double ValueOf(const std::string& page, const std::string& series) {
  for (const absl::string_view line : absl::StrSplit(page, '\n')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    if (parts.first != series) continue;
    double value = -1;
    EXPECT_TRUE(absl::SimpleAtod(parts.second, &value)) << line;
    return value;
  }
  return -1;
}

}  // namespace makegood::testing
