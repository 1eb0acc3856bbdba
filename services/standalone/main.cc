// All four services in one process: the embedded default.
#include "services/claims/claims_app.h"
#include "services/host/host.h"
#include "services/notifications/notifications_app.h"
#include "services/orders/orders_app.h"
#include "services/payments/payments_app.h"

int main(int argc, char** argv) {
  using namespace makegood::services;
  return Run(argc, argv, {OrdersKind(), ClaimsKind(), PaymentsKind(), NotificationsKind()});
}
