// Columns by name, and what may have been meant by one that is not there.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/makegoodctl/csv/csv.h"

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

std::optional<std::string> Nearest(const std::string& wanted, const std::vector<std::string>& names) {
  std::optional<std::string> nearest;
  size_t least = wanted.size() / 2;
  for (const std::string& name : names) {
    if (name.empty() || name.size() > kLongestName || wanted.size() > kLongestName) continue;
    const size_t distance = Distance(wanted, name);
    if (distance > least || (nearest.has_value() && distance == least)) continue;
    least = distance;
    nearest = name;
  }
  return nearest;
}

// At most this many columns are told.
std::string Listed(const std::vector<std::string>& names) {
  constexpr size_t kMost = 40;
  if (names.size() <= kMost) return absl::StrJoin(names, ", ");
  const std::vector<std::string> first(names.begin(), names.begin() + kMost);
  return absl::StrCat(absl::StrJoin(first, ", "), " and ", names.size() - kMost, " more");
}

}  // namespace

absl::StatusOr<CsvHeader> CsvHeader::From(std::vector<std::string> names) {
  CsvHeader header;
  std::vector<std::string> twice;
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) continue;
    if (!header.index_.emplace(names[i], i).second) twice.push_back(names[i]);
  }
  header.names_ = std::move(names);
  if (twice.empty()) return header;
  return absl::InvalidArgumentError(absl::StrCat("these columns stand twice in the header: ", Listed(twice)));
}

absl::Status CsvHeader::Require(const std::vector<std::string>& columns) const {
  std::vector<std::string> missing;
  for (const std::string& column : columns) {
    if (column.empty() || Has(column)) continue;
    const std::optional<std::string> nearest = Nearest(column, names_);
    const std::string told = nearest.has_value() ? absl::StrCat(column, " (is it ", *nearest, "?)") : column;
    if (std::find(missing.begin(), missing.end(), told) == missing.end()) missing.push_back(told);
  }
  if (missing.empty()) return absl::OkStatus();
  std::string problem = absl::StrCat("the file lacks these columns: ", absl::StrJoin(missing, ", "),
                                     "; it has: ", Listed(names_));
  const bool other_separator = names_.size() == 1 && names_[0].find_first_of(",;|\t") != std::string::npos;
  if (other_separator) {
    absl::StrAppend(&problem, ", which is one column: the connector's separator is another one");
  }
  return absl::InvalidArgumentError(problem);
}

absl::string_view CsvHeader::Value(const CsvRow& row, absl::string_view column) const {
  const size_t index = Index(column);
  return index < row.fields.size() ? absl::string_view(row.fields[index]) : absl::string_view();
}

size_t CsvHeader::Index(absl::string_view column) const {
  const auto found = index_.find(column);
  return found == index_.end() ? names_.size() : found->second;
}

}  // namespace makegood::ctl
