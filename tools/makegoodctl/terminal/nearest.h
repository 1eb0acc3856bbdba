// What may have been meant by a name that there is not.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace makegood::ctl {

// Of `names` the one that the fewest letters make of `wanted`, without regard to case; nothing where that is
// more than half of them.
std::optional<std::string> Nearest(const std::string& wanted, const std::vector<std::string>& names);

// Of `names` up to `most` that can be made of `wanted` by changing half of its letters or fewer: the nearest
// first.
std::vector<std::string> NearestFew(const std::string& wanted, const std::vector<std::string>& names,
                                    size_t most);

// What was meant by a word that was typed: the shortest of `names` that begins so, else the one that the
// fewest letters make of it; nothing where that is more than a third of them. Dashes at the beginning do not
// count.
std::optional<std::string> Meant(const std::string& typed, const std::vector<std::string>& names);

}  // namespace makegood::ctl
