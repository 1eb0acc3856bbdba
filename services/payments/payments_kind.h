// What the payments service is, for whoever runs it: makegood-payments, or all four in one process.
#pragma once

namespace makegood::services {

struct AppKind;  // services/host/app.h

AppKind PaymentsKind();

}  // namespace makegood::services
