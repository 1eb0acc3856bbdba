// The notifications service in a process of its own.
#include "services/host/host.h"
#include "services/notifications/notifications_kind.h"

int main(int argc, char** argv) {
  return makegood::services::Run(argc, argv, {makegood::services::NotificationsKind});
}
