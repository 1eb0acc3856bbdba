// What the claims service is, for whoever runs it: makegood-claims, or all four in one process.
#pragma once

namespace makegood::services {

struct AppKind;  // services/host/app.h

AppKind ClaimsKind();

}  // namespace makegood::services
