// All four services in one process: the embedded default.
#include "services/claims/claims_kind.h"
#include "services/host/host.h"
#include "services/notifications/notifications_kind.h"
#include "services/orders/orders_kind.h"
#include "services/payments/payments_kind.h"

int main(int argc, char** argv) {
  using namespace makegood::services;
  return Run(argc, argv, {OrdersKind, ClaimsKind, PaymentsKind, NotificationsKind});
}
