// Work in the words of the command line.
#pragma once

#include <string>

#include "makegood/orders/v1/work.pb.h"

namespace makegood::ctl {

// The command that does it, or those that do, "claims approve clm-03-…, or claims reject clm-03-… REASON":
// whole, with what the work does not know in capitals; "" of what is done, and of what has no command here.
std::string CommandOf(const orders::v1::Work& work);

}  // namespace makegood::ctl
