#include "tools/makegoodctl/terminal/nearest.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace makegood::ctl {
namespace {

// Names longer than this are not compared: no column is called so by mistake.
constexpr size_t kLongestName = 64;

// How many letters have to be changed to make one word of the other, without regard to case.
size_t Distance(absl::string_view one, absl::string_view other) {
  std::vector<size_t> row(other.size() + 1);
  for (size_t j = 0; j <= other.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= one.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= other.size(); ++j) {
      const bool same = absl::ascii_tolower(static_cast<unsigned char>(one[i - 1])) ==
                        absl::ascii_tolower(static_cast<unsigned char>(other[j - 1]));
      const size_t changed = diagonal + (same ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
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
