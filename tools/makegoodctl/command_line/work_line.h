// Work in the words of the command line.
#pragma once

#include <string>

#include "makegood/orders/v1/work.pb.h"

namespace makegood::ctl {

// The beginning of the command that does it, or of those, "claims approve|reject clm-03-…"; "" of what is
// done, and of what has no command here.
std::string CommandOf(const orders::v1::Work& work);

}  // namespace makegood::ctl
