// The claims service in a process of its own.
#include "services/claims/claims_kind.h"
#include "services/host/host.h"

int main(int argc, char** argv) {
  return makegood::services::Run(argc, argv, {makegood::services::ClaimsKind});
}
