// Columns by name, and what may have been meant by one that is not there.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/makegoodctl/csv/csv.h"
#include "tools/makegoodctl/terminal/nearest.h"

namespace makegood::ctl {
namespace {

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
