// TestClockService: lets a client move the domain's clock; present with --test_clock only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/flow/flow.h"
#include "common/store/store.h"
#include "makegood/base/v1/test_clock.grpc.pb.h"

namespace makegood::flow {

// Everything that follows the clock; all of it outlives the service.
struct TestClockScope {
  std::map<std::string, store::Store*> stores;  // by service name: the sources of the subscribers
  std::vector<const Subscriber*> subscribers;
  std::vector<TaskRunner*> runners;
};

// Moves `clock` forward, stopping at each due time on the way, and waits at each stop until every
// event is applied and no due task is left. On a thread of its own, one call after another. The
// service outlives the server; destruction ends the calls under way with UNAVAILABLE.
std::unique_ptr<base::v1::TestClockService::CallbackService> MakeTestClockService(TestClock& clock,
                                                                                  TestClockScope scope);

}  // namespace makegood::flow
