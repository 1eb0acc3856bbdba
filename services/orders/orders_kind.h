// What the orders service is, for whoever runs it: makegood-orders, or all four in one process.
#pragma once

namespace makegood::services {

struct AppKind;  // services/host/app.h

AppKind OrdersKind();

}  // namespace makegood::services
