// What may have been meant by a name that there is not.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace makegood::ctl {

// Of `names` the one that the fewest letters make of `wanted`, without regard to case; nothing where that is
// more than half of them.
std::optional<std::string> Nearest(const std::string& wanted, const std::vector<std::string>& names);

}  // namespace makegood::ctl
