// What a change came to, in one line: "claim clm-… APPROVED, next: claims choose".
#pragma once

#include <string>

#include "google/protobuf/message.h"

namespace makegood::ctl {

// The line for a record as it is now, and the commands that may come next, for a person; the state in its
// colour where `colour_on`. Empty for what is no record, which is shown as it is. `request` is what it came
// of, where that says more.
std::string ChangeLine(const google::protobuf::Message& record, bool colour_on,
                       const google::protobuf::Message* request = nullptr);

}  // namespace makegood::ctl
