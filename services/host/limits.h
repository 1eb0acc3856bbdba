// What callers may take up (SYS-12): the flags that say so, and what is seen of it under /metrics.
#pragma once

#include <prometheus/collectable.h>

#include <memory>

#include "common/rpc/server.h"
#include "common/rpc/shares.h"

namespace makegood::services {

// As the flags say.
std::shared_ptr<rpc::Shares> SharesByFlags();
void LimitByFlags(rpc::ServerOptions& options);

// How much is taken of what there is, and how often somebody was refused. `server` outlives it.
std::shared_ptr<prometheus::Collectable> LimitMetrics(std::shared_ptr<rpc::Shares> shares,
                                                      const rpc::Server& server);

}  // namespace makegood::services
