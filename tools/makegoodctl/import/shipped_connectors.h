// The connectors that ship inside makegoodctl.
#pragma once

#include <vector>

#include "common/base/embedded_file.h"

namespace makegood::ctl {

// Every file of connectors/, named "<connector>.textproto".
const std::vector<EmbeddedFile>& ShippedConnectors();

}  // namespace makegood::ctl
