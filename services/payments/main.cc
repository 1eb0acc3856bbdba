// The payments service in a process of its own.
#include "services/host/host.h"
#include "services/payments/payments_kind.h"

int main(int argc, char** argv) {
  return makegood::services::Run(argc, argv, {makegood::services::PaymentsKind});
}
