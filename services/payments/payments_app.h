// The payments service with all that it does by itself: it follows the orders' events, asks the orders
// service to hold and release orders for surcharges, and lets unpaid surcharges expire.
#pragma once

#include <memory>

#include "services/host/app.h"

namespace makegood::services {

AppKind PaymentsKind();

}  // namespace makegood::services
