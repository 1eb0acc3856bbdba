// The claims service with all that it does by itself: it follows the payments service's events, runs
// the claims' timers, asks payments for refunds and credit notes; at start it sweeps the evidence, and
// settles what an extended calendar makes certain.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/flow/date_settler.h"
#include "makegood/payments/v1/payments_service.grpc.pb.h"
#include "services/claims/claims_kind.h"
#include "services/claims/claims_service.h"
#include "services/claims/evidence_store.h"
#include "services/claims/evidence_transfer.h"
#include "services/claims/io_pool.h"
#include "services/host/app.h"

namespace makegood::services {

class ClaimsApp final : public App {
 public:
  explicit ClaimsApp(const AppContext& context);

  void AddServices(rpc::Server& server) override;
  void Start() override;
  std::vector<const flow::Subscriber*> subscribers() const override;
  flow::TaskRunner* tasks() override { return tasks_.has_value() ? &*tasks_ : nullptr; }

 private:
  // CLM-02: whether any claim of any part refers to the file. Blocks for a read.
  absl::StatusOr<bool> IsNeeded(const std::string& evidence_id) const;
  // SYS-09: a task that an erasing left.
  absl::StatusOr<flow::Decision> RemoveEvidence(const std::string& evidence_id);

  const absl::Time made_ = absl::Now();  // what was being uploaded before ended with its process
  const AppContext context_;
  const std::unique_ptr<payments::v1::PaymentsService::StubInterface> payments_;
  EvidenceStore evidence_;
  IoPool pool_;
  EvidenceTransfer transfer_;
  ClaimsService service_;
  // Made by Start. They use all of the above, and end first.
  std::optional<flow::TaskRunner> tasks_;
  std::optional<flow::Subscriber> payment_events_;
  std::optional<flow::DateSettler> dates_;  // CAL-03
  std::optional<flow::Subscriber> order_events_;
};

}  // namespace makegood::services
