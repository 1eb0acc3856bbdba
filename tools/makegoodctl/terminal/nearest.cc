#include "tools/makegoodctl/terminal/nearest.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace makegood::ctl {
namespace {

// Names longer than this are not compared: no column is called so by mistake.
constexpr size_t kLongestName = 64;

bool Same(char one, char other) {
  return absl::ascii_tolower(static_cast<unsigned char>(one)) ==
         absl::ascii_tolower(static_cast<unsigned char>(other));
}

// How many letters have to be changed to make one word of the other, without regard to case. Two neighbours
// that are swapped, as happens in typing, count as one.
size_t Distance(absl::string_view one, absl::string_view other) {
  // Of the first i letters of one and the first j of the other.
  std::vector<std::vector<size_t>> distance(one.size() + 1, std::vector<size_t>(other.size() + 1));
  for (size_t i = 0; i <= one.size(); ++i) distance[i][0] = i;
  for (size_t j = 0; j <= other.size(); ++j) distance[0][j] = j;
  for (size_t i = 1; i <= one.size(); ++i) {
    for (size_t j = 1; j <= other.size(); ++j) {
      const size_t changed = distance[i - 1][j - 1] + (Same(one[i - 1], other[j - 1]) ? 0 : 1);
      size_t& least = distance[i][j];
      least = std::min({changed, distance[i - 1][j] + 1, distance[i][j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && Same(one[i - 1], other[j - 2]) && Same(one[i - 2], other[j - 1]);
      if (swapped) least = std::min(least, distance[i - 2][j - 2] + 1);
    }
  }
  return distance.back().back();
}

// The one that the fewest letters make of `wanted`, `most` at most.
std::optional<std::string> NearestWithin(const std::string& wanted, const std::vector<std::string>& names,
                                         size_t most) {
  std::optional<std::string> nearest;
  size_t least = most;
  for (const std::string& name : names) {
    if (name.empty() || name.size() > kLongestName || wanted.size() > kLongestName) continue;
    const size_t distance = Distance(wanted, name);
    if (distance > least || (nearest.has_value() && distance == least)) continue;
    least = distance;
    nearest = name;
  }
  return nearest;
}

}  // namespace

std::optional<std::string> Nearest(const std::string& wanted, const std::vector<std::string>& names) {
  return NearestWithin(wanted, names, wanted.size() / 2);
}

std::vector<std::string> NearestFew(const std::string& wanted, const std::vector<std::string>& names,
                                    size_t most) {
  std::multimap<size_t, std::string> by_distance;
  if (wanted.size() > kLongestName) return {};
  for (const std::string& name : names) {
    const size_t distance = Distance(wanted, name);
    if (distance <= wanted.size() / 2) by_distance.emplace(distance, name);
  }
  std::vector<std::string> nearest;
  for (const auto& [distance, name] : by_distance) {
    if (nearest.size() < most) nearest.push_back(name);
  }
  return nearest;
}

std::optional<std::string> Meant(const std::string& typed, const std::vector<std::string>& names) {
  std::optional<std::string> begins;
  for (const std::string& name : names) {
    const bool shorter = !begins.has_value() || name.size() < begins->size();
    if (shorter && absl::StartsWithIgnoreCase(name, typed)) begins = name;
  }
  if (begins.has_value()) return begins;
  const size_t letters = typed.size() - std::min(typed.size(), typed.find_first_not_of('-'));
  return NearestWithin(typed, names, letters / 3);
}

}  // namespace makegood::ctl
