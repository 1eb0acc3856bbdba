// What the notifications service is, for whoever runs it: makegood-notifications, or all four in one process.
#pragma once

namespace makegood::services {

struct AppKind;  // services/host/app.h

// It mails by --smtp_url, or into the folder outbox of its data without one.
AppKind NotificationsKind();

}  // namespace makegood::services
